"""What each exercise of module 2 must do: inputs, right answers, and what people get wrong."""

import math

import numpy as np

from autograde import Exercise

# nnlib.activations holds the answers, and nnlib.plots imports it.
ALLOWED = ("numpy", "matplotlib")

# ---------------------------------------------------------------- merge: two linear layers are one


def merge(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2


def merge_inputs(inputs, hidden, outputs):
    def draw(rng):
        return {
            "W1": rng.normal(size=(inputs, hidden)).round(2),
            "b1": rng.normal(size=hidden).round(2),
            "W2": rng.normal(size=(hidden, outputs)).round(2),
            "b2": rng.normal(size=outputs).round(2),
        }

    return draw


def probe_merge(answer, W1, b1, W2, b2):
    result = answer(W1, b1, W2, b2)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("merge must return a matrix and a bias: `return W, b`")
    W, b = result
    yield "W", W
    if np.ndim(b) == 2 and len(b) == 1:
        b = b[0]  # a row does as well as a vector
    yield "b", b


def merge_loop(W1, b1, W2, b2):
    (inputs, hidden), outputs = W1.shape, len(b2)
    W = [
        [sum(W1[i, j] * W2[j, k] for j in range(hidden)) for k in range(outputs)]
        for i in range(inputs)
    ]
    b = [sum(b1[j] * W2[j, k] for j in range(hidden)) + b2[k] for k in range(outputs)]
    return [W, b]


def merge_by_asking(W1, b1, W2, b2):
    """Run the two layers on the zero vector, and on each unit vector."""

    def network(X):
        return (X @ W1 + b1) @ W2 + b2

    b = network(np.zeros((1, len(W1))))
    return network(np.eye(len(W1))) - b, b


def merge_einsum_float32(W1, b1, W2, b2):
    W1, b1, W2, b2 = (np.asarray(p, dtype=np.float32) for p in (W1, b1, W2, b2))
    return np.einsum("ij,jk->ik", W1, W2), np.einsum("j,jk->k", b1, W2) + b2


# ---------------------------------------------------------------- step


def step(Z):
    return np.where(Z >= 0, 1.0, 0.0), np.zeros(Z.shape)


def away_from_zero(rng, rows, columns, scale=2.0):
    """Random numbers with two decimals, none nearer to the kink at 0 than 0.05."""
    Z = rng.normal(0, scale, size=(rows, columns)).round(2)
    Z[np.abs(Z) < 0.05] = 0.05
    Z[0, 0], Z[1, 1] = -abs(Z[0, 0]), abs(Z[1, 1])  # both signs are there
    return Z


def step_inputs(rng):
    return {"Z": away_from_zero(rng, int(rng.integers(5, 8)), int(rng.integers(3, 5)))}


def probe_step(answer, Z):
    result = answer(Z)
    if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
        raise TypeError("step must return two arrays: `return A, D`")
    yield "A", result[0]
    yield "D", result[1]


def step_loop(Z):
    return [[int(z >= 0) for z in row] for row in Z], [[0] * len(row) for row in Z]


def step_heaviside(Z):
    return np.heaviside(Z, 1.0).astype(np.float32), 0 * Z


def step_bool(Z):
    return Z >= 0, np.zeros_like(Z, dtype=bool)


# ---------------------------------------------------------------- linear, ReLU, leaky ReLU


def leaky_relu(Z, negative_slope):
    return np.where(Z > 0, Z, negative_slope * Z), np.where(Z > 0, 1.0, negative_slope)


def leaky_relu_inputs(rng):
    rows, columns = int(rng.integers(5, 8)), int(rng.integers(3, 5))
    leak = round(float(rng.uniform(0.05, 0.4)), 2)
    return {"Z": away_from_zero(rng, rows, columns), "negative_slope": leak}


def probe_leaky_relu(answer, Z, negative_slope):
    slopes = {"ReLU": 0.0, "leaky ReLU": negative_slope, "linear": 1.0}
    for name, slope in slopes.items():
        result = answer(Z.copy(), slope)
        if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
            raise TypeError("leaky_relu must return two arrays: `return A, D`")
        yield f"{name}: A", result[0]
        yield f"{name}: D", result[1]


def leaky_relu_in_place(Z, negative_slope):
    D = np.ones_like(Z)
    D[Z <= 0] = negative_slope
    Z *= D
    return Z, D


def leaky_relu_loop(Z, negative_slope):
    A = [[z if z > 0 else negative_slope * z for z in row] for row in Z]
    D = [[1 if z > 0 else negative_slope for z in row] for row in Z]
    return A, D


def leaky_relu_maximum_float32(Z, negative_slope):
    Z = Z.astype(np.float32)
    return np.maximum(Z, negative_slope * Z), (Z > 0) + negative_slope * (Z <= 0)


def leaky_relu_with(
    value=lambda Z, s: np.where(Z > 0, Z, s * Z), slope=lambda Z, s: np.where(Z > 0, 1.0, s)
):
    """A `leaky_relu` with another function or another derivative."""
    return lambda Z, negative_slope: (value(Z, negative_slope), slope(Z, negative_slope))


# ---------------------------------------------------------------- ELU


def elu(Z, alpha):
    E = alpha * np.expm1(np.minimum(Z, 0))
    return np.where(Z > 0, Z, E), np.where(Z > 0, 1.0, E + alpha)


def large(rng):
    """Pre-activations so large, on both sides, that np.exp of some is inf or 0; and two small
    ones."""
    u, v = rng.uniform(35, 45, size=2).round(2), rng.uniform(100, 700, size=2).round(2)
    w = rng.uniform(0.5, 2, size=2).round(2)
    return np.array([[-1000.0, 1000.0], [-u[0], u[1]], [v[0], -v[1]], [w[0], -w[1]]])


def elu_inputs(rng):
    alpha = float(rng.choice([0.4, 0.5, 0.6, 0.7, 1.3, 1.4, 1.5, 1.6]))
    Z = away_from_zero(rng, int(rng.integers(5, 8)), int(rng.integers(3, 5)))
    return {"Z": Z, "Z_large": large(rng), "alpha": alpha}


def probe_elu(answer, Z, Z_large, alpha):
    for array, where in ((Z, ""), (Z_large, " for |z| up to 1000")):
        result = answer(array, alpha)
        if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
            raise TypeError("elu must return two arrays: `return A, D`")
        yield f"A{where}", result[0]
        yield f"D{where}", result[1]


def elu_chosen_late(Z, alpha):
    """Overflows where z is large, but does not use those numbers: noisy, and right."""
    return np.where(Z > 0, Z, alpha * (np.exp(Z) - 1)), np.where(Z > 0, 1, alpha * np.exp(Z))


def elu_loop(Z, alpha):
    A = [[z if z > 0 else alpha * (math.exp(z) - 1) for z in row] for row in Z]
    D = [[1.0 if z > 0 else alpha * math.exp(z) for z in row] for row in Z]
    return A, D


def elu_masks_float32(Z, alpha):
    A, D = Z.astype(np.float32), np.ones(Z.shape, dtype=np.float32)
    low = A <= 0
    D[low] = np.float32(alpha) * np.exp(A[low])
    A[low] = D[low] - np.float32(alpha)
    return A, D


def elu_with(
    value=lambda E, a: a * (E - 1), slope=lambda E, a: a * E, above=lambda Z: Z, above_slope=1.0
):
    """An `elu` with another function or derivative where z <= 0, both of e^z and alpha."""

    def elu(Z, alpha):
        E = np.exp(np.minimum(Z, 0))
        A = np.where(Z > 0, above(Z), value(E, alpha))
        return A, np.where(Z > 0, above_slope, slope(E, alpha))

    return elu


def elu_times_mask(Z, alpha):
    E = np.exp(Z)
    return Z * (Z > 0) + alpha * (E - 1) * (Z <= 0), (Z > 0) + alpha * E * (Z <= 0)


def elu_maximum(Z, alpha):
    return np.maximum(Z, alpha * (np.exp(Z) - 1)), elu(Z, alpha)[1]


# ---------------------------------------------------------------- sigmoid


def sigmoid_value(Z):
    E = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1 / (1 + E), E / (1 + E))


