"""Optimizers: one step by hand, fifty steps against Keras, convergence, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from nnlib import optimizers

OPTIONS = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.5, "initial_accumulator_value": 0.01, "epsilon": 1e-3}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.02, "rho": 0.8, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.7}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True, "momentum": 0.5, "epsilon": 1e-3}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
]


def identify(value):
    return value if isinstance(value, str) else ",".join(f"{k}={v}" for k, v in value.items())


def bowl(rng):
    """The gradient of a quadratic, with noise of its own at every step."""
    root = rng.normal(size=(6, 6))
    matrix, target = root @ root.T / 6 + np.eye(6), rng.normal(size=6)
    noise = rng.normal(size=(200, 6))
    return lambda w, t: matrix @ (w - target) + 0.3 * noise[t]


def test_one_step_worked_out_by_hand():
    def step(optimizer, times=1):
        w = np.array([1.0])
        for _ in range(times):
            optimizer.apply(np.array([2.0]), w)
        return float(w[0])

    assert step(optimizers.SGD(0.1)) == pytest.approx(0.8)
    # v: -0.2, then 0.9 · -0.2 - 0.2 = -0.38
    assert step(optimizers.SGD(0.1, momentum=0.9), 2) == pytest.approx(1 - 0.2 - 0.38)
    assert step(optimizers.SGD(0.1, momentum=0.9, nesterov=True)) == pytest.approx(1 - 0.18 - 0.2)
    assert step(optimizers.RMSprop(0.1, epsilon=0)) == pytest.approx(1 - 0.2 / np.sqrt(0.4))
    adagrad = optimizers.Adagrad(0.1, initial_accumulator_value=0, epsilon=0)
    assert step(adagrad, 2) == pytest.approx(1 - 0.1 - 0.1 / np.sqrt(2))
    # ε inside the root for these two, outside for Adam: 4 + 12 = 16
    assert step(optimizers.RMSprop(0.1, rho=0, epsilon=12)) == pytest.approx(1 - 0.2 / 4)
    adagrad = optimizers.Adagrad(0.1, initial_accumulator_value=0, epsilon=12)
    assert step(adagrad) == pytest.approx(1 - 0.2 / 4)
    assert step(optimizers.Adam(0.1, 0.0, 0.0, epsilon=2)) == pytest.approx(1 - 0.2 / 4)
    # with the bias corrected, Adam's first steps are of size η whatever the gradient
    assert step(optimizers.Adam(0.1, epsilon=0), 3) == pytest.approx(0.7)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=identify)
def test_every_optimizer_finds_the_bottom_of_a_bowl(name, options):
    w = np.array([3.0, -2.0])
    optimizer = getattr(optimizers, name)(**options | {"learning_rate": 0.05})
    for _ in range(3000):
        optimizer.apply(w * [1.0, 3.0], w)
    assert np.abs(w).max() < 0.1


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=identify)
def test_the_step_is_in_place_and_leaves_the_gradient_alone(name, options):
    w, g = np.array([1.0, 2.0], "float32"), np.array([0.5, -1.0], "float32")
    kept = g.copy()
    optimizer = getattr(optimizers, name)(**options)
    for _ in range(3):
        assert optimizer.apply(g, w) is None
    np.testing.assert_array_equal(g, kept)
    assert w.dtype == np.float32
    assert w[0] < 1
    assert w[1] > 2
    assert optimizer.iterations == 3
    assert all(slot.dtype == np.float32 for slot in optimizer.slots.values())


def test_the_learning_rate_may_change():
    w, optimizer = np.array([1.0]), optimizers.SGD(0.1)
    optimizer.apply(np.array([1.0]), w)
    optimizer.learning_rate = 0.5
    optimizer.apply(np.array([1.0]), w)
    assert w[0] == pytest.approx(0.4)


def test_the_learning_rate_may_be_a_function_of_the_step():
    w, optimizer = np.array([0.0]), optimizers.SGD(lambda step: 10.0**-step)
    for _ in range(3):
        optimizer.apply(np.array([-1.0]), w)
    assert w[0] == pytest.approx(1.11)
    assert optimizer.current_learning_rate() == pytest.approx(0.001)


def test_get():
    for name, cls in [("sgd", "SGD"), ("adagrad", "Adagrad"), ("RMSprop", "RMSprop"), ("adam",
    "Adam")]:  # fmt: skip
        assert type(optimizers.get(name)).__name__ == cls
    optimizer = optimizers.Adam()
    assert optimizers.get(optimizer) is optimizer


def another_vector():
    optimizer = optimizers.Adam()
    optimizer.apply(np.ones(2), np.ones(2))
    optimizer.apply(np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optimizers.get("adma"), ValueError, "Unknown optimizer 'adma'. Did you mean 'adam'?"),
        (lambda: optimizers.get("lbfgs"), ValueError, "Known names: adagrad, adam, rmsprop, sgd."),
        (lambda: optimizers.get(0.1), TypeError, "Expected the name of an optimizer (such as 'sgd')"),
        (lambda: optimizers.SGD(-0.1), ValueError, "SGD(learning_rate): expected a number at least 0, not -0.1"),
        (lambda: optimizers.SGD("fast"), TypeError, "SGD(learning_rate): expected a number, but received 'fast'"),
        (lambda: optimizers.SGD(float("nan")), ValueError, "SGD(learning_rate)"),
        (lambda: optimizers.SGD(momentum=1.5), ValueError, "SGD(momentum): expected a number at least 0 and at most 1"),
        (lambda: optimizers.Adam(beta_1=1), ValueError, "Adam(beta_1): expected a number at least 0 and below 1"),
        (lambda: optimizers.RMSprop(rho=-1), ValueError, "RMSprop(rho)"),
        (lambda: optimizers.Adagrad(epsilon=-1), ValueError, "Adagrad(epsilon)"),
        (lambda: optimizers.SGD().apply(np.ones(3), np.ones(2)), ValueError, "expected a gradient of shape (2,), that of the parameters, but received shape (3,)"),
        (lambda: optimizers.SGD().apply(np.ones((2, 2)), np.ones((2, 2))), ValueError, "one flat vector of floats, but received shape (2, 2)"),
        (lambda: optimizers.SGD().apply(np.ones(2), np.ones(2, int)), ValueError, "and dtype int64"),
        (another_vector, ValueError, "Adam: this optimizer remembers the steps of another set of parameters"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


# Keras rounds SGD's momentum and Adam's betas to float32 even where it computes in float64. Numbers
# that are exact in binary lose nothing by that, so with them the last digits can be compared.
EXACT = [
    ("SGD", {"learning_rate": 0.1, "momentum": 0.875}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.875, "nesterov": True}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.875, "beta_2": 0.9375}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.99609375, "epsilon": 1e-3}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.875, "beta_2": 0.9375, "amsgrad": True}),
]


@pytest.mark.keras
@pytest.mark.parametrize(("name", "options"), [*OPTIONS, *EXACT], ids=identify)
def test_fifty_steps_are_those_of_keras_in_float64(name, options, keras64, rng):
    rounded = (name, options) not in EXACT and (name == "Adam" or ("SGD" in name and options))
    compare_fifty_steps(name, options, "float64", 1e-5 if rounded else 1e-9, keras64, rng)


@pytest.mark.keras
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=identify)
def test_fifty_steps_are_those_of_keras_in_float32(name, options, keras, rng):
    compare_fifty_steps(name, options, "float32", 1e-5, keras, rng)


def compare_fifty_steps(name, options, dtype, rtol, keras, rng):
    gradient = bowl(rng)
    ours = rng.normal(size=6).astype(dtype)
    variable = keras.Variable(ours.copy())
    optimizer = getattr(optimizers, name)(**options)
    theirs = getattr(keras.optimizers, name)(**options)
    for option in inspect.signature(type(optimizer)).parameters:
        default = float(getattr(theirs, option))
        assert getattr(optimizer, option) == pytest.approx(default), option
    for t in range(50):
        optimizer.apply(gradient(ours, t).astype(dtype), ours)
        theirs.apply([gradient(np.asarray(variable), t).astype(dtype)], [variable])
        np.testing.assert_allclose(ours, variable, rtol=rtol, atol=rtol, err_msg=f"step {t + 1}")
