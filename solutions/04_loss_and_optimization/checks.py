"""What each exercise of module 4 must do: inputs, right answers, and what people get wrong."""

import numpy as np

from autograde import AtLeast, Exercise
from autograde.engine.compare import Close

# Not the whole of nnlib.plots: its race of four needs nnlib.optimizers, where the answers are.
ALLOWED = ("numpy", "matplotlib", "nnlib.plots.learning_curves")

# ---------------------------------------------------------------- what several exercises share


def normals(rng, *shape, scale=1.0):
    """Random numbers with two decimals, none of them nearly 0."""
    x = rng.normal(0, scale, size=shape)
    return (np.sign(x) * (0.1 + np.abs(x))).round(2)


def probabilities(rng, rows, classes):
    """Rows of positive probabilities with two decimals that add up to 1."""
    P = rng.uniform(0.05, 0.9 / classes, size=(rows, classes)).round(2)
    winners = rng.integers(classes, size=rows)
    P[np.arange(rows), winners] += 1 - P.sum(axis=1)
    return P.round(2)


def one_hot(rng, rows, classes):
    """One-hot rows, as whole numbers."""
    return np.eye(classes, dtype=int)[rng.integers(classes, size=rows)]


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def as_float32(function):
    """The same answer, with every array that it gets and gives in float32."""

    def narrowed(*inputs):
        small = [np.float32(x) if isinstance(x, np.ndarray) else x for x in inputs]
        return tuple(np.float32(x) for x in function(*small))

    return narrowed


# ---------------------------------------------------------------- mean squared error


def mean_squared_error(A, Y):
    error = A - Y
    return np.mean(error**2), 2 * error / error.size


def mse_inputs(rows, outputs):
    def draw(rng):
        return {"A": normals(rng, rows, outputs), "Y": normals(rng, rows, outputs, scale=2.0)}

    return draw


def probe_mean_squared_error(answer, A, Y):
    result = answer(A, Y)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("mean_squared_error must return two things: `return L, dA`")
    yield "loss", result[0]
    yield "gradient", result[1]


def mse_loop(A, Y):
    rows, outputs = len(A), len(A[0])
    total, dA = 0.0, [[0.0] * outputs for _ in range(rows)]
    for n in range(rows):
        for k in range(outputs):
            total += (A[n][k] - Y[n][k]) ** 2
            dA[n][k] = 2 * (A[n][k] - Y[n][k]) / (rows * outputs)
    return total / (rows * outputs), dA


def mse_einsum(A, Y):
    A -= Y
    return [np.einsum("nk,nk->", A, A) / A.size, np.multiply(A, 2.0 / A.size)]


def mse_with(loss=lambda e: np.mean(e**2), gradient=lambda e: 2 * e / e.size):
    """A `mean_squared_error` with another loss or gradient of the error A - Y."""

    def mean_squared_error(A, Y):
        return loss(A - Y), gradient(A - Y)

    return mean_squared_error


# ---------------------------------------------------------------- binary cross-entropy


def binary_crossentropy(P, Y):
    P = np.clip(P, 1e-7, 1 - 1e-7)
    L = -np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))
    return L, (P - Y) / (P * (1 - P)) / P.size


def bce_inputs(rng):
    rows = int(rng.integers(5, 9))
    Y = rng.integers(2, size=(rows, 1))
    Y[0], Y[1] = 0, 1
    p = rng.uniform(0.1, 0.9, size=2).round(2)
    return {
        "P": rng.uniform(0.05, 0.95, size=(rows, 1)).round(2),
        "Y": rng.permutation(Y),
        "P_certain": np.array([[1.0], [p[0]], [0.0], [p[1]]]),
        "Y_certain": np.array([[1], [1], [0], [0]]),
    }


def probe_binary_crossentropy(answer, P, Y, P_certain, Y_certain):
    def ask(P, Y):
        result = answer(P, Y)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("binary_crossentropy must return two things: `return L, dP`")
        return result

    loss, gradient = ask(P, Y)
    yield "loss", loss
    yield "gradient", gradient
    yield "loss of certain and right", ask(P_certain, Y_certain)[0]
    sizes = []
    for p, y in ((0, 1), (1, 0)):
        loss, gradient = ask(np.array([[float(p)]]), np.array([[y]]))
        yield f"loss of certain and wrong: p = {p}, y = {y}", loss
        sizes.append(np.max(np.abs(np.asarray(gradient, dtype=float))))
    yield "gradient of certain and wrong is large and finite", all(1e3 < s < np.inf for s in sizes)


def bce_loop(P, Y):
    total, dP = 0.0, []
    for [p], [y] in zip(P, Y, strict=True):
        p = min(max(p, 1e-9), 1 - 1e-9)
        total -= np.log(p) if y == 1 else np.log(1 - p)
        dP.append([(-1 / p if y == 1 else 1 / (1 - p)) / len(P)])
    return total / len(P), dP


def bce_where(P, Y):
    right = np.where(Y == 1, P, 1 - P)  # the probability of what is true
    right = np.maximum(right, 1e-10)
    return np.log(right).mean() * -1, np.where(Y == 1, -1.0, 1.0) / (right * len(P))


def bce_epsilon(P, Y):
    e = 1e-8
    L = -(Y * np.log(P + e) + (1 - Y) * np.log(1 - P + e)).sum() / len(P)
    return L, ((1 - Y) / (1 - P + e) - Y / (P + e)) / len(P)


def bce_with(loss=None, gradient=None, clip=(1e-7, 1 - 1e-7)):
    """A `binary_crossentropy` with another loss or gradient, or that clips otherwise."""

    def binary_crossentropy(P, Y):
        P = np.clip(P, *clip)
        terms = Y * np.log(P) + (1 - Y) * np.log(1 - P)
        L = -np.mean(terms) if loss is None else loss(P, Y)
        dP = -(Y / P - (1 - Y) / (1 - P)) / len(P) if gradient is None else gradient(P, Y)
        return L, dP

    return binary_crossentropy


# ---------------------------------------------------------------- categorical cross-entropy


def categorical_crossentropy(P, Y):
    P = np.clip(P, 1e-7, 1)
    return -np.sum(Y * np.log(P)) / len(P), -(Y / P) / len(P)


def cce_inputs(rng):
    rows, classes = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    p = rng.uniform(0.1, 0.9, size=2).round(2)
    return {
        "P": probabilities(rng, rows, classes),
        "Y": one_hot(rng, rows, classes),
        "P_zeros": np.array([[0, 1, 0], [p[0], 1 - p[0], 0], [0, p[1], 1 - p[1]], [0, 0, 1]]),
        "Y_zeros": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]),
    }


