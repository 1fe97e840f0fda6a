# %% [markdown]
# # 6. From scratch, and in Keras
#
# You have built networks by hand: the weights, the forward pass, the gradients, the loop. Most
# people never do. They write ten lines of Keras and hope. From today you can write those ten lines
# as well, and you will know what each of them does. More than that: you can *prove* it, to the
# last digit that a computer keeps.
#
# **You will be able to**
#
# - write a network in Keras: `Sequential`, `Input`, `Dense`, `compile`, `fit`, `evaluate`,
#   `summary`, `History`;
# - count its parameters on paper, and find them in the summary;
# - tell a network that learns from one that learns by heart, on data that hold nothing to learn;
# - copy weights from one engine into another, and show that outputs, loss, gradients and one step
#   agree to rounding;
# - say what must agree between two engines, what cannot, and how to tell rounding from a bug;
# - compare three implementations by accuracy, time per step and lines of code.
#
# **You need first:** the network of module 5, gradient descent and Adam (module 4).
#
# **Time:** about 75 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none. The first cell loads TensorFlow, on
# which Keras computes here. That takes some 15 seconds, once.

# %%
import inspect
import os
import time
import warnings

import numpy as np

import nnlib as nn
from nnlib import plots, widgets
from nnlib.datasets import digits, moons, random_binary

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # let TensorFlow report errors only,
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # compute in the same order on every processor,
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # and use no graphics card

stderr = os.dup(2)
with open(os.devnull, "w") as nowhere:  # it says all the same that it has found no graphics card
    os.dup2(nowhere.fileno(), 2)
try:
    import keras
    import tensorflow as tf
finally:
    os.dup2(stderr, 2)
    os.close(stderr)

np.set_printoptions(precision=4, suppress=True)

plots.network([8, 5, 1], title="Eight inputs, five hidden units, one output")

# %% [markdown]
# ## What you wrote, and what Keras calls it
#
# Keras (Chollet and others, 2015) is a library that describes networks. The computing is done by an
# **engine** below it: TensorFlow, JAX or PyTorch. Here it is TensorFlow. Nothing in it is new to
# you except the names:
#
# | you wrote | Keras |
# |---|---|
# | the number of features | `keras.Input((8,))` |
# | `W`, `b`, `X @ W + b`, an activation | `keras.layers.Dense(5, activation="relu")` |
# | the layers one after another | `keras.Sequential([...])` |
# | the backward pass | nothing: the engine differentiates for you |
# | `W = W - eta * dW`, or Adam | `keras.optimizers.SGD(...)`, `keras.optimizers.Adam(...)` |
# | the loss | its name, such as `"binary_crossentropy"` |
# | the loops over epochs and mini-batches | `model.fit(...)` |
# | the list of losses | the `History` that `fit` returns |
# | loss and accuracy on other data | `model.evaluate(...)` |
#
# ## A model and its summary
#
# The network of the picture has 8 inputs, 5 hidden units with ReLU and 1 output with a sigmoid. We
# write 8-5-1 for short.

# %%
from keras import Input, Sequential
from keras.layers import Dense
from keras.optimizers import SGD

keras.utils.set_random_seed(0)

model = Sequential([Input((8,)), Dense(5, activation="relu"), Dense(1, activation="sigmoid")])
model.summary()

# %% [markdown]
# `Input` is not a layer. It says how many numbers come in, so that Keras knows the shape of the
# first weights and can draw them at once. `None` in the output shapes stands for the batch: any
# number of examples.
#
# ### Parameters by hand
#
# A `Dense` layer with $n$ inputs and $m$ units has a weight for each pair, and a bias for each
# unit:
#
# $$n \cdot m + m = (n + 1)\, m$$
#
# 1. The first layer: $(8 + 1) \cdot 5 = 45$.
# 2. The second: $(5 + 1) \cdot 1 = 6$.
# 3. Together $45 + 6 = 51$. Find these three numbers in the summary.
#
# At 4 bytes each, 51 parameters take 204 bytes; that is in the summary, too.

# %%
for weights in model.get_weights():
    print(weights.shape, weights.dtype)

assert model.count_params() == (8 + 1) * 5 + (5 + 1) * 1 == 51

# %% [markdown]
# `get_weights` returns what you know as `W1`, `b1`, `W2`, `b2`, in this order and in these shapes:
# (inputs, units). So `X @ W1 + b1` works on Keras's weights as they are. The numbers are `float32`:
# half the memory of NumPy's `float64`, and about 7 decimal digits.
#
# **Your turn.** How many parameters has the digit network 64-64-10 of module 5? Write your number
# in place of `None`.

# %%
digit_parameters = None  # your number


