"""Convolution and pooling: against plain loops, SciPy, finite differences and Keras; shapes, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

import nnlib as nn
from nnlib import layers
from nnlib.gradcheck import check_layer

CONV = [
    {"kernel_size": 3},
    {"kernel_size": (3, 2), "strides": (2, 1), "activation": "tanh"},
    {"kernel_size": (2, 3), "strides": 2, "padding": "same", "use_bias": False},
    {"kernel_size": 3, "padding": "same", "activation": "relu"},
    {"kernel_size": 1},
    {"kernel_size": 2, "strides": 3, "padding": "same"},
    {"kernel_size": (7, 6)},
]
POOL = [
    {"pool_size": 2},
    {"pool_size": 3, "strides": 2},
    {"pool_size": 3, "strides": 2, "padding": "same"},
    {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"},
    {"pool_size": 2, "strides": 3},
]


def naive_windows(x, size, strides, padding, fill):
    """For each output place, the window of the padded image; by the definition of Keras's docs."""
    _, height, width, _ = x.shape
    if padding == "same":
        rows, columns = math.ceil(height / strides[0]), math.ceil(width / strides[1])
        down = max((rows - 1) * strides[0] + size[0] - height, 0)
        across = max((columns - 1) * strides[1] + size[1] - width, 0)
        edges = ((0, 0), (down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
        x = np.pad(x, edges, constant_values=fill)
    else:
        rows, columns = (height - size[0]) // strides[0] + 1, (width - size[1]) // strides[1] + 1
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides[0], j * strides[1]
            yield i, j, x[:, top : top + size[0], left : left + size[1]]


def naive_conv(x, layer):
    out = {}
    for i, j, window in naive_windows(x, layer.kernel_size, layer.strides, layer.padding, 0):
        for f in range(layer.filters):
            out[i, j, f] = (window * layer.kernel[..., f]).sum(axis=(1, 2, 3))
    shape = tuple(n + 1 for n in max(out))
    y = np.array([out[index] for index in np.ndindex(shape)]).reshape(*shape, -1)
    return np.moveaxis(y, -1, 0)


def test_convolution_by_hand():
    layer = layers.Conv2D(1, 2)
    layer.build((None, 3, 3, 1))
    layer.kernel = np.array([[1, 0], [0, -1]]).reshape(2, 2, 1, 1)
    layer.bias = [10]
    x = np.arange(9).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(layer(x)[0, :, :, 0], [[6, 6], [6, 6]])
    dx = layer.backward(np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[1, 2, 0], [3, 3, -2], [0, -3, -4]])
    np.testing.assert_array_equal(layer.d_bias, [10])
    # Σ dy · x over the four places: 1·0 + 2·1 + 3·3 + 4·4 for the upper left weight
    np.testing.assert_array_equal(layer.d_kernel[:, :, 0, 0], [[27, 37], [57, 67]])


def test_pooling_by_hand():
    x = np.array([[1, 5, 2, 0], [3, 4, 1, 1], [0, 0, 9, 8], [0, 7, 6, 9]]).reshape(1, 4, 4, 1)
    dy = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    largest, mean = layers.MaxPooling2D(), layers.AveragePooling2D(2)
    np.testing.assert_array_equal(largest(x)[0, :, :, 0], [[5, 2], [7, 9]])
    np.testing.assert_array_equal(mean(x)[0, :, :, 0], [[3.25, 1], [1.75, 8]])
    expected = [[0, 1, 2, 0], [0, 0, 0, 0], [0, 0, 4, 0], [0, 3, 0, 0]]  # of two nines, the first
    np.testing.assert_array_equal(largest.backward(dy)[0, :, :, 0], expected)
    np.testing.assert_array_equal(
        mean.backward(dy)[0, :, :, 0], np.kron([[1, 2], [3, 4]], np.full((2, 2), 0.25))
    )


@pytest.mark.parametrize("options", CONV, ids=str)
def test_convolution_is_that_of_plain_loops(options, rng):
    layer = layers.Conv2D(4, **options | {"activation": None, "dtype": "float64"})
    x = rng.normal(size=(2, 7, 6, 3))
    y = layer(x)
    np.testing.assert_allclose(y, naive_conv(x, layer), rtol=1e-12, atol=1e-12)
    assert (None, *y.shape[1:]) == layer.compute_output_shape((None, 7, 6, 3))


def test_convolution_is_scipys_correlation(rng):
    layer, x = layers.Conv2D(1, (3, 2), dtype="float64"), rng.normal(size=(1, 9, 8, 2))
    y = layer(x)
    expected = correlate(x[0], layer.kernel[..., 0], mode="valid")
    np.testing.assert_allclose(y[0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["MaxPooling2D", "AveragePooling2D"])
@pytest.mark.parametrize("options", POOL, ids=str)
def test_pooling_is_that_of_plain_loops(kind, options, rng):
    layer = getattr(layers, kind)(**options, dtype="float64")
    x = rng.normal(size=(2, 7, 6, 3))
    y = layer(x)
    for i, j, window in naive_windows(x, layer.pool_size, layer.strides, layer.padding, np.nan):
        expected = (np.nanmax if kind == "MaxPooling2D" else np.nanmean)(window, axis=(1, 2))
        np.testing.assert_allclose(y[:, i, j], expected, rtol=1e-12)
    assert (None, *y.shape[1:]) == layer.compute_output_shape((None, 7, 6, 3))


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(*[st.integers(1, 6)] * 2),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.sampled_from(["valid", "same"]),
)
def test_backward_agrees_with_finite_differences_for_any_geometry(image, size, strides, padding):
    assume(padding == "same" or (size[0] <= image[0] and size[1] <= image[1]))
    # all numbers apart by more than the step, so that no maximum changes hands
    x = np.random.default_rng(0).permutation(2 * image[0] * image[1]) / 10
    x = x.reshape(2, *image, 1)
    for layer in (
        layers.Conv2D(2, size, strides, padding, kernel_regularizer="l2"),
        layers.MaxPooling2D(size, strides, padding),
        layers.AveragePooling2D(size, strides, padding),
    ):
        report = check_layer(layer, x)
        assert report.worst.relative_error < 1e-6, str(report)


def test_moving_the_image_moves_the_map(rng):
    x = np.zeros((1, 12, 12, 1))
    x[0, 2:5, 3:6, 0] = rng.normal(size=(3, 3))
    layer = layers.Conv2D(2, 3, padding="same", use_bias=False, dtype="float64")
    moved = np.roll(x, (4, 2), axis=(1, 2))
    np.testing.assert_allclose(layer(moved), np.roll(layer(x), (4, 2), axis=(1, 2)), atol=1e-14)


def test_parameters_are_shared_over_the_image():
    model = nn.Sequential(
        [
            nn.Input((8, 8, 1)),
            nn.Conv2D(8, 3, activation="relu"),
            nn.MaxPooling2D(),
            nn.Flatten(),
            nn.Dense(10),
        ]
    )
    assert [layer.count_params() for layer in model.layers] == [80, 0, 0, 730]
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Conv2D(0, 3), ValueError, "Conv2D(filters): expected at least 1, but received 0"),
        (lambda: layers.Conv2D(4, 0), ValueError, "Conv2D(kernel_size): expected at least 1"),
        (lambda: layers.Conv2D(4, (3, 3, 3)), ValueError, "Conv2D(kernel_size): expected one number or two, but received (3, 3, 3)"),
        (lambda: layers.Conv2D(4, "3"), TypeError, "Conv2D(kernel_size): expected a whole number, but received '3'"),
        (lambda: layers.Conv2D(4, 3, padding="full"), ValueError, "Conv2D(padding): expected 'valid' or 'same', but received 'full'"),
        (lambda: layers.MaxPooling2D(padding="full"), ValueError, "MaxPooling2D(padding): expected 'valid' or 'same'"),
        (lambda: layers.AveragePooling2D(2, strides=0), ValueError, "AveragePooling2D(strides): expected at least 1"),
        (lambda: layers.Conv2D(4, 3)(np.ones((5, 8, 8))), ValueError, "conv2d: expected images of shape (batch, height, width, channels), but received (None, 8, 8). Add a channel axis: x[..., None]."),
        (lambda: layers.Conv2D(4, 3)(np.ones((5, 64))), ValueError, "conv2d: expected images of shape (batch, height, width, channels), but received (None, 64)."),
        (lambda: layers.Conv2D(4, 9)(np.ones((5, 8, 8, 1))), ValueError, "conv2d: a window of 9 x 9 does not fit into images of 8 x 8. Use a smaller window or padding='same'."),
        (lambda: layers.MaxPooling2D(3)(np.ones((5, 2, 8, 1))), ValueError, "max_pooling2d: a window of 3 x 3 does not fit into images of 2 x 8"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.keras
def test_a_small_convolutional_network_trains_as_in_keras(keras64, rng):
    x, y = rng.normal(size=(30, 8, 8, 1)), rng.integers(0, 3, 30)
    models, histories = [], []
    for engine, optimizer in ((nn, nn.SGD), (keras64, keras64.optimizers.SGD)):
        kinds = engine.layers
        model = engine.Sequential(
            [
                engine.Input((8, 8, 1)),
                kinds.Conv2D(4, 3, padding="same", activation="relu"),
                kinds.BatchNormalization(momentum=0.5, epsilon=0.125),
                kinds.MaxPooling2D(),
                kinds.Conv2D(5, 2, kernel_regularizer=engine.regularizers.L2(0.25)),
                kinds.AveragePooling2D(2),
                kinds.Flatten(),
                kinds.Dense(3, activation="softmax"),
            ],
            **({"seed": 0, "dtype": "float64"} if engine is nn else {}),
        )
        if models:
            model.set_weights(models[0][1])
        models.append((model, model.get_weights()))
        model.compile(optimizer(0.03125), "sparse_categorical_crossentropy", metrics=["accuracy"])
        options = {"batch_size": 8, "epochs": 3, "validation_split": 0.2, "shuffle": False}
        histories.append(model.fit(x, y, verbose=0, **options).history)
    ours, theirs = histories
    for key in theirs:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-6, err_msg=key)
    for w, expected in zip(*(model.get_weights() for model, _ in models), strict=True):
        np.testing.assert_allclose(w, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *(("Conv2D", {"filters": 4, **options}) for options in CONV),
        *((kind, options) for kind in ("MaxPooling2D", "AveragePooling2D") for options in POOL),
    ],
    ids=str,
)
def test_outputs_and_gradients_are_those_of_keras(kind, options, dtype, keras_in, rng):
    import tensorflow as tf

    keras = keras_in(dtype)
    ours, theirs = (getattr(m, kind)(**options) for m in (layers, keras.layers))
    ours.dtype = np.dtype(dtype)
    x = rng.normal(size=(3, 7, 6, 2)).astype(dtype)
    ours.build((None, 7, 6, 2), rng)
    theirs.build((None, 7, 6, 2))
    theirs.set_weights(ours.get_weights())
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        y = theirs(tensor)
        dy = rng.normal(size=y.shape).astype(dtype)
        scalar = tf.reduce_sum(dy * y)
    expected_dx, *expected = tape.gradient(scalar, [tensor, *theirs.trainable_weights])
    rtol = {"float64": 1e-9, "float32": 2e-5}[dtype]
    np.testing.assert_allclose(ours(x), y, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(ours.backward(dy), expected_dx, rtol=rtol, atol=rtol)
    for name, gradient in zip(ours.trainable_names, expected, strict=True):
        np.testing.assert_allclose(ours.arrays[f"d_{name}"], gradient, rtol=rtol, atol=rtol)
