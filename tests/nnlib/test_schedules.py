"""Learning-rate schedules: by hand, against Keras, inside an optimizer and a file."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re

import numpy as np
import pytest

import nnlib as nn
from nnlib.models import load_model
from nnlib.optimizers import schedules

ALL = {
    "ExponentialDecay": [(0.5, 10, 0.25), (0.5, 7, 0.75, True)],
    "CosineDecay": [(0.5, 20), (0.5, 20, 0.125)],
    "PiecewiseConstantDecay": [([5, 12], [0.5, 0.25, 0.125])],
}
CASES = [(name, arguments) for name, many in ALL.items() for arguments in many]


def test_values_by_hand():
    assert schedules.ExponentialDecay(0.1, 10, 0.5)(20) == pytest.approx(0.025)
    assert schedules.ExponentialDecay(0.1, 10, 0.5)(5) == pytest.approx(0.1 / np.sqrt(2))
    assert schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True)(19) == pytest.approx(0.05)
    cosine = schedules.CosineDecay(0.2, 100, alpha=0.1)
    assert [cosine(t) for t in (0, 50, 100, 500)] == pytest.approx([0.2, 0.11, 0.02, 0.02])
    warm = schedules.CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=4)
    assert [warm(t) for t in (0, 2, 4, 9, 14)] == pytest.approx([0, 0.5, 1, 0.5, 0])
    steps = schedules.PiecewiseConstantDecay([2, 4], [1, 0.5, 0.1])
    assert [steps(t) for t in range(6)] == [1, 1, 1, 0.5, 0.5, 0.1]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_an_optimizer_asks_before_every_step(name, arguments):
    schedule = getattr(schedules, name)(*arguments)
    optimizer, w = nn.SGD(learning_rate=schedule), np.zeros(1)
    for t in range(6):
        before = w[0]
        assert optimizer.current_learning_rate() == schedule(t)
        optimizer.apply(np.array([-1.0]), w)
        assert w[0] - before == pytest.approx(schedule(t))


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_a_saved_model_keeps_its_schedule(name, arguments, tmp_path, rng):
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1)])
    model.compile(nn.Adam(getattr(schedules, name)(*arguments)), "mse")
    model.fit(rng.normal(size=(9, 2)), np.ones(9), batch_size=1, verbose=0)
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz").optimizer
    assert again.current_learning_rate() == model.optimizer.current_learning_rate()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: schedules.ExponentialDecay(-1, 10, 0.5), "ExponentialDecay(initial_learning_rate)"),
        (lambda: schedules.ExponentialDecay(1, 0, 0.5), "ExponentialDecay(decay_steps): expected at"),
        (lambda: schedules.ExponentialDecay(1, 10, 0), "ExponentialDecay(decay_rate): expected a number"),
        (lambda: schedules.CosineDecay(1, 10, alpha=2), "CosineDecay(alpha): expected a number at least 0"),
        (lambda: schedules.PiecewiseConstantDecay([1, 2], [1, 2]), "but received 2 boundaries and 2 values"),
        (lambda: schedules.PiecewiseConstantDecay([2, 1], [1, 2, 3]), "expected rising steps, not [2, 1]"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        *((*case, {}) for case in CASES),
        ("CosineDecay", (0.125, 20, 0.25), {"warmup_target": 0.5, "warmup_steps": 8}),
    ],
)
def test_values_are_those_of_keras(name, arguments, options, keras):
    ours = getattr(schedules, name)(*arguments, **options)
    theirs = getattr(keras.optimizers.schedules, name)(*arguments, **options)
    for step in range(40):  # Keras computes the rate in float32
        np.testing.assert_allclose(ours(step), theirs(step), rtol=1e-5, atol=1e-7)
