"""The interactive views, driven as a browser drives them: by setting the values of controls."""

from __future__ import annotations

import re
import warnings
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest

import nnlib as nn
from nnlib import datasets, plots, widgets
from nnlib.plots._figure import Figure
from nnlib.widgets import Choice, LogSlider, Slider, TrainingRun, explore, training_view

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ipywidgets and its dependencies, at import
    import ipywidgets

X, Y = datasets.moons(40)

EXPLORERS = [
    widgets.activation_explorer,
    widgets.backward_stepper,
    widgets.decision_line,
    widgets.kernel_explorer,
    widgets.optimizer_race,
    widgets.overfitting_explorer,
]


class Logistic:
    """The smallest model that training_view takes: one neuron, gradient descent."""

    def __init__(self, learning_rate=0.1):
        self.learning_rate = learning_rate
        self.w, self.b = np.zeros(2), 0.0
        self.batches = []

    def predict(self, X):
        return 1 / (1 + np.exp(-(X @ self.w + self.b)))

    def train_on_batch(self, X, y):
        self.batches.append((X, y))
        a = self.predict(X)
        self.w = self.w - self.learning_rate * X.T @ (a - y) / len(y)
        self.b -= self.learning_rate * np.mean(a - y)
        return float(-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)))


def alt(view):
    """Return the alt text that a view shows, or fail if it shows something else."""
    (text,) = re.findall(r'<img alt="([^"]*)"', view.children[-1].value)
    return unescape(text)


def controls(view):
    return view.children[:-1]


# --- explore --------------------------------------------------------------------------------------


def titled(a, b):
    figure = plots.figure(f"a is {a} and b is {b}.", size=(1, 1))
    if a > 3:
        raise ValueError("a is <too large>")
    return figure


CONTROLS = {"a": Slider("first", 1, 0, 5, 1), "b": Choice("second", "x", ("x", "y"))}


def test_explore_draws_again_when_a_control_changes():
    view = explore(titled, CONTROLS, interactive=True)
    a, b = controls(view)
    assert (a.description, b.description) == ("first", "second")
    assert alt(view) == "a is 1 and b is x."
    a.value = 3
    assert alt(view) == "a is 3 and b is x."
    b.value = "y"
    assert alt(view) == "a is 3 and b is y."


def test_explore_says_what_is_wrong_with_the_values():
    view = explore(titled, CONTROLS, interactive=True)
    controls(view)[0].value = 4
    assert view.children[-1].value == '<p role="alert">a is &lt;too large&gt;</p>'
    controls(view)[0].value = 2
    assert alt(view) == "a is 2 and b is x."


def test_explore_without_widgets_is_the_figure_at_the_first_values():
    assert explore(titled, CONTROLS, interactive=False).alt_text == "a is 1 and b is x."
    # Without a notebook there are no widgets either.
    assert explore(titled, CONTROLS).alt_text == "a is 1 and b is x."


def test_the_environment_turns_widgets_off(monkeypatch):
    monkeypatch.setattr(
        "IPython.core.getipython.get_ipython", lambda: SimpleNamespace(kernel=object())
    )
    assert isinstance(explore(titled, CONTROLS), ipywidgets.VBox)
    monkeypatch.setenv("NNLIB_WIDGETS", "off")
    assert isinstance(explore(titled, CONTROLS), Figure)