def sigmoid(Z):
    A = sigmoid_value(Z)
    return A, A * (1 - A)


def stable_inputs(rng):
    Z = away_from_zero(rng, int(rng.integers(5, 8)), int(rng.integers(3, 5)))
    return {"Z": Z, "Z_large": large(rng)}


def probe_sigmoid(answer, Z, Z_large):
    for array, where in ((Z, ""), (Z_large, " for |z| up to 1000")):
        result = answer(array)
        if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
            raise TypeError("sigmoid must return two arrays: `return A, D`")
        yield f"A{where}", result[0]
        yield f"D{where}", result[1]


def sigmoid_noisy(Z):
    """As printed everywhere: np.exp(1000) is inf with a warning, and 1 / inf is rightly 0."""
    A = 1 / (1 + np.exp(-Z))
    return np.stack([A, A - A**2])


def sigmoid_by_tanh(Z):
    A = 0.5 * (1 + np.tanh(Z.astype(np.float32) / 2))
    return A, A * (1 - A)


def sigmoid_loop(Z):
    A = np.empty(Z.shape)
    for i, j in np.ndindex(Z.shape):
        e = math.exp(-abs(Z[i, j]))
        A[i, j] = (1 if Z[i, j] >= 0 else e) / (1 + e)
    return A.tolist(), [[a * (1 - a) for a in row] for row in A]


