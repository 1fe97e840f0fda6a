"""nnlib: neural networks from scratch in NumPy, under Keras's names.

``import nnlib as nn`` costs next to nothing: a submodule is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnlib.callbacks import EarlyStopping as EarlyStopping
    from nnlib.layers import Activation as Activation
    from nnlib.layers import AveragePooling2D as AveragePooling2D
    from nnlib.layers import BatchNormalization as BatchNormalization
    from nnlib.layers import Conv2D as Conv2D
    from nnlib.layers import Dense as Dense
    from nnlib.layers import Dropout as Dropout
    from nnlib.layers import Flatten as Flatten
    from nnlib.layers import Input as Input
    from nnlib.layers import MaxPooling2D as MaxPooling2D
    from nnlib.models import Sequential as Sequential
    from nnlib.optimizers import SGD as SGD
    from nnlib.optimizers import Adagrad as Adagrad
    from nnlib.optimizers import Adam as Adam
    from nnlib.optimizers import RMSprop as RMSprop

_SUBMODULES = (
    "activations",
    "callbacks",
    "datasets",
    "gradcheck",
    "graph",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "plots",
    "regularizers",
    "utils",
    "widgets",
)

# What programs use daily, and the module it lives in.
_HOME = {
    "Activation": "layers",
    "Adagrad": "optimizers",
    "Adam": "optimizers",
    "AveragePooling2D": "layers",
    "BatchNormalization": "layers",
    "Conv2D": "layers",
    "Dense": "layers",
    "Dropout": "layers",
    "EarlyStopping": "callbacks",
    "Flatten": "layers",
    "Input": "layers",
    "MaxPooling2D": "layers",
    "RMSprop": "optimizers",
    "SGD": "optimizers",
    "Sequential": "models",
}


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"nnlib.{name}")
    if name in _HOME:
        return getattr(import_module(f"nnlib.{_HOME[name]}"), name)
    raise AttributeError(
        f"nnlib has no {name!r}. It has {', '.join(sorted(_HOME))}; "
        f"and the modules {', '.join(_SUBMODULES)}."
    )


def __dir__() -> list[str]:
    return sorted([*_SUBMODULES, *_HOME])
