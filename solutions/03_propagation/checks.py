"""What each exercise of module 3 must do: inputs, right answers, and what people get wrong."""

import math
from itertools import pairwise

import numpy as np

from autograde import AtMost, Exercise
from nnlib.datasets import xor

ALLOWED = ("numpy", "matplotlib", "nnlib.activations", "nnlib.datasets", "nnlib.plots")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---------------------------------------------------------------- by hand


def by_hand(x, y, W1, b1, W2, b2, eta):
    def loss(a):
        return -y * np.log(a) - (1 - y) * np.log(1 - a)

    s = {"z1": x @ W1 + b1}
    s["h"] = np.maximum(s["z1"], 0)
    s["z2"] = s["h"] @ W2 + b2
    s["a"] = sigmoid(s["z2"])
    s["L"] = loss(s["a"])
    s["dL/da"] = -y / s["a"] + (1 - y) / (1 - s["a"])
    s["da/dz2"] = s["a"] * (1 - s["a"])
    s["dL/dz2"] = s["dL/da"] * s["da/dz2"]
    s["dL/dW2"] = s["dL/dz2"] * s["h"]
    s["dL/db2"] = s["dL/dz2"]
    s["dL/dh"] = s["dL/dz2"] * W2
    s["dL/dz1"] = s["dL/dh"] * (s["z1"] > 0)
    s["dL/dW1"] = np.outer(x, s["dL/dz1"])
    s["dL/db1"] = s["dL/dz1"]
    s["W1 after"] = W1 - eta * s["dL/dW1"]
    s["b1 after"] = b1 - eta * s["dL/db1"]
    s["W2 after"] = W2 - eta * s["dL/dW2"]
    s["b2 after"] = b2 - eta * s["dL/db2"]
    h = np.maximum(x @ s["W1 after"] + s["b1 after"], 0)
    s["L after"] = loss(sigmoid(h @ s["W2 after"] + s["b2 after"]))
    return s


def hand_inputs_on_paper(rng):
    """The numbers that the exercise's text prints: both units are on."""
    return {
        "x": np.array([2.0, 3.0]),
        "y": 0,
        "W1": np.array([[1.0, -1.0], [-0.5, 1.0]]),
        "b1": np.array([1.0, -0.5]),
        "W2": np.array([1.0, -2.0]),
        "b2": 0.5,
        "eta": 0.1,
    }


def hand_inputs(y, off):
    """Numbers with hidden unit `off` off and the other on, all away from the kink."""

    def draw(rng):
        while True:
            case = {
                "x": rng.choice([-1, 1], size=2) * rng.uniform(0.5, 2, size=2).round(1),
                "y": y,
                "W1": rng.uniform(-1.5, 1.5, size=(2, 2)).round(1),
                "b1": rng.choice([-1, 1], size=2) * rng.uniform(0.2, 0.9, size=2).round(1),
                "W2": rng.choice([-1, 1], size=2) * rng.uniform(0.3, 1.5, size=2).round(1),
                "b2": round(float(rng.choice([-1, 1]) * rng.uniform(0.2, 0.9)), 1),
                "eta": 0.2,
            }
            z1 = case["x"] @ case["W1"] + case["b1"]
            z2 = np.maximum(z1, 0) @ case["W2"] + case["b2"]
            apart = np.abs(z1).min() > 0.3 and abs(case["W1"][0, 1] - case["W1"][1, 0]) > 0.3
            told_apart = len(np.unique(np.abs([*case["x"], 1, 0]))) == 4
            if z1[off] < 0 < z1[1 - off] and apart and told_apart and 0.3 < abs(z2) < 2:
                return case

    return draw


def probe_by_hand(answer, x, y, W1, b1, W2, b2, eta):
    steps = answer(x, y, W1, b1, W2, b2, eta)
    if not isinstance(steps, dict):
        raise TypeError("by_hand must return the dict of its steps: `return steps`")
    if not steps:
        raise NotImplementedError
    numbers = ("z2", "a", "L", "dL/da", "da/dz2", "dL/dz2", "dL/db2", "b2 after", "L after")
    vectors = ("z1", "h", "dL/dW2", "dL/dh", "dL/dz1", "dL/db1", "b1 after", "W2 after")
    for label, value in steps.items():
        if label not in (*numbers, *vectors, "dL/dW1", "W1 after"):
            raise ValueError(f"there is no step {label!r}: use the names in the comments")
        if value is None or value is Ellipsis:
            continue  # not filled in yet
        if label in numbers and np.size(value) == 1:
            value = np.ravel(value)[0]  # an array of one number does as well
        if label in vectors and np.ndim(value) == 2 and 1 in np.shape(value):
            value = np.ravel(value)  # so does a row or a column
        yield label, value


def hand_scalars(x, y, W1, b1, W2, b2, eta):
    """As a pencil does it: one number after another."""
    x1, x2 = x
    (w11, w12), (w21, w22) = W1
    z11, z12 = x1 * w11 + x2 * w21 + b1[0], x1 * w12 + x2 * w22 + b1[1]
    h1, h2 = max(z11, 0), max(z12, 0)
    z2 = h1 * W2[0] + h2 * W2[1] + b2
    a = 1 / (1 + math.exp(-z2))
    dz2 = a - y
    d1, d2 = dz2 * W2[0] if z11 > 0 else 0, dz2 * W2[1] if z12 > 0 else 0
    W1_after = [[w11 - eta * x1 * d1, w12 - eta * x1 * d2]]
    W1_after += [[w21 - eta * x2 * d1, w22 - eta * x2 * d2]]
    b1_after = [b1[0] - eta * d1, b1[1] - eta * d2]
    W2_after, b2_after = [W2[0] - eta * dz2 * h1, W2[1] - eta * dz2 * h2], b2 - eta * dz2
    new = [max(x1 * W1_after[0][j] + x2 * W1_after[1][j] + b1_after[j], 0) for j in (0, 1)]
    a_after = 1 / (1 + math.exp(-new[0] * W2_after[0] - new[1] * W2_after[1] - b2_after))
    return {
        "z1": [z11, z12],
        "h": (h1, h2),
        "z2": z2,
        "a": a,
        "L": -math.log(a if y == 1 else 1 - a),
        "dL/da": (a - y) / (a * (1 - a)),
        "da/dz2": a * (1 - a),
        "dL/dz2": dz2,
        "dL/dW2": [dz2 * h1, dz2 * h2],
        "dL/db2": dz2,
        "dL/dh": [dz2 * W2[0], dz2 * W2[1]],
        "dL/dz1": [d1, d2],
        "dL/dW1": [[x1 * d1, x1 * d2], [x2 * d1, x2 * d2]],
        "dL/db1": [d1, d2],
        "W1 after": W1_after,
        "b1 after": b1_after,
        "W2 after": W2_after,
        "b2 after": b2_after,
        "L after": -math.log(a_after if y == 1 else 1 - a_after),
    }


def hand_matrices(x, y, W1, b1, W2, b2, eta):
    """As a batch of one example, every vector a row or a column."""
    steps = by_hand(x, y, W1, b1, W2, b2, eta)
    rows = {k: np.reshape(v, (1, -1)) for k, v in steps.items() if np.ndim(v) < 2}
    columns = {k: np.reshape(steps[k], (2, 1)) for k in ("dL/dW2", "W2 after")}
    return {**steps, **rows, **columns}