def told(answer, right):
    if answer is None:
        return "Write your answer in place of None, and run the cell again."
    return "Right." if answer == right else "Not yet. Two layers, and each unit has a bias."


print(
    told(
        digit_parameters,
        nn.Sequential([nn.Input((64,)), nn.Dense(64), nn.Dense(10)]).count_params(),
    )
)

# %% [markdown]
# ### Two old ways to begin
#
# In older tutorials you find `Dense(5, input_shape=(8,))` as the first layer. Keras 3 still takes
# it, and asks you not to:

# %%
with warnings.catch_warnings(record=True) as noted:  # read it here instead of in a red box
    warnings.simplefilter("always")
    keras.layers.Dense(5, input_shape=(8,))
print(noted[0].message)

# %% [markdown]
# You also find a layer `Dense(8)` at the front, "for the 8 inputs". It is not the inputs. It is a
# hidden layer of 8 units, with $(8 + 1) \cdot 8 = 72$ parameters that nobody wanted. Inputs have no
# parameters.
#
# ## compile: how to learn
#
# A model says how to get from inputs to outputs. `compile` adds how to train it: the optimizer, the
# loss, and the numbers you would like to watch.

# %%
model.compile(optimizer=SGD(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])

# %% [markdown]
# The loss must fit the last layer and the targets. Keras does not always notice when it does not.
# These five go together:
#
# | task | last layer | targets | loss |
# |---|---|---|---|
# | yes or no | `Dense(1, activation="sigmoid")` | 0 or 1 | `"binary_crossentropy"` |
# | one of $C$ classes | `Dense(C, activation="softmax")` | one-hot | `"categorical_crossentropy"` |
# | as above | `Dense(C, activation="softmax")` | 0 to $C-1$ | `"sparse_categorical_crossentropy"` |
# | as above, from logits | `Dense(C)` | one-hot | `CategoricalCrossentropy(from_logits=True)` |
# | a number | `Dense(1)` | numbers | `"mean_squared_error"` |
#
# ## fit: a network on data that hold nothing
#
# Now we train. The data: 1,000 examples of 8 random numbers, and for each a label, 0 or 1, by the
# toss of a coin. Such data are popular in first tutorials, as they need no download.
#
# **Predict first.** After 10 epochs, how many labels of examples that it has not seen will the
# network get right? (a) about half; (b) about two in three; (c) nearly all. And will the *training
# loss* fall?

# %%
X, y = random_binary(1000, 8, seed=0)
history = model.fit(X, y, epochs=10, batch_size=32, validation_split=0.2, verbose=2)

# %% [markdown]
# `validation_split=0.2` holds back the last fifth of the examples. The network never trains on
# these 200; after each epoch `fit` measures loss and accuracy on them, under names that begin with
# `val_`. All these numbers are kept in the `History`:

# %%
print(type(history.history), list(history.history))
plots.curves(history, title="8-5-1 on labels from a tossed coin")

# %% [markdown]
# The labels were drawn without a look at the inputs. Whatever the network finds in 800 of them says
# nothing about the other 200. So its accuracy there is that of guessing, one half, give or take
# chance: with 200 examples, the standard error is $\sqrt{0.5 \cdot 0.5 / 200} = 3.5$ percentage
# points. So 47 or 48 % is no news, and 53 % would be none either.
#
# And yet both losses *fell*. What did the network learn? To be modest. Its random first weights
# made it say 0.17 here and 0.45 there, 0.3 on average, for no reason, and that costs. The best
# answer to a tossed coin is 0.5 for everything, at the price of $\log 2 = 0.6931$. Towards that
# both curves go. A falling loss does not prove that there is something to learn.
#
# ### evaluate
#
# `evaluate` runs a trained model over data and returns its loss, then its metrics. On the 200 held
# back it gives the last `val_loss` and `val_accuracy` again:

# %%
loss, accuracy = model.evaluate(X[800:], y[800:], verbose=0)
print(f"loss {loss:.4f}, accuracy {accuracy:.3f}")

assert np.isclose(loss, history.history["val_loss"][-1], atol=1e-5)

# %% [markdown]
# ## The same cells on nnlib
#
# `nnlib` is this course's own library: NumPy, and what you wrote in modules 2 to 5, under Keras's
# names. Here are the cells from above once more. Nothing has changed but the imports:

# %%
from nnlib import Input, Sequential
from nnlib.layers import Dense
from nnlib.optimizers import SGD

