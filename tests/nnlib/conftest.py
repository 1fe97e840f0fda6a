"""What the tests of nnlib share: random numbers, and Keras, imported once and late."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest


@pytest.fixture
def rng():
    """Random numbers that are the same at every run."""
    return np.random.default_rng(20240607)


@pytest.fixture(scope="session")
def _keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
        import tensorflow  # noqa: F401

        keras.utils.disable_interactive_logging()
    return keras


@pytest.fixture
def keras_in(_keras):
    """``keras_in("float64")`` is Keras, computing in float64 until the test ends."""

    def set_precision(dtype):
        _keras.config.set_floatx(dtype)
        _keras.config.set_dtype_policy(dtype)  # layers ask this, the rest asks floatx
        return _keras

    yield set_precision
    set_precision("float32")


@pytest.fixture
def keras(keras_in):
    return keras_in("float32")


@pytest.fixture
def keras64(keras_in):
    return keras_in("float64")
