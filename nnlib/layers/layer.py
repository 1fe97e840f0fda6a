"""What all layers share: a name, a dtype, weights, and the memory from forward to backward."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import numeric
from nnlib.initializers import Initializer
from nnlib.regularizers import Regularizer

Shape = tuple[Any, ...]  # (None, 8): None is the batch, which may be of any size


class Weight:
    """A named array of a layer, declared in the class: ``kernel = Weight()``.

    Reading ``layer.kernel`` gives the array. Assigning to it copies the new values *into* the
    array. So ``self.d_kernel = x.T @ dz`` fills a part of the model's flat gradient, and nothing
    can cut that tie by accident.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Layer | None, owner: type | None = None) -> np.ndarray:
        if layer is None:
            return self  # type: ignore[return-value]  # read from the class, as help() does
        try:
            return layer.arrays[self.name]
        except KeyError:
            raise AttributeError(
                f"{layer.name}.{self.name} does not exist"
                + ("." if layer.built else " before the layer knows its input: call build first.")
            ) from None

    def __set__(self, layer: Layer, value: ArrayLike) -> None:
        array = self.__get__(layer)
        if np.shape(value) != array.shape:
            raise ValueError(
                f"{layer.name}.{self.name}: expected shape {array.shape}, "
                f"but received shape {np.shape(value)}."
            )
        array[...] = value