def hand_wrong(label, wrong):
    """A `by_hand` that goes wrong at one step. What comes after is left out: the mistake is known
    by this step, whether the learner went on or not."""

    def hand(x, y, W1, b1, W2, b2, eta):
        right = by_hand(x, y, W1, b1, W2, b2, eta)
        given = {**right, "x": x, "y": y, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "eta": eta}
        before = list(right)[: list(right).index(label)]
        return {**{k: right[k] for k in before}, label: wrong(given)}

    return hand


HAND_MISTAKES = {
    "z1: W1 is read the wrong way round. Hidden unit j adds up column j of W1, and row i of W1 "
    "belongs to input i": hand_wrong("z1", lambda s: s["W1"] @ s["x"] + s["b1"]),
    "z1: b1 is not added": hand_wrong("z1", lambda s: s["x"] @ s["W1"]),
    "h: ReLU is left out. It turns a negative z1 into 0": hand_wrong("h", lambda s: s["z1"]),
    "h: sigmoid, where the hidden units are ReLUs": hand_wrong("h", lambda s: sigmoid(s["z1"])),
    "z2: b2 is not added": hand_wrong("z2", lambda s: s["z2"] - s["b2"]),
    "L: the minus sign is missing. The logarithm of a number below 1 is negative, the loss is "
    "positive": hand_wrong("L", lambda s: -s["L"]),
    "L: the logarithm to base 10. This loss takes the natural one, np.log": (
        hand_wrong("L", lambda s: s["L"] / np.log(10))
    ),
    "L: y and 1 - y have changed places. For y = 1 the loss is -log(a)": (
        hand_wrong("L", lambda s: -np.log(1 - s["a"] if s["y"] == 1 else s["a"]))
    ),
    "dL/da: this is a - y, which is dL/dz2. dL/da is -y/a + (1 - y)/(1 - a)": (
        hand_wrong("dL/da", lambda s: s["a"] - s["y"])
    ),
    "dL/da: the sign is turned round": hand_wrong("dL/da", lambda s: -s["dL/da"]),
    "da/dz2: z2 * (1 - z2). The derivative of the sigmoid is a * (1 - a), with its output": (
        hand_wrong("da/dz2", lambda s: s["z2"] * (1 - s["z2"]))
    ),
    "dL/dz2: this is still dL/da. The factor da/dz2 = a (1 - a) is missing": (
        hand_wrong("dL/dz2", lambda s: s["dL/da"])
    ),
    "dL/dz2: this is y - a. The sign is turned round": (
        hand_wrong("dL/dz2", lambda s: s["y"] - s["a"])
    ),
    "dL/dz2: the factor a (1 - a) is there twice. It has cancelled in a - y": (
        hand_wrong("dL/dz2", lambda s: (s["a"] - s["y"]) * s["da/dz2"])
    ),
    "dL/dW2: lost the factor h. A weight's gradient is what comes in times what comes back": (
        hand_wrong("dL/dW2", lambda s: s["dL/dz2"] * np.ones(2))
    ),
    "dL/dW2: multiplied by W2. That is dL/dh; for dL/dW2 multiply by h": (
        hand_wrong("dL/dW2", lambda s: s["dL/dz2"] * s["W2"])
    ),
    "dL/db2: multiplied by b2. z2 grows with b2 one to one, so the factor is 1": (
        hand_wrong("dL/db2", lambda s: s["dL/dz2"] * s["b2"])
    ),
    "dL/dh: multiplied by h. That is dL/dW2; for dL/dh multiply by W2": (
        hand_wrong("dL/dh", lambda s: s["dL/dz2"] * s["h"])
    ),
    "dL/dz1: ReLU's gate is missing. Where z1 is negative, nothing comes back": (
        hand_wrong("dL/dz1", lambda s: s["dL/dh"])
    ),
    "dL/dz1: multiplied by h. ReLU's derivative is 1 where z1 > 0, not h": (
        hand_wrong("dL/dz1", lambda s: s["dL/dh"] * s["h"])
    ),
    "dL/dW1: lost the factor x. Row i is x_i times dL/dz1": (
        hand_wrong("dL/dW1", lambda s: np.outer([1, 1], s["dL/dz1"]))
    ),
    "dL/dW1: lost the factor x1 in its first row": (
        hand_wrong("dL/dW1", lambda s: np.outer([1, s["x"][1]], s["dL/dz1"]))
    ),
    "dL/dW1: transposed. Row i belongs to input i, column j to hidden unit j": (
        hand_wrong("dL/dW1", lambda s: s["dL/dW1"].T)
    ),
    "dL/dW1: multiplied by W1. For dL/dW1 multiply by x": (
        hand_wrong("dL/dW1", lambda s: s["W1"] * s["dL/dz1"])
    ),
    "W1 after: the step goes up the hill. Subtract eta times the gradient": (
        hand_wrong("W1 after", lambda s: s["W1"] + s["eta"] * s["dL/dW1"])
    ),
    "W1 after: the learning rate is missing": (
        hand_wrong("W1 after", lambda s: s["W1"] - s["dL/dW1"])
    ),
    "L after: this is the loss before the step. Go forward once more, with the new weights": (
        hand_wrong("L after", lambda s: s["L"])
    ),
}


# ---------------------------------------------------------------- forward


def forward(X, Ws, bs):
    As = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        As.append(np.maximum(As[-1] @ W + b, 0))
    As.append(sigmoid(As[-1] @ Ws[-1] + bs[-1]))
    return As


def layers(rng, sizes):
    Ws = [rng.normal(0, 1.5 / np.sqrt(n), size=(n, m)).round(2) for n, m in pairwise(sizes)]
    return Ws, [(rng.choice([-1, 1], m) * rng.uniform(0.2, 0.9, m)).round(2) for m in sizes[1:]]


def forward_inputs(rows, *sizes):
    def draw(rng):
        while True:
            X = rng.normal(size=(rows, sizes[0])).round(2)
            Ws, bs = layers(rng, sizes)
            As = forward(X, Ws, bs)
            if all(0 < (A > 0).mean() < 1 for A in As[1:-1]):  # some units are off, not all
                return {"X": X, "Ws": Ws, "bs": bs}

    return draw


def probe_forward(answer, X, Ws, bs):
    As = answer(X, Ws, bs)
    if not isinstance(As, (list, tuple)):
        raise TypeError("forward must return a list of arrays: `return As`")
    yield "number of arrays", len(As)
    if len(As) == len(Ws) + 1:
        yield "As[0], the examples", As[0]
        yield "As[1], the first hidden layer", As[1]
        yield "all hidden layers", list(As[1:-1])
        yield "As[-1], the output", As[-1]


def forward_loop(X, Ws, bs):
    """One example, one unit at a time."""
    As = [[list(x) for x in X]]
    for layer, (W, b) in enumerate(zip(Ws, bs, strict=True), 1):
        rows = []
        for x in As[-1]:
            z = [sum(x[i] * W[i][j] for i in range(len(W))) + b[j] for j in range(len(b))]
            last = layer == len(Ws)
            rows.append([1 / (1 + math.exp(-v)) if last else max(0.0, v) for v in z])
        As.append(rows)
    return [np.array(A) for A in As]


