"""What tests do with a learner's thing: the checker's side of a conversation."""

from __future__ import annotations

import contextlib
import copy
import inspect
import itertools
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograde.engine.cases import Question
from autograde.engine.exercise import Exercise
from autograde.engine.judge import MISSING, judge
from autograde.trusted.proxies import _state, is_remote
from autograde.trusted.session import Session

NAMES = ["f", "g", "Thing", "thing", "values", "array"]
EXERCISE = Exercise(
    name="softmax",
    points=4,
    inputs=lambda rng: {"z": rng.normal(size=(2, 3)).round(2)},
    reference=lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    mistakes={"not divided": np.exp},
    alternatives=[],
    hints=("one", "two", "three"),
    difficulty=1,
    importance=1,
    minutes=1,
)
QUESTION = Question.ask(EXERCISE, "a secret seed")
DOUBLE = Question.ask(
    Exercise(
        name="double",
        points=2,
        inputs=lambda rng: {"x": int(rng.integers(9))},
        reference=lambda x: 2 * x,
        mistakes={"added 2": lambda x: x + 2},
        alternatives=[],
        hints=("one", "two", "three"),
        difficulty=1,
        importance=1,
        minutes=1,
    ),
    "a secret seed",
)


class Defect(BaseException):
    """A property that does not hold. No `except Exception` on its way may swallow it."""


class Endless(list):
    """A subclass of plain data, which travels as plain data."""


def square(x: Any) -> Any:
    return x * x if isinstance(x, int | float | np.ndarray) else x


def picky(x: Any, *rest: Any, **named: Any) -> Any:
    raise ValueError(x)


def constants() -> list[Any]:
    """What a test passes, and compares with. New ones each time: the learner may change them."""
    return [
        None,
        True,
        2,
        -(1 << 70),
        2.5,
        float("inf"),
        1j,
        "a",
        b"a",
        [1, [2.0, "b"], {"c": np.zeros(2)}],
        (1, (2,)),
        {"a": [1, 2], 3: None},
        {1, 2},
        np.arange(6.0).reshape(2, 3),
        np.array([1, 2]),
        np.array(["a", "bc"]),
        np.array([True, False]),
        np.float32(1.5),
        np.uint8(3),
        np.str_("a"),
        slice(0, 2),
        range(3),
        square,
        picky,
        iter([1, 2, 3]),
        np.exp,
        float,
        ValueError,
        np.random.default_rng(3),
        Endless([1, 2]),
        np.dtype("float32"),
    ]


Operation = Callable[[Session, Any, Any], Any]


def _call_back(session: Session, a: Any, b: Any) -> Any:
    """The learner's function calls a function that calls the learner's function."""
    return a(lambda *args: a(*args))


def _with(session: Session, a: Any, b: Any) -> Any:
    with a as entered:
        if b is None or b is True:
            return entered
        raise b if isinstance(b, type) and issubclass(b, Exception) else KeyError("in the block")


def _catch(session: Session, a: Any, b: Any) -> Any:
    """A learner's exception class, caught by name."""
    kind = b if isinstance(b, type) and issubclass(b, Exception) else ArithmeticError
    try:
        return a(1)
    except kind as error:
        return [str(error), repr(error)]


def _change(session: Session, a: Any, b: Any) -> Any:
    """What the learner's objects hold, changed in place by the test."""
    if type(a) is np.ndarray:
        a[...] = 1
    elif type(a) is list:
        a.append(b)
    elif type(a) is dict:
        a["changed"] = b
    elif type(a) is set:
        a.add(1)
    return session.lookup(NAMES[:1])


def _seed(session: Session, a: Any, b: Any) -> Any:
    np.random.seed(3)  # noqa: NPY002
    session.seed("numpy", 3)
    session.seed("random", 3)
    return a(1)


def _named(session: Session, a: Any, b: Any) -> Any:
    """The running test names this class itself."""
    if "builtins:type" in _state(a)[2][4]:
        session.classes.add(_state(a)[1])


def _rebind(session: Session, a: Any, b: Any) -> Any:
    """The test binds and deletes names that are the learner's."""
    space: dict[str, Any] = {}
    session.lend(space, NAMES, set(NAMES))
    space["f"] = b
    space.pop("values", None)
    session.lookup(NAMES[:1])
    session.take_back()
    return list(space.values())


def _run(session: Session, a: Any, b: Any) -> Any:
    session.run("f(1)")


def _shown(session: Session, a: Any, b: Any) -> Any:
    return f"{a} {a!r} {a:.3}"


def _judged(question: Question) -> Operation:
    def operation(session: Session, a: Any, b: Any) -> Any:
        report = judge(question, a, reveal=False)
        if not 0 <= report.score <= report.points:
            raise Defect(f"{report.score} of {report.points} points")
        return [str(report), report.to_html()]

    return operation


