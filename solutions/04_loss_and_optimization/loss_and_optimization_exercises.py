# %% [markdown]
# # 4. Loss and optimisation: exercises
#
# Ten exercises, 20 points, about an hour and three quarters. You write the losses and their
# gradients, the loop that cuts the data into mini-batches, one step each of SGD, RMSProp and Adam,
# and the weights that a layer starts with. On the way you mend a cross-entropy that is printed in
# many tutorials, and at the end you read four loss curves.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("adam_step")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Notation.** $N$ examples, $C$ classes, one example in each row. `dA` is
# $\partial L / \partial A$: it has the shape of `A`. The learning rate $\eta$ is `learning_rate`.
# Here the predictions come first, `loss(P, Y)`, as in the course's equations; Keras puts the
# targets first.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib.plots.learning_curves import compare_curves

# %% [markdown]
# ## Exercise 1: mean squared error
#
# The loss of regression is the mean of the squared errors, over all entries, as in Keras:
#
# $$L = \frac{1}{N K} \sum_{n=1}^{N} \sum_{k=1}^{K} (a_{nk} - y_{nk})^2$$
#
# Return it together with its gradient: how much does $L$ change when one entry of `A` grows a
# little? $\partial L / \partial a_{nk}$ is the derivative of one term of the sum, for all the
# others do not contain $a_{nk}$.
#
# Difficulty 1 of 5, importance 4 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "mean_squared_error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_squared_error(A, Y):
    """Return the loss L, one number, and its gradient dA, shape (N, K).

    A: predictions, shape (N, K)    Y: targets, shape (N, K)
    """
    ### BEGIN SOLUTION
    error = A - Y
    L = np.mean(error**2)
    dA = 2 * error / error.size
    return L, dA
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-mean_squared_error", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("mean_squared_error", mean_squared_error)

# %% [markdown]
# ## Exercise 2: binary cross-entropy
#
# With two classes, `P` holds the probability of class 1, and a target is 0 or 1:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \bigl[\, y_n \log p_n + (1 - y_n) \log (1 - p_n) \,\bigr]$$
#
# Return $L$ and $\partial L / \partial p_n$, the gradient with respect to the **probabilities**,
# not to the scores before the sigmoid.
#
# A sigmoid may give exactly 0 or 1. Then $\log 0 = -\infty$ lies in wait, in $0 \cdot \log 0$ as
# well. Do what Keras does for the loss, and keep the probabilities between $10^{-7}$ and
# $1 - 10^{-7}$. Compute the gradient from these, too. A prediction that is certain and wrong must
# cost a large finite number, and have a large finite gradient.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "binary_crossentropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_crossentropy(P, Y):
    """Return the loss L, one number, and its gradient dP, shape (N, 1).

    P: probabilities of class 1, shape (N, 1)    Y: targets 0 or 1, shape (N, 1)
    """
    ### BEGIN SOLUTION
    P = np.clip(P, 1e-7, 1 - 1e-7)
    L = -np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))
    dP = -(Y / P - (1 - Y) / (1 - P)) / len(P)
    return L, dP
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-binary_crossentropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("binary_crossentropy", binary_crossentropy)

# %% [markdown]
# ## Exercise 3: categorical cross-entropy, find the bugs
#
# This is meant to be
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} y_{nc} \log p_{nc}
# \qquad\text{and}\qquad
# \frac{\partial L}{\partial p_{nc}} = -\frac{1}{N} \, \frac{y_{nc}}{p_{nc}}$$
#
# for probabilities `P` and one-hot targets `Y`. The code runs, and a network trained with it
# learns. Yet **two** things are wrong: the loss and its gradient do not belong together, and a
# probability that is exactly 0 makes `nan`, even at a class that does not matter. (As in Exercise
# 2, keep `P` at or above $10^{-7}$.) Mend the code.
#
# Go about it as you would in real life. *Where* is the first wrong number? *Which line* made it?
# *Why?* The hints follow these three questions. Leave alone what is right.
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "categorical_crossentropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def categorical_crossentropy(P, Y):
    """Return the loss L, one number, and its gradient dP, shape (N, C).

    P: probabilities, shape (N, C)    Y: one-hot targets, shape (N, C)
    """
    ### BEGIN SOLUTION
    #: L = -np.mean(Y * np.log(P))
    #: dP = -(Y / P) / len(P)
    #: return L, dP
    P = np.clip(P, 1e-7, 1)
    L = -np.sum(Y * np.log(P)) / len(P)
    dP = -(Y / P) / len(P)
    return L, dP
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-categorical_crossentropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("categorical_crossentropy", categorical_crossentropy)

