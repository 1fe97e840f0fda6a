"""What each exercise of module 5 must do: inputs, right answers, and what people get wrong."""

import numpy as np

from autograde import AtLeast, AtMost, Exercise
from nnlib.datasets import three_bit

ALLOWED = ("numpy", "matplotlib", "nnlib.datasets", "nnlib.plots")

# ---------------------------------------------------------------- right answers


def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def initialise(n_inputs, n_hidden, n_outputs, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(size=(n_inputs, n_hidden)) / np.sqrt(n_inputs)
    W2 = rng.normal(size=(n_hidden, n_outputs)) / np.sqrt(n_hidden)
    return W1, np.zeros(n_hidden), W2, np.zeros(n_outputs)


def forward(X, W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    return Z1, A1, Z2, softmax(Z2)


def cross_entropy(P, Y):
    return -np.mean(np.log(np.maximum(np.sum(P * Y, axis=1), 1e-12)))


def backward(X, Y, W2, A1, P):
    dZ2 = (P - Y) / len(X)
    dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)


def train(X, Y, W1, b1, W2, b2, epochs, learning_rate, gradients=backward):
    losses = []
    for _ in range(epochs):
        _, A1, _, P = forward(X, W1, b1, W2, b2)
        losses.append(cross_entropy(P, Y))
        dW1, db1, dW2, db2 = gradients(X, Y, W2, A1, P)
        W1, b1 = W1 - learning_rate * dW1, b1 - learning_rate * db1
        W2, b2 = W2 - learning_rate * dW2, b2 - learning_rate * db2
    return (W1, b1, W2, b2), losses


def predict(X, W1, b1, W2, b2):
    return forward(X, W1, b1, W2, b2)[3].argmax(axis=1)


def step(X, A1, dZ2, W1, b1, W2, b2, learning_rate):
    dZ1 = (dZ2 @ W2.T) * (A1 > 0)
    W1 = W1 - learning_rate * X.T @ dZ1
    b1 = b1 - learning_rate * dZ1.sum(axis=0)
    W2 = W2 - learning_rate * A1.T @ dZ2
    b2 = b2 - learning_rate * dZ2.sum(axis=0)
    return W1, b1, W2, b2


# ---------------------------------------------------------------- softmax


def softmax_inputs(rng):
    rows, classes = rng.integers(5, 8), rng.integers(3, 5)
    large = rng.uniform(-50, 50, size=(4, 3)).round(2)
    large[0] += 1000
    large[1] -= 1000
    return {"Z": rng.normal(0, 2, size=(rows, classes)).round(2), "Z_large": large}


def probe_softmax(answer, Z, Z_large):
    yield "softmax(Z)", answer(Z)
    yield "softmax(Z_large)", answer(Z_large)


def softmax_loop(Z):
    P = []
    for z in Z:
        e = [np.exp(v - max(z)) for v in z]
        P.append([v / sum(e) for v in e])
    return P


def softmax_by_logarithm(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None])


def softmax_in_place(Z):
    Z -= Z.max(1)[:, np.newaxis]
    np.exp(Z, out=Z)
    Z /= np.einsum("nc->n", Z)[:, None]
    return Z


def softmax_over_columns(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)


