"""The numbers that module 7 quotes are true: each is computed here by other means than the
lesson's, and then looked for in its text."""

from __future__ import annotations

import ast
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import nnlib as nn
from autograde.build import module as modules
from nnlib.datasets import digits, moons
from nnlib.layers import BatchNormalization
from nnlib.regularizers import L1L2, L2

FOLDER = "solutions/07_regularization"


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "regularization.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def exercises(root):
    return (root / FOLDER / "regularization_exercises.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def right(root):
    """The right answers by name."""
    return {e.name: e.reference for e in modules.read(root / FOLDER).exercises}


@pytest.fixture(scope="module")
def prose(lesson):
    """The lesson's text without its code, on one line."""
    cells = re.split(r"^# %%", lesson, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def wiggled(loss, at, h=1e-6):
    """The gradient of `loss` at an array, by central differences."""
    gradient = np.zeros(at.shape)
    for i in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[i] = h
        gradient[i] = (loss(at + step) - loss(at - step)) / (2 * h)
    return gradient


# ---------------------------------------------------------------- by hand


def test_the_step_with_l2(prose):
    W = [[Fraction(1), Fraction(-2)], [Fraction(1, 2), Fraction(0)]]
    dW = [[Fraction(3, 10), Fraction(1, 10)], [Fraction(-2, 10), Fraction(4, 10)]]
    rate, strength = Fraction(1, 2), Fraction(1, 10)
    quoted(prose, f"{float(strength * sum(w * w for row in W for w in row)):g}")
    pull = [[2 * strength * w for w in row] for row in W]
    total = [[p + d for p, d in zip(*rows, strict=True)] for rows in zip(pull, dW, strict=True)]
    new = [
        [w - rate * g for w, g in zip(*rows, strict=True)] for rows in zip(W, total, strict=True)
    ]
    for first, second in [*pull, *total, *new]:
        assert rf"$({float(first):g},\ {float(second):g})$" in prose
    shrink = 1 - 2 * rate * strength
    assert new[0][0] == shrink * W[0][0] - rate * dW[0][0]
    quoted(prose, f"= {float(shrink):g}$")


def test_the_penalty_of_l1(prose):
    assert Fraction(1, 10) * (1 + 2 + Fraction(1, 2)) == Fraction(35, 100)
    quoted(prose, "0.35")


def test_dropout_by_hand(prose):
    a, mask, dy = (2, 1, 4, 0.5), (1, 0, 1, 1), (0.5, 3, 0.25, 2)
    for values in ([m * v / 0.5 for m, v in zip(mask, vs, strict=True)] for vs in (a, dy)):
        assert "(" + r",\ ".join(f"{v:g}" for v in values) + ")$" in prose


def test_the_average_of_dropout_is_its_input():
    for r in (Fraction(1, 2), Fraction(1, 5)):
        assert (1 - r) * (1 / (1 - r)) + r * 0 == 1
    assert Fraction(1, 5) / (1 - Fraction(1, 5)) == Fraction(1, 4)  # the bug to find


def test_the_bug_to_find_is_there_and_its_mend_works(lesson, prose):
    source = re.search(r"^def leaky_dropout.*?(?=^\w)", lesson, re.M | re.S)[0]
    assert "rng.random(A.shape) < rate" in source
    for text, average in ((source, 0.25), (source.replace("< rate", ">= rate"), 1.0)):
        scope = {}
        exec(text, scope)
        got = scope["leaky_dropout"](np.ones((500, 200)), 0.2, np.random.default_rng(3)).mean()
        assert got == pytest.approx(average, abs=0.01)
    quoted(prose, "0.25")


def test_early_stopping_by_hand(prose, lesson):
    losses = re.search(r"validation loss \|((?: 0\.\d\d \|)+)", prose)[1]
    losses = [float(x) for x in losses.split("|") if x.strip()]
    since = [0]
    for k in range(1, len(losses)):
        since.append(0 if losses[k] < min(losses[:k]) else since[-1] + 1)
    assert since == [0, 0, 0, 1, 0, 1, 2]
    assert losses.index(min(losses)) + 1 == 5
    assert min(losses) > 0.57
    for text in ("After epoch 7", "those of epoch 5"):
        assert text.lower() in prose.lower()
    # With patience 1, epoch 4 is the first that is worse, and the third is the best till then.
    assert since.index(1) + 1 == 4
    assert int(np.argmin(losses[:4])) + 1 == 3


def hand_batch_norm(x, gamma=2.0, beta=1.0, epsilon=0.001):
    n = len(x)
    mean = sum(x) / n
    variance = sum((v - mean) ** 2 for v in x) / n
    return [gamma * (v - mean) / math.sqrt(variance + epsilon) + beta for v in x]


def test_batch_normalisation_by_hand(prose):
    x = [1.0, 2.0, 4.0, 5.0]
    s = math.sqrt(2.501)
    quoted(prose, f"{s:.4f}")
    for values in ([(v - 3) / s for v in x], hand_batch_norm(x)):
        assert r",\ ".join(f"{v:.4f}" for v in values) in prose
    mean, variance = 0.9 * 0 + 0.1 * 3, 0.9 * 1 + 0.1 * 2.5
    quoted(prose, f"{mean:g}", f"{variance:g}")
    quoted(prose, f"{2 * (4 - mean) / math.sqrt(variance + 0.001) + 1:.4f}")
    quoted(prose, f"= {100 * 0.99**100:.0f}$ %")


def test_the_backward_pass_of_batch_normalisation_by_hand(prose):
    x, h = [1.0, 2.0, 4.0, 5.0], 1e-6
    for m in range(4):
        up, down = list(x), list(x)
        up[m], down[m] = x[m] + h, x[m] - h
        slope = (hand_batch_norm(up)[0] - hand_batch_norm(down)[0]) / (2 * h)
        quoted(prose, f"{slope:.4f}")
        total = (sum(hand_batch_norm(up)) - sum(hand_batch_norm(down))) / (2 * h)
        assert total == pytest.approx(0, abs=1e-8)  # dy = 1 everywhere
    s = math.sqrt(2.501)
    quoted(prose, f"{2 / s:.4f}", f"{-2 * (2 / s) / 4:.4f}")


def test_the_noise_of_a_batch_by_hand(prose):
    g = (1, 3, 5, 7)
    assert sum(g) == 16
    assert Fraction(sum((v - 4) ** 2 for v in g), 4) == 5
    pairs = [Fraction(a + b, 2) for a in g for b in g]
    assert len(pairs) == 16
    assert sum((p - 4) ** 2 for p in pairs) / 16 == Fraction(5, 2)
    quoted(prose, f"{math.sqrt(5 / 2):.4f}")


def test_counts(prose):
    quoted(prose, f"{2 * 64 + 64 + 64 * 64 + 64 + 64 + 1:,}")
    assert 100 * math.sqrt(0.5 * 0.5 / 100) == 5
    assert sorted({0.01 * 9, 2 * 0.01 * 3, 0.01 * 3, 0.01}) == [0.01, 0.03, 0.06, 0.09]  # the quiz
    assert 6 / 0.75 == 8
    assert 6 * 0.75 == 4.5


# ---------------------------------------------------------------- the right answers are right


def test_l1_l2_is_nnlibs_and_its_gradient_that_of_its_penalty(right):
    W = np.random.default_rng(0).uniform(0.2, 1, size=(3, 4)) * [1, -1, 1, -1]
    R, dW = right["l1_l2"](W, 0.3, 0.2)
    assert pytest.approx(L1L2(0.3, 0.2)(W)) == R
    np.testing.assert_allclose(dW, wiggled(lambda w: right["l1_l2"](w, 0.3, 0.2)[0], W), rtol=1e-6)


def test_the_penalised_step_follows_the_gradient_of_its_loss(right):
    rng = np.random.default_rng(0)
    X, y, at = rng.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0]), rng.normal(size=4)

    def step(theta):
        return right["penalised_step"](X, y, theta[:3], theta[3], 0.2, 0.1)

    _, w, b = step(at)
    gradient = (at - np.append(w, b)) / 0.1
    np.testing.assert_allclose(gradient, wiggled(lambda t: step(t)[0], at), rtol=1e-6)