class Layer:
    """Base class of the layers.

    A subclass defines ``forward``, ``backward`` and ``compute_output_shape``, and with weights also
    ``build``. The first axis of every array is the batch; in shapes it is None.

    Between ``forward`` and ``backward``, write neither into x nor into the result: backward may
    read them.

    Parameters
    ----------
    name : str, optional
        Shown in summaries and errors. A model numbers the layers that have none.
    dtype : {"float32", "float64"}, optional
        The type of weights and results. By default the model's, which is float32 unless told
        otherwise.

    Examples
    --------
    A layer y = a · x, with one factor to learn for each feature:

    >>> class Scale(Layer):
    ...     a, d_a = Weight(), Weight()
    ...
    ...     def build(self, input_shape, rng=None):
    ...         super().build(input_shape, rng)
    ...         self.add_weight("a", input_shape[1:], Ones())
    ...
    ...     def compute_output_shape(self, input_shape):
    ...         return input_shape
    ...
    ...     def forward(self, x, training=False):
    ...         x = self.receive(x)
    ...         return self.keep(self.a * x, x)
    ...
    ...     def backward(self, dy):
    ...         dy, x = self.recall(dy)
    ...         self.d_a = (dy * x).sum(axis=0)
    ...         return dy * self.a
    """

    def __init__(self, *, name: str | None = None, dtype: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}(name): expected a string, not {name!r}.")
        self.in_model = False
        self.has_own_name = name is not None
        self.name = name or default_name(type(self))
        self.has_own_dtype = dtype is not None
        self.dtype = float_dtype(dtype, f"{type(self).__name__}(dtype)")
        self.input_shape: Shape | None = None
        self.arrays: dict[str, np.ndarray] = {}
        self.trainable_names: list[str] = []
        self.state_names: list[str] = []
        self.regularizers: dict[str, Regularizer] = {}
        self._rng: np.random.Generator | None = None
        self._memory: tuple[Any, ...] | None = None
        self._output_shape: tuple[int, ...] = ()

    @property
    def built(self) -> bool:
        """Whether the layer knows its input shape, and so has its weights."""
        return self.input_shape is not None

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        """Fix the input shape, such as (None, 8), and draw the weights from ``rng``."""
        if self.built:
            raise ValueError(
                f"{self.name}: is already built, for inputs of shape {self.input_shape}."
            )
        self.input_shape = (None, *input_shape[1:])
        self._rng = rng

    def add_weight(
        self,
        name: str,
        shape: tuple[int, ...],
        initializer: Initializer,
        regularizer: Regularizer | None = None,
        trainable: bool = True,
    ) -> None:
        """Make the array ``name``, and beside it ``d_name`` for dL/d name if it is trainable."""
        self.arrays[name] = initializer(shape, self.dtype, self._rng)
        if trainable:
            self.arrays[f"d_{name}"] = np.zeros(shape, self.dtype)
            self.trainable_names.append(name)
        else:
            self.state_names.append(name)
        if regularizer is not None:
            self.regularizers[name] = regularizer

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the result for a given shape of the input."""
        raise NotImplementedError(f"{type(self).__name__} must define compute_output_shape.")

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """The layer's output for the batch ``x``. Builds the layer at its first use."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(x, training).")

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """From dy = dL/dy of the latest forward, fill the ``d_`` arrays and return dL/dx."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(dy).")

    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        return self.forward(x, training=training)

    def penalty(self) -> float:
        """What the layer's regularizers add to the loss."""
        return sum((r(self.arrays[name]) for name, r in self.regularizers.items()), 0.0)

    def add_penalty_gradients(self) -> None:
        """Add the gradient of ``penalty`` to the ``d_`` arrays, once backward has filled them."""
        for name, regularizer in self.regularizers.items():
            self.arrays[f"d_{name}"] += regularizer.gradient(self.arrays[name])

    def count_params(self) -> int:
        """How many numbers the layer's weights hold."""
        return sum(w.size for w in self._weights())

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights, in Keras's order: the trainable ones, then the others."""
        return [w.copy() for w in self._weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Copy ``weights`` in, in the order of ``get_weights``."""
        names = [*self.trainable_names, *self.state_names]
        if len(weights) != len(names):
            raise ValueError(
                f"{self.name}: expected {len(names)} arrays ({', '.join(names) or 'none'}), "
                f"but received {len(weights)}."
            )
        for name, value in zip(names, weights, strict=True):
            array = numeric(value, f"{self.name}.{name}")
            if array.shape != self.arrays[name].shape:
                raise ValueError(
                    f"{self.name}.{name}: expected shape {self.arrays[name].shape}, "
                    f"but received shape {array.shape}."
                )
            self.arrays[name][...] = array

    def _weights(self) -> list[np.ndarray]:
        return [self.arrays[name] for name in (*self.trainable_names, *self.state_names)]

    def receive(self, x: ArrayLike) -> np.ndarray:
        """Return the input as an array of the layer's dtype, once its shape is known to fit."""
        x = numeric(x, self.name).astype(self.dtype, copy=False)
        if x.ndim < 2:
            raise ValueError(
                f"{self.name}: expected a batch of inputs, of shape (batch, ...), but received "
                f"shape {x.shape}. A single example needs a first axis of 1: x[None]."
            )
        if self.input_shape is None:
            self.build((None, *x.shape[1:]))
        if (None, *x.shape[1:]) != self.input_shape:
            raise ValueError(
                f"{self.name}: expected input of shape {self.input_shape} (None is the batch), "
                f"but received shape {x.shape}."
            )
        return x

    def keep(self, y: np.ndarray, *memory: Any) -> np.ndarray:
        """Remember what backward will read, and return ``y``."""
        self._memory = memory
        self._output_shape = y.shape
        return y

    def recall(self, dy: ArrayLike) -> tuple[Any, ...]:
        """Return dy, once it is known to fit, and what ``keep`` remembered."""
        if self._memory is None:
            raise RuntimeError(f"{self.name}: backward needs a forward pass before it.")
        dy = numeric(dy, f"{self.name}: dy").astype(self.dtype, copy=False)
        if dy.shape != self._output_shape:
            raise ValueError(
                f"{self.name}: expected dy of shape {self._output_shape}, that of the latest "
                f"output, but received shape {dy.shape}."
            )
        return (dy, *self._memory)


def default_name(cls: type) -> str:
    """``BatchNormalization`` -> ``batch_normalization``, by Keras's rule."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", cls.__name__)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def float_dtype(dtype: Any, where: str) -> np.dtype:
    """float32 for None; otherwise float32 or float64."""
    if dtype is None:
        return np.dtype("float32")
    for known in ("float32", "float64"):
        if dtype == known or dtype == np.dtype(known).type:
            return np.dtype(known)
    raise ValueError(f"{where}: expected 'float32' or 'float64', but received {dtype!r}.")


def size_of(shape: Shape) -> int:
    """How many numbers one example of this shape holds."""
    return math.prod(shape[1:])