def softmax_over_everything(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum()


def softmax_overflows(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


def softmax_one_maximum(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


def softmax_without_exp(Z):
    return Z / Z.sum(axis=1, keepdims=True)


# ---------------------------------------------------------------- initialise


def initialise_inputs(rng):
    sizes = rng.permutation([200, 120, 60])
    names = ("n_inputs", "n_hidden", "n_outputs")
    return {**dict(zip(names, sizes.tolist(), strict=True)), "seed": int(rng.integers(1000))}


def probe_initialise(answer, n_inputs, n_hidden, n_outputs, seed):
    first = answer(n_inputs, n_hidden, n_outputs, seed)
    if not isinstance(first, (tuple, list)) or len(first) != 4:
        raise TypeError("initialise must return four arrays: `return W1, b1, W2, b2`")
    names, first = ("W1", "b1", "W2", "b2"), [np.asarray(p) for p in first]
    shapes = {n: list(p.shape) for n, p in zip(names, first, strict=True)}
    for name in ("b1", "b2"):  # a row of biases does as well as a vector
        if len(shapes[name]) == 2 and shapes[name][0] == 1:
            del shapes[name][0]
    yield "shapes", shapes
    W1, b1, W2, b2 = first
    yield "largest bias", max(abs(b1).max(), abs(b2).max())
    spreads = (W1.std() * np.sqrt(n_inputs), W2.std() * np.sqrt(n_hidden))
    yield "standard deviation times root of inputs", [round(float(s), 1) for s in spreads]
    again = answer(n_inputs, n_hidden, n_outputs, seed)
    other = answer(n_inputs, n_hidden, n_outputs, seed + 1)
    k = min(W1.size, W2.size)
    u, v = W1.ravel()[:k], W2.ravel()[:k]
    yield (
        "random numbers",
        {
            "the same seed gives the same weights": bool(np.array_equal(W1, again[0])),
            "another seed gives other weights": not np.array_equal(W1, other[0]),
            "no two hidden units are alike": len({tuple(w) for w in W1.T}) == n_hidden,
            "W2 repeats the numbers of W1": bool((u @ v) ** 2 > 0.9 * (u @ u) * (v @ v) > 0),
        },
    )


def initialise_uniform(n_inputs, n_hidden, n_outputs, seed):
    rng = np.random.default_rng(seed)
    limit1, limit2 = np.sqrt(3 / n_inputs), np.sqrt(3 / n_hidden)
    W2 = rng.uniform(-limit2, limit2, (n_hidden, n_outputs))
    W1 = rng.uniform(-limit1, limit1, (n_inputs, n_hidden))
    return W1, np.zeros((1, n_hidden)), W2, np.zeros((1, n_outputs))


def initialise_loop(n_inputs, n_hidden, n_outputs, seed):
    rng = np.random.RandomState(seed)
    weights = []
    for rows, columns in ((n_inputs, n_hidden), (n_hidden, n_outputs)):
        weights += [rng.randn(rows, columns) * (1 / rows) ** 0.5, [0.0] * columns]
    return weights


def initialise_float32(n_inputs, n_hidden, n_outputs, seed):
    rng = np.random.default_rng(seed)

    def layer(n, m):
        return rng.standard_normal((n, m), dtype="float32") * n**-0.5, np.zeros(m, "float32")

    return *layer(n_inputs, n_hidden), *layer(n_hidden, n_outputs)


def initialise_with(scale1, scale2, bias=np.zeros):
    """An `initialise` of other scales, which are functions of (inputs, units)."""

    def initialise(n_inputs, n_hidden, n_outputs, seed):
        rng = np.random.default_rng(seed)
        W1 = rng.normal(size=(n_inputs, n_hidden)) * scale1(n_inputs, n_hidden)
        W2 = rng.normal(size=(n_hidden, n_outputs)) * scale2(n_hidden, n_outputs)
        return W1, bias(n_hidden), W2, bias(n_outputs)

    return initialise


def initialise_transposed(n_inputs, n_hidden, n_outputs, seed):
    W1, b1, W2, b2 = initialise(n_inputs, n_hidden, n_outputs, seed)
    return W1.T, b1, W2.T, b2


def initialise_ones_bias(n_inputs, n_hidden, n_outputs, seed):
    W1, b1, W2, b2 = initialise(n_inputs, n_hidden, n_outputs, seed)
    return W1, b1 + 1, W2, b2 + 1


def initialise_always_42(n_inputs, n_hidden, n_outputs, seed):
    return initialise(n_inputs, n_hidden, n_outputs, 42)


def initialise_without_seed(n_inputs, n_hidden, n_outputs, seed):
    return initialise(n_inputs, n_hidden, n_outputs, None)


def initialise_repeats(n_inputs, n_hidden, n_outputs, seed):
    W1 = np.random.default_rng(seed).normal(size=(n_inputs, n_hidden)) / np.sqrt(n_inputs)
    W2 = np.random.default_rng(seed).normal(size=(n_hidden, n_outputs)) / np.sqrt(n_hidden)
    return W1, np.zeros(n_hidden), W2, np.zeros(n_outputs)


# ---------------------------------------------------------------- forward and predict


def network_inputs(rows, features, hidden, classes):
    def draw(rng):
        return {
            "X": rng.normal(size=(rows, features)).round(2),
            "W1": rng.normal(0, 0.7, size=(features, hidden)).round(2),
            "b1": rng.normal(0, 0.7, size=hidden).round(2),
            "W2": rng.normal(size=(hidden, classes)).round(2),
            "b2": rng.normal(size=classes).round(2),
        }

    return draw


def probe_forward(answer, X, W1, b1, W2, b2):
    result = answer(X, W1, b1, W2, b2)
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("forward must return four arrays: `return Z1, A1, Z2, P`")
    yield from zip(("Z1", "A1", "Z2", "P"), result, strict=True)


def forward_loop(X, W1, b1, W2, b2):
    Z1 = [[sum(x[i] * W1[i][j] for i in range(len(x))) + b1[j] for j in range(len(b1))] for x in X]
    A1 = np.tanh(Z1)
    Z2 = np.array([sum(a[j] * W2[j] for j in range(len(a))) + b2 for a in A1])
    return Z1, A1, Z2, np.array(softmax_loop(Z2))


def forward_einsum(X, W1, b1, W2, b2):
    Z1 = np.einsum("nd,dh->nh", X, W1) + b1.reshape(1, -1)
    A1 = 2 / (1 + np.exp(-2 * Z1)) - 1
    Z2 = np.einsum("nh,hc->nc", A1, W2) + b2.reshape(1, -1)
    return [Z1, A1, Z2, softmax_by_logarithm(Z2)]


def forward_float32(*arrays):
    return forward(*(a.astype(np.float32) for a in arrays))


def forward_with(hidden=np.tanh, output=softmax, keep=(1, 1), skip=False):
    """A `forward` with other activations, without a bias, or whose layer 2 reads Z1."""

    def forward(X, W1, b1, W2, b2):
        Z1 = X @ W1 + keep[0] * b1
        A1 = hidden(Z1)
        Z2 = (Z1 if skip else A1) @ W2 + keep[1] * b2
        return Z1, A1, Z2, output(Z2)

    return forward


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def probe_predict(answer, X, W1, b1, W2, b2):
    yield "labels", answer(X, W1, b1, W2, b2)


def predict_loop(X, W1, b1, W2, b2):
    return [max(range(len(b2)), key=row.__getitem__) for row in np.tanh(X @ W1 + b1) @ W2 + b2]


def predict_by_sorting(X, W1, b1, W2, b2):
    return np.argsort(forward(X, W1, b1, W2, b2)[2], axis=-1)[:, -1].astype(float)


# ---------------------------------------------------------------- cross-entropy


def probabilities(rng, rows, classes):
    """Rows of positive probabilities with two decimals that add up to 1."""
    P = rng.uniform(0.05, 0.9 / classes, size=(rows, classes)).round(2)
    winners = rng.integers(classes, size=rows)
    P[np.arange(rows), winners] += 1 - P.sum(axis=1)
    return P.round(2)


def one_hot(rng, rows, classes):
    return np.eye(classes)[rng.integers(classes, size=rows)]


def cross_entropy_inputs(rng):
    rows, classes = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    p = rng.uniform(0.1, 0.9, size=4).round(2)
    return {
        "P": probabilities(rng, rows, classes),
        "Y": one_hot(rng, rows, classes),
        "P_zeros": np.array([[0, 1, 0], [p[0], 1 - p[0], 0], [0, p[1], 1 - p[1]], [0, 0, 1]]),
        "Y_zeros": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1.0]]),
    }


