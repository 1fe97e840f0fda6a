# %% [markdown]
# # 6. From scratch, and in Keras: exercises
#
# Eight exercises, 20 points, about an hour and a half. You build the Keras twin of a NumPy network,
# and prove that the two agree: outputs, loss, gradients, and one step of gradient descent. You find
# the bug in a loss that looks right. You train a network on handwritten digits with Keras alone.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("keras_twin")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Where the proof is.** The numbers that the checks expect are computed with NumPy alone, by the
# equations of modules 3 to 5. Yours are computed by Keras. Where a check is green, two engines that
# share no line of code have come to the same numbers.
#
# **Notation.** $N$ examples, $D$ features, $H$ hidden units, $C$ classes. `X` has shape
# `(N, D)`, the one-hot targets `Y` have shape `(N, C)`. `weights` is a list of arrays in the order of
# Keras's `get_weights`: `[W1, b1, W2, b2, ...]`, each kernel `W` of shape (inputs, units).
#
# Run the next cell first. It loads TensorFlow, which takes some 15 seconds.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import os

import numpy as np

from autograde import check, hint
from nnlib import plots
from nnlib.datasets import digits

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

print("Keras", keras.__version__)

# %% [markdown]
# ## Exercise 1: count the parameters
#
# A network is given by its sizes, inputs first. `[64, 64, 10]` has 64 inputs, a layer of 64 units and
# one of 10. Return how many parameters each layer has, in order. For a layer with $n$ inputs and
# $m$ units:
#
# $$n \cdot m + m = (n + 1)\, m$$
#
# `[64, 64, 10]` gives `[4160, 650]`. Do one more on paper before you write code: `[8, 5, 1]`.
#
# Difficulty 1 of 5, importance 4 of 5, about 6 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(sizes):
    """Return a list: the number of parameters of each Dense layer.

    sizes: a list of whole numbers, the inputs first, then the units of each layer
    """
    ### BEGIN SOLUTION
    return [(n + 1) * m for n, m in zip(sizes[:-1], sizes[1:], strict=True)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-count_parameters", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("count_parameters", count_parameters)

# %% [markdown]
# ## Exercise 2: the Keras twin
#
# Here are the weights of a network that somebody trained in NumPy. Build the same network in Keras: a
# `keras.Sequential` that begins with `keras.Input`, has one `keras.layers.Dense` for each kernel, and
# has the *given* weights. All layers but the last have the activation `hidden`, the last has
# `output`. (The names are Keras's: `"relu"`, `"tanh"`, `"softmax"`, `"linear"`, ...)
#
# $$A^{[l]} = \operatorname{hidden}(A^{[l-1]} W^{[l]} + b^{[l]}), \qquad
# A^{[L]} = \operatorname{output}(A^{[L-1]} W^{[L]} + b^{[L]})$$
#
# The network may have two, three or more layers. You earn one point for the shapes, one for the
# weights, and two when the outputs for a batch agree with NumPy's. With `output="linear"` these are
# the logits.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 4 points.


# %% nbgrader={"grade": false, "grade_id": "keras_twin", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_twin(weights, hidden, output):
    """Return a keras.Sequential with these weights.

    weights: a list of arrays [W1, b1, W2, b2, ...]
    hidden, output: names of activations
    """
    ### BEGIN SOLUTION
    layers = [keras.Input((weights[0].shape[0],))]
    for W in weights[:-2:2]:
        layers.append(keras.layers.Dense(W.shape[1], activation=hidden))
    layers.append(keras.layers.Dense(weights[-2].shape[1], activation=output))
    model = keras.Sequential(layers)
    model.set_weights(weights)
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-keras_twin", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("keras_twin", keras_twin)

# %% [markdown]
# ## Exercise 3: find the bug
#
# This function computes the categorical cross-entropy of logits `Z` with Keras. It runs without an
# error or a warning, and if you train with it the loss falls, for a while. But it never falls to 0:
# with ten classes it stays above 1.46, however sure and right the network is.
#
# $$L = -\frac{1}{N} \sum_{n} \sum_{c} y_{nc} \log p_{nc}, \qquad P = \operatorname{softmax}(Z)$$
#
# Mend it. The loss must also be right for scores in the hundreds, where a class's probability may be
# far below $10^{-7}$. The hints follow the usual three questions: *where* is the first wrong number,
# *which line* made it, and *why*.
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "keras_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_loss(Z, Y):
    """Return the mean categorical cross-entropy, one number.

    Z: logits, shape (N, C)    Y: one-hot targets, shape (N, C)
    """
    ### BEGIN SOLUTION
    #: P = keras.ops.softmax(Z)
    #: loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    #: return float(loss(Y, P))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    return float(loss(Y, Z))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-keras_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("keras_loss", keras_loss)

# %% [markdown]
# ## Exercise 4: gradients from the tape
#
# Now the heart of the proof. The network has one hidden layer with ReLU and a *linear* last layer,
# whose outputs are logits. The loss is the mean categorical cross-entropy from these logits. Let
# TensorFlow find its gradients with a `tf.GradientTape`. The check holds them against the formulas
# that you derived by hand:
#
# $$dZ^{[2]} = \frac{P - Y}{N}, \quad dW^{[2]} = A^{[1]\top} dZ^{[2]}, \quad
# dZ^{[1]} = (dZ^{[2]} W^{[2]\top}) \odot [Z^{[1]} > 0], \quad dW^{[1]} = X^\top dZ^{[1]}$$
#
# Each $db$ is the sum of its $dZ$ over the examples.
#
# You may use your `keras_twin`. Return NumPy arrays: `np.asarray(...)` makes one of a tensor.
#
# Difficulty 4 of 5, importance 5 of 5, about 15 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "keras_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_gradients(weights, X, Y):
    """Return [dW1, db1, dW2, db2], each an array with the shape of its parameter.

    weights: [W1, b1, W2, b2]    X: shape (N, D)    Y: one-hot, shape (N, C)
    """
    ### BEGIN SOLUTION
    model = keras_twin(weights, "relu", "linear")
    with tf.GradientTape() as tape:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)(Y, model(X))
    return [np.asarray(g) for g in tape.gradient(loss, model.trainable_variables)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-keras_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("keras_gradients", keras_gradients)

# %% [markdown]
# ## Exercise 5: one step
#
# The same network and the same loss. Let Keras take *one* step of plain gradient descent on the whole
# batch, and return the weights after it:
#
# $$W \leftarrow W - \eta \, \frac{\partial L}{\partial W}, \qquad
# b \leftarrow b - \eta \, \frac{\partial L}{\partial b}$$
#
# Use `compile` with `keras.optimizers.SGD`, not your gradients of exercise 4. A batch may have 40
# examples. Mind that `fit` cuts the data into mini-batches of 32 unless you tell it otherwise.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "keras_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_step(weights, X, Y, learning_rate):
    """Return [W1, b1, W2, b2] after one step of gradient descent, as arrays.

    weights: [W1, b1, W2, b2]    X: shape (N, D)    Y: one-hot, shape (N, C)
    """
    ### BEGIN SOLUTION
    model = keras_twin(weights, "relu", "linear")
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=learning_rate),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    model.train_on_batch(X, Y)
    return model.get_weights()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-keras_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("keras_step", keras_step)

