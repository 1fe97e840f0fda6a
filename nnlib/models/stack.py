"""A stack of layers: put together, run forward and backward, with their weights in one vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib.layers.input import Input
from nnlib.layers.layer import Layer, Shape, float_dtype


class Stack:
    """Layers one on top of the other: the output of each is the input of the next.

    :class:`nnlib.models.Sequential`, which can be trained too, describes the parameters.
    """

    def __init__(
        self,
        layers: Iterable[Layer | Input] | None = None,
        *,
        name: str | None = None,
        seed: int | np.random.Generator | None = None,
        dtype: str | None = None,
    ) -> None:
        self.name = name or "sequential"
        self.rng = np.random.default_rng(seed)
        self._dtype_is_given = dtype is not None
        self.dtype = float_dtype(dtype, "Sequential(dtype)")
        self.layers: list[Layer] = []
        self.input_shape: Shape | None = None
        self._parameters = np.empty(0, self.dtype)
        self._gradients = np.empty(0, self.dtype)
        if isinstance(layers, Layer | Input):
            raise TypeError(
                "Sequential(layers): expected a list of layers, but received one layer."
            )
        for layer in layers or ():
            self.add(layer)

    @property
    def parameters(self) -> np.ndarray:
        """θ, all trainable weights as one vector. Assigning to it copies the new values in."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: ArrayLike) -> None:
        if np.shape(values) != self._parameters.shape:
            raise ValueError(
                f"{self.name}.parameters: expected shape {self._parameters.shape}, "
                f"but received shape {np.shape(values)}."
            )
        self._parameters[...] = values

    @property
    def gradients(self) -> np.ndarray:
        """dL/dθ as the latest backward pass left it."""
        return self._gradients

    def add(self, layer: Layer | Input) -> None:
        """Put ``layer`` on top."""
        if isinstance(layer, Input):
            if self.layers or self.input_shape:
                raise ValueError(f"{self.name}: Input must be the first layer, and only that.")
            self.input_shape = (None, *layer.shape)
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"{self.name}: expected a layer, but received {layer!r}.")
        if layer.in_model:
            raise ValueError(
                f"{self.name}: the layer {layer.name!r} already belongs to a model, and its "
                "weights live there. Make a new layer, and copy the weights with set_weights."
            )
        self._adopt(layer)
        try:
            if self.input_shape is not None:
                self._build_layers(self.input_shape)
        except ValueError:
            self.layers.pop().in_model = False  # so that a corrected layer can take its place
            raise

    def _adopt(self, layer: Layer) -> None:
        """Settle the layer's dtype and name."""
        if layer.has_own_dtype and not self.layers and not self._dtype_is_given:
            self.dtype = layer.dtype
        if layer.dtype != self.dtype and (layer.has_own_dtype or layer.built):
            raise ValueError(
                f"{self.name}: all layers of a model share one dtype, here {self.dtype}, but "
                f"{layer.name!r} has {layer.dtype}. "
                f"Use Sequential(..., dtype={layer.dtype.name!r})."
            )
        layer.dtype = self.dtype
        taken = {other.name for other in self.layers}
        if layer.name in taken:
            if layer.has_own_name:
                raise ValueError(f"{self.name}: there are two layers named {layer.name!r}.")
            count = 1
            while f"{layer.name}_{count}" in taken:
                count += 1
            layer.name = f"{layer.name}_{count}"
        layer.in_model = True
        self.layers.append(layer)

    def build(self, input_shape: Shape) -> None:
        """Make the weights for inputs of this shape, such as (None, 8)."""
        if self.input_shape is not None and (None, *input_shape[1:]) != self.input_shape:
            raise ValueError(
                f"{self.name}: is built for inputs of shape {self.input_shape}, "
                f"but received {tuple(input_shape)}."
            )
        shape = (None, *input_shape[1:])
        self._build_layers(shape)
        self.input_shape = shape

    @property
    def built(self) -> bool:
        """Whether the model knows its input shape, and so has its weights."""
        return self.input_shape is not None and all(layer.built for layer in self.layers)

    @property
    def output_shape(self) -> Shape:
        """The shape of the predictions, with None for the batch."""
        return self.shapes()[-1]

    def shapes(self) -> list[Shape]:
        """The shape of the input, and of each layer's output."""
        if self.input_shape is None:
            raise ValueError(f"{self.name}: begin with Input(shape), or call build(input_shape).")
        shapes = [self.input_shape]
        for layer in self.layers:
            shapes.append(layer.compute_output_shape(shapes[-1]))
        return shapes

    def _build_layers(self, shape: Shape) -> None:
        for layer in self.layers:
            if not layer.built:
                layer.build(shape, self.rng)
            elif layer.input_shape != shape:
                raise ValueError(
                    f"{layer.name}: is built for inputs of shape {layer.input_shape}, "
                    f"but here it receives {shape}."
                )
            shape = layer.compute_output_shape(shape)
        self.gather(self.dtype)

    def gather(self, dtype: np.dtype) -> None:
        """Move all trainable weights into one vector, their gradients into another."""
        owners = [(layer, name) for layer in self.layers for name in layer.trainable_names]
        size = sum(layer.arrays[name].size for layer, name in owners)
        self.dtype = dtype
        self._parameters, self._gradients = np.empty(size, dtype), np.empty(size, dtype)
        start = 0
        for layer, name in owners:
            array = layer.arrays[name]
            part = slice(start, start + array.size)
            self._parameters[part] = array.ravel()
            self._gradients[part] = layer.arrays[f"d_{name}"].ravel()
            layer.arrays[name] = self._parameters[part].reshape(array.shape)
            layer.arrays[f"d_{name}"] = self._gradients[part].reshape(array.shape)
            start += array.size

    def forward(self, x: ArrayLike, training: bool = False) -> np.ndarray:
        """The output for a batch: each layer's forward, from the first to the last."""
        y = np.asarray(x)
        for layer in self.ready():
            y = layer.forward(y, training=training)
        return y

    def __call__(self, x: ArrayLike, training: bool = False) -> np.ndarray:
        return self.forward(x, training=training)

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """From dL/dy, fill ``gradients`` and return dL/dx: each layer's backward, last to first."""
        dx = np.asarray(dy)
        for layer in reversed(self.ready()):
            dx = layer.backward(dx)
        return dx

    def ready(self) -> list[Layer]:
        """The layers, if there are any."""
        if not self.layers:
            raise ValueError(f"{self.name}: has no layers yet. Add some with add(layer).")
        return self.layers

    def penalty(self) -> float:
        """What all regularizers add to the loss."""
        return sum((layer.penalty() for layer in self.layers), 0.0)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, layer by layer, in Keras's order."""
        return [w for layer in self.layers for w in layer.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Copy ``weights`` in, in the order of ``get_weights``. Those of the Keras twin fit."""
        counts = [len(layer.get_weights()) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(
                f"{self.name}: expected {sum(counts)} arrays of weights, but received "
                f"{len(weights)}."
                + ("" if self.built else " The model has no weights before it knows its input.")
            )
        rest = list(weights)
        for layer, count in zip(self.layers, counts, strict=True):
            layer.set_weights(rest[:count])
            rest = rest[count:]

    def count_params(self) -> int:
        """How many numbers the weights hold."""
        return sum(layer.count_params() for layer in self.layers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its index."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in self.layers)
        raise ValueError(f"{self.name}: has no layer named {name!r}. Its layers: {known}.")

    def summary(self, print_fn: Callable[[str], Any] = print) -> None:
        """Print each layer with its output shape and its number of parameters."""
        from nnlib.models.summary import summary_lines

        for line in summary_lines(self):
            print_fn(line)
