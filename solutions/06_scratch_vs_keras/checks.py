"""What each exercise of module 6 must do: inputs, right answers, and what people get wrong.

All of it is NumPy. A learner's answer computes in Keras, and must come to the same numbers.
"""

import numpy as np

from autograde import AtLeast, AtMost, Exercise

ALLOWED = ("numpy", "matplotlib", "tensorflow", "keras", "nnlib.datasets", "nnlib.plots")

# ---------------------------------------------------------------- the network in NumPy


def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


ACTIVATIONS = {
    "linear": lambda Z: Z,
    "relu": lambda Z: np.maximum(Z, 0),
    "sigmoid": lambda Z: 1 / (1 + np.exp(-Z)),
    "softmax": softmax,
    "tanh": np.tanh,
}


def outputs_of(weights, activations, X):
    A = X
    for W, b, name in zip(weights[::2], weights[1::2], activations, strict=True):
        A = ACTIVATIONS[name](A @ W + b)
    return A


def one_hot(rng, rows, classes):
    return np.eye(classes)[rng.integers(classes, size=rows)]


def draw_network(rng, rows, sizes):
    """Weights of a network, and inputs at which no hidden unit is near the kink of ReLU."""
    while True:
        weights = []
        for n, m in zip(sizes[:-1], sizes[1:], strict=True):
            weights += [
                rng.normal(0, 1.5 / np.sqrt(n), size=(n, m)).round(2),
                rng.choice([-1, 1], size=m) * rng.uniform(0.2, 0.8, size=m).round(2),
            ]
        X = rng.normal(size=(rows, sizes[0])).round(2)
        A, clear, alive = X, True, True
        for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            Z = A @ W + b
            clear &= bool(np.abs(Z).min() > 0.005)
            alive &= bool((Z > 0).any(axis=0).all() and (Z < 0).any())
            A = np.maximum(Z, 0)
        if clear and alive:
            return weights, X


# ---------------------------------------------------------------- count the parameters


def count_inputs(layers):
    def draw(rng):
        return {"sizes": (2 + rng.permutation(40)[: layers + 1]).tolist()}

    return draw


def count_parameters(sizes):
    return [(n + 1) * m for n, m in zip(sizes[:-1], sizes[1:], strict=True)]


def count_by_shapes(sizes):
    counts = []
    for i in range(1, len(sizes)):
        counts.append(np.zeros((sizes[i - 1], sizes[i])).size + np.zeros(sizes[i]).size)
    return tuple(counts)


def count_vectorised(sizes):
    sizes = np.array(sizes)
    return sizes[1:] * sizes[:-1] + sizes[1:]


# ---------------------------------------------------------------- the twin


class Model:
    """As much of a Keras model as the probe asks for."""

    def __init__(self, weights, activations):
        self.weights, self.activations = list(weights), activations

    def get_weights(self):
        return self.weights

    def __call__(self, X):
        return outputs_of(self.weights, self.activations, X)


def twin_inputs(sizes, hidden, output, rows=5):
    def draw(rng):
        weights, X = draw_network(rng, rows, sizes)
        return {"weights": weights, "hidden": hidden, "output": output, "X": X}

    return draw


def probe_keras_twin(answer, weights, hidden, output, X):
    model = answer(weights, hidden, output)
    if model is None:
        raise TypeError("keras_twin returned None: is a `return model` missing?")
    if not hasattr(model, "get_weights"):
        raise TypeError("keras_twin must return the Keras model itself: `return model`")
    theirs = [np.asarray(w) for w in model.get_weights()]
    shapes = [list(w.shape) for w in theirs]
    yield "shapes of the weights", shapes
    if shapes != [list(w.shape) for w in weights]:
        return
    given = [bool(np.allclose(a, b, atol=1e-5)) for a, b in zip(theirs, weights, strict=True)]
    yield "which arrays are the given ones", given
    if all(given):
        yield "outputs for X", np.asarray(model(X))


