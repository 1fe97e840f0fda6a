"""JupyterQuiz's quizzes, without its one request to the outside."""

from __future__ import annotations

import re
from typing import Any

_FETCH = re.compile(r"console\.log\('WARNING: Trying to force.*?\}\)\(\);", re.DOTALL)


def display_quiz(questions: list[dict[str, Any]], **options: Any) -> None:
    """Show a quiz below the cell.

    JupyterQuiz loads MathJax from a content network where the page has none that it knows, and so
    in JupyterLab. The course works offline: those lines are taken out. Questions and answers are
    plain text.

    Parameters
    ----------
    questions : list of dict
        As ``jupyterquiz.display_quiz`` takes them.
    options
        Its other arguments, such as ``num`` and ``colors``.
    """
    from IPython.display import display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz as jupyterquiz

    with capture_output() as shown:
        jupyterquiz(questions, **options)
    for output in shown.outputs:
        data = {kind: _FETCH.sub("", text) for kind, text in output.data.items()}
        display(data, raw=True, metadata=output.metadata)
