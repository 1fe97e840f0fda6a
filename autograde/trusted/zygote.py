"""A warm parent: imports what is slow once, then forks a process for each submission.

The grader runs `main` in a new interpreter with the arguments ROLE and FD. The first message on the
socket FD is the configuration; each later one brings the descriptors of a new process.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from autograde.trusted.warm import use_large_pages

TICK = 0.05  # seconds between two looks at a process's memory


def send_json(link: socket.socket, message: Any) -> None:
    body = json.dumps(message).encode()
    link.sendall(len(body).to_bytes(8, "big") + body)


def receive_json(link: socket.socket) -> Any:
    """The next message, or None at the end."""
    head = _exactly(link, 8)
    body = _exactly(link, int.from_bytes(head, "big")) if head else None
    return json.loads(body) if body else None


def _exactly(link: socket.socket, count: int) -> bytes | None:
    parts = []
    while count:
        part = link.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Role(Protocol):
    """What a warm parent gives birth to. `student.prepare` and `checker.prepare` make one."""

    memory_bytes: int | None
    """A child that holds this much more than at its start is ended."""

    def before_fork(self) -> None: ...
    def after_fork(self) -> None: ...
    def live(self, fds: list[int]) -> None:
        """The child's whole life."""


@dataclass
class _Child:
    pid: int
    handle: int
    link: socket.socket
    limit: int | None
    why: str = ""


class Parent:
    """Forks a child for each message on `control`, and watches over all of them.

    The last descriptor of a message is the child's leash: when its other end is closed, the child
    is ended; when the child ends by itself, the leash says how.
    """

    def __init__(self, control: socket.socket, role: Role) -> None:
        self._control, self._role = control, role
        self._children: dict[int, _Child] = {}  # by handle and by leash
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Until the grader is gone."""
        gc.collect()
        gc.freeze()
        use_large_pages()
        while True:
            watched = any(child.limit for child in self._children.values())
            for fd, _ in self._poll.poll(1000 * TICK if watched else None):
                if fd == self._control.fileno():
                    if not self._birth():
                        return
                elif fd in self._children:
                    child = self._children[fd]
                    if fd == child.handle:
                        self._bury(child)
                    else:
                        self._end(child, "ended")
            for child in {child.pid: child for child in self._children.values()}.values():
                if child.limit and (_resident(child.handle) or 0) > child.limit:
                    self._end(child, "memory")

    def _birth(self) -> bool:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 1, 8)
        except ConnectionResetError:
            return False
        if not data:
            return False
        *own, leash = fds
        self._role.before_fork()
        pid = os.fork()
        if pid == 0:
            self._live(own, leash)
        self._role.after_fork()
        for fd in own:
            os.close(fd)
        child = _Child(pid, os.pidfd_open(pid), socket.socket(fileno=leash), None)
        if self._role.memory_bytes is not None:
            child.limit = (_resident(child.handle) or 0) + self._role.memory_bytes
        with contextlib.suppress(OSError):
            socket.send_fds(child.link, [b"p"], [child.handle])  # to whoever keeps its time
        for fd in (child.handle, leash):
            self._children[fd] = child
            self._poll.register(fd, select.POLLIN)
        return True

    def _live(self, own: list[int], leash: int) -> NoReturn:
        code = 1
        try:
            for fd in (self._control.fileno(), leash, *self._children):
                os.close(fd)
            self._role.live(own)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _end(self, child: _Child, why: str) -> None:
        child.why = child.why or why
        child.limit = None
        self._poll.unregister(child.link)
        del self._children[child.link.fileno()]
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(child.handle, signal.SIGKILL)

    def _bury(self, child: _Child) -> None:
        _, status, used = os.wait4(child.pid, 0)
        told = {
            "why": child.why,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "cpu": used.ru_utime + used.ru_stime,
        }
        with contextlib.suppress(OSError):
            send_json(child.link, told)
        for fd in (child.handle, child.link.fileno()):
            if self._children.pop(fd, None):
                self._poll.unregister(fd)
        os.close(child.handle)
        child.link.close()


def number(handle: int) -> int:
    """The process that a pidfd stands for. It is not the number that `fork` gave, where that was in
    another namespace; below 1 if it has ended."""
    with open(f"/proc/self/fdinfo/{handle}") as file:
        return int(next(line.split()[1] for line in file if line.startswith("Pid:")))


def _resident(handle: int) -> int | None:
    """Bytes of memory of a child."""
    try:
        with open(f"/proc/{number(handle)}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def main() -> None:
    name, fd = sys.argv[1:]
    control = socket.socket(fileno=int(fd))
    config = receive_json(control)
    try:
        module = importlib.import_module(f"autograde.trusted.{name}")
        role = module.prepare(config)
    except BaseException as error:
        send_json(control, {"error": f"{type(error).__name__}: {error}"})
        raise
    with contextlib.suppress(ConnectionError):  # the grader has gone
        send_json(control, {"error": None})
        Parent(control, role).serve()
    for folder in config.get("remove", ()):
        shutil.rmtree(folder, ignore_errors=True)  # a grader that was killed could not
    os._exit(0)  # IPython would look back at a folder that is gone