def names(weights, hidden, output):
    return [hidden] * (len(weights) // 2 - 1) + [output]


def keras_twin(weights, hidden, output):
    return Model(weights, names(weights, hidden, output))


def twin_in_float32(weights, hidden, output):
    return Model([w.astype("float32") for w in weights], names(weights, hidden, output))


def twin_layer_by_layer(weights, hidden, output):
    model = Model([], [])
    for i in range(0, len(weights), 2):
        model.weights += [np.array(weights[i].tolist()), weights[i + 1]]
        model.activations.append(hidden if i + 2 < len(weights) else output)
    return model


def twin_with(activations=names, weights=list):
    """A `keras_twin` with other activations, or with other weights."""
    return lambda w, hidden, output: Model(weights(w), activations(w, hidden, output))


def layer_for_the_inputs(weights):
    n = len(weights[0])
    return [np.eye(n), np.zeros(n), *weights]


# ---------------------------------------------------------------- the loss


def loss_inputs(rows, classes):
    def draw(rng):
        while True:
            Z, Y = rng.normal(0, 2, size=(rows, classes)).round(2), one_hot(rng, rows, classes)
            # Away from where a mistake would divide by nearly nothing.
            if np.abs(Z.sum(axis=1)).min() > 0.5:
                break
        sure = one_hot(rng, 3, 10)
        large = rng.uniform(100, 900, size=(2, 3)).round(1)
        large += 200 * one_hot(rng, 2, 3)
        return {
            "Z": Z,
            "Y": Y,
            "Z_sure": 60 * sure - 30,
            "Y_sure": sure,
            "Z_large": large,
            "Y_large": np.eye(3)[large.argmin(axis=1)],
        }

    return draw


def probe_keras_loss(answer, Z, Y, Z_sure, Y_sure, Z_large, Y_large):
    def loss(Z, Y):
        value = answer(Z, Y)
        return value if value is None else np.asarray(value)  # a tensor does as well

    yield "loss", loss(Z, Y)
    yield "loss of the surely right", loss(Z_sure, Y_sure)
    yield "loss of large scores", loss(Z_large, Y_large)


def keras_loss(Z, Y):
    return np.mean(np.logaddexp.reduce(Z, axis=1) - np.sum(Z * Y, axis=1))


def loss_loop(Z, Y):
    total = 0.0
    for z, y in zip(Z.tolist(), Y.argmax(axis=1), strict=True):
        total += np.log(sum(np.exp(v - max(z)) for v in z)) + max(z) - z[y]
    return total / len(Z)


def loss_float32(Z, Y):
    return np.float32(keras_loss(Z.astype("float32"), Y.astype("float32")))


def from_probabilities(P, Y):
    """Keras's loss from what it takes for probabilities: divided by their sum, and clipped."""
    P = np.clip(P / P.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.mean(np.sum(Y * np.log(P), axis=1))


def binary_loss(Z, Y):
    return np.mean(np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z))))


# ---------------------------------------------------------------- gradients and one step


def batch_inputs(rows, sizes, **more):
    def draw(rng):
        weights, X = draw_network(rng, rows, sizes)
        return {"weights": weights, "X": X, "Y": one_hot(rng, rows, sizes[-1]), **more}

    return draw


def probe_keras_gradients(answer, weights, X, Y):
    result = answer(weights, X, Y)
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("keras_gradients must return a list of four arrays: dW1, db1, dW2, db2")
    for name, gradient in zip(("dW1", "db1", "dW2", "db2"), result, strict=True):
        try:
            array = np.asarray(gradient)
        except TypeError:  # from another process, None in an array does not come through
            array = None
        if array is None or array.dtype == object:
            raise TypeError(
                f"{name} is None: the tape has not seen how the loss came about. Call the model "
                "and the loss inside of `with tf.GradientTape() as tape:`"
            )
        yield name, array


def keras_gradients(weights, X, Y, error=lambda Z, Y: (softmax(Z) - Y) / len(Y), slope=None):
    W1, b1, W2, b2 = weights
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0) if slope is None else Z1
    dZ2 = error(A1 @ W2 + b2, Y)
    dZ1 = dZ2 @ W2.T * ((Z1 > 0) if slope is None else slope)
    return [X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)]


def gradients_float32(weights, X, Y):
    small = [w.astype("float32") for w in weights]
    return tuple(keras_gradients(small, X.astype("float32"), Y.astype("float32")))


def gradients_loop(weights, X, Y):
    """The mean of the gradients of single examples."""
    each = [keras_gradients(weights, X[i : i + 1], Y[i : i + 1]) for i in range(len(X))]
    return [np.mean(gradients, axis=0).tolist() for gradients in zip(*each, strict=True)]


def gradients_with(error=lambda Z, Y: (softmax(Z) - Y) / len(Y), slope=None):
    return lambda weights, X, Y: keras_gradients(weights, X, Y, error, slope)


def error_of_two_softmaxes(Z, Y):
    P = softmax(Z)
    dP = (softmax(P) - Y) / len(Y)
    return P * (dP - np.sum(P * dP, axis=1, keepdims=True))


def gradients_kernels_first(weights, X, Y):
    dW1, db1, dW2, db2 = keras_gradients(weights, X, Y)
    return [dW1, dW2, db1, db2]


def probe_keras_step(answer, weights, X, Y, learning_rate):
    result = answer(weights, X, Y, learning_rate)
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        raise TypeError("keras_step must return a list of four arrays: W1, b1, W2, b2")
    for name, array in zip(("W1", "b1", "W2", "b2"), result, strict=True):
        yield name, np.asarray(array)