def forward_einsum(X, Ws, bs):
    As = (X,)
    for index in range(len(Ws)):
        Z = np.einsum("ni,ij->nj", As[index], Ws[index]) + bs[index][None, :]
        As += (Z * (Z > 0) if index < len(Ws) - 1 else 0.5 * (1 + np.tanh(Z / 2)),)
    return As


def forward_float32(X, Ws, bs):
    single = [[a.astype(np.float32) for a in arrays] for arrays in (Ws, bs)]
    return forward(X.astype(np.float32), *single)


def forward_with(hidden=lambda Z: np.maximum(Z, 0), output=sigmoid, bias=1):
    """A `forward` with other activations, or without biases."""

    def forward(X, Ws, bs):
        As = [X]
        for index, (W, b) in enumerate(zip(Ws, bs, strict=True), 1):
            Z = As[-1] @ W + bias * b
            As.append(output(Z) if index == len(Ws) else hidden(Z))
        return As

    return forward


# ---------------------------------------------------------------- backward


def backward(Y, As, Ws):
    dWs, dbs = [None] * len(Ws), [None] * len(Ws)
    dZ = (As[-1] - Y) / len(Y)
    for index in reversed(range(len(Ws))):
        dWs[index] = As[index].T @ dZ
        dbs[index] = dZ.sum(axis=0)
        if index > 0:
            dZ = (dZ @ Ws[index].T) * (As[index] > 0)
    return dWs, dbs


def backward_inputs(rows, *sizes):
    def draw(rng):
        hidden = []
        for n in sizes[1:-1]:
            A = np.maximum(rng.normal(0.3, 1, size=(rows, n)), 0).round(2)
            A[rng.integers(rows), rng.integers(n)] = 0.0  # at least one unit is off
            hidden.append(A)
        X = rng.normal(size=(rows, sizes[0])).round(2)
        P = rng.uniform(0.1, 0.9, size=(rows, sizes[-1])).round(2)
        Y = rng.permutation(np.arange(rows) % 2).reshape(rows, 1)  # both classes
        return {"Y": Y, "As": [X, *hidden, P], "Ws": layers(rng, sizes)[0]}

    return draw


def probe_backward(answer, Y, As, Ws):
    result = answer(Y, As, Ws)
    if not isinstance(result, (list, tuple)) or len(result) != 2:
        raise TypeError("backward must return two lists: `return dWs, dbs`")
    dWs, dbs = result
    yield "how many gradients", [len(dWs), len(dbs)]
    if not len(dWs) == len(dbs) == len(Ws):
        return
    # a row of biases does as well as a vector
    dbs = [db[0] if np.ndim(db) == 2 and len(db) == 1 else db for db in dbs]
    yield "dW of the last layer", dWs[-1]
    yield "db of the last layer", dbs[-1]
    yield "dW of the layers before", list(dWs[:-1])
    yield "db of the layers before", list(dbs[:-1])


def backward_loop(Y, As, Ws):
    """One example at a time, the gradients added up."""
    dWs, dbs = [np.zeros(W.shape) for W in Ws], [np.zeros(W.shape[1]) for W in Ws]
    for n in range(len(Y)):
        delta = As[-1][n] - Y[n]
        for index in range(len(Ws) - 1, -1, -1):
            dWs[index] += np.outer(As[index][n], delta) / len(Y)
            dbs[index] += delta / len(Y)
            delta = np.where(As[index][n] > 0, Ws[index] @ delta, 0)
    return dWs, dbs


def backward_long_way(Y, As, Ws):
    """Through dL/da and the sigmoid's derivative, the lists built from behind."""
    A = As[-1]
    dA = (-Y / A + (1 - Y) / (1 - A)) / A.shape[0]
    dZ = dA * A * (1 - A)
    dWs, dbs = (), ()
    for A, W in zip(reversed(As[:-1]), reversed(Ws), strict=True):
        dWs = (np.einsum("ni,nj->ij", A, dZ), *dWs)
        dbs = (np.ones((1, len(Y))) @ dZ, *dbs)
        dZ = np.einsum("nj,ij->ni", dZ, W)
        dZ[A <= 0] = 0
    return [dWs, dbs]


def backward_late_mean(Y, As, Ws):
    single = [A.astype(np.float32) for A in As]
    dZ, gradients = single[-1] - Y.astype(np.float32), []
    for A, W in zip(single[-2::-1], Ws[::-1], strict=True):
        gradients.insert(0, (A.T @ dZ / len(Y), dZ.mean(axis=0, keepdims=True)))
        dZ = (dZ @ W.T.astype(np.float32)) * np.sign(A)
    return [dW for dW, _ in gradients], [db for _, db in gradients]


def backward_with(
    output=lambda A, Y: (A - Y) / len(Y),
    slope=lambda A: A > 0,
    bias=lambda dZ: dZ.sum(axis=0),
):
    """A `backward` with another start, another derivative of ReLU, or another sum."""

    def backward(Y, As, Ws):
        dWs, dbs = [], []
        dZ = output(As[-1], Y)
        for A, W in zip(As[-2::-1], Ws[::-1], strict=True):
            dWs.insert(0, A.T @ dZ)
            dbs.insert(0, bias(dZ))
            dZ = (dZ @ W.T) * slope(A)
        return dWs, dbs

    return backward


def backward_last_first(Y, As, Ws):
    dWs, dbs = backward(Y, As, Ws)
    return dWs[::-1], dbs[::-1]


# ---------------------------------------------------------------- numerical gradient


def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def numerical_inputs(*shape):
    def draw(rng):
        whole = rng.permutation(np.arange(1, 7))[:4].reshape(2, 2)
        return {
            "x": rng.normal(size=shape).round(2),
            "x_whole": whole * rng.choice([-1, 1], size=(2, 2)),
            "h": float(rng.choice([0.05, 0.1, 0.2])),
            "c": rng.uniform(0.5, 1.5, size=2).round(2),
        }

    return draw


def probe_numerical_gradient(answer, x, x_whole, h, c):
    def f(x):
        """A sum of cubes, and a square that ties all entries together."""
        x = np.asarray(x, dtype=float)
        weights = np.arange(1, x.size + 1).reshape(x.shape)
        return float(c[0] * np.sum(x**3) + c[1] * np.sum(weights * x) ** 2)

    yield "gradient", answer(f, x, h)
    yield "gradient where x holds whole numbers", answer(f, x_whole, h)