def probe_cross_entropy(answer, P, Y, P_zeros, Y_zeros):
    yield "cross_entropy(P, Y)", answer(P, Y)
    yield "zeros at the other classes", answer(P_zeros, Y_zeros)
    yield "zero at the true class", answer(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))


def cross_entropy_by_index(P, Y):
    true_class = Y.argmax(axis=1)
    return float(np.mean([-np.log(max(P[i, c], 1e-15)) for i, c in enumerate(true_class)]))


def cross_entropy_clipped(P, Y):
    return -np.sum(Y * np.log(np.clip(P, 1e-7, 1 - 1e-10))) / Y.shape[0]


def cross_entropy_plus_epsilon(P, Y):
    return -np.einsum("nc,nc->", Y, np.log(P + 1e-9)) / len(P)


def cross_entropy_unsafe(P, Y):
    return -np.mean(np.sum(Y * np.log(P), axis=1))


# ---------------------------------------------------------------- backward


def backward_inputs(rows, features, hidden, classes):
    def draw(rng):
        return {
            "X": rng.normal(size=(rows, features)).round(2),
            "Y": one_hot(rng, rows, classes),
            "W2": rng.normal(size=(hidden, classes)).round(2),
            "A1": rng.uniform(-0.95, 0.95, size=(rows, hidden)).round(2),
            "P": probabilities(rng, rows, classes),
        }

    return draw


def probe_backward(answer, X, Y, W2, A1, P):
    result = answer(X, Y, W2, A1, P)
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("backward must return four arrays: `return dW1, db1, dW2, db2`")
    for name, gradient in zip(("dW1", "db1", "dW2", "db2"), result, strict=True):
        if name in ("db1", "db2") and np.ndim(gradient) == 2 and len(gradient) == 1:
            gradient = gradient[0]  # a row does as well as a vector
        yield name, gradient


def backward_loop(X, Y, W2, A1, P):
    dW1, dW2 = np.zeros((X.shape[1], len(W2))), np.zeros(W2.shape)
    db1, db2 = np.zeros(len(W2)), np.zeros(W2.shape[1])
    for x, y, a, p in zip(X, Y, A1, P, strict=True):
        delta2 = p - y
        delta1 = W2 @ delta2 * (1 - a * a)
        dW1 += np.outer(x, delta1) / len(X)
        db1 += delta1 / len(X)
        dW2 += np.outer(a, delta2) / len(X)
        db2 += delta2 / len(X)
    return [dW1, db1, dW2, db2]


def backward_jacobian(X, Y, W2, A1, P):
    """Through the whole Jacobian of softmax: the long way round to P - Y."""
    dP = -Y / P / len(X)
    J = np.einsum("nc,cd->ncd", P, np.eye(P.shape[1])) - np.einsum("nc,nd->ncd", P, P)
    dZ2 = np.einsum("ncd,nc->nd", J, dP)
    dZ1 = np.einsum("nc,hc->nh", dZ2, W2) * (1 + A1) * (1 - A1)
    return np.einsum("nd,nh->dh", X, dZ1), np.ones(len(X)) @ dZ1, A1.T @ dZ2, np.ones(len(X)) @ dZ2


def backward_late_mean(X, Y, W2, A1, P):
    dZ2 = (P - Y).astype(np.float32)
    dZ1 = np.dot(dZ2, W2.T.astype(np.float32)) * (1 - np.square(A1)).astype(np.float32)
    N = X.shape[0]
    return (
        np.dot(X.T, dZ1) / N,
        np.mean(dZ1, axis=0, keepdims=True),
        np.dot(A1.T, dZ2) / N,
        np.mean(dZ2, axis=0, keepdims=True),
    )


def backward_with(
    output=lambda P, Y: (P - Y) / len(P),
    slope=lambda A1: 1 - A1**2,
    bias=lambda dZ: dZ.sum(axis=0),
):
    """A `backward` with another dZ2, another derivative of the activation, or another sum."""

    def backward(X, Y, W2, A1, P):
        dZ2 = output(P, Y)
        dZ1 = (dZ2 @ W2.T) * slope(A1)
        return X.T @ dZ1, bias(dZ1), A1.T @ dZ2, bias(dZ2)

    return backward


