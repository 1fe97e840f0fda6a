"""What all optimizers share: a learning rate, a count of steps, and memory between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib._checks import number

Schedule = Callable[[int], float]


class Optimizer:
    """Base class: a subclass defines ``step`` and names its ``slots``, vectors as long as θ that
    start at zero.

    Parameters
    ----------
    learning_rate : float or callable
        The step size η > 0, or a schedule: a function from the number of steps taken to η.

    Attributes
    ----------
    iterations : int
        Steps taken so far.
    slots : dict of str to ndarray
        What the rule remembers between steps.
    """

    slot_names: tuple[str, ...] = ()

    def __init__(self, learning_rate: float | Schedule) -> None:
        self.learning_rate = learning_rate
        self.iterations = 0
        self.slots: dict[str, np.ndarray] = {}
        self._parameters: np.ndarray | None = None

    @property
    def learning_rate(self) -> float | Schedule:
        """The step size, or the schedule that gives it. It may be changed at any time."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        if not callable(value):
            value = number(value, f"{type(self).__name__}(learning_rate)", low=0)
        self._learning_rate = value

    def current_learning_rate(self) -> float:
        """The step size of the next step."""
        rate = self.learning_rate
        return float(rate(self.iterations)) if callable(rate) else rate

    def build(self, parameters: np.ndarray) -> None:
        """Make the slots for ``parameters``. Called by the first ``apply``."""
        if parameters.ndim != 1 or parameters.dtype.kind != "f":
            raise ValueError(
                f"{type(self).__name__}: expected the parameters as one flat vector of floats, "
                f"but received shape {parameters.shape} and dtype {parameters.dtype}."
            )
        self._parameters = parameters
        self.slots = {name: np.zeros_like(parameters) for name in self.slot_names}

    def belongs_to(self, parameters: np.ndarray) -> bool:
        """Whether the slots were made for this very vector."""
        return self._parameters is parameters

    def rebind(self, parameters: np.ndarray) -> None:
        """Go on with ``parameters``, a copy of the vector that the slots were made for."""
        self._parameters = parameters

    def apply(self, gradient: np.ndarray, parameters: np.ndarray) -> None:
        """Take one step: change ``parameters`` in place. Both are vectors of shape (n,)."""
        if self._parameters is None:
            self.build(parameters)
        elif not self.belongs_to(parameters):
            raise ValueError(
                f"{type(self).__name__}: this optimizer remembers the steps of another set of "
                "parameters. Make a new optimizer for each model (and after adding a layer)."
            )
        if gradient.shape != parameters.shape:
            raise ValueError(
                f"{type(self).__name__}: expected a gradient of shape {parameters.shape}, that of "
                f"the parameters, but received shape {gradient.shape}."
            )
        self.step(parameters, gradient, self.current_learning_rate())
        self.iterations += 1

    def step(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        """Change ``theta`` in place by the rule, given the gradient and the learning rate."""
        raise NotImplementedError(f"{type(self).__name__} must define step(theta, g, lr).")
