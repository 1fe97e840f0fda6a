"""The checker process, which knows the hidden questions and runs the tests.

`prepare` works in the warm parent, before any submission; `live` in each fork.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from typing import Any, NoReturn

import autograde
from autograde.engine import learner
from autograde.engine.cases import Question, load_text
from autograde.engine.observe import observe
from autograde.trusted.cells import Run, SecretChecker, only_checks
from autograde.trusted.names import uses
from autograde.trusted.paper import Cell
from autograde.trusted.shell import make_shell
from autograde.trusted.warm import preload
from autograde.trusted.zygote import send_json

REHEARSAL = 10
"""Seconds for putting all questions once to an answer that is not written."""


class CheckerProcess:
    """What the warm parent of checkers gives birth to."""

    memory_bytes = None

    def __init__(self, config: dict[str, Any]) -> None:
        os.chdir(config["folder"])
        self._shell = make_shell()
        locked = [Cell(**cell) for cell in config["locked"]]
        for cell in locked:
            uses(self._shell.foresee(cell.source))
        questions = None if config["questions"] is None else load_text(config["questions"])
        asked = list((questions or {}).values())
        wanted = set(config["preload"])
        if locked and only_checks(self._shell, locked):
            wanted &= _imported(asked)
        preload(["numpy", *sorted(wanted)])
        preload(_found_on_the_way(asked))
        if "matplotlib" in sys.modules:
            self._shell.run_line_magic("matplotlib", "inline")
        self._checker = SecretChecker(config["folder"], questions=questions, reveal=False)
        for module in (autograde, learner):
            vars(module).update(check=self._checker.check, hint=self._checker.hint)

    def before_fork(self) -> None:
        pass

    def after_fork(self) -> None:
        pass

    def live(self, fds: list[int]) -> None:
        """Grade the one submission that comes over the last descriptor."""
        channel, leash, last = fds
        job = socket.socket(fileno=last)
        try:
            Run(self._shell, self._checker, channel, leash, job).all()
        except Exception:
            send_json(job, {"fault": traceback.format_exc()})


def _imported(questions: Iterable[Question]) -> set[str]:
    """The modules that the questions' probes import."""
    found: set[str] = set()
    for question in questions:
        for node in ast.walk(ast.parse(question.probe_source or "")):
            match node:
                case ast.Import(names=names):
                    found.update(alias.name for alias in names)
                case ast.ImportFrom(module=str(module), names=names):
                    found.update((module, *(f"{module}.{alias.name}" for alias in names)))
    return found


def _found_on_the_way(questions: Iterable[Question]) -> list[str]:
    """The modules that putting the questions imports, compiling their probes first. A child finds
    them out, so that nothing else of it is left."""
    for question in questions:
        _ = question.probe
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(REHEARSAL)
            known = set(sys.modules)
            for question in questions:
                for case in question.cases:
                    observe(question.probe, _unwritten, case.inputs)
            new = [name for name in sys.modules if name not in known]
            with os.fdopen(theirs, "w") as link:
                json.dump(new, link)
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as link:
        found = link.read()
    os.waitpid(pid, 0)
    return json.loads(found) if found else []


def _unwritten(*args: Any, **kwargs: Any) -> NoReturn:
    raise NotImplementedError


def prepare(config: dict[str, Any]) -> CheckerProcess:
    """Warm up, before any submission."""
    return CheckerProcess(config)


__all__ = ["prepare"]
