"""The table that ``model.summary()`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlib.models.stack import Stack


def summary_lines(model: Stack) -> Iterator[str]:
    """The lines of the table: one for each layer, then the totals."""
    shapes = ["?"] * len(model.layers) if model.input_shape is None else model.shapes()[1:]
    rows = [("Layer (type)", "Output shape", "Param #")] + [
        (
            f"{layer.name} ({type(layer).__name__})",
            str(shape),
            f"{layer.count_params():,}" if layer.built else "not built",
        )
        for layer, shape in zip(model.layers, shapes, strict=True)
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    rule = "─" * (sum(widths) + 8)
    yield f'Model: "{model.name}"'
    yield rule
    for number, (layer, shape, params) in enumerate(rows):
        yield f" {layer:<{widths[0]}}   {shape:<{widths[1]}}   {params:>{widths[2]}}"
        if number == 0:
            yield rule
    yield rule
    total, trainable = model.count_params(), model.parameters.size
    size = model.dtype.itemsize
    yield f" Total params: {total:,} ({memory(total * size)})"
    yield f" Trainable params: {trainable:,} ({memory(trainable * size)})"
    yield f" Non-trainable params: {total - trainable:,} ({memory((total - trainable) * size)})"


def memory(size: float) -> str:
    """A number of bytes in the unit that suits it."""
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
