"""What each exercise of module 1 must do: inputs, right answers, and what people get wrong."""

import math

import numpy as np

from autograde import AtLeast, Exercise
from nnlib.datasets import gates

ALLOWED = ("numpy", "matplotlib", "nnlib.datasets", "nnlib.plots")


def step(z):
    return np.where(np.asarray(z) >= 0, 1, 0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---------------------------------------------------------------- neuron


def neuron(X, w, b):
    z = X @ w + b
    return z, step(z)


def batch(rows, features):
    """Examples whose pre-activations lie on both sides of 0, and not near it."""

    def draw(rng):
        while True:
            X = rng.normal(size=(rows, features)).round(2)
            w = rng.normal(0, 2, size=features).round(2)
            b = round(float(rng.choice([-1, 1]) * rng.uniform(0.5, 2)), 2)
            z = X @ w + b
            if abs(z).min() > 0.05 and z.min() < 0 < z.max():
                return {"X": X, "w": w, "b": b}

    return draw


def edge(rng):
    """Whole numbers, for which z is exactly 0 in some rows."""
    w = rng.integers(2, 5, size=2).astype(float)
    X = rng.permutation(np.array([[0, 0], [1, 0], [0, 1], [1, 1], [2, 1.0]]))
    return {"X": X, "w": w, "b": -float(w.sum())}  # z = 0 for the row [1, 1]


def probe_neuron(answer, X, w, b):
    result = answer(X, w, b)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("neuron must return two arrays: `return z, y_hat`")
    yield "z", result[0]
    yield "y_hat", result[1]


def neuron_loop(X, w, b):
    z = [sum(x_d * w_d for x_d, w_d in zip(x, w, strict=True)) + b for x in X]
    return z, [int(z_n >= 0) for z_n in z]


def neuron_einsum(X, w, b):
    z = np.einsum("nd,d->n", X, w) + b
    return [z, z >= 0]


def neuron_float32(X, w, b):
    z = (X.astype(np.float32) * w.astype(np.float32)).sum(axis=1) + np.float32(b)
    return z, np.heaviside(z, 1)


def neuron_with(summed=lambda X, w, b: X @ w + b, output=step):
    """A `neuron` with another sum, or another output."""

    def neuron(X, w, b):
        z = summed(X, w, b)
        return z, output(z)

    return neuron


# ---------------------------------------------------------------- unroll


def unroll(images):
    return images.reshape(len(images), -1) / 255


def pictures(*shape):
    def draw(rng):
        return {"images": rng.integers(0, 250, size=shape).astype(np.uint8)}

    return draw


def probe_unroll(answer, images):
    result = answer(images)
    yield "shape", list(np.shape(result))
    yield "numbers", result


def unroll_loop(images):
    rows = []
    for image in images:
        row = []
        for line in image.tolist():
            for pixel in line:
                row += [value / 255 for value in pixel]
        rows.append(row)
    return rows


def unroll_float32(images):
    return np.stack([image.ravel() for image in images]).astype(np.float32) / 255


def unroll_by_size(images):
    n, h, w, c = images.shape
    return np.multiply(np.resize(images, (n, h * w * c)), 1 / 255.0)


# ---------------------------------------------------------------- standardise


def standardise(X_train, X_test):
    return standardise_with()(X_train, X_test)


def standardise_with(mean=np.mean, spread=np.std, axis=0, guard=True):
    """A `standardise` with another mean, another spread, or another axis."""

    def standardise(X_train, X_test):
        mu, sigma = mean(X_train, axis=axis), spread(X_train, axis=axis)
        if guard:
            sigma = np.where(sigma == 0, 1, sigma)
        return (X_train - mu) / sigma, (X_test - mu) / sigma

    return standardise


def table(rows, test_rows, features):
    """Features of very different size, and the value of a column that is always the same."""

    def draw(rng):
        scale = rng.permutation([8.0, 50.0, 300.0, 20.0])[:features]
        X = rng.uniform(1, 3, size=features) * scale + scale * rng.normal(
            size=(rows + test_rows, features)
        )
        X = X.round(1)
        constant = float(rng.integers(2, 10))
        return {"X_train": X[:rows], "X_test": X[rows:], "constant": constant}

    return draw


def probe_standardise(answer, X_train, X_test, constant):
    def ask(train, test):
        result = answer(train.copy(), test.copy())
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise TypeError("standardise must return two arrays, for training and for test")
        return result

    train, test = ask(X_train, X_test)
    yield "training set", train
    yield "test set", test
    train, test = ask(
        np.column_stack([X_train, np.full(len(X_train), constant)]),
        np.column_stack([X_test, np.full(len(X_test), constant)]),
    )
    last = [np.asarray(part)[:, -1] for part in (train, test)]
    yield "constant column", np.concatenate(last)


def standardise_loop(X_train, X_test):
    X_train, X_test = X_train.astype(float), X_test.astype(float)
    for d in range(X_train.shape[1]):
        column = X_train[:, d].tolist()
        mu = sum(column) / len(column)
        sigma = math.sqrt(sum((v - mu) ** 2 for v in column) / len(column))
        for X in (X_train, X_test):
            X[:, d] -= mu
            if sigma > 0:
                X[:, d] /= sigma
    return [X_train, X_test]


def standardise_epsilon(X_train, X_test):
    mu = X_train.mean(axis=0, keepdims=True)
    sigma = np.sqrt(np.mean((X_train - mu) ** 2, axis=0, keepdims=True))
    return (X_train - mu) / (sigma + 1e-8), (X_test - mu) / (sigma + 1e-8)


def standardise_float32(X_train, X_test):
    X_train, X_test = X_train.astype(np.float32), X_test.astype(np.float32)
    mu, sigma = X_train.mean(0), X_train.std(0)
    sigma[sigma < 1e-6] = 1
    return (X_train - mu) / sigma, (X_test - mu) / sigma


def standardise_nan_to_num(X_train, X_test):
    with np.errstate(all="ignore"):
        both = standardise_with(guard=False)(X_train, X_test)
    return tuple(np.nan_to_num(part) for part in both)


def standardise_over_rows(X_train, X_test):
    def rows(X):
        return (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)

    return rows(X_train), rows(X_test)


def standardise_test_by_itself(X_train, X_test):
    return standardise(X_train, X_train)[0], standardise(X_test, X_test)[0]


def standardise_leaves_constant(X_train, X_test):
    mu, sigma = X_train.mean(axis=0), X_train.std(axis=0)
    mu, sigma = np.where(sigma == 0, 0, mu), np.where(sigma == 0, 1, sigma)
    return (X_train - mu) / sigma, (X_test - mu) / sigma


def standardise_to_unit_range(X_train, X_test):
    return standardise_with(mean=np.min, spread=np.ptp)(X_train, X_test)


# ---------------------------------------------------------------- perceptron_update


def perceptron_update(x, y, w, b, eta):
    error = y - int(w @ x + b >= 0)
    return w + eta * error * x, b + eta * error


def example(features, y, fires, without_bias):
    """One example of class `y`, and what the neuron says to it with its bias and without."""

    def draw(rng):
        while True:
            x, w = rng.normal(size=(2, features)).round(2)
            b = round(float(rng.normal(0, 1.5)), 2)
            z = w @ x + b
            decided = abs(z) > 0.1 and abs(w @ x) > 0.1
            said = decided and (z > 0) == fires and (w @ x > 0) == without_bias
            eta = float(rng.choice([0.1, 0.2, 0.3, 0.5]))
            # x.sum() is not 1, or a mistake is none; the new bias is not 0, or rounding decides.
            if said and abs(x.sum() - 1) > 0.1 and abs(abs(b) - eta) > 0.05:
                return {"x": x, "y": y, "w": w, "b": b, "eta": eta}

    return draw


def probe_perceptron_update(answer, x, y, w, b, eta):
    result = answer(x, y, w, b, eta)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("perceptron_update must return two things: `return w, b`")
    yield "w", result[0]
    yield "b", result[1]


def perceptron_update_cases(x, y, w, b, eta):
    fires = sum(w_d * x_d for w_d, x_d in zip(w, x, strict=True)) >= -b
    if fires and y == 0:
        w -= eta * x
        b -= eta
    elif not fires and y == 1:
        w += eta * x
        b += eta
    return w, b


def perceptron_update_loop(x, y, w, b, eta):
    z = b
    for i in range(len(x)):
        z += w[i] * x[i]
    error = float(y) - (1.0 if z >= 0 else 0.0)
    return [w[i] + eta * error * x[i] for i in range(len(x))], b + eta * error


def perceptron_update_float32(x, y, w, b, eta):
    x, w = x.astype(np.float32), w.astype(np.float32)
    wide_x, wide_w = np.append(x, 1), np.append(w, np.float32(b))  # the bias as one more weight
    wide_w = wide_w + eta * (y - np.heaviside(wide_w @ wide_x, 1)) * wide_x
    return wide_w[:-1], wide_w[-1]


def update_with(
    fires=lambda x, w, b: int(w @ x + b >= 0),
    error=lambda y, y_hat: y - y_hat,
    weights=lambda eta, error, x: eta * error * x,
    bias=lambda eta, error, x: eta * error,
):
    """A `perceptron_update` with another prediction, another error, or other steps."""

    def perceptron_update(x, y, w, b, eta):
        e = error(y, fires(x, w, b))
        return w + weights(eta, e, x), b + bias(eta, e, x)

    return perceptron_update


# ---------------------------------------------------------------- perceptron_train


def perceptron_train(X, y, epochs, eta):
    return train_with()(X, y, epochs, eta)


def train_with(
    update=perceptron_update,
    miss=lambda y, before, after: int(before != y),
    reset=False,
    carry=False,
    whole_batch=False,
    stop=lambda errors: False,
):
    """A `perceptron_train`, right by default; each argument changes one thing in it."""

    def perceptron_train(X, y, epochs, eta):
        w, b, errors, wrong = np.zeros(X.shape[1]), 0.0, [], 0
        for _ in range(epochs):
            if reset:
                w, b = np.zeros(X.shape[1]), 0.0
            if not carry:
                wrong = 0
            moved_w, moved_b = w, b
            for x_n, y_n in zip(X, y.tolist(), strict=True):
                new_w, new_b = update(x_n, y_n, w, b, eta)
                moved_w, moved_b = moved_w + new_w - w, moved_b + new_b - b
                wrong += miss(y_n, int(w @ x_n + b >= 0), int(new_w @ x_n + new_b >= 0))
                if not whole_batch:
                    w, b = new_w, new_b
            if whole_batch:
                w, b = moved_w, moved_b
            errors.append(wrong)
            if stop(errors):
                break
        return w, b, errors

    return perceptron_train


def gate(name):
    """A truth table in a random order. The learning rates are powers of 2, and so everything is
    computed without rounding: z = 0 is exactly 0."""

    def draw(rng):
        X, y = gates(name)
        order = rng.permutation(4)
        eta = float(rng.choice([0.25, 0.5, 1, 2]))
        return {"X": X[order], "y": y[order], "epochs": 16, "eta": eta}

    return draw


def clouds(rng):
    """Points with whole-number coordinates on two sides of a line, with a gap between them."""
    while True:
        direction = rng.normal(size=2)
        direction /= np.linalg.norm(direction)
        points = rng.integers(-9, 10, size=(40, 2)).astype(float)
        side = points @ direction - rng.uniform(-1, 1)
        clear = abs(side) > 1.5
        X, y = points[clear][:11], (side[clear][:11] > 0).astype(np.int64)
        if 3 <= y.sum() <= 8 and train_with()(X, y, 30, 1.0)[2][-1] == 0:
            return {"X": X, "y": y, "epochs": 30, "eta": 0.5}


def probe_perceptron_train(answer, X, y, epochs, eta):
    result = answer(X, y, epochs, eta)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise TypeError("perceptron_train must return three things: `return w, b, errors`")
    w, b, errors = result
    if np.size(w) != X.shape[1] or np.size(b) != 1:
        raise TypeError(
            f"w must have {X.shape[1]} numbers, one for each feature, and b must be one number; "
            f"they have the shapes {np.shape(w)} and {np.shape(b)}"
        )
    yield "errors", np.asarray(errors)
    guess = X @ np.ravel(w) + np.ravel(b)[0] >= 0
    yield "accuracy", float(np.mean(guess == (y == 1)))


def perceptron_train_wide(X, y, epochs, eta):
    """With the bias as the weight of a column of ones."""
    X = np.hstack([X, np.ones((len(X), 1))])
    weights = np.zeros((X.shape[1], 1))
    errors = np.zeros(epochs)
    for epoch in range(epochs):
        for i in range(len(X)):
            error = y[i] - ((X[i] @ weights)[0] >= 0)
            weights += eta * error * X[i][:, None]
            errors[epoch] += abs(error)
    return weights[:-1], weights[-1], errors


def perceptron_train_cases(X, y, epochs, eta):
    w, b, errors = [0.0] * X.shape[1], 0.0, []
    for _ in range(epochs):
        errors.append(0)
        for x_n, y_n in zip(X.tolist(), y.tolist(), strict=True):
            fires = sum(a * c for a, c in zip(w, x_n, strict=True)) + b >= 0
            if fires == bool(y_n):
                continue
            sign = -1 if fires else 1
            w = [a + sign * eta * c for a, c in zip(w, x_n, strict=True)]
            b += sign * eta
            errors[-1] += 1
    return w, b, errors


def perceptron_train_float32(X, y, epochs, eta):
    w, b, errors = train_with()(X.astype(np.float32), y, epochs, np.float32(eta))
    return w.astype(np.float32), np.array([b]), tuple(errors)


# ---------------------------------------------------------------- logistic regression


def logistic_cost(X, y, w, b):
    return cost_with()(X, y, w, b)


def cost_with(
    probability=sigmoid,
    loss=lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)),
    cost=np.mean,
):
    """A `logistic_cost` with another probability, another loss, or another way to sum up."""

    def logistic_cost(X, y, w, b):
        losses = loss(probability(X @ w + b), y)
        return losses, cost(losses)

    return logistic_cost