def keras_step(weights, X, Y, learning_rate):
    gradients = keras_gradients(weights, X, Y)
    return [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)]


def step_in_place(weights, X, Y, learning_rate):
    for w, g in zip(weights, keras_gradients(weights, X, Y), strict=True):
        w -= learning_rate * g
    return weights


def step_float32(weights, X, Y, learning_rate):
    return tuple(w.astype("float32") for w in keras_step(weights, X, Y, learning_rate))


def two_steps(weights, X, Y, learning_rate):
    return keras_step(keras_step(weights, X, Y, learning_rate), X, Y, learning_rate)


def step_for_each_example(weights, X, Y, learning_rate):
    for i in range(len(X)):
        weights = keras_step(weights, X[i : i + 1], Y[i : i + 1], learning_rate)
    return weights


def step_of_adam(weights, X, Y, learning_rate):
    gradients = keras_gradients(weights, X, Y)
    return [
        w - learning_rate * g / (np.abs(g) + 1e-7 / np.sqrt(0.001))
        for w, g in zip(weights, gradients, strict=True)
    ]


# ---------------------------------------------------------------- the largest difference


def difference_inputs(rng):
    shapes = [(4, 3), (3,), (3, 5), (5,)]
    mine = [
        rng.normal(0, s, size=shape).round(2) for s, shape in zip((1, 1, 2, 1), shapes, strict=True)
    ]
    mine[2][0, 1] = 6.0  # the largest number of all
    theirs = [a + rng.uniform(-1e-4, 1e-4, size=a.shape).round(6) for a in mine]
    theirs[2][1, 2] = mine[2][1, 2] + 0.002  # the largest difference: theirs is the greater
    n = int(rng.integers(3, 6))
    column = rng.normal(size=(n, 1)).round(2)
    broken = rng.normal(size=(2, 3)).round(2)
    broken[1, 1] = np.nan
    return {"mine": mine, "theirs": theirs, "column": column, "broken": broken}


def probe_largest_difference(answer, mine, theirs, column, broken):
    yield "same shapes", answer(mine, theirs)
    yield "shapes (n, 1) and (n,)", answer([column], [column[:, 0]])
    yield "one array is missing", answer([column, column], [column])
    yield "a nan in theirs", answer([np.nan_to_num(broken)], [broken])


def largest_difference(mine, theirs):
    if [np.shape(a) for a in mine] != [np.shape(b) for b in theirs]:
        return np.inf
    if not all(np.isfinite(b).all() for b in theirs):
        return np.inf
    gap = max(np.abs(a - b).max() for a, b in zip(mine, theirs, strict=True))
    return gap / max(np.abs(a).max() for a in mine)


def difference_of_long_vectors(mine, theirs):
    if len(mine) != len(theirs):
        return float("inf")
    for a, b in zip(mine, theirs, strict=True):
        if a.shape != b.shape:
            return float("inf")
    a = np.concatenate([a.ravel() for a in mine])
    b = np.concatenate([b.ravel() for b in theirs])
    gap = float(np.linalg.norm(a - b, np.inf) / np.linalg.norm(a, np.inf))
    return gap if gap < np.inf else float("inf")  # a nan is not smaller than anything


def difference_loop(mine, theirs):
    gap, size = 0.0, 0.0
    if len(mine) != len(theirs):
        return np.inf
    for a, b in zip(mine, theirs, strict=True):
        if np.shape(a) != np.shape(b):
            return np.inf
        for u, v in zip(np.ravel(a), np.ravel(b), strict=True):
            if not np.isfinite(v):
                return np.inf
            gap, size = max(gap, abs(u - v)), max(size, abs(u))
    return gap / size


def difference_with(gap, scale=None):
    """A `largest_difference` with another measure, or another size to divide by."""

    def difference(mine, theirs):
        right = largest_difference(mine, theirs)
        if not np.isfinite(right):
            return right
        u = np.concatenate([np.ravel(a) for a in mine])
        v = np.concatenate([np.ravel(b) for b in theirs])
        return gap(u - v) / (np.abs(u).max() if scale is None else scale(u, v))

    return difference


def difference_entry_by_entry(mine, theirs):
    right = largest_difference(mine, theirs)
    if not np.isfinite(right):
        return right
    pairs = zip(mine, theirs, strict=True)
    return max(np.max(np.abs(a - b) / np.maximum(np.abs(a), 1e-8)) for a, b in pairs)


def difference_broadcasts(mine, theirs):
    if len(mine) != len(theirs):
        return np.inf
    if not all(np.isfinite(b).all() for b in theirs):
        return np.inf
    gap = max(np.abs(a - b).max() for a, b in zip(mine, theirs, strict=True))
    return gap / max(np.abs(a).max() for a in mine)


def difference_stops_short(mine, theirs):
    k = min(len(mine), len(theirs))
    return largest_difference(mine[:k], theirs[:k])


