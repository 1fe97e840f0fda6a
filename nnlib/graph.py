"""A computation graph of single numbers that differentiates itself, to see backpropagation at work.

Every :class:`Value` remembers the values that it was computed from, and for each of them its local
derivative. ``backward`` walks the graph from the result to the inputs and multiplies and adds these
up: the chain rule, and no more.

>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> c = (a * b + 1).tanh()
>>> c.backward()
>>> a.grad, b.grad  # dc/da, dc/db

``draw(c)`` shows the graph with its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from nnlib._checks import number


class Value:
    """A number in a computation graph.

    Parameters
    ----------
    data : float
        The number.
    label : str
        A name to show in drawings.

    Attributes
    ----------
    grad : float
        d(result)/d(this value), after ``result.backward()``.
    parents : tuple of (Value, float)
        What it was computed from, each with the local derivative d(this)/d(parent).
    operation : str
        How it was computed; empty for an input.
    """

    def __init__(self, data: float, label: str = "") -> None:
        self.data = number(data, "Value(data)")
        self.label = str(label)
        self.grad = 0.0
        self.parents: tuple[tuple[Value, float], ...] = ()
        self.operation = ""

    def __repr__(self) -> str:
        name = f"{self.label}: " if self.label else ""
        return f"Value({name}data={self.data:g}, grad={self.grad:g})"

    # Each operation: its result, and beside each input the local derivative.

    def __add__(self, other: Value | float) -> Value:
        a, b = self, _value(other)
        return _result("+", a.data + b.data, (a, 1.0), (b, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        a, b = self, _value(other)
        return _result("-", a.data - b.data, (a, 1.0), (b, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        a, b = self, _value(other)
        return _result("*", a.data * b.data, (a, b.data), (b, a.data))

    def __truediv__(self, other: Value | float) -> Value:
        a, b = self, _value(other)
        if b.data == 0:
            raise ZeroDivisionError(f"Value: cannot divide {a.data:g} by 0.")
        quotient = a.data / b.data
        return _result("/", quotient, (a, 1 / b.data), (b, -quotient / b.data))

    def __pow__(self, exponent: float) -> Value:
        """``a ** n`` for a plain number n."""
        if isinstance(exponent, Value):
            raise TypeError("Value: the exponent must be a plain number. Use (b * a.log()).exp().")
        n = number(exponent, "Value: exponent")
        if self.data < 0 and not n.is_integer():
            raise ValueError(f"Value: {self.data:g} ** {n:g} is not a real number.")
        if self.data == 0 and n < 1 and n != 0:
            raise ValueError(f"Value: 0 ** {n:g} has no derivative, or no value at all.")
        try:
            slope = n * self.data ** (n - 1) if n else 0.0
            return _result(f"**{n:g}", self.data**n, (self, slope))
        except OverflowError:
            raise ValueError(f"Value: {self.data:g} ** {n:g} is too large for a float.") from None

    def __neg__(self) -> Value:
        return _result("neg", -self.data, (self, -1.0))

    def __radd__(self, other: float) -> Value:
        return _value(other) + self

    def __rsub__(self, other: float) -> Value:
        return _value(other) - self

    def __rmul__(self, other: float) -> Value:
        return _value(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return _value(other) / self

    def exp(self) -> Value:
        """e^a; its derivative is itself."""
        if self.data > 709:
            raise ValueError(f"Value: exp({self.data:g}) is too large for a float.")
        y = math.exp(self.data)
        return _result("exp", y, (self, y))

    def log(self) -> Value:
        """The natural logarithm of a > 0; its derivative is 1 / a."""
        if self.data <= 0:
            raise ValueError(f"Value: log needs a number above 0, but received {self.data:g}.")
        return _result("log", math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> Value:
        """tanh a; its derivative is 1 - y²."""
        y = math.tanh(self.data)
        return _result("tanh", y, (self, 1 - y * y))

    def relu(self) -> Value:
        """max(a, 0); its derivative is 1 where a > 0, else 0."""
        return _result("relu", max(self.data, 0.0), (self, 1.0 if self.data > 0 else 0.0))

    def sigmoid(self) -> Value:
        """1 / (1 + e^-a); its derivative is y (1 - y)."""
        e = math.exp(-abs(self.data))  # at most 1, so nothing overflows
        y = (1.0 if self.data >= 0 else e) / (1 + e)
        return _result("sigmoid", y, (self, y * (1 - y)))

    def backward(self) -> None:
        """Set ``grad`` of every value that this one was computed from to d(this)/d(value).

        In reverse topological order, so that a value is asked only once all that it feeds is known.
        A value that is used more than once collects from all its uses.
        """
        order = topological_order(self)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in value.parents:
                parent.grad += slope * value.grad  # dL/da += dc/da · dL/dc

    def draw(self) -> Drawing:
        """See :func:`draw`."""
        return draw(self)


def _value(x: Value | float) -> Value:
    return x if isinstance(x, Value) else Value(x)


def _result(operation: str, data: float, *parents: tuple[Value, float]) -> Value:
    if not math.isfinite(data):
        raise ValueError(f"Value: the result of {operation} is too large for a float.")
    result = Value(data)
    result.operation = operation
    result.parents = parents
    return result


def topological_order(root: Value) -> list[Value]:
    """All values that ``root`` was computed from, and itself last: each after its parents."""
    order: list[Value] = []
    done: set[int] = set()
    stack = [(root, False)]  # a list of our own, for deep graphs would exhaust Python's
    while stack:
        value, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(value)
        elif id(value) not in done:
            done.add(id(value))
            stack.append((value, True))
            stack.extend((parent, False) for parent, _ in reversed(value.parents))
    return order


class Drawing:
    """A picture of a graph, which a notebook shows: ``svg``, and ``alt_text`` in words."""

    def __init__(self, svg: str, alt_text: str) -> None:
        self.svg = svg
        self.alt_text = alt_text

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.alt_text


def draw(root: Value, format_number: Callable[[float], str] = "{:.4g}".format) -> Drawing:
    """Draw the graph that ends in ``root``, from the inputs on the left to the result on the right.

    Each box shows a value's label, its number and its gradient; the operation stands above it.
    """
    from nnlib._graph_svg import render

    return Drawing(*render(topological_order(root), format_number))