def labelled(rows, features, learning_rate=False):
    """Examples of both classes, with moderate pre-activations."""

    def draw(rng):
        while True:
            X = rng.normal(size=(rows, features)).round(2)
            w = rng.normal(size=features).round(2)
            b = round(float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.2)), 2)
            y = rng.integers(0, 2, size=rows)
            z = X @ w + b
            mixed = 1 < y.sum() < rows - 1 and z.min() < -0.1 and z.max() > 0.1
            # Else the bias would hardly move, with the right errors or with those of a step.
            moves = abs(np.mean(sigmoid(z) - y)) > 0.03 and (step(z) - y).sum() != 0
            if mixed and moves and abs(z).max() < 4 and abs(z).min() > 0.05:
                eta = {"eta": float(rng.choice([0.1, 0.3, 0.5]))} if learning_rate else {}
                return {"X": X, "y": y, "w": w, "b": b, **eta}

    return draw


def probe_logistic_cost(answer, X, y, w, b):
    result = answer(X, y, w, b)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("logistic_cost must return two things: `return losses, cost`")
    yield "losses", result[0]
    yield "cost", result[1]


def logistic_cost_loop(X, y, w, b):
    losses = []
    for x_n, y_n in zip(X, y, strict=True):
        z = b + sum(x_n[d] * w[d] for d in range(len(w)))
        p = 1 / (1 + math.exp(-z))
        losses.append(-math.log(p) if y_n == 1 else -math.log(1 - p))
    return losses, sum(losses) / len(losses)


