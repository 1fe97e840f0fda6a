"""Sequential: built, trained, judged, saved; the same histories as Keras; errors for people."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

import nnlib as nn
from nnlib import gradcheck, layers, losses, metrics, optimizers


def small(seed=0, **options):
    return nn.Sequential(
        [nn.Input((8,)), nn.Dense(5, activation="tanh"), nn.Dense(3, activation="softmax")],
        seed=seed,
        **options,
    )


def blobs(n=200, seed=1):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return rng.normal(size=(n, 8)) + 3 * np.eye(8)[y], y


def digits():
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    return data.data[order] / 16, data.target[order]


def compiled(seed=0, **options):
    model = small(seed, **options)
    model.compile(nn.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# ---------------------------------------------------------------------------- the stack


def test_forward_is_the_layers_one_after_the_other(rng):
    model = small(dtype="float64")
    x = rng.normal(size=(4, 8))
    (w1, b1), (w2, b2) = (layer.get_weights() for layer in model.layers)
    z = np.tanh(x @ w1 + b1) @ w2 + b2
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model(x), expected, rtol=1e-12)
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-12)


def test_parameters_and_gradients_are_one_vector_each(rng):
    model = compiled()
    model.loss_and_gradient(*blobs(20))
    assert model.parameters.shape == model.gradients.shape == (8 * 5 + 5 + 5 * 3 + 3,)
    dense, output = model.layers
    np.testing.assert_array_equal(
        model.parameters,
        np.concatenate([w.ravel() for w in model.get_weights()]),
    )
    np.testing.assert_array_equal(
        model.gradients,
        np.concatenate(
            [g.ravel() for g in (dense.d_kernel, dense.d_bias, output.d_kernel, output.d_bias)]
        ),
    )
    model.parameters[:] = 7
    assert (dense.kernel == 7).all()
    dense.kernel = np.zeros((8, 5))
    assert (model.parameters[:40] == 0).all()
    assert (model.parameters[40:] == 7).all()


def test_assigning_the_parameters_fills_the_vector_that_is_there():
    model = small()
    theta = model.parameters
    model.parameters = np.arange(63)
    assert model.parameters is theta
    np.testing.assert_array_equal(model.layers[0].kernel.ravel(), np.arange(40))
    model.parameters -= 1
    assert model.layers[0].kernel[0, 0] == -1
    with pytest.raises(
        ValueError, match=re.escape("parameters: expected shape (63,), but received shape ()")
    ):
        model.parameters = 0.0


def test_help_works_on_a_layer():
    import pydoc

    assert "kernel" in pydoc.render_doc(nn.Dense)


def test_build_at_first_use_gives_the_weights_of_build_at_once():
    early, late = small(), nn.Sequential([nn.Dense(5, "tanh"), nn.Dense(3, "softmax")], seed=0)
    assert early.built
    assert not late.built
    x = blobs(5)[0]
    np.testing.assert_array_equal(late.predict(x), early.predict(x))
    assert late.input_shape == (None, 8)
    assert late.output_shape == (None, 3)


def test_add_after_input_builds_and_a_refused_layer_leaves_the_model_as_it_was():
    model = nn.Sequential([nn.Input((4, 4))])
    with pytest.raises(ValueError, match="Put a Flatten"):
        model.add(nn.Dense(3))
    model.add(nn.Flatten())
    model.add(nn.Dense(3))
    assert [layer.name for layer in model.layers] == ["flatten", "dense"]
    assert model.count_params() == 16 * 3 + 3
    assert model.predict(np.ones((2, 4, 4))).shape == (2, 3)


def test_a_layer_that_is_built_keeps_its_weights():
    layer = nn.Dense(2)
    layer.build((None, 3))
    kernel = layer.kernel.copy()
    model = nn.Sequential([nn.Input((3,)), layer])
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    model.parameters += 1
    np.testing.assert_array_equal(layer.kernel, kernel + 1)


def test_names():
    model = nn.Sequential(
        [nn.Dense(2), nn.Dense(2), nn.Dense(2, name="out"), nn.Activation("relu")]
    )
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "out", "activation"]
    assert model.get_layer("out") is model.layers[2]
    assert model.get_layer(index=0) is model.layers[0]


def test_dtypes():
    x = blobs(5)[0]
    assert small().predict(x).dtype == np.float32
    assert small(dtype="float64").predict(x).dtype == np.float64
    asked = nn.Sequential([nn.Dense(2, dtype="float64"), nn.Dense(3)])
    assert asked.predict(x).dtype == np.float64
    assert asked.parameters.dtype == np.float64


def test_backward_gives_the_gradient_for_the_input(rng):
    model = small(dtype="float64")
    x, r = rng.normal(size=(4, 8)), rng.normal(size=(4, 3))
    model.forward(x)
    numerical = gradcheck.numerical_gradient(lambda v: float((r * model.forward(v)).sum()), x)
    model.forward(x)
    np.testing.assert_allclose(model.backward(r), numerical, rtol=1e-6, atol=1e-9)


SUMMARY = """\
Model: "sequential"
──────────────────────────────────────────
 Layer (type)      Output shape   Param #