model = Sequential([Input((8,)), Dense(5, activation="relu"), Dense(1, activation="sigmoid")])
model.summary()
model.compile(optimizer=SGD(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X, y, epochs=10, batch_size=32, validation_split=0.2, verbose=2)

# %% [markdown]
# The same 51 parameters, the same kind of result. The digits differ, since the first weights are
# random and each engine has its own random numbers. We come to that.
#
# From here on we give the engine a name of its own, `engine`, which is `keras` or `nn`. Then one
# function builds the network on both.
#
# ### Predict first: two hundred tossed coins
#
# A larger network gets fewer examples: 8-64-64-1, Adam, 300 epochs, on the first 200. The other 800
# are for validation. What is its accuracy at the end, on the 200 that it trains on, and on the 800?


# %%
def large_network(engine, **settings):
    """8-64-64-1, ready to train."""
    relu = [engine.layers.Dense(64, activation="relu") for _ in range(2)]
    output = engine.layers.Dense(1, activation="sigmoid")
    model = engine.Sequential([engine.Input((8,)), *relu, output], **settings)
    model.compile(
        engine.optimizers.Adam(learning_rate=0.01),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


history = large_network(nn, seed=0).fit(
    X[:200], y[:200], epochs=300, validation_data=(X[200:], y[200:]), verbose=0
)
for name, values in history.history.items():
    print(f"{name:13s}{values[-1]:.3f}")
plots.curves(history, title="8-64-64-1 on 200 tossed coins")

# %% [markdown]
# All 200 right, out of pure noise. With 4,801 parameters, the network has learned its examples by
# heart, like a telephone book. On new ones it is at one half, as it must be.
#
# Look at the validation *loss*: it does not stay at 0.69, it climbs far above 3. The network has
# become sure, and it is sure of nonsense. Two things to keep. Training accuracy alone says
# *nothing*. And always hold the loss on new data against that of knowing nothing: 0.6931 for two
# classes. (What helps against learning by heart is the subject of module 7.)

# %% [markdown]
# ## Do the two engines agree?
#
# "About the same curve" is no proof. Many bugs give about the same curve: you saw some in module 5.
# For a proof, take chance away. Give both engines the *same weights* and the *same batch*. Then
# everything that follows is arithmetic, and must agree: the outputs, the loss, each gradient, and
# the weights after one step.
#
# ### One neuron, one step, by hand
#
# The smallest case: two inputs, one sigmoid unit. $x = (1,\ 2)$, $y = 1$, $w = (0.5,\ -0.25)$,
# $b = 0.3$, learning rate 0.5.
#
# 1. $z = 0.5 \cdot 1 - 0.25 \cdot 2 + 0.3 = 0.3$.
# 2. $p = 1 / (1 + e^{-0.3}) = 0.5744$, so the loss is $-\log p = 0.5544$.
# 3. $dz = p - y = -0.4256$, hence $dw = dz \cdot x = (-0.4256,\ -0.8511)$ and $db = -0.4256$.
# 4. One step: $w = (0.5 + 0.2128,\ -0.25 + 0.4256) = (0.7128,\ 0.1756)$ and $b = 0.5128$.
# 5. Now $z = 1.5767$, $p = 0.8287$, and the loss is $0.1879$.
#
# `set_weights` takes arrays in the order of `get_weights`. `train_on_batch` takes one step and
# returns the loss before it.

# %%
x_one, y_one = np.array([[1.0, 2.0]]), np.array([[1.0]])

for engine in (nn, keras):
    neuron = engine.Sequential([engine.Input((2,)), engine.layers.Dense(1, activation="sigmoid")])
    neuron.set_weights([np.array([[0.5], [-0.25]]), np.array([0.3])])
    neuron.compile(engine.optimizers.SGD(learning_rate=0.5), loss="binary_crossentropy")
    before = neuron.train_on_batch(x_one, y_one)
    w, b = neuron.get_weights()
    after = neuron.evaluate(x_one, y_one, verbose=0)
    print(f"{engine.__name__:6s} loss {before:.4f}, then w {w.ravel()}, b {b}, loss {after:.4f}")
    numbers = [before, *w.ravel(), *b, after]
    assert np.allclose(numbers, [0.5544, 0.7128, 0.1756, 0.5128, 0.1879], atol=1e-4)

# %% [markdown]
# Your pencil, nnlib and Keras: one result.
#
# ### A whole network, and the gradient tape
#
# Now 64-64-10 on 32 handwritten digits. For the gradients we need to look inside Keras.
# TensorFlow finds them by **automatic differentiation**: under a `GradientTape` it writes down each
# operation as it is done. Then `tape.gradient` goes back through the list and applies the chain
# rule to each entry: the backward pass of module 3, written by the machine.
#
# How large may a difference be? A `float32` keeps 24 binary digits, and so each result is rounded
# by up to $2^{-24} \approx 6 \cdot 10^{-8}$ of its size. Two engines add the same numbers in
# another order, and then the rounding differs:

# %%
a, b, c = np.float32([1e8, -1e8, 1.0])
print((a + b) + c, "but", a + (b + c))

# %% [markdown]
# So "equal" here means *equal to rounding*: a few times $10^{-7}$ of the largest number.


# %%
def largest_difference(ours, theirs):
    """The largest difference between two lists of arrays, in parts of the largest number."""
    gaps = [np.abs(a - np.asarray(b)).max() for a, b in zip(ours, theirs, strict=True)]
    return max(gaps) / max(np.abs(a).max() for a in ours)


def digit_network(engine, **settings):
    """64-64-10 with ReLU and softmax."""
    hidden = engine.layers.Dense(64, activation="relu")
    output = engine.layers.Dense(10, activation="softmax")
    return engine.Sequential([engine.Input((64,)), hidden, output], **settings)


def compare_engines(X, Y, dtype="float32"):
    """Same weights, same batch: how far are outputs, loss, gradients and one step apart?"""
    ours = digit_network(nn, seed=0, dtype=dtype)
    theirs = digit_network(keras)
    theirs.set_weights(ours.get_weights())
    for engine, model in ((nn, ours), (keras, theirs)):
        model.compile(engine.optimizers.SGD(learning_rate=0.1), loss="categorical_crossentropy")

    with tf.GradientTape() as tape:
        outputs = theirs(X)
        loss = keras.losses.CategoricalCrossentropy()(Y, outputs)
    gradients = tape.gradient(loss, theirs.trainable_variables)

    our_loss, _ = ours.loss_and_gradient(X, Y)
    our_gradients = [d for layer in ours.layers for d in (layer.d_kernel, layer.d_bias)]
    print(dtype)
    print(f"  outputs    {largest_difference([ours(X)], [outputs]):.1e}")
    print(f"  loss       {largest_difference([np.array(our_loss)], [loss]):.1e}")
    print(f"  gradients  {largest_difference(our_gradients, gradients):.1e}")
    ours.train_on_batch(X, Y)
    theirs.train_on_batch(X, Y)
    print(f"  one step   {largest_difference(ours.get_weights(), theirs.get_weights()):.1e}")


(X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
compare_engines(X_train[:32], Y_train[:32])

# %% [markdown]
# A few parts in ten million. Is that rounding, or a very small bug? There is a test that decides
# it: compute with more digits. A `float64` rounds at $10^{-16}$. If the difference is rounding, it
# must shrink hundreds of millions of times. A bug does not care how many digits you keep.

# %%
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
compare_engines(X_train[:32], Y_train[:32], dtype="float64")
keras.config.set_floatx("float32")
keras.config.set_dtype_policy("float32")

# %% [markdown]
# It shrinks. The two engines do the same. What you wrote by hand in module 5 is what Keras does,
# to the last digit.
#
# ### What becomes of the last digit
#
# One step agrees. What of 150 steps? Each step starts from weights that differ in the last digit.
# Below, a 2-8-1 network trains on both engines: same start, same batches. Left the two losses, one
# drawn over the other. Right the largest difference between two weights, on a logarithmic scale.
#
# Move the learning rate. What happens to the difference at 0.1? At 10? And does Adam at 0.01 keep
# it smaller, or larger?

# %%
X_moons, y_moons = moons(200, seed=0)
y_moons = y_moons[:, None]  # Keras wants a column where the output is one


def small_network(engine, weights, optimizer="SGD", learning_rate=0.1):
    """2-8-1, ready to train, from given weights."""
    hidden = engine.layers.Dense(8, activation="tanh")
    output = engine.layers.Dense(1, activation="sigmoid")
    model = engine.Sequential([engine.Input((2,)), hidden, output])
    model.set_weights(weights)
    rule = getattr(engine.optimizers, optimizer)
    model.compile(rule(learning_rate=float(learning_rate)), loss="binary_crossentropy")
    return model


rng = np.random.default_rng(0)
start = [rng.normal(0, 0.7, (2, 8)), np.zeros(8), rng.normal(0, 0.35, (8, 1)), np.zeros(1)]


def draw_both(optimizer="SGD", learning_rate=0.1, steps=150):
    models = [small_network(engine, start, optimizer, learning_rate) for engine in (nn, keras)]
    order = np.random.default_rng(0)
    losses, gaps = [], []
    for _ in range(steps):
        rows = order.integers(len(X_moons), size=32)
        losses.append([float(m.train_on_batch(X_moons[rows], y_moons[rows])) for m in models])
        ours, theirs = (m.get_weights() for m in models)
        gaps.append(max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True)))

    fig = plots.figure(size=(11.0, 3.8))
    left, right = fig.subplots(1, 2)
    n = np.arange(1, steps + 1)
    ours, theirs = np.transpose(losses)
    left.plot(n, ours, color="#7FB8DD", linewidth=6, label="nnlib")
    left.plot(n, theirs, color="black", linewidth=1.3, linestyle="--", label="Keras")
    left.set_title("Loss of the batch", fontsize=13)
    left.legend(fontsize=12)
    right.semilogy(n, np.maximum(gaps, 1e-10), color="#B34A00", linewidth=2)
    right.set_ylim(1e-10, 1e3)
    right.set_title("Largest difference of two weights", fontsize=13)
    for ax in (left, right):
        ax.set_xlabel("step", fontsize=12)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color="#DDDDDD")
    fig.alt_text = (
        f"{optimizer} with learning rate {learning_rate:g} on both engines. After {steps} steps "
        f"the loss is {ours[-1]:.3f} on nnlib and {theirs[-1]:.3f} on Keras. The largest "
        f"difference between two weights is {gaps[0]:.0e} after the first step and "
        f"{gaps[-1]:.0e} after the last."
    )
    return fig