def _looked_up(session: Session, a: Any, b: Any) -> Any:
    answer = session.lookup(["softmax"]).get("softmax", MISSING)
    return str(judge(QUESTION, answer, reveal=False))


def _warned(session: Session, a: Any, b: Any) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        a(1)
    return [str(w.message) for w in caught]


def _strict(session: Session, a: Any, b: Any) -> Any:
    with warnings.catch_warnings(), contextlib.suppress(Warning):
        warnings.simplefilter("error")
        a(1)


WITH_ANYTHING: list[Operation] = [
    _change,
    _rebind,
    _run,
    _judged(QUESTION),
    _judged(DOUBLE),
    _looked_up,
    lambda s, a, b: s.lookup(NAMES),
    lambda s, a, b: s.end_of_cell(),
]
OPERATIONS: list[Operation] = [
    lambda s, a, b: a(),
    lambda s, a, b: a(b),
    lambda s, a, b: a(b, x=b),
    lambda s, a, b: a([b, 1], {"k": b}),
    lambda s, a, b: a(square),
    lambda s, a, b: a(picky, 1),
    lambda s, a, b: a(iter([1, b])),
    _call_back,
    lambda s, a, b: a.data,
    lambda s, a, b: a.method(b),
    lambda s, a, b: setattr(a, "data", b),
    lambda s, a, b: delattr(a, "data"),
    lambda s, a, b: hasattr(a, "missing"),
    lambda s, a, b: (a.__doc__, a.__module__, a.__class__),
    lambda s, a, b: getattr(a, "__name__", None),
    lambda s, a, b: vars(a),
    lambda s, a, b: dir(a),
    lambda s, a, b: [isinstance(a, k) for k in (int, float, np.ndarray, list, type, Exception)],
    lambda s, a, b: isinstance(b, a),
    lambda s, a, b: issubclass(b, a),
    lambda s, a, b: callable(a),
    lambda s, a, b: inspect.signature(a),
    lambda s, a, b: s.ask_text("source", a),
    _named,
    lambda s, a, b: a == b,
    lambda s, a, b: a != b,
    lambda s, a, b: b == a,
    lambda s, a, b: a < b,
    lambda s, a, b: a >= b,
    lambda s, a, b: b <= a,
    lambda s, a, b: a is b,
    lambda s, a, b: [a == type(a), a == type(b), isinstance(a, type(a))],  # noqa: E721
    lambda s, a, b: a + b,
    lambda s, a, b: b * a,
    lambda s, a, b: a @ b,
    lambda s, a, b: operator.isub(a, b),
    lambda s, a, b: divmod(a, b),
    lambda s, a, b: a**b,
    lambda s, a, b: -a,
    lambda s, a, b: abs(a),
    lambda s, a, b: round(a, 2),
    lambda s, a, b: a[b],
    lambda s, a, b: a[0:2],
    lambda s, a, b: operator.setitem(a, b, 1),
    lambda s, a, b: operator.delitem(a, b),
    lambda s, a, b: len(a),
    lambda s, a, b: bool(a),
    lambda s, a, b: float(a),
    lambda s, a, b: int(a),
    lambda s, a, b: complex(a),
    lambda s, a, b: operator.index(a),
    lambda s, a, b: hash(a),
    lambda s, a, b: {a: 1, b: 2},
    lambda s, a, b: {a, 1},
    lambda s, a, b: list(itertools.islice(a, 50)),
    lambda s, a, b: next(a),
    lambda s, a, b: reversed(a),
    lambda s, a, b: b in a,
    lambda s, a, b: sorted(itertools.islice(a, 50)),
    lambda s, a, b: sum(itertools.islice(a, 50)),
    lambda s, a, b: all(map(a, [1, 2])),
    _with,
    _catch,
    _warned,
    _strict,
    lambda s, a, b: np.asarray(a),
    lambda s, a, b: np.array(a, dtype=np.float32),
    lambda s, a, b: np.testing.assert_allclose(a, 1.0),
    lambda s, a, b: np.testing.assert_array_equal(a, b),
    lambda s, a, b: np.exp(a),
    lambda s, a, b: np.sum(a),
    _shown,
    lambda s, a, b: str(a),
    lambda s, a, b: repr(a),
    lambda s, a, b: copy.copy(a),
    lambda s, a, b: copy.deepcopy(a),
    _seed,
    *WITH_ANYTHING,
]


def suits(operation: Operation, a: Any) -> bool:
    """Whether to do this with `a`: what a test does with a plain value is Python's own affair."""
    return is_remote(a) or operation in WITH_ANYTHING