def logistic_cost_stable(X, y, w, b):
    losses = np.logaddexp(0, (1 - 2 * y) * (np.einsum("nd,d->n", X, w) + b))
    return [losses, np.average(losses)]


def logistic_cost_float32(X, y, w, b):
    p = sigmoid(X.astype(np.float32) @ w.astype(np.float32) + np.float32(b))
    losses = -np.log(np.where(y == 1, p, 1 - p))
    return losses, losses.sum() / len(y)


def cost_without_bias(X, y, w, b):
    return logistic_cost(X, y, w, 0.0)


def logistic_step(X, y, w, b, eta):
    return step_with()(X, y, w, b, eta)


def step_with(
    error=lambda p, y: p - y,
    weights=lambda X, error: X.T @ error / len(error),
    bias=np.mean,
    sign=-1,
):
    """A `logistic_step` with another error, other slopes, or another direction."""

    def logistic_step(X, y, w, b, eta):
        e = error(sigmoid(X @ w + b), y)
        return w + sign * eta * weights(X, e), b + sign * eta * bias(e)

    return logistic_step


def probe_logistic_step(answer, X, y, w, b, eta):
    result = answer(X, y, w, b, eta)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("logistic_step must return two things: `return w, b`")
    yield "w", result[0]
    yield "b", result[1]