def difference_forgets_nan(mine, theirs):
    return largest_difference(mine, [np.where(np.isnan(b), 0, b) for b in theirs])


def difference_of_the_first(mine, theirs):
    right = largest_difference(mine, theirs)
    return largest_difference(mine[:1], theirs[:1]) if np.isfinite(right) else right


# ---------------------------------------------------------------- digits


def probe_train_digits(answer, seed):
    from nnlib.datasets import digits

    (X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
    result = answer(X_train, Y_train, X_test, seed)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("train_digits must return two things: `return labels, history`")
    labels, history = np.asarray(result[0]), getattr(result[1], "history", result[1])
    yield "shape of the labels", list(labels.shape)
    if labels.shape != (len(X_test),):
        return
    true = Y_test.argmax(axis=1)
    yield "the labels are counted from", int(np.mean(labels - 1 == true) > 0.5)
    if np.mean(labels - 1 == true) > 0.5:
        return
    curves = ("loss", "accuracy", "val_loss", "val_accuracy")
    yield "curves in the history", {name: name in history for name in curves}
    if all(name in history for name in curves):
        losses = [float(v) for v in history["loss"]]
        yield "the loss falls to less than half", losses[-1] < 0.5 * losses[0]
    accuracy = float(np.mean(labels == true))
    yield "better than guessing", accuracy > 0.5
    if accuracy <= 0.5:
        return
    yield "test accuracy at least 0.90", accuracy
    yield "test accuracy at least 0.95", accuracy


def digits_run(X, Y, seed, epochs=10, hidden=40, activation="relu"):
    """A NumPy network trained with momentum in mini-batches of 32: its outputs and its history."""
    rng = np.random.default_rng(seed)
    slope = {"relu": lambda A: A > 0, "tanh": lambda A: 1 - A**2}[activation]
    w = [
        rng.normal(size=(X.shape[1], hidden)) * np.sqrt(2 / X.shape[1]),
        np.zeros(hidden),
        rng.normal(size=(hidden, Y.shape[1])) / np.sqrt(hidden),
        np.zeros(Y.shape[1]),
    ]
    m = [np.zeros_like(p) for p in w]
    last = len(X) * 9 // 10
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}

    def outputs(X):
        A1 = ACTIVATIONS[activation](X @ w[0] + w[1])
        return A1, softmax(A1 @ w[2] + w[3])

    for epoch in range(epochs):
        rate = 0.1 * (1 - epoch / epochs)  # ever smaller steps, or the end is a matter of luck
        for rows in np.array_split(rng.permutation(last), last // 32):
            A1, P = outputs(X[rows])
            dZ2 = (P - Y[rows]) / len(rows)
            dZ1 = dZ2 @ w[2].T * slope(A1)
            gradients = [X[rows].T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)]
            for p, v, g in zip(w, m, gradients, strict=True):
                v *= 0.9
                v -= rate * g
                p += v
        for prefix, part in (("", slice(last)), ("val_", slice(last, None))):
            P = outputs(X[part])[1]
            right = P.argmax(axis=1) == Y[part].argmax(axis=1)
            history[prefix + "loss"].append(-float(np.mean(np.log(np.sum(P * Y[part], axis=1)))))
            history[prefix + "accuracy"].append(float(right.mean()))
    return lambda X: outputs(X)[1], history


def train_digits(X_train, Y_train, X_test, seed, **settings):
    outputs, history = digits_run(X_train, Y_train, seed, **settings)
    return outputs(X_test).argmax(axis=1), history


class History:
    """What Keras's fit returns: the curves are in its attribute `history`."""

    def __init__(self, history):
        self.history = history


def train_returns_history_object(X_train, Y_train, X_test, seed):
    labels, history = train_digits(X_train, Y_train, X_test, seed, activation="tanh")
    return [labels.tolist(), History(history)]


def train_with_more_curves(X_train, Y_train, X_test, seed):
    labels, history = train_digits(X_train, Y_train, X_test, seed, hidden=50)
    return labels.astype(float), {**history, "learning_rate": [0.1] * 10}


def train_with(labels=None, history=None, **settings):
    """A `train_digits` that returns other labels, or another history."""

    def train(X_train, Y_train, X_test, seed):
        outputs, curves = digits_run(X_train, Y_train, seed, **settings)
        guess = outputs(X_test).argmax(axis=1)
        if labels is not None:
            guess = labels(outputs, X_train, X_test)
        return guess, curves if history is None else history(curves)

    return train


def train_shuffled_apart(X_train, Y_train, X_test, seed):
    shuffled = np.random.default_rng(seed).permutation(Y_train)
    return train_digits(X_train, shuffled, X_test, seed, epochs=2)


# ---------------------------------------------------------------- the report of a run


