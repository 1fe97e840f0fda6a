"""nbgrader's feedback page, from our results: what each check said, and a hint, in a page that
runs nothing and needs no network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

_CHECKED = re.compile(r"""^\s*check\(\s*["']([^"']+)["']""", re.MULTILINE)
SIGNS = {"passed": "✓", "not_attempted": "…", "failed": "✗"}  # others: !


class FeedbackExporter(HTMLExporter):
    """nbgrader's `feedback` template, with a head and a summary of our own around its cells.

    What stands in cells is made harmless by the filters in `autograde.front.markup`, which
    `nbgrader_config.py` gives to every page of nbgrader's. The page forbids scripts and remote
    files besides.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.raw_template = (Path(__file__).parent / "feedback.html.j2").read_text(encoding="utf-8")

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        resources = {} if resources is None else resources
        folder = Path(resources["metadata"]["path"])
        own = resources["nbgrader"]["notebook"]
        records = _read(folder, "results.json", "notebooks")
        record: dict[str, Any] = next((n for n in records if n["name"] == own), {})
        verdicts = {c["grade_id"]: c["verdict"] for c in record.get("cells", [])}
        resources["autograde"] = {
            "verdicts": verdicts,
            "signs": {i: SIGNS.get(verdict, "!") for i, verdict in verdicts.items()},
            "hints": _hints(nb, verdicts, folder),
            "notes": record.get("notes", []),
        }
        return super().from_notebook_node(nb, resources=resources, **kw)


def _hints(nb: NotebookNode, verdicts: dict[str, str], folder: Path) -> dict[str, str]:
    """The first hint for every check that did not pass."""
    exercises = _read(folder, "cases.json", "exercises") or {}
    hints = {}
    for cell in nb.cells:
        own = cell.metadata.get("nbgrader", {}).get("grade_id")
        match = _CHECKED.search(cell.source)
        name = match[1] if match else None
        if own in verdicts and verdicts[own] not in ("passed", "invalid") and name in exercises:
            hints[own] = exercises[name]["hints"][0]
    return hints


def _read(folder: Path, name: str, key: str) -> Any:
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8"))[key] if path.is_file() else []
