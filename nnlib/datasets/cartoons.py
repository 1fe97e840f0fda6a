"""Cat or not cat: small colour pictures that the project draws itself.

The pictures stand for the photographs that introductions to neural networks like to use, without
their download and their licence. Cats and other things share backgrounds, colours, sizes and
places, so that the shape is what tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib._checks import number, whole
from nnlib.datasets._seed import generator
from nnlib.datasets._shapes import Canvas
from nnlib.datasets._split import Split, stratified_split

SIDE = 64
"""Height and width of a picture in pixels."""

_INK = np.array([0.10, 0.08, 0.08])
_WHITE = np.array([0.97, 0.96, 0.93])
_PINK = np.array([0.92, 0.55, 0.58])


def _colour(rng: np.random.Generator, light: float) -> np.ndarray:
    """Draw a colour of any hue whose lightness is near ``light``."""
    hue = rng.uniform() + np.array([0, 1 / 3, 2 / 3])
    strength = rng.uniform(0.05, 0.35)
    lightness = light + rng.uniform(-0.15, 0.15)
    return np.clip(lightness + strength * np.cos(2 * np.pi * hue), 0.02, 0.98)


def _head_with_eyes(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray) -> None:
    """Draw what cats and dogs have in common: a body with a tail behind, and a head."""
    if rng.uniform() < 0.6:
        side = rng.choice([-1, 1])
        canvas.line((1.2 * side, 1.4), (1.6 * side, rng.uniform(0, 0.8)), 0.2, 0.8 * coat)
        canvas.ellipse((0.5 * side, 1.25), (1.0, 0.8), 0.9 * coat)
    canvas.ellipse((0, 0), (1.0, rng.uniform(0.8, 0.95)), coat)


def _cat(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    tip, height = rng.uniform(0.6, 0.85), rng.uniform(1.25, 1.5)
    for side in (-1, 1):
        for shrink, colour in ((1.0, coat), (0.6, 0.5 * _PINK + 0.5 * coat)):
            ear = np.array([(0.98, -0.2), (tip, -height), (0.22, -0.75)])
            middle = ear.mean(axis=0)
            canvas.polygon((middle + shrink * (ear - middle)) * (side, 1), colour)
    _head_with_eyes(canvas, rng, coat)
    if rng.uniform() < 0.4:  # stripes on the forehead
        for x in (-0.2, 0, 0.2):
            canvas.line((x, -0.8), (0.8 * x, -0.5), 0.09, 0.6 * coat)
    if rng.uniform() < 0.4:  # a white muzzle
        canvas.ellipse((0, 0.42), (0.45, 0.3), 0.5 * coat + 0.5 * _WHITE)
    iris, slit = _colour(rng, 0.75), rng.uniform(0.06, 0.14)
    for side in (-1, 1):
        canvas.ellipse((0.42 * side, -0.1), (0.24, 0.2), iris, tilt=-0.3 * side)
        canvas.ellipse((0.42 * side, -0.1), (slit, 0.19), _INK)
        for slope in (-0.12, 0.04, 0.2):
            start = (0.3 * side, 0.36 + 0.3 * slope)
            canvas.line(start, (1.3 * side, 0.33 + 1.2 * slope), 0.05, _WHITE)
        canvas.line((0, 0.56), (0.22 * side, 0.5), 0.06, _INK)
    canvas.line((0, 0.4), (0, 0.56), 0.06, _INK)
    canvas.polygon([(-0.13, 0.24), (0.13, 0.24), (0, 0.42)], _PINK)


def _dog(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    _head_with_eyes(canvas, rng, coat)
    muzzle = 0.5 * coat + 0.5 * _WHITE
    canvas.ellipse((0, 0.5), (0.5, 0.45), muzzle)
    if rng.uniform() < 0.5:  # tongue out
        canvas.ellipse((0.05, 0.95), (0.16, 0.3), _PINK)
    canvas.ellipse((0, 0.28), (0.22, 0.15), _INK)
    canvas.line((0, 0.4), (0, 0.7), 0.06, _INK)
    for side in (-1, 1):
        canvas.ellipse((0.38 * side, -0.15), (0.19, 0.19), _WHITE)
        canvas.ellipse((0.38 * side, -0.13), (0.12, 0.13), _INK)
        canvas.ellipse((0.98 * side, 0.1), (0.3, 0.75), 0.7 * coat, tilt=-0.2 * side)


def _house(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    if rng.uniform() < 0.5:
        canvas.box(0.45, -1.1, 0.7, -0.4, 0.6 * other)
    canvas.polygon([(-1.2, -0.25), (0, -1.25), (1.2, -0.25)], other)
    canvas.box(-1, -0.25, 1, 1.1, coat)
    canvas.box(-0.2, 0.4, 0.25, 1.1, 0.5 * other)
    glass = _colour(rng, 0.8)
    for x in (-0.6, 0.6):
        canvas.box(x - 0.25, 0.0, x + 0.25, 0.42, glass)
        canvas.line((x, 0.0), (x, 0.42), 0.06, _INK)


def _tree(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    canvas.box(-0.18, 0.2, 0.18, 1.4, 0.6 * other)
    if rng.uniform() < 0.5:  # a fir
        for top, half in ((-1.4, 0.6), (-0.9, 0.85), (-0.4, 1.1)):
            canvas.polygon(
                [(-half, top + 1.0), (0, top), (half, top + 1.0)], coat * (0.9 - top / 9)
            )
        return
    for x, y, radius in ((-0.5, -0.1, 0.6), (0.5, -0.1, 0.6), (0, -0.6, 0.75)):
        canvas.ellipse((x, y), (radius, radius), coat * rng.uniform(0.9, 1.0))
    for _ in range(rng.integers(0, 5)):
        fruit = (rng.uniform(-0.7, 0.7), rng.uniform(-0.8, 0.2))
        canvas.ellipse(fruit, (0.12, 0.12), other)


def _ball(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    canvas.ellipse((0, 0), (1.1, 1.1), coat)
    for width in (0.7, 0.35):
        canvas.ellipse((0, 0), (width, 1.1), other if width == 0.7 else coat)
    canvas.ellipse((-0.4, -0.5), (0.16, 0.1), _WHITE, tilt=-0.7)


def _fish(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    way = rng.choice([-1, 1])  # swims left or right
    canvas.polygon([(0.7 * way, 0.0), (1.5 * way, -0.6), (1.5 * way, 0.6)], other)
    canvas.polygon([(-0.4, -0.5), (0.1 * way, -1.0), (0.4, -0.5)], other)
    canvas.ellipse((-0.1 * way, 0), (1.05, 0.65), coat)
    for x in (-0.1, 0.25, 0.6):
        canvas.line((x * way, -0.3), (x * way, 0.3), 0.09, other)
    canvas.ellipse((-0.65 * way, -0.12), (0.17, 0.17), _WHITE)
    canvas.ellipse((-0.68 * way, -0.12), (0.09, 0.09), _INK)


def _car(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    canvas.polygon([(-0.8, 0.05), (-0.5, -0.65), (0.45, -0.65), (0.8, 0.05)], coat)
    glass = _colour(rng, 0.8)
    canvas.polygon([(-0.6, 0.0), (-0.4, -0.5), (-0.06, -0.5), (-0.06, 0.0)], glass)
    canvas.polygon([(0.06, 0.0), (0.06, -0.5), (0.36, -0.5), (0.6, 0.0)], glass)
    canvas.box(-1.25, 0, 1.25, 0.55, coat)
    canvas.box(-1.25, 0.3, 1.25, 0.4, other)
    for x in (-0.7, 0.7):
        canvas.ellipse((x, 0.6), (0.3, 0.3), _INK)
        canvas.ellipse((x, 0.6), (0.13, 0.13), _WHITE)


def _flower(canvas: Canvas, rng: np.random.Generator, coat: np.ndarray, other: np.ndarray) -> None:
    canvas.line((0, 0), (rng.uniform(-0.3, 0.3), 1.6), 0.14, 0.6 * other)
    petals = int(rng.integers(5, 8))
    for angle in 2 * np.pi * (np.arange(petals) / petals + rng.uniform()):
        spot = (0.65 * np.cos(angle), 0.65 * np.sin(angle))
        canvas.ellipse(spot, (0.5, 0.34), coat, tilt=angle)
    canvas.ellipse((0, 0), (0.36, 0.36), other)


_Draw = Callable[[Canvas, np.random.Generator, np.ndarray, np.ndarray], None]
_OTHERS: tuple[_Draw, ...] = (_dog, _dog, _dog, _house, _tree, _ball, _fish, _car, _flower)


def _background(rng: np.random.Generator, light: float) -> np.ndarray:
    """Return a picture whose colour changes slowly, perhaps with a floor, as (64, 64, 3) floats."""
    first, second = _colour(rng, light), _colour(rng, light)
    direction = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE - 1) - 0.5
    mix = np.clip(0.5 + x * np.cos(direction) + y * np.sin(direction), 0, 1)[..., None]
    picture = first + mix * (second - first)
    if rng.uniform() < 0.5:
        picture[rng.integers(40, 56) :] *= rng.uniform(0.75, 1.25)
    return picture


def _draw(is_cat: bool, rng: np.random.Generator) -> np.ndarray:
    """Return one picture, (64, 64, 3) uint8. The colours do not depend on ``is_cat``."""
    # Most things are lighter than what is behind them, whether cat or not.
    behind, front = (0.35, 0.62) if rng.uniform() < 0.8 else (0.65, 0.38)
    picture = _background(rng, behind)
    coat, other = _colour(rng, front), _colour(rng, front)
    canvas = Canvas(
        picture,
        centre=(SIDE / 2 + rng.uniform(-6, 6), SIDE / 2 + 3 + rng.uniform(-6, 6)),
        # Cats fill their frame better: drawn a little smaller, they cover as much of the picture.
        scale=rng.uniform(15, 21) * (0.95 if is_cat else 1.15),
        angle=rng.uniform(-0.25, 0.25),
    )
    draw = _cat if is_cat else _OTHERS[rng.integers(len(_OTHERS))]
    draw(canvas, rng, coat, other)
    picture = picture + rng.normal(0, 0.02, size=picture.shape)
    return np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def cartoon_cats(
    n: int = 500, test_size: float = 0.2, seed: int | np.random.Generator = 0
) -> Split:
    """Return drawn pictures of cats and of other things, split for training and testing.

    Parameters
    ----------
    n : int, at least 10
        Number of pictures, half of them cats.
    test_size : float in (0, 1)
        Share of each class that is set aside for testing.
    seed : int or numpy.random.Generator
        The same seed gives the same pictures.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        As Keras's ``load_data`` returns them. ``x``: uint8, shape (m, 64, 64, 3), red, green and
        blue from 0 to 255. ``y``: int64, shape (m,), 1 for a cat, 0 for anything else (a dog, a
        house, a tree, a ball, a fish, a car or a flower).
    """
    n, rng = whole(n, "n", at_least=10), generator(seed)
    test_size = number(test_size, "test_size", low=0, high=1, open_low=True, open_high=True)
    y = np.arange(n, dtype=np.int64) % 2
    x = np.stack([_draw(bool(label), rng) for label in y])
    return stratified_split(x, y, test_size, rng)