def sigmoid_by_logarithm(Z):
    A = np.exp(-np.logaddexp(0, -Z))
    return A, A * np.exp(-np.logaddexp(0, Z))


def sigmoid_with(value=sigmoid_value, slope=lambda Z, A: A * (1 - A)):
    """A `sigmoid` with another function or another derivative, given Z and A."""

    def sigmoid(Z):
        A = value(Z)
        return A, slope(Z, A)

    return sigmoid


def sigmoid_slope_overflows(Z, A):
    return np.exp(-Z) / (1 + np.exp(-Z)) ** 2


# ---------------------------------------------------------------- tanh: find the bugs


def tanh(Z):
    A = np.tanh(Z)
    return A, 1 - A**2


def probe_tanh(answer, Z, Z_large):
    for array, where in ((Z, ""), (Z_large, " for |z| up to 1000")):
        result = answer(array)
        if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
            raise TypeError("tanh must return two arrays: `return A, D`")
        yield f"A{where}", result[0]
        yield f"D{where}", result[1]


def tanh_by_sigmoid(Z):
    A = 2 * sigmoid_value(2 * Z) - 1
    return [A, (1 + A) * (1 - A)]


def tanh_loop_float32(Z):
    A = np.array([[math.tanh(z) for z in row] for row in Z], dtype=np.float32)
    return A, 1 - A * A


def tanh_one_sided(Z):
    E = np.exp(-2 * np.abs(Z))
    return np.sign(Z) * (1 - E) / (1 + E), 4 * E / (1 + E) ** 2


def tanh_overflowing(Z):
    return (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))


def tanh_with(value=np.tanh, slope=lambda Z, A: 1 - A**2):
    """A `tanh` with another function or another derivative, given Z and A."""
    return sigmoid_with(value, slope)


# ---------------------------------------------------------------- softmax


def softmax(Z):
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def softmax_inputs(rng):
    rows, classes = int(rng.integers(5, 8)), int(rng.integers(3, 5))
    Z_large = rng.uniform(-50, 50, size=(4, 3)).round(2)
    Z_large[0] += 1000
    Z_large[1] -= 1000
    z = rng.normal(0, 2, size=classes + 2).round(2)
    return {"Z": rng.normal(0, 2, size=(rows, classes)).round(2), "Z_large": Z_large, "z": z}


def probe_softmax(answer, Z, Z_large, z):
    yield "a batch", answer(Z)
    yield "a batch of large scores", answer(Z_large)
    yield "one example", answer(z)


def softmax_loop(Z):
    if Z.ndim > 1:
        return [softmax_loop(row) for row in Z]
    e = [math.exp(v - max(Z)) for v in Z]
    return [v / sum(e) for v in e]


def softmax_by_logarithm(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=-1, keepdims=True))


def softmax_in_place_float32(Z):
    Z = Z.astype(np.float32)
    Z -= Z.max(-1)[..., np.newaxis]
    np.exp(Z, out=Z)
    Z /= np.einsum("...c->...", Z)[..., None]
    return Z


def softmax_with(axis, maximum):
    """A `softmax` that adds up over `axis`, and subtracts a maximum over `maximum` if not False."""

    def softmax(Z):
        E = np.exp(Z if maximum is False else Z - Z.max(axis=maximum, keepdims=True))
        return E / E.sum(axis=axis, keepdims=True)

    return softmax


# ---------------------------------------------------------------- the Jacobian of softmax


def softmax_jacobian(p):
    return np.diag(p) - np.outer(p, p)


def jacobian_inputs(classes):
    def draw(rng):
        p = rng.uniform(0.05, 0.9 / classes, size=classes).round(2)
        p[rng.integers(classes)] += 1 - p.sum()
        return {"p": p.round(2)}

    return draw


def probe_jacobian(answer, p):
    yield "J", answer(p)


def jacobian_loop(p):
    C = len(p)
    return [[p[i] * (1 - p[i]) if i == j else -p[i] * p[j] for j in range(C)] for i in range(C)]


def jacobian_in_place(p):
    J = -p[:, None] * p
    J[np.diag_indices_from(J)] += p
    return J


def jacobian_einsum_float32(p):
    p = p.astype(np.float32)
    return np.einsum("i,ij->ij", p, np.eye(len(p), dtype=np.float32) - p)


# ---------------------------------------------------------------- share of dead ReLUs


def dead_share(Z):
    return np.mean(np.all(Z <= 0, axis=0))


