"""Run a command, and measure it with all the processes that it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PATIENCE = 15.0  # seconds that what a command leaves behind may take to end
SHARE = 0.1  # of one core at most, for looking at memory
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>


@dataclass(frozen=True)
class Figures:
    """What one command used."""

    seconds: float
    cpu: float
    """CPU seconds, user and system, of the command and every process under it.

    The kernel adds a process's time to its parent's when the parent waits for it. A process whose
    parent ended first comes to the benchmark, which is their subreaper, and is waited for here. So
    nothing is sampled, nothing short-lived is missed, and other programs do not count.
    """
    own_cpu: float
    """CPU seconds of the command's own process: for `autograde grade`, the coordinator."""
    peak: float
    """MB of all its processes at one time, by proportional set size: a page that several share
    counts once. Looked at while it ran, so a peak shorter than a look can be missed. A process that
    may not be looked into counts with all that it has resident."""
    own_peak: float
    """MB that the command's own process had resident at most, by the kernel's high-water mark."""


def measure(command: Sequence[object], folder: Path, **environment: str) -> Figures:
    """Run a command in `folder`, with BLAS on one thread; its output goes to `folder/log`.

    Raises
    ------
    SystemExit
        If it fails, with the end of its output.
    """
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    log = folder / "log"
    before = _cpu_of_children()
    started = time.perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=os.environ | THREADS | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    watch = _Watch(process.pid)
    watch.start()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.perf_counter() - started
    own_cpu = _own_cpu(process.pid)  # exact: it has ended, and is not buried yet
    watch.ended.set()
    watch.join()
    process.wait()
    _bury_orphans()
    if process.returncode:
        tail = log.read_text(errors="replace")[-3000:]
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{tail}")
    cpu = _cpu_of_children() - before
    return Figures(seconds, cpu, own_cpu, watch.peak / 1e6, watch.own_peak / 1e6)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _own_cpu(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system


def _bury_orphans() -> None:
    """Wait for what the command left behind, and end what does not end by itself."""
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid:
                continue
            if time.monotonic() > end:
                for child in psutil.Process().children():
                    child.kill()
            time.sleep(0.02)


class _Watch(threading.Thread):
    """Looks at the memory of a process and of all that it starts."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.peak = self.own_peak = 0.0
        self._pid = pid

    def run(self) -> None:
        pause = 0.0
        while not self.ended.wait(pause):
            started = time.thread_time()
            everything = psutil.Process().children(recursive=True)
            self.peak = max(self.peak, sum(map(_memory, everything)))
            self.own_peak = max(self.own_peak, _high_water(self._pid))
            pause = max(0.2, (time.thread_time() - started) / SHARE)


def _memory(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:  # another user's, or another namespace's
        with contextlib.suppress(psutil.Error):
            return process.memory_info().rss
    except (psutil.Error, OSError):
        pass  # it has ended meanwhile
    return 0.0


def _high_water(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((1024 * float(x.split()[1]) for x in status.splitlines() if "VmHWM" in x), 0.0)
