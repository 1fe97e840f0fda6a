"""Activation functions: values, derivatives, stability, dtypes, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import activations

NAMES = ["step", "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softmax"]
SMOOTH_AWAY_FROM_ZERO = [name for name in NAMES if name != "softmax"]

rows = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.floats(-50, 50),
)


@pytest.mark.parametrize(
    ("name", "z", "expected"),
    [
        ("step", [-0.5, 0, 2], [0, 1, 1]),
        ("linear", [-0.5, 0, 2], [-0.5, 0, 2]),
        ("sigmoid", [0, np.log(3), -np.log(3)], [0.5, 0.75, 0.25]),
        ("tanh", [0, np.log(2)], [0, 0.6]),
        ("relu", [-3, 0, 2], [0, 0, 2]),
        ("leaky_relu", [-3, 0, 2], [-0.6, 0, 2]),
        ("elu", [-np.log(2), 0, 2], [-0.5, 0, 2]),
        ("softmax", [0, np.log(3)], [0.25, 0.75]),
    ],
)
def test_values_worked_out_by_hand(name, z, expected):
    np.testing.assert_allclose(activations.get(name)(z), expected, atol=1e-15)


def test_parameters_of_leaky_relu_and_elu():
    np.testing.assert_allclose(activations.leaky_relu([-2.0], negative_slope=0.1), [-0.2])
    np.testing.assert_allclose(activations.elu([-np.log(2)], alpha=3), [-1.5])
    z, dy = np.array([-2.0, 1.0]), np.array([3.0, 5.0])
    y = activations.leaky_relu(z, 0.1)
    np.testing.assert_allclose(activations.leaky_relu_backward(dy, z, y, 0.1), [0.3, 5.0])
    y = activations.elu(z, 3)
    expected = [3 * 3 * np.exp(-2), 5.0]
    np.testing.assert_allclose(activations.elu_backward(dy, z, y, 3), expected)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_derivative_along_any_direction(name, rng):
    f = activations.get(name)
    z = rng.normal(size=(5, 3))
    z = np.where(np.abs(z) < 0.1, 0.5, z)  # away from the kinks at 0
    dy, v, h = rng.normal(size=z.shape), rng.normal(size=z.shape), 1e-6
    numerical = (dy * (f(z + h * v) - f(z - h * v))).sum() / (2 * h)
    analytic = (activations.backward_of(f)(dy, z, f(z)) * v).sum()
    np.testing.assert_allclose(analytic, numerical, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", SMOOTH_AWAY_FROM_ZERO)
def test_derivative_is_the_slope(name):
    f, h = activations.get(name), 1e-6
    z = np.array([-2.5, -0.3, 0.4, 3.0])
    slope = (f(z + h) - f(z - h)) / (2 * h)
    np.testing.assert_allclose(activations.derivative(name, z), slope, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(activations.derivative(f, z), slope, rtol=1e-8, atol=1e-9)


def test_derivatives_at_the_kink():
    at_zero = {name: float(activations.derivative(name, 0.0)) for name in SMOOTH_AWAY_FROM_ZERO}
    assert at_zero == {
        "step": 0.0,
        "linear": 1.0,
        "sigmoid": 0.25,
        "tanh": 1.0,
        "relu": 0.0,
        "leaky_relu": 0.2,
        "elu": 1.0,
    }


@given(rows)
def test_softmax_jacobian_is_the_matrix_of_partial_derivatives(z):
    z = z / 10
    jacobian, h = activations.softmax_jacobian(z), 1e-5
    for j in range(z.shape[1]):
        e = np.zeros(z.shape[1])
        e[j] = h
        column = (activations.softmax(z + e) - activations.softmax(z - e)) / (2 * h)
        np.testing.assert_allclose(jacobian[..., j], column, atol=1e-9)


def test_softmax_has_no_elementwise_derivative():
    with pytest.raises(ValueError, match=r"derivative is a matrix. Use softmax_jacobian\(z\)"):
        activations.derivative("softmax", [1.0, 2.0])


@given(rows, st.floats(-1000, 1000))
def test_softmax_does_not_change_when_a_row_is_shifted(z, c):
    np.testing.assert_allclose(activations.softmax(z + c), activations.softmax(z), atol=1e-12)


@given(rows)
def test_softmax_rows_are_distributions(z):
    p = activations.softmax(z)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-14)


@given(rows)
def test_sigmoid_and_tanh_are_symmetric_and_related(z):
    sigmoid, tanh = activations.sigmoid, activations.tanh
    np.testing.assert_allclose(sigmoid(-z), 1 - sigmoid(z), atol=1e-15)
    np.testing.assert_allclose(tanh(z), 2 * sigmoid(2 * z) - 1, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exact_and_silent_far_out(name, dtype):
    z = np.array([[-1000, 1000], [1e30, -1e30], [1000, 1000]], dtype)
    f = activations.get(name)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        y = f(z)
        dz = activations.backward_of(f)(np.ones_like(y), z, y)
    assert np.isfinite(y).all()
    assert np.isfinite(dz).all()
    assert y.dtype == dz.dtype == dtype
    limits = {"sigmoid": [0, 1], "tanh": [-1, 1], "softmax": [0, 1], "elu": [-1, 1000]}
    if name in limits:
        np.testing.assert_array_equal(y[0], np.array(limits[name], dtype))


def test_sigmoid_keeps_its_digits_where_it_is_tiny():
    # 1 / (1 + e^40) to 17 digits, from exact arithmetic
    np.testing.assert_allclose(activations.sigmoid(-40.0), 4.2483542552915889e-18, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_dtypes_shapes_and_no_aliasing(name):
    f = activations.get(name)
    for dtype in ("float16", "float32", "float64"):
        assert f(np.ones((2, 3), dtype)).dtype == dtype
    assert f([[1, 2, 3]]).dtype == np.float64
    assert f([True, False]).dtype == np.float64
    z = np.array([[-1.0, 0.5], [2.0, -3.0]])
    kept, y = z.copy(), f(z)
    assert y.shape == z.shape
    y += 1
    np.testing.assert_array_equal(z, kept)
    dy = np.ones_like(z)
    dz = activations.backward_of(f)(dy, z, f(z))
    dz += 1
    np.testing.assert_array_equal(dy, np.ones_like(z))


def test_get():
    assert activations.get("relu") is activations.relu
    assert activations.get(activations.relu) is activations.relu
    assert activations.get(None) is activations.linear


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: activations.get("rellu"), ValueError, "Unknown activation 'rellu'. Did you mean 'relu'?"),
        (lambda: activations.get("swish!"), ValueError, "Known names: elu, leaky_relu, linear, relu,"),
        (lambda: activations.get(3), TypeError, "received 3 of type int"),
        (lambda: activations.get(np.sin), ValueError, "'sin' has no backward rule"),
        (lambda: activations.relu(["a"]), TypeError, "expected real numbers, but received dtype <U1"),
        (lambda: activations.relu([1j]), TypeError, "expected real numbers, but received dtype complex"),
        (lambda: activations.relu([[1, 2], [3]]), ValueError, "the rows differ in length"),
        (lambda: activations.softmax(3.0), ValueError, "at least one axis"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.keras
@pytest.mark.parametrize("name", [n for n in NAMES if n != "step"])
def test_values_and_gradients_are_those_of_keras(name, keras64, rng):
    import tensorflow as tf

    z, dy = 3 * rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    z[0, 0] = 0
    x = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(keras64.activations, name)(x)
    f = activations.get(name)
    # TensorFlow holds leaky_relu's slope in float32, whatever the dtype of z
    rtol = 2e-8 if name == "leaky_relu" else 1e-12
    np.testing.assert_allclose(f(z), y, rtol=rtol, atol=1e-15)
    dz = activations.backward_of(f)(dy, z, f(z))
    np.testing.assert_allclose(dz, tape.gradient(y, x, dy), rtol=rtol, atol=1e-15)