printed_wrongly = backward_with(lambda P, Y: (P - Y) * P * (1 - P) / len(P))
summed = backward_with(lambda P, Y: P - Y)

# ---------------------------------------------------------------- step: find the bug


def step_inputs(rows, features, hidden, classes):
    def draw(rng):
        dZ2 = rng.uniform(-0.3, 0.3, size=(rows, classes)).round(2)
        dZ2[:, -1] = -dZ2[:, :-1].sum(axis=1)  # as in P - Y, each row adds up to 0
        A1 = np.maximum(rng.normal(0.3, 1, size=(rows, hidden)), 0).round(2)
        A1[0, 0] = 0.0  # at least one unit is off
        rest = network_inputs(rows, features, hidden, classes)(rng)
        X = rest.pop("X")
        return {"X": X, "A1": A1, "dZ2": dZ2.round(2), **rest, "learning_rate": 0.5}

    return draw


def probe_step(answer, **inputs):
    result = answer(*inputs.values())
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("step must return four arrays: `return W1, b1, W2, b2`")
    yield from zip(("W1", "b1", "W2", "b2"), result, strict=True)


def step_keeps_old_weights(X, A1, dZ2, W1, b1, W2, b2, learning_rate):
    W2_before = W2.copy()
    W2 -= learning_rate * A1.T.dot(dZ2)
    b2 -= learning_rate * np.sum(dZ2, 0)
    dZ1 = np.where(A1 > 0, dZ2.dot(W2_before.T), 0.0)
    W1 -= learning_rate * X.T.dot(dZ1)
    b1 -= learning_rate * np.sum(dZ1, 0)
    return [W1, b1, W2, b2]


def step_loop(X, A1, dZ2, W1, b1, W2, b2, learning_rate):
    new = [np.array(p, dtype=np.float32) for p in (W1, b1, W2, b2)]
    for x, a, d2 in zip(X, A1, dZ2, strict=True):
        d1 = W2 @ d2 * np.sign(a)
        for p, g in zip(new, (np.outer(x, d1), d1, np.outer(a, d2), d2), strict=True):
            p -= learning_rate * g
    return tuple(new)


def step_with(bias=lambda dZ: dZ.sum(axis=0), late=False, mask=lambda A1: A1 > 0, sign=-1):
    """A `step` with another sum for db2, with W2 updated too early, with another mask."""

    def step(X, A1, dZ2, W1, b1, W2, b2, learning_rate):
        W2_new = W2 + sign * learning_rate * A1.T @ dZ2
        b2 = b2 + sign * learning_rate * bias(dZ2)
        dZ1 = (dZ2 @ (W2_new if late else W2).T) * mask(A1)
        W1 = W1 + sign * learning_rate * X.T @ dZ1
        b1 = b1 + sign * learning_rate * dZ1.sum(axis=0)
        return W1, b1, W2_new, b2

    return step


# ---------------------------------------------------------------- train


def train_inputs(rng):
    X, Y = three_bit()
    return {
        "X": X,
        "Y": Y,
        "W1": rng.normal(0, 0.6, size=(3, 4)).round(2),
        "b1": np.zeros(4),
        "W2": rng.normal(0, 0.5, size=(4, 2)).round(2),
        "b2": np.zeros(2),
        # As far as the lesson's 5,000 epochs at 0.1, in a fifth of the time.
        "epochs": 1000,
        "learning_rate": 0.5,
    }


def probe_train(answer, X, Y, W1, b1, W2, b2, epochs, learning_rate):
    start = [w.copy() for w in (W1, b1, W2, b2)]
    result = answer(X, Y, *start, epochs, learning_rate)
    if not isinstance(result, (tuple, list)) or len(result) != 2 or len(result[0]) != 4:
        raise TypeError("train must return weights and losses: `return (W1, b1, W2, b2), losses`")
    weights, losses = result[0], np.ravel(result[1])
    yield "number of losses", len(losses)
    yield "first three losses", losses[:3]
    yield "last loss", float(f"{losses[-1]:.2g}")  # no two machines train alike to more digits
    weights = [np.array(w, dtype=float) for w in weights]
    again = np.ravel(answer(X, Y, *weights, 1, learning_rate)[1])[0]
    yield "the returned weights have the last loss", bool(again <= 1.01 * losses[-1])