# %% [markdown]
# ## Exercise 4: cross-entropy from logits
#
# Clipping is a makeshift. Better: never compute the probability on the way to its logarithm. With
# the scores (logits) $z$ and softmax $p_c = e^{z_c} / \sum_k e^{z_k}$,
#
# $$\log p_{nc} = z_{nc} - \log \sum_{k=1}^{C} e^{z_{nk}}, \qquad
# L = -\frac{1}{N} \sum_{n,c} y_{nc} \log p_{nc}, \qquad
# \frac{\partial L}{\partial z_{nc}} = \frac{p_{nc} - y_{nc}}{N}$$
#
# Scores may be as large as 1000, or 900 apart; `np.exp(1000)` is `inf`, and `np.exp(-900)` is 0.
# You may subtract the same number from all scores of a row: neither $p$ nor $\log p$ changes. A row
# that is certain and wrong, with its scores 900 apart, must cost 900, not `inf` and not 16.
#
# Difficulty 4 of 5, importance 5 of 5, about 15 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "softmax_crossentropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_crossentropy(Z, Y):
    """Return the loss L, one number, and its gradient dZ, shape (N, C).

    Z: scores before softmax, shape (N, C)    Y: one-hot targets, shape (N, C)
    """
    ### BEGIN SOLUTION
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    L = -np.sum(Y * log_P) / len(Z)
    dZ = (np.exp(log_P) - Y) / len(Z)
    return L, dZ
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-softmax_crossentropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("softmax_crossentropy", softmax_crossentropy)

