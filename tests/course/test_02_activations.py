"""The numbers that module 2 quotes are true: each is computed here by other means than the
lesson's, and then looked for in its text."""

from __future__ import annotations

import ast
import importlib.util
import math
import re
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import nnlib as nn
from nnlib.datasets import circles

FOLDER = "solutions/02_activations"


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "activations.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prose(lesson):
    """The lesson's text without its code, on one line."""
    cells = re.split(r"^# %%", lesson, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


@pytest.fixture(scope="module")
def checks(root):
    spec = importlib.util.spec_from_file_location("_checks_02", root / FOLDER / "checks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["_checks_02"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["_checks_02"]


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def wiggled(f, z, h=1e-6):
    return (f(z + h) - f(z - h)) / (2 * h)


def logistic(z):
    return 1 / (1 + math.exp(-z))


# ---------------------------------------------------------------- why non-linearity


def test_two_layers_by_hand(prose):
    W1, b1 = [[1, -2], [3, 1]], [-1, 1]
    W2, b2 = [2, -1], Fraction(1, 2)

    def hidden(x):
        return [sum(x[i] * W1[i][j] for i in range(2)) + b1[j] for j in range(2)]

    def output(a):
        return sum(a[j] * W2[j] for j in range(2)) + b2

    assert hidden((1, 2)) == [6, 1]
    quoted(prose, str(float(output(hidden((1, 2))))))
    # The one layer, found by asking the two.
    b = output(hidden((0, 0)))
    W = [output(hidden((1, 0))) - b, output(hidden((0, 1))) - b]
    assert W == [4, 5]
    quoted(prose, str(float(b)))
    assert output(hidden((1, -1))) == Fraction(-7, 2)
    assert "not −3.5" in prose
    quoted(prose, str(float(output([max(z, 0) for z in hidden((1, -1))]))))
    assert all(min(hidden(x)) > 0 for x in ((1, 2), (0, 3)))


def test_no_line_parts_the_rings_and_tanh_does(prose):
    X, y = circles(200, seed=0)
    sizes = (2, 16, 16, 16, 1)
    quoted(prose, str(sum((a + 1) * b for a, b in pairwise(sizes))))

    def accuracy(activation):
        hidden = [nn.Dense(16, activation=activation) for _ in range(3)]
        model = nn.Sequential([nn.Input((2,)), *hidden, nn.Dense(1, activation="sigmoid")], seed=0)
        model.compile(nn.Adam(learning_rate=0.01), loss="binary_crossentropy")
        model.fit(X, y, epochs=100, batch_size=32, verbose=0)
        return np.mean((model.predict(X, verbose=0)[:, 0] > 0.5) == y)

    assert accuracy("linear") < 0.6  # "a coin"
    assert accuracy("tanh") == 1


# ---------------------------------------------------------------- each function by hand


def test_the_functions_by_hand(prose):
    a = logistic(2)
    quoted(prose, f"{math.exp(-2):.4f}", f"{1 + math.exp(-2):.4f}", f"{a:.4f}", f"{1 - a:.4f}")
    quoted(prose, f"{wiggled(logistic, 2):.4f}")
    e, inverse = math.e, 1 / math.e
    quoted(prose, f"{e:.4f}", f"{inverse:.4f}", f"{e - inverse:.4f}", f"{e + inverse:.4f}")
    quoted(prose, f"{math.tanh(1):.4f}", f"{wiggled(math.tanh, 1):.4f}")
    assert math.isclose(math.tanh(0.7), 2 * logistic(1.4) - 1)
    quoted(prose, f"{math.expm1(-1):.4f}", f"{wiggled(math.expm1, -1):.4f}")
    quoted(prose, f"{wiggled(logistic, 0.5):.4f}")


def test_slopes_and_what_is_left(prose):
    quoted(prose, f"{wiggled(logistic, 5):.4f}", f"{wiggled(logistic, 10, 1e-3):.6f}")
    quoted(prose, f"{wiggled(math.tanh, 3):.4f}")
    grid = np.linspace(-8, 8, 1601)
    slopes = [wiggled(logistic, z) for z in grid]
    assert math.isclose(max(slopes), 0.25, rel_tol=1e-6)
    assert abs(grid[int(np.argmax(slopes))]) < 1e-9
    assert f"{float(Fraction(1, 4) ** 10):.1e}" == "9.5e-07"
    assert r"9.5 \cdot 10^{-7}" in prose


def test_mean_outputs_of_a_normal_pre_activation(prose):
    """By integration, where the lesson draws a million numbers."""
    z = np.linspace(-12, 12, 240_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    quoted(prose, f"{np.sum(density * z.clip(0)):.2f}")
    quoted(prose, f"{np.sum(density * np.where(z > 0, z, np.expm1(z.clip(None, 0)))):.2f}")
    assert math.isclose(np.sum(density * np.tanh(z)), 0, abs_tol=1e-12)


def test_weights_behind_sigmoids_move_together(prose):
    for outputs in ([0.9, 0.6, 0.2], [0.8, -0.2, 0.1]):
        quoted(prose, *(f"{-0.5 * a:g}" for a in outputs))


def test_ten_layers(prose):
    """The gradient at each layer, by complex steps through the layers behind it."""
    rng_like = {"sigmoid": 1, "tanh": 1, "relu": math.sqrt(2)}
    functions = {
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "tanh": np.tanh,
        "relu": lambda z: np.where(z.real > 0, z, 0),
    }
    first, last = {}, {}
    for name, gain in rng_like.items():
        rng, g = np.random.default_rng(0), functions[name]
        A = rng.normal(size=(200, 64))
        weights = [gain * rng.normal(size=(64, 64)) / 8 for _ in range(10)]
        dA = rng.normal(size=(200, 64))
        for layer, found in ((0, first), (9, last)):
            before = A
            for W in weights[:layer]:
                before = g(before @ W)
            Z = before @ weights[layer]
            squares = 0.0
            for unit in range(64):
                moved = Z.astype(complex)
                moved[:, unit] += 1e-30j
                out = g(moved)
                for W in weights[layer + 1 :]:
                    out = g(out @ W)
                squares += np.sum((np.sum(dA * out.imag, axis=1) / 1e-30) ** 2)
            found[name] = math.sqrt(squares / Z.size)
    assert f"{first['sigmoid']:.0e}" == "5e-07"
    assert r"about $5 \cdot 10^{-7}$" in prose
    quoted(prose, f"{last['sigmoid']:.2f}", f"{first['tanh']:.1f} and {first['relu']:.1f}")
    assert 400_000 < last["sigmoid"] / first["sigmoid"] < 500_000
    assert "400,000 times as much" in prose


@pytest.mark.course
def test_dead_units(prose):
    X, y = circles(200, seed=0)

    def run(activation, seed, mistake):
        hidden = nn.Dense(32, activation=activation, kernel_initializer="he_normal")
        layers = [nn.Input((2,)), hidden, nn.Dense(1, activation="sigmoid")]
        model = nn.Sequential(layers, seed=seed)
        model.compile(nn.SGD(learning_rate=10.0), loss="binary_crossentropy")
        model.fit(X, y, epochs=mistake, batch_size=32, verbose=0)
        dead = [dead_units(*hidden.get_weights())]
        model.optimizer.learning_rate = 0.1
        model.fit(X, y, epochs=100, batch_size=32, verbose=0)
        dead.append(dead_units(*hidden.get_weights()))
        return *dead, np.mean((model.predict(X, verbose=0)[:, 0] > 0.5) == y)

    def dead_units(W, b):
        return sum(max(x @ W[:, k] + b[k] for x in X) <= 0 for k in range(len(b)))

    assert run("relu", 0, 0) == (0, 0, 1.0)
    assert run("relu", 0, 5) == (32, 32, 0.5)
    assert "All 32 are dead, and all 32 stay dead" in prose
    assert [run("relu", seed, 5)[2] for seed in range(20)] == [0.5] * 20
    past = sum(run("leaky_relu", seed, 5)[2] > 0.8 for seed in range(20))
    assert 7 <= past <= 13, past
    assert "leaky ReLU in about half" in prose


# ---------------------------------------------------------------- softmax


def test_softmax_by_hand(prose):
    getcontext().prec = 30
    e = [Decimal(k).exp() for k in (2, 1, 0)]
    p = [x / sum(e) for x in e]
    quoted(prose, f"{e[0]:.4f}", f"{e[1]:.4f}", f"{sum(e):.4f}", *(f"{x:.4f}" for x in p))

    def first(z):
        exponentials = [math.exp(x) for x in z]
        return exponentials[0] / sum(exponentials)

    quoted(prose, f"{wiggled(lambda z: first((z, 1, 0)), 2):.4f}")
    quoted(prose, f"{wiggled(lambda z: first((2, z, 0)), 1):.4f}")
    assert math.isclose(first((1.3, 0.4)), logistic(0.9))


def test_squared_error_behind_a_sigmoid(prose):
    quoted(prose, f"{logistic(-6):.4f}")
    quoted(prose, f"{wiggled(lambda z: (logistic(z) - 1) ** 2, -6):.4f}")
    quoted(prose, f"{wiggled(lambda z: -math.log(logistic(z)), -6):.4f}")


# ---------------------------------------------------------------- the answers that are graded by


def test_the_graded_derivatives_are_those_of_the_graded_functions(checks):
    """The references of checks.py, by wiggling each entry."""
    Z = np.array([[-2.31, 0.4], [1.7, -0.52], [0.06, -4.1]])
    functions = {
        "step": checks.step,
        "sigmoid": checks.sigmoid,
        "tanh": checks.tanh,
        "elu": lambda z: checks.elu(z, 1.3),
        **{f"slope {s}": lambda z, s=s: checks.leaky_relu(z, s) for s in (0.0, 0.2, 1.0)},
    }
    for name, function in functions.items():
        expected = (function(Z + 1e-6)[0] - function(Z - 1e-6)[0]) / 2e-6
        assert np.allclose(function(Z)[1], expected, atol=1e-8), name
    p, z = checks.softmax(np.array([0.3, -1.2, 2.0, 0.1])), np.array([0.3, -1.2, 2.0, 0.1])
    columns = [(checks.softmax(z + e) - checks.softmax(z - e)) / 2e-6 for e in 1e-6 * np.eye(4)]
    assert np.allclose(checks.softmax_jacobian(p), np.transpose(columns))


def test_the_graded_functions_are_exact_far_from_zero(checks):
    """Against 60 digits, where doubles overflow on the naive way."""
    getcontext().prec = 60
    for z in (-1000, -700, -36, -3, 3, 36, 700, 1000):
        e = Decimal(z).exp()
        exact = {
            "sigmoid": e / (1 + e),
            "tanh": (e * e - 1) / (e * e + 1),
            "elu": Decimal(z) if z > 0 else Decimal("1.3") * (e - 1),
        }
        got = {
            "sigmoid": checks.sigmoid,
            "tanh": checks.tanh,
            "elu": lambda Z: checks.elu(Z, 1.3),
        }
        for name, value in exact.items():
            a = got[name](np.array([[float(z)]]))[0][0, 0]
            assert math.isclose(a, float(value), rel_tol=1e-12), (name, z)


def test_one_case_in_which_the_dead_can_be_counted_by_eye(checks):
    Z = np.array([[-1.0, 0.5, -0.2, -3.0], [-0.4, -1.2, -0.1, 2.0], [-2.0, 0.3, -0.7, -1.0]])
    assert checks.dead_share(Z) == 0.5


def test_no_submission_can_import_the_answers(checks):
    assert not [name for name in checks.ALLOWED if name.startswith("nnlib")]


# ---------------------------------------------------------------- the lesson's form


def test_the_quiz_has_five_questions_and_explains_every_option(lesson):
    for node in ast.walk(ast.parse(lesson)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "questions":
            questions = ast.literal_eval(node.value)
    assert len(questions) == 5
    for question in questions:
        assert sum(a["correct"] for a in question["answers"]) == 1
        assert len({a["answer"] for a in question["answers"]}) == len(question["answers"])
        assert all(len(a["feedback"]) > 20 for a in question["answers"])


def test_the_quiz_is_right_about_the_slope_of_a_sigmoid(lesson):
    z = math.log(0.9 / 0.1)  # where the sigmoid is 0.9
    for slope in (wiggled(logistic, z), 1 - 0.9**2, wiggled(logistic, 0.9)):
        assert f'"answer": "{slope:.4g}"' in lesson
