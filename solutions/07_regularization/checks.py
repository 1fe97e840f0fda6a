"""What each exercise of module 7 must do: inputs, right answers, and what people get wrong."""

import numpy as np

from autograde import Exercise

# nnlib.layers, regularizers and callbacks hold the answers, and nnlib.gradcheck imports them.
ALLOWED = ("numpy", "matplotlib", "nnlib.plots")

# ---------------------------------------------------------------- split


def split(X, y, n_val, n_test, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    n_train = len(X) - n_val - n_test
    parts = np.split(order, [n_train, n_train + n_val])
    return tuple((X[rows], y[rows]) for rows in parts)


def split_inputs(rng):
    rows, n_val, n_test = 90, int(rng.integers(18, 22)), int(rng.integers(24, 30))
    X = np.column_stack([rng.permutation(rows) + 10, rng.normal(size=rows).round(2)])
    y = np.sort(rng.integers(3, size=rows))  # sorted by class, as many files are
    return {"X": X, "y": y, "n_val": n_val, "n_test": n_test, "seed": int(rng.integers(1000))}


def probe_split(answer, X, y, n_val, n_test, seed):
    def parts(seed):
        result = answer(X.copy(), y.copy(), n_val, n_test, seed)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise TypeError("split must return three pairs: (X, y) for training, validation, test")
        if any(not isinstance(pair, (tuple, list)) or len(pair) != 2 for pair in result):
            raise TypeError("each of the three parts must be a pair (X, y)")
        return [(np.asarray(inputs), np.asarray(targets)) for inputs, targets in result]

    first = parts(seed)
    yield "examples in each set", [len(inputs) for inputs, _ in first]
    rows = {key: i for i, key in enumerate(X[:, 0].tolist())}
    found = [[rows.get(key, -1) for key in inputs[:, 0].tolist()] for inputs, _ in first]
    everyone = [row for rows_of_one in found for row in rows_of_one]
    train, val, test = map(set, found)
    yield (
        "where the examples are",
        {
            "training and validation share some": bool(train & val),
            "the test set shares some with the others": bool(test & (train | val)),
            "some are missing": not set(rows.values()) <= set(everyone),
        },
    )
    kept = [
        len(targets) == len(numbers) and np.array_equal(np.ravel(targets), y[numbers])
        for (_, targets), numbers in zip(first, found, strict=True)
    ]
    yield "each row has its own y", all(kept)
    again = [inputs.tolist() for inputs, _ in parts(seed)]
    other = [inputs.tolist() for inputs, _ in parts(seed + 1)]
    first = [inputs.tolist() for inputs, _ in first]
    yield (
        "the order",
        {
            "the examples are mixed": [i for i in everyone if i >= 0] != sorted(everyone),
            "the same seed gives the same sets": first == again,
            "another seed gives other sets": first != other,
        },
    )


def split_with_masks(X, y, n_val, n_test, seed):
    """Gives each example a label: 0 for training, 1 for validation, 2 for the test."""
    labels = np.zeros(len(X), dtype=int)
    labels[:n_val], labels[n_val : n_val + n_test] = 1, 2
    np.random.default_rng(seed).shuffle(labels)
    return [(X[labels == k], y[labels == k]) for k in range(3)]


def split_with_lists(X, y, n_val, n_test, seed):
    pairs = [(x.tolist(), int(t)) for x, t in zip(X, y, strict=True)]
    np.random.RandomState(seed).shuffle(pairs)
    test, val, train = pairs[:n_test], pairs[n_test : n_test + n_val], pairs[n_test + n_val :]
    return [
        [np.array([p[0] for p in part], dtype=np.float32), [p[1] for p in part]]
        for part in (train, val, test)
    ]


def split_in_order(X, y, n_val, n_test, seed):
    parts = np.split(np.arange(len(X)), [len(X) - n_val - n_test, len(X) - n_test])
    return [(X[rows], y[rows]) for rows in parts]


def split_drawn_apart(X, y, n_val, n_test, seed):
    rng = np.random.default_rng(seed)
    sizes = (len(X) - n_val - n_test, n_val, n_test)
    return [(X[r], y[r]) for r in (rng.choice(len(X), size=s, replace=False) for s in sizes)]


def split_shuffled_apart(X, y, n_val, n_test, seed):
    rng = np.random.default_rng(seed)
    return split_in_order(rng.permutation(X), rng.permutation(y), n_val, n_test, seed)


def split_keeps_all_for_training(X, y, n_val, n_test, seed):
    return [(X, y), *split(X, y, n_val, n_test, seed)[1:]]


def split_loses_the_middle(X, y, n_val, n_test, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    parts = order[: -n_val - n_test], order[:n_val], order[-n_test:]
    return [(X[rows], y[rows]) for rows in parts]


# ---------------------------------------------------------------- simplest


def simplest(parameters, train_losses, val_losses, tolerance):
    limit = min(val_losses) + tolerance
    good = [i for i, loss in enumerate(val_losses) if loss <= limit]
    return min(good, key=lambda i: parameters[i])


def simplest_wrong_answers(parameters, train_losses, val_losses, tolerance):
    """What each of the named mistakes answers."""
    parameters, val, train = map(np.array, (parameters, val_losses, train_losses))
    good = val <= val.min() + tolerance
    fits = train <= train.min() + tolerance
    return {
        "lowest": int(val.argmin()),
        "largest": int(np.argmax(np.where(good, parameters, -1))),
        "training": int(np.argmin(np.where(fits, parameters, np.inf))),
        "smallest": int(parameters.argmin()),
        "place": int(parameters[good].argmin()),
        "count": int(parameters[good].min()),
    }


def simplest_inputs(rng):
    """Eight models, on which the right answer and each mistake are different numbers."""
    while True:
        units = np.array([2, 4, 8, 16, 32, 64, 128, 256])
        val = np.array([0.52, 0.43, 0.32, 0.305, 0.3, 0.31, 0.36, 0.44])
        val += rng.uniform(0, 0.004, size=8)
        train = np.array([0.5, 0.4, 0.28, 0.2, 0.12, 0.07, 0.03, 0.004])
        order = rng.permutation(8)
        case = {
            "parameters": (units * (units + 5) + 1)[order].tolist(),
            "train_losses": (train + rng.uniform(0, 0.004, size=8))[order].round(3).tolist(),
            "val_losses": val[order].round(3).tolist(),
            "tolerance": 0.016,
        }
        limit = min(case["val_losses"]) + case["tolerance"]
        away = min(abs(loss - limit) for loss in case["val_losses"]) > 5e-4
        answers = [simplest(**case), *simplest_wrong_answers(**case).values()]
        if away and len(set(answers)) == len(answers):
            return case


def simplest_by_sorting(parameters, train_losses, val_losses, tolerance):
    by_size = sorted(range(len(parameters)), key=parameters.__getitem__)
    limit = sorted(val_losses)[0] + tolerance
    return np.int64(next(i for i in by_size if val_losses[i] <= limit))


def simplest_with_masks(parameters, train_losses, val_losses, tolerance):
    val = np.array(val_losses)
    places = np.flatnonzero(val <= val.min() + tolerance)
    return float(places[np.array(parameters)[places].argmin()])


def simplest_but(which):
    """A `simplest` that makes one of the mistakes."""
    return lambda *arguments: simplest_wrong_answers(*arguments)[which]


# ---------------------------------------------------------------- L1 and L2


def l1_l2(W, l1, l2):
    return l1 * np.abs(W).sum() + l2 * np.square(W).sum(), l1 * np.sign(W) + 2 * l2 * W


def l1_l2_inputs(rows, columns):
    def draw(rng):
        W = rng.uniform(0.1, 2.5, size=(rows, columns)).round(2)
        W *= rng.permutation(np.arange(W.size) % 2 * 2 - 1).reshape(W.shape)  # both signs
        l1, l2 = rng.uniform(0.05, 0.5, size=2).round(2)
        return {"W": W, "l1": float(l1), "l2": float(l2 + 0.5)}

    return draw


def probe_l1_l2(answer, W, l1, l2):
    result = answer(W, l1, l2)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("l1_l2 must return the penalty and its gradient: `return R, dW`")
    yield "R", result[0]
    yield "dW", result[1]


def l1_l2_loop(W, l1, l2):
    R, dW = 0.0, []
    for row in W:
        dW.append([])
        for w in row:
            R += l1 * abs(w) + l2 * w * w
            dW[-1].append((l1 if w > 0 else -l1) + 2 * l2 * w)
    return [R, dW]


def l1_l2_einsum_float32(W, l1, l2):
    W = W.astype(np.float32)
    S = np.where(W > 0, np.float32(1), np.float32(-1))
    return l1 * np.einsum("ij,ij->", W, S) + l2 * np.einsum("ij,ij->", W, W), l1 * S + 2 * l2 * W


def l1_l2_by_wiggling(W, l1, l2):
    def penalty(W):
        return l1 * np.linalg.norm(W.ravel(), 1) + l2 * np.linalg.norm(W) ** 2

    dW = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        e = np.zeros(W.shape)
        e[i] = 1e-5
        dW[i] = (penalty(W + e) - penalty(W - e)) / 2e-5
    return penalty(W), dW


def l1_l2_with(penalty=None, gradient=None):
    """An `l1_l2` with another penalty or another gradient."""

    def wrong(W, l1, l2):
        R, dW = l1_l2(W, l1, l2)
        return penalty(W, l1, l2) if penalty else R, gradient(W, l1, l2) if gradient else dW

    return wrong


# ---------------------------------------------------------------- a step with a penalty: bugs


def penalised_step(X, y, w, b, l2, learning_rate):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -np.mean(np.log(np.where(y == 1, p, 1 - p))) + l2 * np.sum(w**2)
    dw = X.T @ (p - y) / len(X) + 2 * l2 * w
    return loss, w - learning_rate * dw, b - learning_rate * np.mean(p - y)


def penalised_step_inputs(rows, features):
    def draw(rng):
        return {
            "X": rng.normal(size=(rows, features)).round(2),
            "y": rng.permutation(np.arange(rows) % 2),
            "w": rng.uniform(0.4, 1.2, size=features).round(2) * rng.choice([-1, 1], size=features),
            "b": float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.5).__round__(2)),
            "l2": round(float(rng.uniform(0.1, 0.4)), 2),
            "learning_rate": round(float(rng.uniform(0.2, 0.6)), 2),
        }

    return draw


