"""What this machine can isolate: tried for real, in the sandbox that submissions run in."""

from __future__ import annotations

import ctypes
import shutil
import sys
from dataclasses import dataclass

from autograde.trusted import syscalls
from autograde.trusted.confine import LANDLOCK_CREATE
from autograde.trusted.grader import Grader
from autograde.trusted.paper import Cell, InfrastructureError, Limits, Paper

LIMITS = Limits(cell_seconds=2, notebook_seconds=20, memory_bytes=200 << 20, tmp_bytes=4 << 20)
CONTAINER = "Or run the grader in the container image of this project, on a Linux machine."


@dataclass(frozen=True)
class Finding:
    """One thing that trusted execution needs."""

    name: str
    holds: bool
    detail: str
    mend: str = ""
    """What to do where it does not hold."""
    needed: bool = True
    """Whether grading is refused without it."""


# What a learner's code must not be able to do: (name, cell, verdict that the cell must get).
PROBES = (
    (
        "files of this machine are out of sight",
        "import os\nassert not any(map(os.path.exists, ('/home', '/root', '/etc', '/var')))",
        "passed",
    ),
    (
        "the sandbox cannot be written",
        "import os\nfor place in ('/', '/packages', '/python', '/proc'):\n"
        "    assert not os.access(place, os.W_OK)",
        "passed",
    ),
    (
        "other processes are out of sight",
        "import os\nassert os.getpid() == 1 and os.getppid() == 0\n"
        "assert sorted(os.listdir('/proc')) == ['cpuinfo', 'meminfo', 'self']",
        "passed",
    ),
    ("it is nobody", "import os\nassert os.getuid() == os.geteuid() == 1000", "passed"),
    ("no network", "import socket\nsocket.socket()", "raised"),
    ("no child processes", "import os\nos.fork()", "raised"),
    ("no other programs", "import os\nos.execv('/python/bin/python3', ['python3'])", "raised"),
    ("time limit", "while True:\n    pass", "timeout"),
    ("memory limit", "hoard = [bytearray(1 << 20) for _ in range(1000)]", "memory"),
    (
        "size limit of the temporary folder",
        "for i in range(8):\n    open(str(i), 'wb').write(bytes(1 << 20))",
        "raised",
    ),
    ("output limit", "while True:\n    print('x' * 1000)", "output_limit"),
)


def diagnose() -> list[Finding]:
    """Everything that trusted execution needs, in the order in which to mend it."""
    findings = [_linux(), _bubblewrap(), _seccomp(), _landlock()]
    if all(finding.holds or not finding.needed for finding in findings):
        findings += _sandbox()
    return findings


def _linux() -> Finding:
    return Finding(
        "Linux",
        sys.platform == "linux",
        f"this is {sys.platform}",
        f"The sandbox is made of Linux's namespaces. {CONTAINER}",
    )


def _bubblewrap() -> Finding:
    path = shutil.which("bwrap")
    return Finding(
        "bubblewrap", path is not None, path or "not installed", "apt install bubblewrap"
    )


def _seccomp() -> Finding:
    mend = "pip install pyseccomp; apt install libseccomp2"
    try:
        size = len(syscalls.program()) // 8
    except InfrastructureError as error:
        return Finding("seccomp filter", False, str(error), mend)
    return Finding("seccomp filter", True, f"{size} instructions", mend)


def _landlock() -> Finding:
    version = -1
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        version = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    detail = f"version {version}" if version > 0 else "not in this kernel: the other walls stand"
    return Finding("Landlock", version > 0, detail, "Linux 5.13 or newer", needed=False)


def _sandbox() -> list[Finding]:
    """Start the real grader and let probes run where learners' code would."""
    name = "sandbox"
    try:
        with Grader(Paper(limits=LIMITS)) as grader:
            results = grader.grade([Cell(cell, "learner") for _, cell, _ in PROBES])
    except InfrastructureError as error:
        mend = (
            "Unprivileged user namespaces must be allowed: "
            "sysctl kernel.unprivileged_userns_clone=1 (Debian), "
            "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04), and in a "
            "container --security-opt seccomp=unconfined --security-opt systempaths=unconfined. "
            f"{CONTAINER}"
        )
        return [Finding(name, False, str(error), mend)]
    findings = [Finding(name, True, "starts, with namespaces inside namespaces")]
    for (what, _, verdict), result in zip(PROBES, results, strict=True):
        holds = result.verdict == verdict
        detail = "tried" if holds else f"{result.verdict}, not {verdict}: {result.message}"
        findings.append(
            Finding(what, holds, detail, f"This should hold here: report it. {CONTAINER}")
        )
    return findings