──────────────────────────────────────────
 dense (Dense)     (None, 5)           45
 dense_1 (Dense)   (None, 3)           18
──────────────────────────────────────────
 Total params: 63 (252.00 B)
 Trainable params: 63 (252.00 B)
 Non-trainable params: 0 (0.00 B)"""


def test_summary(capsys):
    small().summary()
    assert capsys.readouterr().out == SUMMARY + "\n"
    lines = []
    small().summary(print_fn=lines.append)
    assert "\n".join(lines) == SUMMARY
    nn.Sequential([nn.Dense(2)]).summary()
    assert "not built" in capsys.readouterr().out


# ---------------------------------------------------------------------------- training


def test_fit_learns_and_says_so():
    model = compiled()
    x, y = blobs(400)
    history = model.fit(x, y, epochs=30, validation_split=0.25, verbose=0)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history.epoch == list(range(30))
    assert history.history["val_accuracy"][-1] > 0.85
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    loss, accuracy = model.evaluate(x[300:], y[300:], verbose=0)
    assert history.history["val_loss"][-1] == pytest.approx(loss)
    assert history.history["val_accuracy"][-1] == accuracy
    assert accuracy == (model.predict(x[300:]).argmax(axis=1) == y[300:]).mean()


def test_the_digits_are_learned():
    x, y = digits()
    y = nn.utils.to_categorical(y, 10)
    model = nn.Sequential([nn.Input((64,)), nn.Dense(64, "relu"), nn.Dense(10, "softmax")], seed=0)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:1437], y[:1437], epochs=20, verbose=0)
    assert model.evaluate(x[1437:], y[1437:], verbose=0)[1] > 0.93


def test_the_same_seed_gives_the_same_training():
    x, y = blobs()

    def run(seed):
        model = nn.Sequential(
            [nn.Input((8,)), nn.Dense(9, "relu"), nn.Dropout(0.3), nn.Dense(3, "softmax")],
            seed=seed,
        )
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model.fit(x, y, epochs=3, verbose=0).history["loss"], model.parameters

    (loss, theta), (loss_again, theta_again), (other, _) = run(4), run(4), run(5)
    assert loss == loss_again
    np.testing.assert_array_equal(theta, theta_again)
    assert loss != other


def test_every_epoch_visits_every_example_once_in_a_new_order():
    seen = []

    class Spy(layers.Flatten):
        def forward(self, x, training=False):
            if training:
                seen.append(x[:, 0].astype(int))
            return super().forward(x, training)

    model = nn.Sequential([nn.Input((1,)), Spy(), nn.Dense(1)], seed=0)
    model.compile("sgd", "mse")
    x = np.arange(10.0)[:, None]
    model.fit(x, np.zeros(10), batch_size=4, epochs=3, verbose=0)
    assert [len(batch) for batch in seen] == [4, 4, 2] * 3
    orders = [np.concatenate(seen[i : i + 3]).tolist() for i in (0, 3, 6)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    seen.clear()
    model.fit(x, np.zeros(10), batch_size=4, epochs=2, verbose=0, shuffle=False)
    assert np.concatenate(seen).tolist() == [*range(10), *range(10)]


def test_the_data_stay_as_they_are():
    x, y = blobs()
    x_kept, y_kept = x.copy(), y.copy()
    model = compiled(dtype="float64")
    model.fit(x, y, epochs=2, verbose=0, validation_data=(x, y))
    model.predict(x)[:] = 0
    np.testing.assert_array_equal(x, x_kept)
    np.testing.assert_array_equal(y, y_kept)


def test_a_prediction_does_not_change_when_another_is_made():
    model, (x, _) = small(), blobs()
    first = model.predict(x[:10])
    kept = first.copy()
    model.predict(x[10:20])
    np.testing.assert_array_equal(first, kept)
    identity = nn.Sequential([nn.Input((8,)), nn.Dropout(0.5)], dtype="float64")
    identity.predict(x)[:] = 0
    assert (x != 0).all()


@given(st.integers(1, 50))
def test_the_batch_size_changes_nothing_in_evaluation(rows):
    model, (x, y) = compiled(dtype="float64"), blobs(50)
    whole = model.evaluate(x, y, verbose=0)
    assert model.evaluate(x, y, batch_size=rows, verbose=0) == pytest.approx(whole)
    np.testing.assert_allclose(model.predict(x, batch_size=rows), model.predict(x), rtol=1e-12)


def test_a_batch_at_a_time():
    model, (x, y) = compiled(), blobs()
    before = model.test_on_batch(x, y, return_dict=True)
    assert model.train_on_batch(x, y, return_dict=True) == pytest.approx(before)
    assert model.test_on_batch(x, y)[0] < before["loss"]
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert isinstance(model.evaluate(x, y, verbose=0), float)


def test_metrics_as_objects_and_their_names():
    model, (x, y) = small(), blobs()
    model.compile(
        "sgd",
        "sparse_categorical_crossentropy",
        metrics=[metrics.SparseCategoricalAccuracy(name="right"), "acc"],
    )
    history = model.fit(x, y, verbose=0).history
    assert list(history) == ["loss", "right", "acc"]
    assert history["right"] == history["acc"]


def test_loss_and_gradient_include_the_penalties(rng):
    model = nn.Sequential(
        [nn.Input((3,)), nn.Dense(2, "tanh", kernel_regularizer="l2"), nn.Dense(1, "sigmoid", bias_regularizer="l1")],
        dtype="float64", seed=0,
    )  # fmt: skip
    model.compile("sgd", "binary_crossentropy")
    model.parameters[:] = rng.normal(size=model.parameters.shape)
    x, y = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)
    kernel, bias = model.layers[0].kernel, model.layers[1].bias
    penalty = 0.01 * (kernel**2).sum() + 0.01 * np.abs(bias).sum()
    assert model.penalty() == pytest.approx(penalty)
    data = losses.BinaryCrossentropy()(y, model.predict(x))
    assert model.loss_and_gradient(x, y)[0] == pytest.approx(data + penalty)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(data + penalty)
    assert gradcheck.check_model(model, x, y).passed


def test_softmax_and_its_loss_are_one_and_so_never_overflow():
    model = nn.Sequential([nn.Input((1,)), nn.Dense(2, "softmax")], dtype="float64")
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.set_weights([[[1000.0, -1000.0]], [0.0, 0.0]])
    loss, gradient = model.loss_and_gradient([[1.0]], [1])
    assert loss == 2000
    np.testing.assert_array_equal(gradient, [1, -1, 1, -1])
    binary = nn.Sequential([nn.Input((1,)), nn.Dense(1), nn.Activation("sigmoid")], dtype="float64")
    binary.compile("sgd", "binary_crossentropy")
    binary.set_weights([[[1000.0]], [0.0]])
    loss, gradient = binary.loss_and_gradient([[1.0]], [0])
    assert loss == 1000
    np.testing.assert_array_equal(gradient, [1, 1])


@pytest.mark.parametrize(
    ("activation", "loss"),
    [("softmax", "mse"), ("sigmoid", "mse"), ("sigmoid", "binary_crossentropy"), ("softmax", "categorical_crossentropy")],
)  # fmt: skip
def test_fused_or_not_the_gradient_is_right(activation, loss, rng):
    model = nn.Sequential(
        [nn.Input((4,)), nn.Dense(3, "tanh"), nn.Dense(3, activation)], dtype="float64", seed=1
    )
    model.compile("sgd", loss)
    report = gradcheck.check_model(model, rng.normal(size=(6, 4)), np.eye(3)[rng.integers(0, 3, 6)])
    assert report.worst.relative_error < 1e-7, str(report)


def test_from_logits_trains_as_the_fused_pair_does():
    x, y = blobs()
    fused, logits = (
        compiled(dtype="float64"),
        nn.Sequential([nn.Input((8,)), nn.Dense(5, "tanh"), nn.Dense(3)], seed=0, dtype="float64"),
    )
    logits.compile(
        nn.Adam(0.01), losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    assert (
        logits.fit(x, y, epochs=3, verbose=0, shuffle=False).history
        == fused.fit(x, y, epochs=3, verbose=0, shuffle=False).history
    )


def test_a_training_that_diverges_is_reported_and_raises_no_warnings(capsys):
    model, (x, y) = nn.Sequential([nn.Input((8,)), nn.Dense(1)], seed=0), blobs()
    model.compile(nn.SGD(learning_rate=10.0), "mse")
    history = model.fit(x, y, epochs=30, batch_size=200, validation_split=0.1)
    captured = capsys.readouterr()
    assert not np.isfinite(history.history["loss"][-1])
    assert "Try a smaller learning rate" in captured.out
    assert captured.err == ""


def test_weights_out_and_in():
    one, two = small(0), small(1)
    two.set_weights(one.get_weights())
    np.testing.assert_array_equal(one.parameters, two.parameters)
    one.get_weights()[0][:] = 0
    assert one.parameters.any()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copied_model_is_its_own(copied):
    model, (x, y) = small(), blobs()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, verbose=0)
    twin, before = copied(model), model.parameters.copy()
    twin.fit(x, y, verbose=0)
    np.testing.assert_array_equal(model.parameters, before)
    assert (twin.parameters != before).any()
    assert np.shares_memory(twin.layers[0].kernel, twin.parameters)


# ---------------------------------------------------------------------------- errors

X, Y = blobs(20)
BINARY = nn.Sequential([nn.Input((8,)), nn.Dense(1, "sigmoid")], name="binary")
BINARY.compile("sgd", "binary_crossentropy")


def with_nan():
    x = X.copy()
    x[3, 2] = np.nan
    return x


def shared_layer():
    layer = nn.Dense(2)
    nn.Sequential([layer])
    nn.Sequential([layer], name="second")


def changed_after_training():
    model = compiled()
    model.fit(X, Y, verbose=0)
    model.add(nn.Dense(3, "softmax"))
    model.fit(X, Y, verbose=0)


def two_models_one_optimizer():
    optimizer = nn.Adam()
    for _ in range(2):
        model = small()
        model.compile(optimizer, "sparse_categorical_crossentropy")
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        # the stack
        (lambda: nn.Sequential(nn.Dense(2)), TypeError, "expected a list of layers, but received one layer"),
        (lambda: nn.Sequential(["dense"]), TypeError, "sequential: expected a layer, but received 'dense'"),
        (lambda: nn.Sequential([nn.Dense(2), nn.Input((3,))]), ValueError, "sequential: Input must be the first layer"),
        (lambda: nn.Sequential([nn.Dense(2, name="a"), nn.Dense(2, name="a")]), ValueError, "two layers named 'a'"),
        (shared_layer, ValueError, "second: the layer 'dense' already belongs to a model"),
        (lambda: nn.Sequential([nn.Dense(2), nn.Dense(2, dtype="float64")]), ValueError, "all layers of a model share one dtype, here float32, but 'dense' has float64. Use Sequential(..., dtype='float64')"),
        (lambda: nn.Sequential(dtype="int8"), ValueError, "Sequential(dtype): expected 'float32' or 'float64', but received 'int8'"),
        (lambda: nn.Sequential().predict(X), ValueError, "sequential: has no layers yet. Add some"),
        (lambda: small().build((None, 3)), ValueError, "is built for inputs of shape (None, 8), but received (None, 3)"),
        (lambda: small().get_layer("out"), ValueError, "has no layer named 'out'. Its layers: dense, dense_1."),
        (lambda: nn.Sequential([nn.Dense(2)]).output_shape, ValueError, "begin with Input(shape), or call build(input_shape)"),
        (lambda: small().set_weights([1, 2]), ValueError, "expected 4 arrays of weights, but received 2"),
        (lambda: nn.Sequential([nn.Dense(2)]).set_weights([1, 2]), ValueError, "no weights before it knows its input"),
        # compile
        (lambda: small().compile("sgd"), ValueError, "compile needs a loss, such as loss='mse'"),
        (lambda: small().compile("adamm", "mse"), ValueError, "Unknown optimizer 'adamm'. Did you mean 'adam'?"),
        (lambda: small().compile("sgd", "msee"), ValueError, "Unknown loss 'msee'. Did you mean 'mse'?"),
        (lambda: small().compile("sgd", "mse", metrics="accuracy"), TypeError, "compile(metrics): expected a list, but received 'accuracy'"),
        (lambda: small().compile("sgd", losses.CategoricalCrossentropy(from_logits=True)), ValueError, "expects raw scores (from_logits=True), but the last layer 'dense_1' already applies softmax"),
        (lambda: nn.Sequential([nn.Input((8,)), nn.Dense(1, "softmax")]).compile("sgd", "binary_crossentropy"), ValueError, "'dense' has one unit with softmax, which is always 1"),
        # data
        (lambda: small().fit(X, Y), ValueError, "call compile(optimizer, loss) first"),
        (lambda: compiled().fit(with_nan(), Y), ValueError, "sequential: x: expected finite numbers, but found nan at index (3, 2) (1 of 160 values"),
        (lambda: compiled().fit(1e300 * X, Y), ValueError, "sequential: x: expected finite numbers"),
        (lambda: compiled().fit([["a"] * 8], [0]), TypeError, "sequential: x: expected real numbers, but received dtype <U1"),
        (lambda: compiled().fit(X[:, :3], Y), ValueError, "sequential: expected x of shape (None, 8) (None is the number of examples), but received shape (20, 3); the first layer is 'dense'"),
        (lambda: compiled().fit(X[0], Y), ValueError, "expected x of shape (examples, ...), at least one example"),
        (lambda: compiled().predict(X[:0]), ValueError, "at least one example"),
        (lambda: compiled().fit(X, Y[:5]), ValueError, "expected as many labels as examples, but received x of shape (20, 8) and y of shape (5,)"),
        (lambda: compiled().fit(X, Y + 1), ValueError, "sparse_categorical_crossentropy: expected whole class numbers from 0 to 2, but y_true contains 3"),
        (lambda: compiled().fit(X, np.eye(3)[Y]), ValueError, "They look one-hot: use 'categorical_crossentropy'"),
        (lambda: BINARY.fit(X, 2 * (Y > 0) - 1), ValueError, "binary_crossentropy: expected labels 0 and 1, but y_true contains -1"),
        (lambda: BINARY.fit(X, np.eye(3)[Y]), ValueError, "binary_crossentropy: expected y_true of shape (20, 1), that of the predictions, but received shape (20, 3)"),
        (lambda: BINARY.fit(X, np.where(Y > 0, np.nan, 0)), ValueError, "binary_crossentropy: y_true: expected finite numbers, but found nan"),
        # fit
        (lambda: compiled().fit(X, Y, batch_size=0), ValueError, "fit(batch_size): expected at least 1, but received 0"),
        (lambda: compiled().fit(X, Y, epochs=1.5), TypeError, "fit(epochs): expected a whole number, but received 1.5"),
        (lambda: compiled().fit(X, Y, validation_split=1.0), ValueError, "fit(validation_split): expected a number at least 0 and below 1, not 1.0"),
        (lambda: compiled().fit(X, Y, validation_split=0.99), ValueError, "cannot split 20 examples so that a share of 0.99 goes to validation"),
        (lambda: compiled().fit(X, Y, validation_data=X), ValueError, "fit(validation_data): expected a pair (x, y)"),
        (lambda: compiled().fit(X, Y, verbose=3), ValueError, "fit(verbose): expected 'auto', 0, 1 or 2, but received 3"),
        (lambda: compiled().fit(X, Y, callbacks=[print]), TypeError, "fit(callbacks): expected nnlib.callbacks.Callback objects"),
        (two_models_one_optimizer, ValueError, "Make a new optimizer for each model"),
        (changed_after_training, ValueError, "(and after adding a layer)"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_probabilities_that_are_none_are_refused_in_training():
    model = nn.Sequential(
        [nn.Input((8,)), nn.Dense(1, "relu", bias_initializer=nn.initializers.Constant(5))]
    )
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(ValueError, match="expected probabilities from 0 to 1"):
        model.fit(X, Y > 0, verbose=0)


# ---------------------------------------------------------------------------- Keras


def keras_twin(keras, model, **layer_options):
    """The same network in Keras, with the same weights."""
    stack = [keras.Input(model.input_shape[1:])]
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            r = layer.kernel_regularizer
            r = r and keras.regularizers.L1L2(r.l1, r.l2)
            stack.append(
                keras.layers.Dense(layer.units, layer.activation.__name__, kernel_regularizer=r)
            )
        else:
            stack.append(keras.layers.Flatten())
    twin = keras.Sequential(stack)
    twin.set_weights(model.get_weights())
    return twin


@pytest.mark.keras
@pytest.mark.parametrize(
    ("head", "loss", "labels", "dtype"),
    [
        ((1, "sigmoid"), "binary_crossentropy", lambda y: y > 0, "float64"),
        ((1, "sigmoid"), "binary_crossentropy", lambda y: y > 0, "float32"),
        ((3, "sigmoid"), "binary_crossentropy", lambda y: np.eye(3)[y], "float64"),
        ((3, "softmax"), "categorical_crossentropy", lambda y: np.eye(3)[y], "float64"),
        ((3, "softmax"), "sparse_categorical_crossentropy", lambda y: y, "float32"),
        ((3, "softmax"), "sparse_categorical_crossentropy", lambda y: y, "float64"),
        ((3, "softmax"), "mse", lambda y: np.eye(3)[y], "float64"),
        ((1, None), "mse", lambda y: y.astype(float), "float64"),
    ],
)
def test_a_whole_fit_gives_the_history_of_keras(head, loss, labels, dtype, keras_in):
    keras = keras_in(dtype)
    x, y = blobs(107, seed=3)
    y = labels(y).astype(dtype)
    model = nn.Sequential(
        [nn.Input((2, 4)), nn.Flatten(), nn.Dense(6, "relu", kernel_regularizer=nn.regularizers.L2(0.0078125)), nn.Dense(*head)],
        seed=2, dtype=dtype,
    )  # fmt: skip
    x = x.reshape(-1, 2, 4).astype(dtype)
    twin = keras_twin(keras, model)
    for m, opt in ((model, optimizers), (twin, keras.optimizers)):
        m.compile(
            opt.SGD(learning_rate=0.0625, momentum=0.5),
            loss,
            metrics=["accuracy", "mse"] if loss != "sparse_categorical_crossentropy" else ["acc"],
        )
    # 85 examples to train on: batches of 20, 20, 20, 20 and 5
    options = {
        "batch_size": 20,
        "epochs": 4,
        "validation_split": 0.2,
        "shuffle": False,
        "verbose": 0,
    }
    ours, theirs = (m.fit(x, y, **options).history for m in (model, twin))
    assert set(ours) == set(theirs)
    rtol = {"float64": 1e-9, "float32": 1e-5}[dtype]
    for key in theirs:
        # Keras averages accuracies in float32
        np.testing.assert_allclose(
            ours[key], theirs[key], rtol=max(rtol, 1e-6 * ("accuracy" in key)), err_msg=key
        )
    for w, expected in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(w, expected, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(model.predict(x), twin.predict(x, verbose=0), rtol=rtol, atol=rtol)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(
        twin.evaluate(x, y, verbose=0), rel=10 * max(rtol, 1e-7)
    )


@pytest.mark.keras
def test_loss_and_gradient_are_those_of_keras(keras64):
    import tensorflow as tf

    x, y = blobs(30)
    model = compiled(dtype="float64")
    twin = keras_twin(keras64, model)
    with tf.GradientTape() as tape:
        loss = keras64.losses.SparseCategoricalCrossentropy()(y, twin(x, training=True))
    expected = np.concatenate([np.ravel(g) for g in tape.gradient(loss, twin.trainable_weights)])
    ours, gradient = model.loss_and_gradient(x, y)
    np.testing.assert_allclose(ours, loss, rtol=1e-9)
    np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-12)


BINARY_PROGRAM = """
model = nn.Sequential([nn.Input((8,)), nn.Dense(5, activation="relu"), nn.Dense(1, activation="sigmoid")])
model.compile(optimizer=nn.SGD(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X, y, epochs=10, batch_size=32, validation_split=0.2)
"""

DIGITS_PROGRAM = """
from ENGINE import Input, Sequential
from ENGINE.callbacks import EarlyStopping
from ENGINE.layers import Dense
from ENGINE.optimizers import Adam
from ENGINE.utils import to_categorical

model = Sequential([Input(shape=(64,)), Dense(64, activation="relu"), Dense(10, activation="softmax")])
model.compile(optimizer=Adam(), loss="categorical_crossentropy", metrics=["accuracy"])
Y = to_categorical(y, 10)
history = model.fit(
    X[:1437], Y[:1437], epochs=15, batch_size=32, validation_data=(X[1437:], Y[1437:]), verbose=2,
    callbacks=[EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)],
)
loss, accuracy = model.evaluate(X[1437:], Y[1437:])
probabilities = model.predict(X[1437:])
model.summary()
parameters = model.count_params()
"""


@pytest.mark.keras
def test_the_same_cell_runs_on_both_binary(keras, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 8))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    for name in ("Dense", "SGD"):  # Keras keeps these in its submodules
        home = keras.layers if name == "Dense" else keras.optimizers
        monkeypatch.setattr(keras, name, getattr(home, name), raising=False)
    histories = []
    for engine in (nn, keras):
        scope = {"nn": engine, "X": x, "y": y}
        exec(BINARY_PROGRAM, scope)
        histories.append(scope["history"].history)
    ours, theirs = histories
    assert set(ours) == set(theirs)
    for key in theirs:
        assert len(ours[key]) == len(theirs[key]) == 10
    assert ours["val_loss"][-1] < ours["val_loss"][0]


@pytest.mark.keras
def test_the_same_cell_runs_on_both_digits(keras, capsys):
    x, y = digits()
    results = []
    for engine in ("nnlib", "keras"):
        scope = {"X": x.astype("float32"), "y": y}
        exec(DIGITS_PROGRAM.replace("ENGINE", engine), scope)
        results.append(scope)
    ours, theirs = results
    assert ours["parameters"] == theirs["parameters"] == 4810
    assert set(ours["history"].history) == set(theirs["history"].history)
    assert ours["probabilities"].shape == theirs["probabilities"].shape
    assert ours["probabilities"].dtype == theirs["probabilities"].dtype
    assert abs(ours["accuracy"] - theirs["accuracy"]) < 0.05
    assert ours["accuracy"] > 0.93