def probe_penalised_step(answer, X, y, w, b, l2, learning_rate):
    result = answer(X, y, w, b, l2, learning_rate)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise TypeError("penalised_step must return the loss, w and b: `return loss, w, b`")
    yield "loss", result[0]
    yield "w", result[1]
    yield "b", result[2]


def penalised_step_loop(X, y, w, b, l2, learning_rate):
    loss, dw, db = 0.0, 2 * l2 * w, 0.0
    for x, t in zip(X, y, strict=True):
        z = sum(x * w) + b
        loss += np.logaddexp(0, -z if t else z) / len(X)
        error = (1 / (1 + np.exp(-z)) - t) / len(X)
        dw, db = dw + error * x, db + error
    return [loss + l2 * float(w @ w), w - learning_rate * dw, b - learning_rate * db]


def penalised_step_by_decay(X, y, w, b, l2, learning_rate):
    """Shrink, then step on the data alone."""
    loss, after, b = penalised_step(X, y, w, b, l2, learning_rate)
    data_step = after - w + learning_rate * 2 * l2 * w
    w *= 1 - 2 * learning_rate * l2
    w += data_step
    return loss, w, b


def penalised_step_float32(X, y, w, b, l2, learning_rate):
    X, w = X.astype(np.float32), w.astype(np.float32)
    return penalised_step(X, y, w, np.float32(b), np.float32(l2), np.float32(learning_rate))


def penalised_step_with(loss_bias=False, pull=2.0, bias_pull=0.0, decoupled=False, in_loss=1.0):
    """A step whose penalty counts the bias, pulls otherwise, or acts beside the learning rate."""

    def wrong(X, y, w, b, l2, learning_rate):
        loss, w_new, b_new = penalised_step(X, y, w, b, l2, learning_rate)
        loss += l2 * ((in_loss - 1) * np.sum(w**2) + loss_bias * b**2)
        rate = 1 if decoupled else learning_rate
        w_new = w_new + learning_rate * 2 * l2 * w - rate * pull * l2 * w
        return loss, w_new, b_new - learning_rate * bias_pull * l2 * b

    return wrong


# ---------------------------------------------------------------- Dropout


class Dropout:
    """The reference. Subclasses change one thing each."""

    def __init__(self, rate, seed):
        self.rate, self.seed = rate, seed
        self.rng = np.random.default_rng(seed)

    def draw(self, shape):
        return self.rng.random(shape) >= self.rate

    def factor(self):
        return 1 / (1 - self.rate)

    def forward(self, A, training):
        self.mask = self.draw(A.shape) * self.factor() if training else np.ones(A.shape)
        return A * self.mask

    def backward(self, dY):
        return dY * self.mask


def dropout_inputs(rng):
    return {
        "rate": float(rng.choice([0.2, 0.3, 0.4, 0.6, 0.7, 0.8])),
        "seed": int(rng.integers(1000)),
        "a": rng.uniform(0.5, 2, size=(3, 4)).round(2),
    }


def probe_Dropout(answer, rate, seed, a):
    rows, columns = 150, 80
    big = np.random.default_rng(seed + 1).uniform(0.5, 2, size=(rows, columns))
    dY = np.random.default_rng(seed + 2).uniform(0.5, 2, size=(rows, columns))
    layer = answer(rate, seed)

    def between(ratios):
        """The smallest and the largest, or 'none' where there are none."""
        ratios = np.asarray(ratios, dtype=float)
        return [float(ratios.min()), float(ratios.max())] if ratios.size else "none"

    Y = layer.forward(big.copy(), True)
    if not hasattr(Y, "shape") or tuple(Y.shape) != big.shape:
        raise TypeError("forward must return an array in the shape of A")
    Y = np.asarray(Y)
    off = Y == 0
    yield "training: share of zeros", round(float(off.mean()), 1)
    yield "training: what is kept is multiplied by", between((Y / big)[~off])
    second = np.asarray(layer.forward(big.copy(), True)) == 0
    yield (
        "training: the mask",
        {
            "a whole row or column is off": bool(off.all(axis=0).any() or off.all(axis=1).any()),
            "each call draws a new one": not np.array_equal(off, second),
        },
    )
    Y = np.asarray(layer.forward(big.copy(), True))
    off = Y == 0
    dA = np.asarray(layer.backward(dY.copy()))
    ratio = dA / dY
    yield (
        "backward: the factor",
        {
            "where kept, divided by that of forward": between(ratio[~off] / (Y / big)[~off]),
            "where dropped": between(ratio[off]),
        },
    )
    yield "inference: forward", layer.forward(a.copy(), False)
    yield "inference: backward", layer.backward(a.copy())


