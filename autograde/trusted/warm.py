"""What a warm parent does once, so that none of its forks has to do it again."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sys

MADV_COLLAPSE = 25  # from Linux's <asm-generic/mman-common.h>
LARGE = 2 << 20


def preload(modules: list[str]) -> None:
    """Import them. What they write to stderr on the way (TensorFlow says which processor it found)
    is told only if one cannot be imported."""
    stderr, notes = os.dup(2), os.memfd_create("notes")
    os.dup2(notes, 2)
    try:
        for name in modules:
            importlib.import_module(name)
        if "tensorflow" in sys.modules:
            _fill_registries()
    except BaseException:
        os.write(stderr, os.pread(notes, 1 << 16, 0))
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(notes)


def _fill_registries() -> None:
    """TensorFlow's tables of operations and kernels, which its first operation would fill: more
    than a third of what that costs. Nothing here starts a thread or a graphics card, as an
    operation would, or a look at the devices: forks could not use them."""
    with contextlib.suppress(ImportError, AttributeError):  # no public names: another version's
        from tensorflow.python.framework import kernels, op_def_registry
        from tensorflow.python.util import pywrap_xla_ops

        op_def_registry.get("none has this name")  # the first miss copies the whole table
        kernels.get_registered_kernels_for_op("NoOp")
        pywrap_xla_ops.get_cpu_kernel_names()


def use_large_pages() -> None:
    """Move what is in memory now to pages of 2 MB: a fork copies one entry of the page table, and
    the child's end frees one, where there were 512. What a child changes is still copied in pieces
    of 4 kB."""
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps") as file:
        regions = [line.split() for line in file]
    for span, rights, _, _, inode, *_ in regions:
        if "w" not in rights or inode != "0":
            continue
        start, end = (int(place, 16) for place in span.split("-"))
        for place in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
            # A kernel before 6.1 declines, and all is as it was.
            libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(LARGE), MADV_COLLAPSE)
