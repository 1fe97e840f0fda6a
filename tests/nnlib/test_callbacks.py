"""Callbacks: their moments, History, EarlyStopping as in Keras, and what is printed."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nnlib as nn
from nnlib import callbacks


def model(**options):
    m = nn.Sequential([nn.Input((2,)), nn.Dense(1)], seed=0)
    m.compile("sgd", "mse", **options)
    return m


X = np.random.default_rng(0).normal(size=(10, 2))
Y = X[:, 0]


class Recorder(callbacks.Callback):
    def __init__(self):
        self.seen = []

    def on_train_begin(self, logs):
        self.seen.append("train begins")

    def on_epoch_begin(self, epoch, logs):
        self.seen.append(f"epoch {epoch} begins")

    def on_train_batch_begin(self, batch, logs):
        self.seen.append(f"batch {batch} begins")

    def on_train_batch_end(self, batch, logs):
        self.seen.append(f"batch {batch} ends, {sorted(logs)}")

    def on_epoch_end(self, epoch, logs):
        self.seen.append(f"epoch {epoch} ends, {sorted(logs)}")

    def on_train_end(self, logs):
        self.seen.append(f"train ends, {sorted(logs)}")


def test_the_order_of_the_moments():
    recorder, m = Recorder(), model()
    m.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[recorder], validation_split=0.1)
    one = ["batch 0 begins", "batch 0 ends, ['loss']", "batch 1 begins", "batch 1 ends, ['loss']"]
    assert recorder.seen == [
        "train begins",
        "epoch 0 begins", *one, "epoch 0 ends, ['loss', 'val_loss']",
        "epoch 1 begins", *one, "epoch 1 ends, ['loss', 'val_loss']",
        "train ends, ['loss', 'val_loss']",
    ]  # fmt: skip
    assert recorder.model is m
    assert recorder.params == {"epochs": 2, "steps": 2, "verbose": 0}


def test_lambda_callback():
    seen = []
    fit_options = {"epochs": 2, "verbose": 0}
    say = callbacks.LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"),
        on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["loss"])),
    )
    history = model().fit(X, Y, callbacks=[say], **fit_options)
    assert seen == ["begin", *enumerate(history.history["loss"])]


def test_a_callback_can_stop_the_training():
    def stop(batch, logs):
        m.stop_training = True

    m = model()
    history = m.fit(X, Y, batch_size=2, epochs=5, verbose=0, callbacks=[callbacks.LambdaCallback(on_train_batch_end=stop)])  # fmt: skip
    assert history.epoch == [0]
    assert m.optimizer.iterations == 1
    assert m.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_history_is_new_for_each_fit_and_kept_in_the_model():
    m = model()
    first = m.fit(X, Y, epochs=3, verbose=0)
    second = m.fit(X, Y, epochs=2, verbose=0)
    assert (len(first.history["loss"]), len(second.history["loss"])) == (3, 2)
    assert m.history is second


def run(stopper, losses, weights_of=lambda epoch: [epoch], metrics=()):
    """Play a series of losses to EarlyStopping: when does it stop, with which weights?"""
    stub = SimpleNamespace(stop_training=False, metrics=list(metrics), restored=None)
    stub.set_weights = lambda weights: setattr(stub, "restored", weights)
    stopper.set_model(stub)
    stopper.on_train_begin({})
    for epoch, loss in enumerate(losses):
        stub.get_weights = lambda epoch=epoch: weights_of(epoch)
        stopper.on_epoch_end(epoch, {"val_loss": loss, "loss": 0.0})
        if stub.stop_training:
            break
    stopper.on_train_end({})
    return epoch, stub.restored


def test_early_stopping_by_hand():
    losses = [1.0, 0.8, 0.7, 0.75, 0.72, 0.71, 0.6]
    assert run(callbacks.EarlyStopping(patience=2), losses) == (4, None)
    assert run(callbacks.EarlyStopping(patience=2, restore_best_weights=True), losses) == (4, [2])
    assert run(callbacks.EarlyStopping(patience=4), losses) == (6, None)
    assert run(callbacks.EarlyStopping(patience=1, min_delta=0.15), losses) == (2, None)
    assert run(callbacks.EarlyStopping(patience=1, mode="max"), losses) == (1, None)
    assert run(callbacks.EarlyStopping(patience=2, start_from_epoch=2), losses) == (4, None)
    # below no baseline, patience runs out; but, as in Keras, never at an epoch that improves
    assert run(callbacks.EarlyStopping(patience=2, baseline=0.5), losses) == (3, None)


@pytest.mark.keras
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)  # fmt: skip
@given(  # in eighths, which are exact in float32: Keras compares in that
    losses=st.lists(st.sampled_from([k / 8 for k in range(12)]), min_size=1, max_size=15),
    options=st.fixed_dictionaries(
        {
            "patience": st.integers(0, 3),
            "min_delta": st.sampled_from([0, 1 / 16, 1 / 4]),
            "mode": st.sampled_from(["auto", "min", "max"]),
            "baseline": st.sampled_from([None, 5 / 16, 3 / 4]),
            "restore_best_weights": st.booleans(),
            "start_from_epoch": st.integers(0, 3),
        }
    ),
)
def test_early_stopping_is_that_of_keras(losses, options, keras):
    ours = run(callbacks.EarlyStopping(**options), losses)
    theirs = run(keras.callbacks.EarlyStopping(**options), losses)
    assert ours == theirs


def test_early_stopping_in_a_fit_restores_the_best_weights(capsys):
    x, y = X.copy(), Y.copy()
    weights = []
    keep = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(m.get_weights())
    )
    m = nn.Sequential([nn.Input((2,)), nn.Dense(1)], seed=0)
    m.compile(nn.SGD(0.9), "mse")  # too large: it gets worse at some point
    stop = callbacks.EarlyStopping("loss", patience=3, restore_best_weights=True, verbose=1)
    history = m.fit(x, y, epochs=100, callbacks=[keep, stop], verbose=0, batch_size=1)
    best = int(np.argmin(history.history["loss"]))
    assert len(history.epoch) == best + 4
    np.testing.assert_array_equal(m.get_weights()[0], weights[best][0])
    out = capsys.readouterr().out
    assert f"Epoch {best + 4}: early stopping" in out
    assert f"Restoring the weights of the best epoch: {best + 1}." in out


def test_auto_mode_knows_that_accuracy_should_rise():
    metric = nn.metrics.BinaryAccuracy(name="acc")
    stopper = callbacks.EarlyStopping("val_acc", patience=1)
    stopper.set_model(SimpleNamespace(metrics=[metric], stop_training=False))
    stopper.on_train_begin({})
    for epoch, value in enumerate([0.5, 0.6, 0.7, 0.65]):
        assert not stopper.model.stop_training
        stopper.on_epoch_end(epoch, {"val_acc": value})
    assert stopper.model.stop_training


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: callbacks.EarlyStopping(mode="least"), ValueError, "EarlyStopping(mode): expected 'auto', 'min' or 'max', not 'least'"),
        (lambda: callbacks.EarlyStopping(patience=-1), ValueError, "EarlyStopping(patience): expected at least 0"),
        (lambda: model().fit(X, Y, callbacks=[callbacks.EarlyStopping()], verbose=0), ValueError, "EarlyStopping: cannot monitor 'val_loss'; there are loss. Give fit validation_data or validation_split."),
        (lambda: model().fit(X, Y, callbacks=[callbacks.EarlyStopping("acc")], verbose=0), ValueError, "EarlyStopping: cannot monitor 'acc'; there are loss."),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


LINE = r"Epoch (\d+)/(\d+) - \d+\.\ds - loss: \d\.\d{4}(e-\d\d)?$"


@pytest.mark.parametrize(
    ("epochs", "verbose", "expected"),
    [
        (3, "auto", [1, 2, 3]),
        (1000, 1, [1, *range(50, 1001, 50)]),
        (45, 1, [1, *range(3, 46, 3)]),
        (30, 2, list(range(1, 31))),
        (3, 0, []),
    ],
)
def test_the_log_is_plain_text_and_short(epochs, verbose, expected, capsys):
    model().fit(X, Y, epochs=epochs, verbose=verbose)
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert [int(re.match(LINE, line)[1]) for line in lines] == expected
    assert captured.err == ""
    assert "\r" not in captured.out


def test_in_a_terminal_one_line_is_written_anew(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    model().fit(X, Y, epochs=3)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert len(re.findall(r"\r\x1b\[KEpoch \d/3", out)) == 3


def test_the_last_line_is_there_when_training_stops_early(capsys):
    m = model()
    m.fit(X, Y, epochs=1000, callbacks=[callbacks.EarlyStopping("loss", patience=0, min_delta=9.0)])
    assert [line.split(" - ")[0] for line in capsys.readouterr().out.splitlines()] == ["Epoch 1/1000", "Epoch 2/1000"]  # fmt: skip


def test_small_numbers_are_shown_as_in_keras():
    assert [callbacks.show(v) for v in (0.5, 0.0, 0.00012, float("nan"))] == ["0.5000", "0.0000", "1.2000e-04", "nan"]  # fmt: skip