def test_without_ipywidgets_there_is_a_figure(monkeypatch):
    monkeypatch.setattr(
        "IPython.core.getipython.get_ipython", lambda: SimpleNamespace(kernel=object())
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert isinstance(widgets.decision_line(), Figure)


def test_sliders_are_of_the_right_kind():
    assert isinstance(Slider("n", 1, 0, 5, 1).widget(), ipywidgets.IntSlider)
    assert isinstance(Slider("w", 1.0, 0.0, 5.0, 0.1).widget(), ipywidgets.FloatSlider)
    values = [value for _, value in LogSlider("rate", 0.03, -2, 0).widget().options]
    assert values == [0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0]


# --- The views of the lessons ---------------------------------------------------------------------


@pytest.mark.parametrize("view", EXPLORERS)
def test_every_view_has_a_static_figure_with_alt_text(view):
    figure = view(interactive=False)
    assert isinstance(figure, Figure)
    assert figure.alt_text
    assert isinstance(view(), Figure)


@pytest.mark.parametrize("make", EXPLORERS)
def test_every_control_has_a_name_and_changes_the_picture(make):
    view = make(interactive=True)
    for knob in controls(view):
        assert knob.description
        shown = alt(view)
        if isinstance(knob, ipywidgets.Dropdown):
            knob.value = knob.options[1]
        elif isinstance(knob, ipywidgets.SelectionSlider):
            knob.index -= 1
        else:
            knob.value = knob.max if knob.value < knob.max else knob.min
        assert alt(view) != shown, knob.description


def test_the_controls_ranges_are_all_valid(monkeypatch):
    monkeypatch.setattr(Figure, "png", lambda self: b"")  # drawn, but not turned into pixels
    for make in EXPLORERS:
        view = make(interactive=True)
        for knob in controls(view):
            if isinstance(knob, ipywidgets.Dropdown):
                values = knob.options
            elif isinstance(knob, ipywidgets.SelectionSlider):
                values = [value for _, value in knob.options][:: len(knob.options) - 1]
            else:
                values = (knob.min, knob.max)
            for value in values:
                knob.value = value
                assert alt(view)


def test_kernel_explorer_covers_the_output_of_any_picture():
    view = widgets.kernel_explorer(np.eye(9, 7), stride=2, padding=1, interactive=True)
    position = controls(view)[1]
    assert position.max + 1 == 5 * 4
    with pytest.raises(ValueError, match="does not fit"):
        widgets.kernel_explorer(np.eye(2), interactive=True)


def test_backward_stepper_begins_at_the_start_and_is_whole_on_paper():
    assert alt(widgets.backward_stepper(interactive=True)).startswith("Step 0 of 8")
    assert widgets.backward_stepper(interactive=False).alt_text.startswith("Step 8 of 8")
    assert "target" not in alt(widgets.backward_stepper(x=[3, 4], interactive=True))
    assert "values, input: 3, 4" in alt(widgets.backward_stepper(x=[3, 4], interactive=True))


# --- Training -------------------------------------------------------------------------------------


def test_an_epoch_uses_every_example_once_in_an_order_that_changes():
    run = TrainingRun(Logistic, X, Y, batch_size=16)
    run.train_epoch()
    run.train_epoch()
    batches = run.model.batches
    assert [len(y) for _, y in batches] == [16, 16, 8] * 2
    epochs = [np.vstack([x for x, _ in batches[k : k + 3]]) for k in (0, 3)]
    for seen in epochs:
        assert sorted(map(tuple, seen)) == sorted(map(tuple, X))
    assert not np.array_equal(*epochs)


def test_the_loss_of_an_epoch_is_the_mean_over_examples():
    class Fixed(Logistic):
        def train_on_batch(self, X, y):
            return [float(len(y)), "other metrics"]

    run = TrainingRun(Fixed, X, Y, batch_size=16)
    run.train_epoch()
    assert run.losses == {"training": [pytest.approx((16 * 16 + 16 * 16 + 8 * 8) / 40)]}


def test_full_batches_are_gradient_descent():
    run = TrainingRun(lambda: Logistic(0.5), X, Y, batch_size=None)
    w, b = np.zeros(2), 0.0
    for _ in range(3):
        run.train_epoch()
        error = 1 / (1 + np.exp(-(X @ w + b))) - Y
        w, b = w - 0.5 * X.T @ error / 40, b - 0.5 * error.mean()
    np.testing.assert_allclose(run.model.w, w)
    assert run.losses["training"][0] == pytest.approx(np.log(2))


def test_reset_gives_the_same_run_again():
    run = TrainingRun(Logistic, X, Y, batch_size=8)
    for _ in range(3):
        run.train_epoch()
    first = run.losses
    run.reset()
    assert run.epoch == 0
    for _ in range(3):
        run.train_epoch()
    assert run.losses == first


def nnlib_model():
    model = nn.Sequential(
        [nn.Input((2,)), nn.Dense(16, activation="tanh"), nn.Dense(1, activation="sigmoid")],
        seed=0,
    )
    model.compile(optimizer=nn.Adam(learning_rate=0.05), loss="binary_crossentropy")
    return model


def test_nnlib_learns_the_moons_in_the_static_view():
    data = datasets.moons(200)
    figure = training_view(
        nnlib_model, *data, epochs=60, validation_data=datasets.moons(100, seed=1)
    )
    right = int(re.search(r"(\d+) of 200 are on the right side", figure.alt_text)[1])
    assert right >= 190
    assert "validation loss" in figure.alt_text


@pytest.mark.keras
def test_keras_models_are_taken_as_they_are(keras):
    def make():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        optimizer = keras.optimizers.SGD(learning_rate=0.3)
        model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
        return model

    run = TrainingRun(make, X, Y, validation_data=(X, Y))
    assert run.learning_rate == 0.3
    run.learning_rate = 0.5
    run.train_epoch()
    run.train_epoch()
    assert float(run.model.optimizer.learning_rate) == pytest.approx(0.5)
    assert run.losses["training"] == run.losses["validation"]
    assert run.losses["training"][1] < run.losses["training"][0]
    expected = run.model.evaluate(X, Y, verbose=0)[0]
    assert run.losses["training"][1] == pytest.approx(expected, rel=1e-6)
    assert "Decision boundary" in run.figure().alt_text


# --- The live view: Play's clock ticks as the browser lets it -------------------------------------


class Browser:
    """The view's parts, and what a learner does with them."""

    def __init__(self, *args, **kwargs):
        self.view = training_view(*args, interactive=True, **kwargs)
        self.play, self.step, self.reset, self.clock = self.view.children[0].children
        self.slider = self.view.children[1]

    def tick(self, times=1):
        for _ in range(times):
            self.clock.value += 1

    @property
    def status(self):
        return unescape(re.sub("<[^>]*>", "", self.view.children[-2].value))


def test_play_trains_until_it_is_paused():
    page = Browser(Logistic, X, Y)
    assert page.status == "Epoch 0 of 100"
    page.tick()
    assert page.status == "Epoch 0 of 100"  # nothing happens before Play
    page.play.click()
    assert (page.clock.playing, page.play.description) == (True, "Pause")
    page.tick(3)
    assert page.status.startswith("Epoch 3 of 100, training loss 0.")
    assert alt(page.view).startswith("After 3 epochs: training loss")
    page.play.click()
    assert (page.clock.playing, page.play.description) == (False, "Play")
    page.tick()  # was under way already
    assert page.status.startswith("Epoch 3 ")


def test_play_pauses_after_the_epochs_and_goes_on_when_asked():
    page = Browser(Logistic, X, Y, epochs=2)
    page.play.click()
    page.tick(5)
    assert page.status.startswith("Epoch 2 of 2")
    assert not page.clock.playing
    page.play.click()
    page.tick()
    assert page.status.startswith("Epoch 3, training loss")


def test_step_and_reset():
    page = Browser(Logistic, X, Y, epochs_per_frame=5)
    page.step.click()
    assert page.status.startswith("Epoch 5 of 100")
    page.play.click()
    page.reset.click()
    assert page.status == "Epoch 0 of 100"
    assert not page.clock.playing


def test_the_slider_sets_the_learning_rate_and_reset_keeps_it():
    models = []

    def make():
        models.append(Logistic(0.1))
        return models[-1]

    page = Browser(make, X, Y)
    assert page.slider.value == 0.1
    page.slider.value = 1.0
    assert models[-1].learning_rate == 1.0
    page.reset.click()
    assert len(models) == 2
    assert models[-1].learning_rate == 1.0


def test_a_model_without_a_learning_rate_or_with_a_schedule_has_no_slider():
    class Plain(Logistic):
        def __init__(self):
            super().__init__()
            self.rate = self.learning_rate
            del self.learning_rate

        def train_on_batch(self, X, y):
            return 1.0

    view = training_view(Plain, X, Y, interactive=True)
    assert not any(isinstance(child, ipywidgets.SelectionSlider) for child in view.children)
    scheduled = TrainingRun(lambda: Logistic(lambda step: 0.1), X, Y)
    assert scheduled.learning_rate is None


def test_a_training_that_diverges_stops_and_says_so():
    class Diverging(Logistic):
        def train_on_batch(self, X, y):
            return np.nan

    page = Browser(Diverging, X, Y)
    page.play.click()
    page.tick(3)
    assert page.status.startswith("Epoch 1 ")
    assert not page.clock.playing
    assert "diverged" in alt(page.view)
    assert "After 1 epoch" in training_view(Diverging, X, Y, interactive=False).alt_text


def test_an_error_in_the_model_is_shown_and_raised():
    class Broken(Logistic):
        def train_on_batch(self, X, y):
            raise RuntimeError("shapes <differ>")

    page = Browser(Broken, X, Y)
    page.play.click()
    with pytest.raises(RuntimeError, match="shapes"):
        page.tick()
    assert page.status == "Stopped in epoch 1: RuntimeError: shapes <differ>"
    assert not page.clock.playing


def test_an_interrupt_pauses():
    class Slow(Logistic):
        def train_on_batch(self, X, y):
            raise KeyboardInterrupt

    page = Browser(Slow, X, Y)
    page.play.click()
    page.tick()
    assert page.status == "Interrupted after epoch 0."
    assert not page.clock.playing


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: training_view(nnlib_model(), X, Y), "function that returns a new model"),
        (lambda: training_view("model", X, Y), "function"),
        (lambda: training_view(lambda: 3, X, Y), "train_on_batch; int has none"),
        (lambda: training_view(Logistic, X, Y[:3]), r"X, y: .*\(40, 2\) and \(3,\)"),
        (lambda: training_view(Logistic, X[:, 0], Y), "features"),
        (lambda: training_view(Logistic, X, Y, epochs=0), "epochs"),
        (lambda: training_view(Logistic, X, Y, batch_size=0), "batch_size"),
        (lambda: training_view(Logistic, X, Y, validation_data=(X, Y)), "evaluate"),
        (
            lambda: training_view(type("M", (Logistic,), {"train_on_batch": print}), X, Y),
            "return the loss.*None",
        ),
    ],
)
def test_bad_input_is_named(bad, words):
    with pytest.raises((TypeError, ValueError), match=words):
        bad()
