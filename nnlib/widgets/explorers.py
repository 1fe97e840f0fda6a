"""The course's interactive views: each is a figure of ``nnlib.plots`` with controls."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nnlib import plots
from nnlib.plots.backward import STEPS
from nnlib.plots.convolutions import KERNELS, example_image
from nnlib.plots.surfaces import SURFACES
from nnlib.widgets._explore import Choice, LogSlider, Slider, explore, interactive_here


def decision_line(X: Any = None, y: Any = None, *, interactive: bool | None = None) -> Any:
    """Move a perceptron's weights and bias, and watch its errors (`plots.decision_line`).

    ``X``, shape (n, 2), and ``y``, shape (n,), default to AND. For ``interactive`` see `explore`.
    """
    return explore(
        partial(plots.decision_line, X=X, y=y),
        {
            "w1": Slider("weight w1", 1.0, -3.0, 3.0, 0.1),
            "w2": Slider("weight w2", -1.0, -3.0, 3.0, 0.1),
            "b": Slider("bias b", 0.5, -3.0, 3.0, 0.1),
        },
        interactive=interactive,
    )


def activation_explorer(*, interactive: bool | None = None) -> Any:
    """Compare activations: value, derivative, and what ten layers leave of a gradient.

    The figure is `plots.gradient_survival`; for ``interactive`` see `explore`.
    """
    names = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "linear", "step")
    return explore(
        plots.gradient_survival,
        {
            "function": Choice("activation", "sigmoid", names),
            "z": Slider("pre-activation z", 1.0, -6.0, 6.0, 0.1),
            "layers": Slider("layers", 10, 1, 30, 1),
        },
        interactive=interactive,
    )


def backward_stepper(*, interactive: bool | None = None, **network: Any) -> Any:
    """Go through a forward and a backward pass, one step at a time (`plots.backward_step`).

    ``network`` (x, y, W1, b1, W2, b2, learning_rate) is handed on; for ``interactive`` see
    `explore`. The static figure is the last step.
    """
    if not interactive_here(interactive):
        return plots.backward_step(**network)
    return explore(
        partial(plots.backward_step, **network),
        {"step": Slider("step", 0, 0, STEPS - 1, 1)},
        interactive=True,
    )


def optimizer_race(*, interactive: bool | None = None) -> Any:
    """Send four optimizers down a loss surface (`plots.optimizer_race`).

    For ``interactive`` see `explore`.
    """
    return explore(
        plots.optimizer_race,
        {
            "surface": Choice("surface", "ravine", tuple(SURFACES)),
            "learning_rate": LogSlider("learning rate", 0.05, -3, 0),
            "momentum": Slider("momentum", 0.9, 0.0, 0.99, 0.01),
            "steps": Slider("steps", 50, 1, 200, 1),
        },
        interactive=interactive,
    )


def overfitting_explorer(*, interactive: bool | None = None) -> Any:
    """Change a model's capacity, its penalty and its data (`plots.overfitting`).

    For ``interactive`` see `explore`.
    """
    return explore(
        plots.overfitting,
        {
            "degree": Slider("degree (capacity)", 12, 1, 15, 1),
            "l2": Slider("L2 penalty", 0.0, 0.0, 0.1, 0.002),
            "n": Slider("training points", 15, 5, 100, 1),
            "noise": Slider("noise", 0.25, 0.0, 1.0, 0.05),
            "seed": Slider("seed", 0, 0, 20, 1),
        },
        interactive=interactive,
    )


def kernel_explorer(
    image: Any = None, *, stride: int = 1, padding: int = 0, interactive: bool | None = None
) -> Any:
    """Slide a kernel over a picture and watch the output grow (`plots.kernel_over_image`).

    ``image``, shape (height, width), defaults to a handwritten 0; ``stride`` and ``padding`` are
    those of the convolution. For ``interactive`` see `explore`.
    """
    if image is None:
        image = example_image()
    plots.kernel_over_image(image, stride=stride, padding=padding)  # says what does not fit
    rows, columns = ((side + 2 * padding - 3) // stride + 1 for side in np.shape(image)[:2])
    last = rows * columns - 1
    return explore(
        partial(plots.kernel_over_image, image, stride=stride, padding=padding),
        {
            "kernel": Choice("kernel", "vertical edges", tuple(KERNELS)),
            "position": Slider("position", last // 2, 0, last, 1),
        },
        interactive=interactive,
    )
