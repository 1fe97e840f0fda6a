"""The numbers that module 8 quotes are true: each is computed here by other means than the
lesson's, and then looked for in its text."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
import warnings
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import signal
from threadpoolctl import threadpool_limits

import nnlib as nn
from autograde.engine.cases import Question, dump, load_text
from autograde.engine.judge import judge
from nnlib.datasets import digits

FOLDER = "solutions/08_convolution"
X = np.array([[0, 1, 2, 0], [3, 1, 0, 1], [0, 2, 1, 0], [1, 0, 0, 2]])
K = np.array([[1, -1], [-2, 3]])


@pytest.fixture(scope="module")
def lesson(root):
    return (root / FOLDER / "convolution.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prose(lesson):
    """The lesson's text without its code, on one line."""
    cells = re.split(r"^# %%", lesson, flags=re.M)
    text = " ".join(c for c in cells if c.startswith(" [markdown]"))
    return " ".join(re.sub(r"^# ?", "", text, flags=re.M).split())


@pytest.fixture(scope="module")
def checks(root):
    spec = importlib.util.spec_from_file_location("_checks_08", root / FOLDER / "checks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["_checks_08"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["_checks_08"]


def quoted(text, *numbers):
    missing = [n for n in numbers if not re.search(rf"(?<![\d.]){re.escape(n)}(?!\d)", text)]
    assert not missing, f"computed, but not in the text: {missing}"


def matrix(array):
    """An array as the lesson writes it in LaTeX."""
    return r" \\ ".join(" & ".join(f"{x:g}" for x in row) for row in np.asarray(array, float))


def wiggled(f, x, h=1e-6):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


# ---------------------------------------------------------------- by hand


def test_the_convolution_by_hand(prose, lesson):
    Z = signal.correlate2d(X, K, mode="valid") + 1
    assert matrix(Z) in prose
    sums = re.findall(r"z_\{(\d)(\d)\} = ([^$]*?) = (-?\d+)", prose)
    assert len(sums) == 4
    for i, j, terms, value in sums:
        assert eval(terms.replace(r"\cdot", "*")) == int(value) == Z[int(i), int(j)]
    assert str(Z.tolist()) in lesson
    turned = signal.convolve2d(X, K, mode="valid") + 1
    assert (turned == Z).sum() == 2  # the corner, "by chance", and one more
    assert turned[0, 0] == Z[0, 0]
    assert "gives −3 at the upper left as well" in prose


def test_the_gradients_by_hand(prose):
    dZ = np.zeros((3, 3))
    dZ[0, 0], dZ[1, 1] = 1, 3

    def loss(x=X, k=K, b=1.0):
        return np.sum(dZ * (signal.correlate2d(x, k, mode="valid") + b))

    assert matrix(wiggled(lambda x: loss(x=x), X.astype(float)).round(6) + 0.0) in prose
    assert matrix(wiggled(lambda k: loss(k=k), K.astype(float)).round(6)) in prose
    db = wiggled(lambda b: loss(b=b[0]), np.ones(1))[0]
    assert f"db = 1 + 3 = {db:.0f}" in prose
    assert matrix(X[:2, :2]) in prose
    assert matrix(X[1:3, 1:3]) in prose
    assert matrix(3 * K) in prose


def test_pooling_by_hand(prose):
    blocks = [[X[i : i + 2, j : j + 2] for j in (0, 2)] for i in (0, 2)]
    assert matrix([[block.max() for block in row] for row in blocks]) in prose
    assert matrix([[block.mean() for block in row] for row in blocks]) in prose


def test_the_dense_layer_of_a_convolution(prose):
    """Counted from the places: 9 windows of 4 weights, none of them zero."""
    assert np.all(K != 0)
    quoted(prose, str(16 * 9))
    assert "put all 16 pictures" in prose


def test_the_bug_shows_everywhere_but_in_the_corners(lesson, prose):
    """`dX[r, c] += ...` keeps the last product only."""
    dZ = np.random.default_rng(1).normal(size=(3, 3)).round(1)
    assert "default_rng(1).normal(size=(3, 3)).round(1)" in lesson
    right, wrong = np.zeros((4, 4)), np.zeros((4, 4))
    for i, j, u, v in product(range(3), range(3), range(2), range(2)):
        right[i + u, j + v] += dZ[i, j] * K[u, v]
        wrong[i + u, j + v] = dZ[i, j] * K[u, v]
    corners = np.zeros((4, 4), dtype=bool)
    corners[np.ix_((0, 3), (0, 3))] = True
    assert (np.isclose(right, wrong) == corners).all()
    assert "The four corners agree, and nothing else does" in prose
    i, j, u, v = np.indices((3, 3, 2, 2))
    as_printed, mended = np.zeros((4, 4)), np.zeros((4, 4))
    as_printed[i + u, j + v] += dZ[i, j] * K[u, v]
    np.add.at(mended, (i + u, j + v), dZ[i, j] * K[u, v])
    assert np.allclose(as_printed, wrong)
    assert np.allclose(mended, right)


# ---------------------------------------------------------------- sizes and parameters


def count_windows(n, k, stride, padding):
    return sum(1 for start in range(0, n + 2 * padding, stride) if start + k <= n + 2 * padding)


def test_the_table_of_output_sizes(prose):
    found = re.findall(r"\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", prose)
    assert len(found) == 5
    for *sizes, output in found:
        assert count_windows(*map(int, sizes)) == int(output)


def test_parameters(prose):
    photograph = 224 * 224 * 3
    quoted(prose, f"{photograph:,}", f"{photograph * 32 + 32:,}", str(3 * 3 * 3 * 32 + 32))
    quoted(prose, str(64 * 64 * 3), str(64 * 3))
    layers = (9 * 8 + 8, 9 * 8 * 16 + 16, 64 * 10 + 10)
    quoted(prose, *map(str, layers), str(sum(layers)))
    quoted(prose, str(64 * 25 + 25 + 25 * 10 + 10))
    on_sheets = 80 + 1168 + 3 * 3 * 16 * 10 + 10
    quoted(prose, f"{on_sheets:,}", f"{144 * 17 + 17 + 17 * 10 + 10:,}")
    wide = 144 * 256 + 256 + 256 * 10 + 10
    quoted(prose, f"{wide:,}", f"{round(wide / on_sheets)} times")


def test_the_work(prose):
    first, second, last = 64 * 9 * 8, 16 * 9 * 8 * 16, 64 * 10
    dense = 64 * 25 + 25 * 10
    quoted(prose, *(f"{n:,}" for n in (first, second, last, first + second + last, dense)))
    quoted(prose, f"{9 * 8}", f"{9 * 8 * 16:,}", f"{9 * 8 + 9 * 8 * 16 + 640:,}")
    assert 12.5 < (first + second + last) / dense < 13
    assert "nearly 13 times" in prose


def test_receptive_fields(prose):
    """By following the pixels of one place back, without the formula."""
    seen, field = {6}, []
    for kernel, stride in ((2, 2), (3, 1), (2, 2), (3, 1)):
        seen = {p * stride + u for p in seen for u in range(kernel)}
        field.append(len(seen))
    assert field[-1] == 10
    assert f"{field[-1]} by {field[-1]} pixels" in prose
    seen, by_layer = [], []
    for layer in range(1, 5):
        seen = {0}
        for kernel, stride in reversed([(3, 1), (2, 2), (3, 1), (2, 2)][:layer]):
            seen = {p * stride + u for p in seen for u in range(kernel)}
        by_layer.append(len(seen))
    assert [int(n) for n in re.findall(r"\\cdot \d = (\d+)\$ \|", prose)] == by_layer


# ---------------------------------------------------------------- digits


def cnn(side, seed, last_pooling=2):
    return nn.Sequential(
        [
            nn.Input((side, side, 1)),
            nn.Conv2D(8, 3, padding="same", activation="relu"),
            nn.MaxPooling2D(2),
            nn.Conv2D(16, 3, padding="same", activation="relu"),
            nn.MaxPooling2D(last_pooling),
            nn.Flatten(),
            nn.Dense(10, activation="softmax"),
        ],
        seed=seed,
    )


def dense(side, seed, units):
    layers = [nn.Flatten(), nn.Dense(units, activation="relu"), nn.Dense(10, activation="softmax")]
    return nn.Sequential([nn.Input((side, side, 1)), *layers], seed=seed)


def right_answers(model, train, test):
    model.compile(nn.Adam(learning_rate=0.005), loss="categorical_crossentropy")
    model.fit(*train, epochs=20, batch_size=32, verbose=0)
    return int(np.sum(model.predict(test[0], verbose=0).argmax(axis=1) == test[1].argmax(axis=1)))


def right_answers_of_all():
    """Right answers of 359, for five splits (the last is the lesson's) and three seeds each."""
    order = np.random.default_rng(0).permutation(64)
    found = {name: [] for name in ("cnn", "dense", "cnn shuffled", "dense shuffled")}
    found |= {name: [] for name in ("cnn anywhere", "dense anywhere", "wide anywhere", "one")}
    with threadpool_limits(1):
        for split in range(5):
            plain = digits(one_hot=True, images=True, seed=split)
            places = np.random.default_rng(0)
            shuffled, anywhere = [], []
            for x, y in plain:
                shuffled.append((x.reshape(-1, 64)[:, order].reshape(-1, 8, 8, 1), y))
                sheets = np.zeros((len(x), 12, 12, 1))
                for n in range(len(x)):
                    r, c = places.integers(0, 5, size=2)
                    sheets[n, r : r + 8, c : c + 8] = x[n]
                anywhere.append((sheets, y))
            for seed in range(3):
                for name, side, units, data in (
                    ("", 8, 25, plain),
                    (" shuffled", 8, 25, shuffled),
                    (" anywhere", 12, 17, anywhere),
                ):
                    found["cnn" + name].append(right_answers(cnn(side, seed), *data))
                    found["dense" + name].append(right_answers(dense(side, seed, units), *data))
                found["one"].append(right_answers(cnn(12, seed, last_pooling=6), *anywhere))
                found["wide anywhere"].append(right_answers(dense(12, seed, 256), *anywhere))
    return {name: np.array(counts) for name, counts in found.items()}


def share(counts):
    return 100 * np.mean(counts) / 359


def near(text, pattern, value, within):
    """The number that the text gives where `pattern` has a group; float32 sums differ a little
    from machine to machine, and so does what training makes of them."""
    (number,) = re.findall(pattern, text)
    assert abs(float(number) - value) <= within, (number, value)


@pytest.mark.course
def test_digits_in_their_place_shuffled_and_anywhere(prose):
    """One test, since all of it stands on the same hundred trainings."""
    runs = right_answers_of_all()

    # In their place: the convolution wins nothing.
    near(prose, r"reaches ([\d.]+) % on average", share(runs["cnn"]), 0.4)
    near(prose, r"the dense one ([\d.]+) %", share(runs["dense"]), 0.4)
    for name in ("cnn", "dense"):
        assert 100 * runs[name].min() / 359 < 96
        assert 100 * runs[name].max() / 359 > 98
        near(prose, r"about (\d+) of 359\.", np.mean(runs[name][-3:]), 3)
    assert abs(np.mean(runs["cnn"][-3:]) - np.mean(runs["dense"][-3:])) < 5
    assert "Something else: nothing" in prose

    # Shuffled: only the convolution minds.
    assert abs(share(runs["dense shuffled"]) - share(runs["dense"])) < 0.7
    lost = np.mean(runs["cnn"]) - np.mean(runs["cnn shuffled"])
    assert 5 < lost < 11
    assert "loses about eight digits" in prose
    mistakes = 359 - np.mean(runs["cnn"]), 359 - np.mean(runs["cnn shuffled"])
    assert 1.6 < mistakes[1] / mistakes[0] < 2.4
    assert "about twice as many mistakes" in prose

    # Anywhere on a sheet: the convolution wins by far.
    here = {name: share(counts[-3:]) for name, counts in runs.items()}
    near(prose, r"about (\d+) % for the convolutional network", here["cnn anywhere"], 3)
    near(prose, r"about (\d+) % for the dense one of the same", here["dense anywhere"], 4)
    near(prose, r"about (\d+) % for one with 15", here["wide anywhere"], 3)
    mistakes = 359 - np.mean(runs["cnn anywhere"]), 359 - np.mean(runs["one"])
    assert mistakes[1] / mistakes[0] < 0.75, mistakes
    assert "Half the parameters, and far fewer mistakes" in prose
    near(prose, r"five splits: (\d+) % against 91 %", share(runs["one"]), 1.2)
    assert cnn(12, 0, last_pooling=6).count_params() / cnn(12, 0).count_params() < 0.55
    (three,) = re.findall(r"three seeds each: (\d+) %, (\d+) %, (\d+) %", prose)
    for name, number in zip(("cnn", "dense", "wide"), three, strict=True):
        assert abs(share(runs[f"{name} anywhere"]) - float(number)) < 1.2, name


def test_shuffled_rows_make_the_same_dense_network():
    (x, _), _ = digits()
    order = np.random.default_rng(0).permutation(64)
    model, twin = dense(8, 0, 25), dense(8, 1, 25)
    weights = model.get_weights()
    twin.set_weights([weights[0][order], *weights[1:]])
    pictures, shuffled = (a.reshape(-1, 8, 8, 1) for a in (x, x[:, order]))
    given, again = model.predict(pictures, verbose=0), twin.predict(shuffled, verbose=0)
    assert np.allclose(given, again, atol=1e-5)


# ---------------------------------------------------------------- the same cell in Keras


@pytest.mark.course
@pytest.mark.keras
def test_the_cell_runs_in_keras_with_nothing_changed_but_its_import(lesson, prose):
    (cell,) = (c for c in re.split(r"^# %%.*$", lesson, flags=re.M) if "or: import keras" in c)
    cell = cell.strip()
    assert cell.startswith("import nnlib as nn")
    assert "`import keras as nn`" in prose
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    train, test = digits(one_hot=True, images=True)
    names = dict(zip(("pictures", "Y_train", "test_pictures", "Y_test"), train + test, strict=True))
    in_keras, in_nnlib = dict(names), dict(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        keras.utils.set_random_seed(0)
        exec(cell.replace("import nnlib as nn", "import keras as nn", 1), in_keras)
        theirs = in_keras["model"].predict(test[0], verbose=0)
    exec(cell, in_nnlib)
    for run in (in_keras, in_nnlib):
        assert 0.94 < run["accuracy"] < 0.995
    assert "95 % to 99 %, on both" in prose
    model = in_nnlib["model"]
    assert isinstance(in_keras["model"], keras.Sequential)
    assert isinstance(model, nn.Sequential)
    assert in_keras["model"].count_params() == model.count_params() == 1898
    model.set_weights(in_keras["model"].get_weights())
    assert np.allclose(model.predict(test[0], verbose=0), theirs, atol=1e-5)


# ---------------------------------------------------------------- the answers that are graded by


def example(rng, shape):
    return rng.normal(size=shape)


def test_the_graded_convolution_is_scipys(checks):
    rng = np.random.default_rng(0)
    X, K, b = example(rng, (2, 6, 7, 3)), example(rng, (3, 2, 3, 4)), example(rng, 4)
    for stride, padding in product((1, 2, 3), (0, 1, 2)):
        padded = np.pad(X, ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)))
        for n, f in product(range(2), range(4)):
            whole = sum(
                signal.correlate2d(padded[n, :, :, c], K[:, :, c, f], mode="valid")
                for c in range(3)
            )
            Z = checks.conv_forward(X, K, b, stride, padding)[n, :, :, f]
            assert np.allclose(Z, whole[::stride, ::stride] + b[f])


