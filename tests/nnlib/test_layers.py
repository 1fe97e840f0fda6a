"""Layers: equations by hand, gradient checks, Keras, shapes, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import layers, regularizers
from nnlib.gradcheck import check_layer

# A layer, the shape of one example, and whether to check the training mode.
LAYERS = {
    "Dense": (lambda: layers.Dense(4), (3,), False),
    "Dense, tanh": (lambda: layers.Dense(4, "tanh"), (3,), False),
    "Dense, softmax": (lambda: layers.Dense(4, "softmax"), (3,), False),
    "Dense, relu": (lambda: layers.Dense(4, "relu"), (3,), False),
    "Dense, no bias": (lambda: layers.Dense(4, "sigmoid", use_bias=False), (3,), False),
    "Dense, penalties": (
        lambda: layers.Dense(4, "elu", kernel_regularizer=regularizers.L1L2(0.125, 0.25), bias_regularizer=regularizers.L2(0.5), bias_initializer="random_normal"),
        (3,),
        False,
    ),
    "Activation": (lambda: layers.Activation("leaky_relu"), (3,), False),
    "Activation, softmax": (lambda: layers.Activation("softmax"), (3,), False),
    "Flatten": (lambda: layers.Flatten(), (2, 3, 2), False),
    "Dropout": (lambda: layers.Dropout(0.4, seed=1), (6,), True),
    "Dropout, inference": (lambda: layers.Dropout(0.4), (6,), False),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_backward_agrees_with_finite_differences(name, rng):
    make, shape, training = LAYERS[name]
    report = check_layer(make(), rng.normal(size=(5, *shape)), training=training)
    assert report.worst.relative_error < 1e-6, str(report)


@pytest.mark.parametrize("name", LAYERS)
def test_what_every_layer_promises(name, rng):
    make, shape, training = LAYERS[name]
    layer, x = make(), rng.normal(size=(5, *shape)).astype("float32")
    kept = x.copy()
    y = layer.forward(x, training=training)
    np.testing.assert_array_equal(x, kept)
    assert y.dtype == np.float32
    assert (None, *y.shape[1:]) == layer.compute_output_shape((None, *shape))

    dy = rng.normal(size=y.shape).astype("float32")
    dy_kept, first = dy.copy(), y.copy()
    dx = layer.backward(dy)
    np.testing.assert_array_equal(dy, dy_kept)
    np.testing.assert_array_equal(x, kept)
    assert dx.dtype == np.float32
    assert dx.shape == x.shape

    # what was returned stays as it is, whatever comes after
    first_dx = dx.copy()
    layer.backward(layer.forward(rng.normal(size=(5, *shape)), training=training))
    np.testing.assert_array_equal(y, first)
    np.testing.assert_array_equal(dx, first_dx)

    # the gradient of the parameters is written anew, not added up
    names = layer.trainable_names
    layer.forward(x)
    layer.backward(dy)
    once = [layer.arrays[f"d_{n}"].copy() for n in names]
    layer.forward(x)
    layer.backward(dy)
    for n, gradient in zip(names, once, strict=True):
        np.testing.assert_array_equal(layer.arrays[f"d_{n}"], gradient)


def test_dense_by_hand():
    layer = layers.Dense(2, "relu")
    layer.build((None, 2))
    layer.kernel, layer.bias = [[1.0, -1.0], [2.0, 1.0]], [0.5, -4.0]
    np.testing.assert_array_equal(layer.forward([[1, 2], [3, 0]]), [[5.5, 0], [3.5, 0]])
    np.testing.assert_array_equal(layer.z, [[5.5, -3], [3.5, -7]])
    np.testing.assert_array_equal(layer.backward([[1.0, 9.0], [2.0, 9.0]]), [[1, 2], [2, 4]])
    np.testing.assert_array_equal(layer.d_kernel, [[7, 0], [2, 0]])
    np.testing.assert_array_equal(layer.d_bias, [3, 0])


def test_a_layer_takes_its_numbers_from_the_generator_of_build():
    one, two, other = layers.Dense(4), layers.Dense(4), layers.Dense(4)
    one.build((None, 3), np.random.default_rng(1))
    two.build((None, 3), np.random.default_rng(1))
    other.build((None, 3), np.random.default_rng(2))
    np.testing.assert_array_equal(one.kernel, two.kernel)
    assert (one.kernel != other.kernel).any()
    np.testing.assert_array_equal(one.bias, np.zeros(4))


def test_assigning_a_weight_fills_the_array_that_is_there():
    layer = layers.Dense(2)
    layer.build((None, 3))
    array = layer.kernel
    layer.kernel = np.ones((3, 2))
    assert layer.kernel is array
    assert (array == 1).all()


def test_dropout_keeps_the_mean_and_drops_the_share():
    x = np.ones((400, 500))
    layer = layers.Dropout(0.3, seed=0, dtype="float64")
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.7])
    # 200,000 draws: 5 standard errors are 0.005
    assert abs((y == 0).mean() - 0.3) < 0.005
    dy = np.full_like(x, 2.0)
    np.testing.assert_array_equal(layer.backward(dy), 2 * y)
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(dy), dy)


def test_dropout_masks_differ_between_steps_and_repeat_with_the_seed():
    x = np.ones((10, 10))
    one, two = layers.Dropout(0.5, seed=3), layers.Dropout(0.5, seed=3)
    first, second = one(x, training=True), one(x, training=True)
    assert (first != second).any()
    np.testing.assert_array_equal(two(x, training=True), first)
    np.testing.assert_array_equal(two(x, training=True), second)
    np.testing.assert_array_equal(layers.Dropout(0)(x, training=True), x)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 3))
def test_flatten_keeps_every_number_in_order(shape, batch):
    x = np.arange(batch * np.prod(shape), dtype="float32").reshape(batch, *shape)
    layer = layers.Flatten()
    y = layer.forward(x)
    assert y.shape == (batch, np.prod(shape))
    np.testing.assert_array_equal(y.ravel(), x.ravel())
    np.testing.assert_array_equal(layer.backward(y), x)


def test_weights_out_and_in(rng):
    layer, twin = layers.Dense(4), layers.Dense(4)
    layer.build((None, 3))
    twin.build((None, 3))
    weights = layer.get_weights()
    weights[0] += 1
    assert (layer.kernel != weights[0]).all()  # a copy
    twin.set_weights(weights)
    np.testing.assert_array_equal(twin.kernel, weights[0])
    assert layer.count_params() == 16


class Scale(layers.Layer):
    """y = a x, with a learned: what a learner would write."""

    a = layers.Weight()
    d_a = layers.Weight()

    def build(self, input_shape, rng=None):
        from nnlib.initializers import Constant

        super().build(input_shape, rng)
        self.add_weight("a", (input_shape[-1],), Constant(2.0))

    def compute_output_shape(self, input_shape):
        return input_shape

    def forward(self, x, training=False):
        x = self.receive(x)
        return self.keep(self.a * x, x)

    def backward(self, dy):
        dy, x = self.recall(dy)
        self.d_a = (dy * x).sum(axis=0)
        return dy * self.a


def test_a_layer_of_ones_own(rng):
    layer = Scale()
    assert layer.name == "scale"
    np.testing.assert_array_equal(layer([[1.0, 3.0]]), [[2.0, 6.0]])
    assert check_layer(Scale(), rng.normal(size=(5, 3))).passed


def built_dense():
    layer = layers.Dense(2, name="hidden")
    layer.build((None, 3))
    return layer


def backward_with(dy):
    layer = built_dense()
    layer.forward(np.ones((4, 3)))
    layer.backward(dy)


def assign(value):
    built_dense().kernel = value


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Dense(0), ValueError, "Dense(units): expected at least 1, but received 0"),
        (lambda: layers.Dense(2.5), TypeError, "Dense(units): expected a whole number, but received 2.5"),
        (lambda: layers.Dense(True), TypeError, "Dense(units): expected a whole number, but received True"),
        (lambda: layers.Dense(2, "rellu"), ValueError, "Unknown activation 'rellu'. Did you mean 'relu'?"),
        (lambda: layers.Dense(2, kernel_initializer="glorot"), ValueError, "Unknown initializer 'glorot'"),
        (lambda: layers.Dense(2, kernel_regularizer="l3"), ValueError, "Unknown regularizer 'l3'. Known names: l1, l1_l2, l2."),
        (lambda: layers.Dense(2, dtype="int32"), ValueError, "Dense(dtype): expected 'float32' or 'float64', but received 'int32'"),
        (lambda: layers.Dense(2, dtype="flaot"), ValueError, "Dense(dtype): expected 'float32' or 'float64'"),
        (lambda: layers.Dense(2, name=3), TypeError, "Dense(name): expected a string, not 3"),
        (lambda: built_dense().forward(np.ones((4, 5))), ValueError, "hidden: expected input of shape (None, 3) (None is the batch), but received shape (4, 5)"),
        (lambda: built_dense().forward(np.ones(3)), ValueError, "hidden: expected a batch of inputs, of shape (batch, ...), but received shape (3,). A single example needs a first axis of 1: x[None]."),
        (lambda: built_dense().build((None, 4)), ValueError, "hidden: is already built, for inputs of shape (None, 3)."),
        (lambda: built_dense().forward([["a", "b", "c"]]), TypeError, "hidden: expected real numbers, but received dtype <U1"),
        (lambda: layers.Dense(2)(np.ones((4, 8, 8))), ValueError, "dense: expected input of shape (batch, features), but received (None, 8, 8). Put a Flatten() layer before it"),
        (lambda: layers.Dense(2)(np.ones(3)), ValueError, "dense: expected a batch of inputs"),
        (lambda: layers.Dense(2).build((None,)), ValueError, "dense: expected input of shape (batch, features), but received (None,)"),
        (lambda: built_dense().backward(np.ones((4, 2))), RuntimeError, "hidden: backward needs a forward pass before it"),
        (lambda: backward_with(np.ones((4, 3))), ValueError, "hidden: expected dy of shape (4, 2), that of the latest output, but received shape (4, 3)"),
        (lambda: backward_with(1.0), ValueError, "hidden: expected dy of shape (4, 2)"),
        (lambda: layers.Dense(2).kernel, AttributeError, "dense.kernel does not exist before the layer knows its input"),
        (lambda: assign(np.ones((2, 3))), ValueError, "hidden.kernel: expected shape (3, 2), but received shape (2, 3)"),
        (lambda: assign(1.0), ValueError, "hidden.kernel: expected shape (3, 2), but received shape ()"),
        (lambda: built_dense().set_weights([np.ones((3, 2))]), ValueError, "hidden: expected 2 arrays (kernel, bias), but received 1"),
        (lambda: built_dense().set_weights([np.ones((2, 3)), np.ones(2)]), ValueError, "hidden.kernel: expected shape (3, 2), but received shape (2, 3)"),
        (lambda: layers.Dropout(1.0), ValueError, "Dropout(rate): expected a number at least 0 and below 1, not 1.0"),
        (lambda: layers.Dropout("half"), TypeError, "Dropout(rate): expected a number, but received 'half'"),
        (lambda: layers.Activation("swich"), ValueError, "Unknown activation 'swich'"),
        (lambda: layers.Input(8), TypeError, "Input(shape): expected a tuple such as (8,), but received 8"),
        (lambda: layers.Input(()), ValueError, "Input(shape): expected at least one axis"),
        (lambda: layers.Input((8, 0)), ValueError, "Input(shape): expected at least 1, but received 0"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [n for n in LAYERS if "Dropout" not in n])
def test_outputs_and_gradients_are_those_of_keras(name, dtype, keras_in, rng):
    import tensorflow as tf

    keras = keras_in(dtype)
    make, shape, _ = LAYERS[name]
    ours = make()
    ours.dtype = np.dtype(dtype)
    if isinstance(ours, layers.Dense):
        theirs = keras.layers.Dense(
            ours.units,
            ours.activation.__name__,
            use_bias=ours.use_bias,
            kernel_regularizer=keras.regularizers.L1L2(0.125, 0.25)
            if "penalties" in name
            else None,
            bias_regularizer=keras.regularizers.L2(0.5) if "penalties" in name else None,
        )
    elif isinstance(ours, layers.Activation):
        theirs = keras.layers.Activation(ours.activation.__name__)
    else:
        theirs = keras.layers.Flatten()
    x = rng.normal(size=(7, *shape)).astype(dtype)
    ours.build((None, *shape), rng)
    theirs.build((None, *shape))
    theirs.set_weights(ours.get_weights())

    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        y = theirs(tensor)
        dy = rng.normal(size=y.shape).astype(dtype)
        scalar = tf.reduce_sum(dy * y) + sum(theirs.losses)
    expected_dx, *expected = tape.gradient(scalar, [tensor, *theirs.trainable_weights])

    # leaky_relu's slope is held in float32 by TensorFlow
    rtol = 1e-5 if dtype == "float32" else 2e-8 if "Activation" in name else 1e-9
    np.testing.assert_allclose(ours.forward(x), y, rtol=rtol, atol=rtol / 10)
    np.testing.assert_allclose(ours.backward(dy), expected_dx, rtol=rtol, atol=rtol / 10)
    np.testing.assert_allclose(ours.penalty(), float(sum(theirs.losses)), rtol=rtol)
    assert len(expected) == len(ours.trainable_names)
    for weight, gradient in zip(ours.trainable_names, expected, strict=True):
        np.testing.assert_allclose(ours.arrays[f"d_{weight}"], gradient, rtol=rtol, atol=rtol / 10)
