"""Read what somebody handed in, whatever it is: a notebook, or the reason why it is none."""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat
from nbformat import NotebookNode

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000


class NotANotebook(ValueError):
    """The file cannot be graded. The message tells its author why, and what to do."""


def read_submission(path: Path) -> NotebookNode:
    """The submitted notebook, as nbformat 4.5.

    Raises
    ------
    NotANotebook
        If it is empty, too large, not JSON, not a notebook, or of a format that is not known.
    """
    again = "Open it in JupyterLab, save it, and submit it again."
    size = path.stat().st_size
    if size == 0:
        raise NotANotebook(f"The file is empty. {again}")
    if size > MAX_BYTES:
        raise NotANotebook(
            f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. "
            "Clear the outputs of all cells, save, and submit it again."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NotANotebook(
            f"The file is not text in UTF-8, so it is not a notebook. {again}"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids missing or repeated: repair gives new ones
            notebook = nbformat.reads(text, as_version=4)
    except nbformat.reader.NotJSONError:
        raise NotANotebook(
            f"The file is not JSON, as every notebook is: it was cut off or edited by hand. {again}"
        ) from None
    except RecursionError:
        raise NotANotebook(f"The file is nested too deeply to be a notebook. {again}") from None
    except Exception as error:  # nbformat asserts and indexes its way through what it reads
        reason = f"{type(error).__name__} {str(error)[:200]}".strip()
        message = f"The file is not a notebook that Jupyter knows ({reason}). {again}"
        raise NotANotebook(message) from error
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise NotANotebook(f"The file has no list of cells, as every notebook has. {again}")
    if len(cells) > MAX_CELLS:
        raise NotANotebook(f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read.")
    return notebook


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in ("code", "markdown", "raw")
        and isinstance(cell.get("source"), str)
        and isinstance(cell.get("metadata"), dict)
    )
