"""A network that is trained before your eyes, and stopped, sped up and started afresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib import plots
from nnlib._checks import finite, number, numeric, whole
from nnlib.plots._arguments import score
from nnlib.widgets._explore import LogSlider, interactive_here

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

Data = tuple[Any, Any]


class TrainingRun:
    """A model, its data and its losses; trained one epoch at a time.

    Parameters
    ----------
    make_model, X, y, batch_size, validation_data, seed
        Those of `training_view`.

    Attributes
    ----------
    model : object
        The model in its present state.
    losses : dict of list of float
        Under ``"training"`` and, with validation data, ``"validation"``: one loss per epoch.
    """

    def __init__(
        self,
        make_model: Callable[[], Any],
        X: Any,
        y: Any,
        *,
        batch_size: int | None = 32,
        validation_data: Data | None = None,
        seed: int = 0,
    ) -> None:
        a_model = hasattr(make_model, "train_on_batch") and not isinstance(make_model, type)
        if a_model or not callable(make_model):
            raise TypeError(
                "training_view: expected a function that returns a new model, so that Reset can "
                "start afresh. Put the lines that build and compile the model into a function, "
                f"and give its name; got {type(make_model).__name__}."
            )
        self._make_model = make_model
        self.X, self.y = _pair(X, y, "X", "y")
        self._validation = None
        if validation_data is not None:
            self._validation = _pair(*validation_data, "X_val", "y_val")
        self._batch_size = len(self.X) if batch_size is None else whole(batch_size, "batch_size")
        self._seed = whole(seed, "seed", at_least=0)
        self.reset()

    def reset(self) -> None:
        """Start afresh: a new model, no losses, the same shuffles again."""
        self.model = self._make_model()
        for method in ("train_on_batch", "predict"):
            if not callable(getattr(self.model, method, None)):
                raise TypeError(
                    f"training_view: the model needs a method {method}; "
                    f"{type(self.model).__name__} has none. See help(training_view)."
                )
        if self._validation is not None and not hasattr(self.model, "evaluate"):
            raise TypeError("training_view: validation_data needs a model with evaluate(X, y).")
        self._rng = np.random.default_rng(self._seed)
        self.losses: dict[str, list[float]] = {"training": []}
        if self._validation is not None:
            self.losses["validation"] = []

    @property
    def epoch(self) -> int:
        """How many epochs have been trained."""
        return len(self.losses["training"])

    @property
    def learning_rate(self) -> float | None:
        """The step size: the optimizer's, else the model's own; None if there is no such number."""
        rate = getattr(self._rate_owner(), "learning_rate", None)
        try:
            # Keras's rate is a float32: without its digits of rounding.
            return None if rate is None else float(f"{float(rate):.6g}")
        except TypeError:  # a schedule, which is not to be overruled
            return None

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._rate_owner().learning_rate = number(value, "learning_rate", low=0)

    def _rate_owner(self) -> Any:
        optimizer = getattr(self.model, "optimizer", None)
        return optimizer if hasattr(optimizer, "learning_rate") else self.model

    def train_epoch(self) -> None:
        """Train on every example once, in a new order, and write the losses down."""
        order = self._rng.permutation(len(self.X))
        batch_losses = []
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            loss = _loss(self.model.train_on_batch(self.X[rows], self.y[rows]), "train_on_batch")
            batch_losses.append(loss * len(rows))
        training = sum(batch_losses) / len(order)
        if hasattr(self.model, "evaluate"):
            # After the epoch, not during it, so that training and validation can be compared.
            training = self._evaluate(self.X, self.y)
            if self._validation is not None:
                self.losses["validation"].append(self._evaluate(*self._validation))
        self.losses["training"].append(training)

    def _evaluate(self, X: np.ndarray, y: np.ndarray) -> float:
        return _loss(self.model.evaluate(X, y, verbose=0), "evaluate")

    def figure(self) -> Figure:
        """Draw the run as it stands (`plots.training`)."""
        return plots.training(self.losses, self.model, self.X, self.y)


def _pair(X: Any, y: Any, name_x: str, name_y: str) -> tuple[np.ndarray, np.ndarray]:
    X, y = finite(numeric(X, name_x), name_x), finite(numeric(y, name_y), name_y)
    if X.ndim < 2 or len(X) == 0 or y.ndim == 0 or len(y) != len(X):
        raise ValueError(
            f"{name_x}, {name_y}: expected inputs of shape (n, features) and n targets; "
            f"got shapes {X.shape} and {y.shape}."
        )
    return X, y


def _loss(result: Any, method: str) -> float:
    """Return the loss from what Keras's methods may return: a number, a list, or a dict."""
    if isinstance(result, Mapping):
        result = result.get("loss")
    elif isinstance(result, list | tuple) and result:
        result = result[0]
    try:
        return float(result)
    except (TypeError, ValueError):
        raise TypeError(
            f"training_view: expected {method} to return the loss as a number; got {result!r}."
        ) from None


