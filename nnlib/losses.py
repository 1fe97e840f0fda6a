"""Loss functions, each with its gradient beside it.

``loss(y_true, y_pred)`` is a number, the mean over examples; ``loss.gradient(y_true, y_pred)`` is
dL/dy_pred. Names and values are those of ``keras.losses``.

Cross-entropies take probabilities, or raw scores (logits) with ``from_logits=True``. From logits
they are exact however large the scores: log softmax(z) is computed as a whole, so there is no
log(0) to guard against. A model whose last activation is the loss's partner (softmax or sigmoid) is
trained in that form.

From probabilities, a probability nearer than ``EPSILON`` to 0 or 1 counts as EPSILON away from it,
as in Keras, so that log(0) is -16.1 and not -inf. The gradient is taken at that bounded
probability. (Keras makes it 0 there instead, and so never mends a prediction that is certain and
wrong. Within the bounds the two agree.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import cast, finite, look_up, numeric

EPSILON = 1e-7


class Loss:
    """Base class: a subclass defines ``value_and_gradient`` and may narrow ``targets``."""

    name = "loss"
    partner: str | None = None  # the activation that this loss is fused with

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike) -> float:
        """The loss. ``y_pred`` has shape (batch, outputs); see the class for ``y_true``."""
        return self._checked(y_true, y_pred)[0]

    def gradient(self, y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
        """dL/dy_pred, with the shape and dtype of ``y_pred`` (integers become float64)."""
        return self._checked(y_true, y_pred)[1]

    def _checked(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[float, np.ndarray]:
        where = f"{self.name}: y_pred"
        y_pred = finite(numeric(y_pred, where), where)
        if y_pred.dtype.kind != "f":
            y_pred = y_pred.astype(float)
        if y_pred.size == 0:
            raise ValueError(f"{self.name}: y_pred is empty, and the mean of nothing is undefined.")
        targets = self.targets(y_true, y_pred.shape, y_pred.dtype)
        self.check_predictions(y_pred)
        value, gradient = self.value_and_gradient(targets, y_pred)
        return value, gradient

    def targets(self, y_true: ArrayLike, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return ``y_true`` checked, and brought to the shape and dtype of the predictions.

        ``shape`` is the predictions' shape. Labels of shape (batch,) fit predictions of shape
        (batch, 1).
        """
        where = f"{self.name}: y_true"
        y = cast(numeric(y_true, where), np.dtype(dtype), where)
        if y.shape != shape and y.size == np.prod(shape) and _squeezed(y.shape) == _squeezed(shape):
            y = y.reshape(shape)
        if y.shape != shape:
            raise ValueError(
                f"{self.name}: expected y_true of shape {shape}, that of the predictions, "
                f"but received shape {y.shape}."
            )
        return y

    def check_predictions(self, y_pred: np.ndarray) -> None:
        """Raise ValueError for predictions that this loss has no meaning for."""

    def value_and_gradient(
        self, y_true: np.ndarray, y_pred: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """The loss and dL/dy_pred, for arguments that have been checked."""
        raise NotImplementedError(f"{type(self).__name__} must define value_and_gradient.")


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape


class MeanSquaredError(Loss):
    """L = 1/n Σ (ŷ - y)², over all n entries of the predictions.

    ``y_true`` has the shape of ``y_pred``.
    """

    name = "mean_squared_error"

    def value_and_gradient(
        self, y_true: np.ndarray, y_pred: np.ndarray
    ) -> tuple[float, np.ndarray]:
        error = y_pred - y_true
        loss = np.mean(error * error)
        dy = 2 * error / error.size
        return float(loss), dy


class CrossEntropy(Loss):
    """What the cross-entropies share: they read ``y_pred`` as probabilities, or as logits."""

    def __init__(self, from_logits: bool = False) -> None:
        if not isinstance(from_logits, bool | np.bool_):
            raise TypeError(
                f"{type(self).__name__}(from_logits): expected True or False, "
                f"but received {from_logits!r}."
            )
        self.from_logits = bool(from_logits)

    def value_and_gradient(
        self, y_true: np.ndarray, y_pred: np.ndarray
    ) -> tuple[float, np.ndarray]:
        if self.from_logits:
            return self.of_logits(y_true, y_pred)
        return self.of_probabilities(y_true, y_pred)

    def of_logits(self, y: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss and dL/dz, from raw scores."""
        raise NotImplementedError(f"{type(self).__name__} must define of_logits.")

    def of_probabilities(self, y: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss and dL/dp, from probabilities."""
        raise NotImplementedError(f"{type(self).__name__} must define of_probabilities.")

    def check_predictions(self, y_pred: np.ndarray) -> None:
        if not self.from_logits and not ((y_pred >= 0) & (y_pred <= 1)).all():
            bad = y_pred[~((y_pred >= 0) & (y_pred <= 1))][0]
            raise ValueError(
                f"{self.name}: expected probabilities from 0 to 1, but received {bad}. "
                f"End the model with activation={self.partner!r}, or, if these are raw scores, "
                f"use {type(self).__name__}(from_logits=True)."
            )


class BinaryCrossentropy(CrossEntropy):
    """L = -1/n Σ [y log p + (1 - y) log(1 - p)], over all n entries; p is the probability of class
    1.

    ``y_true`` has the shape of ``y_pred`` (or (batch,) for (batch, 1)) and holds 0 and 1, or
    probabilities in between.
    """

    name = "binary_crossentropy"
    partner = "sigmoid"

    def targets(self, y_true: ArrayLike, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        y = super().targets(y_true, shape, dtype)
        if ((y < 0) | (y > 1)).any():
            bad = y[(y < 0) | (y > 1)][0]
            raise ValueError(
                f"{self.name}: expected labels 0 and 1, but y_true contains {bad:g}. "
                "(Labels -1 and 1 become 0 and 1 by (y + 1) / 2.)"
            )
        return y

    def of_logits(self, y: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
        # With p = σ(z): -log p = log(1 + e^-z) and -log(1 - p) = log(1 + e^z).
        tail = np.log1p(np.exp(-np.abs(z)))  # log(1 + e^-|z|), never overflows
        loss = np.mean(y * (np.maximum(-z, 0) + tail) + (1 - y) * (np.maximum(z, 0) + tail))
        p = np.exp(-(np.maximum(-z, 0) + tail))
        dz = (p - y) / y.size
        return float(loss), dz

    def of_probabilities(self, y: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]:
        p = np.clip(p, EPSILON, 1 - EPSILON)
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        dp = -(y / p - (1 - y) / (1 - p)) / y.size
        return float(loss), dp


class CategoricalCrossentropy(CrossEntropy):
    """L = -1/n Σ_i Σ_c y_ic log p_ic: the sum over classes, the mean over the n examples only.

    ``y_true`` has the shape (..., classes) of ``y_pred``; each row is one-hot, or a distribution
    that sums to 1.

    As in Keras, a row of probabilities p is first divided by its sum, q = p / Σ p, and q takes the
    place of p above; so dL/dp_c = (1 - y_c / q_c) / (n Σ p). (Many tutorials take the mean over all
    n · C entries instead, which divides the loss by C.)
    """

    name = "categorical_crossentropy"
    partner = "softmax"

    def targets(self, y_true: ArrayLike, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        _several_classes(self.name, shape)
        y = numeric(y_true, f"{self.name}: y_true")
        if y.shape in (shape[:-1], (*shape[:-1], 1)):
            raise ValueError(
                f"{self.name}: expected one-hot labels of shape {shape}, but received shape "
                f"{y.shape}. For class numbers use 'sparse_categorical_crossentropy', or "
                "encode them with nnlib.utils.to_categorical."
            )
        y = super().targets(y, shape, dtype)
        sums = y.sum(axis=-1)
        if (y < 0).any() or (np.abs(sums - 1) > 1e-3).any():
            row = tuple(
                int(i) for i in np.argwhere((y < 0).any(axis=-1) | (np.abs(sums - 1) > 1e-3))[0]
            )
            raise ValueError(
                f"{self.name}: expected each row of y_true to be one-hot (not negative, sum 1), "
                f"but the row at index {row} is {y[row]}, with sum {sums[row]:g}."
            )
        return y

    def check_predictions(self, y_pred: np.ndarray) -> None:
        super().check_predictions(y_pred)
        if not self.from_logits:
            sums = y_pred.sum(axis=-1)
            if (np.abs(sums - 1) > 1e-2).any():
                raise ValueError(
                    f"{self.name}: expected each row of probabilities to sum to 1, but found a sum "
                    f"of {sums[np.abs(sums - 1) > 1e-2][0]:g}. End the model with "
                    f"activation='softmax', or use {type(self).__name__}(from_logits=True)."
                )

    def of_logits(self, y: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
        n = z[..., 0].size
        shifted = z - z.max(axis=-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))  # log softmax(z)
        loss = -np.sum(y * log_p) / n
        dz = (np.exp(log_p) - y) / n  # p - y: the softmax's Jacobian and -y/p in one
        return float(loss), dz

    def of_probabilities(self, y: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]:
        n = p[..., 0].size
        total = p.sum(axis=-1, keepdims=True)
        q = np.clip(p / total, EPSILON, 1 - EPSILON)
        loss = -np.sum(y * np.log(q)) / n
        dp = (1 - y / q) / (n * total)
        return float(loss), dp


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """The categorical cross-entropy for labels that are class numbers: L = -1/n Σ_i log
    p_i,label(i).

    ``y_true`` has shape (batch,) or (batch, 1) and holds whole numbers from 0 to classes - 1.
    """

    name = "sparse_categorical_crossentropy"

    def targets(self, y_true: ArrayLike, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        _several_classes(self.name, shape)
        labels = class_numbers(y_true, shape, self.name)
        return np.eye(shape[-1], dtype=dtype)[labels]


def class_numbers(y_true: ArrayLike, shape: tuple[int, ...], where: str) -> np.ndarray:
    """Return ``y_true`` as whole class numbers that fit predictions of the given shape."""
    y = finite(numeric(y_true, f"{where}: y_true"), f"{where}: y_true")
    if y.shape == (*shape[:-1], 1):
        y = y[..., 0]
    if y.shape != shape[:-1]:
        one_hot = " They look one-hot: use 'categorical_crossentropy'." if y.shape == shape else ""
        raise ValueError(
            f"{where}: expected class numbers of shape {shape[:-1]}, "
            f"but received shape {y.shape}.{one_hot}"
        )
    labels = y.astype(int)
    wrong = (labels != y) | (labels < 0) | (labels >= shape[-1])
    if wrong.any():
        raise ValueError(
            f"{where}: expected whole class numbers from 0 to {shape[-1] - 1}, "
            f"but y_true contains {y[wrong][0]:g}."
        )
    return labels


def _several_classes(where: str, shape: tuple[int, ...]) -> None:
    if not shape or shape[-1] < 2:
        raise ValueError(
            f"{where}: expected predictions for at least 2 classes, but received shape {shape}. "
            "For one output unit use 'binary_crossentropy' and activation 'sigmoid'."
        )


_BY_NAME: dict[str, type[Loss]] = {
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get(identifier: str | Loss) -> Loss:
    """Return the loss for a name such as ``"binary_crossentropy"``; a loss is returned as it is."""
    if isinstance(identifier, Loss):
        return identifier
    return look_up("loss", identifier, _BY_NAME)()