# %% [markdown]
# ## Exercise 6: how far apart?
#
# To say "the engines agree", you need one number that does not look away. Given two lists of
# arrays, return the largest difference between two entries, in parts of the largest entry of `mine`:
#
# $$\frac{\max_{k,i} \left| a^{(k)}_i - b^{(k)}_i \right|}{\max_{k,i} \left| a^{(k)}_i \right|}$$
#
# where $a^{(k)}$ is the $k$-th array of `mine` and $b^{(k)}$ that of `theirs`. Return `np.inf` where
# there is nothing to compare: if the lists have different lengths, if two arrays have different
# shapes, or if `theirs` holds a `nan` or an `inf`. (NumPy would subtract shapes $(n, 1)$ and $(n,)$
# without a word, and Python's `max` may not see a `nan`.)
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "largest_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_difference(mine, theirs):
    """Return one number: 0 for equal lists, np.inf for lists that do not fit.

    mine, theirs: lists of arrays
    """
    ### BEGIN SOLUTION
    if [a.shape for a in mine] != [b.shape for b in theirs]:
        return np.inf
    if not all(np.isfinite(b).all() for b in theirs):
        return np.inf
    gap = max(np.abs(a - b).max() for a, b in zip(mine, theirs, strict=True))
    return gap / max(np.abs(a).max() for a in mine)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-largest_difference", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("largest_difference", largest_difference)