def test_dropouts_backward_is_the_gradient_of_its_forward(right):
    rng = np.random.default_rng(0)
    A, dY = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))

    def loss(A):
        return np.sum(dY * right["Dropout"](0.3, seed=1).forward(A, True))  # the same mask

    layer = right["Dropout"](0.3, seed=1)
    layer.forward(A, True)
    np.testing.assert_allclose(layer.backward(dY), wiggled(loss, A), atol=1e-8)


def test_batch_normalisation_is_nnlibs(right):
    rng = np.random.default_rng(0)
    X, dY = rng.normal(2, 3, size=(6, 3)), rng.normal(size=(6, 3))
    gamma, beta = rng.uniform(0.5, 2, size=3), rng.normal(size=3)
    layer = BatchNormalization(momentum=0.8, epsilon=0.1, dtype="float64")
    layer.build((None, 3))
    layer.gamma, layer.beta = gamma, beta
    Y, mean, variance = right["batch_norm"](
        X, gamma, beta, np.zeros(3), np.ones(3), 0.8, 0.1, training=True
    )
    np.testing.assert_allclose(Y, layer.forward(X, training=True))
    np.testing.assert_allclose(mean, layer.moving_mean)
    np.testing.assert_allclose(variance, layer.moving_variance)
    dX, dgamma, dbeta = right["batch_norm_backward"](dY, X, gamma, 0.1)
    np.testing.assert_allclose(dX, layer.backward(dY))
    np.testing.assert_allclose(dgamma, layer.d_gamma)
    np.testing.assert_allclose(dbeta, layer.d_beta)
    Y, _, _ = right["batch_norm"](X, gamma, beta, mean, variance, 0.8, 0.1, training=False)
    np.testing.assert_allclose(Y, layer.forward(X, training=False))
    np.testing.assert_allclose(
        dX,
        wiggled(
            lambda X: np.sum(
                dY * right["batch_norm"](X, gamma, beta, mean, variance, 0.8, 0.1, True)[0]
            ),
            X,
        ),
        atol=1e-8,
    )