def dead_inputs(rows, units, dead):
    """Pre-activations of a batch in which `dead` units, and one example, never fire."""

    def draw(rng):
        Z = away_from_zero(rng, rows, units)
        columns = rng.permutation(units)
        Z[:, columns[dead]] = -np.abs(Z[:, columns[dead]]) - 1  # fires seldom, and is alive
        Z[:, columns[-1]] = np.abs(Z[:, columns[-1]]) + 1
        Z[rng.integers(1, rows), columns[dead:]] = rng.uniform(0.1, 1, size=units - dead).round(2)
        Z[:, columns[:dead]] = -np.abs(Z[:, columns[:dead]])
        Z[0] = -np.abs(Z[0])
        return {"Z": Z}

    return draw


def dead_share_loop(Z):
    dead = 0
    for unit in range(Z.shape[1]):
        dead += all(z <= 0 for z in Z[:, unit])
    return dead / Z.shape[1]


def dead_share_of_outputs(Z):
    A = np.maximum(Z, 0)
    return 1 - np.count_nonzero(A.sum(axis=0)) / A.shape[1]


def dead_share_of_maxima(Z):
    return float((Z.astype(np.float32).max(0) <= 0).mean())


# ---------------------------------------------------------------- output activation and loss

choices = {
    "temperature": ("linear", "mean_squared_error"),
    "spam": ("sigmoid", "binary_crossentropy"),
    "digit": ("softmax", "categorical_crossentropy"),
    "genres": ("sigmoid", "binary_crossentropy"),
}


def probe_choices(answer):
    import hashlib

    names = "linear relu sigmoid softmax tanh mean_squared_error binary_crossentropy"
    known = {n.replace("_", ""): n for n in [*names.split(), "categorical_crossentropy"]}
    known["none"] = "linear"  # as in Keras
    known["mse"], known["bce"] = "mean_squared_error", "binary_crossentropy"
    known["cce"] = "categorical_crossentropy"
    # Digests of the right answers: a check that printed them would leave nothing to think about.
    right = {"2d0e6733b9ef", "0d2a767767d1", "5aba5c35171b", "2a600f5cdd0e"}

    def said(word):
        letters = "".join(c for c in str(word).lower() if c.isalpha())
        return known.get(letters, letters)

    if not isinstance(answer, dict):
        raise TypeError("choices must stay a dictionary: {task: (activation, loss), ...}")
    tasks = ("temperature", "spam", "digit", "genres")
    missing = [task for task in tasks if not isinstance(answer.get(task), (tuple, list))]
    if missing or any(len(answer[task]) != 2 for task in tasks):
        raise TypeError("each of the four tasks needs a pair: (activation, loss)")
    if not any(said(word) for task in tasks for word in answer[task]):
        raise NotImplementedError
    for task in tasks:
        activation, loss = map(said, answer[task])
        digest = hashlib.sha256(f"{task} {activation} {loss}".encode()).hexdigest()[:12]
        yield task, "right" if digest in right else f"{activation or '?'} with {loss or '?'}"


# ---------------------------------------------------------------- the exercises

