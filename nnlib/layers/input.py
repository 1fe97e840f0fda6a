"""The shape of a model's input."""

from __future__ import annotations

from nnlib._checks import whole


class Input:
    """Says what one example looks like; it computes nothing, and is not among ``model.layers``.

    Parameters
    ----------
    shape : tuple of int
        The shape without the batch: ``Input((8,))`` for 8 features, ``Input((8, 8, 1))`` for
        images.
    """

    def __init__(self, shape: tuple[int, ...], *, name: str | None = None) -> None:
        if isinstance(shape, int) or not hasattr(shape, "__iter__"):
            raise TypeError(
                f"Input(shape): expected a tuple such as (8,), but received {shape!r}. "
                "A tuple of one number needs its comma."
            )
        self.shape = tuple(whole(n, "Input(shape)") for n in shape)
        if not self.shape:
            raise ValueError("Input(shape): expected at least one axis besides the batch.")
        self.name = name or "input"
