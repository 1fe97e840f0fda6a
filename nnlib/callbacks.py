"""Callbacks: what happens beside training. Names and behaviour are those of ``keras.callbacks``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nnlib._checks import number, whole

if TYPE_CHECKING:
    import numpy as np

    from nnlib.models import Sequential

Logs = dict[str, float]


class Callback:
    """Base class: override the moments that matter.

    ``self.model`` is the model; ``self.params`` holds ``epochs``, ``steps`` (batches per epoch) and
    ``verbose``. ``logs`` holds the loss and the metrics so far. Set ``self.model.stop_training =
    True`` to end the training.
    """

    model: Sequential
    params: dict[str, Any]

    def set_model(self, model: Sequential) -> None:
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def on_train_begin(self, logs: Logs) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        """Before an epoch; the first is number 0."""

    def on_train_batch_begin(self, batch: int, logs: Logs) -> None:
        """Before a step."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """After a step. ``logs`` holds the means since the epoch began."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """After an epoch and its validation."""

    def on_train_end(self, logs: Logs) -> None:
        """After the last epoch."""


class History(Callback):
    """What ``fit`` returns: ``history.history["loss"]`` lists the losses, one for each epoch."""

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class EarlyStopping(Callback):
    """Stop when the monitored number has not improved for ``patience`` epochs.

    Parameters
    ----------
    monitor : str
        A key of the logs, such as "val_loss".
    min_delta : float
        An improvement by less than this does not count.
    patience : int
        How many epochs without improvement to bear.
    verbose : {0, 1}
        Whether to print when it stops.
    mode : {"auto", "min", "max"}
        Which way is better; "auto" knows it from the name.
    baseline : float, optional
        Stop unless this value is beaten.
    restore_best_weights : bool
        Whether to end with the weights of the best epoch.
    start_from_epoch : int
        How many epochs to let pass before watching.

    Notes
    -----
    Prechelt (1998), "Early stopping - but when?"
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"EarlyStopping(mode): expected 'auto', 'min' or 'max', not {mode!r}.")
        self.monitor = monitor
        self.min_delta = abs(number(min_delta, "EarlyStopping(min_delta)"))
        self.patience = whole(patience, "EarlyStopping(patience)", at_least=0)
        self.verbose = verbose
        self.mode = mode
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = whole(
            start_from_epoch, "EarlyStopping(start_from_epoch)", at_least=0
        )

    def on_train_begin(self, logs: Logs) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best: float | None = None
        self.best_epoch = 0
        self.best_weights: list[np.ndarray] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.monitor not in logs:
            needs_data = self.monitor.startswith("val_") and "val_loss" not in logs
            raise ValueError(
                f"EarlyStopping: cannot monitor {self.monitor!r}; there are {', '.join(logs)}."
                + (" Give fit validation_data or validation_split." if needs_data else "")
            )
        if epoch < self.start_from_epoch:
            return
        current = logs[self.monitor]
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._better(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._better(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs) -> None:
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring the weights of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def _better(self, value: float, reference: float | None) -> bool:
        if reference is None:
            return True
        if self._direction() == "max":
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def _direction(self) -> str:
        if self.mode != "auto":
            return self.mode
        name = self.monitor.removeprefix("val_")
        directions = {metric.name: metric.direction for metric in self.model.metrics}
        return directions.get(name, "min")


class LambdaCallback(Callback):
    """A callback made of functions: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``."""

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Logs], Any] | None = None,
        on_epoch_end: Callable[[int, Logs], Any] | None = None,
        on_train_begin: Callable[[Logs], Any] | None = None,
        on_train_end: Callable[[Logs], Any] | None = None,
        on_train_batch_begin: Callable[[int, Logs], Any] | None = None,
        on_train_batch_end: Callable[[int, Logs], Any] | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name.startswith("on_")}
        for name, function in given.items():
            if function is not None:
                setattr(self, name, function)


class ProgressBar(Callback):
    """Print how the training goes: plain text, to standard output.

    In a terminal, one line that is written anew at every epoch. Elsewhere (notebooks, files), at
    most about ``lines`` lines, evenly spaced. With ``fit(verbose=2)``, a line for every epoch.
    """

    def __init__(self, lines: int = 20) -> None:
        self.lines = whole(lines, "ProgressBar(lines)")

    def on_train_begin(self, logs: Logs) -> None:
        self.rewrite = sys.stdout.isatty() and self.params["verbose"] != 2
        spread = 1 if self.rewrite or self.params["verbose"] == 2 else self.lines
        self.every = -(-self.params["epochs"] // spread) if spread > 1 else 1

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        number, last = epoch + 1, self.params["epochs"]
        shown = number == 1 or number % self.every == 0 or number == last
        if shown or self.model.stop_training:
            seconds = time.perf_counter() - self.started
            values = " - ".join(f"{name}: {show(value)}" for name, value in logs.items())
            line = f"Epoch {number}/{last} - {seconds:.1f}s - {values}"
            print(f"\r\x1b[K{line}" if self.rewrite else line, end="" if self.rewrite else "\n")
            sys.stdout.flush()

    def on_train_end(self, logs: Logs) -> None:
        if self.rewrite:
            print()
        if logs and not abs(logs["loss"]) < float("inf"):
            print("The loss is no longer a finite number. Try a smaller learning rate.")


def show(value: float) -> str:
    """A loss or metric as Keras prints it: four decimals, or scientific when small."""
    return f"{value:.4f}" if abs(value) > 1e-3 or value == 0 else f"{value:.4e}"


class CallbackList(Callback):
    """Passes every moment on to several callbacks, in order."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(
                    f"fit(callbacks): expected nnlib.callbacks.Callback objects, not {callback!r}."
                )
        self.callbacks = callbacks

    def set_model(self, model: Sequential) -> None:
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        for callback in self.callbacks:
            callback.set_params(params)

    def on_train_begin(self, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_train_end(logs)