class DropoutBinomial:
    """float32, np.where, and no mask in inference."""

    def __init__(self, rate, seed):
        self.keep = 1 - rate
        self.rng = np.random.default_rng(seed)

    def forward(self, A, training):
        self.on = None
        if not training:
            return A
        self.on = self.rng.binomial(1, self.keep, size=A.shape)
        return np.where(self.on, A.astype(np.float32) / np.float32(self.keep), 0)

    def backward(self, dY):
        return dY if self.on is None else np.where(self.on, dY / self.keep, 0)


class DropoutInPlace:
    """Sets a fixed share of the entries to zero, in the array that it got."""

    def __init__(self, rate, seed):
        self.rate, self.rng = rate, np.random.RandomState(seed)

    def forward(self, A, training=True):
        self.training, self.shape = training, A.shape
        if training:
            self.dropped = self.rng.permutation(A.size)[: round(self.rate * A.size)]
            self._apply(A)
        return A

    def _apply(self, A):
        A /= 1 - self.rate
        A.flat[self.dropped] = 0

    def backward(self, dY):
        if self.training:
            self._apply(dY)
        return dY


class DropoutLoop(Dropout):
    def forward(self, A, training):
        self.mask = np.ones(A.shape)
        if training:
            for i, j in np.ndindex(A.shape):
                dropped = self.rng.random() < self.rate
                self.mask[i, j] = 0 if dropped else 1 / (1 - self.rate)
        return self.mask * A


class DropoutUnscaled(Dropout):
    def factor(self):
        return 1.0


class DropoutDividedByRate(Dropout):
    def factor(self):
        return 1 / self.rate


class DropoutMultiplied(Dropout):
    def factor(self):
        return 1 - self.rate


class DropoutKeepsRate(Dropout):
    def draw(self, shape):
        return self.rng.random(shape) < self.rate


class DropoutAlways(Dropout):
    def forward(self, A, training):
        return super().forward(A, True)


class DropoutScalesInInference(Dropout):
    def forward(self, A, training):
        Y = super().forward(A, training)
        if training:
            return Y
        self.mask = np.full(A.shape, 1 - self.rate)
        return A * self.mask


class DropoutColumns(Dropout):
    def draw(self, shape):
        on = np.arange(shape[1]) >= round(self.rate * shape[1])  # exactly this share
        return np.ones(shape) * self.rng.permutation(on)


class DropoutNoBackward(Dropout):
    def backward(self, dY):
        return dY


class DropoutUnscaledBackward(Dropout):
    def backward(self, dY):
        return dY * (self.mask > 0)


class DropoutSameMask(Dropout):
    def draw(self, shape):
        return np.random.default_rng(self.seed).random(shape) >= self.rate


class DropoutBackwardScalesTwice(Dropout):
    def forward(self, A, training):
        self.training = training
        return super().forward(A, training)

    def backward(self, dY):
        return dY * self.mask / ((1 - self.rate) if self.training else 1)


# ---------------------------------------------------------------- early stopping


def early_stopping(X, y, X_val, y_val, learning_rate, patience, max_epochs):
    return stopping()(X, y, X_val, y_val, learning_rate, patience, max_epochs)


def stopping(
    back="best",
    patience_of=lambda p: p,
    resets=True,
    watches="validation",
    factor=2.0,
    before=False,
):
    """An `early_stopping` that returns other weights, waits otherwise, or watches another loss."""

    def fit(X, y, X_val, y_val, learning_rate, patience, max_epochs):
        w = np.zeros(X.shape[1])
        best_w, best, wait, losses = w, np.inf, 0, []
        for _ in range(max_epochs):
            stepped = w - learning_rate * factor * X.T @ (X @ w - y) / len(X)
            seen = w if before else stepped
            w = stepped
            losses.append(np.mean((X_val @ seen - y_val) ** 2))
            watched = losses[-1] if watches == "validation" else np.mean((X @ seen - y) ** 2)
            if watched < best:
                best_w, best, wait = w, watched, wait * (not resets)
            else:
                wait += 1
                if wait >= patience_of(patience):
                    break
        return (best_w if back == "best" else w), losses

    return fit


def early_stopping_task(patience, max_epochs, late=False, better_later=False):
    """A training that wobbles: it gets worse once, better again, and then worse for longer.

    Instead, `late` asks for one that reaches max_epochs before its patience is at an end, and
    `better_later` for one that would have found a lower loss, and lost it again, had it not
    stopped.
    """
    forever = stopping(patience_of=lambda p: 10**9)

    def draw(rng):
        while True:
            X, X_val = rng.normal(size=(7, 5)).round(2), rng.normal(size=(9, 5)).round(2)
            w = rng.normal(size=5)
            y = (X @ w + 1.2 * rng.normal(size=7)).round(2)
            y_val = (X_val @ w + 1.2 * rng.normal(size=9)).round(2)
            steepest = 2 * np.linalg.eigvalsh(X.T @ X)[-1] / len(X)
            case = {
                "X": X,
                "y": y,
                "X_val": X_val,
                "y_val": y_val,
                "learning_rate": float(np.round(rng.uniform(1.75, 1.93) / steepest, 3)),
                "patience": patience,
                "max_epochs": max_epochs,
            }
            losses = np.array(forever(**case)[1])
            n = len(early_stopping(**case)[1])
            steps, best = np.diff(losses), int(losses[:n].argmin())
            if np.abs(steps[:n]).min() < 1e-3 or losses.max() > 50:
                continue  # two losses that rounding could exchange
            if late:
                if n == max_epochs and 3 < best < n - 1:
                    return case
                continue
            once = len(stopping(resets=False)(**case)[1])
            wobbles = best > 3 and (steps[: best - 1] > 0).any() and once < n - 1 < max_epochs - 4
            later = losses[n + 2 : -2].min(initial=np.inf) < min(losses[best], losses[-1]) - 1e-3
            if (best > 0 and later) if better_later else wobbles:
                return case

    return draw


def probe_early_stopping(answer, X, y, X_val, y_val, learning_rate, patience, max_epochs):
    result = answer(X, y, X_val, y_val, learning_rate, patience, max_epochs)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("early_stopping must return two things: `return best_w, val_losses`")
    w, losses = result
    if np.ndim(losses) != 1:
        raise TypeError("val_losses must be a list with one number for each epoch")
    losses = np.asarray(losses, dtype=float)
    yield "first three validation losses", losses[:3]
    yield "epochs trained", len(losses)
    yield "last validation loss", losses[-1]
    yield "best_w", w