def logistic_step_loop(X, y, w, b, eta):
    dw, db = [0.0] * len(w), 0.0
    for x_n, y_n in zip(X, y, strict=True):
        error = 1 / (1 + math.exp(-(float(x_n @ w) + b))) - y_n
        for d in range(len(w)):
            dw[d] += error * x_n[d] / len(y)
        db += error / len(y)
    return [w_d - eta * dw_d for w_d, dw_d in zip(w, dw, strict=True)], b - eta * db


def logistic_step_in_place(X, y, w, b, eta):
    error = sigmoid(X @ w + b) - y
    w -= eta * np.mean(error[:, None] * X, axis=0)
    b -= eta * np.einsum("n->", error) / len(X)
    return [w, b]


def logistic_step_wide_float32(X, y, w, b, eta):
    X = np.column_stack([X, np.ones(len(X))]).astype(np.float32)
    weights = np.append(w, b).astype(np.float32)
    p = 0.5 * (1 + np.tanh(X @ weights / 2))  # the sigmoid, written with tanh
    weights = weights - np.float32(eta) * (p - y).astype(np.float32) @ X / np.float32(len(X))
    return weights[:-1], weights[-1]


def logistic_step_late_bias(X, y, w, b, eta):
    w, _ = logistic_step(X, y, w, b, eta)
    return w, logistic_step(X, y, w, b, eta)[1]


# ---------------------------------------------------------------- slopes: find the bug


def slopes(x, y, w, b):
    return slopes_with()(x, y, w, b)


def slopes_with(error=lambda p, y: p - y[:, 0], summed=np.mean, product=lambda e, x: e * x):
    """A `slopes` with another error, another sum, or another product."""

    def slopes(x, y, w, b):
        e = error(sigmoid(w * x + b), y)
        return summed(product(e, x)), summed(e)

    return slopes


def hours(rows):
    """Pupils whose slopes do not cancel to nearly nothing, where rounding would decide."""

    def draw(rng):
        while True:
            x = rng.uniform(0.5, 6, size=rows).round(1)
            y = (x + rng.normal(0, 1, size=rows) > np.median(x)).astype(np.int64)
            w, b = rng.uniform(0.2, 0.8), rng.uniform(-2, -0.5)
            case = {"x": x, "y": y[:, None], "w": round(float(w), 2), "b": round(float(b), 2)}
            dw, db = slopes(**case)
            if abs(dw) > 0.05 and abs(db) > 0.02:
                return case

    return draw


def probe_slopes(answer, x, y, w, b):
    result = answer(x, y, w, b)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("slopes must return two numbers: `return dw, db`")
    for name, value in zip(("dw", "db"), result, strict=True):
        if np.size(value) == 1 and not isinstance(value, str):  # an array of one number will do
            value = np.ravel(value)[0]
        yield name, value


def slopes_loop(x, y, w, b):
    dw = db = 0.0
    for x_n, (y_n,) in zip(x, y, strict=True):
        error = 1 / (1 + math.exp(-(w * x_n + b))) - y_n
        dw, db = dw + error * x_n / len(x), db + error / len(x)
    return dw, db


def slopes_columns(x, y, w, b):
    x = x.reshape(-1, 1)
    error = sigmoid(w * x + b) - y
    return x.T @ error / len(x), error.mean(axis=0)


def slopes_float32(x, y, w, b):
    error = sigmoid(np.float32(w) * x.astype(np.float32) + np.float32(b)) - y.T
    return [np.mean(error * x), np.mean(error)]


