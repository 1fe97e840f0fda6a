"""Activation functions, each with its backward rule beside it.

``sigmoid(z)`` is the function. ``sigmoid_backward(dy, z, y)`` is the chain rule through it: from dy
= dL/dy, the pre-activation z and the output y = sigmoid(z) it returns dL/dz. All of them take
arrays of any shape and keep the dtype of floats; integers become float64. All are exact and silent
for \\|z\\| = 1000 and beyond.

Names and defaults are those of ``keras.activations`` (``step`` is ours: Keras has none).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import look_up, numeric

Function = Callable[..., np.ndarray]


def _float(z: ArrayLike) -> np.ndarray:
    z = numeric(z, "activation")
    return z if z.dtype.kind == "f" else z.astype(float)


def step(z: ArrayLike) -> np.ndarray:
    """Heaviside step: 1 where z >= 0, else 0. The threshold unit of Rosenblatt (1958)."""
    z = _float(z)
    return (z >= 0).astype(z.dtype)


def step_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz = 0: the step is flat, so no gradient passes (its jump at 0 has no derivative)."""
    return np.zeros_like(dy)


def linear(z: ArrayLike) -> np.ndarray:
    """Identity: y = z. The output of a regression."""
    return _float(z).copy()


def linear_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz = dL/dy."""
    return dy.copy()


def sigmoid(z: ArrayLike) -> np.ndarray:
    """Logistic sigmoid: y = 1 / (1 + e^-z), in (0, 1)."""
    z = _float(z)
    e = np.exp(-np.abs(z))  # at most 1, so nothing overflows
    # For z < 0, multiply above and below by e^z: y = e^z / (1 + e^z).
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz = dL/dy · y (1 - y). Mind that y is the output, not z."""
    return dy * y * (1 - y)


def tanh(z: ArrayLike) -> np.ndarray:
    """Hyperbolic tangent: y = (e^z - e^-z) / (e^z + e^-z), in (-1, 1)."""
    return np.tanh(_float(z))


def tanh_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz = dL/dy · (1 - y²)."""
    return dy * (1 - y * y)


def relu(z: ArrayLike) -> np.ndarray:
    """Rectified linear unit: y = max(z, 0) (Nair and Hinton, 2010)."""
    return np.maximum(_float(z), 0)


def relu_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz = dL/dy where z > 0, else 0 (at the kink, z = 0, the usual choice is 0)."""
    return dy * (z > 0)


def leaky_relu(z: ArrayLike, negative_slope: float = 0.2) -> np.ndarray:
    """Leaky ReLU: y = z where z > 0, else negative_slope · z (Maas et al., 2013)."""
    z = _float(z)
    return np.where(z > 0, z, negative_slope * z)


def leaky_relu_backward(
    dy: np.ndarray, z: np.ndarray, y: np.ndarray, negative_slope: float = 0.2
) -> np.ndarray:
    """dL/dz = dL/dy where z > 0, else negative_slope · dL/dy."""
    return np.where(z > 0, dy, negative_slope * dy)


def elu(z: ArrayLike, alpha: float = 1.0) -> np.ndarray:
    """Exponential linear unit: y = z where z > 0, else α (e^z - 1) (Clevert et al., 2016)."""
    z = _float(z)
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def elu_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """dL/dz = dL/dy where z > 0, else dL/dy · α e^z = dL/dy · (y + α)."""
    return np.where(z > 0, dy, dy * (y + alpha))


def softmax(z: ArrayLike) -> np.ndarray:
    """Softmax over the last axis: y_i = e^z_i / Σ_j e^z_j. Every row is positive and sums to 1.

    Adding a constant to a row changes nothing, so the row's maximum is subtracted first: no
    overflow.
    """
    z = _float(z)
    if z.ndim == 0:
        raise ValueError(
            "softmax: expected at least one axis (the classes), but received a number."
        )
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(dy: np.ndarray, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz_j = Σ_i dL/dy_i · y_i (δ_ij - y_j) = y_j (dL/dy_j - Σ_i dL/dy_i y_i), row by row.

    This is the product of dy with the Jacobian of :func:`softmax_jacobian`, without building it.
    Note that y (1 - y) is only the Jacobian's diagonal.
    """
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def softmax_jacobian(z: ArrayLike) -> np.ndarray:
    """All partial derivatives J[..., i, j] = dy_i/dz_j = y_i (δ_ij - y_j), shape (..., C, C)."""
    y = softmax(z)
    return y[..., :, None] * (np.eye(y.shape[-1], dtype=y.dtype) - y[..., None, :])


_BACKWARD: dict[Function, Function] = {
    step: step_backward,
    linear: linear_backward,
    sigmoid: sigmoid_backward,
    tanh: tanh_backward,
    relu: relu_backward,
    leaky_relu: leaky_relu_backward,
    elu: elu_backward,
    softmax: softmax_backward,
}
_BY_NAME: dict[str, Function] = {function.__name__: function for function in _BACKWARD}


def get(identifier: str | Function | None) -> Function:
    """Return the activation function for a name; None means ``linear``, as in Keras.

    Raises
    ------
    ValueError
        For an unknown name, or a function whose backward rule is not known here.
    """
    if identifier is None:
        return linear
    if callable(identifier):
        if identifier not in _BACKWARD:
            raise ValueError(
                f"{getattr(identifier, '__name__', identifier)!r} has no backward rule in "
                f"nnlib.activations, so it cannot be trained. Use one of {', '.join(_BY_NAME)}, "
                "or write a Layer with forward and backward."
            )
        return identifier
    return look_up("activation", identifier, _BY_NAME)


def backward_of(function: Function) -> Function:
    """Return the backward rule ``rule(dy, z, y) -> dL/dz`` of one of this module's functions."""
    return _BACKWARD[get(function)]


def derivative(function: str | Function, z: ArrayLike) -> np.ndarray:
    """The slope f'(z) of an element-wise activation, with the shape of z.

    Softmax has none: each output depends on every input, so its derivative is a matrix, the
    :func:`softmax_jacobian`.
    """
    function = get(function)
    if function is softmax:
        raise ValueError(
            "softmax: each output depends on every input, so the derivative is a matrix. "
            "Use softmax_jacobian(z)."
        )
    z = _float(z)
    return backward_of(function)(np.ones_like(z), z, function(z))