def test_the_graded_gradients_are_those_of_the_graded_functions(checks):
    rng = np.random.default_rng(1)
    X, K, b = example(rng, (2, 5, 4, 2)), example(rng, (3, 2, 2, 3)), example(rng, 3)
    for stride, padding in ((1, 0), (2, 1), (3, 2)):
        R = example(rng, checks.conv_forward(X, K, b, stride, padding).shape)

        def loss(x=X, k=K, c=b, R=R, how=(stride, padding)):
            return np.sum(R * checks.conv_forward(x, k, c, *how))

        dX, dK, db = checks.conv_backward(R, X, K, stride, padding)
        assert np.allclose(dX, wiggled(lambda x, f=loss: f(x=x), X), atol=1e-6)
        assert np.allclose(dK, wiggled(lambda k, f=loss: f(k=k), K), atol=1e-6)
        assert np.allclose(db, wiggled(lambda c, f=loss: f(c=c), b), atol=1e-6)
    for (size, stride), mode in product(((2, 2), (3, 1), (3, 2)), ("max", "average")):
        R = example(rng, checks.pool_forward(X, size, stride, mode).shape)
        dX = getattr(checks, f"{mode}_pool_backward")(R, X, size, stride)

        def pooled(x, R=R, how=(size, stride, mode)):
            return np.sum(R * checks.pool_forward(x, *how))

        assert np.allclose(dX, wiggled(pooled, X), atol=1e-6), (mode, size, stride)