def test_early_stopping_agrees_with_nnlibs_callback(right):
    rng = np.random.default_rng(3)
    X, X_val = rng.normal(size=(7, 5)), rng.normal(size=(9, 5))
    y, y_val = X @ np.ones(5) + rng.normal(size=7), X_val @ np.ones(5) + rng.normal(size=9)
    w, losses = right["early_stopping"](X, y, X_val, y_val, 0.05, 3, 200)
    layer = nn.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = nn.Sequential([nn.Input((5,)), layer], dtype="float64")
    model.compile(nn.SGD(learning_rate=0.05), loss="mean_squared_error")
    stop = nn.EarlyStopping(patience=3, restore_best_weights=True)
    history = model.fit(
        X, y, batch_size=7, epochs=200, verbose=0, validation_data=(X_val, y_val), callbacks=[stop]
    )
    np.testing.assert_allclose(losses, history.history["val_loss"])
    np.testing.assert_allclose(w, layer.kernel[:, 0])
    assert len(losses) < 200


def test_prediction_and_measurement_of_noise_meet(right):
    rng = np.random.default_rng(0)
    G = rng.normal(size=(50, 4))
    measured, predicted = right["batch_noise"](G, rng.integers(50, size=(20_000, 5)))
    assert measured == pytest.approx(predicted, rel=0.02)


