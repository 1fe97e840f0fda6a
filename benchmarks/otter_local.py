"""Grade a folder of notebooks with Otter-Grader without containers, in Otter's own environment.

    python otter_local.py AUTOGRADER.zip FOLDER MARKS.json

One process, one submission after the other with `otter.api.grade_submission`, which is what
`otter run` does for one file; so Otter's imports are paid once and not for each submission.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from otter.api import grade_submission


def main() -> None:
    autograder, folder, out = (Path(name).resolve() for name in sys.argv[1:])
    marks = {}
    for notebook in sorted(folder.glob("*.ipynb")):
        results = grade_submission(str(notebook), str(autograder), quiet=True)
        if results.has_catastrophic_failure():
            raise SystemExit(f"{notebook.name}: {results.catastrophic_error}")
        marks[notebook.stem] = {name: results.get_score(name) for name in results.test_files}
    out.write_text(json.dumps(marks))


if __name__ == "__main__":
    main()