def report_inputs(rng):
    code = [
        "import numpy as np",
        "",
        "# a network",
        "model = build(64)  # hidden units",
        "for epoch in range(20):",
        "    # one pass",
        "    model.fit(X, Y)",
        "",
        "    print('#', epoch)",
        "   ",
    ]
    code += ["model.save()"] * int(rng.integers(1, 6)) + [""] * int(rng.integers(1, 4))
    epochs = int(rng.integers(8, 12))
    best = int(rng.integers(3, epochs - 3))
    val_loss = 0.3 + 0.05 * np.abs(np.arange(epochs) - best) + rng.uniform(0, 0.02, size=epochs)
    val_accuracy = 0.9 + 0.005 * rng.permutation(epochs)
    later = best + 2  # the highest accuracy comes after the lowest loss
    val_accuracy[[later, val_accuracy.argmax()]] = val_accuracy[[val_accuracy.argmax(), later]]
    seconds = rng.uniform(0.001, 0.003, size=2 * int(rng.integers(3, 6)))
    seconds[0], seconds[-1] = rng.uniform(0.3, 0.6), rng.uniform(0.02, 0.05)
    return {
        "source": "\n".join(code),
        "seconds": seconds.round(5).tolist(),
        "val_loss": val_loss.round(3).tolist(),
        "val_accuracy": val_accuracy.round(3).tolist(),
    }


def probe_report(answer, source, seconds, val_loss, val_accuracy):
    result = answer(source, seconds, val_loss, val_accuracy)
    for name in ("lines", "milliseconds", "best_epoch", "accuracy"):
        if name not in result:
            raise KeyError(f"the dict has no key {name!r}")
        yield name, result[name]


def report(source, seconds, val_loss, val_accuracy):
    lines = [line.strip() for line in source.splitlines()]
    best = int(np.argmin(val_loss))
    return {
        "lines": sum(bool(line) and not line.startswith("#") for line in lines),
        "milliseconds": 1000 * float(np.median(seconds[1:])),
        "best_epoch": best + 1,
        "accuracy": val_accuracy[best],
    }