# ---------------------------------------------------------------- xor_weights


def xor_weights():
    W1 = np.array([[1.0, -1.0], [1.0, -1.0]])
    return W1, np.array([1.0, 1.0]), np.array([[1.0], [1.0]]), np.array([-1.5])


def signs(rng):
    return {"X": rng.permutation(np.array([[-1, -1], [-1, 1], [1, -1], [1, 1.0]]))}


def probe_xor_weights(answer, X):
    result = answer()
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("xor_weights must return four arrays: `return W1, b1, W2, b2`")
    W1, b1, W2, b2 = (np.asarray(part, dtype=float) for part in result)
    if W1.ndim != 2 or len(W1) != 2:
        raise TypeError(f"W1 must have the shape (2, U): one row for each input, not {W1.shape}")
    units = W1.shape[1]
    if b1.size != units or W2.size != units or b2.size != 1:
        raise TypeError(
            f"with W1 of shape {W1.shape} there are {units} hidden units, so that b1 has {units} "
            f"numbers, W2 has {units} and b2 has 1; they have {b1.size}, {W2.size} and {b2.size}"
        )
    H = (X @ W1 + b1.ravel() >= 0).astype(float)
    output = H @ W2.ravel() + b2.ravel()[0] >= 0
    yield "output for each row of X", output.astype(int).tolist()


def network_of(W1, b1, W2, b2):
    return lambda: (np.array(W1, float), np.array(b1, float), np.array(W2, float), np.array(b2))


def xor_by_difference():
    """OR but not AND, as plain lists."""
    return [[1, 1], [1, 1]], [1, -1], [[1], [-1]], [-1]


def xor_three_units():
    """One unit for each corner where the answer is 1, and one that does nothing; float32."""
    W1 = np.array([[2, -2, 0], [-2, 2, 0]], dtype=np.float32)
    return W1, np.float32([-3, -3, -1]), np.float32([1, 1, 5]), -0.5


