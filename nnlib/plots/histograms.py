"""How activations are spread in each layer: do they vanish, explode or die?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, numeric
from nnlib.plots._arguments import score
from nnlib.plots._style import BLUE, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


@plot
def activation_histograms(
    activations: Mapping[str, Any] | Sequence[Any], *, title: str = "Activations by layer"
) -> Figure:
    """Draw one histogram of activations (or gradients, or weights) for each layer.

    Parameters
    ----------
    activations : mapping from name to array, or sequence of arrays
        One array of any shape for each layer, from the first to the last.
    title : str

    Returns
    -------
    Figure
        All panels share the horizontal axis; each says its mean, standard deviation and share of
        exact zeros.
    """
    if not isinstance(activations, Mapping):
        activations = {f"layer {k}": a for k, a in enumerate(activations, start=1)}
    if not activations:
        raise ValueError("activation_histograms: expected at least one layer; got none.")
    layers = {}
    for name, array in activations.items():
        layers[str(name)] = finite(numeric(array, str(name)), str(name)).ravel().astype(float)
        if layers[str(name)].size == 0:
            raise ValueError(f"activation_histograms: {name!r} is empty.")
    low = min(a.min() for a in layers.values())
    high = max(a.max() for a in layers.values())
    edges = np.linspace(low, high if high > low else low + 1, 41)
    fig = figure(size=(min(max(2.6 * len(layers), 5.0), 14), 3.4))
    axes = fig.subplots(1, len(layers), sharex=True, squeeze=False)[0]
    told = []
    for ax, (name, a) in zip(axes, layers.items(), strict=True):
        zeros = float(np.mean(a == 0))
        ax.hist(a, edges, color=BLUE, weights=np.full(a.size, 100 / a.size))
        ax.set_title(
            f"{name}\nmean {score(a.mean())}\nstd {score(a.std())}\nzeros {zeros:.0%}",
            fontsize=11,
            fontweight="normal",
        )
        ax.margins(x=0.05)
        told.append(
            f"{name}: mean {score(a.mean())}, standard deviation {score(a.std())}, "
            f"{zeros:.0%} zeros"
        )
    axes[0].set_ylabel("share of values (%)")
    fig.suptitle(title)
    fig.alt_text = f"{title}, as histograms. {'; '.join(told)}."
    return fig
