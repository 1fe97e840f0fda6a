"""Trusted execution: learners' cells in a sandboxed process, tests in another, only values between.

`Grader` grades one submission after the other for one `Paper`. The files, from the bottom up:
`codec` (values as bytes) -> `channel` (frames and questions on a socket) -> `servant` (answers for
the learner's objects, with `operators`), `proxies` (stand for them) and `shared` (keeps both sides
the same, with `inplace`) -> `conversation` and `session` (what is said, and what a learner's object
may be told) -> `libraries` (functions that mean both sides) and `names` (whose a name in a test is)
-> `cells` (runs one submission's, and gives verdicts) -> `student` and `checker` (the two
processes) -> `zygote` (the warm parents they are forked from, with `warm`) and `root`, `confine`
(the sandbox) -> `grader`.
`doctor` says what this machine can isolate.
"""

from autograde.trusted.grader import Grader
from autograde.trusted.paper import Cell, CellResult, InfrastructureError, Limits, Paper

__all__ = ["Cell", "CellResult", "Grader", "InfrastructureError", "Limits", "Paper"]
