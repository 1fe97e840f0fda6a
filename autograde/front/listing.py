"""Who has to be looked at, and why: a list for a terminal, cut where it is long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

SHOWN = 20
_WIDTH = 240


def listed(reasons: Mapping[str, str], more: str) -> Iterator[str]:
    """A line for each of the first students, and one that counts the others.

    Parameters
    ----------
    reasons
        {student: reason}
    more
        Where the others are told of.
    """
    for student, reason in itertools.islice(reasons.items(), SHOWN):
        yield f"  {one_line(student)}: {one_line(reason)}"
    if (rest := len(reasons) - SHOWN) > 0:
        yield f"  and {rest} more: {more}"


def one_line(text: str) -> str:
    """The text as one line; of a traceback, its first and its last line."""
    lines = text.strip().splitlines() or [""]
    whole = lines[0] if len(lines) == 1 else f"{lines[0]} {lines[-1]}"
    line = plain(" ".join(whole.split()))
    return line if len(line) <= _WIDTH else line[: _WIDTH - 4] + " ..."


def plain(text: str) -> str:
    """The text without what does something to a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