def xor_by_corners():
    """Units that answer 1 everywhere but at one corner where the answer is 0, as rows."""
    return np.array([[-0.3, 0.3], [-0.3, 0.3]]), [[0.3, 0.3]], [[0.7, 0.7]], [[-1.0]]


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="neuron",
        points=2,
        inputs=[batch(5, 3), batch(6, 2), batch(4, 5), edge],
        reference=neuron,
        probe=probe_neuron,
        parts={"z": 1, "y_hat": 1},
        alternatives=[neuron_loop, neuron_einsum, neuron_float32],
        mistakes={
            "the bias is not added": neuron_with(lambda X, w, b: X @ w),
            "the bias is subtracted: it is added to the weighted sum": (
                neuron_with(lambda X, w, b: X @ w - b)
            ),
            "z = 0 gives 0: the neuron says 1 from 0 on, so compare with >=, not with >": (
                neuron_with(output=lambda z: np.where(z > 0, 1, 0))
            ),
            "y_hat holds -1 and 1: the outputs are 0 and 1": (
                neuron_with(output=lambda z: np.where(z >= 0, 1, -1))
            ),
            "0 and 1 changed places: y_hat is 1 where z is 0 or more": (
                neuron_with(output=lambda z: np.where(z >= 0, 0, 1))
            ),
            "added up over the examples: one z for each example (row) is wanted, not for each "
            "feature": neuron_with(lambda X, w, b: (X * w).sum(axis=0) + b),
            "added up over everything: one z for each example is wanted, not one in all": (
                neuron_with(lambda X, w, b: np.sum(X * w) + b)
            ),
            "the weights are not used: each feature is multiplied by its weight": (
                neuron_with(lambda X, w, b: X.sum(axis=1) + b)
            ),
        },
        hints=(
            "Two lines: first the weighted sum plus bias, then the comparison with 0. "
            "Both work on the whole batch at once.",
            "X has shape (N, D) and w has shape (D,), so X @ w has shape (N,): one weighted sum "
            "for each example. Adding the number b adds it to each. z >= 0 compares each.",
            "z = X @ w + b; y_hat = np.where(z >= 0, 1, 0); return z, y_hat",
        ),
        difficulty=1,
        importance=5,
        minutes=6,
    ),
    Exercise(
        name="unroll",
        points=2,
        inputs=[pictures(4, 3, 2, 3), pictures(3, 2, 4, 3), pictures(5, 3, 2, 1)],
        reference=unroll,
        probe=probe_unroll,
        parts={"shape": 0.5, "numbers": 1.5},
        alternatives=[unroll_loop, unroll_float32, unroll_by_size],
        mistakes={
            "the pictures are mixed: reshape(-1, N).T has the right shape, but its rows hold bits "
            "of all pictures": lambda images: images.reshape(-1, len(images)).T / 255,
            "one picture in each column: the rows are the examples": (
                lambda images: images.reshape(len(images), -1).T / 255
            ),
            "all pictures in one row: keep the first axis, one row for each picture": (
                lambda images: images.ravel() / 255
            ),
            "not divided by 255: the numbers must lie between 0 and 1": (
                lambda images: images.reshape(len(images), -1)
            ),
            "divided by the largest number in these pictures: divide by 255, which is the same "
            "for all pictures": lambda images: images.reshape(len(images), -1) / images.max(),
            "divided by 256: the largest possible value is 255": (
                lambda images: images.reshape(len(images), -1) / 256
            ),
            "whole-number division: // 255 turns everything below 255 into 0": (
                lambda images: images.reshape(len(images), -1) // 255
            ),
            "one colour after the other: the colours of a pixel stay together": (
                lambda images: images.transpose(0, 3, 1, 2).reshape(len(images), -1) / 255
            ),
            "the colours were averaged: all of them are kept": (
                lambda images: images.mean(axis=3).reshape(len(images), -1) / 255
            ),
        },
        hints=(
            "images.shape is (N, H, W, C). The first axis must stay, the other three become one. "
            "NumPy stores the pixels in the order that is wanted.",
            "images.reshape(N, -1) keeps N rows and works out the rest: -1 stands for whatever "
            "is needed. N is len(images).",
            "images.reshape(len(images), -1), and that divided by 255.",
        ),
        difficulty=2,
        importance=4,
        minutes=6,
    ),
    Exercise(
        name="standardise",
        points=3,
        inputs=[table(6, 3, 3), table(5, 4, 2), table(7, 3, 4)],
        reference=standardise,
        probe=probe_standardise,
        parts={"training set": 1, "test set": 1, "constant column": 1},
        alternatives=[
            standardise_loop,
            standardise_epsilon,
            standardise_float32,
            standardise_nan_to_num,
        ],
        mistakes={
            "the mean and spread of each row: each column is a feature, so use axis=0": (
                standardise_over_rows
            ),
            "one mean and one standard deviation for the whole table: each column has its own": (
                standardise_with(axis=None)
            ),
            "the test set has its own mean and standard deviation: use those of the training set": (
                standardise_test_by_itself
            ),
            "a constant column gives 0/0 = nan: divide by 1 where the standard deviation is 0": (
                standardise_with(guard=False)
            ),
            "the constant column is left as it was: subtract its mean too, so that it becomes 0": (
                standardise_leaves_constant
            ),
            "divided by the variance: divide by its square root, the standard deviation": (
                standardise_with(spread=np.var)
            ),
            "divided by N - 1 in the standard deviation: here it is N, as np.std does by itself": (
                standardise_with(spread=lambda X, axis: np.std(X, axis=axis, ddof=1))
            ),
            "the mean is not subtracted": (
                standardise_with(mean=lambda X, axis: np.where(X.std(axis=axis) == 0, X[0], 0))
            ),
            "not divided by the standard deviation": (
                standardise_with(spread=lambda X, axis: np.ones(X.shape[1]))
            ),
            "scaled to the range from 0 to 1: subtract the mean and divide by the standard "
            "deviation instead": standardise_to_unit_range,
        },
        hints=(
            "Work out the mean and the standard deviation of each column of X_train, and nothing "
            "of X_test. Then apply the same two lines to both sets.",
            "X_train.mean(axis=0) and X_train.std(axis=0) have shape (D,), and broadcasting "
            "subtracts and divides column by column. In a constant column x - mean is 0 already: "
            "any divisor but 0 will do.",
            "sigma = np.where(sigma == 0, 1, sigma), and then return (X_train - mu) / sigma and "
            "(X_test - mu) / sigma.",
        ),
        difficulty=2,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="perceptron_update",
        points=2,
        inputs=[
            example(3, 1, False, True),
            example(4, 0, True, True),
            example(2, 1, True, False),
            example(5, 0, False, True),
        ],
        reference=perceptron_update,
        probe=probe_perceptron_update,
        parts={"w": 1, "b": 1},
        alternatives=[perceptron_update_cases, perceptron_update_loop, perceptron_update_float32],
        mistakes={
            "the step goes the wrong way: the error is y - y_hat, and it is added": (
                update_with(error=lambda y, y_hat: y_hat - y)
            ),
            "the bias does not learn: it moves by eta * (y - y_hat)": (
                update_with(bias=lambda eta, error, x: 0)
            ),
            "the bias step is multiplied by the inputs: it is eta * (y - y_hat) alone": (
                update_with(bias=lambda eta, error, x: eta * error * x.sum())
            ),
            "the learning rate is not used": (
                update_with(
                    weights=lambda eta, error, x: error * x, bias=lambda eta, error, x: error
                )
            ),
            "the weights' step is not multiplied by x": (
                update_with(weights=lambda eta, error, x: eta * error)
            ),
            "the error is y - z: it is y - y_hat, with the step function in between": (
                update_with(fires=lambda x, w, b: w @ x + b)
            ),
            "y times x is added whatever the prediction was: only the error y - y_hat counts": (
                update_with(error=lambda y, y_hat: y)
            ),
            "the prediction leaves out the bias: y_hat is the step of w . x + b": (
                update_with(fires=lambda x, w, b: int(w @ x >= 0))
            ),
        },
        hints=(
            "First predict: is w . x + b at least 0? Then the error y - y_hat is 1, 0 or -1. If it "
            "is 0, nothing moves.",
            "w @ x is the weighted sum of one example. The step for w is eta * error * x, which "
            "has the shape of w; the step for b is eta * error.",
            "y_hat = 1 if w @ x + b >= 0 else 0; error = y - y_hat; "
            "return w + eta * error * x, b + eta * error",
        ),
        difficulty=2,
        importance=5,
        minutes=8,
    ),
    Exercise(
        name="perceptron_train",
        points=3,
        inputs=[gate("and"), gate("or"), gate("nand"), clouds],
        reference=perceptron_train,
        probe=probe_perceptron_train,
        parts={"errors": 1.5, "accuracy": 1.5},
        rules={"accuracy": AtLeast(1)},
        alternatives=[perceptron_train_wide, perceptron_train_cases, perceptron_train_float32],
        mistakes={
            "it stops after the first epoch: is `return` indented into the loop?": (
                train_with(stop=lambda errors: True)
            ),
            "it stops when an epoch has no errors: errors has one number for each epoch": (
                train_with(stop=lambda errors: errors[-1] == 0)
            ),
            "the errors are counted after the step: count with the prediction before it": (
                train_with(miss=lambda y, before, after: int(after != y))
            ),
            "errors of both kinds cancel: count wrong predictions, do not add up y - y_hat": (
                train_with(miss=lambda y, before, after: y - before)
            ),
            "the count goes on from epoch to epoch: start each epoch's count at 0": (
                train_with(carry=True)
            ),
            "the weights start at 0 again in each epoch: set them to 0 once, before the loop": (
                train_with(reset=True)
            ),
            "all examples of an epoch are judged with the same weights: let the perceptron learn "
            "from each before it sees the next": train_with(whole_batch=True),
            "the bias does not learn": (train_with(update_with(bias=lambda eta, error, x: 0))),
            "the weights never move: keep what the update returns, w, b = perceptron_update(...)": (
                train_with(lambda x, y, w, b, eta: (w, b))
            ),
        },
        hints=(
            "Two loops: over the epochs, and inside over the examples. Before the outer loop, w, b "
            "and the list of errors are made; in the outer loop each epoch's count starts at 0.",
            "For each example: predict with the present w and b, add 1 to the count if the "
            "prediction is not y, then replace w and b by those of perceptron_update. After the "
            "inner loop, append the count.",
            "for x_n, y_n in zip(X, y): y_hat = 1 if w @ x_n + b >= 0 else 0; "
            "wrong += y_hat != y_n; w, b = perceptron_update(x_n, y_n, w, b, eta). "
            "And `return w, b, errors` stands outside both loops.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="logistic_cost",
        points=2,
        inputs=[labelled(5, 3), labelled(6, 2), labelled(7, 4)],
        reference=logistic_cost,
        probe=probe_logistic_cost,
        parts={"losses": 1, "cost": 1},
        alternatives=[logistic_cost_loop, logistic_cost_stable, logistic_cost_float32],
        mistakes={
            "the cost is the sum of the losses: it is their mean": cost_with(cost=np.sum),
            "the minus sign is missing: a loss is never negative": (
                cost_with(loss=lambda p, y: y * np.log(p) + (1 - y) * np.log(1 - p))
            ),
            "the second half, (1 - y) log(1 - p), is missing: y = 0 has a loss, too": (
                cost_with(loss=lambda p, y: -y * np.log(p))
            ),
            "p and 1 - p changed places: log p belongs to y = 1, and the exponent of the "
            "sigmoid is -z": (
                cost_with(loss=lambda p, y: -((1 - y) * np.log(p) + y * np.log(1 - p)))
            ),
            "the logarithm to base 10: use np.log": (
                cost_with(loss=lambda p, y: -np.log10(np.where(y == 1, p, 1 - p)))
            ),
            "the logarithm to base 2: use np.log": (
                cost_with(loss=lambda p, y: -np.log2(np.where(y == 1, p, 1 - p)))
            ),
            "the squared error: the loss here is the logarithm's": (
                cost_with(loss=lambda p, y: (p - y) ** 2)
            ),
            "the bias is left out of z": cost_without_bias,
        },
        hints=(
            "Three lines: the probabilities p of all examples, their losses, and the mean of the "
            "losses.",
            "p = 1 / (1 + np.exp(-z)) with z = X @ w + b. Then y * np.log(p) is not 0 only where "
            "y is 1, and (1 - y) * np.log(1 - p) only where y is 0: their sum does both.",
            "losses = -(y * np.log(p) + (1 - y) * np.log(1 - p)); return losses, losses.mean()",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="logistic_step",
        points=3,
        inputs=[labelled(5, 3, True), labelled(6, 2, True), labelled(7, 4, True)],
        reference=logistic_step,
        probe=probe_logistic_step,
        parts={"w": 2, "b": 1},
        alternatives=[logistic_step_loop, logistic_step_in_place, logistic_step_wide_float32],
        mistakes={
            "the step goes up the slope: subtract eta times the slope": step_with(sign=1),
            "the sum over the examples: the slopes are means, so divide by N": (
                step_with(weights=lambda X, e: X.T @ e, bias=np.sum)
            ),
            "divided by the number of features: divide by the number of examples": (
                step_with(weights=lambda X, e: X.T @ e / X.shape[1])
            ),
            "the slope of the loss in p, not in z: -(y/p - (1-y)/(1-p)) lacks the factor "
            "p (1 - p). With it, all that is left is p - y": (
                step_with(error=lambda p, y: -(y / p - (1 - y) / (1 - p)))
            ),
            "a factor p (1 - p) too many: the slope in z is p - y and nothing else": (
                step_with(error=lambda p, y: (p - y) * p * (1 - p))
            ),
            "the step function in place of the probability: the error is p - y": (
                step_with(error=lambda p, y: (p >= 0.5) - y)
            ),
            "the same step for all weights: each weight has its own slope": (
                step_with(weights=lambda X, e: np.full(X.shape[1], np.mean(X.T @ e / len(e))))
            ),
            "the learning rate is not used": (
                lambda X, y, w, b, eta: logistic_step(X, y, w, b, 1.0)
            ),
            "the bias does not learn": step_with(bias=lambda e: 0),
            "the bias' slope was computed with the new weights: take both slopes, then step": (
                logistic_step_late_bias
            ),
        },
        hints=(
            "Four lines: p for all examples, the errors p - y, the two slopes, the two steps. The "
            "slope of each weight is the mean of error times feature.",
            "X.T has shape (D, N) and the errors have shape (N,), so that X.T @ (p - y) has shape "
            "(D,), like w: it is the sum over the examples. Divide it by N = len(X).",
            "dw = X.T @ (p - y) / len(X); db = np.mean(p - y); return w - eta * dw, b - eta * db",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="slopes",
        points=1,
        inputs=[hours(6), hours(5), hours(8)],
        reference=slopes,
        probe=probe_slopes,
        alternatives=[slopes_loop, slopes_columns, slopes_float32],
        mistakes={
            "`error` is a table: print its shape. It should hold one number for each example": (
                slopes_with(lambda p, y: p - y)
            ),
            "the table is still there: the error is a column now, but x is not": (
                slopes_with(lambda p, y: p[:, None] - y)
            ),
            "every example is compared with the first label": (slopes_with(lambda p, y: p - y[0])),
            "the table is averaged: each prediction must meet its own label": (
                slopes_with(lambda p, y: (p - y).mean(axis=1))
            ),
            "the sum over the examples: the slopes are means": slopes_with(summed=np.sum),
            "the sign is turned round: the error is p - y": (slopes_with(lambda p, y: y[:, 0] - p)),
        },
        hints=(
            "Where? Print p.shape, y.shape and error.shape for, say, 5 examples. One of them is "
            "not what the docstring lets you expect: error should hold 5 numbers.",
            "Which line? p has shape (5,) and y has shape (5, 1). NumPy reads (5,) as one row, "
            "and a row minus a column is a table of all pairs: (5, 5).",
            "Why is db right all the same? The mean over all pairs is the mean of p minus the mean "
            "of y. For dw each error must meet its own x. Make y a row: y[:, 0] has shape (N,).",
        ),
        difficulty=3,
        importance=4,
        minutes=8,
    ),
    Exercise(
        name="xor_weights",
        points=2,
        inputs=[signs, signs],
        reference=xor_weights,
        probe=probe_xor_weights,
        alternatives=[xor_by_difference, xor_three_units, xor_by_corners],
        mistakes={
            "the output is always 0, as with the lesson's weights, which are made for inputs 0 and "
            "1: with -1 and +1 the sums are other ones, so the biases must be too": (
                network_of([[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5])
            ),
            "the output is always 1: its bias is too large": (
                network_of([[1, -1], [1, -1]], [1, 1], [[1], [1]], [1])
            ),
            "this is OR: both inputs +1 must give 0": (
                network_of([[1, -1], [1, -1]], [1, 9], [[1], [1]], [-1.5])
            ),
            "this is AND": network_of([[1, -1], [1, -1]], [-1, 9], [[1], [1]], [-1.5]),
            "this is NAND: both inputs -1 must give 0": (
                network_of([[1, -1], [1, -1]], [9, 1], [[1], [1]], [-1.5])
            ),
            "this is NOR": network_of([[1, -1], [1, -1]], [9, -1], [[1], [1]], [-1.5]),
            "0 and 1 changed places: the answer is 1 where the inputs differ": (
                network_of([[1, -1], [1, -1]], [1, 1], [[-1], [-1]], [1.5])
            ),
        },
        hints=(
            "The sum x1 + x2 is -2, 0, 0 or 2, and the answer must be 1 just for the two in the "
            "middle. Which two questions, answered by one hidden unit each, leave only the middle?",
            "One hidden unit asks: is at least one input +1? That is OR: the sum is -2 or at least "
            "0, so put the border at -1. The other asks: is at least one input -1? The output unit "
            "says 1 if both hidden units say 1.",
            "For OR take the weights 1, 1 and the bias 1 (z is -1, 1, 1, 3). For the second unit "
            "turn the weights' signs: -1, -1 and bias 1. Each unit is a column of W1. The output: "
            "weights 1, 1 and a bias between -2 and -1.",
        ),
        difficulty=4,
        importance=4,
        minutes=15,
    ),
]
