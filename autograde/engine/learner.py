"""The two words that a learner's notebook needs: `check` an answer, ask for a `hint`."""

from __future__ import annotations

import difflib
import html
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from autograde.engine.cases import CasesError, Question, load
from autograde.engine.judge import MISSING, judge
from autograde.engine.report import Report


class Checker:
    """Checks and hints for the exercises of one module.

    Parameters
    ----------
    folder
        Where `cases.json` lies. It is read at the first question, not before.
    reveal
        Whether reports show inputs and expected values.
    questions
        The questions themselves, where they do not come from the folder: a hidden test's.
    """

    def __init__(
        self,
        folder: Path | str = ".",
        *,
        reveal: bool = True,
        questions: dict[str, Question] | None = None,
    ) -> None:
        self._folder = Path(folder)
        self._reveal = reveal
        self._questions = questions
        self._hints_given: Counter[str] = Counter()

    def check(self, name: str, answer: Any = MISSING) -> Report:
        """Judge an answer and say what is wrong with it.

        Parameters
        ----------
        name
            The exercise's name.
        answer
            Your function, class or value. Left out, the one of that name in your notebook.

        Returns
        -------
        Report
            Shown by JupyterLab when it is the last thing in a cell; `print` it elsewhere.
        """
        if answer is MISSING:
            answer = vars(sys.modules["__main__"]).get(name, MISSING)
        return judge(self._question(name), answer, reveal=self._reveal, read=self.read)

    def read(self, value: Any) -> Any:
        """A value that an answer gave, as it is compared."""
        return value

    def hint(self, name: str, step: int | None = None) -> Hint:
        """The next of an exercise's three hints; each tells more than the one before.

        Parameters
        ----------
        name
            The exercise's name.
        step
            1, 2 or 3, to see a certain one again.
        """
        hints = self._question(name).hints
        if step is None:
            step = min(self._hints_given[name] + 1, len(hints))
            self._hints_given[name] = step
        if step not in range(1, len(hints) + 1):
            raise CasesError(f"`step` is a number from 1 to {len(hints)}, not {step!r}.")
        return Hint(name, step, len(hints), hints[step - 1])

    def _question(self, name: str) -> Question:
        if not isinstance(name, str):
            kind = type(name).__name__
            raise CasesError(f"The first argument is the exercise's name in quotes, not a {kind}.")
        if self._questions is None:
            self._questions = load(self._folder / "cases.json")
        if name not in self._questions:
            near = difflib.get_close_matches(name, self._questions, n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            known = ", ".join(self._questions)
            raise CasesError(f"There is no exercise {name!r} here.{guess} There are: {known}.")
        return self._questions[name]


class Hint:
    """One hint, shown as text."""

    def __init__(self, name: str, step: int, steps: int, text: str) -> None:
        self.step, self.text = step, text
        self._title = f"Hint {step} of {steps} for {name}"
        self._more = f'Run hint("{name}") again for the next.' if step < steps else ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (f"{self._title}: {self.text}", self._more)))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        more = f"<div><em>{html.escape(self._more)}</em></div>" if self._more else ""
        text = html.escape(self.text)
        return (
            '<div class="autograde-hint" style="border-left:6px solid #0969da;padding:.3em 1em">'
            f"<strong>{html.escape(self._title)}</strong>"
            f'<div style="white-space:pre-wrap">{text}</div>{more}</div>'
        )


_here = Checker()
check = _here.check
hint = _here.hint
