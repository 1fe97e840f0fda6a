"""Models as files: one .npz of plain arrays and a JSON text, read without unpickling anything."""

from __future__ import annotations

import inspect
import json
import zipfile
import zlib
from os import PathLike
from typing import Any

import numpy as np

from nnlib import activations, initializers, layers, losses, metrics, optimizers, regularizers
from nnlib._checks import whole
from nnlib.models.sequential import Sequential

FORMAT = "nnlib model 1"

_SAVEABLE = (
    initializers.Initializer,
    layers.Layer,
    losses.Loss,
    metrics.Metric,
    optimizers.Optimizer,
    optimizers.schedules.LearningRateSchedule,
    regularizers.Regularizer,
)


def _key(cls: type) -> str:
    """``nnlib.layers.dense.Dense`` -> ``layers.Dense``."""
    return f"{cls.__module__.split('.')[1]}.{cls.__name__}"


_CLASSES: dict[str, type] = {
    _key(cls): cls
    for module in (
        initializers,
        layers,
        losses,
        metrics,
        optimizers,
        optimizers.schedules,
        regularizers,
    )
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, _SAVEABLE)
}


def encode(thing: Any) -> Any:
    """Turn a layer, a loss, ... and what it was made with into something that JSON can hold."""
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, np.integer | np.floating):
        return thing.item()
    if isinstance(thing, np.dtype):
        return thing.name
    if isinstance(thing, np.random.Generator):
        return None  # only where the weights came from; the weights themselves are saved
    if isinstance(thing, list | tuple):
        return [encode(item) for item in thing]
    if isinstance(thing, _SAVEABLE) and _CLASSES.get(_key(type(thing))) is type(thing):
        arguments = list(inspect.signature(type(thing)).parameters)
        return {"class": _key(type(thing))} | {a: encode(getattr(thing, a)) for a in arguments}
    name = getattr(thing, "__name__", "")
    if callable(thing) and getattr(activations, name, None) is thing:
        return name
    raise ValueError(
        f"save: {thing!r} is not part of nnlib, so a file cannot describe it. "
        "Save the weights alone with numpy.savez(path, *model.get_weights())."
    )


def decode(data: Any) -> Any:
    """The reverse of :func:`encode`. Only nnlib's own classes can come out of it."""
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if isinstance(data, dict):
        arguments = {name: decode(value) for name, value in data.items() if name != "class"}
        return _CLASSES[data["class"]](**arguments)
    return data


def save(model: Sequential, path: str | PathLike[str]) -> None:
    """Write the model; see :meth:`nnlib.models.Sequential.save`."""
    if not model.built:
        raise ValueError(
            f"{model.name}: has no weights to save before it knows its input. "
            "Begin with Input(shape), or call build(input_shape)."
        )
    arrays = {f"weight_{i}": w for i, w in enumerate(model.get_weights())}
    training = None
    if model.compiled:
        training = {
            "optimizer": encode(model.optimizer),
            "iterations": model.optimizer.iterations,
            "loss": encode(model.loss),
            "metrics": encode(model.compiled_metrics),
        }
        arrays |= {f"slot_{name}": slot for name, slot in model.optimizer.slots.items()}
    config = {
        "format": FORMAT,
        "name": model.name,
        "dtype": model.dtype.name,
        "input_shape": encode(model.input_shape),
        "layers": encode(model.layers),
        "training": training,
    }
    with open(path, "wb") as file:
        np.savez(file, config=np.array(json.dumps(config)), **arrays)  # type: ignore[arg-type]


def load(path: str | PathLike[str]) -> Sequential:
    """Read a model; see :func:`nnlib.models.load_model`."""
    try:
        with open(path, "rb") as file:
            arrays = _read(file)
        config = json.loads(str(arrays["config"]))
        if config["format"] != FORMAT:
            raise ValueError(f"its format is {config['format']!r}, not {FORMAT!r}")
        return _rebuild(config, arrays)
    except FileNotFoundError:
        raise FileNotFoundError(f"load_model: there is no file {str(path)!r}.") from None
    except (
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(
            f"load_model: {str(path)!r} is damaged, or not a model that nnlib saved "
            f"({type(error).__name__}: {error})."
        ) from error


def _read(file: Any) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(file) as archive:
        # We store without compression. A member that would grow on reading is not ours.
        if any(item.file_size != item.compress_size for item in archive.infolist()):
            raise ValueError("it is compressed")
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def _rebuild(config: dict[str, Any], arrays: dict[str, np.ndarray]) -> Sequential:
    model = Sequential(name=config["name"], dtype=config["dtype"])
    for layer in decode(config["layers"]):
        model.add(layer)
    model.build(decode(config["input_shape"]))
    model.set_weights([arrays[f"weight_{i}"] for i in range(len(model.get_weights()))])
    training = config["training"]
    if training is not None:
        parts = {part: decode(training[part]) for part in ("optimizer", "loss", "metrics")}
        model.compile(**parts)
        steps = whole(training["iterations"], "iterations", at_least=0)
        if steps:
            model.optimizer.build(model.parameters)
            model.optimizer.iterations = steps
            for name, slot in model.optimizer.slots.items():
                slot[...] = arrays[f"slot_{name}"]
    return model