def test_the_graded_pooling_is_nnlibs(checks):
    X = example(np.random.default_rng(2), (2, 7, 6, 3))
    for size, stride in ((2, 2), (3, 1), (3, 2)):
        for mode, layer in (("max", nn.MaxPooling2D), ("average", nn.AveragePooling2D)):
            pooling = layer(size, stride, dtype="float64")
            pooling.build((None, 7, 6, 3))
            assert np.allclose(checks.pool_forward(X, size, stride, mode), pooling(X))


def test_the_graded_summary_is_that_of_a_model(checks):
    layers = [("conv", 4, 3, 2, 0), ("pool", 3, 2), ("flatten",), ("dense", 7)]
    model = nn.Sequential(
        [
            nn.Input((15, 20, 3)),
            nn.Conv2D(4, 3, 2),
            nn.MaxPooling2D(3, 2),
            nn.Flatten(),
            nn.Dense(7),
        ]
    )
    result = checks.summarise((15, 20, 3), layers)
    assert [shape for shape, _ in result] == [shape[1:] for shape in model.shapes()[1:]]
    assert [number for _, number in result] == [layer.count_params() for layer in model.layers]


def test_the_example_in_the_last_exercise(checks, root):
    text = (root / FOLDER / "convolution_exercises.py").read_text(encoding="utf-8")
    given, promised = re.search(
        r"`summarise\((\(8, 8, 1\), .*?)\)` returns\n# `(\[.*?\])`", text
    ).groups()
    assert checks.summarise(*ast.literal_eval(f"({given})")) == ast.literal_eval(promised)