# %% [markdown]
# ## Exercise 7: digits in Keras
#
# The digit network 64-64-10 of module 5, this time with Keras alone: ReLU, softmax, Adam, categorical
# cross-entropy. Hold back a tenth of the training pictures with `validation_split=0.1`. Return the
# predicted digits of the test pictures, and the record that `fit` makes: the dict with the four
# curves `loss`, `accuracy`, `val_loss`, `val_accuracy`.
#
# Call `keras.utils.set_random_seed(seed)` first, so that your run can be repeated. Use `verbose=0`, and
# keep a run below ten seconds.
#
# You earn one point for the four curves, one at 90 % test accuracy and one at 95 %.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "train_digits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_digits(X_train, Y_train, X_test, seed):
    """Train with Keras; return labels, history.

    X_train: shape (1438, 64), from 0 to 1    Y_train: one-hot, shape (1438, 10)
    X_test: shape (359, 64)
    labels: whole numbers 0 to 9, shape (359,)
    history: a dict of lists, one number for each epoch
    """
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.003),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(X_train, Y_train, epochs=15, validation_split=0.1, verbose=0)
    labels = model.predict(X_test, verbose=0).argmax(axis=1)
    return labels, history.history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-train_digits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("train_digits", train_digits)

# %% [markdown]
# To see your curves, run this in a new cell:
#
# ```python
# (X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
# labels, history = train_digits(X_train, Y_train, X_test, seed=0)
# plots.curves(history, title="Digits in Keras")
# ```

# %% [markdown]
# ## Exercise 8: a fair report
#
# You have the same network on two engines, and someone asks which is better. Write the report on one
# run, so that two runs can be compared:
#
# - `"lines"`: the lines of code in `source`, without empty lines and without lines that hold only a
#   comment (spaces in front do not count);
# - `"milliseconds"`: the time of a typical step: the median of `seconds`, without the first step, in
#   milliseconds. In the first, TensorFlow compiles the graph;
# - `"best_epoch"`: the epoch with the lowest validation loss, counted from 1;
# - `"accuracy"`: the validation accuracy of that epoch.
#
# Difficulty 2 of 5, importance 3 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def report(source, seconds, val_loss, val_accuracy):
    """Return a dict with the keys lines, milliseconds, best_epoch, accuracy.

    source: the program as text           seconds: a list, the time of each step
    val_loss, val_accuracy: lists, one number for each epoch
    """
    ### BEGIN SOLUTION
    lines = [line.strip() for line in source.splitlines()]
    best = int(np.argmin(val_loss))
    return {
        "lines": sum(1 for line in lines if line and not line.startswith("#")),
        "milliseconds": 1000 * np.median(seconds[1:]),
        "best_epoch": best + 1,
        "accuracy": val_accuracy[best],
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-report", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("report", report)

# %% [markdown]
# ## Your own proof
#
# Do you still have your `backward` of module 5? Then put the two side by side, in new cells: take
# any weights and any batch, compute the gradients with both, and look at
# `largest_difference(yours, keras_gradients(weights, X, Y))`. A few times $10^{-7}$ is rounding.
# (Mind that the network of module 5 has tanh in its hidden layer, and this one ReLU.)
#
# From now on you may use Keras with a good conscience. In module 7 you teach a network to stop learning
# by heart.
