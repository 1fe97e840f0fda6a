"""The numbers that module 1 quotes, each computed here in another way than in the lesson."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from nnlib.datasets import blobs, cartoon_cats, gates

MODULE = Path(__file__).parents[2] / "solutions" / "01_perceptron"
AND, OR, XOR = ((0, 0, 0, 1), (0, 1, 1, 1), (0, 1, 1, 0))
CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def text_of(name: str) -> str:
    """A source's text without line breaks and comment signs, so that a sentence is one string."""
    source = (MODULE / name).read_text(encoding="utf-8")
    return " ".join(re.sub(r"^# ?", "", source, flags=re.MULTILINE).split())


@pytest.fixture(scope="module")
def lesson() -> str:
    return text_of("perceptron.py")


@pytest.fixture(scope="module")
def exercises() -> str:
    return text_of("perceptron_exercises.py")


def perceptron(labels, epochs, eta, number):
    """Rosenblatt's rule on a truth table: errors in each epoch, every z, and the final state."""
    eta, zero = number(eta), number(0)
    w1, w2, b = zero, zero, zero
    errors, zs, ends = [], [], []
    for _ in range(epochs):
        wrong = 0
        for (x1, x2), y in zip(CORNERS, labels, strict=True):
            z = w1 * x1 + w2 * x2 + b
            zs.append(z)
            if (z >= 0) == bool(y):
                continue
            wrong += 1
            sign = 1 if y else -1
            w1, w2, b = w1 + sign * eta * x1, w2 + sign * eta * x2, b + sign * eta
        errors.append(wrong)
        ends.append((w1, w2, b))
    return errors, zs, ends


def test_the_walk_by_hand(lesson):
    x, w = ("3", "2", "0.5"), ("0.5", "-1.25", "2")
    terms = [Decimal(a) * Decimal(c) for a, c in zip(x, w, strict=True)]
    assert terms == [Decimal("1.5"), Decimal("-2.5"), Decimal("1")]
    assert sum(terms) + Decimal("-0.5") == Decimal("-0.5")
    assert "= 1.5 - 2.5 + 1 - 0.5 = -0.5$$" in lesson


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ((4, 3), (), (4, 3)),
        ((4, 3), (3,), (4, 3)),
        ((4, 3), (4, 1), (4, 3)),
        ((4,), (4, 1), (4, 4)),
    ],
)
def test_the_broadcasting_table(left, right, result):
    assert np.broadcast_shapes(left, right) == result


def test_four_in_the_last_place_does_not_fit():
    with pytest.raises(ValueError, match="shape mismatch"):
        np.broadcast_shapes((4, 3), (4,))


def test_the_first_epoch_of_and_by_hand(lesson):
    errors, zs, ends = perceptron(AND, 1, 1, Fraction)
    assert zs == [0, -1, -1, -1]
    assert ends == [(1, 1, 0)]
    assert errors == [2]
    assert "| (1, 1) | 1 | −1 | 0 | +1 | (1, 1) | 0 |" in lesson
    assert all(x1 + x2 >= 0 for x1, x2 in CORNERS)  # w = (1, 1), b = 0 says 1 to everything


def test_the_learning_rate_of_the_perceptron_changes_nothing(lesson):
    wanted = [2, 3, 3, 2, 1, 0, 0, 0]
    for eta in ("1", "100", "1/8"):
        assert perceptron(AND, 8, eta, Fraction)[0] == wanted
        assert perceptron(AND, 8, float(Fraction(eta)), float)[0] == wanted
    assert "AND took five epochs with errors" in lesson


def test_a_tenth_needs_two_epochs_fewer_because_it_is_rounded(lesson):
    exact, exact_z, _ = perceptron(AND, 8, "1/10", Fraction)
    rounded, rounded_z, _ = perceptron(AND, 8, 0.1, float)
    assert sum(n > 0 for n in exact) - sum(n > 0 for n in rounded) == 2
    parted = next(k for k in range(32) if (exact_z[k] >= 0) != (rounded_z[k] >= 0))
    assert exact_z[parted] == 0
    assert -1e-15 < rounded_z[parted] < 0
    assert "it needs two epochs *fewer*" in lesson


def test_the_perceptron_runs_in_a_circle_on_xor(lesson):
    errors, _, ends = perceptron(XOR, 1000, 1, Fraction)
    assert errors[-1] == 4
    assert ends[2] == ends[3]  # the same state again: from here on it repeats itself
    assert perceptron(AND, 12, 1, Fraction)[0][-1] == perceptron(OR, 12, 1, Fraction)[0][-1] == 0
    assert "Four of four." in lesson


