"""Truth tables: the smallest data sets, small enough to work through by hand."""

from __future__ import annotations

import numpy as np

_OUTPUTS = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0), "xor": (0, 1, 1, 0)}


def gates(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the truth table of a logic gate.

    Parameters
    ----------
    name : {"and", "or", "nand", "xor"}
        A straight line separates the classes of the first three, but not those of ``"xor"``
        (Minsky and Papert, *Perceptrons*, 1969).

    Returns
    -------
    X : float64 array, shape (4, 2)
        The inputs 00, 01, 10, 11, each 0.0 or 1.0.
    y : int64 array, shape (4,)
        The gate's output for each row of ``X``, 0 or 1.
    """
    key = name.lower() if isinstance(name, str) else name
    if key not in _OUTPUTS:
        raise ValueError(f"gates: expected one of {', '.join(_OUTPUTS)}; got {name!r}")
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    return X, np.array(_OUTPUTS[key], dtype=np.int64)


def xor() -> tuple[np.ndarray, np.ndarray]:
    """Return the truth table of exclusive or: ``gates("xor")``."""
    return gates("xor")


def three_bit() -> tuple[np.ndarray, np.ndarray]:
    """Return four patterns of three bits, in two one-hot classes.

    The class is 1 where exactly one of the first two bits is set: exclusive or. The third bit is
    the opposite of the class, so that a network may learn either rule; reading the third bit alone
    is the shorter way.

    Returns
    -------
    X : float64 array, shape (4, 3)
        The inputs, each 0.0 or 1.0.
    y : float64 array, shape (4, 2)
        One-hot: ``[1, 0]`` for class 0 and ``[0, 1]`` for class 1.
    """
    X = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]], dtype=np.float64)
    y = np.array([[1, 0], [0, 1], [0, 1], [1, 0]], dtype=np.float64)
    return X, y