# %% [markdown]
# ## Exercise 5: mini-batches
#
# Cut the examples of one epoch into mini-batches: shuffle them, then hand out `batch_size` at a
# time. Every example comes exactly once, together with its own target. The last batch is smaller
# when `batch_size` does not divide $N$; no batch is empty.
#
# Draw the order from `rng`, a `numpy.random.Generator`, and from nothing else. Then each call gives
# a new order, and the whole run can still be repeated from one seed.
#
# Return a list of pairs `(X_batch, Y_batch)`, or write a generator with `yield`, as you like. In
# the check, the first column of `X` numbers the examples, and `Y` starts with ten times that
# number.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "mini_batches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mini_batches(X, Y, batch_size, rng):
    """Return the mini-batches of one epoch: a list of pairs (X_batch, Y_batch).

    X: examples, shape (N, D)    Y: targets, shape (N, K)
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    batches = []
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        batches.append((X[rows], Y[rows]))
    return batches
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-mini_batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("mini_batches", mini_batches)

# %% [markdown]
# ## Exercise 6: a step of SGD with momentum
#
# The velocity `v` remembers the way; `momentum` is the share $\mu$ of it that is kept. This is
# Keras's form, in which the velocity holds the learning rate and the minus sign:
#
# $$v \leftarrow \mu\, v - \eta\, g, \qquad w \leftarrow w + v$$
#
# `w`, `g` and `v` are arrays of one shape, whatever it is. With $\mu = 0$ this is the plain step
# $w \leftarrow w - \eta\, g$.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "sgd_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(w, g, v, learning_rate, momentum):
    """Return w and v after one step.

    w: parameters    g: their gradient    v: their velocity, all of one shape
    """
    ### BEGIN SOLUTION
    v = momentum * v - learning_rate * g
    w = w + v
    return w, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-sgd_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("sgd_step", sgd_step)

# %% [markdown]
# ## Exercise 7: a step of RMSProp
#
# Each parameter gets its own step size: the learning rate divided by the root of a running average
# `s` of its squared gradients.
#
# $$s \leftarrow \rho\, s + (1 - \rho)\, g^2, \qquad
# w \leftarrow w - \eta\, \frac{g}{\sqrt{s + \epsilon}}$$
#
# Squares, roots and fractions are taken entry by entry. Mind that in Keras's RMSProp $\epsilon$
# stands **inside** the root. One part of the check takes gradients of some $10^{-4}$, where this
# makes a difference.
#
# Difficulty 2 of 5, importance 3 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "rmsprop_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmsprop_step(w, g, s, learning_rate, rho, epsilon):
    """Return w and s after one step.

    w: parameters    g: their gradient    s: running average of g**2, all of one shape
    """
    ### BEGIN SOLUTION
    s = rho * s + (1 - rho) * g**2
    w = w - learning_rate * g / np.sqrt(s + epsilon)
    return w, s
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-rmsprop_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("rmsprop_step", rmsprop_step)

# %% [markdown]
# ## Exercise 8: a step of Adam
#
# Adam keeps two running averages, `m` of the gradient and `v` of its square. (So here `v` is not
# the velocity; these are the letters of the paper and of Keras.) Both start at 0 and therefore
# begin too small. The two factors with $t$, the number of the step, correct that:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
# v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# $$w \leftarrow w - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot
# \frac{m}{\sqrt{v} + \epsilon}$$
#
# $t$ is 1 in the first step. Here $\epsilon$ stands **outside** the root, as in Keras's Adam. If
# you know Adam with $\hat m$ and $\hat v$, you may write it that way: the check accepts both forms.
#
# Return the averages as they are, not corrected.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):
    """Return w, m and v after step number t, which is 1, 2, 3, ...

    w: parameters    g: their gradient    m, v: the running averages, all of one shape
    """
    ### BEGIN SOLUTION
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    w = w - rate * m / (np.sqrt(v) + epsilon)
    return w, m, v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-adam_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("adam_step", adam_step)

# %% [markdown]
# ## Exercise 9: Glorot and He
#
# Draw the weights that a layer starts with. `method` is one of two:
#
# - `"glorot_uniform"`, for tanh and sigmoid layers, Keras's default: evenly between $-r$ and $r$,
#   with $\displaystyle r = \sqrt{\frac{6}{n_\text{inputs} + n_\text{units}}}$;
# - `"he_normal"`, for ReLU layers: normal around 0 with variance
#   $\displaystyle \frac{2}{n_\text{inputs}}$.
#
# `rng.normal` takes the standard deviation, not the variance. Draw from the `rng` that is given.
# (Keras cuts the normal distribution off at two deviations. Whether you do so does not matter
# here.)
#
# Difficulty 2 of 5, importance 4 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "initial_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initial_weights(n_inputs, n_units, method, rng):
    """Return the starting weights of a layer, shape (n_inputs, n_units).

    method: "glorot_uniform" or "he_normal"    rng: a numpy.random.Generator
    """
    ### BEGIN SOLUTION
    if method == "glorot_uniform":
        limit = np.sqrt(6 / (n_inputs + n_units))
        return rng.uniform(-limit, limit, size=(n_inputs, n_units))
    return rng.normal(0, np.sqrt(2 / n_inputs), size=(n_inputs, n_units))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-initial_weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("initial_weights", initial_weights)

# %% [markdown]
# ## Exercise 10: read four loss curves
#
# Four times the same network was trained on the handwritten digits: 64 inputs, one hidden layer of
# 32 ReLU units, softmax over 10 classes, He's initialisation, plain SGD with mini-batches of 32,
# shuffled in each epoch. In all four runs one thing was changed. The curves show the mean loss over
# all training pictures, measured every 10 steps. A network that calls all ten digits equally likely
# has the loss $\ln 10 = 2.30$, the thin line. The name of each run stands at the end of its curve,
# with its last loss.

# %% nbgrader={"grade": false, "grade_id": "curves", "locked": true, "schema_version": 3, "solution": false, "task": false}
texts = {
    "A": "2.30 2.32 2.15 2.15 2.01 2.16 2.37 1.93 1.72 1.54 1.75 1.35 1.57 1.42 1.25 1.00 "
    "0.89 1.05 0.97 1.18 0.90 0.91 0.75 0.77 0.99 0.74 1.10 0.69 0.81 0.80 0.58",
    "B": "2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 "
    "2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30 2.30",
    "C": "2.30 2.28 2.26 2.24 2.22 2.21 2.19 2.18 2.17 2.15 2.14 2.13 2.11 2.10 2.09 2.07 "
    "2.06 2.04 2.03 2.01 2.00 1.98 1.97 1.95 1.93 1.92 1.90 1.89 1.87 1.85 1.83",
    "D": "2.30 2.16 3.29 2.30 2.32 2.35 2.30 2.31 2.31 2.32 2.32 2.32 2.31 2.32 2.32 2.32 "
    "2.31 2.31 2.31 2.32 2.32 2.31 2.31 2.31 2.33 2.31 2.31 2.32 2.32 2.29 2.34",
}
runs = {name: [float(x) for x in text.split()] for name, text in texts.items()}
figure = compare_curves(runs, title="Four runs: the training loss")
figure.axes[0].axhline(np.log(10), color="#808080", linewidth=1, zorder=0)
figure.axes[0].set(xlabel="measurement, one every 10 steps", ylim=(0, 3.5))
told = []
for name, losses in runs.items():
    rises = sum(after > before for before, after in zip(losses, losses[1:], strict=False))
    numbers = ", ".join(map(str, losses[::5]))
    told.append(f"Curve {name}: {numbers}; highest {max(losses)}; it rises {rises} of 30 times.")
figure.alt_text = "Four loss curves; here is every fifth of 31 numbers. " + " ".join(told)
figure

# %% [markdown]
# What was changed in each run? Choose from these six names; two of them are not needed:
#
# - `"too small"`: the learning rate is too small
# - `"too large"`: the learning rate is too large
# - `"zero weights"`: all weights start at zero
# - `"batch of one"`: each step looks at a single example
# - `"not shuffled"`: the pictures stay sorted by digit, and so the batches come in the same order
# - `"nothing wrong"`: all is well
#
# A wrong answer is not told the right one: the check shows codes in place of the names.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.

# %% nbgrader={"grade": false, "grade_id": "causes", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
#: causes = {
#:     "A": None,  # in place of None, one of the six names, in quotes
#:     "B": None,
#:     "C": None,
#:     "D": None,
#: }
causes = {
    "A": "batch of one",
    "B": "zero weights",
    "C": "too small",
    "D": "too large",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-causes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("causes", causes)

# %% [markdown]
# You now have every part of a training loop in your own words: a loss, its gradient, batches, a
# step, and a good start. In module 5 you put them together into a network that reads handwritten
# digits, and in module 6 you meet the same parts in Keras, where `optimizer="adam"` and
# `kernel_initializer="he_normal"` will hold no secrets.