def numerical_in_place(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    with np.nditer(x, flags=["multi_index"]) as entries:
        for _ in entries:
            index = entries.multi_index
            kept = x[index]
            x[index] = kept + h
            above = f(x)
            x[index] = kept - h
            below = f(x)
            x[index] = kept
            gradient[index] = 0.5 * (above - below) / h
    return gradient


def numerical_basis(f, x, h=1e-5):
    """A step along each axis of the space of all entries."""
    axes = h * np.eye(np.size(x)).reshape(-1, *np.shape(x))
    slopes = [(f(x + e) - f(x - e)) / h / 2 for e in axes]
    return np.reshape(slopes, np.shape(x)).tolist()


def numerical_with(quotient, whole=False):
    """A `numerical_gradient` with another quotient, or in the array type of x."""

    def numerical(f, x, h=1e-5):
        gradient = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            above, below = (x.copy() if whole else x.astype(float) for _ in range(2))
            above[index] += np.asarray(h).astype(above.dtype)
            below[index] -= np.asarray(h).astype(above.dtype)
            gradient[index] = quotient(f(above), f(below), f(x), h)
        return gradient

    return numerical


def central(above, below, here, h):
    return (above - below) / (2 * h)


def numerical_all_at_once(f, x, h=1e-5):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.full(x.shape, slope)


def numerical_not_put_back(f, x, h=1e-5):
    x = x.astype(float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


def numerical_own_h(f, x, h=1e-5):
    return numerical_gradient(f, x, 1e-5)


# ---------------------------------------------------------------- gradient check


def gradient_check(gradient, numerical):
    difference = np.abs(gradient - numerical)
    size = max(np.abs(gradient).max(), np.abs(numerical).max())
    error = difference.max() / size if size > 0 else 0.0
    return error, np.unravel_index(difference.argmax(), difference.shape)


def check_inputs(*shape):
    def draw(rng):
        numerical = rng.uniform(0.5, 2, size=shape).round(2) * rng.choice([-1, 1], size=shape)
        error = rng.uniform(-0.02, 0.02, size=shape).round(3)
        worst = tuple(int(rng.integers(1, n)) for n in shape)  # never the first entry
        error[worst] = -round(rng.uniform(0.1, 0.3), 2)  # gradient too small there
        # the largest entry in one of the two alone, and the worst error not at the largest entry
        numerical[worst] = np.sign(numerical[worst]) * 0.4
        gradient = (numerical + error).round(3)
        return {"gradient": gradient, "numerical": numerical}

    return draw


def probe_gradient_check(answer, gradient, numerical):
    result = answer(gradient, numerical)
    if not isinstance(result, (list, tuple)) or len(result) != 2:
        raise TypeError("gradient_check must return two things: `return error, index`")
    yield "error", result[0]
    yield "index of the worst entry", np.ravel(result[1])
    yield "error of a right gradient of zeros", answer(np.zeros((2, 3)), np.zeros((2, 3)))[0]


def check_loop(gradient, numerical):
    worst, place, size = -1.0, None, 1e-300
    for index, (g, n) in zip(
        np.ndindex(gradient.shape),
        zip(gradient.ravel(), numerical.ravel(), strict=True),
        strict=True,
    ):
        size = max(size, abs(g), abs(n))
        if abs(g - n) > worst:
            worst, place = abs(g - n), list(index)
    return worst / size, place


def check_norms(gradient, numerical):
    """With numpy.linalg: the norm of order infinity is the largest absolute entry."""
    d = np.ravel(numerical - gradient)
    size = np.linalg.norm(np.concatenate([gradient, numerical], axis=None), np.inf)
    place = np.argwhere(np.abs(numerical - gradient) == np.abs(d).max())[0]
    return np.linalg.norm(d, np.inf) / (size or 1.0), place.tolist()


def check_with(error):
    """A `gradient_check` with another error."""

    def check(gradient, numerical):
        _, index = gradient_check(gradient, numerical)
        return error(gradient, numerical), index

    return check


def safely(above, below):
    return above / below if below > 0 else 0.0


def check_signed(gradient, numerical):
    difference = gradient - numerical
    index = np.unravel_index(difference.argmax(), difference.shape)
    size = max(np.abs(gradient).max(), np.abs(numerical).max())
    return safely(difference.max(), size), index


def check_entry_by_entry(gradient, numerical):
    size = np.maximum(np.abs(gradient), np.abs(numerical))
    return float(np.max(np.abs(gradient - numerical) / np.where(size > 0, size, 1)))


def check_flat_index(gradient, numerical):
    error, _ = gradient_check(gradient, numerical)
    return error, np.abs(gradient - numerical).argmax()


def check_nan(gradient, numerical):
    difference = np.abs(gradient - numerical)
    size = max(np.abs(gradient).max(), np.abs(numerical).max())
    return difference.max() / size, np.unravel_index(difference.argmax(), difference.shape)


# ---------------------------------------------------------------- step: find three bugs


def step_with(
    output=lambda A2, Y: 2 / len(Y) * (A2 - Y) * A2 * (1 - A2),
    slope=lambda Z1, A1: A1 * (1 - A1),
    bias=lambda db1, db2: db1,
    sign=-1,
):
    """A `step` with another dZ2, another derivative of the sigmoid, another db1."""

    def step(X, Y, W1, b1, W2, b2, eta):
        Z1 = X @ W1 + b1
        A1 = sigmoid(Z1)
        dZ2 = output(sigmoid(A1 @ W2 + b2), Y)
        dZ1 = (dZ2 @ W2.T) * slope(Z1, A1)
        db1, db2 = dZ1.sum(axis=0), dZ2.sum(axis=0)
        return (
            W1 + sign * eta * X.T @ dZ1,
            b1 + sign * eta * bias(db1, db2),
            W2 + sign * eta * A1.T @ dZ2,
            b2 + sign * eta * db2,
        )

    return step


step = step_with()
BUG_1 = {"output": lambda A2, Y: A2 - Y}
BUG_2 = {"slope": lambda Z1, A1: Z1 * (1 - Z1)}
BUG_3 = {"bias": lambda db1, db2: db2}


def network_inputs(rows, features, hidden):
    def draw(rng):
        return {
            "X": rng.normal(size=(rows, features)).round(2),
            "Y": rng.permutation(np.arange(rows) % 2).reshape(rows, 1),
            "W1": rng.normal(size=(features, hidden)).round(2),
            "b1": rng.normal(size=hidden).round(2),
            "W2": (rng.choice([-1, 1], (hidden, 1)) * rng.uniform(0.5, 2, (hidden, 1))).round(2),
            "b2": rng.normal(size=1).round(2),
            "eta": 0.5,
        }

    return draw


def probe_step(answer, X, Y, W1, b1, W2, b2, eta):
    result = answer(X, Y, W1, b1, W2, b2, eta)
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("step must return four arrays: `return W1, b1, W2, b2`")
    W1, b1, W2, b2 = result
    yield from {"W2": W2, "b2": b2, "W1": W1, "b1": b1}.items()  # from the output backward


def step_in_place(X, Y, W1, b1, W2, b2, eta):
    A1 = 1 / (1 + np.exp(-(X.dot(W1) + b1)))
    A2 = 1 / (1 + np.exp(-(A1.dot(W2) + b2)))
    dA2 = 2 * (A2 - Y) / Y.size
    dZ2 = dA2 * (A2 - A2**2)
    dZ1 = np.dot(dZ2, W2.T) * (A1 - np.square(A1))
    W1 -= eta * X.T.dot(dZ1)
    b1 -= eta * dZ1.sum(0)
    W2 -= eta * A1.T.dot(dZ2)
    b2 -= eta * dZ2.sum(0)
    return [W1, b1, W2, b2]


def step_loop(X, Y, W1, b1, W2, b2, eta):
    new = [np.array(p, dtype=np.float32) for p in (W1, b1, W2, b2)]
    for x, y in zip(X, Y, strict=True):
        a1 = sigmoid(x @ W1 + b1)
        a2 = sigmoid(a1 @ W2 + b2)
        d2 = 2 / len(X) * (a2 - y) * a2 * (1 - a2)
        d1 = W2 @ d2 * a1 * (1 - a1)
        for p, g in zip(new, (np.outer(x, d1), d1, np.outer(a1, d2), d2), strict=True):
            p -= eta * g
    return tuple(new)


# ---------------------------------------------------------------- train XOR


def train_with(
    output=lambda A, Y: (A - Y) * A * (1 - A),
    slope=lambda A1: A1 * (1 - A1),
    loss=lambda A, Y: 0.5 * np.sum((A - Y) ** 2),
    rates=(1, 1, 1, 1),
    late=False,
):
    """A `train_xor` with another gradient or loss, other steps, or W2 changed too early."""

    def train_xor(X, Y, W1, b1, W2, b2, epochs, eta):
        losses = []
        for _ in range(epochs):
            A1 = sigmoid(X @ W1 + b1)
            A2 = sigmoid(A1 @ W2 + b2)
            losses.append(loss(A2, Y))
            dZ2 = output(A2, Y)
            W2_new = W2 - rates[2] * eta * A1.T @ dZ2
            dZ1 = (dZ2 @ (W2_new if late else W2).T) * slope(A1)
            b2 = b2 - rates[3] * eta * dZ2.sum(axis=0)
            W1 = W1 - rates[0] * eta * X.T @ dZ1
            b1 = b1 - rates[1] * eta * dZ1.sum(axis=0)
            W2 = W2_new
        return sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2), losses

    return train_xor


train_xor = train_with()


def xor_inputs(rng):
    """A start from which this network learns XOR, and whose first losses tell whether W2 was
    changed too early."""
    X, y = xor()
    while True:
        case = {
            "X": X,
            "Y": y.reshape(4, 1),
            "W1": rng.uniform(size=(2, 3)).round(2),
            "b1": rng.uniform(size=3).round(2),
            "W2": rng.uniform(size=(3, 1)).round(2),
            "b2": rng.uniform(size=1).round(2),
            "epochs": 1000,
            "eta": 4.0,
        }
        losses = train_xor(**case)[1]
        early = train_with(late=True)(**{**case, "epochs": 10})[1]
        if losses[-1] < 0.002 and not np.allclose(losses[:10], early, rtol=1e-4):
            return case


def probe_train_xor(answer, X, Y, W1, b1, W2, b2, epochs, eta):
    result = answer(X, Y, W1, b1, W2, b2, epochs, eta)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("train_xor must return outputs and losses: `return A2, losses`")
    outputs, losses = np.ravel(result[0]), np.ravel(result[1])
    yield "number of losses", len(losses)
    yield "first ten losses", losses[:10]
    yield "last loss", float(f"{losses[-1]:.2g}")  # no two machines train alike to more digits
    if outputs.shape != (4,):
        raise ValueError(
            f"A2 must hold four outputs, one for each pattern; it holds {outputs.size}"
        )
    errors = outputs - np.ravel(Y)
    yield "outputs that miss their target by more than 0.1", int(np.sum(np.abs(errors) > 0.1))
    yield (
        "the outputs belong to the last loss",
        bool(abs(0.5 * np.sum(errors**2) - losses[-1]) <= 0.05 * losses[-1]),
    )


def train_in_place(X, Y, W1, b1, W2, b2, epochs, eta):
    """Works on one list of parameters, and keeps the losses in an array."""
    parameters, losses = [p.astype(float) for p in (W1, b1, W2, b2)], np.zeros(epochs)

    def run():
        A1 = 1 / (1 + np.exp(-X @ parameters[0] - parameters[1]))
        return A1, 1 / (1 + np.exp(-A1 @ parameters[2] - parameters[3]))

    for epoch in range(epochs):
        A1, A2 = run()
        losses[epoch] = np.sum((Y - A2) ** 2) / 2
        dZ2 = (A2 - Y) * A2 * (1 - A2)
        dZ1 = dZ2 @ parameters[2].T * A1 * (1 - A1)
        gradients = [X.T @ dZ1, np.ones(4) @ dZ1, A1.T @ dZ2, np.ones(4) @ dZ2]
        for p, g in zip(parameters, gradients, strict=True):
            p -= eta * g
    return run()[1].ravel(), losses


def train_plus_error(X, Y, W1, b1, W2, b2, epochs, eta):
    """As many texts have it: the error the other way round, and the step added; in float32."""
    X, W1, b1, W2, b2 = (p.astype(np.float32) for p in (X, W1, b1, W2, b2))
    losses = []
    for _ in range(epochs):
        A1 = sigmoid(X @ W1 + b1)
        A2 = sigmoid(A1 @ W2 + b2)
        error = Y.astype(np.float32) - A2
        losses += [float(np.square(error).sum() / 2)]
        delta2 = error * A2 * (1 - A2)
        delta1 = delta2.dot(W2.T) * A1 * (1 - A1)
        W2 = W2 + A1.T.dot(delta2) * np.float32(eta)
        b2 = b2 + delta2.sum(axis=0, keepdims=True) * np.float32(eta)
        W1 = W1 + X.T.dot(delta1) * np.float32(eta)
        b1 = b1 + delta1.sum(axis=0, keepdims=True) * np.float32(eta)
    return sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2), losses