def test_one_bug_mended_earns_a_part_and_is_not_told_the_other(checks, root):
    """From the untouched start on, as the notebook has it."""
    text = (root / FOLDER / "convolution_exercises.py").read_text(encoding="utf-8")
    start = re.search(r"(def average_pool_backward.*?)### END", text, flags=re.S)[1]
    head = start.split("    ### BEGIN")[0]
    body = "".join(line + "\n" for line in re.findall(r"^    #: (.*)$", start, flags=re.M))
    body = "".join("    " + line + "\n" for line in body.splitlines())
    exercise = next(e for e in checks.EXERCISES if e.name == "average_pool_backward")
    question = load_text(dump({exercise.name: Question.ask(exercise)}))[exercise.name]

    def scored(old="", new=""):
        assert old in body
        namespace = {"np": np}
        exec(head + (body.replace(old, new) if old else body), namespace)
        return judge(question, namespace["average_pool_backward"])

    untouched, added = scored(), scored("] = dY", "] += dY")
    divided = scored("j : j + 1]", "j : j + 1] / size**2")
    assert (untouched.score, added.score, divided.score) == (0, 0.5, 1)
    for report in (untouched, added, divided):
        (message,) = report.mistakes
        assert "+=" not in message
        assert "/" not in message


def test_no_submission_can_import_the_answers(checks):
    answers = {"nnlib", "nnlib.layers", "nnlib.models", "nnlib.plots", "nnlib.widgets", "scipy"}
    assert answers.isdisjoint(checks.ALLOWED)