widgets.explore(
    draw_both,
    {
        "optimizer": widgets.Choice("optimizer", "SGD", ("SGD", "Adam", "RMSprop")),
        "learning_rate": widgets.LogSlider("learning rate", 0.1, -3, 1),
    },
)

# %% [markdown]
# At a sensible learning rate the difference stays near $10^{-7}$ for all 150 steps: both engines
# walk down the same valley. Adam's is some ten times larger: it divides each gradient by its own
# size, and so takes full steps even where the gradient is little more than rounding.
#
# At 10, each step overshoots, and blows the difference up by some factor. A factor of two is
# enough: 25 doublings turn $10^{-7}$ into 3. Soon the weights of the two engines have nothing in
# common, though neither has a bug. Weather forecasts fail for the same reason.
#
# ### Watch both learn
#
# The same two networks, live. Press Play on the first, then on the second. Same start, same
# batches, two engines. Which epoch parts the moons?

# %%
widgets.training_view(
    lambda: small_network(nn, start, "Adam", 0.05),
    X_moons,
    y_moons,
    epochs=40,
    epochs_per_frame=2,
)

# %%
widgets.training_view(
    lambda: small_network(keras, start, "Adam", 0.05),
    X_moons,
    y_moons,
    epochs=40,
    epochs_per_frame=2,
)

