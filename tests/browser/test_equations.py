"""Every equation of every notebook is set by JupyterLab's MathJax without an error."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from .conftest import ROOT, Lab

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted(p.relative_to(ROOT) for p in ROOT.glob("course/*/*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_equations_render(page, lab: Lab, path: Path) -> None:
    notebook = nbformat.read(ROOT / path, as_version=4)
    with_equations = [
        c for c in notebook.cells if c.cell_type == "markdown" and c.source.count("$") >= 2
    ]
    page.goto(lab.url(f"lab/tree/{path.as_posix()}"))
    page.wait_for_selector(".jp-Notebook .jp-MarkdownCell", timeout=120_000)
    cells = page.locator(".jp-Notebook .jp-Cell")
    page.wait_for_function(
        "n => document.querySelectorAll('.jp-Notebook .jp-Cell').length === n",
        arg=len(notebook.cells),
        timeout=120_000,
    )
    assert cells.count() == len(notebook.cells)
    page.wait_for_function(
        """n => [...document.querySelectorAll('.jp-MarkdownCell')]
            .filter(c => c.querySelector('mjx-container')).length >= n""",
        arg=len(with_equations),
        timeout=120_000,
    )
    # What MathJax cannot read is an error node; what JupyterLab does not take for an equation, such
    # as one with unequal braces, stays as text.
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    left = page.evaluate(
        r"""() => [...document.querySelectorAll('.jp-MarkdownCell .jp-RenderedMarkdown')]
            .map(cell => {
                const copy = cell.cloneNode(true);
                copy.querySelectorAll('mjx-container, code, pre').forEach(e => e.remove());
                return copy.textContent.match(/\$|\\[a-zA-Z]+/) ? copy.textContent : null;
            }).filter(text => text !== null)"""
    )
    assert left == []
