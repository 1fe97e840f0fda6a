"""Penalties on large weights: L1, L2 and both, as in ``keras.regularizers``."""

from __future__ import annotations

import numpy as np

from nnlib._checks import look_up, number


class Regularizer:
    """Base class. ``regularizer(w)`` is the penalty, a number; ``gradient(w)`` its derivative."""

    def __call__(self, w: np.ndarray) -> float:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(w).")

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """d penalty / d w, with the shape of ``w``."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient(w).")


class L1L2(Regularizer):
    """R(w) = λ₁ Σ abs(w) + λ₂ Σ w²."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = number(l1, f"{type(self).__name__}(l1)", low=0)
        self.l2 = number(l2, f"{type(self).__name__}(l2)", low=0)

    def __call__(self, w: np.ndarray) -> float:
        return float(self.l1 * np.abs(w).sum() + self.l2 * np.square(w).sum())

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """dR/dw = λ₁ sign(w) + 2 λ₂ w."""
        return self.l1 * np.sign(w) + 2 * self.l2 * w


class L1(L1L2):
    """R(w) = λ₁ Σ abs(w). Drives small weights towards 0."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)


class L2(L1L2):
    """R(w) = λ₂ Σ w². Shrinks every weight in proportion to its size."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)


_BY_NAME: dict[str, type[Regularizer]] = {"l1": L1, "l2": L2, "l1_l2": L1L2}


def get(identifier: str | Regularizer | None) -> Regularizer | None:
    """Return the regularizer for "l1", "l2" or "l1_l2"; None and regularizers as they are."""
    if identifier is None or isinstance(identifier, Regularizer):
        return identifier
    return look_up("regularizer", identifier, _BY_NAME)()
