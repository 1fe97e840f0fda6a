"""The gradient checker: right gradients pass, and each kind of wrong one is found and named."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re

import numpy as np
import pytest

import nnlib as nn
from nnlib import gradcheck, layers


def problem(rng, head="softmax", loss="sparse_categorical_crossentropy"):
    model = nn.Sequential(
        [nn.Input((4,)), nn.Dense(5, "tanh", name="hidden"), nn.Dense(3, head, name="out")], seed=0
    )
    model.compile("sgd", loss)
    return model, rng.normal(size=(6, 4)), rng.integers(0, 3, 6)


def test_numerical_gradient_of_known_functions(rng):
    x = rng.normal(size=(3, 2))
    for f, gradient in [
        (lambda v: (v**3).sum(), 3 * x**2),
        (lambda v: np.sin(v).prod(), np.cos(x) / np.sin(x) * np.sin(x).prod()),
        (lambda v: float(v[0, 0]), np.eye(3, 2) * [[1], [0], [0]]),
    ]:
        np.testing.assert_allclose(gradcheck.numerical_gradient(f, x), gradient, atol=1e-8)
    np.testing.assert_allclose(gradcheck.numerical_gradient(lambda v: v**2, 3), 6, rtol=1e-8)


def test_numerical_gradient_never_hands_out_its_own_array(rng):
    def spoil(v):
        total = float(v.sum())
        v[...] = 99
        return total

    x = rng.normal(size=3)
    kept = x.copy()
    np.testing.assert_allclose(gradcheck.numerical_gradient(spoil, x), np.ones(3), rtol=1e-9)
    np.testing.assert_array_equal(x, kept)


def test_relative_error():
    assert gradcheck.relative_error([1.0, 2.0], [1.0, 2.2]) == pytest.approx(0.2 / 2.2)
    assert gradcheck.relative_error([1e-12], [-1e-12]) == 0
    assert gradcheck.relative_error([np.nan], [1.0]) == np.inf
    assert gradcheck.relative_error([], []) == 0


def test_check_gradient_finds_a_lost_factor(rng):
    x = rng.normal(size=(2, 3))
    right = gradcheck.check_gradient(lambda v: (v**2).sum(), lambda v: 2 * v, x)
    assert right.passed
    assert right.direction.relative_error < 1e-8
    wrong = gradcheck.check_gradient(lambda v: (v**2).sum(), x, x)
    assert not wrong.passed
    assert wrong.worst.relative_error == pytest.approx(0.5, rel=1e-6)
    assert wrong.direction.relative_error == pytest.approx(0.5, rel=1e-6)


def test_check_model_passes_and_leaves_the_model_alone(rng):
    model, x, y = problem(rng)
    theta, grads = model.parameters.copy(), model.gradients.copy()
    report = gradcheck.check_model(model, x, y)
    assert report.passed, str(report)
    assert report.worst.relative_error < 1e-8
    assert [c.name for c in report.checks] == ["hidden.kernel", "hidden.bias", "out.kernel", "out.bias"]  # fmt: skip
    np.testing.assert_array_equal(model.parameters, theta)
    np.testing.assert_array_equal(model.gradients, grads)
    assert model.dtype == np.float32


class WrongBias(layers.Dense):
    """Forgets the sum over the batch."""

    def backward_z(self, dz):
        dx = super().backward_z(dz)
        self.d_bias = dz[0]
        return dx


class WrongInput(layers.Dense):
    """Uses the kernel's sign wrongly on the way down."""

    def backward_z(self, dz):
        return -super().backward_z(dz)


def broken(layer, rng):
    model = nn.Sequential([nn.Input((4,)), nn.Dense(5, "tanh", name="hidden"), layer], seed=0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return gradcheck.check_model(model, rng.normal(size=(6, 4)), rng.integers(0, 3, 6))


def test_a_wrong_gradient_is_found_and_named(rng):
    report = broken(WrongBias(3, "softmax", name="out"), rng)
    assert not report.passed
    assert report.worst.name == "out.bias"
    good = [c for c in report.checks if c.name != "out.bias"]
    assert all(c.relative_error < 1e-7 for c in good)
    assert "The gradients differ most in out.bias: backward says" in str(report)

    report = broken(WrongInput(3, "softmax", name="out"), rng)
    wrong = {c.name for c in report.checks if c.relative_error > 1e-5}
    assert wrong == {"hidden.kernel", "hidden.bias"}  # below the broken layer, not in it


def test_one_wrong_entry_is_found_at_its_index(rng):
    class OneWrong(layers.Dense):
        def backward_z(self, dz):
            dx = super().backward_z(dz)
            self.d_kernel[2, 1] *= 1.5
            return dx

    worst = broken(OneWrong(3, "softmax", name="out"), rng).worst
    assert (worst.name, worst.index) == ("out.kernel", (2, 1))
    assert worst.analytic == pytest.approx(1.5 * worst.numerical, rel=1e-5)


def test_few_entries_still_leave_the_direction_that_covers_all(rng):
    class OneWrong(layers.Dense):
        def backward_z(self, dz):
            dx = super().backward_z(dz)
            self.d_kernel[2, 1] += 1
            return dx

    model = nn.Sequential([nn.Input((50,)), OneWrong(40), nn.Dense(1)], seed=0)
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(6, 50)), rng.normal(size=6)
    report = gradcheck.check_model(model, x, y, entries=3)
    assert report.checks[0].relative_error < 1e-6  # not among the three
    assert report.worst.name == "one random direction"


def test_training_mode_holds_the_dropout_mask_still(rng):
    model = nn.Sequential(
        [nn.Input((4,)), nn.Dropout(0.3), nn.Dense(6, "elu"), nn.Dropout(0.5, seed=1), nn.Dense(1)],
        seed=0,
    )
    model.compile("sgd", "mse")
    x, y = rng.normal(size=(6, 4)), rng.normal(size=6)
    assert gradcheck.check_model(model, x, y, training=True).passed


def test_the_report_shows_both_numbers(rng):
    model, x, y = problem(rng)
    text = str(gradcheck.check_model(model, x, y))
    assert re.search(r"hidden.kernel\[\d, \d\] +-?\d\.\d{6}e[-+]\d\d +-?\d\.\d{6}e[-+]\d\d", text)
    assert "one random direction" in text
    assert text.endswith("The gradients agree (tolerance 1e-05).")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradcheck.numerical_gradient(np.sum, [1.0], h=0), "expected a number above 0"),
        (lambda: gradcheck.check_gradient(np.sum, [1.0], [1.0, 2.0]), "gradient of shape (2,)"),
        (lambda: gradcheck.check_layer(nn.Dense(2), [[np.nan]]), "dense: x: expected finite numbers"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_a_model_without_parameters_is_refused(rng):
    model = nn.Sequential([nn.Input((3,)), nn.Activation("softmax")])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="no trainable parameters to check"):
        gradcheck.check_model(model, rng.normal(size=(2, 3)), np.eye(2, 3))