# ---------------------------------------------------------------- the lesson's form


@pytest.fixture(scope="module")
def questions(lesson):
    for node in ast.walk(ast.parse(lesson)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "questions":
            return ast.literal_eval(node.value)
    raise AssertionError("the lesson has no quiz")


def test_the_quiz_has_five_questions_and_explains_every_option(questions):
    assert len(questions) == 5
    for question in questions:
        assert sum(a["correct"] for a in question["answers"]) == 1
        assert len({a["answer"] for a in question["answers"]}) == len(question["answers"])
        assert all(len(a["feedback"]) > 20 for a in question["answers"])


def test_the_quiz_is_right_about_shape_and_parameters(questions):
    model = nn.Sequential([nn.Input((32, 32, 3)), nn.Conv2D(10, 5)])
    right = [next(a["answer"] for a in q["answers"] if a["correct"]) for q in questions]
    assert right[0] == str(model.output_shape[1:])
    assert right[1] == str(model.count_params())
    wrong = [a["answer"] for a in questions[1]["answers"]]
    assert f"{28 * 28 * model.count_params():,}" in wrong


@pytest.mark.parametrize("name", ["convolution.py", "convolution_exercises.py"])
def test_one_title_and_headings_in_order(root, name):
    text = (root / FOLDER / name).read_text(encoding="utf-8")
    levels = [len(m) for m in re.findall(r"^# (#+) ", text, flags=re.M)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
