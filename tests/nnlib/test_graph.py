"""The computation graph: derivatives by hand and by finite differences, order, drawing, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.gradcheck import numerical_gradient
from nnlib.graph import Value, draw, topological_order

numbers = st.floats(0.2, 3)


def test_one_neuron_by_hand():
    x1, x2, w1, w2, b = (Value(v) for v in (1.0, -2.0, 0.5, -0.3, 0.1))
    a = (x1 * w1 + x2 * w2 + b).sigmoid()
    loss = -a.log()
    loss.backward()
    p = 1 / (1 + math.exp(-1.2))
    assert loss.data == pytest.approx(-math.log(p))
    assert b.grad == pytest.approx(p - 1)  # dL/dz = p - y
    assert (w1.grad, w2.grad) == pytest.approx((p - 1, -2 * (p - 1)))
    assert (x1.grad, x2.grad) == pytest.approx((0.5 * (p - 1), -0.3 * (p - 1)))
    assert loss.grad == 1


FUNCTIONS = {
    "sum": lambda a, b: a + b + 2 + a,
    "difference": lambda a, b: 5 - a - b - 1,
    "product": lambda a, b: 3 * a * b * a,
    "quotient": lambda a, b: a / b + 2 / a + b / 4,
    "powers": lambda a, b: a**3 + b**-2 + a**0.5 + b**0 + a**1,
    "exp and log": lambda a, b: (a * b).exp() + (a / b).log(),
    "squashed": lambda a, b: (a - b).tanh() + (a * b - 2).sigmoid(),
    "relu": lambda a, b: (a * b).relu() + (-a).relu() * b,
    "nested": lambda a, b: ((a * b + a).tanh() / (1 + (-b).exp()) - a**2).sigmoid() * -b,
}


@given(st.sampled_from(sorted(FUNCTIONS)), numbers, numbers)
def test_gradients_agree_with_finite_differences(name, a, b):
    f = FUNCTIONS[name]
    va, vb = Value(a), Value(b)
    result = f(va, vb)
    result.backward()
    numerical = numerical_gradient(lambda v: f(Value(v[0]), Value(v[1])).data, [a, b])
    np.testing.assert_allclose([va.grad, vb.grad], numerical, rtol=1e-5, atol=1e-6)


@given(st.sampled_from(["exp", "log", "tanh", "sigmoid", "relu"]), numbers)
def test_values_agree_with_numpy(name, a):
    reference = {
        "exp": np.exp,
        "log": np.log,
        "tanh": np.tanh,
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "relu": lambda v: np.maximum(v, 0),
    }
    assert getattr(Value(a), name)().data == pytest.approx(reference[name](a))


def test_a_value_used_twice_collects_from_both():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2
    b = Value(3.0)
    (b * b * b).backward()
    assert b.grad == 27


def test_backward_starts_anew_each_time():
    a = Value(3.0)
    y = a * a
    y.backward()
    y.backward()
    assert a.grad == 6
    (2 * y).backward()
    assert (a.grad, y.grad) == (12, 2)


def test_the_order_puts_every_value_after_its_parents():
    a, b = Value(1.0), Value(2.0)
    root = ((a + b) * a - b).tanh() * (a + 1)
    order = topological_order(root)
    place = {id(value): i for i, value in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    for value in order:
        assert all(place[id(parent)] < place[id(value)] for parent, _ in value.parents)


def test_a_deep_graph():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    assert (y.data, x.grad) == (20_001, 1)


def test_extremes():
    assert Value(-1000).sigmoid().data == 0
    assert Value(1000).sigmoid().data == 1
    assert Value(-1000).exp().data == 0


def drawing():
    x, w = Value(2.0, "x <1>"), Value(-0.5, "w")
    loss = (x * w + 1).tanh() * x
    loss.label = "L"
    loss.backward()
    return draw(loss), loss


def test_the_drawing_shows_every_number_once():
    picture, loss = drawing()
    root = ElementTree.fromstring(picture.svg)
    ns = "{http://www.w3.org/2000/svg}"
    texts = ["".join(text.itertext()) for text in root.iter(f"{ns}text")]
    for value in topological_order(loss):
        name = f"{value.label} = " if value.label else ""
        assert f"{name}{value.data:.4g}" in texts
        assert f"grad {value.grad:.4g}" in texts
    assert [t for t in texts if t in ("×", "+", "tanh")] == ["×", "+", "tanh", "×"]
    edges = sum(len(value.parents) for value in topological_order(loss))
    assert len(list(root.iter(f"{ns}path"))) == 2 * edges  # a line and its head
    assert picture._repr_svg_() == picture.svg


def test_the_drawing_has_no_overlapping_boxes_and_runs_left_to_right():
    picture, _ = drawing()
    root = ElementTree.fromstring(picture.svg)
    boxes = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("rx")]
    corners = [tuple(float(r.get(k)) for k in ("x", "y", "width", "height")) for r in boxes]
    for i, (x, y, w, h) in enumerate(corners):
        for x2, y2, _, _ in corners[:i]:
            assert abs(x - x2) >= w or abs(y - y2) >= h
        assert x >= 0
        assert x + w <= float(root.get("width"))
        assert y + h <= float(root.get("height"))


def test_the_drawing_has_words_and_stays_within_itself():
    picture, _ = drawing()
    assert "x <1> is 2, gradient" in picture.alt_text
    assert repr(picture) == picture.alt_text
    root = ElementTree.fromstring(picture.svg)
    assert root.find("{http://www.w3.org/2000/svg}desc").text == picture.alt_text
    style = root.find("{http://www.w3.org/2000/svg}style").text
    rules = [rule for rule in style.split("}") if rule]
    assert all(rule.startswith(".nnlib-graph ") for rule in rules)


def test_repr():
    assert repr(Value(2.0, "a")) == "Value(a: data=2, grad=0)"
    assert repr(Value(0.5)) == "Value(data=0.5, grad=0)"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Value("1"), TypeError, "Value(data): expected a number, but received '1'"),
        (lambda: Value(float("nan")), ValueError, "Value(data): expected a number that is finite"),
        (lambda: Value(1) + "a", TypeError, "Value(data): expected a number, but received 'a'"),
        (lambda: Value(1) / 0, ZeroDivisionError, "Value: cannot divide 1 by 0"),
        (lambda: Value(0).log(), ValueError, "Value: log needs a number above 0, but received 0"),
        (lambda: Value(800).exp(), ValueError, "Value: exp(800) is too large for a float"),
        (lambda: Value(1e200) * 1e200, ValueError, "Value: the result of * is too large for a float"),
        (lambda: Value(2) ** Value(3), TypeError, "the exponent must be a plain number. Use (b * a.log()).exp()"),
        (lambda: Value(-2) ** 0.5, ValueError, "-2 ** 0.5 is not a real number"),
        (lambda: Value(0) ** -1, ValueError, "0 ** -1 has no derivative, or no value at all"),
        (lambda: Value(1e200) ** 2, ValueError, "too large for a float"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