def early_stopping_in_place(X, y, X_val, y_val, learning_rate, patience, max_epochs):
    """Changes w in place, and copies the best."""
    w, since = np.zeros(X.shape[1]), 0
    saved, losses = w.copy(), []
    while len(losses) < max_epochs and since < patience:
        w -= learning_rate * 2 * np.mean((X @ w - y)[:, None] * X, axis=0)
        residual = X_val @ w - y_val
        loss = residual @ residual / len(residual)
        since = 0 if loss < min(losses, default=np.inf) else since + 1
        losses.append(loss)
        if since == 0:
            saved[:] = w
    return saved, np.array(losses)


def early_stopping_keeps_all(X, y, X_val, y_val, learning_rate, patience, max_epochs):
    """Keeps the weights of every epoch, and picks at the end."""
    weights, losses = [np.zeros(X.shape[1])], []
    for epoch in range(max_epochs):
        error = np.einsum("nd,d->n", X, weights[-1]) - y
        weights.append(weights[-1] - 2 * learning_rate / len(y) * np.einsum("nd,n->d", X, error))
        losses.append(float(np.square(X_val @ weights[-1] - y_val).mean()))
        if epoch - int(np.argmin(losses)) >= patience:
            break
    return weights[1 + int(np.argmin(losses))].tolist(), losses


def early_stopping_loop(X, y, X_val, y_val, learning_rate, patience, max_epochs):
    N, D = X.shape
    w, best, count, losses = [0.0] * D, (float("inf"), None), 0, []
    for _ in range(max_epochs):
        errors = [sum(X[n, d] * w[d] for d in range(D)) - y[n] for n in range(N)]
        w = [
            w[d] - learning_rate * 2 / N * sum(errors[n] * X[n, d] for n in range(N))
            for d in range(D)
        ]
        loss = sum((sum(x * w) - t) ** 2 for x, t in zip(X_val, y_val, strict=True)) / len(y_val)
        losses.append(loss)
        count = 0 if loss < best[0] else count + 1
        best = min(best, (loss, w))
        if count == patience:
            break
    return best[1], losses


# ---------------------------------------------------------------- batch normalisation, forward


def batch_norm(X, gamma, beta, moving_mean, moving_variance, momentum, epsilon, training):
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = X.mean(axis=0), X.var(axis=0)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_variance = momentum * moving_variance + (1 - momentum) * variance
    return (
        gamma * (X - mean) / np.sqrt(variance + epsilon) + beta,
        moving_mean,
        moving_variance,
    )


def batch_norm_inputs(rows, features):
    def draw(rng):
        scale, shift = rng.uniform(0.5, 3, size=features), rng.normal(0, 3, size=features)
        return {
            "X": (shift + scale * rng.normal(size=(rows, features))).round(2),
            "gamma": rng.uniform(0.5, 2, size=features).round(2),
            "beta": rng.uniform(0.5, 2, size=features).round(2),
            "moving_mean": rng.uniform(-1, 1, size=features).round(2),
            "moving_variance": rng.uniform(0.5, 2, size=features).round(2),
            "momentum": float(rng.choice([0.6, 0.7, 0.8, 0.9])),
            "epsilon": float(rng.choice([0.1, 0.2, 0.3])),
        }

    return draw


def probe_batch_norm(answer, X, gamma, beta, moving_mean, moving_variance, momentum, epsilon):
    for mode in ("training", "inference"):
        arrays = (p.copy() for p in (X, gamma, beta, moving_mean, moving_variance))
        result = answer(*arrays, momentum, epsilon, mode == "training")
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise TypeError("batch_norm must return three arrays: Y, moving_mean, moving_variance")
        Y, mean, variance = result
        yield f"{mode}: Y", Y
        for name, value in (("moving_mean", mean), ("moving_variance", variance)):
            if np.ndim(value) == 2 and len(value) == 1:
                value = value[0]  # a row does as well as a vector
            yield f"{mode}: {name}", value


def batch_norm_loop(X, gamma, beta, moving_mean, moving_variance, momentum, epsilon, training):
    Y, means, variances = np.empty(X.shape), [], []
    for j in range(X.shape[1]):
        column = X[:, j]
        mean, variance = moving_mean[j], moving_variance[j]
        means.append(mean)
        variances.append(variance)
        if training:
            mean = sum(column) / len(column)
            variance = sum((v - mean) ** 2 for v in column) / len(column)
            means[j] += (1 - momentum) * (mean - means[j])
            variances[j] += (1 - momentum) * (variance - variances[j])
        for n, v in enumerate(column):
            Y[n, j] = gamma[j] * (v - mean) / (variance + epsilon) ** 0.5 + beta[j]
    return [Y, means, variances]


def batch_norm_in_place(X, gamma, beta, moving_mean, moving_variance, momentum, epsilon, training):
    mean, variance = moving_mean, moving_variance
    if training:
        mean = X.mean(axis=0, keepdims=True)
        variance = np.mean(X**2, axis=0, keepdims=True) - mean**2
        moving_mean *= momentum
        moving_mean += (1 - momentum) * mean[0]
        moving_variance *= momentum
        moving_variance += (1 - momentum) * variance[0]
    scale = gamma / np.sqrt(variance + epsilon)
    X *= scale
    X += beta - mean * scale
    return X, moving_mean.reshape(1, -1), moving_variance.reshape(1, -1)


def batch_norm_float32(*arguments):
    arrays = [np.asarray(p, dtype=np.float32) for p in arguments[:7]]
    return batch_norm(*arrays, arguments[7])


def batch_norm_with(
    axis=0,
    ddof=0,
    deviation=lambda v, e: np.sqrt(v + e),
    scale=True,
    shift=True,
    batch_in_inference=False,
    averages_in_training=False,
    moves=(True, False),
    kept=lambda rho: rho,
    averaged=lambda v: v,
):
    """A `batch_norm` that does one thing otherwise. `moves`: in training, in inference."""

    def wrong(X, gamma, beta, moving_mean, moving_variance, momentum, epsilon, training):
        mean = X.mean(axis=axis, keepdims=True)
        variance = X.var(axis=axis, keepdims=True, ddof=ddof)
        if axis == 0:
            mean, variance = mean[0], variance[0]
        use_batch = not averages_in_training if training else batch_in_inference
        m, v = (mean, variance) if use_batch else (moving_mean, moving_variance)
        Y = (X - m) / deviation(v, epsilon) * (gamma if scale else 1) + (beta if shift else 0)
        if moves[0] if training else moves[1]:
            rho = kept(momentum)
            moving_mean = rho * moving_mean + (1 - rho) * mean
            moving_variance = rho * moving_variance + (1 - rho) * averaged(variance)
        return Y, moving_mean, moving_variance

    return wrong


# ---------------------------------------------------------------- batch normalisation, backward


def batch_norm_backward(dY, X, gamma, epsilon):
    s = np.sqrt(X.var(axis=0) + epsilon)
    X_hat = (X - X.mean(axis=0)) / s
    dX_hat = dY * gamma
    dX = (dX_hat - dX_hat.mean(axis=0) - X_hat * (dX_hat * X_hat).mean(axis=0)) / s
    return dX, (dY * X_hat).sum(axis=0), dY.sum(axis=0)


def batch_norm_backward_inputs(rows, features):
    def draw(rng):
        scale, shift = rng.uniform(0.7, 3, size=features), rng.normal(0, 3, size=features)
        return {
            "dY": rng.normal(size=(rows, features)).round(2),
            "X": (shift + scale * rng.normal(size=(rows, features))).round(2),
            "gamma": rng.uniform(0.5, 2, size=features).round(2) + 0.5,
            "epsilon": float(rng.choice([0.1, 0.2, 0.3])),
        }

    return draw