def test_a_line_gets_three_of_four_and_never_four():
    grid = [Fraction(k, 4) for k in range(-12, 13)]
    best = max(
        sum(
            (w1 * x1 + w2 * x2 + b >= 0) == bool(y)
            for (x1, x2), y in zip(CORNERS, XOR, strict=True)
        )
        for w1, w2, b in product(grid, repeat=3)
    )
    assert best == 3


def test_the_network_for_xor_by_hand(lesson):
    for (x1, x2), y in zip(CORNERS, XOR, strict=True):
        h1, h2 = x1 + x2 - 0.5 >= 0, -x1 - x2 + 1.5 >= 0
        assert (h1 + h2 - 1.5 >= 0) == bool(y)
    assert "OR has $z = 1 + 0 - 0.5 = 0.5$" in lesson
    assert "NAND has $z = -1 - 0 + 1.5 = 0.5$" in lesson


def test_the_numbers_of_parameters(lesson):
    assert 2 * 2 + 2 + 2 * 1 + 1 == 9
    assert 64 * 64 * 3 == 12288
    assert 12288 * 20 + 20 + 20 * 1 + 1 == 245801
    assert r"= 9$ parameters" in lesson
    assert r"245{,}801" in lesson
    assert "12,289 parameters" in lesson


def test_the_losses(lesson):
    assert f"{math.log(2):.4f}" == "0.6931"
    assert f"{math.log(100):.4f}" == "4.6052"
    assert math.log(100) / math.log(2) > 6
    assert "More than six times: 4.6052 against 0.6931." in lesson


def pupils_cost(w: float, b: float) -> float:
    """The cost of the two pupils, written without a sigmoid."""
    return (math.log1p(math.exp(w * 1 + b)) + math.log1p(math.exp(-(w * 3 + b)))) / 2


def test_one_step_of_gradient_descent_by_hand(lesson):
    h = 1e-5
    dw = (pupils_cost(h, 0) - pupils_cost(-h, 0)) / (2 * h)
    db = (pupils_cost(0, h) - pupils_cost(0, -h)) / (2 * h)
    assert dw == pytest.approx(-0.5, abs=1e-8)
    assert db == pytest.approx(0, abs=1e-8)
    losses = math.log1p(math.exp(0.5)), math.log1p(math.exp(-1.5))
    assert [f"{v:.4f}" for v in losses] == ["0.9741", "0.2014"]
    assert [f"{1 / (1 + math.exp(-z)):.4f}" for z in (0.5, 1.5)] == ["0.6225", "0.8176"]
    assert f"{pupils_cost(0.5, 0):.4f}" == "0.5877"
    for quoted in ("(0.6225,\\ 0.8176)", "0.9741", "0.2014", "$0.5877$"):
        assert quoted in lesson


def test_the_bug_is_four_times_too_steep_and_goes_up(lesson):
    h = 1e-5  # the slope of the loss in p, where p is 0.5 for both pupils
    in_p = [(-math.log(1 - 0.5 - h) + math.log(1 - 0.5 + h)) / (2 * h)]
    in_p += [(-math.log(0.5 + h) + math.log(0.5 - h)) / (2 * h)]
    told = (in_p[0] * 1 + in_p[1] * 3) / 2
    assert told == pytest.approx(-2, abs=1e-6)
    assert pupils_cost(-told, 0) > pupils_cost(0, 0)
    assert "4 times too steep, $-2$ in place of $-0.5$" in lesson


def test_where_a_pixel_ends_up(lesson):
    assert np.ravel_multi_index((2, 5, 1), (64, 64, 3)) == 400
    assert r"place $133 \cdot 3 + 1 = 400$" in lesson


def test_standardising_by_hand(lesson):
    sigma = math.sqrt(Fraction(8, 3))
    assert f"{sigma:.4f}" == "1.6330"
    assert f"{2 / sigma:.4f}" == "1.2247"
    assert r"\sqrt{8/3} = 1.6330" in lesson


def test_the_clouds_overlap(lesson):
    X, y = blobs(200, noise=1.2, seed=0)
    inner, outer = X[y == 1], X[y == 0]
    # A point of class 0 inside a triangle of points of class 1: no line separates them.
    rng = np.random.default_rng(0)
    for _ in range(20000):
        corners = inner[rng.integers(len(inner), size=3)]
        point = outer[rng.integers(len(outer))]
        area = np.linalg.det(np.column_stack([corners, np.ones(3)]))
        if abs(area) < 0.1:
            continue
        shares = np.linalg.solve(np.vstack([corners.T, np.ones(3)]), np.append(point, 1))
        if shares.min() > 0.01:
            return
    pytest.fail("the two clouds seem to be separable")