def report_loop(source, seconds, val_loss, val_accuracy):
    lines = 0
    for line in source.split("\n"):
        if line.strip() and line.strip()[0] != "#":
            lines += 1
    times = sorted(seconds[1:])
    middle = times[len(times) // 2]  # their number is odd
    best = val_loss.index(min(val_loss))
    return {
        "accuracy": val_accuracy[best],
        "best_epoch": best + 1,
        "milliseconds": middle * 1e3,
        "lines": lines,
        "best_loss": min(val_loss),
    }


def report_with_arrays(source, seconds, val_loss, val_accuracy):
    right = report(source, seconds, val_loss, val_accuracy)
    return {name: np.asarray(value) for name, value in right.items()}


def report_with(**wrong):
    """A `report` in which some values are computed by other functions of the same arguments."""

    def other(*arguments):
        right = report(*arguments)
        return {**right, **{name: function(*arguments) for name, function in wrong.items()}}

    return other


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="count_parameters",
        points=2,
        inputs=[count_inputs(2), count_inputs(3), count_inputs(4)],
        reference=count_parameters,
        alternatives=[count_by_shapes, count_vectorised],
        mistakes={
            "the biases are missing: each unit has one": (
                lambda s: [n * m for n, m in zip(s[:-1], s[1:], strict=True)]
            ),
            "one bias for each input: it is each unit that has one": (
                lambda s: [n * (m + 1) for n, m in zip(s[:-1], s[1:], strict=True)]
            ),
            "one bias for each layer: it is each unit that has one": (
                lambda s: [n * m + 1 for n, m in zip(s[:-1], s[1:], strict=True)]
            ),
            "the inputs are counted as a layer: they have no parameters": (
                lambda s: [(s[0] + 1) * s[0], *count_parameters(s)]
            ),
            "the total: one number for each layer is wanted": lambda s: sum(count_parameters(s)),
        },
        hints=(
            "Draw the network with sizes [3, 4, 2]. Count the wires between 3 and 4, and then the "
            "units that have a bias.",
            "A layer with n inputs and m units has n * m weights and m biases. Two neighbours in "
            "sizes are one layer, so the list that you return is shorter than sizes by one.",
            "for n, m in zip(sizes[:-1], sizes[1:]): the layer has (n + 1) * m parameters.",
        ),
        difficulty=1,
        importance=4,
        minutes=6,
    ),
    Exercise(
        name="keras_twin",
        points=4,
        inputs=[
            twin_inputs([3, 5, 2], "relu", "linear"),
            twin_inputs([4, 3, 5, 3], "tanh", "softmax", rows=6),
            twin_inputs([2, 6, 4, 3, 1], "relu", "sigmoid", rows=40),
        ],
        reference=keras_twin,
        probe=probe_keras_twin,
        parts={
            "shapes of the weights": 1,
            "which arrays are the given ones": 1,
            "outputs for X": 2,
        },
        alternatives=[twin_in_float32, twin_layer_by_layer],
        mistakes={
            "the weights are not copied: the model still has its own random first ones": (
                twin_with(weights=lambda w: [a + 1 for a in w])
            ),
            "only the kernels are copied: the biases are still zero": (
                twin_with(weights=lambda w: [a * (a.ndim == 2) for a in w])
            ),
            "there is a Dense layer for the inputs: begin with keras.Input, which is no layer": (
                twin_with(
                    lambda w, h, o: [h, *names(w, h, o)],
                    layer_for_the_inputs,
                )
            ),
            "the last layer is missing": (
                twin_with(lambda w, h, o: names(w, h, o)[:-1], lambda w: w[:-2])
            ),
            "the hidden layers have no activation": (
                twin_with(lambda w, h, o: names(w, "linear", o))
            ),
            "the last layer has the hidden activation: it is `output` that belongs there": (
                twin_with(lambda w, h, o: names(w, h, h))
            ),
            "the hidden layers have the activation of the output": (
                twin_with(lambda w, h, o: names(w, o, o))
            ),
        },
        hints=(
            "Read the sizes off the weights: weights[0] has shape (inputs, units). The list holds "
            "two arrays for each layer, so there are len(weights) // 2 layers.",
            "Make a list of layers: keras.Input first, then a Dense for each kernel, with `hidden` "
            "for all but the last. When the model is built, model.set_weights(weights) copies "
            "everything at once.",
            "layers = [keras.Input((weights[0].shape[0],))]; for W in weights[:-2:2] append "
            "keras.layers.Dense(W.shape[1], activation=hidden); then one more Dense with "
            "weights[-2].shape[1] units and activation=output; model = keras.Sequential(layers).",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="keras_loss",
        points=2,
        inputs=[loss_inputs(6, 4), loss_inputs(5, 3), loss_inputs(1, 5)],
        reference=keras_loss,
        probe=probe_keras_loss,
        parts={"loss": 1, "loss of the surely right": 0.5, "loss of large scores": 0.5},
        rules={"loss of the surely right": AtMost(0.01)},
        alternatives=[loss_loop, loss_float32],
        mistakes={
            # The bug of the start: say what shows, and leave the line to be found.
            "even where the network is sure and right, the loss is far from 0: how often are the "
            "scores turned into probabilities?": lambda Z, Y: keras_loss(softmax(Z), Y),
            "right for small scores only: probabilities below 1e-7 are cut off, so that no loss is "
            "above 16.12. Give the loss the logits themselves": (
                lambda Z, Y: from_probabilities(softmax(Z), Y)
            ),
            "the loss takes the logits for probabilities: it must be told from_logits=True": (
                from_probabilities
            ),
            "the sum over the examples: the loss is their mean": (
                lambda Z, Y: len(Z) * keras_loss(Z, Y)
            ),
            "targets and predictions changed places: Keras wants the targets first": (
                lambda Z, Y: np.mean(
                    np.sum(Z * (np.logaddexp.reduce(Y, axis=1)[:, None] - Y), axis=1)
                )
            ),
            "binary cross-entropy, over all N x C outputs: here the classes exclude one another": (
                binary_loss
            ),
        },
        hints=(
            "Where is the first wrong number? Call keras_loss with Z = [[30., -30., -30.]] and "
            "Y = [[1., 0., 0.]]. The network is sure and right, so the loss should be 0.",
            "Which line made it? from_logits=True says: 'what you get are raw scores; apply the "
            "softmax yourself'. Look at what it gets.",
            "Why? Softmax of probabilities is not the probabilities: they all lie between 0 and 1, "
            "so the second softmax makes them nearly equal. Take the first softmax out, and give "
            "the loss Z.",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="keras_gradients",
        points=3,
        inputs=[
            batch_inputs(6, [3, 5, 4]),
            batch_inputs(5, [4, 3, 2]),
            batch_inputs(40, [2, 6, 3]),
        ],
        reference=keras_gradients,
        probe=probe_keras_gradients,
        parts={"dW1": 1, "db1": 0.5, "dW2": 1, "db2": 0.5},
        alternatives=[gradients_float32, gradients_loop],
        mistakes={
            "the gradient of the sum over the examples: the loss is their mean": (
                gradients_with(lambda Z, Y: softmax(Z) - Y)
            ),
            "softmax is applied twice: the loss has from_logits=True, so leave the last layer "
            "linear": gradients_with(error_of_two_softmaxes),
            "the hidden layer has no activation: it is ReLU": gradients_with(slope=1.0),
            "the gradients have the wrong sign": gradients_with(
                lambda Z, Y: (Y - softmax(Z)) / len(Y)
            ),
            "a sigmoid for each output (binary cross-entropy): use categorical cross-entropy": (
                gradients_with(lambda Z, Y: (1 / (1 + np.exp(-Z)) - Y) / Y.size)
            ),
            "kernels first, then biases: the order is dW1, db1, dW2, db2": gradients_kernels_first,
            "the weights themselves, not the gradients": lambda weights, X, Y: weights,
        },
        hints=(
            "Three things: a model with the given weights (your keras_twin), a loss computed under "
            "`with tf.GradientTape() as tape:`, and tape.gradient(loss, ...) after it.",
            "Both the model and the loss must be called inside the tape. The loss is "
            "keras.losses.CategoricalCrossentropy(from_logits=True), and the model's last layer "
            "linear. model.trainable_variables has the order W1, b1, W2, b2.",
            "model = keras_twin(weights, 'relu', 'linear'); with tf.GradientTape() as tape: "
            "loss = keras.losses.CategoricalCrossentropy(from_logits=True)(Y, model(X)); then "
            "[np.asarray(g) for g in tape.gradient(loss, model.trainable_variables)].",
        ),
        difficulty=4,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="keras_step",
        points=2,
        inputs=[
            batch_inputs(6, [3, 5, 4], learning_rate=0.5),
            batch_inputs(5, [4, 3, 2], learning_rate=0.2),
            batch_inputs(40, [2, 6, 3], learning_rate=0.1),
        ],
        reference=keras_step,
        probe=probe_keras_step,
        parts={"W1": 0.5, "b1": 0.5, "W2": 0.5, "b2": 0.5},
        alternatives=[step_in_place, step_float32],
        mistakes={
            "the weights have not moved: read them from the model after the step": (
                lambda weights, X, Y, learning_rate: weights
            ),
            "the learning rate is Keras's own 0.01: give SGD the one that is asked for": (
                lambda weights, X, Y, learning_rate: keras_step(weights, X, Y, 0.01)
            ),
            "two steps were taken: one is wanted": two_steps,
            "a step for each example: take one step on the whole batch": step_for_each_example,
            "the step goes up the hill: subtract the gradient": (
                lambda weights, X, Y, learning_rate: keras_step(weights, X, Y, -learning_rate)
            ),
            "a step of Adam: use keras.optimizers.SGD": step_of_adam,
            "the gradient of the sum over the examples: the loss is their mean": (
                lambda weights, X, Y, learning_rate: keras_step(
                    weights, X, Y, learning_rate * len(X)
                )
            ),
        },
        hints=(
            "Make the model with the given weights, compile it, let it take one step, and read its "
            "weights.",
            "fit would take one step for each mini-batch of 32. train_on_batch takes exactly one, "
            "on all that you give it. The loss is CategoricalCrossentropy(from_logits=True), as "
            "the last layer is linear.",
            "model = keras_twin(weights, 'relu', 'linear'); model.compile(keras.optimizers.SGD("
            "learning_rate), keras.losses.CategoricalCrossentropy(from_logits=True)); "
            "model.train_on_batch(X, Y); return model.get_weights().",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="largest_difference",
        points=2,
        inputs=difference_inputs,
        reference=largest_difference,
        probe=probe_largest_difference,
        parts={
            "same shapes": 0.5,
            "shapes (n, 1) and (n,)": 0.5,
            "one array is missing": 0.5,
            "a nan in theirs": 0.5,
        },
        alternatives=[difference_of_long_vectors, difference_loop],
        mistakes={
            "the largest signed difference: where theirs is the greater, it is negative. Take "
            "np.abs": difference_with(lambda d: d.max()),
            "the mean difference: one wrong number among many would not be noticed": (
                difference_with(lambda d: np.abs(d).mean())
            ),
            "not divided by the largest number in mine": (
                difference_with(lambda d: np.abs(d).max(), lambda u, v: 1.0)
            ),
            "each difference divided by its own number: where that is near 0, rounding looks like "
            "a bug": difference_entry_by_entry,
            "only the first array is compared": difference_of_the_first,
            "shapes (n, 1) and (n,) are broadcast to (n, n) without a word: compare the shapes "
            "first": difference_broadcasts,
            "zip stops at the end of the shorter list: compare the lengths first": (
                difference_stops_short
            ),
            "the nan is not noticed": difference_forgets_nan,
        },
        hints=(
            "Two questions. Do the lists fit: as many arrays, each with the same shape, all of "
            "theirs finite? If not, the answer is np.inf. Then: which is the largest difference?",
            "[a.shape for a in mine] != [b.shape for b in theirs] finds different lengths and "
            "different shapes in one go. max() of Python does not always see a nan: ask "
            "np.isfinite(b).all().",
            "gap = max(np.abs(a - b).max() for a, b in zip(mine, theirs)), divided by "
            "max(np.abs(a).max() for a in mine).",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="train_digits",
        points=3,
        inputs=[lambda rng: {"seed": int(rng.integers(1000))}],
        reference=train_digits,
        probe=probe_train_digits,
        parts={
            "curves in the history": 1,
            "test accuracy at least 0.90": 1,
            "test accuracy at least 0.95": 1,
        },
        rules={
            "test accuracy at least 0.90": AtLeast(0.90),
            "test accuracy at least 0.95": AtLeast(0.95),
        },
        alternatives=[train_returns_history_object, train_with_more_curves],
        mistakes={
            "the ten probabilities of each picture, not its label: take the argmax of each row": (
                train_with(labels=lambda outputs, X, X_test: outputs(X_test), epochs=2)
            ),
            "argmax over the wrong axis: one label for each picture is wanted": (
                train_with(labels=lambda outputs, X, X_test: outputs(X_test).argmax(0), epochs=2)
            ),
            "the labels of the training pictures: predict X_test": (
                train_with(labels=lambda outputs, X, X_test: outputs(X).argmax(1), epochs=2)
            ),
            "labels counted from 1: the digit 0 has label 0": (
                train_with(
                    labels=lambda outputs, X, X_test: outputs(X_test).argmax(1) + 1, epochs=3
                )
            ),
            "there is no validation: give fit a validation_split": (
                train_with(history=lambda h: {k: h[k] for k in ("loss", "accuracy")})
            ),
            "the accuracy is not recorded: give compile metrics=['accuracy']": (
                train_with(history=lambda h: {k: h[k] for k in ("loss", "val_loss")})
            ),
            "no better than guessing, and the loss hardly falls: do the last layer, the targets "
            "and the loss fit one another?": train_shuffled_apart,
        },
        hints=(
            "Four calls: Sequential, compile, fit, predict. The targets are one-hot, so the last "
            "layer is softmax and the loss 'categorical_crossentropy'.",
            "metrics=['accuracy'] in compile and validation_split=0.1 in fit give the four curves. "
            "fit returns the History; its attribute history is the dict. Adam with learning rate "
            "0.003 needs some 15 epochs.",
            "history = model.fit(X_train, Y_train, epochs=15, validation_split=0.1, verbose=0); "
            "labels = model.predict(X_test, verbose=0).argmax(axis=1); "
            "return labels, history.history.",
        ),
        difficulty=3,
        importance=5,
        minutes=15,
    ),
    Exercise(
        name="report",
        points=2,
        inputs=report_inputs,
        reference=report,
        probe=probe_report,
        parts={"lines": 0.5, "milliseconds": 0.5, "best_epoch": 0.5, "accuracy": 0.5},
        alternatives=[report_loop, report_with_arrays],
        mistakes={
            "empty lines are counted": report_with(
                lines=lambda source, *_: sum(
                    not line.strip().startswith("#") for line in source.splitlines()
                )
            ),
            "comments are counted": report_with(
                lines=lambda source, *_: sum(bool(line.strip()) for line in source.splitlines())
            ),
            "lines of code with a # further on are left out: a comment begins with it": (
                report_with(
                    lines=lambda source, *_: sum(
                        bool(line.strip()) and "#" not in line for line in source.splitlines()
                    )
                )
            ),
            "the first step is counted in, and in it the graph is compiled": report_with(
                milliseconds=lambda source, seconds, *_: 1000 * np.median(seconds)
            ),
            "the mean of the steps: one slow step spoils it. Take the median": report_with(
                milliseconds=lambda source, seconds, *_: 1000 * np.mean(seconds[1:])
            ),
            "seconds, not milliseconds": report_with(
                milliseconds=lambda source, seconds, *_: np.median(seconds[1:])
            ),
            "the epoch is counted from 0: the first is epoch 1": report_with(
                best_epoch=lambda source, seconds, losses, _: int(np.argmin(losses))
            ),
            "the epoch of the highest accuracy: the lowest validation loss is asked for": (
                report_with(
                    best_epoch=lambda *a: int(np.argmax(a[3])) + 1,
                    accuracy=lambda *a: max(a[3]),
                )
            ),
            "the accuracy of the last epoch: take that of the best one": report_with(
                accuracy=lambda *a: a[3][-1]
            ),
        },
        hints=(
            "Four small tasks. Do one after the other: each earns half a point by itself.",
            "A line counts if line.strip() is not empty and does not begin with '#'. "
            "np.median(seconds[1:]) leaves out the first step. np.argmin counts from 0.",
            "best = int(np.argmin(val_loss)); the epoch is best + 1 and the accuracy "
            "val_accuracy[best]. Milliseconds are 1000 * np.median(seconds[1:]).",
        ),
        difficulty=2,
        importance=3,
        minutes=12,
    ),
]