def probe_batch_norm_backward(answer, dY, X, gamma, epsilon):
    result = answer(dY, X, gamma, epsilon)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise TypeError("batch_norm_backward must return three arrays: `return dX, dgamma, dbeta`")
    yield "dX", result[0]
    for name, value in zip(("dgamma", "dbeta"), result[1:], strict=True):
        if np.ndim(value) == 2 and len(value) == 1:
            value = value[0]  # a row does as well as a vector
        yield name, value


def batch_norm_backward_as_in_the_paper(dY, X, gamma, epsilon):
    """Ioffe and Szegedy (2015), section 3: through the variance, then through the mean."""
    N = len(X)
    mean, variance = X.mean(axis=0), X.var(axis=0)
    dX_hat = dY * gamma
    dvariance = np.sum(dX_hat * (X - mean) * -0.5 * (variance + epsilon) ** -1.5, axis=0)
    dmean = -np.sum(dX_hat, axis=0) / np.sqrt(variance + epsilon)
    dX = dX_hat / np.sqrt(variance + epsilon) + dvariance * 2 * (X - mean) / N + dmean / N
    X_hat = (X - mean) / np.sqrt(variance + epsilon)
    return dX, np.einsum("nd,nd->d", dY, X_hat), np.einsum("nd->d", dY)[None]


def batch_norm_backward_jacobian(dY, X, gamma, epsilon):
    N, D = X.shape
    dX, dgamma = np.zeros((N, D)), []
    for j in range(D):
        s = np.sqrt(np.mean((X[:, j] - X[:, j].mean()) ** 2) + epsilon)
        x_hat = (X[:, j] - X[:, j].mean()) / s
        J = (np.eye(N) - 1 / N - np.outer(x_hat, x_hat) / N) / s
        dX[:, j] = gamma[j] * dY[:, j] @ J
        dgamma.append(dY[:, j] @ x_hat)
    return [dX.tolist(), dgamma, dY.sum(0)]


def batch_norm_backward_by_wiggling(dY, X, gamma, epsilon):
    def loss(X, gamma, beta):
        return np.sum(dY * (gamma * (X - X.mean(0)) / np.sqrt(X.var(0) + epsilon) + beta))

    at = [X, gamma, np.zeros_like(gamma)]
    gradients = []
    for k, array in enumerate(at):
        gradient = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            e = np.zeros(array.shape)
            e[i] = 1e-5
            up, down = list(at), list(at)
            up[k], down[k] = array + e, array - e
            gradient[i] = (loss(*up) - loss(*down)) / 2e-5
        gradients.append(gradient)
    return gradients


def batch_norm_backward_with(
    mean=1,
    variance=1,
    scaled=True,
    deviation=lambda v, e: np.sqrt(v + e),
    gamma_reads=None,
    collect=lambda a: a.sum(axis=0),
):
    """A backward that leaves out a path, or collects otherwise."""

    def wrong(dY, X, gamma, epsilon):
        s = deviation(X.var(axis=0), epsilon)
        X_hat = (X - X.mean(axis=0)) / s
        dX_hat = dY * gamma if scaled else dY
        through_mean = mean * dX_hat.mean(axis=0)
        through_variance = variance * X_hat * (dX_hat * X_hat).mean(axis=0)
        dX = (dX_hat - through_mean - through_variance) / s
        read = X_hat if gamma_reads is None else gamma_reads(X)
        return dX, collect(dY * read), collect(dY)

    return wrong


# ---------------------------------------------------------------- the noise of a mini-batch


def batch_noise(G, batches):
    full = G.mean(axis=0)
    means = G[batches].mean(axis=1)
    measured = np.sqrt(np.mean(np.sum((means - full) ** 2, axis=1)))
    variance = np.mean(np.sum((G - full) ** 2, axis=1))
    return measured, np.sqrt(variance / batches.shape[1])


def batch_noise_inputs(rows, parameters, count, size):
    def draw(rng):
        G = (rng.normal(1, 0.5, size=parameters) + rng.normal(size=(rows, parameters))).round(2)
        return {"G": G, "batches": rng.integers(rows, size=(count, size))}

    return draw


def probe_batch_noise(answer, G, batches):
    result = answer(G, batches)
    if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
        raise TypeError("batch_noise must return two numbers: `return measured, predicted`")
    yield "measured", result[0]
    yield "predicted", result[1]


def batch_noise_loop(G, batches):
    G = G.tolist()
    N, P = len(G), len(G[0])
    full = [sum(g[p] for g in G) / N for p in range(P)]
    total = 0.0
    for batch in batches.tolist():
        mean = [sum(G[n][p] for n in batch) / len(batch) for p in range(P)]
        total += sum((a - b) ** 2 for a, b in zip(mean, full, strict=True))
    variance = sum((g[p] - full[p]) ** 2 for g in G for p in range(P)) / N
    return [(total / len(batches)) ** 0.5, (variance / len(batches[0])) ** 0.5]


def batch_noise_norms(G, batches):
    away = G - G.mean(0)
    rows = np.linalg.norm([away[batch].mean(0) for batch in batches], axis=1)
    return np.sqrt(np.mean(rows**2)), np.sqrt(G.var(axis=0).sum() / batches.shape[-1])


def batch_noise_float32(G, batches):
    G = G.astype(np.float32)
    means = np.add.reduce(G[batches], axis=1) / np.float32(batches.shape[1])
    measured = np.sqrt(np.einsum("kp,kp->", means - G.mean(0), means - G.mean(0)) / len(batches))
    return np.array([measured, np.sqrt(G.var(0).sum() / batches.shape[1])])


def batch_noise_with(measure=None, predict=None):
    """A `batch_noise` with another first or second number, of (means, full) or (G, batches)."""

    def wrong(G, batches):
        measured, predicted = batch_noise(G, batches)
        if measure:
            measured = measure(G, batches)
        return measured, predict(G, batches) if predict else predicted

    return wrong


def distances(G, batches):
    """The squared distance of each batch's gradient from the full one."""
    return np.sum((G[batches].mean(axis=1) - G.mean(axis=0)) ** 2, axis=1)


def total_variance(G):
    return G.var(axis=0).sum()


# ---------------------------------------------------------------- four learning curves

diagnoses = {"A": "stopped too soon", "B": "overfits", "C": "dropout", "D": "underfits"}


