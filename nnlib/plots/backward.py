"""One backward pass, step by step, over a drawn 2-2-1 network with its numbers on the wires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, number, numeric, whole
from nnlib.plots._arguments import score
from nnlib.plots._style import plot
from nnlib.plots.wiring import network

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

STEPS = 9
"""How many steps `backward_step` has, from 0, the start, to 8, the new loss."""


def _shaped(array: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    array = finite(numeric(array, name), name).astype(float)
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}; got {array.shape}.")
    return array


def _loss(z: float, y: float) -> float:
    """Return the binary cross-entropy of y and sigmoid(z): log(1 + e^z) - y z."""
    return float(np.logaddexp(0, z) - y * z)


def _listed(array: np.ndarray) -> str:
    return ", ".join(score(value) for value in array.ravel())


@plot
def backward_step(
    step: int = STEPS - 1,
    *,
    x: Any = (1.0, 2.0),
    y: float = 1.0,
    W1: Any = ((0.5, -0.3), (0.2, 0.8)),
    b1: Any = (0.1, -0.2),
    W2: Any = ((0.6,), (-0.4,)),
    b2: Any = (0.05,),
    learning_rate: float = 0.1,
) -> Figure:
    """Draw what is known after ``step`` steps of one forward and one backward pass.

    The network has two inputs, two ReLU hidden units and one sigmoid output; the loss is binary
    cross-entropy, on one example.

    The sign ∂ stands below a weight for dL/dw, below the output for dL/dz2, and below the hidden
    units for dL/dh in step 6 and dL/dz1 from step 7 on.

    Parameters
    ----------
    step : int, 0 to 8
        0 start, 1 hidden layer, 2 output, 3 loss, 4 dL/dz2, 5 dL/dW2 and dL/db2, 6 dL/dh,
        7 dL/dz1, then dL/dW1 and dL/db1, 8 the weights after one step of gradient descent.
    x : array, shape (2,)
        The inputs.
    y : float
        The target, 0 or 1.
    W1, b1, W2, b2 : arrays, shapes (2, 2), (2,), (2, 1), (1,)
        Weights, as (inputs, outputs), and biases.
    learning_rate : float
        For the last step.

    Returns
    -------
    Figure
    """
    step = whole(step, "step", at_least=0)
    if step >= STEPS:
        raise ValueError(f"step: expected 0 to {STEPS - 1}; got {step}.")
    x, y = _shaped(x, (2,), "x"), number(y, "y", low=0, high=1)
    W1, b1 = _shaped(W1, (2, 2), "W1"), _shaped(b1, (2,), "b1")
    W2, b2 = _shaped(W2, (2, 1), "W2"), _shaped(b2, (1,), "b2")
    learning_rate = number(learning_rate, "learning_rate", low=0)

    z1 = x @ W1 + b1
    h = np.maximum(z1, 0)
    z2 = h @ W2 + b2
    a = 1 / (1 + np.exp(-z2))
    loss = _loss(z2[0], y)
    dz2 = a - y
    dW2 = np.outer(h, dz2)
    dh = W2 @ dz2
    dz1 = dh * (z1 > 0)
    dW1 = np.outer(x, dz1)
    told = [
        "inputs, weights and biases are given",
        f"z1 = x W1 + b1 = {_listed(z1)};  h = ReLU(z1) = {_listed(h)}",
        f"z2 = h W2 + b2 = {score(z2[0])};  a = sigmoid(z2) = {score(a[0])}",
        f"L = −y ln a − (1 − y) ln(1 − a) = {score(loss)}  for y = {y:g}",
        f"dL/dz2 = a − y = {score(dz2[0])}",
        f"dL/dW2 = hᵀ dL/dz2 = {_listed(dW2)};  dL/db2 = {score(dz2[0])}",
        f"dL/dh = dL/dz2 W2ᵀ = {_listed(dh)}",
        f"dL/dz1 = dL/dh where z1 > 0, else 0 = {_listed(dz1)}\n"
        f"dL/dW1 = xᵀ dL/dz1 = {_listed(dW1)};  dL/db1 = {_listed(dz1)}",
    ]
    gradients = [dW1 if step >= 7 else None, dW2 if step >= 5 else None]
    if step == STEPS - 1:
        W1, b1 = W1 - learning_rate * dW1, b1 - learning_rate * dz1
        W2, b2 = W2 - learning_rate * dW2, b2 - learning_rate * dz2
        new = _loss((np.maximum(x @ W1 + b1, 0) @ W2 + b2)[0], y)
        told.append(
            f"w ← w − {learning_rate:g} dL/dw: the new weights are on the wires\n"
            f"the loss falls from {score(loss)} to {score(new)}"
            if new < loss
            else f"w ← w − {learning_rate:g} dL/dw: the new weights are on the wires\n"
            f"the loss goes from {score(loss)} to {score(new)}"
        )
    fig = network(
        [2, 2, 1],
        [W1, W2],
        values=[x, h if step >= 1 else None, a if step >= 2 else None],
        gradients=gradients,
        biases=[b1, b2],
        value_gradients=[
            None,
            dz1 if step >= 7 else dh if step >= 6 else None,
            dz2 if step >= 4 else None,
        ],
    )
    fig.set_size_inches(8.5, 4.6)
    title = f"Step {step} of {STEPS - 1}"
    fig.suptitle(f"{title}\n{told[step]}", ha="left", x=0.02, fontsize=12)
    fig.alt_text = f"{title}: {told[step]}. {fig.alt_text}".replace("\n", "; ")
    return fig
