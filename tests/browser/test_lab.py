"""The exercises as a learner meets them: JupyterLab, one wrong answer, one right one, and what the
checks say."""

from __future__ import annotations

import nbformat
import pytest

from autograde.demo.submissions import author_answers

from .conftest import Lab

pytestmark = pytest.mark.browser

WAIT = 120_000  # milliseconds: a machine that grades on the side is slow, not broken
MODULE = "05_softmax_network"
NOTEBOOK = "softmax_network_exercises.ipynb"
WRONG = """def softmax(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)
"""


def run_all(page, lab: Lab, path: str) -> None:
    page.goto(lab.url(f"lab/tree/{path}"))
    # Before its kernel is there, JupyterLab would ask which one to take.
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=WAIT)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_a_failing_and_a_passing_check(page, lab: Lab) -> None:
    path = lab.folder / "course" / MODULE / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    answers = author_answers(lab.folder / "solutions" / MODULE / NOTEBOOK)
    answers["softmax"] = WRONG
    done = {"softmax", "initialise"}
    kept = []
    for cell in notebook.cells:
        own = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if own in done:
            cell.source = answers[own]
        if own == "setup" or own.removeprefix("check-") in done:
            kept.append(cell)
    notebook.cells = kept
    nbformat.write(notebook, path.with_name("tried.ipynb"))

    run_all(page, lab, f"course/{MODULE}/tried.ipynb")
    page.wait_for_selector(".autograde-report >> nth=1", timeout=WAIT)
    reports = page.locator(".autograde-report")
    wrong, right = reports.nth(0).inner_text(), reports.nth(1).inner_text()
    assert "softmax: incorrect" in wrong
    assert "This is exactly what you get when" in wrong
    assert "each row must add up to 1" in wrong
    assert "initialise: correct, 2 of 2 points" in right