def probe_diagnoses(answer):
    import hashlib

    names = ("overfits", "underfits", "stopped too soon", "diverges", "dropout", "nothing")
    # Digests of the right answers: a check that printed them would leave nothing to think about.
    right = {"de80172f71cb", "968f53b8e30a", "7b7c04e36e45", "a2948da99af8"}
    if not isinstance(answer, dict) or not set("ABCD") <= set(answer):
        raise TypeError('diagnoses must be a dict with the keys "A", "B", "C" and "D"')
    given = {network: " ".join(str(answer[network]).lower().split()) for network in "ABCD"}
    for network in "ABCD":
        if answer[network] is not None and given[network] not in names:
            raise ValueError(f"{answer[network]!r} is not one of the six: {', '.join(names)}")
    if all(answer[network] is None for network in "ABCD"):
        raise NotImplementedError
    for network in "ABCD":
        text = f"module 7, network {network}: {given[network]}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        yield f"network {network}", "right" if digest in right else given[network]


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="split",
        points=2,
        inputs=split_inputs,
        reference=split,
        probe=probe_split,
        parts={
            "examples in each set": 0.5,
            "where the examples are": 0.5,
            "each row has its own y": 0.5,
            "the order": 0.5,
        },
        alternatives=[split_with_masks, split_with_lists],
        mistakes={
            "not shuffled: data that are sorted by class give sets of one class each": (
                split_in_order
            ),
            "the three sets were drawn one by one, so that they overlap: draw one order and cut it "
            "in three": split_drawn_apart,
            "X and y were shuffled apart: index both with the same order": split_shuffled_apart,
            "validation and test changed places": lambda X, y, n_val, n_test, seed: split(
                X, y, n_test, n_val, seed
            ),
            "all examples are still in the training set: those for validation and test must leave "
            "it": split_keeps_all_for_training,
            "the validation set is cut from the training rows, and the rows between are lost": (
                split_loses_the_middle
            ),
            "the seed is written into the function: another seed must give other sets": (
                lambda X, y, n_val, n_test, seed: split(X, y, n_val, n_test, 42)
            ),
            "the seed is not used: the same seed must give the same sets": (
                lambda X, y, n_val, n_test, seed: split(X, y, n_val, n_test, None)
            ),
        },
        hints=(
            "Draw one random order of all row numbers, and cut it in three. Then no number can be "
            "in two parts.",
            "order = np.random.default_rng(seed).permutation(len(X)). The first "
            "len(X) - n_val - n_test numbers are for training; n_val for validation come next.",
            "n_train = len(X) - n_val - n_test; train, val, test = np.split(order, [n_train, "
            "n_train + n_val]); and return (X[train], y[train]), (X[val], y[val]), (X[test], "
            "y[test]).",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="simplest",
        points=1,
        inputs=simplest_inputs,
        reference=simplest,
        alternatives=[simplest_by_sorting, simplest_with_masks],
        mistakes={
            "the model with the lowest validation loss: a smaller one is just as good": (
                simplest_but("lowest")
            ),
            "judged by the training loss: that one only gets better with size": (
                simplest_but("training")
            ),
            "the smallest of all: it must be good enough, too": simplest_but("smallest"),
            "the largest of the good ones: the smallest was asked for": simplest_but("largest"),
            "the place in the short list of good models: the place in the whole list was asked "
            "for": simplest_but("place"),
            "the number of parameters: its place in the list was asked for": simplest_but("count"),
        },
        hints=(
            "Two steps. First: which models are good enough? Only the validation losses say that. "
            "Second: which of these has the fewest parameters?",
            "good = val_losses <= val_losses.min() + tolerance, with val_losses as an array, is an "
            "array of True and False. The others must not win the second step.",
            "np.argmin(np.where(good, parameters, np.inf)) gives those that are not good enough an "
            "infinite size.",
        ),
        difficulty=2,
        importance=3,
        minutes=8,
    ),
    Exercise(
        name="l1_l2",
        points=2,
        inputs=[l1_l2_inputs(3, 2), l1_l2_inputs(2, 4), l1_l2_inputs(4, 3)],
        reference=l1_l2,
        probe=probe_l1_l2,
        parts={"R": 1, "dW": 1},
        alternatives=[l1_l2_loop, l1_l2_einsum_float32, l1_l2_by_wiggling],
        mistakes={
            "the 2 is missing in the gradient of L2: the derivative of w**2 is 2 * w": (
                l1_l2_with(gradient=lambda W, l1, l2: l1 * np.sign(W) + l2 * W)
            ),
            "the penalty of L2 is halved: that is right in other texts, but Keras has no half": (
                l1_l2_with(lambda W, l1, l2: l1 * np.abs(W).sum() + l2 * np.sum(W**2) / 2)
            ),
            "the mean over the weights: the penalty is a sum": (
                l1_l2_with(lambda W, l1, l2: l1 * np.abs(W).mean() + l2 * np.mean(W**2))
            ),
            "L1 without absolute values: positive and negative weights cancel": (
                l1_l2_with(lambda W, l1, l2: l1 * W.sum() + l2 * np.sum(W**2))
            ),
            "the gradient of L1 has the size of w in it: the slope of |w| is only its sign": (
                l1_l2_with(gradient=lambda W, l1, l2: l1 * W + 2 * l2 * W)
            ),
            "the gradient of L1 is positive everywhere: for a negative w, |w| falls as w grows": (
                l1_l2_with(gradient=lambda W, l1, l2: l1 + 2 * l2 * W)
            ),
            "a root was taken: the penalty of L2 is the sum of squares itself": (
                l1_l2_with(lambda W, l1, l2: l1 * np.abs(W).sum() + l2 * np.sqrt(np.sum(W**2)))
            ),
            "l1 and l2 changed places": lambda W, l1, l2: l1_l2(W, l2, l1),
        },
        hints=(
            "Each weight adds l1 * |w| + l2 * w**2 to the penalty. Sum over all entries. The "
            "gradient at one weight is the derivative of just this.",
            "The derivative of |w| is 1 for positive w and -1 for negative w: np.sign. The "
            "derivative of w**2 is 2 * w.",
            "R = l1 * np.sum(np.abs(W)) + l2 * np.sum(W**2); dW = l1 * np.sign(W) + 2 * l2 * W.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="penalised_step",
        points=2,
        inputs=[penalised_step_inputs(6, 3), penalised_step_inputs(5, 2)],
        reference=penalised_step,
        probe=probe_penalised_step,
        parts={"loss": 0.5, "w": 1, "b": 0.5},
        alternatives=[penalised_step_loop, penalised_step_by_decay, penalised_step_float32],
        mistakes={
            # The untouched start shows the first three: they say where, and leave the why.
            "the loss is too large: look at what its penalty adds up": (
                penalised_step_with(loss_bias=True)
            ),
            "b is off: look at the line that makes its gradient": (
                penalised_step_with(bias_pull=2.0)
            ),
            "w shrinks too little: wiggle it in the penalty, and compare with the line of dw": (
                penalised_step_with(pull=1.0)
            ),
            "w is not penalised any more: its gradient has lost the penalty's": (
                penalised_step_with(pull=0.0)
            ),
            "the penalty pushes w outwards: its gradient is added, not subtracted": (
                penalised_step_with(pull=-2.0)
            ),
            "the loss has no penalty any more: that of the weights belongs there": (
                penalised_step_with(in_loss=0.0)
            ),
            "the loss has half the penalty: change the gradient to fit the loss, not the loss": (
                penalised_step_with(in_loss=0.5)
            ),
            "the penalty's pull does not pass through the learning rate": (
                penalised_step_with(decoupled=True)
            ),
            "the pull on w is doubled once too often": penalised_step_with(pull=4.0),
        },
        hints=(
            "Where is the first wrong number? Set l2 to 0: all is right. So it is the penalty. Now "
            "read the formula: which parameters does its last sum run over?",
            "Which line made it? The lines of loss and of db have b in the penalty, the formula "
            "has not. In the line of dw, compare l2 * w with the derivative of l2 * w**2.",
            "Why? Biases are not penalised: loss = data_loss + l2 * np.sum(w**2), and db = "
            "dz.sum(). And the derivative of w**2 is 2 * w: dw = X.T @ dz + 2 * l2 * w.",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="Dropout",
        points=3,
        inputs=[dropout_inputs, dropout_inputs],
        reference=Dropout,
        probe=probe_Dropout,
        parts={
            "training: share of zeros": 0.5,
            "training: what is kept is multiplied by": 0.5,
            "training: the mask": 0.5,
            "backward: the factor": 0.5,
            "inference: forward": 0.5,
            "inference: backward": 0.5,
        },
        alternatives=[DropoutBinomial, DropoutInPlace, DropoutLoop],
        mistakes={
            "what is kept is not scaled: divide it by 1 - rate": DropoutUnscaled,
            "divided by the rate: divide by 1 - rate, the share that is kept": DropoutDividedByRate,
            "multiplied by 1 - rate: divide by it": DropoutMultiplied,
            "the rate is the share to drop, and here it is the share that is kept": (
                DropoutKeepsRate
            ),
            "dropout is active in inference: there Y is A": DropoutAlways,
            "multiplied by 1 - rate in inference: inverted dropout has scaled in training, and "
            "leaves inference alone": DropoutScalesInInference,
            "whole columns are switched off, the same units for every example: draw one number for "
            "each entry of A": DropoutColumns,
            "the same mask in each call: draw from self.rng, and do not make a new generator": (
                DropoutSameMask
            ),
            "backward passes everything: what was off in forward gets no gradient": (
                DropoutNoBackward
            ),
            "backward is not scaled: the factor 1 / (1 - rate) belongs there as well": (
                DropoutUnscaledBackward
            ),
            "backward scales twice: the mask has the factor in it already": (
                DropoutBackwardScalesTwice
            ),
        },
        hints=(
            "Make the factor of each entry first: 0 with probability rate, else 1 / (1 - rate). "
            "Keep it in self.mask. In inference the factor is 1 everywhere.",
            "self.rng.random(A.shape) gives a number from 0 to 1 for each entry; it is at least "
            "rate with probability 1 - rate. forward multiplies A by the mask, backward dY.",
            "In training: self.mask = (self.rng.random(A.shape) >= self.rate) / (1 - self.rate); "
            "else: self.mask = np.ones(A.shape). forward returns A * self.mask, backward "
            "dY * self.mask.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="early_stopping",
        points=3,
        inputs=[
            early_stopping_task(3, 40),
            early_stopping_task(2, 40, better_later=True),
            early_stopping_task(8, 12, late=True),
        ],
        reference=early_stopping,
        probe=probe_early_stopping,
        parts={
            "first three validation losses": 1,
            "epochs trained": 1,
            "best_w": 1,
        },
        alternatives=[early_stopping_in_place, early_stopping_keeps_all, early_stopping_loop],
        mistakes={
            "the last weights, not the best ones. If you did keep the best: w changes in place, "
            "and without .copy() the kept one changes with it": stopping(back="last"),
            "stopped at the first epoch that was worse: wait for `patience` of them in a row": (
                stopping(patience_of=lambda p: 1)
            ),
            "stopped one epoch late: stop when the count reaches patience": (
                stopping(patience_of=lambda p: p + 1)
            ),
            "stopped one epoch early: the count starts at 0 and must reach patience": (
                stopping(patience_of=lambda p: p - 1)
            ),
            "the count is not set back to 0 after an improvement: they must be in a row": (
                stopping(resets=False)
            ),
            "it watches the training loss: that one goes on falling": stopping(watches="training"),
            "it never stops: all max_epochs were trained": stopping(patience_of=lambda p: 10**9),
            "the 2 in the gradient is missing: the derivative of a square": stopping(factor=1.0),
            "the validation loss was taken before the step: take it with the new w": (
                stopping(before=True)
            ),
        },
        hints=(
            "You need four things beside w: the best loss so far, its weights, a count of epochs "
            "without improvement, and the list of losses. Write one epoch first, then the loop.",
            "After each step, append the validation loss. If it is below the best: new best loss, "
            "best_w = w.copy(), count = 0. If not: count + 1, and break when it equals patience.",
            "In the loop: w = w - learning_rate * 2 / len(X) * X.T @ (X @ w - y); loss = "
            "np.mean((X_val @ w - y_val) ** 2); val_losses.append(loss); then the if of hint 2. "
            "After it: return best_w, val_losses.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="batch_norm",
        points=2,
        inputs=[batch_norm_inputs(6, 3), batch_norm_inputs(5, 2), batch_norm_inputs(4, 4)],
        reference=batch_norm,
        probe=probe_batch_norm,
        parts={
            "training: Y": 0.5,
            "training: moving_mean": 0.25,
            "training: moving_variance": 0.25,
            "inference: Y": 0.5,
            "inference: moving_mean": 0.25,
            "inference: moving_variance": 0.25,
        },
        alternatives=[batch_norm_loop, batch_norm_in_place, batch_norm_float32],
        mistakes={
            "normalised over the wrong axis: each column, not each row, gets mean 0": (
                batch_norm_with(axis=1)
            ),
            "one mean and one variance for all of X: each column has its own": (
                batch_norm_with(axis=(0, 1))
            ),
            "epsilon stands outside the root: it belongs under it": (
                batch_norm_with(deviation=lambda v, e: np.sqrt(v) + e)
            ),
            "divided by the variance: divide by its root": (
                batch_norm_with(deviation=lambda v, e: v + e)
            ),
            "the variance was divided by N - 1: here it is the mean of the squares": (
                batch_norm_with(ddof=1)
            ),
            "the batch's mean and variance in inference: the moving averages belong there": (
                batch_norm_with(batch_in_inference=True)
            ),
            "the moving averages in training: the batch's own mean and variance belong there": (
                batch_norm_with(averages_in_training=True)
            ),
            "the moving averages move in inference: only training may change them": (
                batch_norm_with(moves=(True, True))
            ),
            "the moving averages never move": batch_norm_with(moves=(False, False)),
            "momentum and 1 - momentum changed places: momentum is the share of the old value": (
                batch_norm_with(kept=lambda rho: 1 - rho)
            ),
            "the moving average of the standard deviation: it is the variance that is averaged": (
                batch_norm_with(averaged=np.sqrt)
            ),
            "gamma is missing": batch_norm_with(scale=False),
            "beta is missing": batch_norm_with(shift=False),
        },
        hints=(
            "First decide which mean and which variance to use: those of the batch in training, "
            "the moving averages in inference. The line for Y is then the same for both.",
            "X.mean(axis=0) and X.var(axis=0) give one number for each column. In training, "
            "new average = momentum * old average + (1 - momentum) * that of the batch.",
            "Y = gamma * (X - mean) / np.sqrt(variance + epsilon) + beta; in training mean, "
            "variance = X.mean(axis=0), X.var(axis=0), else mean, variance = moving_mean, "
            "moving_variance.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="batch_norm_backward",
        points=2,
        inputs=[batch_norm_backward_inputs(5, 3), batch_norm_backward_inputs(6, 2)],
        reference=batch_norm_backward,
        probe=probe_batch_norm_backward,
        parts={"dX": 1, "dgamma": 0.5, "dbeta": 0.5},
        alternatives=[
            batch_norm_backward_as_in_the_paper,
            batch_norm_backward_jacobian,
            batch_norm_backward_by_wiggling,
        ],
        mistakes={
            "mean and variance were taken for constants: both depend on every x of the column": (
                batch_norm_backward_with(mean=0, variance=0)
            ),
            "the way through the variance is missing: it takes away the part along X_hat": (
                batch_norm_backward_with(variance=0)
            ),
            "the way through the mean is missing: take the mean of dX_hat away": (
                batch_norm_backward_with(mean=0)
            ),
            "gamma is missing in dX: dX_hat is dY * gamma": batch_norm_backward_with(scaled=False),
            "dgamma reads X: it is X_hat that gamma was multiplied with": (
                batch_norm_backward_with(gamma_reads=lambda X: X)
            ),
            "dgamma is the sum of dY alone: multiply by X_hat first": (
                batch_norm_backward_with(gamma_reads=lambda X: 1)
            ),
            "dgamma and dbeta are means: they are sums over the examples": (
                batch_norm_backward_with(collect=lambda a: a.mean(axis=0))
            ),
            "dgamma and dbeta have one number for each example: one for each feature is wanted": (
                batch_norm_backward_with(collect=lambda a: a.sum(axis=1))
            ),
            "epsilon stands outside the root: it belongs under it": (
                batch_norm_backward_with(deviation=lambda v, e: np.sqrt(v) + e)
            ),
            "the last division by s is missing": lambda dY, X, gamma, epsilon: (
                batch_norm_backward(dY, X, gamma, epsilon)[0] * np.sqrt(X.var(axis=0) + epsilon),
                *batch_norm_backward(dY, X, gamma, epsilon)[1:],
            ),
        },
        hints=(
            "Compute s and X_hat again, as in forward. dgamma and dbeta are sums over the "
            "examples, axis=0. Then follow the formula of dX term by term.",
            "dX_hat = dY * gamma. The two means of the formula are dX_hat.mean(axis=0) and "
            "(dX_hat * X_hat).mean(axis=0), one number for each column.",
            "dX = (dX_hat - dX_hat.mean(axis=0) - X_hat * (dX_hat * X_hat).mean(axis=0)) / s; "
            "dgamma = (dY * X_hat).sum(axis=0); dbeta = dY.sum(axis=0).",
        ),
        difficulty=4,
        importance=4,
        minutes=18,
    ),
    Exercise(
        name="batch_noise",
        points=1,
        inputs=[batch_noise_inputs(12, 3, 7, 4), batch_noise_inputs(9, 2, 8, 5)],
        reference=batch_noise,
        probe=probe_batch_noise,
        parts={"measured": 0.5, "predicted": 0.5},
        alternatives=[batch_noise_loop, batch_noise_norms, batch_noise_float32],
        mistakes={
            "the batch's gradients were added up: take their mean": batch_noise_with(
                lambda G, b: np.sqrt(
                    np.mean(np.sum((G[b].sum(axis=1) - G.mean(axis=0)) ** 2, axis=1))
                )
            ),
            "the mean of the distances: square them, take the mean, then the root": (
                batch_noise_with(lambda G, b: np.mean(np.sqrt(distances(G, b))))
            ),
            "the root is missing in what you measured": (
                batch_noise_with(lambda G, b: np.mean(distances(G, b)))
            ),
            "the length of the batch's gradient: take the full gradient away first": (
                batch_noise_with(
                    lambda G, b: np.sqrt(np.mean(np.sum(G[b].mean(axis=1) ** 2, axis=1)))
                )
            ),
            "the mean over the entries of a distance: the squared length is their sum": (
                batch_noise_with(lambda G, b: np.sqrt(np.mean(distances(G, b)) / G.shape[1]))
            ),
            "divided by B, not by its root: the root goes over the whole fraction": (
                batch_noise_with(predict=lambda G, b: np.sqrt(total_variance(G)) / b.shape[1])
            ),
            "the root is missing in what you predicted": (
                batch_noise_with(predict=lambda G, b: total_variance(G) / b.shape[1])
            ),
            "divided by K, the number of batches: B is how many examples one batch has": (
                batch_noise_with(predict=lambda G, b: np.sqrt(total_variance(G) / len(b)))
            ),
            "the variance of one entry: add up the variances of all columns": (
                batch_noise_with(
                    predict=lambda G, b: np.sqrt(total_variance(G) / G.shape[1] / b.shape[1])
                )
            ),
        },
        hints=(
            "G[batches] has shape (K, B, P): for each batch, the gradients of its examples. The "
            "mean over axis 1 is the gradient of each batch.",
            "A squared distance is np.sum((...) ** 2, axis=1), one number for each row. Measured: "
            "root of their mean over the batches. The variance: the same over the single examples.",
            "full = G.mean(axis=0); measured = np.sqrt(np.mean(np.sum((G[batches].mean(axis=1) - "
            "full) ** 2, axis=1))); predicted = np.sqrt(np.mean(np.sum((G - full) ** 2, axis=1)) / "
            "batches.shape[1]).",
        ),
        difficulty=3,
        importance=3,
        minutes=12,
    ),
    Exercise(
        name="diagnoses",
        points=2,
        inputs=[lambda rng: {}],
        reference=diagnoses,
        probe=probe_diagnoses,
        parts={f"network {network}": 0.5 for network in "ABCD"},
        alternatives=[
            {network: name.upper() for network, name in reversed(diagnoses.items())},
            {network: f" {name.capitalize()} " for network, name in diagnoses.items()},
        ],
        mistakes={
            "A: underfitting shows in curves that are flat, and these still fall": (
                diagnoses | {"A": "underfits"}
            ),
            "A: a learning rate that is too large makes the loss jump or stay, and this one falls "
            "evenly": diagnoses | {"A": "diverges"},
            "A: a good network gets much further on this task": diagnoses | {"A": "nothing"},
            "B: longer training is what made its validation loss rise": (
                diagnoses | {"B": "stopped too soon"}
            ),
            "B: its training loss is nearly 0. It is anything but too simple": (
                diagnoses | {"B": "underfits"}
            ),
            "B: the training loss falls smoothly, so the steps are not too large": (
                diagnoses | {"B": "diverges"}
            ),
            "C: a network that overfits is better on its training data than on new data, and here "
            "it is the other way round": diagnoses | {"C": "overfits"},
            "C: validation is as good as it gets on this task, so the model is not too simple": (
                diagnoses | {"C": "underfits"}
            ),
            "C: nothing is wrong, true, but why is its training loss above its validation loss?": (
                diagnoses | {"C": "nothing"}
            ),
            "D: both losses have been flat for most of the time: longer training would not help": (
                diagnoses | {"D": "stopped too soon"}
            ),
            "D: there is no gap between its two losses": diagnoses | {"D": "overfits"},
            "D: a good network gets clearly further on this task": diagnoses | {"D": "nothing"},
        },
        hints=(
            "Three questions for each network. Is the training loss low, compared with the dotted "
            "line? Is there a gap to validation, and on which side? Is anything still moving at "
            "the end?",
            "High and flat on both: too simple. Low in training, rising in validation: by heart. "
            "Both still falling: not finished. Training above validation: two different modes.",
            "Find the curve that turns upwards, the two that lie on top of one another (one pair "
            "falls to the end, one is flat), and the pair in which the solid line is the upper "
            "one.",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
]
