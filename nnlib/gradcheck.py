"""Gradient checking: is what backward computes the derivative of what forward computes?

Each check compares an analytic gradient with central differences, (L(θ + h) - L(θ - h)) / 2h, whose
error is of order h². All computing is done on a float64 copy: in float32 the differences would
drown in rounding.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import finite, number, numeric

if TYPE_CHECKING:
    from nnlib.layers import Layer
    from nnlib.models import Sequential

STEP = 1e-5
TOLERANCE = 1e-5
_NOTHING = 1e-9  # differences of this size are rounding: such a gradient counts as zero


def numerical_gradient(
    f: Callable[[np.ndarray], float], x: ArrayLike, h: float = STEP
) -> np.ndarray:
    """The gradient of ``f`` at ``x`` by central differences: two calls of ``f`` for each entry.

    Parameters
    ----------
    f : function from an array to a number
    x : array of any shape
    h : float
        The step, above 0. Near 1e-5 truncation and rounding balance in float64.

    Returns
    -------
    ndarray of float64, the shape of ``x``
    """
    h = number(h, "numerical_gradient(h)", low=0, open_low=True)
    x = numeric(x, "numerical_gradient: x").astype(float)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = _slope(f, x, index, h)
    return gradient


def _slope(f: Callable[[np.ndarray], float], x: np.ndarray, index: Any, h: float) -> float:
    above, below = x.copy(), x.copy()
    above[index] += h
    below[index] -= h
    return float((f(above) - f(below)) / (2 * h))


def relative_error(analytic: ArrayLike, numerical: ArrayLike) -> float:
    """The largest difference, in relation to the largest entry; 0 if both are all but zero."""
    a, n = np.asarray(analytic, float), np.asarray(numerical, float)
    size = max(np.abs(a).max(initial=0), np.abs(n).max(initial=0))
    difference = float(np.abs(a - n).max(initial=0))
    if np.isnan(difference):
        return float("inf")
    return 0.0 if size < _NOTHING else difference / float(size)


@dataclass
class Check:
    """One array's comparison, and the entry where the two gradients differ most."""

    name: str
    index: tuple[int, ...]
    analytic: float
    numerical: float
    relative_error: float

    def __str__(self) -> str:
        place = f"{self.name}{list(self.index)}" if self.index else self.name
        return (
            f"{place:<28} {self.analytic:>14.6e} {self.numerical:>14.6e} "
            f"{self.relative_error:>10.1e}"
        )


@dataclass
class GradientReport:
    """What a check found. ``print(report)`` shows it; ``report.passed`` is the verdict.

    Attributes
    ----------
    checks : list of Check
        One for each parameter (and the input), named "layer.parameter".
    direction : Check, optional
        All parameters at once, along one random direction v: ∇L · v against the slope of L along v.
    tolerance : float
        The relative error up to which a check passes.
    """

    checks: list[Check] = field(default_factory=list)
    direction: Check | None = None
    tolerance: float = TOLERANCE

    @property
    def worst(self) -> Check:
        """The check with the largest relative error."""
        everything = [*self.checks, *([self.direction] if self.direction else [])]
        return max(everything, key=lambda check: check.relative_error)

    @property
    def passed(self) -> bool:
        """Whether every relative error is within the tolerance."""
        return self.worst.relative_error <= self.tolerance

    def __str__(self) -> str:
        lines = [f"{'':<28} {'analytic':>14} {'numerical':>14} {'rel. error':>10}"]
        lines += [str(check) for check in self.checks]
        if self.direction:
            lines.append(str(self.direction))
        worst = self.worst
        if self.passed:
            lines.append(f"The gradients agree (tolerance {self.tolerance:g}).")
        else:
            lines.append(
                f"The gradients differ most in {worst.name}: backward says {worst.analytic:.6e}, "
                f"finite differences say {worst.numerical:.6e}."
            )
        return "\n".join(lines)


def check_gradient(
    f: Callable[[np.ndarray], float],
    gradient: ArrayLike | Callable[[np.ndarray], ArrayLike],
    x: ArrayLike,
    h: float = STEP,
    tolerance: float = TOLERANCE,
) -> GradientReport:
    """Compare ``gradient`` (an array, or a function of x) with the numerical gradient of f at x."""
    x = numeric(x, "check_gradient: x").astype(float)
    analytic = numeric(gradient(x.copy()) if callable(gradient) else gradient, "gradient")
    if analytic.shape != x.shape:
        raise ValueError(
            f"check_gradient: expected a gradient of shape {x.shape}, that of x, "
            f"but received shape {analytic.shape}."
        )
    return GradientReport(
        [_check("x", f, x, analytic, _all_entries(x), h)],
        _check_direction(f, x, analytic, h, np.random.default_rng(0)),
        tolerance,
    )


