"""The data sets: what they hold, that a seed fixes them, and that they teach what they claim."""

from __future__ import annotations

import operator
import socket

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from nnlib import datasets

SEEDED = {
    "moons": datasets.moons,
    "circles": datasets.circles,
    "blobs": datasets.blobs,
    "spiral": datasets.spiral,
    "sine": datasets.sine,
    "random_binary": datasets.random_binary,
    "digits": datasets.digits,
    "cartoon_cats": lambda **kwargs: datasets.cartoon_cats(20, **kwargs),
}


def arrays(data):
    """Flatten what a data set returns, pairs within pairs, into a list of arrays."""
    if isinstance(data, np.ndarray):
        return [data]
    return [array for part in data for array in arrays(part)]


def linear_accuracy(X, y):
    return LogisticRegression().fit(X, y).score(X, y)


# --- Truth tables -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("and", operator.and_),
        ("or", operator.or_),
        ("nand", lambda a, b: 1 - (a & b)),
        ("xor", operator.xor),
    ],
)
def test_gates_are_pythons_operators(name, rule):
    X, y = datasets.gates(name)
    assert X.shape == (4, 2)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    assert sorted(map(tuple, X)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [rule(int(a), int(b)) for a, b in X] == y.tolist()


def test_xor_is_a_gate_and_names_ignore_case():
    for a, b in zip(datasets.xor(), datasets.gates("XOR"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_three_bit_is_exclusive_or_and_its_third_bit_tells_the_class():
    X, y = datasets.three_bit()
    assert X.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert y.tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]
    np.testing.assert_array_equal(y.argmax(axis=1), (X[:, 0] != X[:, 1]).astype(int))
    np.testing.assert_array_equal(X[:, 2], y[:, 0])


# --- What holds for all that are drawn at random --------------------------------------------------


@pytest.mark.parametrize("make", SEEDED.values(), ids=SEEDED)
def test_a_seed_fixes_the_data_and_no_global_state_is_touched(make):
    np.random.seed(1)  # noqa: NPY002  the global state, which must not matter
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = arrays(make(seed=3)), arrays(make(seed=3)), arrays(make(seed=4))
    by_generator = arrays(make(seed=np.random.default_rng(3)))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    for a, b, c in zip(first, again, by_generator, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("make", SEEDED.values(), ids=SEEDED)
def test_the_network_is_not_used(make, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert all(array.size for array in arrays(make()))


@given(n=st.integers(2, 60), seed=st.integers(0, 2**32))
@pytest.mark.parametrize("make", [datasets.moons, datasets.circles, datasets.blobs])
def test_two_classes_are_balanced(make, n, seed):
    X, y = make(n, seed=seed)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    sizes = np.bincount(y, minlength=2)
    assert len(sizes) == 2
    assert abs(sizes[0] - sizes[1]) <= 1


# --- Geometry -------------------------------------------------------------------------------------


def test_moons_without_noise_are_half_circles():
    X, y = datasets.moons(100, noise=0)
    centres = np.where(y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.linalg.norm(X - centres, axis=1), 1)
    assert (X[y == 0, 1] >= -1e-12).all()
    assert (X[y == 1, 1] <= 0.5 + 1e-12).all()


def test_circles_without_noise_have_their_radii():
    X, y = datasets.circles(50, noise=0)
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), np.where(y == 0, 1.0, 0.5))


def test_blobs_scatter_around_their_centres_by_noise():
    X, y = datasets.blobs(6000, classes=3, noise=0.4)
    for k in range(3):
        cloud = X[y == k]
        assert np.linalg.norm(cloud.mean(axis=0)) == pytest.approx(2, abs=0.05)
        np.testing.assert_allclose(cloud.std(axis=0), 0.4, atol=0.02)


def test_spiral_arms_are_turned_copies_of_each_other():
    X, y = datasets.spiral(300, classes=3, noise=0)
    by_radius = [X[y == k][np.argsort(np.linalg.norm(X[y == k], axis=1))] for k in range(3)]
    c, s = np.cos(2 * np.pi / 3), np.sin(2 * np.pi / 3)
    np.testing.assert_allclose(by_radius[1], by_radius[0] @ [[c, s], [-s, c]], atol=1e-12)
    radius = np.linalg.norm(X, axis=1)
    assert radius.min() == pytest.approx(0.05)
    assert radius.max() == pytest.approx(1)


def test_a_line_separates_blobs_but_not_the_others():
    assert linear_accuracy(*datasets.blobs()) > 0.99
    for make in (datasets.circles, datasets.spiral):
        assert linear_accuracy(*make()) < 0.7
    assert linear_accuracy(*datasets.moons()) < 0.95


def test_sine_is_a_sine_plus_noise():
    X, y = datasets.sine(4000, noise=0.3)
    assert X.shape == y.shape == (4000, 1)
    assert (np.diff(X[:, 0]) >= 0).all()
    assert np.abs(X).max() <= 1
    assert (y - np.sin(np.pi * X)).std() == pytest.approx(0.3, abs=0.02)


# --- Nothing to learn -----------------------------------------------------------------------------


def test_random_binary_cannot_be_learned():
    X, y = datasets.random_binary(4000)
    assert X.shape == (4000, 8)
    assert X.min() >= 0
    assert X.max() < 1
    assert y.mean() == pytest.approx(0.5, abs=0.03)
    model = LogisticRegression().fit(X[:2000], y[:2000])
    assert model.score(X[2000:], y[2000:]) == pytest.approx(0.5, abs=0.04)
    assert datasets.random_binary(10, features=3)[0].shape == (10, 3)


# --- Digits ---------------------------------------------------------------------------------------


def test_digits_are_all_of_scikit_learns_each_once():
    (x_train, y_train), (x_test, y_test) = datasets.digits()
    assert x_train.dtype == np.float64
    assert y_train.dtype == np.int64
    assert (x_train.min(), x_train.max()) == (0.0, 1.0)
    source = sklearn.datasets.load_digits()
    ours = np.column_stack([np.vstack([x_train, x_test]) * 16, np.concatenate([y_train, y_test])])
    theirs = np.column_stack([source.data, source.target])
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


def test_digits_are_split_80_to_20_in_every_class():
    (_, y_train), (_, y_test) = datasets.digits()
    assert (len(y_train), len(y_test)) == (1438, 359)
    share = np.bincount(y_test) / (np.bincount(y_train) + np.bincount(y_test))
    np.testing.assert_allclose(share, 0.2, atol=0.005)


def test_the_seed_decides_which_digits_are_set_aside():
    first, second = ({tuple(row) for row in datasets.digits(seed=k)[1][0]} for k in (0, 1))
    assert len(first & second) < 120  # 20 % of 359 are expected to be in both


def test_digits_options_change_the_form_only():
    plain, formed = datasets.digits(), datasets.digits(one_hot=True, images=True)
    for (x, y), (pictures, one_hot) in zip(plain, formed, strict=True):
        assert pictures.shape == (len(x), 8, 8, 1)
        np.testing.assert_array_equal(pictures.reshape(len(x), 64), x)
        assert one_hot.shape == (len(y), 10)
        assert one_hot.dtype == np.float64
        np.testing.assert_array_equal(one_hot.sum(axis=1), 1)
        np.testing.assert_array_equal(one_hot.argmax(axis=1), y)


# --- Cats -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cats():
    return datasets.cartoon_cats(800)


def test_cats_come_as_keras_gives_pictures(cats):
    (x_train, y_train), (x_test, y_test) = cats
    assert x_train.shape == (640, 64, 64, 3)
    assert x_test.shape == (160, 64, 64, 3)
    assert x_train.dtype == np.uint8
    assert y_train.dtype == np.int64
    assert y_train.mean() == y_test.mean() == 0.5
    assert len(np.unique(x_train.reshape(640, -1), axis=0)) == 640


@pytest.mark.parametrize("test_size", [0.001, 0.999])
def test_no_class_is_missing_from_either_part(test_size):
    for _, y in datasets.cartoon_cats(10, test_size=test_size):
        assert set(y) == {0, 1}


def test_colours_do_not_give_cats_away_but_shapes_do(cats):
    (x_train, y_train), (x_test, y_test) = cats

    def mean_colour(x):
        return x.mean(axis=(1, 2)) / 255

    def small_pictures(x):  # 16 x 16: what a linear model can use, fitted quickly
        return x.reshape(len(x), 16, 4, 16, 4, 3).mean(axis=(2, 4)).reshape(len(x), -1) / 255

    def accuracy(features):
        model = LogisticRegression(C=0.01, max_iter=500).fit(features(x_train), y_train)
        return model.score(features(x_test), y_test)

    assert accuracy(mean_colour) < 0.6
    assert accuracy(small_pictures) > 0.7


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: datasets.gates("xnor"), "xnor"),
        (lambda: datasets.gates(3), "and, or"),
        (lambda: datasets.moons(1), "n"),
        (lambda: datasets.moons(2.5), "n"),
        (lambda: datasets.moons(noise=-0.1), "noise"),
        (lambda: datasets.moons(noise=np.nan), "noise"),
        (lambda: datasets.circles(noise="much"), "noise"),
        (lambda: datasets.blobs(2, classes=3), "n"),
        (lambda: datasets.blobs(classes=1), "classes"),
        (lambda: datasets.spiral(seed=None), "seed"),
        (lambda: datasets.sine(seed=-1), "seed"),
        (lambda: datasets.sine(0), "n"),
        (lambda: datasets.random_binary(features=0), "features"),
        (lambda: datasets.digits(test_size=0), "test_size"),
        (lambda: datasets.digits(test_size=1.0), "test_size"),
        (lambda: datasets.cartoon_cats(5), "n"),
        (lambda: datasets.cartoon_cats(test_size=2), "test_size"),
    ],
)
def test_bad_arguments_are_named(call, word):
    with pytest.raises((TypeError, ValueError), match=word):
        call()