def probe_categorical_crossentropy(answer, P, Y, P_zeros, Y_zeros):
    def ask(P, Y):
        result = answer(P, Y)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("categorical_crossentropy must return two things: `return L, dP`")
        return {"L": result[0], "dP": result[1]}

    yield "loss and gradient", ask(P, Y)
    yield "zeros at the other classes", ask(P_zeros, Y_zeros)
    wrong = ask(np.array([[1.0, 0.0]]), np.array([[0, 1]]))
    yield "zero at the true class", wrong["L"]


def cce_by_index(P, Y):
    true_class = np.argmax(Y, axis=1)
    rows = np.arange(len(P))
    p = np.maximum(P[rows, true_class], 1e-12)
    dP = np.zeros(P.shape)
    dP[rows, true_class] = -1 / (len(P) * p)
    return float(np.mean(-np.log(p))), dP


def cce_loop(P, Y):
    losses, dP = [], []
    for p, y in zip(P, Y, strict=True):
        losses.append(-sum(np.log(max(a, 1e-8)) for a, b in zip(p, y, strict=True) if b))
        dP.append([-b / max(a, 1e-8) / len(P) for a, b in zip(p, y, strict=True)])
    return sum(losses) / len(losses), dP


def cce_einsum(P, Y):
    P = P + 1e-9
    return -np.einsum("nc,nc->", Y, np.log(P)) / len(P), -np.divide(Y, P) / P.shape[0]


def cce_with(loss=None, gradient=None, lowest=1e-7):
    """A `categorical_crossentropy` with another divisor, another gradient, or without a floor."""

    def categorical_crossentropy(P, Y):
        P = np.maximum(P, lowest)
        L = -np.sum(Y * np.log(P)) / len(P) if loss is None else loss(P, Y)
        dP = -(Y / P) / len(P) if gradient is None else gradient(P, Y)
        return L, dP

    return categorical_crossentropy


# ---------------------------------------------------------------- cross-entropy of logits


def softmax_crossentropy(Z, Y):
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(Y * log_P) / len(Z), (np.exp(log_P) - Y) / len(Z)


def logits_inputs(rng):
    rows, classes = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    Z_large = rng.integers(-20, 21, size=(4, 3)) / 4.0  # float32 holds 1000.25 to the digit
    Y_large = one_hot(rng, 4, 3)
    Y_large[0] = np.eye(3, dtype=int)[Z_large[0].argmin()]  # some loss must be left to compare
    Z_large[0] += 1000
    Z_large[1] -= 1000
    Z_apart = rng.normal(0, 2, size=(2, 3)).round(2)
    Z_apart[0] = [500.0, -400.0, 0.0]
    return {
        "Z": rng.normal(0, 2, size=(rows, classes)).round(2),
        "Y": one_hot(rng, rows, classes),
        "Z_large": Z_large,
        "Y_large": Y_large,
        "Z_apart": Z_apart,
        "Y_apart": np.array([[0, 1, 0], [0, 0, 1]]),  # row 0 is certain and wrong: it costs 900
    }


def probe_softmax_crossentropy(answer, Z, Y, Z_large, Y_large, Z_apart, Y_apart):
    def ask(Z, Y):
        result = answer(Z, Y)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("softmax_crossentropy must return two things: `return L, dZ`")
        return result

    loss, gradient = ask(Z, Y)
    yield "loss", loss
    yield "gradient", gradient
    loss, gradient = ask(Z_large, Y_large)
    yield "large scores", {"L": loss, "dZ": gradient}
    yield "loss of scores far apart", ask(Z_apart, Y_apart)[0]


def logits_loop(Z, Y):
    L, dZ = 0.0, []
    for z, y in zip(Z, Y, strict=True):
        top = max(z)
        log_sum = top + np.log(sum(np.exp(v - top) for v in z))
        L += (log_sum - sum(v * t for v, t in zip(z, y, strict=True))) / len(Z)
        dZ.append([(np.exp(v - log_sum) - t) / len(Z) for v, t in zip(z, y, strict=True)])
    return L, dZ


def logits_logaddexp(Z, Y):
    log_P = Z - np.logaddexp.reduce(Z, axis=1)[:, None]
    dZ = np.exp(log_P)
    dZ -= Y
    dZ /= Z.shape[0]
    return np.mean(-log_P[Y == 1]), dZ


def logits_einsum(Z, Y):
    Z -= np.max(Z, axis=-1)[:, np.newaxis]
    E = np.exp(Z)
    S = np.einsum("nc->n", E)
    L = np.mean(np.log(S) - np.einsum("nc,nc->n", Z, Y))
    return [L, np.einsum("nc,n->nc", E, 1 / S) / len(Z) - Y / len(Z)]


def logits_with(loss=lambda log_P, Y: -np.sum(Y * log_P) / len(Y), gradient=None):
    """A `softmax_crossentropy` with another loss of log P, or another gradient."""

    def softmax_crossentropy(Z, Y):
        shifted = Z - Z.max(axis=1, keepdims=True)
        log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        P = np.exp(log_P)
        return loss(log_P, Y), (P - Y) / len(Z) if gradient is None else gradient(P, Y)

    return softmax_crossentropy


def logits_overflow(Z, Y):
    E = np.exp(Z)
    S = E.sum(axis=1, keepdims=True)
    return np.sum(Y * (np.log(S) - Z)) / len(Z), (E / S - Y) / len(Z)


def logits_one_maximum(Z, Y):
    S = Z - Z.max()
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(Y * log_P) / len(Z), (np.exp(log_P) - Y) / len(Z)


def logits_log_of_zero(Z, Y):
    P = softmax(Z)
    return -np.sum(Y * np.log(P)) / len(Z), (P - Y) / len(Z)


def logits_clipped(Z, Y):
    P = softmax(Z)
    return -np.sum(Y * np.log(np.clip(P, 1e-7, 1))) / len(Z), (P - Y) / len(Z)


def logits_over_columns(Z, Y):
    L, dZ = softmax_crossentropy(Z.T, Y.T)
    return L * Z.shape[1] / len(Z), dZ.T * Z.shape[1] / len(Z)


# ---------------------------------------------------------------- mini-batches


