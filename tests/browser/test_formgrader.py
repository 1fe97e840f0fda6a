"""nbgrader's formgrader on a graded class: every page stands without a network, and a submission's
equations are set. The `page` fixture refuses whatever is asked of another host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest

from autograde.demo.submissions import author_answers, filled
from autograde.trusted import Grader, InfrastructureError, Paper

from .conftest import Lab

pytestmark = pytest.mark.browser

WAIT = 120_000  # milliseconds: a machine that grades on the side is slow, not broken
MODULE = "05_softmax_network"
NAME = "softmax_network_exercises"
PAGES = {  # what each shows of the class
    "manage_assignments": MODULE,
    f"manage_submissions/{MODULE}": "dana",
    "gradebook": MODULE,
    f"gradebook/{MODULE}": NAME,
    f"gradebook/{MODULE}/{NAME}": "Submission #2",
    "manage_students": "dana",
    "manage_students/dana": MODULE,
    f"manage_students/dana/{MODULE}": NAME,
}
# What a learner might write into a cell of their own, to learn when it is read and by whom.
CURIOUS = """# My own note

![seen](http://192.0.2.1/a.png) <img src="http://192.0.2.1/b.png"> <iframe src="http://192.0.2.1/">
</iframe> <link rel="stylesheet" href="http://192.0.2.1/c.css"> <b style="background:
url(http://192.0.2.1/d.png)">bold</b> <script src="http://192.0.2.1/e.js"></script>
"""


@pytest.fixture(scope="module")
def graded(lab: Lab) -> Lab:
    """Two learners, graded as an instructor grades them."""
    try:
        with Grader(Paper()):
            pass
    except InfrastructureError as error:
        pytest.skip(str(error))
    released = nbformat.read(lab.folder / "course" / MODULE / f"{NAME}.ipynb", as_version=4)
    answers = author_answers(lab.folder / "solutions" / MODULE / f"{NAME}.ipynb")
    for student, own in {"ada": answers, "dana": {}}.items():
        notebook = filled(released, own)
        if student == "dana":
            notebook.cells.append(nbformat.v4.new_markdown_cell(CURIOUS))
        folder = lab.folder / "submitted" / student / MODULE
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
    for command in (["generate_assignment", MODULE, "--force"], ["autograde", MODULE]):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=lab.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    return lab


@pytest.fixture
def tab(page) -> Iterator[Any]:
    """A page whose scripts must not fail."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


def visit(tab, lab: Lab, path: str) -> None:
    tab.goto(lab.url("api/status"))  # logs in: nbgrader's own pages do so for their folder only
    tab.goto(lab.url(f"formgrader/{path}"))


def open_submission(tab, lab: Lab, listed: str, name: str) -> None:
    visit(tab, lab, listed)
    tab.get_by_role("link", name=name).click()
    tab.wait_for_selector("#notebook-container", timeout=WAIT)
    tab.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.replace("/", "-"))
def test_each_page_shows_the_class(tab, graded: Lab, path: str) -> None:
    visit(tab, graded, path)
    tab.wait_for_selector(f"#main-table >> text={PAGES[path]}", timeout=WAIT)
    tab.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("student", "points"), [("ada", "2"), ("dana", "0")])
def test_a_submission_is_shown_with_its_equations(
    tab, graded: Lab, student: str, points: str
) -> None:
    open_submission(tab, graded, f"manage_students/{student}/{MODULE}", NAME)
    top, bottom = tab.locator("#notebook-container mfrac").first.locator("> *").all()
    upper, lower = top.bounding_box(), bottom.bounding_box()
    assert upper["height"] > 0
    assert upper["y"] + upper["height"] <= lower["y"] + 1, "the numerator is above"
    left = tab.evaluate(
        r"""() => [...document.querySelectorAll('.text_cell_render')].map(cell => {
                const copy = cell.cloneNode(true);
                copy.querySelectorAll('math, code, pre').forEach(e => e.remove());
                return copy.textContent;
            }).filter(text => /\$|\\[a-zA-Z]+/.test(text))"""
    )
    assert left == []
    assert tab.locator("#check-softmax.score").get_attribute("placeholder") == points
    # Nothing could load, had something of a learner's slipped through.
    tab.evaluate("new Image().src = 'http://192.0.2.1/slipped.png'")


def test_a_comment_is_given_by_keyboard(tab, graded: Lab) -> None:
    open_submission(tab, graded, f"gradebook/{MODULE}/{NAME}", "Submission #1")
    in_the_first_box = "document.activeElement.id === 'softmax-comment'"
    tab.wait_for_function("document.activeElement.matches('.next a')", timeout=WAIT)
    tab.keyboard.press("Tab")
    tab.wait_for_function(in_the_first_box, timeout=WAIT)
    tab.keyboard.type("Well done: $x^2$")
    with tab.expect_response("**/formgrader/api/comment/*"):
        tab.keyboard.press("Escape")
    tab.keyboard.press("Control+.")
    tab.wait_for_selector("text=Submission 2 / 2", timeout=WAIT)
    tab.wait_for_function(in_the_first_box, timeout=WAIT)
    tab.go_back()
    tab.wait_for_load_state("networkidle")
    assert tab.locator("#softmax-comment").input_value() == "Well done: $x^2$"