# ---------------------------------------------------------------- the experiments


@pytest.fixture
def one_thread():
    """Matrices this small are slower on many threads, by far where others use the machine too."""
    with threadpool_limits(1):
        yield


X, Y = moons(60, noise=0.3, seed=2)
NEW = moons(1000, noise=0.3, seed=100)


def for_moons(units=64, l2=0.0):
    relu = {"activation": "relu", "kernel_regularizer": L2(l2)}
    model = nn.Sequential(
        [
            nn.Input((2,)),
            nn.Dense(units, **relu),
            nn.Dense(units, **relu),
            nn.Dense(1, activation="sigmoid", kernel_regularizer=L2(l2)),
        ],
        seed=0,
    )
    model.compile(nn.Adam(learning_rate=0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


def fitted(model, data=(X, Y), epochs=200, **settings):
    model.fit(*data, epochs=epochs, verbose=0, **settings)
    return model


def data_loss(model, data):
    return model.evaluate(*data, verbose=0)[0] - model.penalty()


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_two_boundaries_and_two_curves(prose):
    plain, decayed = for_moons(), fitted(for_moons(l2=0.003))
    sure = []
    for epochs in (28, 172):
        fitted(plain, epochs=epochs)
        p = plain.predict(NEW[0])[:, 0]
        wrong = (p > 0.5) != NEW[1]
        sure.append(np.median(np.maximum(p, 1 - p)[wrong]))
    assert sure[0] < 0.75
    assert sure[1] > 0.98
    quoted(prose, "75 %", "98 %")
    assert plain.evaluate(X, Y, verbose=0)[1] == 1
    assert round(60 * decayed.evaluate(X, Y, verbose=0)[1]) == 59
    assert decayed.evaluate(*NEW, verbose=0)[1] > plain.evaluate(*NEW, verbose=0)[1]
    losses = fitted(for_moons(), validation_data=NEW).history.history["val_loss"]
    assert int(np.argmin(losses)) + 1 == 28
    quoted(prose, "epoch 28")
    assert 2.7 < losses[-1] / min(losses) < 3


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_size_data_and_penalty(prose):
    sizes = (2, 4, 8, 16, 32, 64, 128)
    models = [fitted(for_moons(units)) for units in sizes]
    training = [data_loss(m, (X, Y)) for m in models]
    validation = [data_loss(m, NEW) for m in models]
    assert training == sorted(training, reverse=True)
    assert sizes[int(np.argmin(validation))] == 4
    assert validation[1:] == sorted(validation[1:])

    more = moons(600, noise=0.3, seed=2)
    few, many = fitted(for_moons(), epochs=400), fitted(for_moons(), more, epochs=40)
    assert data_loss(few, (X, Y)) < 0.01
    assert data_loss(many, more) > 0.15
    assert abs(data_loss(many, more) - data_loss(many, NEW)) < 0.06

    penalties = (0, 0.001, 0.003, 0.01, 0.03)
    models = [fitted(for_moons(l2=value)) for value in penalties]
    squares = [sum((w**2).sum() for w in m.get_weights() if w.ndim > 1) for m in models]
    assert squares == sorted(squares, reverse=True)
    fits = [data_loss(m, (X, Y)) for m in models]
    assert fits == sorted(fits)
    new = [data_loss(m, NEW) for m in models]
    assert penalties[int(np.argmin(new))] == 0.003
    quoted(prose, f"from {new[0]:.2f} to about {new[2]:.2f}")


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_early_stopping_ends_after_the_best_epoch():
    for restore in (False, True):
        stop = nn.EarlyStopping(patience=20, restore_best_weights=restore)
        model = fitted(for_moons(), validation_data=NEW, callbacks=[stop])
        losses = model.history.history["val_loss"]
        assert len(losses) - 20 == int(np.argmin(losses)) + 1
        wanted = min(losses) if restore else losses[-1]
        assert data_loss(model, NEW) == pytest.approx(wanted, rel=1e-4)
    assert nn.EarlyStopping().restore_best_weights is False


def test_two_hundred_coins(prose):
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=1100)
    hits = [
        [int(a == b) for a, b in zip(row, truth, strict=True)]
        for row in rng.integers(2, size=(200, 1100))
    ]
    best = max(hits, key=lambda row: sum(row[:100]))
    quoted(prose, f"{sum(best[:100])} % in validation")
    assert abs(sum(best[100:]) / 1000 - 0.5) < 0.03
    assert 10 < sum(best[:100]) - 50 < 15  # "more than two" standard deviations of 5


def test_gradient_descent_with_l1_finds_no_zero_and_shrinking_does(prose):
    rng = np.random.default_rng(0)
    F = rng.normal(size=(200, 20))
    t = rng.random(200) < 1 / (1 + np.exp(-(F @ np.array([2, -1.5] + [0] * 18))))
    w, z = np.zeros(20), np.zeros(20)
    for _ in range(500):
        slope = [(0.5 * (1 + np.tanh(F @ v / 2)) - t) @ F / 200 for v in (w, z)]
        w = w - 0.1 * slope[0] - 0.1 * 0.05 * np.sign(w)
        z = z - 0.1 * slope[1]
        z = np.clip(z - 0.005, 0, None) + np.clip(z + 0.005, None, 0)
    assert np.count_nonzero(w == 0) == 0
    assert np.count_nonzero(np.abs(w) < 0.01) == 17
    assert np.count_nonzero(z == 0) == 17
    assert np.all(z[:2] != 0)
    assert np.all(np.abs(z[:2]) < [2, 1.5])
    quoted(prose, f"{0.1 * 0.05:g}", f"{0.003 - 0.005:g}")
    assert "of the 18 features that do not matter, one is left" in prose


@pytest.fixture(scope="module")
def pictures():
    return digits(seed=0)[0]


def for_digits(hidden, seed=0, optimizer=None):
    model = nn.Sequential([nn.Input((64,)), *hidden, nn.Dense(10, activation="softmax")], seed=seed)
    optimizer = optimizer or nn.Adam(learning_rate=0.003)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def accuracy(model, data):
    return model.evaluate(*data, verbose=0)[1]


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_random_labels_are_learned_by_heart(pictures):
    P, labels = pictures
    hat = np.random.default_rng(0).permutation(labels[:200])
    model = fitted(for_digits([nn.Dense(512, activation="relu")]), (P[:200], hat), 100)
    assert accuracy(model, (P[:200], hat)) == 1
    assert accuracy(model, (P[200:700], labels[200:700])) < 0.2


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_dropout_against_wrong_labels(prose, pictures):
    P, labels = pictures
    rng = np.random.default_rng(0)
    noisy = labels[:300].copy()
    wrong = rng.choice(300, size=60, replace=False)
    noisy[wrong] = (noisy[wrong] + rng.integers(1, 10, size=60)) % 10
    assert np.count_nonzero(noisy != labels[:300]) == 60
    gains = []
    for seed in range(5):
        new, believed = [], []
        for rate in (0.0, 0.5):
            hidden = [nn.Dense(128, activation="relu"), nn.Dropout(rate)]
            model = fitted(for_digits(hidden, seed), (P[:300], noisy), 100)
            believed.append(np.sum(model.predict(P[wrong]).argmax(axis=1) == noisy[wrong]))
            new.append(accuracy(model, (P[300:800], labels[300:800])))
        assert believed[1] < 42 < 53 < believed[0]
        gains.append(100 * (new[1] - new[0]))
        if seed == 0:
            quoted(prose, f"{100 * new[1]:.0f} % against {100 * new[0]:.0f} %")
    assert min(gains) > 4.5
    assert max(gains) < 8.5
    quoted(prose, "by 5 to 8 percentage points")


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_with_dropout_the_history_lies_above_validation(pictures):
    P, labels = pictures
    hidden = [nn.Dropout(0.2), nn.Dense(128, activation="relu"), nn.Dropout(0.5)]
    train, val = (P[:1000], labels[:1000]), (P[1000:], labels[1000:])
    model = fitted(for_digits(hidden), train, 20, validation_data=val)
    history = {name: values[-1] for name, values in model.history.history.items()}
    assert model.evaluate(*train, verbose=0)[0] < history["val_loss"] < history["loss"]


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_eight_layers_of_sigmoids(pictures):
    P, labels = pictures
    for normalise in (False, True):
        hidden = []
        for _ in range(8):
            hidden.append(nn.Dense(32, use_bias=not normalise))
            if normalise:
                hidden.append(nn.BatchNormalization(momentum=0.9))
            hidden.append(nn.Activation("sigmoid"))
        model = for_digits(hidden, optimizer=nn.SGD(learning_rate=0.1))
        fitted(model, (P[:500], labels[:500]), 20)
        score = accuracy(model, (P[700:1200], labels[700:1200]))
        assert score > 0.9 if normalise else score < 0.15


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_batch_sizes(prose, pictures):
    P, labels = pictures
    train, val = (P[:1024], labels[:1024]), (P[1024:], labels[1024:])

    def model():
        relu = nn.Dense(64, activation="relu")
        return for_digits([relu], optimizer=nn.SGD(learning_rate=0.1))

    one = model()
    single = np.array(
        [one.loss_and_gradient(train[0][[i]], train[1][[i]])[1] for i in range(len(P[:1024]))]
    )
    sigma = math.sqrt(single.var(axis=0).sum())
    noise = [sigma / math.sqrt(size) for size in (8, 32, 128)]
    np.testing.assert_allclose(noise, [1.64, 0.81, 0.40], rtol=0.03)  # as the lesson's cell prints

    scores = [accuracy(fitted(model(), train, 10, batch_size=b), val) for b in (8, 32, 128, 1024)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[-1] > 0.4
    equal = [
        accuracy(fitted(model(), train, 640 * b // 1024, batch_size=b), val) for b in (8, 32, 128)
    ]
    assert max(equal) - min(equal) < 0.02
    assert min(equal) > 0.94


@pytest.mark.course
@pytest.mark.usefixtures("one_thread")
def test_the_four_curves_to_read_are_real(exercises, pictures):
    texts = re.search(r"^texts = (\{.*?^\})", exercises, re.M | re.S)[1]
    P, labels = pictures
    train = P[:800], labels[:800]
    tanh = nn.Sequential([nn.Input((2,)), nn.Dense(1, "tanh"), nn.Dense(1, "sigmoid")], seed=0)
    tanh.compile(nn.Adam(learning_rate=0.01), "binary_crossentropy")
    relu = [nn.Dense(64, activation="relu")]
    dropped = [nn.Dropout(0.2), nn.Dense(128, activation="relu"), nn.Dropout(0.5)]
    slow = nn.SGD(learning_rate=0.02)
    runs = {
        "A": (for_digits(relu, 1, slow), train, 20, (P[1000:1400], labels[1000:1400])),
        "B": (for_moons(), (X, Y), 200, NEW),
        "C": (for_digits(dropped, 1), train, 40, (P[1000:], labels[1000:])),
        "D": (tanh, moons(400, 0.3, 2), 100, NEW),
    }
    for name, (training, validation, good) in ast.literal_eval(texts).items():
        model, data, epochs, val = runs[name]
        history = fitted(model, data, epochs, validation_data=val).history.history
        for key, text in (("loss", training), ("val_loss", validation)):
            told = [float(x) for x in text.split()]
            assert len(told) == 20
            np.testing.assert_allclose(history[key][:: epochs // 20], told, atol=0.06)
        if name in "ABD":
            assert min(float(x) for x in validation.split()) > good


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