def training_view(
    make_model: Callable[[], Any],
    X: Any,
    y: Any,
    *,
    epochs: int = 100,
    batch_size: int | None = 32,
    validation_data: Data | None = None,
    epochs_per_frame: int = 1,
    seed: int = 0,
    interactive: bool | None = None,
) -> Any:
    """Train a model live: play and pause, one step at a time, with another learning rate.

    Beside the loss stands the decision boundary (two features), the fitted curve (one feature) or
    each output beside its target (up to 12 examples).

    Parameters
    ----------
    make_model : callable without arguments
        Returns a new model: a compiled nnlib or Keras model, or any object with
        ``train_on_batch(X, y)``, which takes a step and returns the loss, and ``predict(X)``.
        If it has ``evaluate(X, y, verbose=0)``, losses are measured after each epoch, else
        averaged over its batches. If its ``optimizer``, or itself, has a number
        ``learning_rate``, there is a slider for it.
    X : array, shape (n, features)
    y : array, shape (n,) or (n, outputs)
    epochs : int
        Where Play pauses; what the static figure shows.
    batch_size : int or None
        None: all examples in one batch.
    validation_data : (X_val, y_val), optional
        Needs ``evaluate``.
    epochs_per_frame : int
        Epochs from picture to picture, while playing and for "Step".
    seed : int
        For the order of the examples. The first weights are the model's own affair.
    interactive : bool, optional
        See `explore`. Without widgets, the model is trained for ``epochs`` and drawn.

    Returns
    -------
    ipywidgets.VBox or Figure
    """
    epochs, every = whole(epochs, "epochs"), whole(epochs_per_frame, "epochs_per_frame")
    run = TrainingRun(
        make_model, X, y, batch_size=batch_size, validation_data=validation_data, seed=seed
    )
    if interactive_here(interactive):
        return _controls(run, epochs, every)
    while run.epoch < epochs and (not run.epoch or np.isfinite(run.losses["training"][-1])):
        run.train_epoch()
    return run.figure()


def _controls(run: TrainingRun, epochs: int, every: int) -> Any:
    """Return the view. The browser's Play sends a tick; each tick trains and draws once."""
    import ipywidgets

    # Play's own buttons have no names for a screen reader: use its clock only, under a named one.
    clock = ipywidgets.Play(min=0, max=10**9, interval=100, layout={"display": "none"})
    play = ipywidgets.Button(description="Play", tooltip="Train on, picture by picture")
    step = ipywidgets.Button(description="Step", tooltip=f"Train {every} more")
    reset = ipywidgets.Button(description="Reset", tooltip="Start afresh with a new model")
    rate = run.learning_rate
    slider = None if rate is None else LogSlider("learning rate", rate, -4, 1).widget()
    status, picture = ipywidgets.HTML(), ipywidgets.HTML()

    def say(text: str, role: str = "status") -> None:
        status.value = f'<p role="{role}" aria-live="polite">{escape(text)}</p>'

    def show() -> None:
        picture.value = run.figure().html()
        told = [f"{name} loss {score(v[-1])}" for name, v in run.losses.items() if v]
        goal = f" of {epochs}" if run.epoch <= epochs else ""
        say(", ".join([f"Epoch {run.epoch}{goal}", *told]))

    def train(_: object = None) -> None:
        try:
            for _epoch in range(every):
                run.train_epoch()
            show()
        except KeyboardInterrupt:
            clock.playing = False
            say(f"Interrupted after epoch {run.epoch}.")
            return
        except Exception as error:
            # The browser shows no traceback from a widget: say it here, then let it be logged.
            clock.playing = False
            say(f"Stopped in epoch {run.epoch + 1}: {type(error).__name__}: {error}", "alert")
            raise
        diverged = not np.isfinite(run.losses["training"][-1])
        if diverged or run.epoch // epochs > (run.epoch - every) // epochs:
            clock.playing = False

    def start_afresh(_: object = None) -> None:
        clock.playing = False
        run.reset()
        if slider is not None:
            run.learning_rate = slider.value
        show()

    def tick(_: object) -> None:
        if clock.playing:  # else it was under way when Pause or Reset was pressed
            train()

    def toggle(_: object) -> None:
        clock.playing = not clock.playing

    def name_play(change: Mapping[str, Any]) -> None:
        play.description = "Pause" if change["new"] else "Play"

    def change_rate(change: Mapping[str, Any]) -> None:
        run.learning_rate = change["new"]
        say(f"Learning rate {change['new']:g}")

    clock.observe(tick, names="value")
    clock.observe(name_play, names="playing")
    play.on_click(toggle)
    step.on_click(train)
    reset.on_click(start_afresh)
    knobs = [ipywidgets.HBox([play, step, reset, clock])]
    if slider is not None:
        slider.observe(change_rate, names="value")
        knobs.append(slider)
    show()
    return ipywidgets.VBox([*knobs, status, picture])
