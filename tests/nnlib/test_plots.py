"""The figures: what they say is true, they look the same everywhere, and they show once."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import warnings
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import scipy.signal
import sklearn.linear_model
import sklearn.metrics
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure

from nnlib import datasets, plots
from nnlib.plots import _style
from nnlib.plots.convolutions import KERNELS
from nnlib.plots.surfaces import SURFACES

X, Y = datasets.moons(60)
PICTURES = np.linspace(0, 1, 4 * 64).reshape(4, 8, 8)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def classify(x):
    return sigmoid(x @ np.array([0.5, -3.0]) + 0.4)


# One call for every figure there is.
CALLS = {
    "activation": lambda: plots.activation(np.tanh),
    "activation_histograms": lambda: plots.activation_histograms([X, Y]),
    "backward_step": plots.backward_step,
    "compare_curves": lambda: plots.compare_curves({"a": [3, 2, 1], "b": [3, 1, 2]}),
    "confusion_matrix": lambda: plots.confusion_matrix([0, 1, 1], [0, 1, 0]),
    "curves": lambda: plots.curves({"loss": [3, 2, 1], "val_loss": [3, 1, 2]}),
    "decision_boundary": lambda: plots.decision_boundary(classify, X, Y),
    "decision_line": plots.decision_line,
    "feature_maps": lambda: plots.feature_maps(np.ones((5, 4, 3))),
    "gradient_survival": lambda: plots.gradient_survival(np.tanh),
    "images": lambda: plots.images(PICTURES, [1, 2, 3, 4], [1, 2, 3, 5]),
    "kernel_over_image": lambda: plots.kernel_over_image(PICTURES[0]),
    "loss_surface": lambda: plots.loss_surface(lambda a, b: a**2 + b**2, {"p": [[1, 1], [0, 0]]}),
    "network": lambda: plots.network([2, 3, 1]),
    "optimizer_race": plots.optimizer_race,
    "overfitting": plots.overfitting,
    "training": lambda: plots.training({"training": [3, 2, 1]}, classify, X, Y),
    "weights_as_images": lambda: plots.weights_as_images(np.eye(64)[:, :6]),
}


@pytest.fixture(params=CALLS.values(), ids=CALLS)
def call(request):
    return request.param


def near(text, value):
    """Return whether ``text`` holds ``value`` with three digits."""
    return re.search(rf"(?<![\d.]){value:.3g}(?!\d)".replace("-", "−"), text) is not None


# --- What holds for every figure ------------------------------------------------------------------


def test_every_figure_is_tested_here():
    assert set(CALLS) == set(plots.__all__) - {"figure"}


def test_figures_have_alt_text_with_numbers_and_render(call):
    figure = call()
    assert isinstance(figure, Figure)
    assert re.search(r"\d", figure.alt_text)
    assert figure.alt_text.endswith(".")
    assert "\n" not in figure.alt_text
    assert figure.png().startswith(b"\x89PNG")


def test_a_notebooks_style_and_settings_change_nothing_and_are_left_alone(call):
    plain = call().png()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        assert call().png() == plain
        assert dict(matplotlib.rcParams) == before


def test_pyplot_is_not_involved():
    code = (
        "import sys\n"
        "from nnlib import plots\n"
        "plots.curves([3, 2, 1]).png()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_imports_are_light():
    code = (
        "import sys, nnlib.plots, nnlib.widgets, nnlib.datasets\n"
        "heavy = {'matplotlib', 'ipywidgets', 'sklearn', 'IPython', 'scipy', 'tensorflow'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_fifty_figures_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = [plots.curves([3, 2, 1]) for _ in range(50)]
    assert len(figures) == 50


def relative_luminance(colour):
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colour", _style.COLOURS)
def test_colours_have_the_contrast_that_text_needs(colour):
    # WCAG 2.2, success criterion 1.4.3: 4.5 to 1.
    assert 1.05 / (relative_luminance(colour) + 0.05) >= 4.5


def test_signed_shades_can_be_read_without_colour():
    with _style.style():
        shades = [
            relative_luminance(c) for c in _style.signed_shades()(np.linspace(0, 1, 30))[:, :3]
        ]
    assert (np.diff(shades) < 0).all()


# --- Showing in a notebook ------------------------------------------------------------------------


def bundle_of(figure, *, inline_backend):
    formatter = DisplayFormatter()
    if inline_backend:  # as importing pyplot in a notebook does
        from IPython.core.pylabtools import print_figure

        formatter.formatters["image/png"].for_type(Figure, lambda f: print_figure(f, base64=True))
    return formatter.format(figure)


@pytest.mark.parametrize("inline_backend", [False, True])
def test_a_notebook_shows_one_image_with_its_alt_text(inline_backend):
    figure = plots.figure('5 < 6 & "so on"', size=(2, 1))
    figure.subplots().plot([1, 2])
    data, metadata = bundle_of(figure, inline_backend=inline_backend)
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert data["text/html"].count("<img") == 1
    assert 'alt="5 &lt; 6 &amp; &quot;so on&quot;"' in data["text/html"]
    assert data["text/plain"] == figure.alt_text
    assert metadata["image/png"]["alt"] == figure.alt_text


def test_a_figure_without_alt_text_says_what_to_do():
    with pytest.raises(ValueError, match="alt_text"):
        plots.figure().html()


# --- Decision boundaries --------------------------------------------------------------------------


def test_decision_boundary_counts_right_points_for_every_form_of_output_and_label():
    right = int(((classify(X) >= 0.5) == Y).sum())
    assert 0 < right < len(X)
    p = classify
    forms = [
        (p, Y),
        (lambda x: p(x)[:, None], Y[:, None]),
        (lambda x: (p(x) >= 0.5).astype(int), Y),
        (lambda x: np.stack([1 - p(x), p(x)], axis=1), np.eye(2)[Y]),
        (lambda x: np.sign(p(x) - 0.5), 2 * Y - 1),
        (SimpleNamespace(predict=p), Y.tolist()),
    ]
    for model, labels in forms:
        text = plots.decision_boundary(model, X, labels).alt_text
        assert f"{right} of {len(X)} are on the right side" in text


@pytest.mark.parametrize("one_hot", [False, True])
def test_decision_boundary_of_three_classes(one_hot):
    points, labels = datasets.blobs(90, classes=3)
    directions = np.stack([points[labels == k].mean(axis=0) for k in range(3)], axis=1)

    def model(x):
        scores = x @ directions
        return scores if one_hot else scores.argmax(axis=1)

    right = (
        int((model(points).reshape(90, -1).argmax(axis=1) == labels).sum())
        if one_hot
        else int((model(points) == labels).sum())
    )
    text = plots.decision_boundary(model, points, labels).alt_text
    assert f"3 classes: {right} of 90" in text


def test_keras_is_asked_to_predict_in_silence():
    asked = []

    class Model:
        def predict(self, x, batch_size=None, verbose="auto"):
            asked.append(verbose)
            return classify(x)

    plots.decision_boundary(Model(), X, Y)
    assert set(asked) == {0}


def test_decision_line_solves_and_but_not_xor():
    assert "4 of 4" in plots.decision_line().alt_text
    for w1 in (-1, 0, 1):
        assert "4 of 4" not in plots.decision_line(w1, 1, -0.5, *datasets.xor()).alt_text
    assert plots.decision_line(0, 0, 0).png()


# --- Curves ---------------------------------------------------------------------------------------


def test_curves_take_histories_dicts_and_lists():
    record = {"loss": [3.0, 2.0, 1.25], "val_loss": [3.0, 1.5, 2.0], "accuracy": [0.1, 0.5, 0.9]}
    text = plots.curves(record).alt_text
    assert "training loss goes from 3 to 1.25 in 3 epochs" in text
    assert "validation loss goes from 3 to 2 in 3 epochs, lowest 1.5 in epoch 2" in text
    assert "training accuracy goes from 0.1 to 0.9" in text
    assert plots.curves(SimpleNamespace(history=record)).alt_text == text
    assert "training loss goes from 3 to 1.25" in plots.curves([3.0, 2.0, 1.25], log=True).alt_text


def test_curves_are_told_apart_by_line_and_marker_not_only_colour():
    figure = plots.compare_curves({str(k): np.arange(5.0) + k for k in range(5)})
    lines = figure.axes[0].get_lines()
    assert len({str(line.get_linestyle()) for line in lines}) >= 4
    assert len({line.get_marker() for line in lines}) == 5
    assert {text.get_text().split()[0] for text in figure.axes[0].texts} == set("01234")


def test_curves_show_where_a_training_diverged():
    figure = plots.compare_curves({"too large": [1.0, 5.0, np.nan, np.nan]})
    assert "too large goes from 1 to nan" in figure.alt_text
    assert "5, then nan" in figure.axes[0].texts[0].get_text()
    assert plots.curves([np.nan, np.nan]).png()


@pytest.mark.parametrize("ends", [(0.5, 0.5, 0.5), (0.235, 0.055, 0.04)])
def test_names_at_the_ends_of_close_curves_do_not_overlap(ends):
    figure = plots.compare_curves({f"run {k}": [1.7, end] for k, end in enumerate(ends)})
    figure.draw_without_rendering()
    boxes = sorted(
        (t.get_window_extent().y0, t.get_window_extent().y1) for t in figure.axes[0].texts
    )
    for (_, top), (bottom, _) in itertools.pairwise(boxes):
        assert bottom >= top - 1


# --- Tables and pictures --------------------------------------------------------------------------


def test_confusion_matrix_agrees_with_scikit_learn(rng):
    true, predicted = rng.integers(0, 4, 50), rng.integers(0, 4, 50)
    table = sklearn.metrics.confusion_matrix(true, predicted)
    for form in (predicted, np.eye(4)[predicted]):
        figure = plots.confusion_matrix(true, form)
        shown = np.array([int(t.get_text()) for t in figure.axes[0].texts]).reshape(4, 4)
        np.testing.assert_array_equal(shown, table)
        assert f"{np.trace(table)} right" in figure.alt_text


def test_images_mark_wrong_predictions_in_words():
    figure = plots.images(PICTURES, ["a", "b", "c", "d"], ["a", "c", "c", "a"])
    assert [ax.get_title() for ax in figure.axes] == ["✓ a", "✗ c, not b", "✓ c", "✗ a, not d"]
    assert "2 predicted right and 2 wrong" in figure.alt_text


@pytest.mark.parametrize("shape", [(4, 64), (4, 8, 8), (4, 8, 8, 1)])
def test_images_take_every_form_of_grey_picture(shape):
    figure = plots.images(PICTURES.reshape(shape))
    for ax, picture in zip(figure.axes, PICTURES, strict=False):
        np.testing.assert_array_equal(ax.images[0].get_array(), picture)


def test_weights_and_maps_are_drawn_in_keras_order(rng):
    kernel, maps = rng.normal(size=(12, 5)), rng.normal(size=(3, 4, 2))
    figure = plots.weights_as_images(kernel, (3, 4))
    for unit in range(5):
        np.testing.assert_array_equal(
            figure.axes[unit].images[0].get_array(), kernel[:, unit].reshape(3, 4)
        )
    figure = plots.feature_maps(maps[None])
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), maps[:, :, 1])


# --- Activations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, lambda z: sigmoid(z) * (1 - sigmoid(z))])
def test_activation_draws_the_function_and_its_derivative(given):
    left, right = plots.activation(sigmoid, given).axes
    z, a = left.get_lines()[-1].get_data()
    np.testing.assert_allclose(a, sigmoid(z))
    z, da = right.get_lines()[-1].get_data()
    np.testing.assert_allclose(da, sigmoid(z) * (1 - sigmoid(z)), atol=1e-9)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "linear", "step"])
def test_activation_by_name_has_the_derivative_of_its_curve(name):
    left, right = plots.activation(name).axes
    z, a = left.get_lines()[-1].get_data()
    _, da = right.get_lines()[-1].get_data()
    smooth = np.abs(z[1:-1]) > 0.05
    np.testing.assert_allclose(np.gradient(a, z)[1:-1][smooth], da[1:-1][smooth], atol=2e-3)


def test_gradient_survival_is_the_power_of_the_slope():
    text = plots.gradient_survival("sigmoid", z=0.0, layers=10).alt_text
    assert near(text, 0.25**10)
    assert "1 after 7 such layers" in plots.gradient_survival("relu", z=2.0, layers=7).alt_text


# --- Networks -------------------------------------------------------------------------------------


def test_network_writes_each_number_once(rng):
    w = [rng.normal(size=(2, 3)), rng.normal(size=(3, 1))]
    figure = plots.network([2, 3, 1], w, values=[[5, 6], [7, 8, 9], [10]])
    texts = [t.get_text() for t in figure.axes[0].texts]
    for number in (*w[0].ravel(), *w[1].ravel()):
        assert texts.count(f"{number:.3g}".replace("-", "−")) == 1
        assert near(figure.alt_text, number)
    assert {"x1\n5", "x2\n6", "h1\n7", "h2\n8", "h3\n9", "y1\n10"} <= set(texts)


def test_numbers_on_the_wires_do_not_overlap(rng):
    for sizes in ([2, 2, 1], [3, 4, 2], [2, 3, 1]):
        w = [rng.normal(size=pair) for pair in itertools.pairwise(sizes)]
        figure = plots.network(sizes, w)
        figure.draw_without_rendering()
        labels = [t for t in figure.axes[0].texts if "." in t.get_text()]
        boxes = [t.get_window_extent() for t in labels]
        for k, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:k]), sizes


def test_network_reads_a_model_with_dense_layers(rng):
    w = [rng.normal(size=(2, 3)), rng.normal(size=(3, 1))]
    layers = [SimpleNamespace(get_weights=lambda k=k: [k, k[0]]) for k in w]
    layers.insert(1, SimpleNamespace(get_weights=list))  # an activation layer
    model = SimpleNamespace(layers=layers)
    assert plots.network(model).alt_text == plots.network([2, 3, 1], w).alt_text


def test_large_layers_are_shortened():
    figure = plots.network([64, 64, 10])
    assert "4736 wires" in figure.alt_text
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert texts.count("⋮") == 3
    assert "x64" in texts
    assert "x40" not in texts


def test_backward_step_agrees_with_finite_differences():
    x, y = np.array([0.7, -1.3]), 1.0
    theta = np.array([0.4, -0.6, 0.3, -0.9, -0.2, 0.1, 0.8, 0.5, -0.2])  # h1 is dead

    def loss(t):
        W1, b1, W2, b2 = t[:4].reshape(2, 2), t[4:6], t[6:8].reshape(2, 1), t[8:]
        a = sigmoid(np.maximum(x @ W1 + b1, 0) @ W2 + b2)[0]
        return -y * np.log(a) - (1 - y) * np.log(1 - a)

    steps = 1e-6 * np.eye(9)
    gradient = np.array([(loss(theta + h) - loss(theta - h)) / 2e-6 for h in steps])
    network = {
        "x": x,
        "y": y,
        "W1": theta[:4].reshape(2, 2),
        "b1": theta[4:6],
        "W2": theta[6:8].reshape(2, 1),
        "b2": theta[8:],
        "learning_rate": 0.3,
    }
    told = [plots.backward_step(k, **network).alt_text for k in range(9)]
    assert near(told[3], loss(theta))
    assert near(told[4], gradient[8])
    for text, numbers in ((told[5], gradient[6:8]), (told[7], gradient[:6])):
        for number in numbers:
            assert near(text, number)
    assert near(told[8], loss(theta - 0.3 * gradient))
    assert told[0] != told[1]


# --- Surfaces -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_of_the_surfaces_agree_with_finite_differences(name, rng):
    loss, gradient, *_ = SURFACES[name]
    for w1, w2 in rng.uniform(-2, 2, (20, 2)):
        h = 1e-6
        numeric = (
            (loss(w1 + h, w2) - loss(w1 - h, w2)) / (2 * h),
            (loss(w1, w2 + h) - loss(w1, w2 - h)) / (2 * h),
        )
        np.testing.assert_allclose(gradient(w1, w2), numeric, rtol=1e-6, atol=1e-7)


def test_gradient_descent_in_a_bowl_shrinks_by_its_factor():
    # Each step multiplies w by 1 - lr, so the loss by (1 - lr)^2.
    start = 0.5 * (1.8**2 + 1.2**2)
    text = plots.optimizer_race("bowl", learning_rate=0.1, steps=7).alt_text
    assert near(text[text.index("SGD") :].split(" after")[0], start * 0.9**14)


def test_gradient_descent_diverges_in_a_ravine_above_two_over_its_curvature():
    assert "SGD ends" in plots.optimizer_race("ravine", learning_rate=0.079, steps=200).alt_text
    text = plots.optimizer_race("ravine", learning_rate=0.2, steps=200).alt_text
    assert "SGD diverges" in text
    assert "Adam ends" in text


def test_loss_surface_says_where_each_path_ends():
    paths = {"mine": [[1.0, 1.0], [0.5, -0.5]], "other": [[1, 1], [np.nan, 1]]}
    text = plots.loss_surface(lambda a, b: a**2 + 3 * b**2, paths).alt_text
    assert "mine ends at loss 1 after 1 step." in text
    assert "other diverges after 1 step." in text


# --- Histograms, convolution, overfitting ---------------------------------------------------------


def test_histograms_state_the_moments(rng):
    a, b = rng.normal(2, 3, size=(40, 5)), np.maximum(rng.normal(size=100), 0)
    text = plots.activation_histograms({"first": a, "second": b}).alt_text
    first, second = text.split(";")
    assert near(first, a.mean())
    assert near(first, a.std())
    assert f"{np.mean(b == 0):.0%} zeros" in second


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
@pytest.mark.parametrize("kernel", [*KERNELS, "random"])
def test_kernel_over_image_agrees_with_scipy(kernel, stride, padding, rng):
    picture = rng.normal(size=(9, 11))
    k = rng.normal(size=(2, 4)) if kernel == "random" else KERNELS[kernel]
    full = scipy.signal.correlate2d(np.pad(picture, padding), k, mode="valid")[::stride, ::stride]
    given = k if kernel == "random" else kernel
    figure = plots.kernel_over_image(picture, given, stride=stride, padding=padding)
    np.testing.assert_allclose(figure.axes[2].images[0].get_array(), full)
    part = plots.kernel_over_image(picture, given, 4, stride=stride, padding=padding)
    shown = np.ma.filled(part.axes[2].images[0].get_array(), np.nan).ravel()
    np.testing.assert_allclose(shown[:5], full.ravel()[:5])
    assert np.isnan(shown[5:]).all()
    assert near(part.alt_text, full.ravel()[4])


def test_overfitting_without_penalty_is_least_squares():
    text = plots.overfitting(degree=4, l2=0.0, n=12, noise=0.3, seed=5).alt_text
    x, y = datasets.sine(12, 0.3, np.random.default_rng(5))
    fit = np.polyfit(x[:, 0], y[:, 0], 4)
    assert near(text, np.mean((np.polyval(fit, x[:, 0]) - y[:, 0]) ** 2))


def test_overfitting_with_a_penalty_is_scikit_learns_ridge():
    text = plots.overfitting(degree=9, l2=0.02, n=14, seed=2).alt_text
    x, y = datasets.sine(14, 0.25, np.random.default_rng(2))
    features = np.polynomial.legendre.legvander(x[:, 0], 9)[:, 1:]
    # Ridge adds alpha |w|^2 to the sum of squares, ours l2 |w|^2 to their mean.
    model = sklearn.linear_model.Ridge(alpha=14 * 0.02).fit(features, y)
    assert near(text, np.mean((model.predict(features).ravel() - y.ravel()) ** 2))


def test_a_large_penalty_leaves_the_mean():
    text = plots.overfitting(degree=9, l2=1e6, n=12, seed=1).alt_text
    _, y = datasets.sine(12, 0.25, np.random.default_rng(1))
    assert near(text, y.var())


# --- Training views -------------------------------------------------------------------------------


def test_training_shows_what_suits_the_data():
    losses = {"training": [2.0, 1.0], "validation": [2.0, 1.5]}
    boundary = plots.training(losses, classify, X, Y).alt_text
    assert boundary.startswith("After 2 epochs: training loss 1, validation loss 1.5.")
    assert "Decision boundary" in boundary
    x, y = datasets.sine(20)
    error = np.mean((np.sin(x) - y) ** 2)
    assert near(plots.training(losses, np.sin, x, y).alt_text, error)
    bits, targets = datasets.three_bit()
    few = plots.training(losses, lambda x: np.tile([0.25, 0.75], (len(x), 1)), bits, targets)
    assert few.alt_text.count("0.25 for 1") == 2
    assert few.alt_text.count("0.75 for 1") == 2
    many = plots.training(losses, classify, np.ones((50, 4)), np.ones(50))
    assert len(many.axes) == 1


def test_training_that_has_not_begun_or_has_diverged_is_drawn():
    assert plots.training({}, classify, X, Y).alt_text.startswith("After 0 epochs.")
    assert "diverged" in plots.training({"training": [1, np.nan]}, classify, X, Y).alt_text


# --- Inputs are left alone, and bad ones are named ------------------------------------------------


def test_arrays_are_not_changed():
    x, y, w = X.copy(), Y.copy(), np.eye(2)
    plots.decision_boundary(classify, x, y)
    plots.network([2, 2], [w], values=[[1, 2], [3, 4]])
    plots.backward_step(W1=w)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    np.testing.assert_array_equal(w, np.eye(2))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: plots.decision_boundary(3, X, Y), "predict.*int"),
        (lambda: plots.decision_boundary(classify, X[:, :1], Y), r"\(n, 2\)"),
        (lambda: plots.decision_boundary(classify, X, Y[:-1]), "one label for each"),
        (lambda: plots.decision_boundary(classify, X, Y + 0.5), "whole-number"),
        (lambda: plots.decision_boundary(lambda x: 0.5, X, Y), "whole batch"),
        (lambda: plots.decision_boundary(lambda x: np.full(len(x), np.nan), X, Y), "finite"),
        (lambda: plots.decision_line("one"), "w1"),
        (lambda: plots.decision_line(X=X), "both X and y"),
        (lambda: plots.curves({}), "at least one curve"),
        (lambda: plots.curves({"loss": []}), "loss"),
        (lambda: plots.curves({"loss": [[1, 2]]}), "one number per epoch"),
        (lambda: plots.compare_curves({"a": [1.0]}, "accuracy"), "no 'accuracy'.*loss"),
        (lambda: plots.compare_curves([1, 2]), "dict"),
        (lambda: plots.confusion_matrix([0, 1], [0]), "2 labels and 1 prediction"),
        (lambda: plots.confusion_matrix([-1], [0]), "negative"),
        (lambda: plots.confusion_matrix([0, 2], [0, 1], ["a", "b"]), "names"),
        (lambda: plots.images(np.ones((2, 50))), "square"),
        (lambda: plots.images(np.ones((2, 8, 8, 2))), "3"),
        (lambda: plots.images(PICTURES, ["a"]), "titles"),
        (lambda: plots.images(PICTURES, None, [1, 2, 3, 4]), "true titles"),
        (lambda: plots.images(np.ones((101, 2, 2))), "100"),
        (lambda: plots.weights_as_images(np.ones(5)), "weights"),
        (lambda: plots.weights_as_images(np.ones((6, 2)), (4, 4)), "shape"),
        (lambda: plots.feature_maps(np.ones((2, 3, 3, 4))), "one picture"),
        (lambda: plots.activation("rulu"), "relu"),
        (lambda: plots.activation(7), "function"),
        (lambda: plots.activation(lambda z: z[:3]), "400"),
        (lambda: plots.activation(np.tanh, z_range=(1, -1)), "z_range"),
        (lambda: plots.gradient_survival("tanh", layers=0), "layers"),
        (lambda: plots.network([3]), "two layer sizes"),
        (lambda: plots.network("abc"), "layer sizes"),
        (lambda: plots.network([2, 1], [np.ones((1, 2))]), r"weights\[0\].*\(2, 1\)"),
        (lambda: plots.network([2, 1], values=[[1, 2]]), "values"),
        (lambda: plots.network([2, 1], names=["in"]), "names"),
        (lambda: plots.network(SimpleNamespace(layers=[])), "no weights yet"),
        (lambda: plots.backward_step(9), "step"),
        (lambda: plots.backward_step(W1=np.ones((3, 2))), "W1"),
        (lambda: plots.loss_surface(lambda a, b: 1.0), "arrays"),
        (lambda: plots.loss_surface(lambda a, b: a, {"p": [1, 2]}), "paths"),
        (lambda: plots.loss_surface(lambda a, b: a, w1_range=(1, 0)), "w1_range"),
        (lambda: plots.optimizer_race("hill"), "ravine"),
        (lambda: plots.optimizer_race(learning_rate=0), "learning_rate"),
        (lambda: plots.activation_histograms([]), "at least one layer"),
        (lambda: plots.activation_histograms({"a": [np.inf]}), "a: .*finite"),
        (lambda: plots.kernel_over_image(PICTURES[0], "edges"), "vertical edges"),
        (lambda: plots.kernel_over_image(np.ones((2, 2))), "does not fit"),
        (lambda: plots.kernel_over_image(PICTURES[0], position=36), "35"),
        (lambda: plots.kernel_over_image(PICTURES[0], stride=0), "stride"),
        (lambda: plots.overfitting(16), "degree"),
        (lambda: plots.overfitting(l2=-1), "l2"),
    ],
)
def test_bad_input_is_named(bad, words):
    with pytest.raises((TypeError, ValueError), match=words):
        bad()
