"""The report on one exercise: one object, told as HTML in JupyterLab, as text in a terminal, as a
number to nbgrader."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from autograde.engine.compare import Difference
from autograde.engine.observe import Raised
from autograde.engine.values import show


class Outcome(Enum):
    """The four things that can come of a check."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not attempted"
    RAISED = "your code raised an exception"


_LOOK = {  # sign and border: told apart by shape and word first, by colour last
    Outcome.CORRECT: ("\u2713", "solid #1a7f37"),
    Outcome.INCORRECT: ("\u2717", "double #b35900"),
    Outcome.NOT_ATTEMPTED: ("\u2026", "dotted #6e7781"),
    Outcome.RAISED: ("!", "dashed #b3261e"),
}


@dataclass(frozen=True)
class Part:
    """One label of an answer, and what it earned."""

    label: str
    points: float
    case: int | None
    difference: Difference | None

    @property
    def right(self) -> bool:
        return self.difference is None

    @property
    def earned(self) -> float:
        return self.points if self.right else 0.0


@dataclass(frozen=True)
class Shown:
    """The first case that went wrong."""

    inputs: dict[str, Any]
    label: str
    expected: str
    got: Any
    reached: bool
    difference: Difference


@dataclass
class Report:
    """What a check found. `print` it for text; as a cell's last value JupyterLab shows it as
    HTML."""

    name: str
    points: float
    reveal: bool = True
    outcome: Outcome = Outcome.NOT_ATTEMPTED
    score: float = 0.0
    message: str = ""
    mistakes: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    raised: Raised | None = None
    shown: Shown | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        unit = "point" if self.points == 1 else "points"
        return f"{self.name}: {self.outcome.value}, {self.score:g} of {self.points:g} {unit}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # nbgrader reads partial credit off the cell's text/plain.
        return {"text/plain": repr(float(self.score)), "text/html": self.to_html()}

    def __str__(self) -> str:
        lines = [f"[{_LOOK[self.outcome][0]}] {self.title}"]
        for heading, text in self._story():
            body = ("\n" + text if "\n" in text else text).replace("\n", "\n    ")
            lines.append(f"  {heading}: {body}" if heading else f"  {body}")
        return "\n".join(lines)

    def to_html(self) -> str:
        """The report as a self-contained fragment. Every text in it is escaped: some of it is the
        learner's."""
        sign, border = _LOOK[self.outcome]
        rows = "".join(_row(heading, text) for heading, text in self._story())
        return (
            f'<div class="autograde-report" role="status" style="border-left:6px {border};'
            f'padding:.3em 0 .3em 1em;line-height:1.5">'
            f"<strong>{sign} {html.escape(self.title)}</strong>{rows}</div>"
        )

    def _story(self) -> list[tuple[str, str]]:
        """What to tell, in order: (heading, text) pairs."""
        story = [("", self.message)] if self.message else []
        story += [("This is exactly what you get when", text) for text in self.mistakes]
        if self.raised:
            text = f"{self.raised.type}: {self.raised.message}".rstrip(": ")
            story.append(("The exception", text))
            if self.raised.line:
                story.append(("Where", self.raised.line))
        elif self.shown:
            label = "" if self.shown.label == self.name else f" in {self.shown.label}"
            told = self.shown.difference
            story.append((f"First difference{label}", str(told) if self.reveal else told.public))
        if len(self.parts) > 1 and self.outcome is not Outcome.NOT_ATTEMPTED:
            story.append(("Part by part", "\n".join(map(_part, self.parts))))
        if self.shown and self.reveal:
            if self.shown.inputs:
                text = "\n".join(map(_assigned, self.shown.inputs.items()))
                story.append(("With these inputs", text))
            got = show(self.shown.got) if self.shown.reached else "nothing: it was not reached"
            story += [("Expected", self.shown.expected), ("Got", got)]
        if self.warnings and self.outcome is not Outcome.CORRECT:
            story.append(("NumPy and Python warned", "\n".join(self.warnings)))
        if self.outcome in (Outcome.INCORRECT, Outcome.RAISED) and self.reveal:
            story.append(("", f'Stuck? Run hint("{self.name}") in a new cell.'))
        return story


def _part(part: Part) -> str:
    verdict = "right" if part.difference is None else f"wrong ({part.difference.public})"
    points = f", {part.earned:g} of {part.points:g}" if part.points else ""
    return f"{part.label}: {verdict}{points}"


def _assigned(item: tuple[str, Any]) -> str:
    name, value = item[0], show(item[1])
    return f"{name} =\n{value}" if "\n" in value else f"{name} = {value}"


def _row(heading: str, text: str) -> str:
    style = "margin:.4em 0"
    if heading in ("Expected", "Got"):  # side by side where there is room
        style += ";display:inline-block;vertical-align:top;margin-right:3em"
    title = f"<strong>{html.escape(heading)}:</strong> " if heading else ""
    body = html.escape(text)
    if "\n" in text:
        body = f'<pre style="margin:.2em 0;white-space:pre-wrap">{body}</pre>'
    return f'<div style="{style}">{title}{body}</div>'
