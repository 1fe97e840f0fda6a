"""``import nnlib`` is light, each module stands on few others, and Keras's names are where Keras has them."""

# ruff: noqa: E501

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest

import nnlib as nn

HEAVY = ["matplotlib", "ipywidgets", "IPython", "tensorflow", "keras", "sklearn", "scipy", "pandas", "autograde"]  # fmt: skip


def modules_after(statement):
    """What a fresh interpreter has loaded after ``statement``."""
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_loads_nothing_else():
    loaded = modules_after("import nnlib as nn")
    assert {name for name in loaded if name.startswith("nnlib")} == {"nnlib"}
    assert "numpy" not in loaded


def test_the_core_needs_numpy_alone():
    program = (
        "import numpy as np, nnlib as nn\n"
        "m = nn.Sequential([nn.Input((2,)), nn.Dense(1, 'sigmoid')])\n"
        "m.compile(nn.Adam(), 'binary_crossentropy', metrics=['accuracy'])\n"
        "m.fit(np.eye(2), [0, 1], verbose=0); nn.gradcheck.check_model(m, np.eye(2), [0, 1])"
    )
    loaded = modules_after(program)
    assert "nnlib.models" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize(
    "module",
    [
        "activations",
        "initializers",
        "losses",
        "metrics",
        "graph",
        "regularizers",
        "callbacks",
        "gradcheck",
        "utils",
    ],
)
def test_a_module_stands_alone(module):
    """The grader allows nnlib module by module: one must not bring the answers of another."""
    loaded = {name for name in modules_after(f"import nnlib.{module}") if name.startswith("nnlib")}
    assert loaded == {"nnlib", "nnlib._checks", f"nnlib.{module}"}


def test_optimizers_bring_optimizers_only():
    loaded = {name for name in modules_after("import nnlib.optimizers") if name.startswith("nnlib")}
    others = {name for name in loaded if not name.startswith("nnlib.optimizers")}
    assert others == {"nnlib", "nnlib._checks"}


def test_names_at_the_top():
    assert nn.Dense is nn.layers.Dense
    assert nn.Input is nn.layers.Input
    assert nn.SGD is nn.optimizers.SGD
    assert nn.Sequential is nn.models.Sequential
    assert set(dir(nn)) >= {"Dense", "Sequential", "layers", "losses", "gradcheck"}
    for name in ("activations", "callbacks", "initializers", "metrics", "regularizers", "utils"):
        assert getattr(nn, name).__name__ == f"nnlib.{name}"


def test_every_promised_name_is_there():
    for name in nn._HOME:
        assert getattr(nn, name).__name__ == name


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        AttributeError, match=r"nnlib has no 'Dens'. It has Activation, .*modules activations"
    ):
        _ = nn.Dens


def positional(function):
    if inspect.isclass(function):
        function = function.__init__
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind in kinds and p.name != "self"]


@pytest.mark.keras
def test_a_call_by_position_means_the_same_in_keras(keras):
    """Every public class, and every method of Sequential, in the modules that both have."""
    pairs = []
    for module in (
        "callbacks",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "optimizers",
        "regularizers",
    ):
        ours, theirs = getattr(nn, module), getattr(keras, module)
        for name, thing in vars(ours).items():
            if (
                inspect.isclass(thing)
                and thing.__module__.startswith(ours.__name__)
                and hasattr(theirs, name)
            ):
                pairs.append((f"{module}.{name}", thing, getattr(theirs, name)))
    for name, thing in vars(nn.optimizers.schedules).items():
        if hasattr(keras.optimizers.schedules, name) and inspect.isclass(thing):
            pairs.append((f"schedules.{name}", thing, getattr(keras.optimizers.schedules, name)))
    for name in ("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch"):
        pairs.append((name, getattr(nn.Sequential, name), getattr(keras.Sequential, name)))
    pairs.append(("to_categorical", nn.utils.to_categorical, keras.utils.to_categorical))
    pairs.append(("Sequential", nn.Sequential, keras.Sequential))
    assert len(pairs) > 40
    bases = {
        "layers.Layer",
        "losses.Loss",
        "metrics.Metric",
        "callbacks.Callback",
        "optimizers.Optimizer",
    }
    for name, ours, theirs in pairs:
        if name not in bases:
            arguments = positional(ours)
            assert arguments == positional(theirs)[: len(arguments)], name
