"""The numbers that the texts of module 3 quote, computed again by other means: scalars, finite
differences, a network in plain Python, and forty networks at once."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "solutions" / "03_propagation"


@pytest.fixture(scope="module")
def lesson() -> str:
    return " ".join(
        re.sub(r"^# ?", "", (FOLDER / "propagation.py").read_text(), flags=re.M).split()
    )


@pytest.fixture(scope="module")
def exercises() -> str:
    text = (FOLDER / "propagation_exercises.py").read_text()
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


def says(text: str, *phrases: str) -> None:
    for phrase in phrases:
        assert phrase in text, f"the text no longer says {phrase!r}"


# ------------------------------------------------------- the hand calculation, nine scalars

START = [0.5, 1.0, -1.0, 1.5, -0.5, 0.5, 1.0, -2.0, 0.5]  # w11 w12 w21 w22 b1 b2 v1 v2 c


def neurons(p: list[float]) -> tuple[float, float, float, float, float]:
    """z of both hidden units for x = (2, -1), z of the output, its sigmoid, and the loss, y = 1."""
    w11, w12, w21, w22, b1, b2, v1, v2, c = p
    z1, z2 = 2 * w11 - w21 + b1, 2 * w12 - w22 + b2
    z = max(z1, 0) * v1 + max(z2, 0) * v2 + c
    a = 1 / (1 + math.exp(-z))
    return z1, z2, z, a, -math.log(a)


def slopes(p: list[float], h: float = 1e-6) -> list[float]:
    found = []
    for i in range(9):
        above, below = list(p), list(p)
        above[i], below[i] = p[i] + h, p[i] - h
        found.append((neurons(above)[-1] - neurons(below)[-1]) / (2 * h))
    return found


def test_forward_and_backward_by_hand(lesson: str) -> None:
    assert neurons(START) == pytest.approx((1.5, 1.0, 0.0, 0.5, math.log(2)))
    gradient = [-1, 2, 0.5, -1, -0.5, 1, -0.75, -0.5, -0.5]
    assert slopes(START) == pytest.approx(gradient, abs=1e-8)
    says(
        lesson,
        r"z^{[1]}_1 = 2 \cdot 0.5 + (-1) \cdot (-1) - 0.5 = 1.5",
        r"\begin{pmatrix} -1 & 2 \\ 0.5 & -1 \end{pmatrix}",
        r"1.5 \cdot (-0.5) = -0.75",
        "$L = -\\ln 0.5 = 0.6931$",
    )


def test_one_step_and_its_promise(lesson: str) -> None:
    gradient = slopes(START)
    after = [p - 0.1 * g for p, g in zip(START, gradient, strict=True)]
    assert after == pytest.approx([0.6, 0.8, -1.05, 1.6, -0.45, 0.4, 1.075, -1.95, 0.55])
    *_, a, loss = neurons(after)
    squares = sum(g * g for g in gradient)
    assert squares == pytest.approx(8.5625)
    promise = math.log(2) - 0.01 * squares
    small = neurons([p - 0.01 * g for p, g in zip(START, gradient, strict=True)])[-1]
    says(
        lesson,
        f"from 0.5 to {a:.4f}, and the loss from 0.6931 to {loss:.4f}",
        "sum is 8.5625, so the step should gain 0.856",
        f"at 0.01 the promise is {promise:.4f}, and the loss is {small:.4f}",
    )
    assert 0.1 * squares == pytest.approx(0.856, abs=5e-4)


def test_a_unit_that_is_off_has_four_zero_gradients(lesson: str) -> None:
    off = START.copy()
    off[5] = -1.0
    assert neurons(off)[1] == -0.5
    zeros = [i for i, g in enumerate(slopes(off)) if g == 0]
    assert zeros == [1, 3, 5, 7]  # both weights in, the bias, and the weight out
    says(lesson, "$z^{[1]}_2 = -0.5$", "Four. Three of them lead into the gate")


def test_the_neuron_of_the_graph(lesson: str) -> None:
    def loss(w: float, x: float, b: float) -> float:
        return math.log(1 + math.exp(-(w * x + b)))

    h = 1e-6
    assert (loss(0.5 + h, 2, -1) - loss(0.5 - h, 2, -1)) / (2 * h) == pytest.approx(-1)
    assert (loss(0.5, 2 + h, -1) - loss(0.5, 2 - h, -1)) / (2 * h) == pytest.approx(-0.25)
    assert (loss(0.5, 2, -1 + h) - loss(0.5, 2, -1 - h)) / (2 * h) == pytest.approx(-0.5)
    says(lesson, r"= -2 \cdot 0.25 \cdot 2 = -1")


def test_how_many_parameters_the_digits_network_has(lesson: str) -> None:
    says(lesson, f"{64 * 64 + 64 + 64 * 10 + 10:,} parameters")


def test_the_numbers_on_paper_of_exercise_1_are_those_that_are_checked(exercises: str) -> None:
    from autograde.build import module as modules
    from autograde.engine.cases import Question

    found = next(e for e in modules.read(FOLDER).exercises if e.name == "by_hand")
    case = Question.ask(found, 1).cases[0]
    assert case.inputs["x"].tolist() == [2, 3]
    assert case.inputs["W1"].tolist() == [[1, -1], [-0.5, 1]]
    assert case.inputs["b1"].tolist() == [1, -0.5]
    assert case.inputs["W2"].tolist() == [1, -2]
    assert (case.inputs["y"], case.inputs["b2"], case.inputs["eta"]) == (0, 0.5, 0.1)
    says(
        exercises,
        r"x = (2,\; 3), \quad y = 0",
        r"\begin{pmatrix} 1 & -1 \\ -0.5 & 1 \end{pmatrix}",
        r"b^{[1]} = (1,\; -0.5)$$",
        r"W^{[2]} = (1,\; -2), \quad b^{[2]} = 0.5, \quad \eta = 0.1",
    )
    # z1 = (1.5, 0.5), z2 = 1.5 - 1 + 0.5 = 1; the target is 0, so dL/dz2 is a itself
    a = 1 / (1 + math.exp(-1))
    assert case.expected["a"] == pytest.approx(a)
    assert case.expected["dL/dW1"] == pytest.approx(np.array([[2 * a, -4 * a], [3 * a, -6 * a]]))


# ------------------------------------------------------- XOR, in plain Python

PATTERNS = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]


def squash(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


class Xor:
    """A 2-3-1 network of sigmoids that keeps its weights in lists; `slope(a, y)` is dL/dz."""

    def __init__(self, numbers: list[float], slope) -> None:
        # W1 row by row, then W2, b1, b2
        self.w = [numbers[0:3], numbers[3:6]]
        self.v, self.b, self.c = numbers[6:9], numbers[9:12], numbers[12]
        self.slope = slope

    def output(self, x: tuple[int, int]) -> tuple[list[float], float]:
        h = [squash(x[0] * self.w[0][j] + x[1] * self.w[1][j] + self.b[j]) for j in range(3)]
        return h, squash(sum(self.v[j] * h[j] for j in range(3)) + self.c)

    def outputs(self) -> list[float]:
        return [self.output(x)[1] for x, _ in PATTERNS]

    def loss(self) -> float:
        return 0.5 * sum((a - y) ** 2 for a, (_, y) in zip(self.outputs(), PATTERNS, strict=True))

    def train(self, epochs: int, eta: float = 0.1) -> None:
        for _ in range(epochs):
            dw, dv, db, dc = [[0.0] * 3, [0.0] * 3], [0.0] * 3, [0.0] * 3, 0.0
            for x, y in PATTERNS:
                h, a = self.output(x)
                d = self.slope(a, y)
                dc += d
                for j in range(3):
                    dv[j] += d * h[j]
                    e = d * self.v[j] * h[j] * (1 - h[j])
                    db[j] += e
                    dw[0][j] += e * x[0]
                    dw[1][j] += e * x[1]
            self.c -= eta * dc
            for j in range(3):
                self.v[j] -= eta * dv[j]
                self.b[j] -= eta * db[j]
                self.w[0][j] -= eta * dw[0][j]
                self.w[1][j] -= eta * dw[1][j]


def squared(a: float, y: float) -> float:
    return (a - y) * a * (1 - a)


def seeded(seed: int) -> list[float]:
    return np.random.RandomState(seed).uniform(size=13).tolist()


def test_xor_with_seed_42(lesson: str) -> None:
    network, losses = Xor(seeded(42), squared), {}
    for epochs in (100, 1900, 3000, 5000):
        network.train(epochs)
        losses[epochs] = network.loss()
    assert network.outputs() == pytest.approx([0.0284, 0.9333, 0.9327, 0.0833], abs=2e-4)
    assert [round(v, 2) for v in losses.values()] == [0.50, 0.48, 0.08, 0.01]
    says(
        lesson,
        "0.03, 0.93, 0.93 and 0.08",
        "drops at once to 0.50",
        "between epochs 2,000 and 5,000 the loss falls from 0.48 to 0.08",
    )
    with_entropy = Xor(seeded(42), lambda a, y: a - y)
    with_entropy.train(10_000)
    errors = [abs(a - y) for a, (_, y) in zip(with_entropy.outputs(), PATTERNS, strict=True)]
    assert max(errors) < 0.01


def test_the_printed_slope_learns_xor_and_then_breaks(lesson: str) -> None:
    def printed(a: float, y: int) -> float:
        return -(y / a - (1 - y) / (1 - a))

    network = Xor(seeded(42), printed)
    network.train(1000)
    assert max(abs(a - y) for a, (_, y) in zip(network.outputs(), PATTERNS, strict=True)) < 0.01
    with pytest.raises(ZeroDivisionError):  # where NumPy gives nan
        network.train(4000)
    assert network.outputs()[0] == 0.0
    assert min(network.outputs()[1:3]) < 1.0
    says(lesson, "After 1,000 epochs it is all but perfect. After 5,000", "`nan`")


def test_equal_starts_stay_equal(lesson: str) -> None:
    zero = Xor([0.0] * 13, squared)
    zero.train(1000)
    assert (zero.w, zero.v, zero.b, zero.c) == ([[0.0] * 3] * 2, [0.0] * 3, [0.0] * 3, 0.0)
    half = Xor([0.5] * 13, squared)
    half.train(10_000)
    assert len({*half.v}) == len({*half.b}) == 1
    assert half.outputs() == pytest.approx([0.1064, 0.6546, 0.6546, 0.6745], abs=2e-4)
    says(lesson, "Start all at 0.5 instead")


def test_which_seeds_get_stuck(lesson: str) -> None:
    """All forty networks at once, along a first axis."""
    numbers = np.array([seeded(seed) for seed in range(40)])
    w, v = numbers[:, :6].reshape(40, 2, 3), numbers[:, 6:9]
    b, c = numbers[:, 9:12], numbers[:, 12]
    X = np.array([x for x, _ in PATTERNS], dtype=float)
    y = np.array([t for _, t in PATTERNS], dtype=float)
    for _ in range(10_000):
        h = 1 / (1 + np.exp(-(np.einsum("nd,sdh->snh", X, w) + b[:, None])))
        a = 1 / (1 + np.exp(-(np.einsum("snh,sh->sn", h, v) + c[:, None])))
        d = (a - y) * a * (1 - a)
        e = d[:, :, None] * v[:, None] * h * (1 - h)
        v, c = v - 0.1 * np.einsum("sn,snh->sh", d, h), c - 0.1 * d.sum(axis=1)
        w, b = w - 0.1 * np.einsum("nd,snh->sdh", X, e), b - 0.1 * e.sum(axis=1)
    stuck = np.flatnonzero(np.abs(a - y).max(axis=1) > 0.49)
    assert stuck.tolist() == [5, 27, 39]
    assert sorted(np.abs(a - y)[5].round(1)) == [0.1, 0.1, 0.5, 0.5]
    says(lesson, "Of the seeds 0 to 39, three end so: 5, 27 and 39")


def test_the_step_with_three_bugs_breaks_down(exercises: str) -> None:
    """The buggy start as the learner sees it, in the exercises' own text."""
    from nnlib.activations import sigmoid

    source = (FOLDER / "propagation_exercises.py").read_text()
    head = source[source.index("def step(") :]
    stub = "\n".join(re.findall(r"^    #: ?(.*)$", head[: head.index("END SOLUTION")], flags=re.M))
    body = stub.replace("return W1, b1, W2, b2", "")
    rng = np.random.default_rng(0)
    names = {"X": rng.normal(size=(6, 3)), "Y": np.arange(6).reshape(6, 1) % 2, "eta": 0.1}
    names |= {"W1": rng.normal(size=(3, 4)), "b1": np.zeros(4)}
    names |= {"W2": rng.normal(size=(4, 1)), "b2": np.zeros(1), "sigmoid": sigmoid}
    with np.errstate(all="ignore"):
        for _ in range(60):
            exec(body, names)
    assert not np.isfinite(names["W1"]).all()
    says(exercises, "soon becomes `nan`: **three** lines are wrong")