def check_model(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike,
    training: bool = False,
    entries: int = 200,
    h: float = STEP,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GradientReport:
    """Check the gradient of a compiled model's loss, penalties included, on the batch (x, y).

    Parameters
    ----------
    training : bool
        Whether to check the training mode, with batch statistics and one fixed dropout mask.
    entries : int
        At most so many entries of each parameter are checked, drawn by ``seed``. The random
        direction covers all.

    Notes
    -----
    The model itself is not changed. Where a ReLU's input is within ``h`` of its kink, the
    difference means nothing: check on other data.
    """
    twin = _model_in_float64(model, x)
    rewind = _rewinder(twin)

    def loss(theta: np.ndarray) -> float:
        twin.parameters[...] = theta
        rewind()
        return twin.loss_and_gradient(x, y, training)[0]

    theta = twin.parameters.copy()
    rewind()
    analytic = twin.loss_and_gradient(x, y, training)[1]
    rng = np.random.default_rng(seed)
    checks, start = [], 0
    for layer in twin.layers:
        for name in layer.trainable_names:
            shape = layer.arrays[name].shape
            span = range(start, start + layer.arrays[name].size)
            some = rng.permutation(len(span))[:entries]
            check = _check(
                f"{layer.name}.{name}", loss, theta, analytic, [(span[i],) for i in some], h
            )
            offset = check.index[0] - start
            check.index = tuple(int(i) for i in np.unravel_index(offset, shape))
            checks.append(check)
            start = span.stop
    if not checks:
        raise ValueError(f"{model.name}: has no trainable parameters to check.")
    return GradientReport(checks, _check_direction(loss, theta, analytic, h, rng), tolerance)


def check_layer(
    layer: Layer,
    x: ArrayLike,
    training: bool = False,
    h: float = STEP,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GradientReport:
    """Check a layer's backward, for its input and each of its parameters.

    The loss is L = Σ r · layer(x) for a random r, so that dL/dy = r: a gradient of all ones would
    hide many a mistake. Penalties are part of it.
    """
    x = finite(numeric(x, f"{layer.name}: x"), f"{layer.name}: x").astype(float)
    twin = copy.deepcopy(layer)
    if not twin.built:
        twin.build((None, *x.shape[1:]), np.random.default_rng(seed))
    _to_float64(twin)
    rewind = _rewinder(twin)
    rng = np.random.default_rng(seed)
    rewind()
    y = twin.forward(x, training=training)
    r = rng.normal(size=y.shape)
    # backward adds the penalties' gradients, which x has no part in
    gradients = {"x": twin.backward(r)}
    gradients |= {name: twin.arrays[f"d_{name}"].copy() for name in twin.trainable_names}

    def loss_at(name: str) -> Callable[[np.ndarray], float]:
        def loss(value: np.ndarray) -> float:
            rewind()
            if name == "x":
                return float((r * twin.forward(value, training=training)).sum()) + twin.penalty()
            kept = twin.arrays[name].copy()
            twin.arrays[name][...] = value
            result = float((r * twin.forward(x, training=training)).sum()) + twin.penalty()
            twin.arrays[name][...] = kept
            return result

        return loss

    checks = []
    for name, gradient in gradients.items():
        value = x if name == "x" else twin.arrays[name].copy()
        checks.append(
            _check(f"{layer.name}.{name}", loss_at(name), value, gradient, _all_entries(value), h)
        )
    return GradientReport(checks, tolerance=tolerance)


def _all_entries(x: np.ndarray) -> Iterator[tuple[int, ...]]:
    return np.ndindex(x.shape)


def _check(
    name: str,
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    analytic: np.ndarray,
    entries: Any,
    h: float,
) -> Check:
    places = list(entries)
    a = np.array([analytic[i] for i in places], float)
    n = np.array([_slope(f, x, i, h) for i in places])
    worst = int(np.argmax(np.nan_to_num(np.abs(a - n), nan=np.inf)))
    return Check(name, places[worst], float(a[worst]), float(n[worst]), relative_error(a, n))


def _check_direction(
    f: Callable[[np.ndarray], float],
    x: np.ndarray,
    analytic: np.ndarray,
    h: float,
    rng: np.random.Generator,
) -> Check:
    v = rng.normal(size=x.shape)
    v /= np.linalg.norm(v)
    slope = float((f(x + h * v) - f(x - h * v)) / (2 * h))
    product = float((analytic * v).sum())
    return Check("one random direction", (), product, slope, relative_error(product, slope))


def _model_in_float64(model: Sequential, x: ArrayLike) -> Sequential:
    twin = copy.deepcopy(model)
    if not twin.built:
        twin.build((None, *np.shape(x)[1:]))
    for layer in twin.layers:
        _to_float64(layer)
    twin.gather(np.dtype(float))
    return twin


def _to_float64(layer: Layer) -> None:
    layer.dtype = np.dtype(float)
    layer.arrays = {name: array.astype(float) for name, array in layer.arrays.items()}


def _rewinder(thing: Any) -> Callable[[], None]:
    """A function that puts all of the generators back to where they are now."""
    generators = [
        value
        for owner in (thing, *getattr(thing, "layers", ()))
        for value in vars(owner).values()
        if isinstance(value, np.random.Generator)
    ]
    states = [generator.bit_generator.state for generator in generators]

    def rewind() -> None:
        for generator, state in zip(generators, states, strict=True):
            generator.bit_generator.state = state

    return rewind