def mini_batches(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    batches = []
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        batches.append((X[rows], Y[rows]))
    return batches


def batches_inputs(examples, features, batch_size):
    def draw(rng):
        X = normals(rng, examples, features)
        X[:, 0] = np.arange(examples)
        Y = np.column_stack([10 * X[:, 0], rng.integers(2, size=examples)])
        return {"X": X, "Y": Y, "batch_size": batch_size, "seed": int(rng.integers(1000))}

    return draw


def probe_mini_batches(answer, X, Y, batch_size, seed):
    def epoch(rng):
        batches = list(answer(X.copy(), Y.copy(), batch_size, rng))
        if any(len(batch) != 2 for batch in batches):
            raise TypeError("each mini-batch is a pair of arrays: (X[rows], Y[rows])")
        pairs = [(np.asarray(x), np.asarray(y)) for x, y in batches]
        sizes = [[len(x), len(y)] for x, y in pairs]
        full = [(x, y) for x, y in pairs if x.ndim == 2 and y.ndim == 2 and len(x) == len(y)]
        # Column 0 of X numbers the examples.
        numbers = [x[:, 0].round().astype(int) % len(X) for x, _ in full]
        together = all(
            np.allclose(x, X[n]) and np.allclose(y, Y[n])
            for n, (x, y) in zip(numbers, full, strict=True)
        )
        return sizes, [n.tolist() for n in numbers], together

    rng = np.random.default_rng(seed)
    sizes, first, together = epoch(rng)
    second = epoch(rng)[1]
    again = epoch(np.random.default_rng(seed))[1]
    yield "sizes of X and Y in each batch", sizes
    flat = [n for batch in first for n in batch]
    yield (
        "every example once",
        {
            "some are missing": set(flat) != set(range(len(X))),
            "some come twice": len(set(flat)) < len(flat),
        },
    )
    yield "targets stay with their examples", together
    yield (
        "order",
        {
            "the examples are shuffled": flat != list(range(len(X))),
            "neighbours are parted": any(np.any(np.diff(batch) != 1) for batch in first),
            "each epoch has a new order": first != second,
            "the generator decides": first == again,
        },
    )


def batches_generator(X, Y, batch_size, rng):
    keys = rng.random(len(X))
    order = np.argsort(keys)
    while len(order):
        yield X[order[:batch_size]], Y[order[:batch_size]]
        order = order[batch_size:]


def batches_of_lists(X, Y, batch_size, rng):
    pairs = list(zip(X.tolist(), Y.tolist(), strict=True))
    rng.shuffle(pairs)
    chunks = [pairs[i : i + batch_size] for i in range(0, len(pairs), batch_size)]
    return [[list(side) for side in zip(*chunk, strict=True)] for chunk in chunks]


def batches_split(X, Y, batch_size, rng):
    together = np.hstack([X, Y]).astype(np.float32)
    rng.shuffle(together)
    X[:], Y[:] = together[:, : X.shape[1]], together[:, X.shape[1] :]
    cuts = np.arange(batch_size, len(X), batch_size)
    return tuple(zip(np.split(X, cuts), np.split(Y, cuts), strict=True))


def chunks(X, Y, rows_of_batches):
    return [(X[rows], Y[rows]) for rows in rows_of_batches]


def batches_drop_last(X, Y, batch_size, rng):
    return [b for b in mini_batches(X, Y, batch_size, rng) if len(b[0]) == batch_size]


def batches_in_order(X, Y, batch_size, rng):
    N = len(X)
    return chunks(X, Y, [np.arange(i, min(i + batch_size, N)) for i in range(0, N, batch_size)])


def batches_shuffled_apart(X, Y, batch_size, rng):
    return mini_batches(rng.permutation(X), rng.permutation(Y), batch_size, rng)


def batches_with_replacement(X, Y, batch_size, rng):
    rows = [rng.integers(len(X), size=len(x)) for x, _ in mini_batches(X, Y, batch_size, rng)]
    return chunks(X, Y, rows)


def batches_filled_up(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    starts = range(0, len(X), batch_size)
    return chunks(X, Y, [np.resize(np.roll(order, -i), batch_size) for i in starts])


def batches_same_order(X, Y, batch_size, rng):
    return mini_batches(X, Y, batch_size, np.random.default_rng(42))


def batches_other_generator(X, Y, batch_size, rng):
    return mini_batches(X, Y, batch_size, np.random.default_rng())


def batches_in_random_order(X, Y, batch_size, rng):
    batches = batches_in_order(X, Y, batch_size, rng)
    return [batches[i] for i in rng.permutation(len(batches))]


def batches_empty_last(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    starts = range(0, len(X) + 1, batch_size)
    return chunks(X, Y, [order[i : i + batch_size] for i in starts])


# ---------------------------------------------------------------- SGD with momentum


def sgd_step(w, g, v, learning_rate, momentum):
    v = momentum * v - learning_rate * g
    return w + v, v


def sgd_inputs(*shape):
    def draw(rng):
        return {
            "w": normals(rng, *shape),
            "v": normals(rng, *shape),
            "gradients": normals(rng, 5, *shape),
            "learning_rate": float(rng.choice([0.1, 0.2, 0.3])),
            "momentum": float(rng.choice([0.6, 0.7, 0.8])),
        }

    return draw


def probe_sgd_step(answer, w, v, gradients, learning_rate, momentum):
    def ask(w, g, v, momentum):
        result = answer(w.copy(), g.copy(), v.copy(), learning_rate, momentum)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("sgd_step must return two arrays: `return w, v`")
        return [np.asarray(r) for r in result]

    yield "w without momentum", ask(w, gradients[0], np.zeros_like(v), 0.0)[0]
    yield "one step", dict(zip(("w", "v"), ask(w, gradients[0], v, momentum), strict=True))
    v = np.zeros_like(v)
    for g in gradients:
        w, v = ask(w, g, v, momentum)
    yield "w after five steps from v = 0", w


def sgd_in_place(w, g, v, learning_rate, momentum):
    v *= momentum
    v -= learning_rate * g
    w += v
    return w, v


def sgd_loop(w, g, v, learning_rate, momentum):
    new_w, new_v = w.tolist(), v.tolist()
    for i in np.ndindex(w.shape):
        row_w, row_v = new_w, new_v
        for k in i[:-1]:
            row_w, row_v = row_w[k], row_v[k]
        row_v[i[-1]] = momentum * row_v[i[-1]] - learning_rate * g[i]
        row_w[i[-1]] += row_v[i[-1]]
    return [new_w, new_v]


def sgd_with(velocity, move=lambda w, g, v, old, eta, mu: w + v):
    """An `sgd_step` with another rule for the velocity or for the move."""

    def sgd_step(w, g, v, learning_rate, momentum):
        new = velocity(v, g, learning_rate, momentum)
        return move(w, g, new, v, learning_rate, momentum), new

    return sgd_step


def keras_velocity(v, g, eta, mu):
    return mu * v - eta * g


# ---------------------------------------------------------------- RMSProp


def rmsprop_step(w, g, s, learning_rate, rho, epsilon):
    s = rho * s + (1 - rho) * g**2
    return w - learning_rate * g / np.sqrt(s + epsilon), s


def rmsprop_inputs(*shape):
    def draw(rng):
        return {
            "w": normals(rng, *shape),
            "s": np.abs(normals(rng, *shape)),
            "gradients": normals(rng, 5, *shape),
            "g_small": (np.sign(rng.normal(size=4)) * rng.integers(1, 10, size=4) * 1e-4).round(4),
            "learning_rate": float(rng.choice([0.01, 0.02, 0.05])),
            "rho": float(rng.choice([0.7, 0.8, 0.9])),
            "epsilon": 1e-7,
        }

    return draw


def probe_rmsprop_step(answer, w, s, gradients, g_small, learning_rate, rho, epsilon):
    def ask(w, g, s):
        result = answer(w.copy(), g.copy(), s.copy(), learning_rate, rho, epsilon)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("rmsprop_step must return two arrays: `return w, s`")
        return [np.asarray(r) for r in result]

    yield "one step", dict(zip(("w", "s"), ask(w, gradients[0], s), strict=True))
    s = np.zeros_like(s)
    for g in gradients:
        w, s = ask(w, g, s)
    yield "w after five steps from s = 0", w
    zeros = np.zeros_like(g_small)
    yield "w after a small gradient from w = s = 0", ask(zeros, g_small, zeros)[0]


def rmsprop_in_place(w, g, s, learning_rate, rho, epsilon):
    s *= rho
    s += (1 - rho) * np.square(g)
    w -= learning_rate * g * (s + epsilon) ** -0.5
    return w, s


def rmsprop_average(w, g, s, learning_rate, rho, epsilon):
    s = s + (1 - rho) * (g * g - s)
    scale = np.array([learning_rate / np.sqrt(x + epsilon) for x in s.ravel()]).reshape(s.shape)
    return [w - scale * g, s]


def rmsprop_with(
    average=lambda s, g, rho: rho * s + (1 - rho) * g**2,
    divisor=lambda s, old, epsilon: np.sqrt(s + epsilon),
    sign=-1,
):
    """An `rmsprop_step` with another running average or divisor, or uphill."""

    def rmsprop_step(w, g, s, learning_rate, rho, epsilon):
        new = average(s, g, rho)
        return w + sign * learning_rate * g / divisor(new, s, epsilon), new

    return rmsprop_step


# ---------------------------------------------------------------- Adam


def adam_step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return w - rate * m / (np.sqrt(v) + epsilon), m, v


def adam_inputs(*shape):
    def draw(rng):
        small = (np.sign(rng.normal(size=4)) * rng.integers(1, 10, size=4) * 1e-4).round(4)
        small[0] = 0.0
        return {
            "w": normals(rng, *shape),
            "gradients": normals(rng, 5, *shape),
            "g_small": small,
            "learning_rate": float(rng.choice([0.01, 0.02, 0.05])),
            "beta_1": float(rng.choice([0.8, 0.9])),
            "beta_2": float(rng.choice([0.95, 0.99])),
            "epsilon": 1e-7,
        }

    return draw


def probe_adam_step(answer, w, gradients, g_small, learning_rate, beta_1, beta_2, epsilon):
    def ask(w, g, m, v, t):
        arrays = [x.copy() for x in (w, g, m, v)]
        result = answer(*arrays, t, learning_rate, beta_1, beta_2, epsilon)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise TypeError("adam_step must return three arrays: `return w, m, v`")
        return [np.asarray(r) for r in result]

    m = v = np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        w, m, v = ask(w, g, m, v, t)
        if t == 1:
            yield "w after the first step", w
    yield "w after five steps", w
    yield "m and v after five steps", {"m": m, "v": v}
    zeros = np.zeros_like(g_small)
    yield "w after a small gradient, step 1 from 0", ask(zeros, g_small, zeros, zeros, 1)[0]


def adam_hats(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    """The first form of the paper, with epsilon beside the root of v-hat."""
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * np.square(g)
    m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
    return [w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v]


def adam_in_place(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    m += (1 - beta_1) * (g - m)
    v += (1 - beta_2) * (g * g - v)
    w -= learning_rate * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t) * m / (v**0.5 + epsilon)
    return w, m, v


def adam_loop(w, g, m, v, *rest):
    flat = [adam_hats(*one, *rest) for one in zip(*(x.ravel() for x in (w, g, m, v)), strict=True)]
    return tuple(np.array(column).reshape(w.shape) for column in zip(*flat, strict=True))


def adam_with(
    correct_m=lambda m, b, t: m / (1 - b**t),
    correct_v=lambda v, b, t: v / (1 - b**t),
    divisor=lambda v, epsilon: np.sqrt(v) + epsilon,
    keep=False,
    second=lambda g: g**2,
    swap=False,
    sign=-1,
):
    """An `adam_step` with one thing changed."""

    def adam_step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
        if swap:
            beta_1, beta_2 = beta_2, beta_1
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * second(g)
        m_hat, v_hat = correct_m(m, beta_1, t), correct_v(v, beta_2, t)
        w = w + sign * learning_rate * m_hat / divisor(v_hat, epsilon)
        return (w, m_hat, v_hat) if keep else (w, m, v)

    return adam_step


# ---------------------------------------------------------------- Glorot and He


def initial_weights(n_inputs, n_units, method, rng):
    if method == "glorot_uniform":
        limit = np.sqrt(6 / (n_inputs + n_units))
        return rng.uniform(-limit, limit, size=(n_inputs, n_units))
    return rng.normal(0, np.sqrt(2 / n_inputs), size=(n_inputs, n_units))


def weights_inputs(rng):
    n_inputs, n_units = rng.permutation([500, 140]).tolist()
    return {"n_inputs": n_inputs, "n_units": n_units, "seed": int(rng.integers(1000))}


def probe_initial_weights(answer, n_inputs, n_units, seed):
    def ask(method, seed):
        W = answer(n_inputs, n_units, method, np.random.default_rng(seed))
        return np.asarray(W, dtype=float)

    methods = ("glorot_uniform", "he_normal")
    W = {method: ask(method, seed) for method in methods}
    yield "shapes", [list(W[method].shape) for method in methods]
    for method in methods:
        deviation = float(W[method].std())
        far = np.abs(W[method] - W[method].mean()) > 1.8 * deviation
        yield (
            method,
            {
                "standard deviation times root of inputs + units": round(
                    deviation * np.sqrt(n_inputs + n_units), 1
                ),
                "the mean is nearly 0": bool(abs(W[method].mean()) < 0.1 * deviation),
                "some weights are further out than 1.8 deviations": bool(far.mean() > 0.01),
            },
        )
    yield (
        "random numbers",
        {
            "no two units are alike": all(
                len(np.unique(np.atleast_2d(W[m]).T, axis=0)) == n_units for m in methods
            ),
            "the same generator gives the same weights": all(
                np.array_equal(W[m], ask(m, seed)) for m in methods
            ),
            "another generator gives others": not any(
                np.array_equal(W[m], ask(m, seed + 1)) for m in methods
            ),
        },
    )


def weights_standard(n_inputs, n_units, method, rng):
    """Standard numbers first, scaled afterwards, in float32."""
    if method == "he_normal":
        return rng.standard_normal((n_inputs, n_units), dtype="float32") * (2 / n_inputs) ** 0.5
    spread = (24 / (n_inputs + n_units)) ** 0.5
    return (rng.random((n_inputs, n_units), dtype="float32") - 0.5) * np.float32(spread)


def weights_as_keras(n_inputs, n_units, method, rng):
    """He's normal cut off at two deviations and widened again, as Keras draws it."""
    if method != "he_normal":
        limit = np.sqrt(3.0) * np.sqrt(2.0 / (n_inputs + n_units))
        return rng.uniform(-limit, limit, (n_inputs, n_units))
    x = rng.normal(size=(n_inputs, n_units))
    while (far := np.abs(x) > 2).any():
        x[far] = rng.normal(size=far.sum())
    return x * np.sqrt(2 / n_inputs) / 0.8796


def weights_loop(n_inputs, n_units, method, rng):
    limit, deviation = (6 / (n_inputs + n_units)) ** 0.5, (2 / n_inputs) ** 0.5
    return [
        rng.uniform(-limit, limit, n_units).tolist()
        if method == "glorot_uniform"
        else rng.normal(0, deviation, n_units).tolist()
        for _ in range(n_inputs)
    ]


def weights_with(
    limit=lambda n, m: (6 / (n + m)) ** 0.5, deviation=lambda n, m: (2 / n) ** 0.5, low=-1
):
    """An `initial_weights` with another limit, another deviation or another lower end."""

    def initial_weights(n_inputs, n_units, method, rng):
        if method == "glorot_uniform":
            end = limit(n_inputs, n_units)
            return rng.uniform(low * end, end, size=(n_inputs, n_units))
        return rng.normal(size=(n_inputs, n_units)) * deviation(n_inputs, n_units)

    return initial_weights


def weights_transposed(n_inputs, n_units, method, rng):
    return initial_weights(n_inputs, n_units, method, rng).T


def weights_without_rng(n_inputs, n_units, method, rng):
    return initial_weights(n_inputs, n_units, method, np.random.default_rng())


def weights_always_42(n_inputs, n_units, method, rng):
    return initial_weights(n_inputs, n_units, method, np.random.default_rng(42))


def weights_swapped(n_inputs, n_units, method, rng):
    other = "he_normal" if method == "glorot_uniform" else "glorot_uniform"
    return initial_weights(n_inputs, n_units, other, rng)


# ---------------------------------------------------------------- read the curves

causes = {"A": "batch of one", "B": "zero weights", "C": "too small", "D": "too large"}


def probe_causes(answer):
    from hashlib import sha256

    names = ("too small", "too large", "zero weights", "batch of one", "not shuffled")
    names += ("nothing wrong",)
    if not isinstance(answer, dict) or not set("ABCD") <= set(answer):
        raise TypeError('causes must be a dict with the keys "A", "B", "C" and "D"')
    given = {}
    for curve in "ABCD":
        given[curve] = " ".join(str(answer[curve]).lower().split())
        if answer[curve] is not None and given[curve] not in names:
            raise ValueError(f"{answer[curve]!r} is not one of the six names: {', '.join(names)}")
    if all(answer[curve] is None for curve in "ABCD"):
        raise NotImplementedError
    for curve in "ABCD":  # a code in place of the name, so that the right one is not told
        code = sha256(f"module 4, curve {curve}: {given[curve]}".encode()).hexdigest()[:6]
        yield f"curve {curve}", f"the code {code}"


def causes_but(**changes):
    return causes | changes


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="mean_squared_error",
        points=2,
        inputs=[mse_inputs(5, 3), mse_inputs(7, 2), mse_inputs(6, 1)],
        reference=mean_squared_error,
        probe=probe_mean_squared_error,
        parts={"loss": 1, "gradient": 1},
        alternatives=[mse_loop, mse_einsum, as_float32(mean_squared_error)],
        mistakes={
            "the gradient has lost its factor 2": mse_with(gradient=lambda e: e / e.size),
            "the loss is half the mean squared error: here there is no factor 1/2": mse_with(
                lambda e: np.mean(e**2) / 2
            ),
            "the gradient is not divided by the number of entries": mse_with(
                gradient=lambda e: 2 * e
            ),
            "the loss is the sum of the squared errors, not their mean": mse_with(
                lambda e: np.sum(e**2)
            ),
            "the loss is divided by the number of examples alone: here the mean is taken over all "
            "N x K entries": mse_with(lambda e: np.sum(e**2) / len(e)),
            "the gradient is divided by the number of examples alone: here the mean is taken over "
            "all N x K entries": mse_with(gradient=lambda e: 2 * e / len(e)),
            "the sign of the gradient is turned round: it is 2 (A - Y), not 2 (Y - A)": mse_with(
                gradient=lambda e: -2 * e / e.size
            ),
            "the root of it (RMSE): the loss here is the mean squared error itself": mse_with(
                lambda e: np.sqrt(np.mean(e**2))
            ),
            "the absolute errors: square them": mse_with(
                lambda e: np.mean(np.abs(e)), lambda e: np.sign(e) / e.size
            ),
            "one loss for each example: take the mean over everything, one number": mse_with(
                lambda e: np.mean(e**2, axis=1)
            ),
        },
        hints=(
            "First the errors, A - Y, entry by entry. The loss is the mean of their squares; the "
            "gradient says how that mean changes when one entry of A grows.",
            "np.mean without an axis averages over all entries. The derivative of e**2 is 2e, and "
            "the mean divides by how many entries there are: A.size.",
            "error = A - Y; L = np.mean(error**2); dA is 2 * error divided by error.size.",
        ),
        difficulty=1,
        importance=4,
        minutes=8,
    ),
    Exercise(
        name="binary_crossentropy",
        points=2,
        inputs=bce_inputs,
        reference=binary_crossentropy,
        probe=probe_binary_crossentropy,
        parts={
            "loss": 0.5,
            "gradient": 0.5,
            "loss of certain and right": 0.25,
            "loss of certain and wrong: p = 0, y = 1": 0.25,
            "loss of certain and wrong: p = 1, y = 0": 0.25,
            "gradient of certain and wrong is large and finite": 0.25,
        },
        rules={
            "loss of certain and wrong: p = 0, y = 1": AtLeast(10),
            "loss of certain and wrong: p = 1, y = 0": AtLeast(10),
        },
        alternatives=[bce_loop, bce_where, bce_epsilon],
        mistakes={
            "P is not kept away from 0: log(P) is -inf there, and 0 times -inf is nan": bce_with(
                clip=(0, 1 - 1e-7)
            ),
            "P is not kept away from 1: log(1 - P) is -inf there, and 0 times -inf is nan": (
                bce_with(clip=(1e-7, 1))
            ),
            "the examples of class 0 cost nothing: the term (1 - Y) log(1 - P) is missing": (
                bce_with(lambda P, Y: -np.mean(Y * np.log(P)), lambda P, Y: -(Y / P) / len(P))
            ),
            "the loss is the sum over the examples: divide by their number N": bce_with(
                lambda P, Y: -np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P))
            ),
            "the gradient is not divided by the number of examples": bce_with(
                gradient=lambda P, Y: -(Y / P - (1 - Y) / (1 - P))
            ),
            "(P - Y) / N is dL/dZ, for the Z before the sigmoid: here dL/dP is asked": bce_with(
                gradient=lambda P, Y: (P - Y) / len(P)
            ),
            "the sign of the gradient is turned round: where Y is 1, more P costs less": bce_with(
                gradient=lambda P, Y: (Y / P - (1 - Y) / (1 - P)) / len(P)
            ),
            "the minus sign of the loss is missing: a loss is not negative": bce_with(
                lambda P, Y: np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))
            ),
            "P and Y changed places: the logarithm belongs to P": bce_with(
                lambda P, Y: (
                    -np.mean(
                        P * np.log(np.clip(Y, 1e-7, 1 - 1e-7))
                        + (1 - P) * np.log(np.clip(1 - Y, 1e-7, 1 - 1e-7))
                    )
                )
            ),
        },
        hints=(
            "An example with target 1 costs -log(p), one with target 0 costs -log(1 - p). Both "
            "fit into one line, since Y and 1 - Y switch the terms on and off. For the gradient, "
            "take the derivative of each term by p.",
            "Before any logarithm, move P into the range from 1e-7 to 1 - 1e-7: np.clip does "
            "that. The derivative of log(p) is 1/p, that of log(1 - p) is -1/(1 - p). Both the "
            "loss and the gradient are divided by N.",
            "P = np.clip(P, 1e-7, 1 - 1e-7); the loss is minus np.mean of "
            "Y * np.log(P) + (1 - Y) * np.log(1 - P); the gradient is "
            "-(Y / P - (1 - Y) / (1 - P)) divided by len(P).",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="categorical_crossentropy",
        points=2,
        inputs=cce_inputs,
        reference=categorical_crossentropy,
        probe=probe_categorical_crossentropy,
        parts={
            "loss and gradient": 1,
            "zeros at the other classes": 0.5,
            "zero at the true class": 0.5,
        },
        rules={"zero at the true class": AtLeast(10)},
        alternatives=[cce_by_index, cce_loop, cce_einsum],
        mistakes={
            "the gradient fits a loss that is C times as large as the one you return": cce_with(
                lambda P, Y: -np.mean(Y * np.log(P))
            ),
            "a probability that is exactly 0 makes nan or inf": cce_with(lowest=0.0),
            "the gradient is divided by N x C as well. Then the two agree again, but the learning "
            "rate means something else for every number of classes: mend the loss": cce_with(
                lambda P, Y: -np.mean(Y * np.log(P)), lambda P, Y: -(Y / P) / P.size
            ),
            "the loss is right now; the gradient was right before and is not any more": cce_with(
                gradient=lambda P, Y: -(Y / P) / P.size
            ),
            "the mean was taken away altogether: divide by the number of examples N": cce_with(
                lambda P, Y: -np.sum(Y * np.log(P))
            ),
            "the mean over the classes: sum over them, and take the mean over the examples": (
                cce_with(lambda P, Y: -np.sum(np.mean(Y * np.log(P), axis=1)))
            ),
            "(P - Y) / N is dL/dZ, for the Z before softmax: dP was right, leave it": cce_with(
                gradient=lambda P, Y: (P - Y) / len(P)
            ),
        },
        hints=(
            "Where is the first wrong number? Take one example with P = [[0.5, 0.5]] and "
            "Y = [[1, 0]]. By hand the loss is -log(0.5) = 0.693. Now move P[0, 0] by a "
            "thousandth, and compare the change of L with dP[0, 0]. Then set P[0, 1] to 0.",
            "Which line made it? Ask np.mean how many entries it divides by: print P.size and "
            "len(P). For the zeros, print np.log(P) and Y * np.log(P).",
            "Why? np.mean divides by all N x C entries, but only N of them can differ from 0: "
            "take np.sum and divide by len(P). And 0 * log(0) is 0 * -inf = nan: put "
            "P = np.clip(P, 1e-7, 1) first, which mends the gradient, too.",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="softmax_crossentropy",
        points=2,
        inputs=logits_inputs,
        reference=softmax_crossentropy,
        probe=probe_softmax_crossentropy,
        parts={
            "loss": 0.5,
            "gradient": 0.5,
            "large scores": 0.5,
            "loss of scores far apart": 0.5,
        },
        alternatives=[
            logits_loop,
            logits_logaddexp,
            logits_einsum,
            as_float32(softmax_crossentropy),
        ],
        mistakes={
            "overflow: exp of a large score is inf. Subtract each row's maximum first": (
                logits_overflow
            ),
            "subtracted one maximum from the whole array: a row far below it underflows. Subtract "
            "each row's own maximum": logits_one_maximum,
            "log(0): the probability itself has become 0. Compute log P as a whole, and never take "
            "the logarithm of a softmax": logits_log_of_zero,
            "the probability was clipped, so that a certain and wrong answer costs 16 and not 900: "
            "with scores there is nothing to clip": logits_clipped,
            "the loss is a mean over N x C entries: divide by the number of examples N": (
                logits_with(lambda log_P, Y: -np.mean(Y * log_P))
            ),
            "the loss is the sum over the examples: divide by their number N": logits_with(
                lambda log_P, Y: -np.sum(Y * log_P)
            ),
            "the gradient is not divided by the number of examples": logits_with(
                gradient=lambda P, Y: P - Y
            ),
            "multiplied by P * (1 - P): P - Y holds the derivative of softmax already": (
                logits_with(gradient=lambda P, Y: (P - Y) * P * (1 - P) / len(P))
            ),
            "the sign of the gradient is turned round: it is P - Y, not Y - P": logits_with(
                gradient=lambda P, Y: (Y - P) / len(P)
            ),
            "softmax over the wrong axis: each row adds up to 1": logits_over_columns,
        },
        hints=(
            "Do it in three steps: the logarithm of the probabilities, the loss, the gradient. The "
            "logarithm of a fraction is a difference: log p_c = z_c - log(sum of exp(z_k)).",
            "Subtract each row's maximum from the row first: S = Z - Z.max(axis=1, "
            "keepdims=True). Nothing overflows then, and log P = S - log(sum of exp(S)) is exact. "
            "The gradient needs P, which is exp(log P).",
            "S = Z - Z.max(axis=1, keepdims=True); "
            "log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True)); the loss is "
            "-np.sum(Y * log_P) / len(Z), the gradient (np.exp(log_P) - Y) / len(Z).",
        ),
        difficulty=4,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="mini_batches",
        points=2,
        inputs=[batches_inputs(14, 3, 4), batches_inputs(15, 2, 5), batches_inputs(11, 4, 16)],
        reference=mini_batches,
        probe=probe_mini_batches,
        parts={
            "sizes of X and Y in each batch": 0.5,
            "every example once": 0.5,
            "targets stay with their examples": 0.5,
            "order": 0.5,
        },
        alternatives=[batches_generator, batches_of_lists, batches_split],
        mistakes={
            "the last, smaller batch is dropped: its examples are never seen": batches_drop_last,
            "the last batch was filled up with examples that come a second time": batches_filled_up,
            "an empty batch at the end, when batch_size divides the number of examples": (
                batches_empty_last
            ),
            "nothing is shuffled": batches_in_order,
            "the batches are shuffled, but each holds neighbours: shuffle the examples": (
                batches_in_random_order
            ),
            "X and Y are shuffled apart: index both with the same order": batches_shuffled_apart,
            "the examples are drawn with replacement: some come twice, some never": (
                batches_with_replacement
            ),
            "every epoch has the same order: draw from the rng that is given": batches_same_order,
            "the rng that is given is not used: a run cannot be repeated": batches_other_generator,
        },
        hints=(
            "Shuffle row numbers, not rows: one random order of 0 ... N-1, cut into pieces. Each "
            "piece picks the same rows of X and of Y.",
            "rng.permutation(N) gives the order. range(0, N, batch_size) gives the place where "
            "each piece begins; a slice that runs past the end is simply shorter.",
            "order = rng.permutation(len(X)); for each start in range(0, len(X), batch_size): "
            "rows = order[start : start + batch_size], and append (X[rows], Y[rows]).",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="sgd_step",
        points=2,
        inputs=[sgd_inputs(4, 3), sgd_inputs(5), sgd_inputs(2, 6)],
        reference=sgd_step,
        probe=probe_sgd_step,
        parts={"w without momentum": 0.5, "one step": 0.5, "w after five steps from v = 0": 1},
        alternatives=[sgd_in_place, sgd_loop, as_float32(sgd_step)],
        mistakes={
            "the step goes up the hill: the gradient is subtracted": sgd_with(
                lambda v, g, eta, mu: mu * v + eta * g
            ),
            "PyTorch's form: there v collects gradients and w - eta v is the move; in Keras's form "
            "v holds the learning rate and the sign already": sgd_with(
                lambda v, g, eta, mu: mu * v + g, lambda w, g, v, old, eta, mu: w - eta * v
            ),
            "an average, with the gradient multiplied by 1 - momentum: here it is not": sgd_with(
                lambda v, g, eta, mu: mu * v - (1 - mu) * eta * g
            ),
            "w is moved by the old velocity: compute the new one first": sgd_with(
                keras_velocity, lambda w, g, v, old, eta, mu: w + old
            ),
            "the learning rate is counted twice: it is in v already": sgd_with(
                keras_velocity, lambda w, g, v, old, eta, mu: w + eta * v
            ),
            "Nesterov's form, which looks one step ahead: here w moves by v": sgd_with(
                keras_velocity, lambda w, g, v, old, eta, mu: w + mu * v - eta * g
            ),
            "the gradient step is made beside v: v holds it already": sgd_with(
                keras_velocity, lambda w, g, v, old, eta, mu: w + v - eta * g
            ),
            "the velocity is forgotten: it takes momentum times the old one along": sgd_with(
                lambda v, g, eta, mu: -eta * g
            ),
        },
        hints=(
            "Two lines. First the new velocity, from the old one and the gradient; then the new "
            "w, from the new velocity.",
            "The velocity keeps `momentum` of itself and gains -learning_rate * g. Then w moves "
            "by exactly v. With momentum 0 that is the plain step.",
            "v = momentum * v - learning_rate * g; then w + v is the new w. Return both.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="rmsprop_step",
        points=2,
        inputs=[rmsprop_inputs(4, 3), rmsprop_inputs(5), rmsprop_inputs(2, 6)],
        reference=rmsprop_step,
        probe=probe_rmsprop_step,
        parts={
            "one step": 1,
            "w after five steps from s = 0": 0.5,
            "w after a small gradient from w = s = 0": 0.5,
        },
        alternatives=[rmsprop_in_place, rmsprop_average, as_float32(rmsprop_step)],
        mistakes={
            "epsilon is added outside the root: in Keras's RMSprop it stands inside": rmsprop_with(
                divisor=lambda s, old, epsilon: np.sqrt(s) + epsilon
            ),
            "AdaGrad: s sums up all squares and never forgets. RMSProp takes a running average": (
                rmsprop_with(lambda s, g, rho: s + g**2)
            ),
            "rho and 1 - rho changed places: rho is the share of the old s that is kept": (
                rmsprop_with(lambda s, g, rho: (1 - rho) * s + rho * g**2)
            ),
            "s does not forget: it gains (1 - rho) g**2 but is not multiplied by rho": (
                rmsprop_with(lambda s, g, rho: s + (1 - rho) * g**2)
            ),
            "divided by s itself: take the root": rmsprop_with(
                divisor=lambda s, old, epsilon: s + epsilon
            ),
            "divided by the root of the old s: compute the new one first": rmsprop_with(
                divisor=lambda s, old, epsilon: np.sqrt(old + epsilon)
            ),
            "the size of the gradient in s, not its square": rmsprop_with(
                lambda s, g, rho: rho * s + (1 - rho) * np.abs(g)
            ),
            "the step goes up the hill: subtract it": rmsprop_with(sign=1),
        },
        hints=(
            "Two lines. First the running average s of the squared gradient; then the step, "
            "divided by the root of the new s.",
            "s keeps rho of itself and gains 1 - rho of g**2. The divisor is "
            "np.sqrt(s + epsilon): epsilon is inside the root.",
            "s = rho * s + (1 - rho) * g**2; the new w is "
            "w - learning_rate * g / np.sqrt(s + epsilon).",
        ),
        difficulty=2,
        importance=3,
        minutes=8,
    ),
    Exercise(
        name="adam_step",
        points=2,
        inputs=[adam_inputs(4, 3), adam_inputs(5), adam_inputs(2, 6)],
        reference=adam_step,
        probe=probe_adam_step,
        parts={
            "w after the first step": 0.5,
            "w after five steps": 0.5,
            "m and v after five steps": 0.5,
            "w after a small gradient, step 1 from 0": 0.5,
        },
        # Wide enough for both of the paper's forms, whose epsilons differ a little in effect.
        rules={"w after a small gradient, step 1 from 0": Close(0.1)},
        alternatives=[adam_hats, adam_in_place, adam_loop, as_float32(adam_step)],
        mistakes={
            "the bias correction is missing: m and v start at 0 and so begin too small": adam_with(
                lambda m, b, t: m, lambda v, b, t: v
            ),
            "m is corrected, but v is not": adam_with(correct_v=lambda v, b, t: v),
            "v is corrected, but m is not": adam_with(lambda m, b, t: m),
            "the correction ignores t: divide by 1 - beta**t, with the number of the step": (
                adam_with(lambda m, b, t: m / (1 - b), lambda v, b, t: v / (1 - b))
            ),
            "t is counted one too far: it is 1 in the first step already": adam_with(
                lambda m, b, t: m / (1 - b ** (t + 1)), lambda v, b, t: v / (1 - b ** (t + 1))
            ),
            "the corrected averages are returned and so corrected again in the next step: return m "
            "and v as they are": adam_with(keep=True),
            "epsilon is inside the root: in Adam it stands outside": adam_with(
                divisor=lambda v, epsilon: np.sqrt(v + epsilon)
            ),
            "without epsilon, a parameter whose gradient is 0 becomes 0/0 = nan": adam_with(
                divisor=lambda v, epsilon: np.sqrt(v)
            ),
            "the gradient in v is not squared": adam_with(second=np.abs),
            "divided by v itself: take the root": adam_with(divisor=lambda v, epsilon: v + epsilon),
            "beta_1 and beta_2 changed places: beta_1 is for m": adam_with(swap=True),
            "the step goes up the hill: subtract it": adam_with(sign=1),
        },
        hints=(
            "Four lines: the average m of the gradient, the average v of its square, the learning "
            "rate with both corrections, the step. m and v are returned as the averages leave "
            "them.",
            "m keeps beta_1 of itself and gains 1 - beta_1 of g; v does the same with beta_2 and "
            "g**2. The corrected rate is learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t).",
            "With m, v and that rate, the new w is w - rate * m / (np.sqrt(v) + epsilon). Return "
            "w, m, v.",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="initial_weights",
        points=2,
        inputs=[weights_inputs, weights_inputs],
        reference=initial_weights,
        probe=probe_initial_weights,
        parts={"shapes": 0.5, "glorot_uniform": 0.5, "he_normal": 0.5, "random numbers": 0.5},
        alternatives=[weights_standard, weights_as_keras, weights_loop],
        mistakes={
            "all weights are zero: then all hidden units stay the same for ever": weights_with(
                lambda n, m: 0, lambda n, m: 0
            ),
            "the variance is given where the standard deviation belongs: take its root": (
                weights_with(deviation=lambda n, m: 2 / n)
            ),
            "Glorot's limit is its standard deviation: a uniform distribution needs root 3 times "
            "as much": weights_with(lambda n, m: (2 / (n + m)) ** 0.5),
            "Glorot's limit looks at the inputs alone: it needs inputs + units": weights_with(
                lambda n, m: (6 / n) ** 0.5
            ),
            "Glorot's weights are all positive: draw from -limit to limit": weights_with(low=0),
            "He's deviation looks at the number of units: it needs the inputs": weights_with(
                deviation=lambda n, m: (2 / m) ** 0.5
            ),
            "He's 2 is missing: ReLU lets half of the signal through, the 2 makes up for it": (
                weights_with(deviation=lambda n, m: (1 / n) ** 0.5)
            ),
            "the two methods changed places": weights_swapped,
            "transposed: W has one row for each input and one column for each unit": (
                weights_transposed
            ),
            "the rng that is given is not used: a run cannot be repeated": weights_without_rng,
            "a generator of its own, with a fixed seed: every layer would start alike": (
                weights_always_42
            ),
        },
        hints=(
            "Two methods, two lines: one draws evenly between -limit and limit, the other from a "
            "normal distribution around 0. Both draw an array of shape (n_inputs, n_units).",
            "rng.uniform(low, high, size=...) and rng.normal(mean, deviation, size=...). The "
            "second takes the standard deviation, which is the root of the variance.",
            "For Glorot, limit = np.sqrt(6 / (n_inputs + n_units)) and "
            "rng.uniform(-limit, limit, size=(n_inputs, n_units)); for He, rng.normal with "
            "deviation np.sqrt(2 / n_inputs).",
        ),
        difficulty=2,
        importance=4,
        minutes=10,
    ),
    Exercise(
        name="causes",
        points=2,
        inputs=[lambda rng: {}],
        reference=causes,
        probe=probe_causes,
        parts={"curve A": 0.5, "curve B": 0.5, "curve C": 0.5, "curve D": 0.5},
        alternatives=[
            {k: v.upper() for k, v in causes.items()},
            {k: f" {causes[k].title()} " for k in reversed(causes)},
        ],
        mistakes={
            "A is called too large: with too large a learning rate the loss would not come down. "
            "Curve A comes down, but shakes": causes_but(A="too large"),
            "A is called not shuffled: then the loss would rise and fall in regular waves, as the "
            "same classes come round. Curve A shakes without a pattern": causes_but(
                A="not shuffled"
            ),
            "B is called too small: with too small a learning rate the loss falls slowly, but it "
            "falls. Curve B does not fall at all": causes_but(B="too small"),
            "C is called zero weights: then the loss would stay where it starts. Curve C falls, "
            "slowly and evenly": causes_but(C="zero weights"),
            "C is called nothing wrong: it is smooth, but look how little it has learned when it "
            "ends": causes_but(C="nothing wrong"),
            "D is called zero weights: then nothing would move. Curve D leaps up first": causes_but(
                D="zero weights"
            ),
            "D is called batch of one: the steps of one example shake, but the loss comes down all "
            "the same. Curve D ends higher than it began": causes_but(D="batch of one"),
        },
        hints=(
            "Ask three things of each curve. Does it come down at all? Is it smooth, or does it "
            "shake? Does it ever rise above its start?",
            "ln 10 = 2.30 is the loss of a network that calls all ten digits equally likely. One "
            "curve never leaves that line; another starts there, leaps up and comes to rest near "
            "it again. The other two come down: one smoothly and slowly, one fast and shaking.",
            "A learning rate that is too large makes leaps upwards. One that is too small makes a "
            "smooth, nearly straight line. Zero weights make a flat line. Gradients of single "
            "examples make a shaking line that falls.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
]
