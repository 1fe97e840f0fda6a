"""Points that can be drawn: two-dimensional classes of several shapes, and a noisy curve."""

from __future__ import annotations

import numpy as np

from nnlib._checks import number, whole
from nnlib.datasets._seed import generator

_Points = tuple[np.ndarray, np.ndarray]


def _shares(n: int, classes: int) -> list[int]:
    """Split ``n`` into ``classes`` parts whose sizes differ by one at most."""
    return [n // classes + (k < n % classes) for k in range(classes)]


def _shuffled(clouds: list[np.ndarray], noise: float, rng: np.random.Generator) -> _Points:
    """Stack one cloud of points per class, move each point a little, and shuffle the rows."""
    X = np.concatenate(clouds)
    y = np.repeat(np.arange(len(clouds), dtype=np.int64), [len(cloud) for cloud in clouds])
    X = X + noise * rng.normal(size=X.shape)
    order = rng.permutation(len(X))
    return X[order], y[order]


def moons(n: int = 200, noise: float = 0.1, seed: int | np.random.Generator = 0) -> _Points:
    """Return two interleaved half circles; no straight line separates them.

    Parameters
    ----------
    n : int, at least 2
        Number of points, half of them in each class.
    noise : float, at least 0
        Standard deviation of the Gaussian noise that is added to each coordinate.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    X : float64 array, shape (n, 2)
        The points; without noise, x1 lies in [-1, 2] and x2 in [-0.5, 1].
    y : int64 array, shape (n,)
        Class 0 (upper moon) or 1 (lower moon).

    Notes
    -----
    The shape is that of ``sklearn.datasets.make_moons``; the random numbers are not.
    """
    n, noise, rng = whole(n, "n", at_least=2), number(noise, "noise", low=0), generator(seed)
    upper, lower = (np.linspace(0, np.pi, size) for size in _shares(n, 2))
    return _shuffled(
        [
            np.column_stack([np.cos(upper), np.sin(upper)]),
            np.column_stack([1 - np.cos(lower), 0.5 - np.sin(lower)]),
        ],
        noise,
        rng,
    )


def circles(n: int = 200, noise: float = 0.08, seed: int | np.random.Generator = 0) -> _Points:
    """Return two concentric circles, of radius 1 (class 0) and 0.5 (class 1).

    Parameters, shapes and dtypes are those of `moons`.
    """
    n, noise, rng = whole(n, "n", at_least=2), number(noise, "noise", low=0), generator(seed)
    clouds = []
    for radius, size in zip((1.0, 0.5), _shares(n, 2), strict=True):
        angle = np.linspace(0, 2 * np.pi, size, endpoint=False)
        clouds.append(radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    return _shuffled(clouds, noise, rng)


def blobs(
    n: int = 200, classes: int = 2, noise: float = 0.6, seed: int | np.random.Generator = 0
) -> _Points:
    """Return round clouds whose centres stand evenly on a circle of radius 2.

    With 2 classes and the default noise, a straight line separates nearly all points.

    Parameters
    ----------
    n : int, at least ``classes``
        Number of points, shared evenly.
    classes : int, at least 2
        Number of clouds.
    noise : float, at least 0
        Standard deviation of each cloud, in each coordinate.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    X : float64 array, shape (n, 2)
    y : int64 array, shape (n,)
        0 .. classes - 1.
    """
    classes = whole(classes, "classes", at_least=2)
    n, noise, rng = whole(n, "n", at_least=classes), number(noise, "noise", low=0), generator(seed)
    angles = np.pi / 4 + 2 * np.pi * np.arange(classes) / classes
    centres = 2 * np.column_stack([np.cos(angles), np.sin(angles)])
    sizes = _shares(n, classes)
    return _shuffled(
        [np.tile(c, (size, 1)) for c, size in zip(centres, sizes, strict=True)], noise, rng
    )


def spiral(
    n: int = 300, classes: int = 3, noise: float = 0.03, seed: int | np.random.Generator = 0
) -> _Points:
    """Return the arms of a spiral, one per class, wound around the origin for 2/3 of a turn.

    Parameters, shapes and dtypes are those of `blobs`; without noise the radius runs from 0.05
    to 1.
    """
    classes = whole(classes, "classes", at_least=2)
    n, noise, rng = whole(n, "n", at_least=classes), number(noise, "noise", low=0), generator(seed)
    clouds = []
    for k, size in enumerate(_shares(n, classes)):
        radius = np.linspace(0.05, 1, size)
        angle = 2 * np.pi * k / classes + 4 / 3 * np.pi * radius
        clouds.append(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return _shuffled(clouds, noise, rng)


def sine(n: int = 30, noise: float = 0.2, seed: int | np.random.Generator = 0) -> _Points:
    """Return noisy points of one period of a sine wave, for regression.

    Parameters
    ----------
    n : int, at least 1
        Number of points.
    noise : float, at least 0
        Standard deviation of the noise in ``y``.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    X : float64 array, shape (n, 1)
        Uniform in [-1, 1], in rising order.
    y : float64 array, shape (n, 1)
        sin(pi X) + noise.
    """
    n, noise, rng = whole(n, "n", at_least=1), number(noise, "noise", low=0), generator(seed)
    X = np.sort(rng.uniform(-1, 1, size=(n, 1)), axis=0)
    return X, np.sin(np.pi * X) + noise * rng.normal(size=X.shape)
