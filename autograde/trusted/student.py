"""The student process: runs the learner's cells and answers questions about what they define.

`prepare` works in the warm parent, before any learner's code; `live` in each fork.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from autograde.trusted.channel import Broken, Gone
from autograde.trusted.confine import Confinement
from autograde.trusted.servant import Servant
from autograde.trusted.shell import make_shell
from autograde.trusted.warm import preload


class Student:
    """What the warm parent of student processes gives birth to."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._confinement = Confinement(config)
        self._confinement.enter_parent()
        self.memory_bytes = self._confinement.memory_bytes
        self._allowed = config["allowed"]
        self._shell = make_shell()
        self._shell.reports_as_text = True
        self._shell.outputs.limit = config["limits"]["output_bytes"]
        preload(["numpy", "autograde.engine.learner", *config["preload"]])
        if "matplotlib" in sys.modules:
            self._shell.run_line_magic("matplotlib", "inline")

    def before_fork(self) -> None:
        self._confinement.before_fork()

    def after_fork(self) -> None:
        self._confinement.after_fork()

    def live(self, fds: list[int]) -> None:
        """Serve the checker at the other end of the one descriptor."""
        (channel,) = fds
        self._confinement.enter_child(channel)
        sys.path.insert(0, "")  # a module that the notebook has written itself
        servant = Servant(self._shell, channel)
        servant.explain = self._explain  # type: ignore[method-assign]
        with contextlib.suppress(Gone, Broken):
            servant.listen()

    def _explain(self, error: ModuleNotFoundError) -> None:
        top = (error.name or "").split(".")[0]
        if not top or "not available in this assignment" in str(error):
            return
        name = error.name if top == "nnlib" else top
        error.msg = (
            f"{name} is not available in this assignment: it allows {', '.join(self._allowed)} "
            "and Python's standard library."
        )
        error.args = (error.msg,)


def prepare(config: dict[str, Any]) -> Student:
    """Warm up, before any learner's code."""
    return Student(config)
