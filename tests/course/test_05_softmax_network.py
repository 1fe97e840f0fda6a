"""The numbers that module 5 quotes are true: each is computed here by other means than the
lesson's, and then looked for in its text."""

from __future__ import annotations

import ast
import math
import re
from itertools import pairwise

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nnlib.datasets import digits, three_bit

FOLDER = "solutions/05_softmax_network"
X, Y = three_bit()


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "softmax_network.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prose(lesson):
    """The lesson's text without its code, on one line."""
    cells = re.split(r"^# %%", lesson, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- the example by hand

W1_HAND = [0.5, -0.5, 1.0, 0.0, 0.2, 0.4, -0.3, 0.1, -0.4, 0.3, 0.2, 0.6]
W2_HAND = [1.0, 0.0, 0.0, 1.0, 1.0, -1.0, 0.5, 0.5]
HAND = [*W1_HAND, 0.0, 0.0, 0.0, 0.0, *W2_HAND, 0.0, 0.0]


def hand_loss(w):
    """The loss of the pattern (1, 0, 0), of class 1, and what leads to it, in plain Python.

    `w` holds all 26 parameters: W1 row by row, b1, W2 row by row, b2.
    """
    w1, b1, w2, b2 = w[:12], w[12:16], w[16:24], w[24:]
    x = (1, 0, 0)
    a = [math.tanh(b1[j] + sum(x[i] * w1[4 * i + j] for i in range(3))) for j in range(4)]
    z = [b2[k] + sum(a[j] * w2[2 * j + k] for j in range(4)) for k in range(2)]
    return math.log(math.exp(z[0]) + math.exp(z[1])) - z[1], a, z


def by_wiggling(w, h=1e-6):
    gradient = []
    for i in range(len(w)):
        up, down = list(w), list(w)
        up[i] += h
        down[i] -= h
        gradient.append((hand_loss(up)[0] - hand_loss(down)[0]) / (2 * h))
    return gradient


def test_the_forward_pass_by_hand(prose):
    loss, a, z = hand_loss(HAND)
    total = math.exp(z[0]) + math.exp(z[1])
    quoted(prose, f"{a[0]:.4f}", f"{a[1]:.4f}", f"{a[2]:.4f}", f"{z[0]:.4f}", f"{z[1]:.4f}")
    quoted(prose, f"{math.exp(z[0]):.4f}", f"{math.exp(z[1]):.4f}", f"{total:.4f}")
    quoted(prose, f"{math.exp(z[0]) / total:.4f}", f"{math.exp(z[1]) / total:.4f}", f"{loss:.4f}")
    assert a[3] == 0
    quoted(prose, f"{-math.log(0.0796):.4f}")  # with the rounded probability


def test_the_backward_pass_by_hand(prose):
    gradient = by_wiggling(HAND)
    dW1, dW2, db2 = gradient[:12], gradient[16:24], gradient[24:]
    quoted(prose, f"{db2[0]:.4f}", f"{db2[1]:.4f}", f"{dW2[0]:.4f}", f"{dW2[1]:.4f}")
    quoted(prose, f"{dW1[0]:.4f}", f"{dW1[1]:.4f}", f"{dW1[2]:.4f}")
    assert np.allclose(dW1[3:], 0)  # the fourth unit, and the inputs that are 0
    assert np.allclose(dW2[6:], 0)
    a = hand_loss(HAND)[1]
    slopes = [1 / math.cosh(z) ** 2 for z in (0.5, -0.5, 1.0)]
    quoted(prose, *(f"{s:.4f}" for s in slopes))
    quoted(prose, f"{dW1[2] / slopes[2]:.4f}")
    assert math.isclose(1 - a[2] ** 2, slopes[2])


def test_one_step_by_hand(prose):
    after = [p - 0.1 * g for p, g in zip(HAND, by_wiggling(HAND), strict=True)]
    quoted(prose, f"{hand_loss(after)[0]:.4f}")

    # With two classes both entries of P (1 - P) are the same number, which scales the whole step.
    _, _, z = hand_loss(HAND)
    p = 1 / (1 + math.exp(z[1] - z[0]))
    after = [q - 0.1 * p * (1 - p) * g for q, g in zip(HAND, by_wiggling(HAND), strict=True)]
    quoted(prose, f"{hand_loss(after)[0]:.4f}")


def test_costs_and_pushes(prose):
    quoted(prose, *(f"{-math.log(p):.4f}" for p in (0.9, 0.5, 0.1, 0.01)))
    quoted(prose, f"{math.log(10):.4f}", f"{math.log(2) / 2:.4f}")
    quoted(prose, f"{1 - 0.001:.3f}", f"{0.001 * 0.999**2:.6f}")
    p = np.linspace(0, 1, 100_001)
    push = p * (1 - p) ** 2
    assert math.isclose(push.max(), 4 / 27, rel_tol=1e-6)
    assert math.isclose(p[push.argmax()], 1 / 3, abs_tol=1e-4)
    quoted(prose, f"{4 / 27:.3f}")


def test_the_printed_rule_is_right_for_sigmoids_with_half_the_squared_error():
    z, y = np.array([0.7, -1.1, 0.2]), np.array([0.0, 1.0, 0.0])

    def loss(z):
        return 0.5 * np.sum((1 / (1 + np.exp(-z)) - y) ** 2)

    p = 1 / (1 + np.exp(-z))
    wiggled = [(loss(z + e) - loss(z - e)) / 2e-6 for e in 1e-6 * np.eye(3)]
    assert np.allclose(wiggled, (p - y) * p * (1 - p))


# ---------------------------------------------------------------- the four patterns


def start(seeds):
    """The starting parameters for several seeds, each with the seed as its first axis."""
    W1, W2 = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        W1.append(rng.normal(0, 3**-0.5, size=(3, 4)))
        W2.append(rng.normal(0, 0.5, size=(4, 2)))
    n = len(W1)
    return [np.array(W1), np.zeros((n, 1, 4)), np.array(W2), np.zeros((n, 1, 2))]


def outputs(w, hidden, X=X):
    return softmax(hidden(X @ w[0] + w[1]) @ w[2] + w[3])


def loss(w, hidden):
    return -np.log(np.sum(outputs(w, hidden) * Y, axis=-1)).mean(axis=-1)


def trained_without_formulas(seed, hidden, epochs=4999):
    """Train with complex-step derivatives: no gradient formula, so none can be wrong."""
    flat = np.concatenate([p.ravel() for p in start([seed])])

    def unpacked(w):
        n = len(w)
        return [
            w[:, :12].reshape(n, 3, 4),
            w[:, 12:16].reshape(n, 1, 4),
            w[:, 16:24].reshape(n, 4, 2),
            w[:, 24:].reshape(n, 1, 2),
        ]

    for _ in range(epochs):
        gradient = loss(unpacked(flat + 1e-30j * np.eye(26)), hidden).imag / 1e-30
        flat = flat - 0.1 * gradient
    return unpacked(flat[None])


def trained_as_printed(seeds, epochs=4999, output_factor=True, mean=False):
    W1, b1, W2, b2 = start(seeds)
    for _ in range(epochs):
        A = softmax(X @ W1 + b1)
        P = softmax(A @ W2 + b2)
        error = (P - Y) * (P * (1 - P) if output_factor else 1) / (4 if mean else 1)
        hidden_error = np.einsum("snc,shc->snh", error, W2) * A * (1 - A)
        W2 = W2 - 0.1 * np.einsum("snh,snc->shc", A, error)
        b2 = b2 - 0.1 * error.sum(axis=1, keepdims=True)
        W1 = W1 - 0.1 * np.einsum("nd,snh->sdh", X, hidden_error)
        b1 = b1 - 0.1 * hidden_error.sum(axis=1, keepdims=True)
    return [W1, b1, W2, b2]


def trained_with_tanh(seeds, epochs=4999):
    W1, b1, W2, b2 = start(seeds)
    for _ in range(epochs):
        A = np.tanh(X @ W1 + b1)
        error = (softmax(A @ W2 + b2) - Y) / 4
        hidden_error = np.einsum("snc,shc->snh", error, W2) / np.cosh(X @ W1 + b1) ** 2
        W2 = W2 - 0.1 * np.einsum("snh,snc->shc", A, error)
        b2 = b2 - 0.1 * error.sum(axis=1, keepdims=True)
        W1 = W1 - 0.1 * np.einsum("nd,snh->sdh", X, hidden_error)
        b1 = b1 - 0.1 * hidden_error.sum(axis=1, keepdims=True)
    return [W1, b1, W2, b2]


@pytest.fixture(scope="module")
def tanh_network():
    return trained_without_formulas(42, np.tanh)


def right_everywhere(w, hidden):
    return (outputs(w, hidden).argmax(axis=-1) == Y.argmax(axis=1)).all()


@pytest.mark.course
def test_the_last_losses_of_the_four_networks(prose, tanh_network):
    printed, printed_mean = trained_as_printed([42]), trained_as_printed([42], mean=True)
    right = trained_without_formulas(42, softmax)
    half_right = trained_as_printed([42], output_factor=False, mean=True)
    networks = {"printed": printed, "mean": printed_mean, "right": right, "half": half_right}
    last = {name: loss(w, softmax)[0] for name, w in networks.items()}
    last["tanh"] = loss(tanh_network, np.tanh)[0]
    quoted(prose, *(f"{number:.4f}" for number in last.values()))
    assert all(right_everywhere(w, softmax) for w in networks.values())
    assert right_everywhere(tanh_network, np.tanh)
    assert 8.5 < last["printed"] / last["right"] < 9
    quoted(prose, "nearly 9 times")
    quoted(prose, f"{last['mean'] / last['right']:.0f} times")


@pytest.mark.course
def test_the_seed_matters_little(prose):
    printed = loss(trained_as_printed(range(20)), softmax)
    tanh = loss(trained_with_tanh(range(20)), np.tanh)
    quoted(prose, f"between {printed.min():.3f} and {printed.max():.3f}")
    quoted(prose, f"between {tanh.min():.4f} and {tanh.max():.4f}")
    quoted(prose, f"{np.median(tanh):.4f} in the middle")


def test_from_zero_weights_nothing_moves(prose):
    zero = np.zeros(26)

    def loss_at(w):
        parameters = [w[:12].reshape(3, 4), w[12:16], w[16:24].reshape(4, 2), w[24:]]
        return loss(parameters, np.tanh)

    gradient = [(loss_at(zero + e) - loss_at(zero - e)) / 2e-6 for e in 1e-6 * np.eye(26)]
    assert np.allclose(gradient, 0, atol=1e-9)
    quoted(prose, f"sits at {loss_at(zero):.4f}")


@pytest.mark.course
def test_it_reads_the_third_bit(prose, tanh_network):
    new = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    p = outputs(tanh_network, np.tanh, new)[0]
    exclusive_or = new[:, 0] ^ new[:, 1]
    assert (p.argmax(axis=1) == 1 - exclusive_or).all()
    assert (p.argmax(axis=1) == 1 - new[:, 2]).all()
    assert (Y.argmax(axis=1) == 1 - X[:, 2]).all()
    quoted(prose, "99.9")
    assert np.all(np.abs(p.max(axis=1) - 0.999) < 0.001)


# ---------------------------------------------------------------- digits


def right_answers(split, hidden=64, epochs=1000):
    """How many test digits are named rightly after full-batch training of a sigmoid network, and
    how many there are."""
    (x, y), (x_test, y_test) = digits(seed=split)
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(0, 1 / 8, (64, hidden)), rng.normal(0, hidden**-0.5, (hidden, 10))
    W1, W2 = np.vstack([W1, np.zeros(hidden)]), np.vstack([W2, np.zeros(10)])  # biases last

    def layers(x):
        x = np.column_stack([x, np.ones(len(x))])
        a = np.column_stack([0.5 + 0.5 * np.tanh(0.5 * x @ W1), np.ones(len(x))])
        return x, a, softmax(a @ W2)

    for _ in range(epochs):
        inputs, a, p = layers(x)
        p[np.arange(len(y)), y] -= 1
        slope = (a * (1 - a))[:, :-1]
        W1, W2 = (
            W1 - 0.1 / len(x) * inputs.T @ ((p @ W2[:-1].T) * slope),
            W2 - 0.1 / len(x) * a.T @ p,
        )
    return int(np.sum(layers(x_test)[2].argmax(axis=1) == y_test)), len(y_test)


@pytest.fixture
def one_thread():
    """Matrices this small are slower on many threads, by far where others use the machine too."""
    with threadpool_limits(1):
        yield


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_digits(prose):
    (x, _), (x_test, _) = digits(seed=4)
    quoted(prose, f"{len(x):,}", str(len(x_test)), f"{len(x) + len(x_test):,}")
    quoted(prose, str(64 * 64 + 64 + 64 * 10 + 10))
    right, total = right_answers(4)
    quoted(prose, f"{right / total:.1%}".replace("%", " %"), f"{right} of {total}")
    quoted(prose, f"{100 * math.sqrt(0.94 * 0.06 / total):.1f}$ percentage points")
    assert right_answers(4, hidden=128)[0] - right == 1
    assert "One picture more" in prose


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_five_splits(prose):
    shares = [right / total for right, total in map(right_answers, range(5))]
    low, high = (f"{s:.1%}".replace("%", " %") for s in (min(shares), max(shares)))
    quoted(prose, f"between {low} and {high}")
    assert shares[4] >= sorted(shares)[-2]


def test_steps_in_an_epoch(root):
    exercises = (root / FOLDER / "softmax_network_exercises.py").read_text(encoding="utf-8")
    (x, _), _ = digits(seed=4)
    quoted(exercises, f"{len(x):,}", f"{math.ceil(len(x) / 32)} steps")


# ---------------------------------------------------------------- the lesson's form


def test_the_quiz_has_five_questions_and_explains_every_option(lesson):
    for node in ast.walk(ast.parse(lesson)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "questions":
            questions = ast.literal_eval(node.value)
    assert len(questions) == 5
    for question in questions:
        assert sum(a["correct"] for a in question["answers"]) == 1
        assert len({a["answer"] for a in question["answers"]}) == len(question["answers"])
        assert all(len(a["feedback"]) > 20 for a in question["answers"])


def test_the_quiz_is_right_about_the_gradient(lesson):
    p = np.array([0.7, 0.2, 0.1])
    y = np.array([0, 1, 0])
    for answer in (p - y, y - p, (p - y) * p * (1 - p), -y / p + 0.0):
        assert ", ".join(f"{v:.3g}" for v in answer) in lesson


@pytest.mark.parametrize("name", ["softmax_network.py", "softmax_network_exercises.py"])
def test_one_title_and_headings_in_order(root, name):
    text = (root / FOLDER / name).read_text(encoding="utf-8")
    levels = [len(m) for m in re.findall(r"^# (#+) ", text, flags=re.M)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
