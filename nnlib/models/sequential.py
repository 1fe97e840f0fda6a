"""Sequential: a stack of layers that can be trained, judged and saved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlib import losses, metrics, optimizers
from nnlib._checks import cast, number, numeric, whole
from nnlib.callbacks import Callback, CallbackList, History, ProgressBar, show
from nnlib.layers.activation import ActivatedLayer
from nnlib.layers.input import Input
from nnlib.layers.layer import Layer
from nnlib.models.batches import Meter, batches, split
from nnlib.models.stack import Stack

_EVALUATION_ROWS = 1024  # evaluation gives the same for any batch size, so use a large one

Results = float | list[float] | dict[str, float]


class Sequential(Stack):
    """A stack of layers that can be trained: the output of each is the input of the next.

    Parameters
    ----------
    layers : iterable of Layer, optional
        Start with ``Input(shape)``; without it the weights are made when the first data arrive.
    name : str, optional
    seed : int or numpy.random.Generator, optional
        Where the model's random numbers come from: first weights, the order of the examples,
        dropout. The same seed gives the same model and the same training. (Keras seeds the whole
        process instead, by ``keras.utils.set_random_seed``; a generator of its own keeps a model's
        numbers independent of whatever else runs.)
    dtype : {"float32", "float64"}, optional
        The type of all weights and results. By default float32, or what the first layer asks for.

    Attributes
    ----------
    parameters : ndarray, shape (number of trainable parameters,)
        θ, all trainable weights as one vector. The layers' ``kernel``, ``bias``, ... are views into
        it.
    gradients : ndarray, the same shape
        dL/dθ. The layers' ``d_kernel``, ``d_bias``, ... are views into it.
    layers : list of Layer
    history : History
        That of the latest ``fit``.
    stop_training : bool
        A callback sets this to end the training after the epoch.
    """

    def __init__(
        self,
        layers: Iterable[Layer | Input] | None = None,
        *,
        name: str | None = None,
        seed: int | np.random.Generator | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(layers, name=name, seed=seed, dtype=dtype)
        self.compiled = False
        self.metrics: list[metrics.Metric] = []
        self.stop_training = False

    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "rmsprop",
        loss: str | losses.Loss | None = None,
        *,
        metrics: Sequence[str | metrics.Metric] | None = None,
    ) -> None:
        """Say how to train: an optimizer, a loss, and metrics to watch; by name or as objects."""
        if loss is None:
            raise ValueError(f"{self.name}: compile needs a loss, such as loss='mse'.")
        if isinstance(metrics, str) or not hasattr(metrics or (), "__iter__"):
            raise TypeError(f"compile(metrics): expected a list, but received {metrics!r}.")
        self.optimizer = optimizers.get(optimizer)
        self.loss = losses.get(loss)
        self.compiled = True
        self.compiled_metrics = list(metrics or ())
        self.metrics = []
        if self.layers:
            self._check_head()

    def _check_head(self) -> None:
        """Raise ValueError for a last layer that cannot work with the loss."""
        last = self.layers[-1]
        if not isinstance(last, ActivatedLayer):
            return
        activation = last.activation.__name__
        if activation == "softmax" and self.built and self.output_shape[-1] == 1:
            raise ValueError(
                f"{self.name}: the last layer {last.name!r} has one unit with softmax, which is "
                "always 1. Use activation='sigmoid'."
            )
        logits = isinstance(self.loss, losses.CrossEntropy) and self.loss.from_logits
        if logits and activation == self.loss.partner:
            raise ValueError(
                f"{self.name}: the loss expects raw scores (from_logits=True), but the last layer "
                f"{last.name!r} already applies {activation}. Remove one of the two."
            )

    def _fused(self) -> tuple[losses.CrossEntropy, ActivatedLayer] | None:
        """The loss and the last layer, if its activation is the loss's partner: taken in one."""
        loss, last = self.loss, self.layers[-1]
        if not isinstance(loss, losses.CrossEntropy) or not isinstance(last, ActivatedLayer):
            return None
        partners = last.activation.__name__ == loss.partner
        return (loss, last) if partners and not loss.from_logits else None

    def _loss(self, targets: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """The data loss of the latest forward pass, and dL/dy (dL/dz if it is fused)."""
        if fused := self._fused():
            loss, last = fused
            return loss.of_logits(targets, last.z)
        self.loss.check_predictions(y)
        return self.loss.value_and_gradient(targets, y)

    def _step(self, x: np.ndarray, targets: np.ndarray, training: bool) -> tuple[float, np.ndarray]:
        """Fill ``gradients`` for one batch; return the whole loss and the predictions."""
        y = self.forward(x, training=training)
        loss, gradient = self._loss(targets, y)
        *below, last = self.layers
        fused = self._fused()
        dx = fused[1].backward_z(gradient) if fused else last.backward(gradient)
        for layer in reversed(below):
            dx = layer.backward(dx)
        return loss + self.penalty(), y

    def loss_and_gradient(
        self, x: ArrayLike, y: ArrayLike, training: bool = False
    ) -> tuple[float, np.ndarray]:
        """The loss on (x, y), penalties included, and a copy of its gradient, dL/dθ."""
        x, _, targets = self._data(x, y)
        loss, _ = self._step(x, targets, training)
        return loss, self.gradients.copy()

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[ArrayLike, ArrayLike] | None = None,
        shuffle: bool = True,
        *,
        initial_epoch: int = 0,
        validation_freq: int = 1,
    ) -> History:
        """Train for some epochs, by mini-batches.

        Parameters
        ----------
        x : array, shape (n, *input shape)
        y : array
            Labels or target values, one for each example, as the loss wants them.
        batch_size : int
            Examples per step. The last batch of an epoch may be smaller.
        epochs : int
            Passes over the data.
        verbose : {"auto", 0, 1, 2}
            0 prints nothing, 1 a sparse log, 2 a line per epoch. "auto" is 1.
        callbacks : list of Callback, optional
            From :mod:`nnlib.callbacks`, or your own.
        validation_split : float
            The share of the examples, taken from the end before any shuffling, to keep for
            validation.
        validation_data : (x, y), optional
            Data for validation; takes the place of ``validation_split``.
        shuffle : bool
            Whether to draw a new order of the examples for every epoch.
        initial_epoch : int
            The number of the first epoch, to go on with an earlier training.
        validation_freq : int
            Validate after every so many epochs.

        Returns
        -------
        History
            ``history.history`` maps "loss" and each metric, and with "val_" before them those of
            the validation, to lists of one number per epoch. As in Keras, the numbers of the
            training are means over the epoch, while the model was changing.
        """
        batch_size = whole(batch_size if batch_size is not None else 32, "fit(batch_size)")
        epochs = whole(epochs, "fit(epochs)", at_least=0)
        first = whole(initial_epoch, "fit(initial_epoch)", at_least=0)
        every = whole(validation_freq, "fit(validation_freq)")
        share = number(validation_split, "fit(validation_split)", low=0, high=1, open_high=True)
        if verbose not in ("auto", 0, 1, 2):
            raise ValueError(f"fit(verbose): expected 'auto', 0, 1 or 2, but received {verbose!r}.")
        if share and validation_data is None:
            (x, y), validation_data = split(x, y, share)
        x, y, targets = self._data(x, y)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
                raise ValueError("fit(validation_data): expected a pair (x, y).")
            validation = self._data(*validation_data)

        self.history = History()
        progress = [ProgressBar()] if verbose != 0 else []
        listeners = CallbackList([*(callbacks or ()), self.history, *progress])
        steps = math.ceil(len(x) / batch_size)
        listeners.set_model(self)
        listeners.set_params({"epochs": epochs, "steps": steps, "verbose": verbose})

        self.stop_training = False
        logs: dict[str, float] = {}
        listeners.on_train_begin(logs)
        for epoch in range(first, epochs):
            listeners.on_epoch_begin(epoch, {})
            meter = Meter(self.metrics)
            order = self.rng.permutation(len(x)) if shuffle else slice(None)
            epoch_data = batches(batch_size, x[order], y[order], targets[order])
            for step, (x_batch, y_batch, t_batch) in enumerate(epoch_data):
                listeners.on_train_batch_begin(step, {})
                self._train(x_batch, y_batch, t_batch, meter)
                listeners.on_train_batch_end(step, meter.results())
                if self.stop_training:
                    break
            logs = meter.results()
            if validation is not None and (epoch + 1) % every == 0:
                results = self._evaluate(*validation, _EVALUATION_ROWS)
                logs |= {f"val_{name}": value for name, value in results.items()}
            listeners.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        listeners.on_train_end(logs)
        return self.history

    def train_on_batch(self, x: ArrayLike, y: ArrayLike, *, return_dict: bool = False) -> Results:
        """Take one step on one batch; return its loss and metrics, from before the step.

        (Keras 3 returns running means over all calls since the last reset instead.)
        """
        x, y, targets = self._data(x, y)
        meter = Meter(self.metrics)
        self._train(x, y, targets, meter)
        return _as_keras(meter.results(), return_dict)

    def test_on_batch(self, x: ArrayLike, y: ArrayLike, *, return_dict: bool = False) -> Results:
        """The loss and metrics of one batch."""
        data = self._data(x, y)
        return _as_keras(self._evaluate(*data, len(data[0])), return_dict)

    def evaluate(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        *,
        return_dict: bool = False,
    ) -> Results:
        """The loss, and the metrics if there are any: a number, a list, or a dict."""
        rows = whole(batch_size or _EVALUATION_ROWS, "evaluate(batch_size)")
        results = self._evaluate(*self._data(x, y), rows)
        if verbose != 0:
            print(" - ".join(f"{name}: {show(value)}" for name, value in results.items()))
        return _as_keras(results, return_dict)

    def predict(
        self, x: ArrayLike, batch_size: int | None = None, verbose: int | str = 0
    ) -> np.ndarray:
        """The outputs for ``x``, in inference mode, shape (n, *output shape). Prints nothing."""
        x = self._examples(x)
        rows = whole(batch_size or _EVALUATION_ROWS, "predict(batch_size)")
        return np.concatenate([self.forward(batch) for (batch,) in batches(rows, x)])

    def _train(self, x: np.ndarray, y: np.ndarray, targets: np.ndarray, meter: Meter) -> None:
        # A training that diverges shows as loss: inf or nan, as in Keras, not as NumPy's warnings.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss, predictions = self._step(x, targets, training=True)
            self.optimizer.apply(self.gradients, self.parameters)
            meter.add(loss, y, predictions)

    def _evaluate(
        self, x: np.ndarray, y: np.ndarray, targets: np.ndarray, rows: int
    ) -> dict[str, float]:
        meter = Meter(self.metrics)
        penalty = self.penalty()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for x_batch, y_batch, t_batch in batches(rows, x, y, targets):
                predictions = self.forward(x_batch)
                meter.add(self._loss(t_batch, predictions)[0] + penalty, y_batch, predictions)
        return meter.results()

    def _examples(self, x: ArrayLike) -> np.ndarray:
        """Return x checked: numbers, finite, of the model's input shape; build at first use."""
        layers = self.ready()
        x = cast(numeric(x, f"{self.name}: x"), self.dtype, f"{self.name}: x")
        if x.ndim < 2 or len(x) == 0:
            raise ValueError(
                f"{self.name}: expected x of shape (examples, ...), at least one example with at "
                f"least one feature each, but received shape {x.shape}."
            )
        if not self.built:
            self.build((None, *x.shape[1:]))
        if (None, *x.shape[1:]) != self.input_shape:
            raise ValueError(
                f"{self.name}: expected x of shape {self.input_shape} (None is the number of "
                f"examples), but received shape {x.shape}; the first layer is {layers[0].name!r}."
            )
        return x

    def _data(self, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return x, y and the loss's targets, all checked."""
        if not self.compiled:
            raise ValueError(f"{self.name}: call compile(optimizer, loss) first.")
        x = self._examples(x)
        y = numeric(y, f"{self.name}: y")
        if y.ndim == 0 or len(y) != len(x):
            raise ValueError(
                f"{self.name}: expected as many labels as examples, but received x of shape "
                f"{x.shape} and y of shape {y.shape}."
            )
        shape = (len(x), *self.output_shape[1:])
        self._check_head()
        targets = self.loss.targets(y, shape, self.dtype)
        if not self.metrics:  # "accuracy" means one or another, as the labels' shape tells
            self.metrics = [metrics.get(name, y.shape, shape) for name in self.compiled_metrics]
        return x, y, targets

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Tie the weights to the one vector again, for in a copy a view is an array of its own."""
        vars(self).update(state)
        tied = self.compiled and self.optimizer.belongs_to(self._parameters)
        self.gather(self.dtype)
        if tied:
            self.optimizer.rebind(self._parameters)

    def save(self, path: str | PathLike[str]) -> None:
        """Write layers, weights, and the state of the training to one ``.npz`` file.

        :func:`load_model` reads it. The file holds arrays and JSON only, so that reading one
        from a stranger runs none of their code.
        """
        from nnlib.models.saving import save

        save(self, path)


def _as_keras(results: dict[str, float], return_dict: bool) -> Results:
    if return_dict:
        return results
    values = list(results.values())
    return values if len(values) > 1 else values[0]