def train_notes_late(*inputs):
    A2, losses = train_xor(*inputs)
    return A2, [*losses[1:], 0.5 * np.sum((A2 - inputs[1]) ** 2)]


def train_last_loss_only(*inputs):
    A2, losses = train_xor(*inputs)
    return A2, losses[-1:]


def train_returns_the_start(X, Y, W1, b1, W2, b2, epochs, eta):
    _, losses = train_xor(X, Y, W1, b1, W2, b2, epochs, eta)
    return sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2), losses


# ---------------------------------------------------------------- Node


class Node:
    def __init__(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes = value, parents, slopes
        self.grad = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        return Node(self.value + other.value, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        return Node(self.value * other.value, (self, other), (other.value, self.value))

    __radd__, __rmul__ = __add__, __mul__

    def sigmoid(self):
        a = 1 / (1 + np.exp(-self.value))
        return Node(a, (self,), (a * (1 - a),))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += node.grad * slope


class ClosureNode:
    """Each operation leaves a function behind that sends its gradient on."""

    def __init__(self, value, parents=()):
        self.value, self.grad, self.parents = float(value), 0.0, list(parents)
        self.send = lambda: None

    def __add__(self, other):
        if not isinstance(other, ClosureNode):
            other = ClosureNode(other)
        out = ClosureNode(self.value + other.value, [self, other])

        def send():
            self.grad += out.grad
            other.grad += out.grad

        out.send = send
        return out

    def __mul__(self, other):
        if not isinstance(other, ClosureNode):
            other = ClosureNode(other)
        out = ClosureNode(self.value * other.value, [self, other])

        def send():
            self.grad += other.value * out.grad
            other.grad += self.value * out.grad

        out.send = send
        return out

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def sigmoid(self):
        out = ClosureNode(0.5 + 0.5 * math.tanh(self.value / 2), [self])

        def send():
            self.grad += out.value * (1 - out.value) * out.grad

        out.send = send
        return out

    def backward(self):
        """In the order in which all uses of a node are done before the node itself."""
        uses, stack = {}, [self]
        while stack:
            for parent in stack.pop().parents:
                uses[parent] = uses.get(parent, 0) + 1
                if uses[parent] == 1:
                    stack.append(parent)
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            node.send()
            for parent in node.parents:
                uses[parent] -= 1
                if uses[parent] == 0:
                    ready.append(parent)


class PathNode(Node):
    """Sends each path's share on by itself: slow in a large graph, but right."""

    def __add__(self, other):
        other = other if isinstance(other, PathNode) else PathNode(other)
        return PathNode(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, PathNode) else PathNode(other)
        return PathNode(self.value * other.value, (self, other), (other.value, self.value))

    __radd__, __rmul__ = __add__, __mul__

    def sigmoid(self):
        a = sigmoid(self.value)
        return PathNode(a, (self,), (a - a * a,))

    def backward(self, share=1.0):
        self.grad += share
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.backward(share * slope)


def node_with(
    add=lambda a, b: (1, 1),
    mul=lambda a, b: (b, a),
    slope=lambda z, a: a * (1 - a),
    order="last use first",
    start=1.0,
    adds=True,
):
    """A `Node` with another local derivative, another order, or gradients that overwrite."""

    class Wrong:
        def __init__(self, value, parents=(), slopes=()):
            self.value, self.parents, self.slopes = value, parents, slopes
            self.grad = 0.0

        def __add__(self, other):
            other = other if isinstance(other, Wrong) else Wrong(other)
            slopes = add(self.value, other.value)
            return Wrong(self.value + other.value, (self, other), slopes)

        def __mul__(self, other):
            other = other if isinstance(other, Wrong) else Wrong(other)
            slopes = mul(self.value, other.value)
            return Wrong(self.value * other.value, (self, other), slopes)

        __radd__, __rmul__ = __add__, __mul__

        def sigmoid(self):
            a = sigmoid(self.value)
            return Wrong(a, (self,), (slope(self.value, a),))

        def send(self):
            for parent, local in zip(self.parents, self.slopes, strict=True):
                parent.grad = (parent.grad if adds else 0.0) + self.grad * local

        def backward(self):
            self.grad = start
            if order == "at every visit":
                self.push()
                return
            nodes, seen = [self], {self}
            if order == "nearest first":
                for node in nodes:
                    for parent in node.parents:
                        if parent not in seen:
                            seen.add(parent)
                            nodes.append(parent)
            else:
                nodes, seen = [], set()
                self.visit(nodes, seen)
                nodes.reverse()
            for node in nodes:
                node.send()

        def visit(self, nodes, seen):
            if self not in seen:
                seen.add(self)
                for parent in self.parents:
                    parent.visit(nodes, seen)
                nodes.append(self)

        def push(self):
            self.send()
            for parent in self.parents:
                parent.push()

    return Wrong


def node_inputs(rng):
    a, b, c = rng.choice([-1, 1], size=3) * rng.uniform(0.6, 1.9, size=3).round(1)
    return {"a": float(a), "b": float(b), "c": float(c)}


def probe_node(answer, a, b, c):
    def leaves():
        return answer(a), answer(b), answer(c)

    na, nb, nc = leaves()
    yield (
        "values of a + b, a * b, 2 * a + 3",
        [
            (na + nb).value,
            (na * nb).value,
            (2 * na + 3).value,
        ],
    )

    na, nb, nc = leaves()
    (na * nb + nc).backward()
    yield "gradients of a * b + c", [na.grad, nb.grad, nc.grad]

    na, nb, nc = leaves()
    (na * na + na * nb + 3 * na).backward()
    yield "a used more than once", [na.grad, nb.grad]

    na, nb, nc = leaves()
    d = na * nb
    e = d + nc
    (d * e).backward()
    yield "d used twice on the way: d = a * b, d * (d + c)", [na.grad, nb.grad, nc.grad, d.grad]

    na, nb, nc = leaves()
    out = (na * nb + nc).sigmoid()
    out.backward()
    yield "a neuron: sigmoid(a * b + c)", [out.value, na.grad, nb.grad, nc.grad]


# ---------------------------------------------------------------- the exercises

HAND_PARTS = {
    **dict.fromkeys(("z1", "h", "z2", "a", "L"), 0.2),
    **dict.fromkeys(("dL/da", "da/dz2", "dL/dz2", "dL/dW2", "dL/db2"), 0.25),
    **dict.fromkeys(("dL/dh", "dL/dz1", "dL/dW1", "dL/db1"), 0.25),
    **dict.fromkeys(("W1 after", "b1 after", "W2 after", "b2 after"), 0.125),
    "L after": 0.25,
}

EXERCISES = [
    Exercise(
        name="by_hand",
        points=4,
        inputs=[hand_inputs_on_paper, hand_inputs(1, off=0), hand_inputs(0, off=1)],
        reference=by_hand,
        probe=probe_by_hand,
        parts=HAND_PARTS,
        alternatives=[hand_scalars, hand_matrices],
        mistakes=HAND_MISTAKES,
        hints=(
            "Do one step, run the check, then the next. The report's part by part says which step "
            "is the first wrong one; the steps after it cannot be right before it is. Backward, "
            "each gradient is the gradient one step nearer to the loss, times one local "
            "derivative.",
            "dL/da times da/dz2 is dL/dz2, and it comes to a - y. A weight's gradient is the "
            "number that the weight was multiplied by (h, or x) times the gradient of the z that "
            "it fed. A bias's factor is 1. On the way back to h the factor is the weight itself; "
            "through ReLU it is 1 where z1 > 0, else 0.",
            "dL/dW2 = dL/dz2 * h; dL/dh = dL/dz2 * W2; dL/dz1 = dL/dh where z1 > 0, else 0; "
            "dL/dW1[i][j] = x[i] * dL/dz1[j]; dL/db1 = dL/dz1. Each parameter after the step is "
            "itself minus eta times its gradient. For L after, go forward again with all four.",
        ),
        difficulty=2,
        importance=5,
        minutes=30,
    ),
    Exercise(
        name="forward",
        points=2,
        inputs=[forward_inputs(5, 3, 4, 1), forward_inputs(6, 4, 5, 3, 1), forward_inputs(4, 2, 1)],
        reference=forward,
        probe=probe_forward,
        parts={
            "As[1], the first hidden layer": 0.5,
            "all hidden layers": 0.5,
            "As[-1], the output": 1,
        },
        alternatives=[forward_loop, forward_einsum, forward_float32],
        mistakes={
            "the biases are not added": forward_with(bias=0),
            "ReLU in the last layer too: the output activation is the sigmoid": (
                forward_with(output=lambda Z: np.maximum(Z, 0))
            ),
            "sigmoid in all layers: the hidden layers have ReLU": forward_with(hidden=sigmoid),
            "no activation in the hidden layers: then all layers together are one": (
                forward_with(hidden=lambda Z: Z)
            ),
            "no activation in the last layer: the output activation is the sigmoid": (
                forward_with(output=lambda Z: Z)
            ),
            "X is not in the list: As[0] is X, so that there is one array more than layers": (
                lambda X, Ws, bs: forward(X, Ws, bs)[1:]
            ),
            "1 / (1 + exp(z)) in the last layer: the exponent is -z": (
                forward_with(output=lambda Z: sigmoid(-Z))
            ),
        },
        hints=(
            "Start with the list [X]. Each layer reads the last array in the list and appends its "
            "own. Only the last layer has another activation than the rest.",
            "In the loop: Z = As[-1] @ W + b, then append np.maximum(Z, 0). How does the loop know "
            "that it has come to the last layer? Either loop over all but the last, or compare the "
            "index with len(Ws) - 1.",
            "As = [X]; for W, b in zip(Ws[:-1], bs[:-1]): "
            "As.append(np.maximum(As[-1] @ W + b, 0)); after the loop "
            "As.append(sigmoid(As[-1] @ Ws[-1] + bs[-1])).",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="backward",
        points=3,
        inputs=[
            backward_inputs(5, 3, 4, 1),
            backward_inputs(6, 2, 5, 3, 1),
            backward_inputs(7, 4, 3, 6, 2, 1),
        ],
        reference=backward,
        probe=probe_backward,
        parts={
            "dW of the last layer": 0.75,
            "db of the last layer": 0.75,
            "dW of the layers before": 0.75,
            "db of the layers before": 0.75,
        },
        alternatives=[backward_loop, backward_long_way, backward_late_mean],
        mistakes={
            "dL/da was taken for dL/dz: the sigmoid's factor a (1 - a) is missing in the last "
            "layer": backward_with(lambda A, Y: (-Y / A + (1 - Y) / (1 - A)) / len(Y)),
            "the factor a (1 - a) is there once too often: in A - Y it has cancelled": (
                backward_with(lambda A, Y: (A - Y) * A * (1 - A) / len(Y))
            ),
            "the mean over the examples is missing: divide A - Y by N": (
                backward_with(lambda A, Y: A - Y)
            ),
            "the sign is turned round: dL/dZ of the last layer is A - Y, not Y - A": (
                backward_with(lambda A, Y: (Y - A) / len(Y))
            ),
            "ReLU's derivative is missing: no gradient comes back through a unit that is off": (
                backward_with(slope=lambda A: 1)
            ),
            "the sigmoid's derivative A * (1 - A) in the hidden layers, which have ReLU": (
                backward_with(slope=lambda A: A * (1 - A))
            ),
            "the gradient is multiplied by A in the hidden layers: ReLU's derivative is 1 where "
            "A > 0, else 0": backward_with(slope=lambda A: A),
            "the mean taken twice in db: dZ is divided by N already, so sum": (
                backward_with(bias=lambda dZ: dZ.mean(axis=0))
            ),
            "the lists run from the last layer to the first: dWs[0] belongs to Ws[0]": (
                backward_last_first
            ),
        },
        hints=(
            "Start at the output with dZ = (A - Y) / N. Then for each layer, from the last to the "
            "first: dW, db, and the dZ of the layer before. Each gradient has the shape of its "
            "array; when a product does not fit, transpose.",
            "Layer number `index` has weights Ws[index] and reads As[index]. So dW is "
            "As[index].T @ dZ, and db adds dZ up over the examples. To go one layer back, multiply "
            "dZ by Ws[index].T, and let only those through where As[index] > 0.",
            "for index in reversed(range(len(Ws))): dWs[index] = As[index].T @ dZ; "
            "dbs[index] = dZ.sum(axis=0); dZ = (dZ @ Ws[index].T) * (As[index] > 0). Begin with "
            "dWs = [None] * len(Ws), and the same for dbs.",
        ),
        difficulty=4,
        importance=5,
        minutes=25,
    ),
    Exercise(
        name="numerical_gradient",
        points=2,
        inputs=[numerical_inputs(4), numerical_inputs(3, 2), numerical_inputs(2, 3, 2)],
        reference=numerical_gradient,
        probe=probe_numerical_gradient,
        parts={"gradient": 1.5, "gradient where x holds whole numbers": 0.5},
        alternatives=[numerical_in_place, numerical_basis],
        mistakes={
            "the difference to one side, (f(x + h) - f(x)) / h: take both sides": (
                numerical_with(lambda above, below, here, h: (above - here) / h)
            ),
            "divided by h: the two points lie 2h apart": (
                numerical_with(lambda above, below, here, h: (above - below) / h)
            ),
            "divided by 2 and multiplied by h: (...) / 2 * h is not (...) / (2 * h)": (
                numerical_with(lambda above, below, here, h: (above - below) / 2 * h)
            ),
            "all entries are moved at once: move one, and leave the others where they are": (
                numerical_all_at_once
            ),
            "an entry is not put back before the next is moved": numerical_not_put_back,
            "the sign is turned round: it is f(x + h) - f(x - h)": (
                numerical_with(lambda above, below, here, h: (below - above) / (2 * h))
            ),
            "h is not the one given": numerical_own_h,
            "an array of whole numbers cannot take a step of h: it cuts x + h down to x again. "
            "Work on a copy in float": numerical_with(central, whole=True),
        },
        hints=(
            "Take one entry at a time. Move it up by h, then down by h, and see how much f "
            "changes. All other entries stay. np.ndindex(x.shape) goes through the indices of an "
            "array of any shape.",
            "For each index make two copies of x, as floats: x.astype(float) copies. Change one "
            "entry in each. The slope is the difference of f at the two copies, divided by how far "
            "apart they are.",
            "above[index] += h; below[index] -= h; "
            "gradient[index] = (f(above) - f(below)) / (2 * h), with above and below made anew for "
            "each index.",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="gradient_check",
        points=2,
        inputs=[check_inputs(6), check_inputs(4, 3), check_inputs(2, 5)],
        reference=gradient_check,
        probe=probe_gradient_check,
        parts={
            "error": 1,
            "index of the worst entry": 0.5,
            "error of a right gradient of zeros": 0.5,
        },
        alternatives=[check_loop, check_norms],
        mistakes={
            "the differences keep their sign: a gradient that is too small would pass. Take the "
            "absolute value first": check_signed,
            "the absolute error: divide by the size of the gradients": (
                check_with(lambda g, n: float(np.abs(g - n).max()))
            ),
            "divided entry by entry: divide by the largest entry of both arrays": (
                check_with(check_entry_by_entry)
            ),
            "divided by the sum of both sizes: divide by the larger of the two": (
                check_with(
                    lambda g, n: safely(np.abs(g - n).max(), np.abs(g).max() + np.abs(n).max())
                )
            ),
            "the mean difference: one wrong entry in a million would pass. Take the largest": (
                check_with(
                    lambda g, n: safely(np.abs(g - n).mean(), max(abs(g).max(), abs(n).max()))
                )
            ),
            "0 / 0: where both gradients are all zeros, they agree, and the error is 0": check_nan,
            "a flat index: turn it into one number for each axis with np.unravel_index": (
                check_flat_index
            ),
        },
        hints=(
            "Compute the array of absolute differences once. Its largest entry is the top of the "
            "fraction, and the place of that entry is the index.",
            "np.argmax counts through the array as if it were flat; "
            "np.unravel_index(place, shape) turns that into one number for each axis. The bottom "
            "of the fraction is the larger of np.abs(gradient).max() and np.abs(numerical).max(). "
            "What if it is 0?",
            "difference = np.abs(gradient - numerical); "
            "error = difference.max() / size if size > 0 else 0.0; "
            "index = np.unravel_index(difference.argmax(), difference.shape).",
        ),
        difficulty=2,
        importance=4,
        minutes=10,
    ),
    Exercise(
        name="step",
        points=2,
        inputs=[network_inputs(5, 3, 4), network_inputs(6, 2, 5), network_inputs(9, 4, 3)],
        reference=step,
        probe=probe_step,
        parts={"W2": 0.25, "b2": 0.25, "W1": 0.75, "b1": 0.75},
        alternatives=[step_in_place, step_loop],
        mistakes={
            "all three bugs are still there": step_with(**BUG_1, **BUG_2, **BUG_3),
            "b1 still moves by a gradient that is not its own": step_with(**BUG_3),
            "the sigmoid's derivative is still taken at Z1: z (1 - z) is not a (1 - a)": (
                step_with(**BUG_2)
            ),
            "dZ2 is still A2 - Y, which belongs to binary cross-entropy. Here the loss is the mean "
            "squared error": step_with(**BUG_1),
            "dZ2 has the sigmoid's factor now, but not the 2/N of the mean of squares": (
                step_with(lambda A2, Y: (A2 - Y) * A2 * (1 - A2))
            ),
            "dZ2 has the 2/N now, but not the sigmoid's factor: it is still dL/dA2": (
                step_with(lambda A2, Y: 2 / len(Y) * (A2 - Y))
            ),
            "the 2 of the square is missing in dZ2": (
                step_with(lambda A2, Y: (A2 - Y) * A2 * (1 - A2) / len(Y))
            ),
            "the sigmoid is taken of A1 once more: A1 is already sigmoid(Z1)": (
                step_with(slope=lambda Z1, A1: sigmoid(A1) * (1 - sigmoid(A1)))
            ),
            "the step goes up the hill: subtract the gradient": step_with(sign=1),
        },
        hints=(
            "Where is the first wrong number? Compare each gradient with the numerical gradient of "
            "the loss with respect to that array. Begin at the output: dW2 and db2 are wrong "
            "already, so the first bug is in a line that they both read.",
            "Which line's output? Both dW2 and db2 come from dZ2. When it is right, dW1 is still "
            "wrong, and what it reads is dZ1. When that is right too, every gradient is right, and "
            "yet b1 is wrong: read the four lines at the end slowly.",
            "Why? dZ2 = A2 - Y is for binary cross-entropy; the mean of squares through a sigmoid "
            "gives 2 / len(Y) * (A2 - Y) * A2 * (1 - A2). The sigmoid's derivative is written in "
            "its output, A1 * (1 - A1). And b1 moves by db2, whose one number NumPy spreads over "
            "all units without a word.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="train_xor",
        points=2,
        inputs=[xor_inputs],
        reference=train_xor,
        probe=probe_train_xor,
        parts={
            "number of losses": 0.25,
            "first ten losses": 0.75,
            "last loss": 0.5,
            "outputs that miss their target by more than 0.1": 0.5,
        },
        rules={"last loss": AtMost(0.005)},
        alternatives=[train_in_place, train_plus_error],
        mistakes={
            "dZ2 is A2 - Y: with squared errors the sigmoid's factor A2 (1 - A2) belongs to it": (
                train_with(lambda A, Y: A - Y)
            ),
            "the sigmoid's derivative is missing in dZ1": train_with(slope=lambda A1: 1),
            "the gradient is divided by N, but the loss is a sum": (
                train_with(lambda A, Y: (A - Y) * A * (1 - A) / len(Y))
            ),
            "the factor 1/2 of the loss is missing": (
                train_with(loss=lambda A, Y: np.sum((A - Y) ** 2))
            ),
            "the step goes up the hill: subtract the gradient": train_with(rates=(-1, -1, -1, -1)),
            "the biases are never updated": train_with(rates=(1, 0, 1, 0)),
            "W2 was changed before dZ1 was computed: take all gradients first, then update": (
                train_with(late=True)
            ),
            "the loss is noted after the step: note it before, with the outputs of this epoch": (
                train_notes_late
            ),
            "only the last loss is kept: append one in each epoch": train_last_loss_only,
            "the outputs are those of the untrained network: go forward with the trained weights": (
                train_returns_the_start
            ),
        },
        hints=(
            "One epoch is: forward, note the loss, backward, change all four parameters. Write it "
            "for one epoch, look at the shapes, then put the loop around it.",
            "dZ2 = (A2 - Y) * A2 * (1 - A2); then dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1), before W2 "
            "changes. dW is what the layer read, transposed, times dZ; db is the sum of dZ over "
            "the examples.",
            "In the loop: A1 = sigmoid(X @ W1 + b1); A2 = sigmoid(A1 @ W2 + b2); "
            "losses.append(0.5 * np.sum((A2 - Y) ** 2)); dZ2 and dZ1 as above; "
            "W1 = W1 - eta * X.T @ dZ1; b1 = b1 - eta * dZ1.sum(axis=0); W2 and b2 with A1 and "
            "dZ2. After the loop, forward once more.",
        ),
        difficulty=3,
        importance=5,
        minutes=20,
    ),
    Exercise(
        name="Node",
        points=3,
        inputs=node_inputs,
        reference=Node,
        probe=probe_node,
        parts={
            "values of a + b, a * b, 2 * a + 3": 0.5,
            "gradients of a * b + c": 0.5,
            "a used more than once": 0.5,
            "d used twice on the way: d = a * b, d * (d + c)": 1,
            "a neuron: sigmoid(a * b + c)": 0.5,
        },
        alternatives=[ClosureNode, PathNode],
        mistakes={
            "a gradient overwrites the one that is there: a node that is used twice gets two "
            "shares, so add them with +=": node_with(adds=False),
            "backward does not start with 1, the last node's derivative with respect to itself": (
                node_with(start=0.0)
            ),
            "the derivatives of a * b have changed places: that with respect to a is b": (
                node_with(mul=lambda a, b: (a, b))
            ),
            "the derivatives of a + b are both 1, whatever a and b are": (
                node_with(add=lambda a, b: (b, a))
            ),
            "z (1 - z) for the sigmoid: its derivative is a (1 - a), with its output a": (
                node_with(slope=lambda z, a: z * (1 - z))
            ),
            "the sigmoid's derivative is missing": node_with(slope=lambda z, a: 1.0),
            "a node sends its gradient on at every visit: one that is reached by two ways sends "
            "its first share twice. Each node may send once, when all its shares are in": (
                node_with(order="at every visit")
            ),
            "the nearest nodes come first: a node then sends its gradient on before all its shares "
            "have come in. Wait until all nodes that use it are done": (
                node_with(order="nearest first")
            ),
        },
        hints=(
            "Each operation makes a new Node, which knows its parents and, for each of them, the "
            "local derivative: how fast the result grows when that parent grows. backward then "
            "needs no calculus, only products and sums.",
            "a + b has the slopes (1, 1); a * b has (b.value, a.value); the sigmoid has one parent "
            "and the slope s * (1 - s). In backward, first list all nodes so that each stands "
            "behind its parents; then go through the list from its end, and let each node add "
            "node.grad * slope to the grad of each parent.",
            "def visit(node): if node not in seen: seen.add(node); visit each of node.parents; "
            "order.append(node). Call visit(self), set self.grad = 1.0, and for node in "
            "reversed(order): for parent, slope in zip(node.parents, node.slopes): "
            "parent.grad += node.grad * slope.",
        ),
        difficulty=5,
        importance=3,
        minutes=35,
    ),
]