# %% [markdown]
# ## Handwritten digits, three times
#
# Now the digits of module 5: 1,438 pictures to train on, 359 to test, network 64-64-10, ReLU,
# softmax, Adam at its usual rate 0.001, mini-batches of 32, 20 epochs. We train it three times: on
# bare NumPy, on nnlib, and on Keras. First the bare NumPy, everything that is needed and nothing
# else:


# %%
class NumpyNetwork:
    """64-64-10 with ReLU, softmax, cross-entropy and Adam, in NumPy alone."""

    def __init__(self, weights):
        self.weights = [w.copy() for w in weights]
        self.m = [np.zeros_like(w) for w in weights]
        self.v = [np.zeros_like(w) for w in weights]
        self.t = 0

    def forward(self, X):
        W1, b1, W2, b2 = self.weights
        A1 = np.maximum(X @ W1 + b1, 0)
        Z2 = A1 @ W2 + b2
        E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        return A1, E / E.sum(axis=1, keepdims=True)

    def train_on_batch(self, X, Y):
        A1, P = self.forward(X)
        dZ2 = (P - Y) / len(X)
        dZ1 = (dZ2 @ self.weights[2].T) * (A1 > 0)
        gradients = [X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)]
        self.t += 1
        for w, m, v, g in zip(self.weights, self.m, self.v, gradients, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            rate = 0.001 * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
            w -= rate * m / (np.sqrt(v) + 1e-7)
        return -np.mean(np.log(np.sum(P * Y, axis=1)))

    def fit(self, X, Y, epochs, validation_data, rng, batch_size=32):
        X_val, Y_val = validation_data
        history = {"loss": [], "val_loss": [], "val_accuracy": []}
        for _ in range(epochs):
            order = rng.permutation(len(X))
            batches = [order[i : i + batch_size] for i in range(0, len(X), batch_size)]
            losses = [len(rows) * self.train_on_batch(X[rows], Y[rows]) for rows in batches]
            history["loss"].append(sum(losses) / len(X))
            P = self.forward(X_val)[1]
            history["val_loss"].append(-np.mean(np.log(np.sum(P * Y_val, axis=1))))
            history["val_accuracy"].append(np.mean(P.argmax(axis=1) == Y_val.argmax(axis=1)))
        return history


# %% [markdown]
# And the same on an engine, `nn` or `keras`:


# %%
def train_digits(engine, weights, **settings):
    model = engine.Sequential(
        [
            engine.Input((64,)),
            engine.layers.Dense(64, activation="relu"),
            engine.layers.Dense(10, activation="softmax"),
        ],
        **settings,
    )
    model.set_weights(weights)
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    test = (X_test, Y_test)
    return model, model.fit(X_train, Y_train, epochs=20, validation_data=test, verbose=0)


# %% [markdown]
# All three start from the *same weights* and see the same pictures, but each shuffles them in its
# own way.
#
# **Predict first.** After 20 epochs, how far apart are the weights of nnlib and of Keras? (a) they
# agree to six digits; (b) to two digits; (c) the largest difference is greater than a typical
# weight.

# %%
keras.utils.set_random_seed(0)
first = digit_network(nn, seed=0).get_weights()

by_hand = NumpyNetwork(first)
runs = {"NumPy": by_hand.fit(X_train, Y_train, 20, (X_test, Y_test), np.random.default_rng(0))}
models = {}
models["nnlib"], runs["nnlib"] = train_digits(nn, first, seed=0)
models["keras"], runs["keras"] = train_digits(keras, first)

pairs = list(zip(models["nnlib"].get_weights(), models["keras"].get_weights(), strict=True))
typical = np.mean(np.abs(pairs[0][0]))
print(f"typical weight of layer 1:  {typical:.2f}")
print(f"largest difference:         {max(np.abs(a - b).max() for a, b in pairs):.2f}")

# %%
for name, run in runs.items():
    record = getattr(run, "history", run)
    right = round(record["val_accuracy"][-1] * len(X_test))
    print(
        f"{name:6s} test loss {record['val_loss'][-1]:.3f}, {right} of {len(X_test)} digits right"
    )

plots.compare_curves(runs, metric="val_loss", title="Test loss: three implementations")

# %% [markdown]
# The weights are far apart: the largest difference is about twice a typical weight. And yet the
# three curves lie on one another, and all three networks name 97 % of the test digits rightly. This
# is no contradiction. Another order of the mini-batches is another path, and a network of 4,810
# parameters has very many good places to end. Two trainings on the *same* engine with two shuffles
# end just as far apart.
#
# So this is what may be compared, and what not:
#
# | compare | when | must agree |
# |---|---|---|
# | outputs, loss, gradients, one step | same weights, same batch | to rounding |
# | the curve of the loss | same start, same batches | to rounding, for a while |
# | the final accuracy | only the settings are the same | roughly |
# | the final weights | after different shuffles | not at all |
#
# The last line is the mistake that people make. They train twice, compare the weights, and look for
# a bug that is not there. Or they set "the same seed" in two libraries: `0` in NumPy's generator
# and `0` in TensorFlow's start two different sequences.

# %% [markdown]
# ## Time and lines
#
# **Predict first.** TensorFlow is compiled code, made by hundreds of people. For this network,
# which is faster per training step: Keras, or a few lines of NumPy? By what factor?


# %%
def milliseconds_per_step(model, X, Y, steps=100):
    """The median over some steps. The first is left out: in it TensorFlow compiles the graph."""
    model.train_on_batch(X, Y)
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        model.train_on_batch(X, Y)
        times.append(time.perf_counter() - start)
    return 1000 * np.median(times)


def lines_of_code(thing):
    """How many lines of a function, or of a class's methods, are neither empty nor a docstring."""
    functions = (
        [thing] if inspect.isfunction(thing) else filter(inspect.isfunction, vars(thing).values())
    )
    lines = [line.strip() for f in functions for line in inspect.getsource(f).splitlines()]
    return sum(bool(line) and not line.startswith('"""') for line in lines)


contenders = {"NumPy": (by_hand, NumpyNetwork), **{n: (m, train_digits) for n, m in models.items()}}
for name, (model, code) in contenders.items():
    milliseconds = milliseconds_per_step(model, X_train[:32], Y_train[:32])
    print(f"{name:6s} {milliseconds:6.2f} ms per step, {lines_of_code(code):3d} lines of code")

# %% [markdown]
# Surprised? Forward and backward through this network take about half a million multiplications for
# 32 pictures. That is a matter of some hundredths of a millisecond. The rest is overhead: on every
# call, Keras checks, converts and dispatches, however small the network is. A few lines of NumPy
# have little of that, so they come out several times faster.
#
# The larger the step, the less its overhead counts. Here are two hidden layers of 512 units, with
# 60 times as many parameters:

# %%
for engine in (nn, keras):
    wide = [engine.layers.Dense(512, activation="relu") for _ in range(2)]
    output = engine.layers.Dense(10, activation="softmax")
    model = engine.Sequential([engine.Input((64,)), *wide, output])
    model.compile("adam", loss="categorical_crossentropy")
    milliseconds = milliseconds_per_step(model, X_train[:32], Y_train[:32], steps=10)
    print(
        f"{engine.__name__:6s} {milliseconds:6.2f} ms per step, {model.count_params():,} parameters"
    )

# %% [markdown]
# The lead has shrunk, or it has turned round; that depends on your machine, and on what else it is
# doing. On a graphics card, which NumPy cannot use, large networks run tens of times faster still.
# That, the gradients that you need not derive, and the layers that you need not write are why
# people use Keras: 13 lines in place of 35. Its price is that you do not see what happens. You do,
# now.

# %% [markdown]
# ## Find the bug
#
# This is from a question that is asked again and again. Someone moved a network from PyTorch to
# Keras. It runs without an error or a warning.

# %%
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10),
    ]
)
model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(X_train, Y_train, epochs=5, verbose=2)

