"""What a student process may do: entered step by step, before any learner's code.

Bubblewrap has made the root (see `root`). This file is what it cannot do for us, since processes
are forked from a warm parent *inside* it: for each submission new user, process, mount and IPC
namespaces, a private folder for files, limits, no privileges, Landlock, and the seccomp filter.
The few system calls that Python lacks are made through `ctypes`.
"""

from __future__ import annotations

import base64
import ctypes
import os
import resource
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_REMOUNT = 32
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
NOBODY = 65534
LEARNER = 1000
"""The user number that a learner's code sees."""
PROC = ("cpuinfo", "meminfo")
"""What is left of /proc: libraries ask for the processor and the memory."""
HOME = "/tmp/notebook"
"""The working folder."""


class Confinement:
    """The steps into the sandbox, one method for each process on the way."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._limits = config["limits"]
        self._unsafe = config["unsafe"]
        self._filter = base64.b64decode(config.get("filter") or "")
        self._files = Path(config["files"])
        found = [file for file in self._files.rglob("*") if file.is_file()]
        self._names = [str(file.relative_to(self._files)) for file in found]
        self._scratch = config.get("scratch")
        self._libc = ctypes.CDLL(None, use_errno=True)
        # The kernel refuses memory at the limit, which Python code can see; this is for what it
        # does not count.
        self.memory_bytes = self._limits["memory_bytes"] * 5 // 4 + (64 << 20)

    def enter_parent(self) -> None:
        """The warm parent: no longer root, and first process of a process namespace that is its
        own, so that it may put each child into a further one."""
        if self._unsafe:
            return
        if os.getuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            self._call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self stays root's
        self._unshare(NEWUSER | NEWPID)
        child = os.fork()
        if child:
            os.closerange(3, 1 << 16)  # or the grader would not see the child's end
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
        self._home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def before_fork(self) -> None:
        """The next child becomes the first process of a new namespace."""
        if not self._unsafe:
            self._call("unshare", NEWPID)

    def after_fork(self) -> None:
        """Back to where the next one can be made."""
        if not self._unsafe:
            self._call("setns", self._home, NEWPID)

    def _unshare(self, spaces: int) -> None:
        user, group = os.getuid(), os.getgid()
        self._call("unshare", spaces)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{LEARNER} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{LEARNER} {group} 1")

    def enter_child(self, channel: int) -> None:
        """The student process: when it ends, all that it started ends."""
        sizes = _sizes()  # before /proc goes
        if not self._unsafe:
            os.closerange(3, channel)
            os.closerange(channel + 1, 1 << 16)
            self._unshare(NEWUSER | NEWNS | NEWIPC | NEWUTS | NEWNET)
        self._folder()
        null = os.open("/dev/null", os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)
        self._set_limits(*sizes)
        if self._unsafe:
            return
        self._drop_privileges()
        self._landlock()
        program = ctypes.create_string_buffer(self._filter)
        bpf = struct.pack("HxxxxxxP", len(self._filter) // 8, ctypes.addressof(program))
        self._call("prctl", PR_SET_SECCOMP, 2, ctypes.c_char_p(bpf), 0, 0)

    def _folder(self) -> None:
        """A private folder for files, with a size; `/proc` goes out of sight."""
        if self._unsafe:
            os.chdir(tempfile.mkdtemp(dir=self._scratch))
        else:
            self._call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
            size = f"size={self._limits['tmp_bytes']},nr_inodes=10000,mode=0700".encode()
            flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
            self._call("mount", b"tmpfs", b"/tmp", b"tmpfs", flags, size)
            known = {name: Path("/proc", name).read_bytes() for name in PROC}
            self._call("mount", b"tmpfs", b"/proc", b"tmpfs", flags, b"size=256k")
            for name, content in known.items():
                Path("/proc", name).write_bytes(content)
            os.mkdir("/proc/self")  # TensorFlow asks who it is, and dies if nobody answers
            os.symlink(sys.executable, "/proc/self/exe")
            Path("/proc/self/cmdline").write_bytes(b"python3\0")
            self._call("mount", None, b"/proc", None, flags | MS_RDONLY | MS_REMOUNT, None)
            os.mkdir(HOME)
            os.chdir(HOME)
        for name in self._names:
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            os.symlink(os.path.join(self._files, name), name)

    def _set_limits(self, total: int, data: int) -> None:
        limits = self._limits
        for kind, bound in (
            (resource.RLIMIT_CPU, limits["cpu_seconds"]),
            (resource.RLIMIT_AS, total + 2 * limits["memory_bytes"]),
            (resource.RLIMIT_DATA, data + limits["memory_bytes"]),
            (resource.RLIMIT_FSIZE, limits["file_bytes"]),
            (resource.RLIMIT_NPROC, limits["processes"]),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
        ):
            if kind == resource.RLIMIT_NPROC and self._unsafe:
                continue  # counted for the user as a whole: only a namespace makes it ours
            resource.setrlimit(kind, (bound, bound))

    def _drop_privileges(self) -> None:
        for capability in range(64):
            if self._libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                break
        header = struct.pack("Ii", 0x20080522, 0)
        self._call("capset", ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))
        self._call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

    def _landlock(self) -> None:
        """Where the kernel has it: read anywhere in the root, write in /tmp, no TCP, no signals or
        abstract sockets to the outside. The mounts and the filter say the same."""
        version = self._libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
        if version < 1:
            return
        all_rights = (1 << (13 + min(version, 3) - 1)) - 1
        read = 0b1100  # read a file, list a folder
        net, scope = (0b11 if version >= 4 else 0), (0b11 if version >= 6 else 0)
        rules = struct.pack("QQQ", all_rights, net, scope)
        size = 24 if version >= 6 else 16 if version >= 4 else 8
        ruleset = self._libc.syscall(
            LANDLOCK_CREATE, ctypes.c_char_p(rules), ctypes.c_size_t(size), 0
        )
        if ruleset < 0:
            raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
        devices = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
        write_file = 0b110  # write and read a file
        places = [("/", read), ("/tmp", all_rights & ~1), *((d, write_file) for d in devices)]
        for place, rights in places:
            folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
            rule = struct.pack("=Qi", rights, folder)
            self._call("syscall", LANDLOCK_ADD, ruleset, 1, ctypes.c_char_p(rule), 0)
            os.close(folder)
        self._call("syscall", LANDLOCK_RESTRICT, ruleset, 0)
        os.close(ruleset)

    def _call(self, name: str, *args: Any) -> None:
        if getattr(self._libc, name)(*args) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")


def _sizes() -> tuple[int, int]:
    """Bytes of address space and of data that this process has."""
    text = Path("/proc/self/statm").read_text().split()
    page = resource.getpagesize()
    return int(text[0]) * page, int(text[5]) * page
