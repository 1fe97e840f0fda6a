"""Batch normalisation: statistics, gradients in both modes, a training run like Keras's."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nnlib as nn
from nnlib import layers
from nnlib.gradcheck import check_layer, check_model


@pytest.mark.parametrize("shape", [(40, 3), (6, 5, 4, 3)])
def test_in_training_every_feature_gets_mean_0_and_variance_1(shape, rng):
    layer = layers.BatchNormalization(epsilon=1e-12, dtype="float64")
    x = 5 + 3 * rng.normal(size=shape)
    y = layer(x, training=True).reshape(-1, 3)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-9)


def test_gamma_and_beta_scale_and_shift(rng):
    layer = layers.BatchNormalization(epsilon=1e-12, dtype="float64")
    layer.build((None, 2))
    layer.gamma, layer.beta = [2.0, 3.0], [10.0, 20.0]
    y = layer(rng.normal(size=(50, 2)), training=True)
    np.testing.assert_allclose(y.mean(axis=0), [10, 20])
    np.testing.assert_allclose(y.std(axis=0), [2, 3])


def test_the_moving_averages_and_their_use():
    layer = layers.BatchNormalization(momentum=0.75, epsilon=0.5, dtype="float64")
    layer(np.array([[1.0], [3.0]]), training=True)  # mean 2, variance 1
    np.testing.assert_allclose(layer.moving_mean, [0.5])
    np.testing.assert_allclose(layer.moving_variance, [1.0])
    layer(np.array([[0.0], [8.0]]), training=True)  # mean 4, variance 16
    np.testing.assert_allclose(layer.moving_mean, [0.75 * 0.5 + 1])
    np.testing.assert_allclose(layer.moving_variance, [0.75 + 4])
    expected = (np.array([[2.0], [5.0]]) - 1.375) / np.sqrt(4.75 + 0.5)
    np.testing.assert_allclose(layer([[2.0], [5.0]]), expected)
    np.testing.assert_allclose(layer.moving_mean, [1.375])  # inference changes nothing


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("options", [{}, {"center": False}, {"scale": False}])
@pytest.mark.parametrize("shape", [(7, 3), (3, 4, 2, 3)])
def test_backward_agrees_with_finite_differences(shape, options, training, rng):
    layer = layers.BatchNormalization(**options, gamma_initializer="random_uniform")
    layer.build((None, *shape[1:]), rng)
    layer.moving_mean, layer.moving_variance = rng.normal(size=3), rng.uniform(0.5, 2, size=3)
    report = check_layer(layer, rng.normal(size=shape), training=training)
    assert report.worst.relative_error < 1e-6, str(report)


def test_inside_a_model_in_both_modes(rng):
    model = nn.Sequential(
        [nn.Input((4,)), nn.Dense(6), nn.BatchNormalization(), nn.Activation("tanh"), nn.Dense(3)],
        seed=0,
    )
    model.compile("adam", "mse")
    x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 3))
    model.fit(x, y, epochs=3, verbose=0)
    for training in (True, False):
        report = check_model(model, x, y, training=training)
        # the bias before a normalisation has no influence, so its gradient is 0 up to rounding
        assert report.passed, str(report)
    assert model.count_params() - model.parameters.size == 12


def test_what_it_promises_to_its_caller(rng):
    layer, x = layers.BatchNormalization(), rng.normal(size=(6, 3)).astype("float32")
    kept = x.copy()
    y = layer(x, training=True)
    first = y.copy()
    dx = layer.backward(np.ones_like(y))
    assert y.dtype == dx.dtype == np.float32
    layer(2 * x, training=True)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(y, first)
    weights = layer.get_weights()
    assert len(weights) == 4
    with pytest.raises(ValueError, match=re.escape("expected 4 arrays (gamma, beta, moving_mean, moving_variance)")):  # fmt: skip # noqa: E501
        layer.set_weights(weights[:2])
    with pytest.raises(ValueError, match=re.escape("BatchNormalization(momentum): expected")):
        layers.BatchNormalization(momentum=2)


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(12, 3), (4, 5, 2, 3)])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5, "epsilon": 0.25}, {"scale": False}])
def test_outputs_gradients_and_statistics_are_those_of_keras(
    options, training, shape, dtype, keras_in, rng
):
    import tensorflow as tf

    keras = keras_in(dtype)
    ours, theirs = (m.BatchNormalization(**options) for m in (layers, keras.layers))
    ours.dtype = np.dtype(dtype)
    ours.build((None, *shape[1:]))
    theirs.build((None, *shape[1:]))
    start = [rng.uniform(0.5, 2, size=3) for _ in theirs.get_weights()]
    ours.set_weights(start)
    theirs.set_weights(start)
    # Keras holds its default momentum and epsilon in float32
    rtol = 1e-5 if dtype == "float32" else 1e-9 if "momentum" in options else 1e-7
    for _ in range(3):
        x = (1 + 2 * rng.normal(size=shape)).astype(dtype)
        tensor = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            y = theirs(tensor, training=training)
            dy = rng.normal(size=shape).astype(dtype)
            scalar = tf.reduce_sum(dy * y)
        expected_dx, *expected = tape.gradient(scalar, [tensor, *theirs.trainable_weights])
        np.testing.assert_allclose(ours(x, training=training), y, rtol=rtol, atol=rtol)
        np.testing.assert_allclose(ours.backward(dy), expected_dx, rtol=rtol, atol=10 * rtol)
        for name, gradient in zip(ours.trainable_names, expected, strict=True):
            np.testing.assert_allclose(
                ours.arrays[f"d_{name}"], gradient, rtol=rtol, atol=10 * rtol
            )
        for w, expected_w in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(w, expected_w, rtol=rtol)
