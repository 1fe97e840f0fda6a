"""Models: layers put together, trained, saved and loaded."""

from __future__ import annotations

from os import PathLike

from nnlib.models.sequential import Sequential

__all__ = ["Sequential", "load_model"]


def load_model(path: str | PathLike[str]) -> Sequential:
    """Read a model that ``model.save(path)`` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, or not one of ours.
    """
    from nnlib.models.saving import load

    return load(path)