EXERCISES = [
    Exercise(
        name="merge",
        points=2,
        inputs=[merge_inputs(3, 4, 2), merge_inputs(2, 5, 4), merge_inputs(3, 3, 3)],
        reference=merge,
        probe=probe_merge,
        parts={"W": 1, "b": 1},
        alternatives=[merge_loop, merge_by_asking, merge_einsum_float32],
        mistakes={
            "b1 is lost: it goes through the second layer's weights too": (
                lambda W1, b1, W2, b2: (W1 @ W2, b2)
            ),
            "b2 is lost": lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2),
            "the matrices are in the wrong order: X meets W1 first, so it is W1 @ W2": (
                lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2)
            ),
            "the biases are simply added: b1 must pass through W2 first": (
                lambda W1, b1, W2, b2: (W1 @ W2, b1 + b2)
            ),
            "W1 * W2 multiplies entry by entry: the matrix product is @": (
                lambda W1, b1, W2, b2: (W1 * W2, b1 @ W2 + b2)
            ),
            "W2 @ b1 is the wrong way round: b1 is a row, so it stands on the left": (
                lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2)
            ),
        },
        hints=(
            "Write the second layer's input out: A1 = X @ W1 + b1. Put it into A1 @ W2 + b2 and "
            "multiply out. What stands behind X, and what is left over?",
            "(X @ W1 + b1) @ W2 + b2 is X @ (W1 @ W2) plus two terms that have no X in them. "
            "These two are the bias.",
            "W = W1 @ W2, and b = b1 @ W2 + b2. Return both: return W, b.",
        ),
        difficulty=2,
        importance=4,
        minutes=8,
    ),
    Exercise(
        name="step",
        points=1,
        inputs=step_inputs,
        reference=step,
        probe=probe_step,
        parts={"A": 0.5, "D": 0.5},
        alternatives=[step_loop, step_heaviside, step_bool],
        mistakes={
            "the derivative is not 1 where the unit is on: the step is flat there, so it is 0": (
                lambda Z: (step(Z)[0], step(Z)[0])
            ),
            "the derivative is not 1 everywhere: that is the linear activation's": (
                lambda Z: (step(Z)[0], np.ones(Z.shape))
            ),
            "the derivative is a single 0: return one for each entry of Z": (
                lambda Z: (step(Z)[0], 0.0)
            ),
            "-1 and 1: that is the sign. The step gives 0 and 1": (
                lambda Z: (np.where(Z >= 0, 1.0, -1.0), np.zeros(Z.shape))
            ),
            "on and off changed places: 1 where z >= 0": (
                lambda Z: (np.where(Z < 0, 1.0, 0.0), np.zeros(Z.shape))
            ),
            "z itself where the unit is on: that is ReLU. The step gives 1": (
                lambda Z: (np.maximum(Z, 0), np.zeros(Z.shape))
            ),
        },
        hints=(
            "A is 1 where z is 0 or more, else 0. For D, draw the step on paper: how steep is it "
            "to the left of 0, and how steep to the right?",
            "Z >= 0 is an array of True and False; np.where turns it into numbers. Both halves of "
            "the step are flat.",
            "A = np.where(Z >= 0, 1.0, 0.0); D = np.zeros_like(A); and return both.",
        ),
        difficulty=1,
        importance=2,
        minutes=4,
    ),
    Exercise(
        name="leaky_relu",
        points=3,
        inputs=leaky_relu_inputs,
        reference=leaky_relu,
        probe=probe_leaky_relu,
        parts={
            "ReLU: A": 0.5,
            "ReLU: D": 0.5,
            "leaky ReLU: A": 0.5,
            "leaky ReLU: D": 0.5,
            "linear: A": 0.5,
            "linear: D": 0.5,
        },
        alternatives=[leaky_relu_in_place, leaky_relu_loop, leaky_relu_maximum_float32],
        mistakes={
            "A is 0 where z < 0: there it is negative_slope * z": (
                leaky_relu_with(value=lambda Z, s: np.maximum(Z, 0))
            ),
            "the slope 0.01 is written into the function: use negative_slope": (
                lambda Z, s: leaky_relu(Z, 0.01)
            ),
            "the derivative is 0 where z < 0: there the line has the slope negative_slope": (
                leaky_relu_with(slope=lambda Z, s: np.where(Z > 0, 1.0, 0.0))
            ),
            "the derivative still has z in it: the slope of a straight line is a number": (
                leaky_relu_with(slope=lambda Z, s: np.where(Z > 0, Z, s * Z))
            ),
            "where z < 0, A is the slope itself: multiply it by z": (
                leaky_relu_with(value=lambda Z, s: np.where(Z > 0, Z, s))
            ),
            "the two sides changed places: z is kept where it is positive": (
                leaky_relu_with(
                    lambda Z, s: np.where(Z > 0, s * Z, Z), lambda Z, s: np.where(Z > 0, s, 1.0)
                )
            ),
            "the negative side is turned upwards: negative_slope * z keeps its minus sign": (
                leaky_relu_with(value=lambda Z, s: np.where(Z > 0, Z, -s * Z))
            ),
        },
        hints=(
            "Two straight lines meet at 0. Write down the height and the slope of each: left of 0, "
            "and right of it. np.where chooses between them.",
            "Right of 0: height z, slope 1. Left of 0: height negative_slope * z, slope "
            "negative_slope. Both A and D are one np.where with the condition Z > 0.",
            "A = np.where(Z > 0, Z, negative_slope * Z), and D = np.where(Z > 0, 1.0, "
            "negative_slope).",
        ),
        difficulty=2,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="elu",
        points=2,
        inputs=elu_inputs,
        reference=elu,
        probe=probe_elu,
        parts={
            "A": 0.5,
            "D": 0.5,
            "A for |z| up to 1000": 0.5,
            "D for |z| up to 1000": 0.5,
        },
        alternatives=[elu_chosen_late, elu_loop, elu_masks_float32],
        mistakes={
            "multiplied by a mask: np.exp(1000) is inf, and inf * 0 is nan. Let np.where choose "
            "instead, or take exp of np.minimum(Z, 0)": elu_times_mask,
            "the - 1 is missing: at 0 the two halves must meet": (
                elu_with(value=lambda E, a: a * E)
            ),
            "alpha is missing in A": elu_with(value=lambda E, a: E - 1),
            "alpha is missing in D: it stays when you differentiate": elu_with(
                slope=lambda E, a: E
            ),
            "D is A: the derivative of alpha * (e^z - 1) is alpha * e^z, which is A + alpha": (
                elu_with(slope=lambda E, a: a * (E - 1))
            ),
            "D is alpha wherever z < 0: the curve is not a straight line there": (
                elu_with(slope=lambda E, a: a + 0 * E)
            ),
            "D is 0 wherever z < 0: that is ReLU's derivative": elu_with(slope=lambda E, a: 0 * E),
            "np.maximum does not choose the side: for positive z, e^z - 1 is larger than z": (
                elu_maximum
            ),
        },
        hints=(
            "Right of 0, ELU is ReLU. Left of 0 it is alpha * (e^z - 1): differentiate that. Then "
            "ask what np.exp makes of z = 1000, and whether that number is used.",
            "D is 1 where z > 0, else alpha * e^z. np.where picks one side without multiplying. "
            "np.exp(np.minimum(Z, 0)) never sees a positive number.",
            "E = np.exp(np.minimum(Z, 0)); A = np.where(Z > 0, Z, alpha * (E - 1)); and D = "
            "np.where(Z > 0, 1.0, alpha * E).",
        ),
        difficulty=3,
        importance=3,
        minutes=10,
    ),
    Exercise(
        name="sigmoid",
        points=3,
        inputs=stable_inputs,
        reference=sigmoid,
        probe=probe_sigmoid,
        parts={
            "A": 1,
            "D": 1,
            "A for |z| up to 1000": 0.5,
            "D for |z| up to 1000": 0.5,
        },
        alternatives=[sigmoid_noisy, sigmoid_by_tanh, sigmoid_loop, sigmoid_by_logarithm],
        mistakes={
            "the derivative a * (1 - a) was written for a = sigmoid(z), and here it got z": (
                sigmoid_with(slope=lambda Z, A: Z * (1 - Z))
            ),
            "sigmoid was taken twice: A is sigmoid(z) already, so that D is A * (1 - A)": (
                sigmoid_with(slope=lambda Z, A: sigmoid(A)[1])
            ),
            "e^z / (1 + e^z) is inf / inf = nan for z = 1000": (
                sigmoid_with(value=lambda Z: np.exp(Z) / (1 + np.exp(Z)))
            ),
            "D from e^-z / (1 + e^-z)^2 is inf / inf = nan for z = -1000: compute it from A": (
                sigmoid_with(slope=sigmoid_slope_overflows)
            ),
            "the minus sign in the exponent is missing: this is 1 - sigmoid(z)": (
                sigmoid_with(value=lambda Z: 1 - sigmoid_value(Z))
            ),
            "D is 1 - A**2: that is tanh's derivative": (sigmoid_with(slope=lambda Z, A: 1 - A**2)),
            "D is 1 - A: the factor A is missing": sigmoid_with(slope=lambda Z, A: 1 - A),
            "the minus sign stands before the whole derivative: the sigmoid only rises": (
                sigmoid_with(slope=lambda Z, A: A * (A - 1))
            ),
        },
        hints=(
            "First A, from the formula. Then D from A alone: you need no second exponential. For "
            "large |z|, ask of each np.exp whether its exponent can be large and positive.",
            "D = A * (1 - A). For z >= 0, 1 / (1 + e^-z) is harmless; for z < 0, multiply above "
            "and below by e^z: e^z / (1 + e^z). Both hold e^-|z|, which is never above 1.",
            "E = np.exp(-np.abs(Z)); A = np.where(Z >= 0, 1 / (1 + E), E / (1 + E)); D = A * "
            "(1 - A).",
        ),
        difficulty=3,
        importance=5,
        minutes=12,
    ),
    Exercise(
        name="tanh",
        points=2,
        inputs=stable_inputs,
        reference=tanh,
        probe=probe_tanh,
        parts={"A for |z| up to 1000": 1, "D": 0.5, "D for |z| up to 1000": 0.5},
        alternatives=[tanh_by_sigmoid, tanh_loop_float32, tanh_one_sided],
        mistakes={
            # The untouched start shows this too: it says where, and leaves the why to the hints.
            "the line of D is still the old one: its slopes fall without end, but tanh is flat far "
            "from 0": (tanh_with(slope=lambda Z, A: 1 - Z**2)),
            "the line of A is still the old one: e^1000 is inf, and inf / inf is nan": (
                tanh_with(tanh_overflowing)
            ),
            "tanh was taken twice: A is tanh(z) already": (
                tanh_with(slope=lambda Z, A: 1 - np.tanh(A) ** 2)
            ),
            "D is A * (1 - A): that is the sigmoid's derivative": (
                tanh_with(slope=lambda Z, A: A * (1 - A))
            ),
            "D is 1 - A: the square is missing": tanh_with(slope=lambda Z, A: 1 - A),
            "2 * sigmoid(z) - 1 is tanh(z / 2): tanh(z) is 2 * sigmoid(2z) - 1": (
                tanh_with(value=lambda Z: 2 * sigmoid_value(Z) - 1)
            ),
        },
        hints=(
            "Where is the first wrong number? Call tanh on np.array([[0.5, 1000.0]]) and print A "
            "and D. One entry of A is nan. And D at 0.5 should be 0.786: compare "
            "(np.tanh(0.501) - np.tanh(0.499)) / 0.002.",
            "Which line made it? The nan comes from the line of A: np.exp(1000) is inf, and inf / "
            "inf is nan. The wrong slope comes from the line of D: which letter does the formula "
            "1 - a**2 speak of?",
            "Why? 1 - a**2 takes the output of tanh, not its input: D = 1 - A**2. And A = "
            "np.tanh(Z) never overflows; nor does 2 * sigmoid(2 * Z) - 1 with a safe sigmoid.",
        ),
        difficulty=3,
        importance=4,
        minutes=10,
    ),
    Exercise(
        name="softmax",
        points=2,
        inputs=softmax_inputs,
        reference=softmax,
        probe=probe_softmax,
        parts={"a batch": 1, "a batch of large scores": 0.5, "one example": 0.5},
        alternatives=[softmax_loop, softmax_by_logarithm, softmax_in_place_float32],
        mistakes={
            "each column adds up to 1: it is each row, the classes of one example, that must": (
                softmax_with(0, 0)
            ),
            "the whole batch adds up to 1: each row must, by itself": softmax_with(None, None),
            "np.exp of a large score is inf: subtract each row's maximum first": (
                softmax_with(-1, False)
            ),
            "two things: each column adds up to 1, not each row; and np.exp of a large score is "
            "inf": softmax_with(0, False),
            "two things: the whole batch adds up to 1, not each row; and np.exp of a large score "
            "is inf": softmax_with(None, False),
            "one maximum was subtracted from the whole batch: a row far below it becomes 0 / 0. "
            "Take each row's own": softmax_with(-1, None),
            "axis=1 does not exist for a single example, of shape (C,): the last axis is axis=-1": (
                softmax_with(1, 1)
            ),
            "the scores were divided by their sum: exp comes first": (
                lambda Z: Z / Z.sum(axis=-1, keepdims=True)
            ),
            "a sigmoid for each score: the classes must share one total of 1": sigmoid_value,
        },
        hints=(
            "exp of each score, divided by the sum of its row. axis=-1 is the last axis, whether Z "
            "has one or two. keepdims=True keeps the sums in a shape that divides the rows.",
            "Adding the same number to all scores of a row changes nothing, since it cancels. So "
            "subtract the row's maximum, with axis=-1 and keepdims=True: then no exponent is "
            "above 0.",
            "E = np.exp(Z - Z.max(axis=-1, keepdims=True)), then E divided by E.sum with the same "
            "axis and keepdims.",
        ),
        difficulty=3,
        importance=5,
        minutes=10,
    ),
    Exercise(
        name="softmax_jacobian",
        points=2,
        inputs=[jacobian_inputs(3), jacobian_inputs(4), jacobian_inputs(5)],
        reference=softmax_jacobian,
        probe=probe_jacobian,
        alternatives=[jacobian_loop, jacobian_in_place, jacobian_einsum_float32],
        mistakes={
            "p * (1 - p) is only the Jacobian's diagonal: every output depends on every score, so "
            "that C x C numbers are wanted": lambda p: p * (1 - p),
            "zeros beside the diagonal: raising one score lowers all other probabilities, by "
            "p_i * p_j": lambda p: np.diag(p * (1 - p)),
            "plus where a minus belongs: the entry beside the diagonal is -p_i * p_j": (
                lambda p: np.diag(p) + np.outer(p, p)
            ),
            "the minus beside the diagonal is missing; the diagonal is right": (
                lambda p: np.outer(p, p) + np.diag(p * (1 - 2 * p))
            ),
            "the sign is turned round: the diagonal is positive": (
                lambda p: np.outer(p, p) - np.diag(p)
            ),
            "only -p_i * p_j: on the diagonal p_i is added": lambda p: -np.outer(p, p),
            "p_i * (1 - p_j) in every place: the 1 belongs to the diagonal alone": (
                lambda p: np.outer(p, 1 - p)
            ),
            "p * p multiplies entry by entry: the table of all p_i * p_j is np.outer(p, p)": (
                lambda p: np.diag(p) - p * p
            ),
        },
        hints=(
            "J has one row for each output and one column for each score: shape (C, C). Fill in "
            "the diagonal and the rest apart, first with two loops if you like.",
            "On the diagonal stands p_i * (1 - p_i), which is p_i - p_i * p_i. Beside it stands "
            "-p_i * p_j. So everywhere it is -p_i * p_j, and on the diagonal p_i more.",
            "np.outer(p, p) is the table of all products, np.diag(p) a matrix with p on its "
            "diagonal. Return the second minus the first.",
        ),
        difficulty=4,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="dead_share",
        points=1,
        inputs=[dead_inputs(6, 8, 3), dead_inputs(5, 10, 2), dead_inputs(9, 7, 4)],
        reference=dead_share,
        alternatives=[dead_share_loop, dead_share_of_outputs, dead_share_of_maxima],
        mistakes={
            "the share of zeros in the whole array: a dead unit is off for every example": (
                lambda Z: np.mean(Z <= 0)
            ),
            "the share of examples for which all units are off: look down each column, axis=0": (
                lambda Z: np.mean(np.all(Z <= 0, axis=1))
            ),
            "the share of units that are off at least once: that is normal. Dead means always": (
                lambda Z: np.mean(np.any(Z <= 0, axis=0))
            ),
            "how many, not which share: divide by the number of units": (
                lambda Z: np.sum(np.all(Z <= 0, axis=0))
            ),
            "divided by the number of examples: divide by the number of units": (
                lambda Z: np.sum(np.all(Z <= 0, axis=0)) / len(Z)
            ),
            "the share of living units: 1 minus what was asked": (lambda Z: 1 - dead_share(Z)),
            "the mean of each unit is not above 0: a living unit may be off most of the time": (
                lambda Z: np.mean(Z.mean(axis=0) <= 0)
            ),
        },
        hints=(
            "One column of Z is one unit, one row is one example. What does a dead unit's column "
            "look like?",
            "Z <= 0 says where a unit is off. np.all along axis=0 asks whether that is so for "
            "every example. Then take the share of True.",
            "np.all(Z <= 0, axis=0) has one True or False for each unit; its np.mean is the share.",
        ),
        difficulty=2,
        importance=3,
        minutes=6,
    ),
    Exercise(
        name="choices",
        points=2,
        inputs=[lambda rng: {}],
        reference=choices,
        probe=probe_choices,
        parts={"temperature": 0.5, "spam": 0.5, "digit": 0.5, "genres": 0.5},
        alternatives=[
            {task: list(pair) for task, pair in reversed(choices.items())},
            {
                "temperature": (None, "MSE"),
                "spam": ("Sigmoid", "binary cross-entropy"),
                "digit": ("Softmax", "CategoricalCrossentropy"),
                "genres": ("sigmoid", "bce"),
            },
        ],
        mistakes={
            "temperature: a sigmoid stays between 0 and 1, and degrees do not": (
                choices | {"temperature": ("sigmoid", "mean_squared_error")}
            ),
            "temperature: ReLU is never below 0, so that it could not foretell frost": (
                choices | {"temperature": ("relu", "mean_squared_error")}
            ),
            "spam: softmax over a single score is always exactly 1": (
                choices | {"spam": ("softmax", "categorical_crossentropy")}
            ),
            "spam: behind a sigmoid, the squared error hardly moves when it is sure and wrong": (
                choices | {"spam": ("sigmoid", "mean_squared_error")}
            ),
            "digit: ten sigmoids answer ten questions apart, but exactly one digit is right": (
                choices | {"digit": ("sigmoid", "binary_crossentropy")}
            ),
            "digit: behind a softmax, the squared error hardly moves when it is sure and wrong": (
                choices | {"digit": ("softmax", "mean_squared_error")}
            ),
            "genres: the shares of a softmax add up to 1, but a film may have several genres": (
                choices | {"genres": ("softmax", "categorical_crossentropy")}
            ),
        },
        hints=(
            "Ask of each task: which numbers may come out? Any number, one probability, several "
            "that share one total, or several that do not? The activation's range must fit.",
            "The loss follows from the activation: linear goes with the squared error, sigmoid "
            "with the binary cross-entropy, softmax with the categorical one.",
            "Any number: linear. Yes or no: sigmoid. Exactly one of several: softmax. Any of "
            "several, each a yes or no of its own: sigmoid again.",
        ),
        difficulty=2,
        importance=5,
        minutes=6,
    ),
]
