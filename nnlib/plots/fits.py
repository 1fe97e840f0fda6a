"""Too simple, too flexible: a curve fitted with different numbers of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnlib._checks import number, whole
from nnlib.datasets import sine
from nnlib.plots._arguments import score
from nnlib.plots._style import BLUE, GREY, ORANGE, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

_MOST = 15


def _ridge(features: np.ndarray, y: np.ndarray, l2: float) -> np.ndarray:
    """Return the weights that minimise mean squared error + l2 * sum of squared weights.

    The bias, the first weight, is not penalised. Solved as least squares with extra rows, which is
    stable where the normal equations are not.
    """
    n, weights = features.shape
    penalty = np.sqrt(n * l2) * np.eye(weights)
    penalty[0] = 0
    rows, targets = np.vstack([features, penalty]), np.vstack([y, np.zeros((weights, 1))])
    return np.linalg.lstsq(rows, targets, rcond=None)[0]


@plot
def overfitting(
    degree: int = 12, l2: float = 0.0, n: int = 15, noise: float = 0.25, seed: int = 0
) -> Figure:
    """Fit a polynomial to a few noisy points of a sine wave, and look at new points too.

    The left panel shows the fit; the right one the error of every degree from 1 to 15, in training
    and in validation, at the same penalty.

    Parameters
    ----------
    degree : int, 1 to 15
        The model's capacity: a polynomial of this degree has degree + 1 weights.
    l2 : float, at least 0
        The L2 penalty: l2 times the sum of the squared weights (of Legendre polynomials) joins the
        mean squared error.
    n : int
        Training points. There are always 100 for validation.
    noise : float
        Standard deviation of the noise.
    seed : int

    Returns
    -------
    Figure
    """
    degree, l2 = whole(degree, "degree"), number(l2, "l2", low=0)
    if degree > _MOST:
        raise ValueError(f"degree: expected at most {_MOST}; got {degree}.")
    rng = np.random.default_rng(whole(seed, "seed", at_least=0))
    x, y = sine(whole(n, "n", at_least=2), noise, rng)
    x_new, y_new = sine(100, noise, rng)
    vander = np.polynomial.legendre.legvander
    train, validation = np.empty(_MOST), np.empty(_MOST)
    for d in range(1, _MOST + 1):
        weights = _ridge(vander(x[:, 0], d), y, l2)
        train[d - 1] = np.mean((vander(x[:, 0], d) @ weights - y) ** 2)
        validation[d - 1] = np.mean((vander(x_new[:, 0], d) @ weights - y_new) ** 2)
    curve = np.linspace(-1, 1, 300)
    weights = _ridge(vander(x[:, 0], degree), y, l2)

    fig = figure(size=(11.5, 4.2))
    left, right = fig.subplots(1, 2)
    left.plot(curve, np.sin(np.pi * curve), color=GREY, linestyle=":", label="truth")
    left.plot(curve, vander(curve, degree) @ weights, color=ORANGE, label=f"fit, degree {degree}")
    left.plot(
        x[:, 0],
        y[:, 0],
        "o",
        color=BLUE,
        markersize=8,
        markeredgecolor="white",
        label="training points",
    )
    left.set(
        xlabel="x", ylabel="y", ylim=(-2.0, 2.0), title=f"{degree + 1} weights, {len(x)} points"
    )
    left.legend(loc="lower right", fontsize=10)
    degrees = np.arange(1, _MOST + 1)
    # A fit through all points has an error of rounding only; below the axis says enough.
    floor = 1e-3
    right.plot(degrees, np.maximum(train, floor), "o-", color=BLUE, label="training")
    right.plot(degrees, np.maximum(validation, floor), "s--", color=ORANGE, label="validation")
    right.axvline(degree, color=GREY, linewidth=1.2, linestyle=(0, (2, 2)))
    right.set(
        xlabel="degree",
        ylabel="mean squared error",
        yscale="log",
        ylim=(floor / 1.5, 30),
        title=f"Error at penalty {l2:g}",
    )
    right.legend(loc="upper left")
    best = int(validation.argmin()) + 1
    fig.alt_text = (
        f"A polynomial of degree {degree} with penalty {l2:g} on {len(x)} points of a noisy sine "
        f"wave: training error {score(train[degree - 1])}, validation error "
        f"{score(validation[degree - 1])}. At this penalty validation is best at degree {best}, "
        f"with {score(validation[best - 1])}."
    )
    return fig
