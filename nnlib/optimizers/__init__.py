"""Optimizers: how the parameters move, given the gradient.

All of a model's parameters are one flat vector θ, and their gradient another, g. So each rule is a
line or two. ``optimizer.apply(gradient, parameters)`` changes ``parameters`` in place. Names,
defaults and the place of epsilon are those of ``keras.optimizers``.
"""

from __future__ import annotations

from nnlib._checks import look_up
from nnlib.optimizers import schedules
from nnlib.optimizers.adagrad import Adagrad
from nnlib.optimizers.adam import Adam
from nnlib.optimizers.optimizer import Optimizer
from nnlib.optimizers.rmsprop import RMSprop
from nnlib.optimizers.sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "Optimizer", "RMSprop", "get", "schedules"]

_BY_NAME: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
}


def get(identifier: str | Optimizer) -> Optimizer:
    """Return a new optimizer for a name such as ``"adam"``; an optimizer is returned as it is."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        identifier = identifier.lower()
    return look_up("optimizer", identifier, _BY_NAME)()  # type: ignore[call-arg]
