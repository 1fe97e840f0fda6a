"""An exercise as plain data: inputs, expected values, and what each known mistake gives.

`Question.ask` computes it from an `Exercise` and a seed. With the public seed it is what learners
check themselves against, stored in `cases.json` without a line of the reference in it; with a
secret seed it is the hidden test.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autograde.engine.compare import AtLeast, AtMost, Close, Rule, rule_from_json, rule_to_json
from autograde.engine.exercise import Exercise, ExerciseError
from autograde.engine.observe import Observation, Raised, compile_probe, observe
from autograde.engine.values import decode, encode

FORMAT = 1
PUBLIC_SEED = "public"
DIGITS = 9  # of an expected value; see `encode`
LOOSE_DIGITS = 4  # of a trained accuracy or loss, which differs a little from machine to machine


class CasesError(ValueError):
    """`cases.json` is missing, damaged, or does not hold what was asked of it."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]  # IPython shows a learner this sentence instead of our call stack


@dataclass(frozen=True)
class Case:
    """One set of inputs, the expected value for each label, and what each known mistake does with
    them."""

    inputs: dict[str, Any]
    expected: dict[str, Any]
    mistakes: dict[str, Observation]


@dataclass(frozen=True)
class Question:
    """An exercise as it travels: everything that judging an answer needs, and no answer in code."""

    name: str
    points: float
    parts: dict[str, float] | None
    rules: dict[str, Rule]
    hints: tuple[str, ...]
    takes_callable: bool
    probe_source: str | None
    cases: tuple[Case, ...]

    @cached_property
    def probe(self) -> Callable[..., Any]:
        return compile_probe(self.probe_source, self.name)

    def rule(self, label: str) -> Rule:
        return self.rules.get(label, Close())

    def likeness(self, label: str) -> Close:
        """How near a value must come to a known mistake's to be called the same."""
        return Close(2e-3) if isinstance(self.rule(label), AtLeast | AtMost) else Close()

    @classmethod
    def ask(cls, exercise: Exercise, seed: int | str = PUBLIC_SEED) -> Question:
        """Draw the inputs from `seed` and compute what they must give.

        Raises
        ------
        ExerciseError
            If the reference raises, or a value is not plain data.
        """
        probe = compile_probe(exercise.probe_source(), exercise.name)
        cases = []
        for inputs in exercise.draw(generator(seed, exercise.name)):
            expected = observe(probe, exercise.reference, inputs)
            if expected.raised:
                raise ExerciseError(
                    f"exercise {exercise.name!r}: the reference raised {expected.raised.type}: "
                    f"{expected.raised.message} {expected.raised.line}"
                )
            for label in {*(exercise.parts or {}), *exercise.rules}:
                if label not in expected.values:
                    raise ExerciseError(
                        f"exercise {exercise.name!r}: `parts` or `rules` name {label!r}, "
                        f"but the probe gives {list(expected.values)}"
                    )
            wrong = {text: observe(probe, f, inputs) for text, f in exercise.mistakes.items()}
            cases.append(Case(inputs, expected.values, wrong))
        return cls(
            name=exercise.name,
            points=exercise.points,
            parts=dict(exercise.parts) if exercise.parts else None,
            rules=dict(exercise.rules),
            hints=tuple(exercise.hints),
            takes_callable=callable(exercise.reference),
            probe_source=exercise.probe_source(),
            cases=tuple(cases),
        )

    def to_json(self) -> dict[str, Any]:
        try:
            return {
                "points": self.points,
                "parts": self.parts,
                "rules": {label: rule_to_json(rule) for label, rule in self.rules.items()},
                "hints": list(self.hints),
                "callable": self.takes_callable,
                "probe": self.probe_source,
                "cases": [self._case_to_json(case) for case in self.cases],
            }
        except TypeError as error:
            raise ExerciseError(f"exercise {self.name!r}: {error}") from error

    def _case_to_json(self, case: Case) -> dict[str, Any]:
        expected = {
            # A threshold needs no expected value, and a trained number is not the same everywhere.
            label: None if self._loose(label) else encode(value, DIGITS)
            for label, value in case.expected.items()
        }
        mistakes = {}
        for text, seen in case.mistakes.items():
            values = {
                label: encode(value, LOOSE_DIGITS if self._loose(label) else DIGITS)
                for label, value in seen.values.items()
            }
            mistakes[text] = {"values": values, "raises": seen.raised.type if seen.raised else None}
        return {
            "inputs": {name: encode(value) for name, value in case.inputs.items()},
            "expected": expected,
            "mistakes": mistakes,
        }

    def _loose(self, label: str) -> bool:
        return isinstance(self.rule(label), AtLeast | AtMost)

    @classmethod
    def from_json(cls, name: str, data: Mapping[str, Any]) -> Question:
        cases = []
        for case in data["cases"]:
            mistakes = {}
            for text, seen in case["mistakes"].items():
                values = {label: decode(v) for label, v in seen["values"].items()}
                raised = Raised(seen["raises"], "") if seen["raises"] else None
                mistakes[text] = Observation(values, raised)
            inputs = {k: decode(v) for k, v in case["inputs"].items()}
            expected = {label: decode(v) for label, v in case["expected"].items()}
            cases.append(Case(inputs, expected, mistakes))
        return cls(
            name=name,
            points=data["points"],
            parts=data["parts"],
            rules={label: rule_from_json(rule) for label, rule in data["rules"].items()},
            hints=tuple(data["hints"]),
            takes_callable=data["callable"],
            probe_source=data["probe"],
            cases=tuple(cases),
        )


def generator(seed: int | str, name: str) -> np.random.Generator:
    """The random generator of one exercise: the same seed gives every exercise its own stream."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def dump(questions: Mapping[str, Question]) -> str:
    """The text of `cases.json`, the same to the byte for the same questions."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(q.to_json(), ensure_ascii=False, allow_nan=False)}"
        for name, q in questions.items()
    ]
    # A line for each exercise, so that a difference between two versions can be read.
    return f'{{"format": {FORMAT}, "exercises": {{\n' + ",\n".join(lines) + "\n}}\n"


def load(path: Path) -> dict[str, Question]:
    """Read `cases.json`.

    Raises
    ------
    CasesError
        If the file is missing, damaged or of another version, with what to do about it.
    """
    try:
        return load_text(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CasesError(
            f"There is no {path.name} beside this notebook (in {path.parent.resolve()}). "
            "Open the notebook from its module's folder, and keep the files of the folder together."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path.name} cannot be read: {error}.") from error


def load_text(text: str) -> dict[str, Question]:
    """The questions in the text of a `cases.json`; `CasesError` as in `load`."""
    again = "Take the module's folder from the course again."
    try:
        data = json.loads(text)
        version = data["format"]
        if version == FORMAT:
            return {name: Question.from_json(name, q) for name, q in data["exercises"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CasesError(f"cases.json is damaged ({error!r}). {again}") from error
    raise CasesError(f"cases.json has format {version}, this program reads {FORMAT}. {again}")
