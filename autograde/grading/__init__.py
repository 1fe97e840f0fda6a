"""A class graded side by side, with the marks that `nbgrader autograde` gives one after the other.

`course` reads nbgrader's settings and gradebook once -> `plan` says what is to be graded -> `work`
grades one submission, in a worker that no gradebook is in reach of -> `write` commits it -> `run`
holds them together with Dask. A run that is killed at any point is completed by the next.
"""

import sys

# jsonschema, which nbformat imports, would spend a second on a grammar for internationalised
# addresses; no notebook's schema asks for one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
