"""The seccomp filter of a student process: a list of the system calls that it may make.

libseccomp compiles it once, in the grader; the student process only loads the bytes. What is not
listed fails with ENOSYS, which C libraries take as "this kernel is older" and work around; what
means something to a learner fails with EPERM.
"""

from __future__ import annotations

import errno
import tempfile

from autograde.trusted.paper import InfrastructureError

ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range
open openat openat2 creat stat lstat fstat newfstatat statx access faccessat faccessat2 readlink
readlinkat getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename
renameat renameat2 link linkat symlink symlinkat chmod fchmod fchmodat utime utimes utimensat
futimesat truncate ftruncate fallocate fsync fdatasync sync_file_range fadvise64 statfs fstatfs
umask dup dup2 dup3 pipe pipe2 fcntl flock poll ppoll select pselect6 epoll_create epoll_create1
epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime
timerfd_gettime socketpair sendfile copy_file_range mmap munmap mprotect mremap madvise brk
mincore msync mlock munlock rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend
rt_sigtimedwait sigaltstack kill tkill tgkill pause alarm setitimer getitimer futex futex_waitv
set_robust_list get_robust_list set_tid_address rseq membarrier exit exit_group restart_syscall
sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min getpriority getcpu clock_gettime clock_getres
clock_nanosleep nanosleep gettimeofday time times getrandom getpid getppid gettid getpgrp getpgid
getsid getuid geteuid getgid getegid getgroups getresuid getresgid getrusage getrlimit sysinfo
uname capget wait4 waitid arch_prctl
"""
REFUSED = """
fork vfork execve execveat socket connect bind listen accept accept4 sendto recvfrom sendmsg
recvmsg sendmmsg recvmmsg ptrace process_vm_readv process_vm_writev mount umount2 chroot
pivot_root unshare setns setuid setgid setreuid setregid setresuid setresgid setgroups setrlimit
capset setsid setpgid chown fchown lchown fchownat mknod mknodat sethostname reboot shmget shmat
memfd_create setpriority bpf keyctl add_key request_key perf_event_open
"""
NO_ATTRIBUTES = """
getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr setxattr
"""

CLONE_THREAD = 0x00010000
TERMINAL = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451, 0x541B)
"""ioctl: is it a terminal, its size, non-blocking, close-on-exec and not, bytes to read."""
NAMES = (15, 16)
"""prctl: set and get a thread's name."""


def program() -> bytes:
    """The filter as the kernel takes it.

    Raises
    ------
    InfrastructureError
        If libseccomp is missing.
    """
    try:
        import pyseccomp as seccomp  # type: ignore[import-untyped]
    except (ImportError, RuntimeError, OSError) as error:
        raise InfrastructureError(
            "libseccomp cannot be used (`pip install pyseccomp`, `apt install libseccomp2`): "
            f"{error}"
        ) from error
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    for names, action in (
        (ALLOWED, seccomp.ALLOW),
        (REFUSED, seccomp.ERRNO(errno.EPERM)),
        (NO_ATTRIBUTES, seccomp.ERRNO(errno.ENOTSUP)),
    ):
        for name in names.split():
            if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:  # else not on this CPU
                rules.add_rule(action, name)
    thread = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD)
    process = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0)
    rules.add_rule(seccomp.ALLOW, "clone", thread)
    rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", process)
    for request in TERMINAL:
        rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    for option in NAMES:
        rules.add_rule(seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    # prlimit64 reads limits (third argument null) and does not set them.
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(2, seccomp.EQ, 0))
    rules.add_rule(seccomp.ERRNO(errno.EPERM), "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


__all__ = ["program"]
