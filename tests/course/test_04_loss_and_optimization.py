"""The numbers that module 4 quotes are true: each is computed here by other means than the
lesson's, and then looked for in its text."""

from __future__ import annotations

import ast
import math
import re
from fractions import Fraction

import numpy as np
import pytest

from autograde.build import module as modules
from nnlib.datasets import digits

FOLDER = "solutions/04_loss_and_optimization"
LN10 = math.log(10)


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "loss_and_optimization.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def exercises(root):
    return (root / FOLDER / "loss_and_optimization_exercises.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def module(root):
    return modules.read(root / FOLDER)


@pytest.fixture(scope="module")
def right(module):
    """The right answers by name."""
    return {exercise.name: exercise.reference for exercise in module.exercises}


@pytest.fixture(scope="module")
def pictures():
    return digits(one_hot=True, seed=4)[0]


def words(text):
    """A notebook's text without its code, on one line."""
    cells = re.split(r"^# %%", text, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


@pytest.fixture(scope="module")
def prose(lesson):
    return words(lesson)


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def wiggled(loss, at):
    """The gradient of `loss` at an array, by central differences."""
    gradient = np.zeros(at.shape)
    for i in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[i] = 1e-6
        gradient[i] = (loss(at + step) - loss(at - step)) / 2e-6
    return gradient


# ---------------------------------------------------------------- losses


def test_mean_squared_error_by_hand(prose):
    a, y = [Fraction(5, 2), Fraction(0), Fraction(2)], [Fraction(3), Fraction(-1, 2), Fraction(2)]
    errors = [p - q for p, q in zip(a, y, strict=True)]
    assert errors == [Fraction(-1, 2), Fraction(1, 2), 0]
    quoted(prose, f"{float(sum(e * e for e in errors) / 3):.4f}")
    quoted(prose, *(f"{float(abs(2 * e / 3)):.4f}" for e in errors[:2]))


def test_broadcasting_makes_sixteen_errors(prose):
    pairs = [(a - y) ** 2 for a in (1, 2, 3, 4) for y in (1, 2, 3, 4)]
    assert len(pairs) == 16
    quoted(prose, f"{sum(pairs) / len(pairs):g}, and not 0")


def test_cross_entropies_by_hand(prose):
    quoted(prose, *(f"{-math.log(p):.4f}" for p in (0.9, 0.5, 0.1, 0.01)))
    binary = [-math.log(p) for p in (0.9, 1 - 0.2, 1 - 0.6)]
    quoted(prose, *(f"{c:.4f}" for c in [*binary, sum(binary), sum(binary) / 3]))
    classes = [-math.log(0.7), -math.log(0.3)]
    quoted(prose, *(f"{c:.4f}" for c in [*classes, sum(classes), sum(classes) / 2]))
    quoted(prose, f"{math.log(2):.4f}", f"{LN10:.4f}", f"{LN10 / 10:.4f}")
    quoted(prose, f"{-math.log(1e-7):.1f}")


def test_squared_error_pushes_less(lesson, prose):
    hump = max((2 * p * (1 - p) ** 2, p) for p in np.linspace(0, 1, 1001)[1:-1])
    top, where = hump[0], math.log(hump[1] / (1 - hump[1]))
    assert f"a hump of {top:.1f} near z = {where:.1f}" in lesson
    p = 1 / (1 + math.exp(4))
    strong, weak = p - 1, 2 * (p - 1) * p * (1 - p)
    quoted(
        prose, f"{p:.4f}", f"{abs(strong):.4f}", f"{abs(weak):.4f}", f"{strong / weak:.0f} times"
    )


def test_the_sigmoid_of_40_is_1():
    p = 1 / (1 + np.exp(-40.0))
    assert p == 1


def test_logits_formula_is_the_loss():
    for z in (-3.0, -0.4, 0.7, 5.0):
        for y in (0, 1):
            p = 1 / (1 + math.exp(-z))
            plain = -(y * math.log(p) + (1 - y) * math.log(1 - p))
            assert max(z, 0) - z * y + math.log1p(math.exp(-abs(z))) == pytest.approx(plain)


def test_gradients_of_the_answers_are_those_of_their_losses(right):
    rng = np.random.default_rng(1)
    A, Y = rng.normal(size=(4, 3)), np.eye(3)[[0, 2, 1, 2]]
    P = rng.dirichlet(np.ones(3), size=4)
    p, y = rng.uniform(0.1, 0.9, size=(5, 1)), np.array([[0], [1], [1], [0], [1]])
    for name, at, targets in (
        ("mean_squared_error", A, Y),
        ("softmax_crossentropy", A, Y),
        ("categorical_crossentropy", P, Y),
        ("binary_crossentropy", p, y),
    ):
        loss = right[name]
        gradient = wiggled(lambda x, f=loss, t=targets: f(x, t)[0], at)
        np.testing.assert_allclose(loss(at, targets)[1], gradient, rtol=1e-6, atol=1e-8)


# ---------------------------------------------------------------- gradient descent


def test_gradient_descent_by_hand(prose):
    x, y = (1, 2, 3), (2, 4, 6)

    def loss(w):
        return sum((w * a - b) ** 2 for a, b in zip(x, y, strict=True)) / Fraction(3)

    def slope(w):
        return [2 * a * (w * a - b) for a, b in zip(x, y, strict=True)]

    w = Fraction(1)
    assert slope(w) == [-2, -8, -18]
    quoted(prose, f"{float(loss(w)):.4f}", f"{float(-Fraction(sum(slope(w)), 3)):.4f}")
    w -= Fraction(1, 10) * Fraction(sum(slope(w)), 3)
    quoted(prose, f"{float(w):.4f}", f"{float(loss(w)):.4f}")
    curvature = loss(1) + loss(-1) - 2 * loss(0)
    assert curvature == Fraction(28, 3)
    quoted(prose, f"{float(curvature):.2f}", f"{float(2 / curvature):.4f}")
    for rate in ("0.01", "0.1", "0.2", "0.22"):
        quoted(prose, f"{float(abs(1 - curvature * Fraction(rate))):.3f}")


def test_steps_in_an_epoch(prose, pictures):
    n = len(pictures[0])
    assert 10 * math.ceil(n / 32) == 450
    quoted(prose, "450 steps", f"{n:,} steps of such an epoch")
    assert math.ceil(n / 32) == 45
    full, rest = divmod(1000, 32)
    assert (full + (rest > 0)) * 5 == 160
    assert rest == 8


def test_momentum_by_hand(prose):
    v, seen = Fraction(0), []
    for _ in range(3):
        v = Fraction(9, 10) * v - Fraction(1, 10)
        seen.append(v)
    quoted(prose, *(f"{float(-v):.3g}" for v in seen))
    assert Fraction(1, 10) / (1 - Fraction(9, 10)) == 1


def test_adagrad_and_rmsprop_by_hand(prose):
    s = Fraction(16, 10)
    quoted(prose, f"{0.04 / math.sqrt(16):g}", f"{0.04 / math.sqrt(32):.4f}")
    quoted(prose, f"{0.04 / math.sqrt(s):.4f}")
    s = Fraction(9, 10) * s + Fraction(16, 10)
    quoted(prose, f"{float(s):g}", f"{0.04 / math.sqrt(s):.4f}")


def test_the_first_step_of_adam(prose):
    for g in (1000.0, 1.0, 0.001):
        m, v = 0.1 * g, 0.001 * g * g
        assert (m / 0.1) / math.sqrt(v / 0.001) == pytest.approx(1)
        quoted(prose, f"{m / math.sqrt(v):.2f}")


# ---------------------------------------------------------------- initialisation


def test_the_factor_of_a_layer(prose):
    quoted(prose, f"{math.sqrt(32):.2f}", f"{0.01 * math.sqrt(32):.4f}")
    assert math.sqrt(32) ** 10 == pytest.approx(3e7, rel=0.15)
    assert (0.01 * math.sqrt(32)) ** 10 == pytest.approx(3e-13, rel=0.15)
    quoted(prose, f"{0.05 * math.sqrt(32):.2f}", f"{(0.05 * math.sqrt(32)) ** 6:.4f}")
    quoted(prose, f"{math.sqrt(2 / 64):.3f}")
    assert pytest.approx(1e-6, rel=0.05) == 0.25**10


# ---------------------------------------------------------------- training on the digits


def train(pictures, deviations, rate, batch, steps, every):
    """Losses over all pictures of a ReLU network without nnlib, noted every so many steps.

    `deviations` holds each layer's standard deviation of the weights; the biases start at 0.
    """
    X, Y = pictures
    rng = np.random.default_rng(0)
    sizes = [64, *([32] if len(deviations) == 2 else [64] * (len(deviations) - 1)), 10]
    W = [d * rng.normal(size=(n, m)) for d, n, m in zip(deviations, sizes, sizes[1:], strict=False)]
    b = [np.zeros(w.shape[1]) for w in W]

    def forward(X):
        A = [X]
        for w, c in zip(W, b, strict=True):
            Z = A[-1] @ w + c
            A.append(np.maximum(Z, 0) if w is not W[-1] else Z)
        E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
        return A, E / E.sum(axis=1, keepdims=True)

    losses, order = [], []
    for step in range(steps + 1):
        if step % every == 0:
            losses.append(-np.log(np.maximum(np.sum(forward(X)[1] * Y, axis=1), 1e-12)).mean())
        if not len(order):
            order = rng.permutation(len(X))
        rows, order = order[:batch], order[batch:]
        A, P = forward(X[rows])
        dZ = (P - Y[rows]) / len(rows)
        for layer in reversed(range(len(W))):
            dA = dZ @ W[layer].T
            W[layer] -= rate * A[layer].T @ dZ
            b[layer] -= rate * dZ.sum(axis=0)
            dZ = dA * (A[layer] > 0)
    return losses


HE = (math.sqrt(2 / 64), math.sqrt(1 / 32))
CURVES = {
    "A": {"deviations": HE, "rate": 0.1, "batch": 1},
    "B": {"deviations": (0, 0), "rate": 0.3, "batch": 32},
    "C": {"deviations": HE, "rate": 0.01, "batch": 32},
    "D": {"deviations": HE, "rate": 2, "batch": 32},
}
CAUSES = {"A": "batch of one", "B": "zero weights", "C": "too small", "D": "too large"}


def test_the_four_curves_were_made_as_the_answers_say(exercises, pictures, right):
    """Steps at a large rate, and of single examples, multiply a machine's rounding: of such curves
    the course of it is compared, not each number."""
    assert right["causes"] == CAUSES
    texts = ast.literal_eval(re.search(r"^texts = (\{.*?^\})", exercises, re.M | re.S)[1])
    printed = {name: np.array(text.split(), float) for name, text in texts.items()}
    for name, changed in CURVES.items():
        losses = np.array(train(pictures, steps=300, every=10, **changed))
        assert losses.shape == printed[name].shape == (31,)
        np.testing.assert_allclose(losses[:2], printed[name][:2], atol=0.006)
        if name in "BC":
            np.testing.assert_allclose(losses, printed[name], atol=0.006)
        for curve in (losses, printed[name]):
            rises = np.diff(curve) > 0.006
            assert (curve[-1] < 1.2) == (name == "A")
            assert (np.abs(curve - LN10).max() < 0.02) == (name == "B")
            assert (not rises.any() and curve[-1] < 2) == (name == "C")
            assert (curve.max() > 2.8 and curve[-1] > 2.2) == (name == "D")


def test_full_batch_ends_far_above_small_batches(pictures, prose):
    """Ten epochs at learning rate 0.1, one hidden layer of 64, as the lesson's race."""
    deviations = (math.sqrt(2 / 64), math.sqrt(2 / 74))
    full = train(pictures, deviations, 0.1, len(pictures[0]), 10, 10)[-1]
    small = train(pictures, deviations, 0.1, 32, 450, 450)[-1]
    assert full > 1.7
    assert small < 0.25


def test_losses_of_the_races(prose, pictures):
    """What the lesson quotes of its own runs, from the network that it builds."""
    import nnlib as nn

    def last(optimizer):
        layers = [nn.Input((64,)), nn.Dense(64, activation="relu", kernel_initializer="he_normal")]
        model = nn.Sequential([*layers, nn.Dense(10, activation="softmax")], seed=0)
        model.compile(optimizer=optimizer, loss="categorical_crossentropy")
        return model.fit(*pictures, epochs=10, batch_size=32, verbose=0).history["loss"][-1]

    tuned = last(nn.SGD(0.1))
    assert f"{tuned:.2f}" == "0.17"
    quoted(prose, "0.17")
    assert last(nn.SGD(0.01)) > 1
    best = min(last(o) for o in (nn.SGD(0.01, momentum=0.9), nn.RMSprop(), nn.Adam()))
    assert tuned == pytest.approx(best, rel=0.05)


def test_six_layers_die_explode_or_learn(pictures):
    glorot, he = (math.sqrt(1 / 64),) * 6, (math.sqrt(2 / 64),) * 6
    small = train(pictures, (*(0.05,) * 6, 0.05), 0.05, 32, 450, 45)
    assert np.abs(np.array(small) - LN10).max() < 0.02
    he_loss = train(pictures, (*he, 0.18), 0.05, 32, 450, 450)[-1]
    glorot_loss = train(pictures, (*glorot, 0.16), 0.05, 32, 450, 450)[-1]
    assert he_loss < glorot_loss < 1
    with np.errstate(all="ignore"):
        assert np.isnan(train(pictures, (*(0.5,) * 6, 0.5), 0.05, 32, 45, 45)[-1])


# ---------------------------------------------------------------- the race of four optimisers


def test_what_the_race_is_said_to_show():
    from nnlib.optimizers import SGD, Adam, RMSprop
    from nnlib.plots.surfaces import SURFACES, descend

    def ends(surface, rate, steps):
        loss, gradient, start, *_ = SURFACES[surface]
        racers = {"SGD": SGD(rate), "RMSprop": RMSprop(rate), "Adam": Adam(rate)}
        racers["momentum"] = SGD(rate, momentum=0.9)
        return {k: float(loss(*descend(gradient, r, start, steps)[-1])) for k, r in racers.items()}

    curvature = SURFACES["ravine"][1](0.0, 1.0)[1]
    assert 2 / curvature == pytest.approx(0.08)
    assert ends("ravine", 0.085, 60)["SGD"] > 10 > ends("ravine", 0.075, 60)["SGD"]
    saddle = ends("saddle", 0.05, 25)
    assert max(saddle["RMSprop"], saddle["Adam"]) < min(saddle["SGD"], saddle["momentum"])


# ---------------------------------------------------------------- Keras's conventions


@pytest.fixture(scope="module")
def keras():
    import os
    import warnings

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    return keras


@pytest.mark.keras
def test_the_answers_step_as_keras_does(keras, right):
    rng = np.random.default_rng(5)
    start = rng.normal(size=(4, 3))
    gradients = rng.normal(size=(6, 4, 3)) * 10.0 ** rng.integers(-5, 2, size=(6, 4, 3))
    zeros = np.zeros((4, 3))

    def ours(name, state, rest):
        w = start
        for t, g in enumerate(gradients, start=1):
            step = [t] if name == "adam_step" else []
            w, *state = right[name](w, g, *state, *step, *rest)
        return w

    def theirs(optimizer):
        w = keras.Variable(start, dtype="float64")
        for g in gradients:
            optimizer.apply_gradients([(keras.ops.convert_to_tensor(g, "float64"), w)])
        return w.value.numpy()

    optimizers = keras.optimizers
    for name, state, rest, optimizer in (
        ("sgd_step", [zeros], (0.1, 0.8), optimizers.SGD(0.1, momentum=0.8)),
        ("sgd_step", [zeros], (0.1, 0.0), optimizers.SGD(0.1)),
        ("rmsprop_step", [zeros], (0.01, 0.9, 1e-7), optimizers.RMSprop(0.01)),
        ("adam_step", [zeros, zeros], (0.01, 0.9, 0.999, 1e-7), optimizers.Adam(0.01)),
    ):
        # Keras holds the learning rate in float32, and steps here are as long as 10.
        np.testing.assert_allclose(ours(name, state, rest), theirs(optimizer), atol=1e-6)


@pytest.mark.keras
def test_the_answers_losses_are_keras_losses(keras, right):
    rng = np.random.default_rng(6)
    A, Y = rng.normal(size=(5, 3)), np.eye(3)[[0, 2, 1, 2, 0]]
    P = rng.dirichlet(np.ones(3), size=5)
    p, y = rng.uniform(size=(5, 1)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    p[1] = 0.0
    losses = keras.losses
    for name, prediction, targets, loss in (
        ("mean_squared_error", A, Y, losses.MeanSquaredError()),
        ("binary_crossentropy", p, y, losses.BinaryCrossentropy()),
        ("categorical_crossentropy", P, Y, losses.CategoricalCrossentropy()),
        ("softmax_crossentropy", A, Y, losses.CategoricalCrossentropy(from_logits=True)),
    ):
        got = right[name](prediction, targets)[0]
        assert got == pytest.approx(float(loss(targets, prediction)), rel=1e-5)


# ---------------------------------------------------------------- no answer in reach


def test_what_a_submission_may_import_brings_no_answer(root, module):
    """Imports are followed through the sources, those inside functions included: all that can be
    reached counts."""
    seen: set[str] = set()
    todo = [name for name in module.allowed if name.split(".")[0] == "nnlib"]
    assert "nnlib.plots.learning_curves" in todo
    while todo:
        name = todo.pop()
        place = root.joinpath(*name.split("."))
        if name in seen or not name.startswith("nnlib."):
            continue
        assert not place.is_dir(), f"the whole package {name} is in reach"
        seen.add(name)
        file = place.with_suffix(".py")
        if not file.is_file():  # a name in a module
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                todo += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    assert not seen & {"nnlib.losses", "nnlib.optimizers", "nnlib.initializers", "nnlib.models"}
