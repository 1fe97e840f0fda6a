"""Runs one target under Atheris: `python -m tests.autograde.fuzz.fuzz TARGET FOLDER [options]`.

The options are libFuzzer's. See README.md.
"""

from __future__ import annotations

import resource
import sys

import atheris

with atheris.instrument_imports(include=["autograde.trusted"]):
    from .targets import TARGETS, Defect

from .mutate import cross, mutator

GROWTH_KB = 40_000
"""What one input of a few kB may cost: a list of the largest legal size and the like, not more."""


def bounded(target: str, data: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    TARGETS[target](data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > GROWTH_KB:
        raise Defect(f"{grown} kB for {len(data)} bytes")


def main() -> None:
    target = sys.argv.pop(1)
    sys.argv[0] = f"{sys.executable} -m {__spec__.name} {target}"  # what `-merge=1` runs in a shell
    TARGETS[target](b"\xc0")  # import and make what is made once
    atheris.Setup(
        sys.argv,
        lambda data: bounded(target, data),
        custom_mutator=mutator(lambda *args: atheris.Mutate(*args)),  # `Fuzz` puts it there
        custom_crossover=cross,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