# %% [markdown]
# Look at the loss and the accuracy. What is the first loss you would expect from a network that
# knows nothing about ten classes? What is wrong, and what are two ways to mend it?
#
# <details>
# <summary>Answer</summary>
#
# Knowing nothing costs $\log 10 = 2.30$. Here the loss goes up to about 10, and the accuracy stays
# at one in ten. The last layer has no activation: its outputs are **logits**, of any size and sign.
# The loss by its name, `"categorical_crossentropy"`, expects **probabilities**. Keras divides the
# numbers by their sum, cuts off what is not between 0 and 1, and takes the logarithm. Where it cuts
# off, the gradient is zero.
#
# Mend it with `Dense(10, activation="softmax")`, or with
# `loss=keras.losses.CategoricalCrossentropy(from_logits=True)`. PyTorch's cross-entropy expects
# logits, and that is where the habit comes from. nnlib refuses with a `ValueError` that says the
# same.
#
# The opposite mistake is to do *both*: softmax and `from_logits=True`. Softmax is then applied
# twice. Even when the network gives the true class a probability of 1, the second softmax makes
# of it $e^1 / (e^1 + 9 e^0) = 0.232$: the loss can never fall below $-\log 0.232 = 1.4612$. For a
# Keras model, Keras notices and warns; in a training step of your own it may not. You meet it in
# the exercises.
#
# </details>

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "A Keras model is Input((3,)), Dense(4), Dense(2). What does count_params() "
        "say?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "26",
                "correct": True,
                "feedback": "Yes: (3 + 1) * 4 = 16, and (4 + 1) * 2 = 10.",
            },
            {
                "answer": "20",
                "correct": False,
                "feedback": "These are the weights alone, 12 + 8. Each unit has a bias, too.",
            },
            {
                "answer": "38",
                "correct": False,
                "feedback": "This counts (3 + 1) * 3 = 12 for the inputs. Input has no parameters.",
            },
            {
                "answer": "9",
                "correct": False,
                "feedback": "This adds up inputs and units. Parameters belong to the wires "
                "between them, and to the biases.",
            },
        ],
    },
    {
        "question": "Labels are tossed coins. A network reaches an accuracy of 70 % on 1,000 "
        "validation examples. What do you conclude?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "The validation examples leaked into the training, or the labels are "
                "not random",
                "correct": True,
                "feedback": "Yes: nothing can predict them, and chance alone stays within some "
                "5 percentage points of one half.",
            },
            {
                "answer": "The network has found a weak pattern",
                "correct": False,
                "feedback": "There is none to be found: the labels were drawn without a look at "
                "the inputs.",
            },
            {
                "answer": "It was trained long enough",
                "correct": False,
                "feedback": "Training longer raises the accuracy on the training examples, never "
                "on new tossed coins.",
            },
            {
                "answer": "It was luck",
                "correct": False,
                "feedback": "The standard error is 1.6 percentage points. This is 12 or 13 of "
                "them away from one half.",
            },
        ],
    },
    {
        "question": "The gradients of two engines, for the same weights and the same batch, differ "
        "by 1e-3 of their size in float32, and by 1e-3 in float64. What is it?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "A bug: rounding would have shrunk",
                "correct": True,
                "feedback": "Yes. More digits make rounding smaller, and leave a mistake as it is.",
            },
            {
                "answer": "Rounding: 1e-3 is small",
                "correct": False,
                "feedback": "float32 rounds at 6e-8. And in float64 the difference would have to "
                "be smaller by hundreds of millions.",
            },
            {
                "answer": "Different random numbers",
                "correct": False,
                "feedback": "With given weights and a given batch, no random number is drawn.",
            },
            {
                "answer": "Different learning rates",
                "correct": False,
                "feedback": "The gradient is taken before the step. The learning rate is not in "
                "it.",
            },
        ],
    },
    {
        "question": "You train the same model twice from the same first weights. The accuracies "
        "agree, the final weights do not. Why?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "The mini-batches came in another order",
                "correct": True,
                "feedback": "Yes: another order is another path, and there are many good places "
                "to end.",
            },
            {
                "answer": "One of the two has a bug",
                "correct": False,
                "feedback": "It might, but this is no sign of it. Compare one step on one batch.",
            },
            {
                "answer": "Rounding",
                "correct": False,
                "feedback": "At a sensible learning rate, rounding stays in the last digits.",
            },
            {
                "answer": "The network has too few parameters",
                "correct": False,
                "feedback": "On the contrary: the more parameters, the more places there are that "
                "do equally well.",
            },
        ],
    },
    {
        "question": "The last layer is Dense(1, activation='sigmoid'), the labels are 0 and 1. "
        "Which loss fits?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "binary_crossentropy",
                "correct": True,
                "feedback": "Yes: one output is the probability of class 1.",
            },
            {
                "answer": "categorical_crossentropy",
                "correct": False,
                "feedback": "It divides the outputs by their sum. One output divided by itself is "
                "1: the loss is 0 from the first step, and nothing is ever learned. Keras warns.",
            },
            {
                "answer": "sparse_categorical_crossentropy",
                "correct": False,
                "feedback": "It needs one output for each class, so two of them here.",
            },
            {
                "answer": "BinaryCrossentropy(from_logits=True)",
                "correct": False,
                "feedback": "That applies a sigmoid of its own. It belongs to Dense(1) without an "
                "activation.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - `Sequential([Input, Dense, ...])` describes, `compile` says how to learn, `fit` learns and
#   returns a `History`, `evaluate` measures, `summary` counts.
# - A `Dense` layer with $n$ inputs and $m$ units has $(n + 1)\,m$ parameters. `Input` has none.
# - On random labels, nothing can be learned: validation accuracy stays near one half, validation
#   loss near 0.6931 or above it. Training accuracy may still reach 100 %.
# - To compare two engines, copy the weights, take one batch, and look at outputs, loss, gradients
#   and one step. They must agree to rounding.
# - Rounding shrinks when you compute with more digits. A bug does not.
# - Weights after different shuffles cannot be compared. Accuracies can.
# - For a small network, NumPy is faster per step than Keras. The larger the network, the less that
#   overhead counts.
#
# ## Common mistakes and tips
#
# - **`Dense(10)` with `"categorical_crossentropy"`.** The loss takes logits for probabilities,
#   without a word. Add softmax, or `from_logits=True`.
# - **Softmax *and* `from_logits=True`.** Softmax twice: with ten classes the loss stays above 1.46.
# - **One sigmoid unit with `"categorical_crossentropy"`.** The loss is 0 from the first step.
# - **`input_shape=` in the first layer.** Begin with `keras.Input`.
# - **`Dense(8)` "for the inputs".** That is a hidden layer.
# - **`set_weights` with transposed matrices.** The shape is (inputs, units). For a square matrix,
#   no error tells you.
# - **Labels of shape (n,) beside outputs of shape (n, 1)** in a loss of your own: NumPy makes of
#   their difference an (n, n) table. Use a column.
# - **Timing the first step.** In it the graph is compiled.
# - **Tip:** read Keras's warnings. Most of them are right.
# - **Tip:** before a long training, see that one batch gives the loss you expect: $\log C$.
#
# ## Glossary
#
# - **Automatic differentiation:** the chain rule, applied by the machine to each operation done.
# - **Compile:** to fix optimizer, loss and metrics of a model.
# - **Engine, backend:** what does the arithmetic under Keras: TensorFlow, JAX, PyTorch.
# - **Equal to rounding:** different only as far as the number of kept digits explains.
# - **`float32`:** a number with 24 binary digits, about 7 decimal ones.
# - **Gradient tape:** TensorFlow's record of operations, from which it takes gradients.
# - **History:** the numbers of each epoch that `fit` returns.
# - **Overhead:** the time that a call takes whatever the amount of arithmetic.
# - **Validation split:** the share of the examples that `fit` holds back to measure on.
#
# ## References
#
# - F. Chollet: *Deep Learning with Python*, second edition. Manning, 2021. By the author of Keras.
# - M. Abadi and others: TensorFlow: a system for large-scale machine learning. *OSDI*, 2016.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind: Automatic differentiation in
#   machine learning: a survey. *Journal of Machine Learning Research* 18, 2018.
# - D. Goldberg: What every computer scientist should know about floating-point arithmetic. *ACM
#   Computing Surveys* 23, 1991.
# - C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals: Understanding deep learning requires
#   rethinking generalization. *ICLR*, 2017. Networks that learn random labels by heart.
# - D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. *ICLR*, 2015.
#
# ## What comes next
#
# Open `scratch_vs_keras_exercises.ipynb`, and prove on your own that the two engines agree. You
# have seen a network learn by heart. In module 7 you learn what to do about it.