def test_the_cats(lesson):
    """300 steps of gradient descent, in the space of the examples: from zero, w is always a sum of
    examples, so that their products with each other are all that is needed."""
    (train, y), (test, y_test) = cartoon_cats()
    flat, flat_test = (np.array([p.ravel() for p in part], float) for part in (train, test))
    signs = 2.0 * y - 1

    def descend(rows, eta=0.003):
        gram = rows @ rows.T + 1  # the 1 is the bias: the weight of a column of ones
        shares, costs = np.zeros(len(rows)), []
        for _ in range(300):  # the slope of log(1 + exp(-s z)) is -s / (1 + exp(s z))
            shares += eta / len(rows) * signs / (1 + np.exp(signs * (gram @ shares)))
            costs.append(np.logaddexp(0, -signs * (gram @ shares)).mean())
        return shares, costs

    mean, spread = flat.mean(axis=0), flat.std(axis=0)
    scaled, scaled_test = (flat - mean) / spread, (flat_test - mean) / spread
    shares, costs = descend(scaled)
    z, z_test = ((rows @ scaled.T + 1) @ shares for rows in (scaled, scaled_test))
    assert (((z >= 0) == (y == 1)).sum(), len(y)) == (398, 400)
    assert (((z_test >= 0) == (y_test == 1)).sum(), len(y_test)) == (84, 100)
    assert costs[-1] < 0.5 * descend(flat / 255)[1][-1]
    faster = descend(flat / 255, eta=0.005)[1]
    assert max(faster) > 1
    assert min(faster[5:100]) > math.log(2)
    assert "jumps above 1, and 100 steps later it is still above where it began" in lesson
    assert "right about 398 of its 400 training pictures" in lesson
    assert "84, not 99." in lesson
    standard_error = math.sqrt(0.84 * 0.16 / 100)
    assert 0.03 < standard_error < 0.04  # "another hundred would easily give 80 or 88"


@pytest.mark.parametrize("values", [(0, 1), (-1, 1)])
def test_the_lessons_weights_do_xor_for_0_and_1_only(values):
    answers = []
    for x1, x2 in product(values, repeat=2):
        answers.append(int((x1 + x2 - 0.5 >= 0) + (-x1 - x2 + 1.5 >= 0) - 1.5 >= 0))
    assert answers == ([0, 1, 1, 0] if values == (0, 1) else [0, 0, 0, 0])


def test_the_buggy_slopes_have_the_right_db_and_a_wrong_dw():
    source = (MODULE / "perceptron_exercises.py").read_text(encoding="utf-8")
    lines = re.findall(r"^    #: (.*)$", source, flags=re.MULTILINE)
    body = "\n".join("    " + line for line in lines)
    names: dict = {"np": np}
    exec(f"def slopes(x, y, w, b):\n{body}", names)
    x, y, w, b = np.array([1.0, 2.0, 4.0, 5.5]), np.array([0, 1, 0, 1]), 0.4, -1.0

    def cost(w, b):
        return np.mean(np.logaddexp(0, (1 - 2 * y) * (w * x + b)))

    h = 1e-6
    dw = (cost(w + h, b) - cost(w - h, b)) / (2 * h)
    db = (cost(w, b + h) - cost(w, b - h)) / (2 * h)
    got_dw, got_db = names["slopes"](x, y[:, None], w, b)
    assert got_db == pytest.approx(db, abs=1e-8)
    assert abs(got_dw - dw) > 0.05


def test_the_time_that_the_exercises_promise(exercises):
    minutes = [int(m) for m in re.findall(r"about (\d+) minutes, \d", exercises)]
    assert len(minutes) == 9
    assert 80 <= sum(minutes) <= 100
    assert "Nine exercises, 20 points, about an hour and a half." in exercises


def test_what_the_exercises_suggest_to_try_works(monkeypatch):
    """The two snippets in the text, run with the answers of the exercises."""
    monkeypatch.chdir(MODULE)
    source = (MODULE / "perceptron_exercises.py").read_text(encoding="utf-8")
    program = re.sub(r"^check\(.*\)$", "", source, flags=re.MULTILINE)
    names: dict = {}
    exec(compile(program, "perceptron_exercises.py", "exec"), names)
    snippets = re.findall(r"^# ```python\n(.*?)^# ```", source, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 2
    perceptron_snippet, cats = (re.sub(r"^# ?", "", s, flags=re.MULTILINE) for s in snippets)
    exec(perceptron_snippet, names)
    assert names["errors"][-1] == 0
    assert np.array_equal(names["X"], gates("and")[0])
    exec(cats, names)
    assert np.mean(names["guess"] == names["test_labels"]) > 0.75
