"""Module 6 says that two engines agree: here Keras itself is asked, for the numbers that the texts
quote and for the answers, right and wrong, that the checks must tell apart."""

from __future__ import annotations

import ast
import inspect
import math
import os
import re
import warnings
from itertools import pairwise

import numpy as np
import pytest

from autograde.build import module as modules
from autograde.engine.cases import Question, dump, load_text
from autograde.engine.judge import judge
from nnlib.datasets import digits, random_binary

FOLDER = "solutions/06_scratch_vs_keras"


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "scratch_vs_keras.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prose(lesson):
    """The lesson's text without its code, on one line."""
    cells = re.split(r"^# %%", lesson, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


@pytest.fixture(scope="module")
def exercises(root):
    return {e.name: e for e in modules.read(root / FOLDER).exercises}


@pytest.fixture(scope="session")
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
        import tensorflow  # noqa: F401
    return keras


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def logistic(z):
    return 1 / (1 + math.exp(-z))


# ---------------------------------------------------------------- on paper


def test_the_parameters_by_hand(prose):
    def wires_and_biases(*sizes):
        return sum(sum(1 for _ in range(n) for _ in range(m)) + m for n, m in pairwise(sizes))

    quoted(prose, str(wires_and_biases(8, 5)), str(wires_and_biases(5, 1)))
    quoted(prose, f"{wires_and_biases(8, 5, 1)} parameters take {4 * 51} bytes")
    assert f"= {wires_and_biases(8, 8)}$ parameters that nobody wanted" in prose
    quoted(prose, f"{wires_and_biases(8, 64, 64, 1):,} parameters")
    quoted(prose, f"{wires_and_biases(64, 64, 10):,} parameters")
    times = wires_and_biases(64, 512, 512, 10) / wires_and_biases(64, 64, 10)
    assert 60 < times < 65
    assert "with 60 times as many parameters" in prose
    assert math.isclose(3 * 32 * (64 * 64 + 64 * 10), 5e5, rel_tol=0.1)  # half a million


def test_one_step_by_hand(prose):
    def loss(w1, w2, b):
        return -math.log(logistic(w1 + 2 * w2 + b))

    at, h = (0.5, -0.25, 0.3), 1e-6
    slopes = []
    for i in range(3):
        up, down = list(at), list(at)
        up[i], down[i] = up[i] + h, down[i] - h
        slopes.append((loss(*up) - loss(*down)) / (2 * h))
    after = [p - 0.5 * g for p, g in zip(at, slopes, strict=True)]
    z = after[0] + 2 * after[1] + after[2]
    quoted(prose, f"{logistic(0.3):.4f}", f"{loss(*at):.4f}", *(f"{g:.4f}" for g in slopes))
    quoted(prose, *(f"{p:.4f}" for p in after), f"{z:.4f}", f"{logistic(z):.4f}")
    quoted(prose, f"{loss(*after):.4f}")


def test_small_numbers(prose, lesson):
    quoted(prose, f"{100 * math.sqrt(0.25 / 200):.1f}$ percentage points")
    quoted(prose, f"{math.log(2):.4f}", f"{math.log(10):.2f}")
    double = math.e / (math.e + 9)
    quoted(prose, f"{double:.3f}", f"{-math.log(double):.4f}")
    assert float(np.finfo(np.float32).eps) / 2 == 2**-24
    assert math.isclose(2**-24, 6e-8, rel_tol=0.02)
    assert math.isclose(2**25 * 1e-7, 3, rel_tol=0.2)
    assert "25 doublings turn $10^{-7}$ into 3" in prose
    error = 100 * math.sqrt(0.25 / 1000)  # the quiz: 70 % of 1,000 tossed coins
    quoted(lesson, f"{error:.1f} percentage points")
    assert 12 < 20 / error < 13


# ---------------------------------------------------------------- training, on nnlib


def test_two_hundred_tossed_coins(prose):
    """Learned by heart, whatever the first weights: three seeds in place of the lesson's one."""
    import nnlib as nn

    X, y = random_binary(1000, 8, seed=0)
    for seed in range(3):
        relu = [nn.Dense(64, activation="relu") for _ in range(2)]
        model = nn.Sequential([nn.Input((8,)), *relu, nn.Dense(1, activation="sigmoid")], seed=seed)
        model.compile(nn.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
        data = {"validation_data": (X[200:], y[200:])}
        curves = model.fit(X[:200], y[:200], epochs=300, verbose=0, **data).history
        assert curves["accuracy"][-1] == 1
        assert abs(curves["val_accuracy"][-1] - 0.5) < 0.06
        assert curves["val_loss"][-1] > 3
    assert "All 200 right" in prose
    assert "it climbs far above 3" in prose


# ---------------------------------------------------------------- what Keras does


@pytest.mark.keras
def test_a_tossed_coin_in_keras(keras, prose):
    X, y = random_binary(1000, 8, seed=0)
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(5, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    assert model.count_params() == 51
    first = np.asarray(model(X))
    quoted(prose, f"{first.min():.2f} here", f"{first.max():.2f} there", f"{first.mean():.1f} on")
    model.compile(keras.optimizers.SGD(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    curves = model.fit(X, y, epochs=10, validation_split=0.2, verbose=0).history
    assert set(curves) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert curves["loss"][-1] < curves["loss"][0]
    assert curves["val_loss"][0] > curves["val_loss"][-1] > math.log(2)
    shares = {round(100 * a) for a in curves["val_accuracy"]}
    assert {47, 48} <= shares
    assert max(shares) < 50
    assert "47 or 48 % is no news" in prose


@pytest.mark.keras
def test_the_pairings_that_go_wrong(keras, prose):
    """What the lesson says of losses that do not fit the last layer."""
    (X, Y), _ = digits(one_hot=True, seed=4)

    def first_epochs(last, loss, Y=Y, units=10, epochs=5):
        keras.utils.set_random_seed(0)
        dense = keras.layers.Dense
        model = keras.Sequential(
            [keras.Input((64,)), dense(64, activation="relu"), dense(units, activation=last)]
        )
        model.compile("adam", loss=loss, metrics=["accuracy"])
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            curves = model.fit(X, Y, epochs=epochs, verbose=0).history
        return curves, [str(w.message) for w in noted]

    curves, noted = first_epochs(None, "categorical_crossentropy")
    assert noted == []
    assert 9 < max(curves["loss"]) < 11.5
    assert curves["loss"][-1] > curves["loss"][0]
    assert 0.05 < curves["accuracy"][-1] < 0.15
    assert "goes up to about 10, and the accuracy stays at one in ten" in prose

    logits = keras.losses.CategoricalCrossentropy(from_logits=True)
    curves, noted = first_epochs(None, logits)
    assert noted == []
    assert curves["accuracy"][-1] > 0.85

    _, noted = first_epochs("softmax", logits, epochs=1)
    assert any("from_logits=True" in text for text in noted)

    column = Y[:, :1]
    curves, noted = first_epochs("sigmoid", "categorical_crossentropy", column, units=1, epochs=2)
    assert max(curves["loss"]) < 1e-5
    assert any("binary_crossentropy" in text for text in noted)


@pytest.mark.keras
def test_the_double_softmax_has_a_floor(keras):
    sure, Y = 60 * np.eye(10)[:1] - 30, np.eye(10)[:1]
    twice = keras.losses.CategoricalCrossentropy(from_logits=True)(Y, keras.ops.softmax(sure))
    assert float(twice) == pytest.approx(1.4612, abs=1e-4)


@pytest.mark.keras
def test_rounding_shrinks_with_more_digits_and_grows_with_large_steps(keras, lesson, prose, capsys):
    """The lesson's own comparison, on the lesson's own code."""
    import tensorflow as tf

    import nnlib as nn
    from nnlib import plots
    from nnlib.datasets import moons

    def code(first, after):
        return lesson[lesson.index(first) : lesson.index(after)]

    space = {"np": np, "nn": nn, "keras": keras, "tf": tf, "plots": plots, "moons": moons}
    exec(code("def largest_difference", "(X_train, Y_train), (X_test"), space)
    exec(code("X_moons, y_moons = ", "widgets.explore(\n    draw_both"), space)

    (X, Y), _ = digits(one_hot=True, seed=4)
    for dtype, least in (("float32", 1e-6), ("float64", 1e-14)):
        try:
            keras.config.set_floatx(dtype)
            keras.config.set_dtype_policy(dtype)
            space["compare_engines"](X[:32], Y[:32], dtype)
        finally:
            keras.config.set_floatx("float32")
            keras.config.set_dtype_policy("float32")
        found = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()[1:]]
        assert len(found) == 4
        assert max(found) < least

    gaps = {}
    for rule, rate in (("SGD", 0.1), ("SGD", 10.0), ("Adam", 0.01)):
        alt = space["draw_both"](rule, rate).alt_text
        gaps[rule, rate] = float(re.search(r"and ([\d.e+-]+) after the last", alt)[1])
    assert gaps["SGD", 0.1] < 1e-6
    assert gaps["SGD", 10.0] > 0.5
    assert 3 * gaps["SGD", 0.1] < gaps["Adam", 0.01] < 1e-4
    assert "Adam's is some ten times larger" in prose


@pytest.mark.keras
def test_three_implementations_of_the_digit_network(keras, lesson, prose):
    import nnlib as nn

    (X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
    quoted(prose, f"{len(X_train):,} pictures", f"{len(X_test)} to test")
    start = lesson.index("class NumpyNetwork")
    bare = lesson[start : lesson.index("# %% [markdown]", start)]
    start = lesson.index("def train_digits")
    engines = lesson[start : lesson.index("# %% [markdown]", start)]
    space = {"np": np, "X_train": X_train, "Y_train": Y_train, "X_test": X_test, "Y_test": Y_test}
    exec(bare + engines, space)
    for code, number in ((bare, 35), (engines, 13)):
        functions = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.FunctionDef)]
        lines = [line for f in functions for line in ast.get_source_segment(code, f).splitlines()]
        assert sum(bool(line.strip()) for line in lines) == number
        quoted(prose, str(number))

    keras.utils.set_random_seed(0)
    first = nn.Sequential(
        [nn.Input((64,)), nn.Dense(64, activation="relu"), nn.Dense(10, activation="softmax")],
        seed=0,
    ).get_weights()
    test = (X_test, Y_test)
    by_hand = space["NumpyNetwork"](first)
    runs = [by_hand.fit(X_train, Y_train, 20, test, np.random.default_rng(0))]
    ours, history = space["train_digits"](nn, first, seed=0)
    runs.append(history.history)
    theirs, history = space["train_digits"](keras, first)
    runs.append(history.history)
    assert {round(100 * r["val_accuracy"][-1]) for r in runs} == {97}
    losses = [r["val_loss"][-1] for r in runs]
    assert max(losses) - min(losses) < 0.01
    pairs = list(zip(ours.get_weights(), theirs.get_weights(), strict=True))
    ratio = max(np.abs(a - b).max() for a, b in pairs) / np.abs(pairs[0][0]).mean()
    assert 1.5 < ratio < 2.5
    assert "the largest difference is about twice a typical weight" in prose
    again, _ = space["train_digits"](nn, first, seed=1)  # the same engine, another shuffle
    pairs = list(zip(ours.get_weights(), again.get_weights(), strict=True))
    assert max(np.abs(a - b).max() for a, b in pairs) / np.abs(pairs[0][0]).mean() > 1.5


# ---------------------------------------------------------------- the checks, asked by Keras


def asked(exercises, name, answer, seed="tests"):
    question = load_text(dump({name: Question.ask(exercises[name], seed)}))[name]
    return judge(question, answer)


def twin(keras, weights, hidden, output, *, copy=True):
    model = keras.Sequential(
        [
            keras.Input((len(weights[0]),)),
            *[keras.layers.Dense(W.shape[1], activation=hidden) for W in weights[:-2:2]],
            keras.layers.Dense(weights[-2].shape[1], activation=output),
        ]
    )
    if copy:
        model.set_weights(weights)
    return model


@pytest.mark.keras
def test_other_ways_to_build_the_twin(keras, exercises):
    def functional(weights, hidden, output):
        x = inputs = keras.Input((weights[0].shape[0],))
        for i in range(0, len(weights), 2):
            x = keras.layers.Dense(weights[i].shape[1])(x)
            x = keras.layers.Activation(hidden if i + 2 < len(weights) else output)(x)
        model = keras.Model(inputs, x)
        model.set_weights(weights)
        return model

    def layer_by_layer(weights, hidden, output):
        model = keras.Sequential([keras.Input((weights[0].shape[0],))])
        for i in range(0, len(weights), 2):
            last = i + 2 == len(weights)
            model.add(keras.layers.Dense(len(weights[i + 1]), output if last else hidden))
            model.layers[-1].set_weights(weights[i : i + 2])
        return model

    for answer in (functional, layer_by_layer):
        report = asked(exercises, "keras_twin", answer)
        assert report.score == 4, str(report)
    report = asked(exercises, "keras_twin", lambda *a: twin(keras, *a, copy=False))
    assert report.score == 1
    assert ["its own random first ones" in text for text in report.mistakes] == [True]
    report = asked(exercises, "keras_twin", lambda *a: twin(keras, *a).get_weights())
    assert "must return the Keras model itself" in report.raised.message


@pytest.mark.keras
def test_losses_in_keras_and_the_mistakes_by_their_names(keras, exercises):
    loss = keras.losses.CategoricalCrossentropy
    logits = loss(from_logits=True)
    softmax = keras.ops.softmax
    assert asked(exercises, "keras_loss", lambda Z, Y: logits(Y, Z)).score == 2
    by_function = asked(
        exercises,
        "keras_loss",
        lambda Z, Y: np.mean(keras.losses.categorical_crossentropy(Y, Z, from_logits=True)),
    )
    assert by_function.score == 2
    wrong = {
        "how often are the scores turned": lambda Z, Y: float(logits(Y, softmax(Z))),
        "right for small scores only": lambda Z, Y: float(loss()(Y, softmax(Z))),
        "takes the logits for probabilities": lambda Z, Y: float(loss()(Y, Z)),
        "the sum over the examples": lambda Z, Y: float(
            loss(from_logits=True, reduction="sum")(Y, Z)
        ),
        "changed places": lambda Z, Y: float(logits(Z, Y)),
        "binary cross-entropy": lambda Z, Y: float(
            keras.losses.BinaryCrossentropy(from_logits=True)(Y, Z)
        ),
    }
    for name, answer in wrong.items():
        report = asked(exercises, "keras_loss", answer)
        assert report.score < 2, name
        assert [name in text for text in report.mistakes] == [True], (name, report.mistakes)


@pytest.mark.keras
def test_gradients_from_the_tape_and_the_mistakes_by_their_names(keras, exercises):
    import tensorflow as tf

    def gradients(last="linear", hidden="relu", inside=True, **settings):
        def answer(weights, X, Y):
            model = twin(keras, weights, hidden, last)
            loss = keras.losses.CategoricalCrossentropy(**{"from_logits": True, **settings})
            early = loss(Y, model(X))
            with tf.GradientTape() as tape:
                value = loss(Y, model(X) * 1.0) if inside else early
            return [np.asarray(g) for g in tape.gradient(value, model.trainable_variables)]

        return answer

    assert asked(exercises, "keras_gradients", gradients()).score == 3
    probabilities = gradients(last="softmax", from_logits=False)
    assert asked(exercises, "keras_gradients", probabilities).score == 3
    wrong = {
        "gradient of the sum": gradients(reduction="sum"),
        "softmax is applied twice": gradients(last="softmax"),
        "no activation": gradients(hidden="linear"),
    }
    for name, answer in wrong.items():
        report = asked(exercises, "keras_gradients", answer)
        assert report.score < 3, name
        assert [name in text for text in report.mistakes] == [True], (name, report.mistakes)
    report = asked(exercises, "keras_gradients", gradients(inside=False))
    assert "the tape has not seen" in report.raised.message


@pytest.mark.keras
def test_steps_in_keras_and_the_mistakes_by_their_names(keras, exercises):
    def step(optimizer=keras.optimizers.SGD, rate=None, steps=1, **fit):
        def answer(weights, X, Y, learning_rate):
            model = twin(keras, weights, "relu", "linear")
            model.compile(
                optimizer(learning_rate=rate or learning_rate),
                loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            )
            for _ in range(0 if fit else steps):
                model.train_on_batch(X, Y)
            if fit:
                model.fit(X, Y, verbose=0, **fit)
            return model.get_weights()

        return answer

    assert asked(exercises, "keras_step", step()).score == 2
    assert asked(exercises, "keras_step", step(batch_size=40)).score == 2
    assert asked(exercises, "keras_step", step(epochs=1)).score < 2  # mini-batches of 32
    wrong = {
        "Keras's own 0.01": step(rate=0.01),
        "two steps": step(steps=2),
        "a step for each example": step(batch_size=1, shuffle=False),
        "a step of Adam": step(keras.optimizers.Adam),
    }
    for name, answer in wrong.items():
        report = asked(exercises, "keras_step", answer)
        assert report.score < 2, name
        assert [name in text for text in report.mistakes] == [True], (name, report.mistakes)


@pytest.mark.keras
def test_logits_taken_for_probabilities_are_found_in_the_digits(keras, exercises):
    def answer(X_train, Y_train, X_test, seed):
        keras.utils.set_random_seed(seed)
        dense = keras.layers.Dense
        model = keras.Sequential([keras.Input((64,)), dense(64, activation="relu"), dense(10)])
        model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(X_train, Y_train, epochs=3, validation_split=0.1, verbose=0)
        return np.asarray(model(X_test)).argmax(axis=1), history

    report = asked(exercises, "train_digits", answer)
    assert report.score == 1
    assert ["no better than guessing" in text for text in report.mistakes] == [True]


# ---------------------------------------------------------------- the lesson's form


def test_no_check_needs_tensorflow(root, exercises):
    source = (root / FOLDER / "checks.py").read_text(encoding="utf-8")
    imported = re.findall(r"^\s*(?:import|from) (\w+)", source, flags=re.M)
    assert set(imported) == {"numpy", "autograde", "nnlib"}
    assert not any("keras." in inspect.getsource(e.probe) for e in exercises.values() if e.probe)


def test_the_same_cells_on_nnlib_differ_in_the_imports_alone(lesson):
    again = lesson[lesson.index("from nnlib import Input, Sequential") :]
    cell = again[: again.index("# %%")]
    before = lesson[: lesson.index("from nnlib import Input, Sequential")]
    imports, code = cell.split("\n\n", 1)
    assert imports.replace("nnlib", "keras") in before
    for statement in ast.parse(code).body:
        assert ast.get_source_segment(code, statement) in before


def test_only_the_public_interface_of_keras_3(root):
    for path in (root / FOLDER).glob("*.py"):
        code = "\n".join(
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        )
        assert "tf.keras" not in code
        assert "keras.src" not in code
        assert code.count("input_shape=") <= 1  # the one that shows Keras's warning


def test_the_quiz_has_five_questions_and_explains_every_option(lesson):
    for node in ast.walk(ast.parse(lesson)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "questions":
            questions = ast.literal_eval(node.value)
    assert len(questions) == 5
    for question in questions:
        assert sum(a["correct"] for a in question["answers"]) == 1
        assert len({a["answer"] for a in question["answers"]}) == len(question["answers"])
        assert all(len(a["feedback"]) > 20 for a in question["answers"])
