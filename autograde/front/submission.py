"""Read what somebody handed in, whatever it is: a notebook, or the reason why it is none."""

from __future__ import annotations

import os
import stat
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000
MAX_BRACKETS = 500_000
"""Objects and lists in a file. Each takes 500 bytes of memory where the file has 3."""
_AGAIN = "Open it in JupyterLab, save it, and submit it again."


class NotANotebook(ValueError):
    """The file cannot be graded. The message tells its author why, and what to do."""


def read_submission(path: Path) -> NotebookNode:
    """The submitted notebook, as nbformat 4.

    Raises
    ------
    NotANotebook
        If `read_file` or `parse_submission` refuses it.
    """
    return parse_submission(read_file(path))


def read_file(path: Path) -> bytes:
    """What was handed in under this name.

    Raises
    ------
    NotANotebook
        If it is missing, a link, no file, one of two with one name, empty, or too large.
    OSError
        If it cannot be read, which is nobody's fault who handed it in.
    """
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise NotANotebook(_missing(path)) from None
    if stat.S_ISLNK(mode):
        raise NotANotebook(
            f"{path.name} is a link to another file, and links are not followed. "
            "Submit the notebook itself."
        )
    if not stat.S_ISREG(mode):
        raise NotANotebook(f"{path.name} is not a file. Submit the notebook itself.")
    twins = [p.name for p in path.parent.iterdir() if _folded(p.name) == _folded(path.name)]
    if len(twins) > 1:
        raise NotANotebook(
            f"There are {len(twins)} notebooks with one name: "
            f"{', '.join(map(shown_name, sorted(twins)))}. Nobody can tell which one counts. "
            f"Keep one, named {path.name}, and submit it again."
        )
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise NotANotebook(
                f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. "
                "Clear the outputs of all cells, save, and submit it again."
            )
        data = file.read(size)
    if not data:
        raise NotANotebook(f"The file is empty. {_AGAIN}")
    return data


def parse_submission(data: bytes) -> NotebookNode:
    """The notebook in these bytes, as nbformat 4.

    Raises
    ------
    NotANotebook
        If they are not JSON, not a notebook, of a format that is not known, or too much to hold in
        memory.
    """
    if data.count(b"{") + data.count(b"[") > MAX_BRACKETS:
        raise NotANotebook(
            f"The file has more than {MAX_BRACKETS} brackets, and no notebook needs so many. "
            "Clear the outputs of all cells, save, and submit it again."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotANotebook(
            f"The file is not text in UTF-8, so it is not a notebook. {_AGAIN}"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids missing or repeated: repair gives new ones
            notebook = nbformat.reads(text, as_version=4)
    except nbformat.reader.NotJSONError:
        raise NotANotebook(
            "The file is not JSON, as every notebook is: it was cut off or edited by hand. "
            f"{_AGAIN}"
        ) from None
    except RecursionError:
        raise NotANotebook(f"The file is nested too deeply to be a notebook. {_AGAIN}") from None
    except Exception as error:  # nbformat asserts and indexes its way through what it reads
        reason = f"{type(error).__name__} {str(error)[:200]}".strip()
        message = f"The file is not a notebook that Jupyter knows ({reason}). {_AGAIN}"
        raise NotANotebook(message) from error
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise NotANotebook(f"The file has no list of cells, as every notebook has. {_AGAIN}")
    if len(cells) > MAX_CELLS:
        raise NotANotebook(f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read.")
    return notebook


def other_files(folder: Path) -> tuple[list[Path], list[str]]:
    """What else was handed in: the files that may be copied, and a sentence on each that may not.

    Returns
    -------
    files
        Regular files in `folder` and below it, notebooks apart, as paths relative to it.
    left_out
        What was left out, and why: links (whatever they point to), devices and pipes, names that
        are no plain names, files that are too large, and `results.json`, which is the grader's.
    """
    files: list[Path] = []
    left_out: list[str] = []
    for path in _entries(folder):
        name = path.relative_to(folder)
        size = path.lstat().st_size
        if path.is_symlink():
            problem = "a link, which is not followed"
        elif not stat.S_ISREG(path.lstat().st_mode):
            problem = "not a file"
        elif not all(map(_is_plain_name, name.parts)):
            problem = "not a plain name"
        elif size > MAX_BYTES:
            problem = f"{size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken"
        elif str(name) == "results.json":
            problem = "the grader writes a file of this name"
        elif path.suffix == ".ipynb":
            continue
        else:
            files.append(name)
            continue
        left_out.append(f"{shown_name(str(name))} was left out: {problem}")
    return files, left_out


def shown_name(name: str) -> str:
    """A file's name as one line of text: it is its author's, and may hold anything."""
    return repr(name[:100])


def _missing(path: Path) -> str:
    there = path.parent.iterdir() if path.parent.is_dir() else ()
    found = sorted(p.name for p in there if p.name.endswith(".ipynb"))
    if not found:
        return f"There is no notebook in the submission. Submit {path.name}."
    named = ", ".join(map(shown_name, found[:5])) + (", ..." if len(found) > 5 else "")
    return (
        f"There is no {path.name} in the submission, only {named}. A notebook keeps the name under "
        "which it was released: give it that name and submit it again."
    )


def _entries(folder: Path) -> Iterator[Path]:
    """All that is in the folder but real folders themselves; links are named, not followed."""
    for here, folders, files in os.walk(folder):
        linked = [name for name in folders if Path(here, name).is_symlink()]
        for name in sorted(files + linked):
            yield Path(here, name)


def _is_plain_name(name: str) -> bool:
    return name.isprintable() and not set(name) & set('\\/:*?"<>|') and not name.startswith("..")


def _folded(name: str) -> str:
    """Equal for names that are one name on some file system."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in ("code", "markdown", "raw")
        and isinstance(cell.get("source"), str)
        and isinstance(cell.get("metadata"), dict)
    )
