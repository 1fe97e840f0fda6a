"""The `autograde` command: what nbgrader lacks. Each subcommand imports what it needs when it
runs."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 refused or failed, 2 wrong usage, 130
    interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograde", description="Build, check and grade the course. nbgrader does the rest."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser(
        "build", help="solutions/ -> course/, refusing what contradicts itself"
    )
    build.add_argument("module", nargs="*", help="such as 05_softmax_network; default: all")
    build.add_argument("--root", type=Path, default=Path(), help="the course's root; default: here")
    build.set_defaults(run=_build)

    check = commands.add_parser(
        "check", help="run a notebook and print the report of each check in it"
    )
    check.add_argument("notebook", type=Path)
    check.set_defaults(run=_check)

    grade = commands.add_parser(
        "grade",
        help="grade the submissions of an assignment side by side",
        description=_GRADE,
        epilog=_GRADE_CODES,
    )
    grade.add_argument("assignment", help="such as 05_softmax_network")
    grade.add_argument(
        "--student",
        action="append",
        default=[],
        metavar="ID",
        help="only this one; may be repeated",
    )
    where = grade.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs", type=_count, metavar="N", help="worker processes here; default: one for each core"
    )
    where.add_argument(
        "--scheduler",
        type=_address,
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, such as tls://HOST:8786; certificates "
        "are taken from Dask's settings",
    )
    grade.add_argument("--force", action="store_true", help="grade again what has not changed")
    grade.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run submissions without a sandbox: they can then read and delete your files",
    )
    grade.set_defaults(run=_grade)

    doctor = commands.add_parser("doctor", help="what this machine can isolate, and how to mend it")
    doctor.set_defaults(run=_doctor)

    demo = commands.add_parser(
        "demo", help="a whole class in a temporary folder, from release to marks"
    )
    demo.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="work in this new folder and keep it"
    )
    demo.set_defaults(run=_demo)
    return parser


def _build(options: argparse.Namespace) -> int:
    from autograde.build.problem import BuildError
    from autograde.build.run import build

    try:
        built = build(options.root, options.module)
    except BuildError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' * (count != 1)}: nothing wrong is released.", file=sys.stderr)
        return 1
    print(f"Built {', '.join(built) or 'nothing: solutions/ holds no module'}.")
    return 0


def _check(options: argparse.Namespace) -> int:
    from autograde.selfcheck import NotebookError, self_check

    try:
        return self_check(options.notebook)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1


_GRADE = """Gives the marks that `nbgrader autograde` gives, from the course's root. What was graded
and has not changed is left alone. A run that was interrupted goes on where it stopped."""
_GRADE_CODES = """Exit code: 0 when every submission has its marks (an invalid one has 0, and is
listed), 1 when some could not be graded (they are listed) or the run was refused or had to stop, 2
for a wrong command line, 130 when interrupted."""


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _address(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|ws|wss)://\S+:\d{1,5}", text):
        raise argparse.ArgumentTypeError("an address such as tls://HOST:8786")
    return text


def _grade(options: argparse.Namespace) -> int:
    from autograde.front.listing import listed, plain
    from autograde.grading.course import GradingError
    from autograde.grading.run import grade

    try:
        outcome = grade(
            Path(),
            options.assignment,
            options.student,
            jobs=options.jobs,
            scheduler=options.scheduler,
            force=options.force,
            unsafe=options.unsafe_no_sandbox,
        )
    except GradingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nWhat was graded is saved. Run the same command again to go on.", file=sys.stderr)
        raise
    print(
        f"{outcome.graded} graded, {outcome.unchanged} unchanged since they were graded, "
        f"{len(outcome.ungraded)} not graded."
    )
    if outcome.invalid:
        print(f"\nInvalid, with a mark of 0 ({len(outcome.invalid)}):")
        more = f"see results.json in autograded/STUDENT/{options.assignment}."
        print(*listed(outcome.invalid, more), sep="\n", flush=True)
    if outcome.ungraded:
        head = f"\nNOT graded, though nothing is wrong with them ({len(outcome.ungraded)}):"
        more = "the next run lists those that remain."
        print(head, *listed(outcome.ungraded, more), sep="\n", file=sys.stderr)
        print("Their marks are as they were. Run the command again.", file=sys.stderr)
        if tracebacks := [reason for reason in outcome.ungraded.values() if "\n" in reason.strip()]:
            print(f"\nThe first of them in full: {plain(tracebacks[0])}", file=sys.stderr)
    return 1 if outcome.ungraded else 0


def _doctor(options: argparse.Namespace) -> int:
    from autograde.trusted.doctor import diagnose

    refused = False
    for finding in diagnose():
        verdict = "holds  " if finding.holds else "MISSING" if finding.needed else "absent "
        print(f"{verdict}  {finding.name}: {finding.detail}")
        if not finding.holds:
            print(f"         to mend it: {finding.mend}")
            refused = refused or finding.needed
    print("Grading is refused here." if refused else "Submissions can be graded here.")
    return 1 if refused else 0


def _demo(options: argparse.Namespace) -> int:
    from autograde.demo.play import play

    return play(options.keep)