def train_in_place(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    parameters, losses = [W1, b1, W2, b2], np.empty(epochs)
    for i in range(epochs):
        A1 = np.tanh(X @ W1 + b1)
        P = softmax(A1 @ W2 + b2)
        losses[i] = cross_entropy_by_index(P, Y)
        for p, g in zip(parameters, backward(X, Y, W2, A1, P), strict=True):
            p -= learning_rate * g
    return parameters, losses


def train_float32(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    weights = [w.astype(np.float32) for w in (W1, b1, W2, b2)]
    return train(X.astype(np.float32), Y.astype(np.float32), *weights, epochs, learning_rate)


def train_uphill(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    return train(X, Y, W1, b1, W2, b2, epochs, -learning_rate)


def train_without_biases(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    def no_bias(*arrays):
        dW1, _, dW2, _ = backward(*arrays)
        return dW1, 0, dW2, 0

    return train(X, Y, W1, b1, W2, b2, epochs, learning_rate, no_bias)


def train_notes_late(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    weights, losses = train(X, Y, W1, b1, W2, b2, epochs, learning_rate)
    return weights, [*losses[1:], cross_entropy(forward(X, *weights)[3], Y)]


def train_updates_W2_first(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    def early(X, Y, W2, A1, P):
        dW2 = backward(X, Y, W2, A1, P)[2]
        return backward(X, Y, W2 - learning_rate * dW2, A1, P)

    return train(X, Y, W1, b1, W2, b2, epochs, learning_rate, early)


def train_summed(*inputs):
    return train(*inputs, summed)


def train_printed_wrongly(*inputs):
    return train(*inputs, printed_wrongly)


def train_last_loss_only(*inputs):
    weights, losses = train(*inputs)
    return weights, losses[-1:]


def train_returns_the_start(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    return (W1, b1, W2, b2), train(X, Y, W1, b1, W2, b2, epochs, learning_rate)[1]


# ---------------------------------------------------------------- digits


def probe_train_digits(answer, seeds):
    from nnlib.datasets import digits

    accuracies = []
    for seed in seeds:  # the mean of three runs: one alone is a matter of luck
        (X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
        labels = np.asarray(answer(X_train, Y_train, X_test, seed))
        if not accuracies:
            yield "shape of the labels", list(labels.shape)
        if labels.shape != (len(X_test),):
            return
        if not accuracies:
            different = len(np.unique(labels))
            yield "how many different digits", different
            if different < 10:
                return
            yield "smallest label", int(labels.min())
            if labels.min() != 0:
                return
        accuracies.append(float(np.mean(labels == Y_test.argmax(axis=1))))
        if len(accuracies) == 1:
            yield "better than guessing", accuracies[0] > 0.5
        if accuracies[0] <= 0.5:
            return
    yield "test accuracy at least 0.95", float(np.mean(accuracies))
    yield "test accuracy at least 0.97", float(np.mean(accuracies))


def digits_network(
    X, Y, seed, hidden=64, activation="relu", optimizer="momentum", epochs=25, scale=1.0, rate=0.1
):
    """The weights of a network trained in mini-batches of 32, and its forward pass."""
    rng = np.random.default_rng(seed)
    act, slope = {
        "relu": (lambda Z: np.maximum(Z, 0), lambda A: A > 0),
        "tanh": (np.tanh, lambda A: 1 - A**2),
    }[activation]
    weights = [
        scale * rng.normal(size=(X.shape[1], hidden)) * np.sqrt(2 / X.shape[1]),
        np.zeros(hidden),
        scale * rng.normal(size=(hidden, Y.shape[1])) / np.sqrt(hidden),
        np.zeros(Y.shape[1]),
    ]
    m, v, t = [0.0] * 4, [0.0] * 4, 0

    def passes(X):
        A1 = act(X @ weights[0] + weights[1])
        return A1, softmax(A1 @ weights[2] + weights[3])

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for rows in np.array_split(order, len(X) // 32):
            A1, P = passes(X[rows])
            gradients = backward_with(slope=slope)(X[rows], Y[rows], weights[2], A1, P)
            t += 1
            for i, g in enumerate(gradients):
                if optimizer == "momentum":
                    m[i] = 0.9 * m[i] - rate * g
                    weights[i] = weights[i] + m[i]
                else:
                    m[i] = 0.9 * m[i] + 0.1 * g
                    v[i] = 0.999 * v[i] + 0.001 * g * g
                    fast = (m[i] / (1 - 0.9**t)) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-7)
                    weights[i] = weights[i] - rate * fast
    return lambda X: passes(X)[1]


def train_digits(X_train, Y_train, X_test, seed):
    return digits_network(X_train, Y_train, seed)(X_test).argmax(axis=1)


def train_digits_adam(X_train, Y_train, X_test, seed):
    network = digits_network(X_train, Y_train, seed, optimizer="adam", epochs=40, rate=0.003)
    return network(X_test).argmax(axis=1).tolist()


def train_digits_wide_tanh(X_train, Y_train, X_test, seed):
    network = digits_network(X_train, Y_train, seed, hidden=128, activation="tanh", epochs=30)
    return np.argmax(network(X_test), axis=-1)


def digits_probabilities(X_train, Y_train, X_test, seed):
    return digits_network(X_train, Y_train, seed, epochs=2)(X_test)


def digits_of_training(X_train, Y_train, X_test, seed):
    return digits_network(X_train, Y_train, seed, epochs=2)(X_train).argmax(axis=1)


def digits_over_columns(X_train, Y_train, X_test, seed):
    return digits_network(X_train, Y_train, seed, epochs=2)(X_test).argmax(axis=0)


def digits_zero_start(X_train, Y_train, X_test, seed):
    return digits_network(X_train, Y_train, seed, epochs=2, scale=0.0)(X_test).argmax(axis=1)


def digits_from_one(X_train, Y_train, X_test, seed):
    return train_digits(X_train, Y_train, X_test, seed) + 1


def digits_shuffled_apart(X_train, Y_train, X_test, seed):
    shuffled = np.random.default_rng(seed).permutation(Y_train)
    return digits_network(X_train, shuffled, seed, epochs=5)(X_test).argmax(axis=1)


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="softmax",
        points=2,
        inputs=softmax_inputs,
        reference=softmax,
        probe=probe_softmax,
        parts={"softmax(Z)": 1, "softmax(Z_large)": 1},
        alternatives=[
            softmax_loop,
            softmax_by_logarithm,
            softmax_in_place,
            lambda Z: softmax(Z.astype(np.float32)),
        ],
        mistakes={
            "normalised over the wrong axis: each row must add up to 1, not each column": (
                softmax_over_columns
            ),
            "normalised over the whole array: each row must add up to 1 by itself": (
                softmax_over_everything
            ),
            "overflow: exp of a large score is inf. Subtract each row's maximum first": (
                softmax_overflows
            ),
            "subtracted one maximum from the whole array: a row far below it becomes 0/0. "
            "Subtract each row's own maximum": softmax_one_maximum,
            "divided the scores themselves by their sum: take exp first": softmax_without_exp,
            "a sigmoid for each score: the classes must share one total": sigmoid,
        },
        hints=(
            "Work row by row: one row of Z is one example. Take exp of each entry, then divide "
            "each row by its own sum. keepdims=True lets a column of row sums divide each row.",
            "exp(1000) is inf. Subtracting the same number from every score of a row changes "
            "nothing, as it cancels in the fraction. Subtract the row's maximum: then the largest "
            "exponent is 0.",
            "E = np.exp(Z - Z.max(axis=1, keepdims=True)), and then E divided by E.sum with the "
            "same axis and keepdims.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="initialise",
        points=2,
        inputs=initialise_inputs,
        reference=initialise,
        probe=probe_initialise,
        parts={
            "shapes": 0.5,
            "largest bias": 0.5,
            "standard deviation times root of inputs": 0.5,
            "random numbers": 0.5,
        },
        alternatives=[initialise_uniform, initialise_loop, initialise_float32],
        mistakes={
            "all weights start at zero: then all hidden units stay the same for ever": (
                initialise_with(lambda n, m: 0, lambda n, m: 0)
            ),
            "the weights are not scaled: divide by the root of the number of inputs": (
                initialise_with(lambda n, m: 1, lambda n, m: 1)
            ),
            "divided by the number of inputs, not by its square root": (
                initialise_with(lambda n, m: 1 / n, lambda n, m: 1 / n)
            ),
            "scaled by the number of units that the layer has, not of inputs that it reads": (
                initialise_with(lambda n, m: m**-0.5, lambda n, m: m**-0.5)
            ),
            "the weight matrices are transposed: W has one row per input, one column per unit": (
                initialise_transposed
            ),
            "the biases do not start at zero": initialise_ones_bias,
            "the seed is written into the function: another seed must give other weights": (
                initialise_always_42
            ),
            "the seed is not used: the same seed must give the same weights": (
                initialise_without_seed
            ),
            "made a new generator with the same seed for W2, which then repeats the numbers of W1: "
            "make one generator and draw from it twice": initialise_repeats,
        },
        hints=(
            "One generator, made from the seed, gives both weight matrices. A layer that reads n "
            "numbers and has m units has weights of shape (n, m) and m biases.",
            "rng.normal(size=...) has standard deviation 1. Divide by np.sqrt(n), where n is the "
            "number of rows of that matrix: n_inputs for W1, n_hidden for W2.",
            "rng = np.random.default_rng(seed); W1 = rng.normal(size=(n_inputs, n_hidden)) / "
            "np.sqrt(n_inputs); b1 = np.zeros(n_hidden); and the same for W2 and b2, one layer on.",
        ),
        difficulty=2,
        importance=4,
        minutes=8,
    ),
    Exercise(
        name="forward",
        points=2,
        inputs=[network_inputs(5, 3, 4, 2), network_inputs(6, 2, 5, 3), network_inputs(1, 4, 3, 5)],
        reference=forward,
        probe=probe_forward,
        parts={"Z1": 0.5, "A1": 0.5, "Z2": 0.5, "P": 0.5},
        alternatives=[forward_loop, forward_einsum, forward_float32],
        mistakes={
            "b1 is not added": forward_with(keep=(0, 1)),
            "b2 is not added": forward_with(keep=(1, 0)),
            "no activation between the layers: layer 2 must read A1, not Z1": (
                forward_with(skip=True)
            ),
            "softmax in the hidden layer: the hidden activation is tanh": (
                forward_with(hidden=softmax)
            ),
            "sigmoid in the hidden layer: the hidden activation is tanh": (
                forward_with(hidden=sigmoid)
            ),
            "no softmax at the end: P is still Z2": forward_with(output=lambda Z: Z),
            "tanh at the end: the output activation is softmax": forward_with(output=np.tanh),
        },
        hints=(
            "Four lines, one for each array. Each layer is a matrix product plus a bias, and then "
            "an activation. Print the shapes as you go.",
            "Z1 has shape (N, H): X @ W1 + b1. The hidden activation is np.tanh. The second layer "
            "reads A1 where the first read X.",
            "Z1 = X @ W1 + b1; A1 = np.tanh(Z1); Z2 = A1 @ W2 + b2; P = softmax(Z2); and return "
            "all four, in this order.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="cross_entropy",
        points=2,
        inputs=cross_entropy_inputs,
        reference=cross_entropy,
        probe=probe_cross_entropy,
        parts={
            "cross_entropy(P, Y)": 1,
            "zeros at the other classes": 0.5,
            "zero at the true class": 0.5,
        },
        rules={"zero at the true class": AtLeast(10)},
        alternatives=[
            cross_entropy_by_index,
            cross_entropy_clipped,
            cross_entropy_plus_epsilon,
            lambda P, Y: cross_entropy(P.astype(np.float32), Y.astype(int)),
        ],
        mistakes={
            "the mean over all N x C entries: divide by the number of examples N": (
                lambda P, Y: -np.mean(Y * np.log(np.maximum(P, 1e-12)))
            ),
            "the sum over the examples: divide by their number N": (
                lambda P, Y: len(P) * cross_entropy(P, Y)
            ),
            "the minus sign is missing: a loss is not negative": (
                lambda P, Y: -cross_entropy(P, Y)
            ),
            "the logarithm to base 2 (or 10): cross-entropy here takes np.log": (
                lambda P, Y: cross_entropy(P, Y) / np.log(2)
            ),
            "the wrong classes are counted too, as in binary cross-entropy: only the true class "
            "counts": lambda P, Y: (
                cross_entropy(P, Y)
                - np.mean(np.sum((1 - Y) * np.log(np.maximum(1 - P, 1e-12)), axis=1))
            ),
            "log(0) is -inf, and 0 times -inf is nan: use, say, np.log(np.maximum(p, 1e-12))": (
                cross_entropy_unsafe
            ),
            "P and Y changed places: the logarithm belongs to P": (
                lambda P, Y: -np.mean(np.sum(P * np.log(np.maximum(Y, 1e-12)), axis=1))
            ),
        },
        hints=(
            "Each example costs -log of the probability that the network gave to its true class. "
            "The loss is the mean of these costs over the examples.",
            "P * Y is zero everywhere but at the true class, so that its sum along axis 1 is the "
            "probability of the true class. np.log(0) is -inf: never let it see a 0.",
            "p = np.sum(P * Y, axis=1); then minus the mean of np.log(np.maximum(p, 1e-12)).",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="backward",
        points=4,
        inputs=[
            backward_inputs(5, 3, 4, 2),
            backward_inputs(7, 4, 6, 3),
            backward_inputs(4, 2, 3, 5),
        ],
        reference=backward,
        probe=probe_backward,
        parts={"dW1": 1, "db1": 1, "dW2": 1, "db2": 1},
        alternatives=[backward_loop, backward_jacobian, backward_late_mean],
        mistakes={
            "multiplied by P * (1 - P) as 'the derivative of softmax': with cross-entropy, "
            "dL/dZ2 is (P - Y) / N and nothing else": printed_wrongly,
            "the mean over the examples is missing: divide P - Y by N": summed,
            "divided by all N x C entries: the loss is the mean over N examples": (
                backward_with(lambda P, Y: (P - Y) / P.size)
            ),
            "the sign is turned round: dL/dZ2 is P - Y, not Y - P": (
                backward_with(lambda P, Y: (Y - P) / len(P))
            ),
            "the derivative of tanh is missing in dZ1": backward_with(slope=lambda A1: 1),
            "the derivative of the sigmoid, A1 * (1 - A1), where tanh was used": (
                backward_with(slope=lambda A1: A1 * (1 - A1))
            ),
            "tanh taken a second time: A1 is already tanh(Z1), so that its slope is 1 - A1**2": (
                backward_with(slope=lambda A1: 1 - np.tanh(A1) ** 2)
            ),
            "the biases' gradients summed over the wrong axis: one number for each unit is wanted, "
            "not for each example": backward_with(bias=lambda dZ: dZ.sum(axis=1)),
            "the mean taken twice in db1 and db2: dZ is divided by N already, so sum": (
                backward_with(bias=lambda dZ: dZ.mean(axis=0))
            ),
        },
        hints=(
            "Go backwards, one line for each of: dZ2, dW2, db2, dA1, dZ1, dW1, db1. Each gradient "
            "has the shape of the thing it belongs to; when a product does not fit, transpose.",
            "dZ2 = (P - Y) / N holds softmax, cross-entropy and the mean all in one. Then "
            "dA1 = dZ2 @ W2.T, and tanh gives the factor 1 - A1**2.",
            "dZ2 = (P - Y) / len(X); dW2 = A1.T @ dZ2; db2 = dZ2.sum(axis=0); "
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2); and dW1, db1 as dW2, db2 with X in place of A1.",
        ),
        difficulty=4,
        importance=5,
        minutes=20,
    ),
    Exercise(
        name="step",
        points=2,
        inputs=[step_inputs(5, 3, 4, 2), step_inputs(6, 2, 5, 3)],
        reference=step,
        probe=probe_step,
        parts={"b2": 1, "W1": 0.5, "b1": 0.5},
        alternatives=[step_keeps_old_weights, step_loop],
        mistakes={
            # The two bugs of the start: say where they show, and leave the line to be found.
            "b2 does not move at all: look for the line that makes its gradient": (
                step_with(bias=lambda dZ: dZ.sum())
            ),
            "W2 comes out right, but W1 and b1 do not: look on the way from one to the other": (
                step_with(late=True)
            ),
            "db2 is averaged a second time: dZ2 holds the 1/N already": (
                step_with(bias=lambda dZ: dZ.mean(axis=0))
            ),
            "the mask lets everything through: ReLU's output is never below 0, so ask A1 > 0": (
                step_with(mask=lambda A1: A1 >= 0)
            ),
            "the ReLU mask is gone": step_with(mask=lambda A1: 0.5),
            "the step goes up the hill: subtract the gradient": step_with(sign=1),
        },
        hints=(
            "Where is the first wrong number? Call step once and compare b2 before and after: it "
            "has not moved at all. Then compare W1 with what your own backward would give.",
            "Which line made it? Print the shape of each gradient: it must be the shape of its "
            "parameter, and db2 is a single number. For W1, ask of each line which W2 it reads: "
            "the one of the forward pass, or the one just changed?",
            "Why? Each row of P - Y adds up to 0, and so does everything: sum over axis 0 only. "
            "And move the two lines that change W2 and b2 down, behind dA1 = dZ2 @ W2.T.",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="train",
        points=2,
        inputs=[train_inputs],
        reference=train,
        probe=probe_train,
        parts={
            "number of losses": 0.5,
            "first three losses": 0.5,
            "last loss": 0.5,
            "the returned weights have the last loss": 0.5,
        },
        rules={"last loss": AtMost(0.002)},
        alternatives=[train_in_place, train_float32],
        mistakes={
            "the step goes up the hill: subtract the gradient": train_uphill,
            "the biases are never updated": train_without_biases,
            "the loss is noted after the step: note it before, with the P of the forward pass": (
                train_notes_late
            ),
            "W2 was changed before dW1 was computed: take all gradients first, then update": (
                train_updates_W2_first
            ),
            "the gradient is not divided by the number of examples": train_summed,
            "the gradient has the factor P * (1 - P), which does not belong there": (
                train_printed_wrongly
            ),
            "only the last loss is kept: append one in each epoch": train_last_loss_only,
            "the weights from the start are returned, not the trained ones": (
                train_returns_the_start
            ),
        },
        hints=(
            "One epoch is: forward, note the loss, backward, change all four parameters. Repeat "
            "it `epochs` times.",
            "Take all four gradients from one call of backward before you change anything. Each "
            "parameter moves by minus learning_rate times its gradient, biases too.",
            "In the loop: Z1, A1, Z2, P = forward(X, W1, b1, W2, b2); "
            "losses.append(cross_entropy(P, Y)); dW1, db1, dW2, db2 = backward(X, Y, W2, A1, P); "
            "W1 = W1 - learning_rate * dW1, and so on. At the end, "
            "return (W1, b1, W2, b2), losses.",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="predict",
        points=1,
        inputs=[network_inputs(8, 3, 4, 3), network_inputs(7, 2, 5, 4), network_inputs(9, 4, 3, 2)],
        reference=predict,
        probe=probe_predict,
        alternatives=[predict_loop, predict_by_sorting],
        mistakes={
            "argmax over the wrong axis: one label for each example, not for each class": (
                lambda *a: forward(*a)[3].argmax(axis=0)
            ),
            "the largest probability, not the place where it is": (
                lambda *a: forward(*a)[3].max(axis=1)
            ),
            "one-hot rows, not labels": (
                lambda *a: (forward(*a)[3] == forward(*a)[3].max(axis=1, keepdims=True)) * 1.0
            ),
            "labels counted from 1: classes are counted from 0": lambda *a: predict(*a) + 1,
            "the probabilities, not labels": lambda *a: forward(*a)[3],
            "the least likely class": lambda *a: forward(*a)[3].argmin(axis=1),
        },
        hints=(
            "Run forward, and look at P: in each row, which class has the largest probability?",
            "np.argmax gives the place of the largest entry. One row is one example: axis=1.",
            "P is the last of the four arrays that forward returns; return P.argmax(axis=1).",
        ),
        difficulty=1,
        importance=4,
        minutes=4,
    ),
    Exercise(
        name="train_digits",
        points=3,
        inputs=[lambda rng: {"seeds": rng.integers(1000, size=3).tolist()}],
        reference=train_digits,
        probe=probe_train_digits,
        parts={"test accuracy at least 0.95": 1, "test accuracy at least 0.97": 2},
        rules={
            "test accuracy at least 0.95": AtLeast(0.95),
            "test accuracy at least 0.97": AtLeast(0.97),
        },
        alternatives=[train_digits_adam, train_digits_wide_tanh],
        mistakes={
            "the ten probabilities of each picture, not its label: take the argmax of each row": (
                digits_probabilities
            ),
            "the labels of the training pictures: predict X_test": digits_of_training,
            "argmax over the wrong axis: one label for each picture is wanted": (
                digits_over_columns
            ),
            "some digits never occur, as when all weights start at zero or the loss became nan": (
                digits_zero_start
            ),
            "labels counted from 1: the digit 0 has label 0": digits_from_one,
            "no better than guessing, as when pictures and targets are shuffled apart: index both "
            "with the same permutation": digits_shuffled_apart,
        },
        hints=(
            "Print the training loss of each epoch. If it still falls when you stop, the network "
            "has not had enough steps: smaller batches give more steps for each pass through the "
            "data.",
            "Use ReLU in the hidden layer (np.maximum(Z1, 0), derivative A1 > 0), start W1 with "
            "standard deviation sqrt(2 / 64), and take mini-batches of 32, shuffled anew in each "
            "epoch: rows = rng.permutation(N), then X[rows] and Y[rows].",
            "Add momentum: v = 0.9 * v - 0.1 * gradient, then w = w + v, with one v for each "
            "parameter, starting at 0. Some 25 epochs are enough.",
        ),
        difficulty=4,
        importance=5,
        minutes=30,
    ),
]
