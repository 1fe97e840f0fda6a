# %% [markdown]
# # 7. Regularisation: exercises
#
# Ten exercises, 20 points, about two hours. You split data, choose a model, and write each remedy of
# the lesson yourself: L1 and L2, dropout, early stopping, batch normalisation with its backward
# pass. You find the bugs in a step with a penalty, measure the noise of mini-batches, and at the end
# you read four learning curves.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("l1_l2")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Check your gradients yourself.** `numerical_gradient(f, x)` wiggles every entry of `x` and returns
# the gradient of `f` there. Below the exercises that ask for a gradient you find the lines that
# compare it with yours.
#
# **Notation.** $N$ examples, $D$ features, one example in each row. `dW` is
# $\partial L/\partial W$, and has the shape of `W`. The learning rate $\eta$ is `learning_rate`.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib import plots


def numerical_gradient(f, x, h=1e-5):
    """The gradient of f at the array x, by wiggling each entry of x a little to both sides."""
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


# %% [markdown]
# ## Exercise 1: three sets
#
# Split the examples into a training, a validation and a test set. Shuffle them first: they may be
# sorted by class. `n_val` examples are for validation, `n_test` for the test, and the rest for
# training. No example may be in two sets, and each row of `X` keeps its own `y`.
#
# All random numbers come from `np.random.default_rng(seed)`: the same seed must give the same sets,
# and another seed others.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(X, y, n_val, n_test, seed):
    """Return (X_train, y_train), (X_val, y_val), (X_test, y_test): three pairs.

    X: shape (N, D)    y: shape (N,)
    """
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(len(X))  # one order, for X and for y
    n_train = len(X) - n_val - n_test
    train, val, test = np.split(order, [n_train, n_train + n_val])
    return (X[train], y[train]), (X[val], y[val]), (X[test], y[test])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-split", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("split", split)

# %% [markdown]
# ## Exercise 2: the simplest model that is good enough
#
# You have trained several models, and noted for each its number of parameters, its training loss and
# its validation loss. A difference in validation of less than `tolerance` is luck. So take, among
# all models whose validation loss is **at most the best one plus `tolerance`**, the one with the
# fewest parameters. Return its place in the lists, counted from 0.
#
# Difficulty 2 of 5, importance 3 of 5, about 8 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "simplest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def simplest(parameters, train_losses, val_losses, tolerance):
    """Return the index of the smallest model that is good enough: one whole number.

    parameters, train_losses, val_losses: lists of the same length, one entry for each model
    """
    ### BEGIN SOLUTION
    val_losses = np.array(val_losses)
    good = val_losses <= val_losses.min() + tolerance
    return np.argmin(np.where(good, parameters, np.inf))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-simplest", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("simplest", simplest)

# %% [markdown]
# ## Exercise 3: L1 and L2
#
# The penalty on a weight matrix, as Keras has it, and its gradient:
#
# $$R = \lambda_1 \sum_{i,j} |w_{ij}| + \lambda_2 \sum_{i,j} w_{ij}^2$$
#
# Find $\partial R/\partial w_{ij}$ yourself: the derivative of $|w|$ is the sign of $w$.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "l1_l2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l1_l2(W, l1, l2):
    """Return R, dW: the penalty, one number, and its gradient, in the shape of W.

    W: shape (D, H)    l1, l2: numbers, at least 0
    """
    ### BEGIN SOLUTION
    R = l1 * np.sum(np.abs(W)) + l2 * np.sum(W**2)
    dW = l1 * np.sign(W) + 2 * l2 * W
    return R, dW
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-l1_l2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("l1_l2", l1_l2)

# %% [markdown]
# To check your own gradient by wiggling, run this in a new cell. The two must agree.
#
# ```python
# W = np.array([[1.5, -0.7], [0.2, -2.0]])
# print(l1_l2(W, 0.1, 0.3)[1])
# print(numerical_gradient(lambda W: l1_l2(W, 0.1, 0.3)[0], W))
# ```

# %% [markdown]
# ## Exercise 4: find the bugs
#
# One step of gradient descent for logistic regression with an L2 penalty on the weights:
#
# $$L = -\frac{1}{N} \sum_n \big( y_n \log p_n + (1 - y_n) \log(1 - p_n) \big)
# + \lambda \sum_j w_j^2$$
#
# The code runs, the loss falls, and the weights shrink. But two things are wrong, and they show in
# **three** lines: the loss, the new `w` and the new `b` are all off. Mend them.
#
# Go about it as you would in real life. Ask *where* the first wrong number is. Then *which line*
# made it: wiggle the loss, and compare. Then *why*. The hints of this exercise follow these three
# questions.
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "penalised_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def penalised_step(X, y, w, b, l2, learning_rate):
    """Return the loss before the step, penalty included, and w and b after the step.

    X: shape (N, D)    y: zeros and ones, shape (N,)    w: shape (D,)    b: a number
    """
    p = 1 / (1 + np.exp(-(X @ w + b)))
    data_loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    dz = (p - y) / len(X)  # right: this and the two lines above need no change
    ### BEGIN SOLUTION
    #: loss = data_loss + l2 * (np.sum(w**2) + b**2)
    #: dw = X.T @ dz + l2 * w
    #: db = dz.sum() + 2 * l2 * b
    #: return loss, w - learning_rate * dw, b - learning_rate * db
    loss = data_loss + l2 * np.sum(w**2)
    dw = X.T @ dz + 2 * l2 * w
    db = dz.sum()
    return loss, w - learning_rate * dw, b - learning_rate * db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-penalised_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("penalised_step", penalised_step)

# %% [markdown]
# ## Exercise 5: dropout
#
# Write inverted dropout as a layer. In training, each number of `A` by itself is set to 0 with
# probability $r$ = `rate`, and what is kept is divided by $1 - r$. In inference nothing happens.
#
# $$y_{nj} = \frac{m_{nj}}{1 - r}\, a_{nj} \quad \text{in training}, \qquad
# y_{nj} = a_{nj} \quad \text{in inference}$$
#
# `backward` gets $\partial L/\partial y$ and returns $\partial L/\partial a$ for the latest
# `forward`. So `forward` must remember what `backward` needs: keep it in `self`. Each call of
# `forward` in training draws a new mask from `self.rng`, with one number for each entry of `A`.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "Dropout", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Dropout:
    """Inverted dropout, for A of any shape (N, H)."""

    def __init__(self, rate, seed):
        self.rate = rate  # the share to drop, from 0 to below 1
        self.rng = np.random.default_rng(seed)

    def forward(self, A, training):
        """Return Y, in the shape of A; `training` is True or False."""
        ### BEGIN SOLUTION
        if training:
            self.mask = (self.rng.random(A.shape) >= self.rate) / (1 - self.rate)
        else:
            self.mask = np.ones(A.shape)
        return A * self.mask
        ### END SOLUTION

    def backward(self, dY):
        """Return dA for the latest forward, in the shape of dY."""
        ### BEGIN SOLUTION
        return dY * self.mask
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-Dropout", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("Dropout", Dropout)

# %% [markdown]
# ## Exercise 6: early stopping
#
# Fit a linear model $\hat{y} = X w$, without a bias, by gradient descent on the mean squared error,
# and stop in time. `w` starts at zero. One epoch is:
#
# 1. one step on the whole training set:
#    $w \leftarrow w - \eta\, \frac{2}{N} X^\top (X w - y)$,
# 2. the validation loss with the new `w`: the mean of $(X_{\text{val}} w - y_{\text{val}})^2$. Note
#    it down.
# 3. If it is lower than the best so far, it is the new best. If not, one more epoch has passed
#    without improvement. When that has happened in `patience` epochs **in a row**, stop.
#
# Stop in any case after `max_epochs`. Return the weights of the epoch with the lowest validation
# loss, and all the validation losses that you noted.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "early_stopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(X, y, X_val, y_val, learning_rate, patience, max_epochs):
    """Return best_w, val_losses.

    X: shape (N, D)    y: shape (N,)    X_val, y_val: the same for validation
    best_w: shape (D,)    val_losses: a list with one number for each epoch that was trained
    """
    ### BEGIN SOLUTION
    w = np.zeros(X.shape[1])
    best_w, best, wait, val_losses = w, np.inf, 0, []
    for _ in range(max_epochs):
        w = w - learning_rate * 2 / len(X) * X.T @ (X @ w - y)
        val_losses.append(np.mean((X_val @ w - y_val) ** 2))
        if val_losses[-1] < best:
            best_w, best, wait = w.copy(), val_losses[-1], 0
        else:
            wait += 1
            if wait == patience:
                break
    return best_w, val_losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-early_stopping", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("early_stopping", early_stopping)

# %% [markdown]
# ## Exercise 7: batch normalisation, forward
#
# For each feature by itself, that is, for each column of `X`:
#
# $$\hat{x}_n = \frac{x_n - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad
# y_n = \gamma\, \hat{x}_n + \beta$$
#
# **In training**, $\mu$ and $\sigma^2$ are the mean and the variance of the batch,
# $\sigma^2 = \frac{1}{N} \sum_n (x_n - \mu)^2$, and the moving averages move:
#
# $$\mu_{\text{mov}} \leftarrow \rho\, \mu_{\text{mov}} + (1 - \rho)\, \mu, \qquad
# \sigma^2_{\text{mov}} \leftarrow \rho\, \sigma^2_{\text{mov}} + (1 - \rho)\, \sigma^2$$
#
# **In inference**, $\mu$ and $\sigma^2$ are the moving averages, which stay as they are. $\rho$ is
# `momentum`.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "batch_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm(X, gamma, beta, moving_mean, moving_variance, momentum, epsilon, training):
    """Return Y, moving_mean, moving_variance: the output, and both averages after this batch.

    X, Y: shape (N, D)    gamma, beta, moving_mean, moving_variance: shape (D,)
    """
    ### BEGIN SOLUTION
    if training:
        mean, variance = X.mean(axis=0), X.var(axis=0)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_variance = momentum * moving_variance + (1 - momentum) * variance
    else:
        mean, variance = moving_mean, moving_variance
    X_hat = (X - mean) / np.sqrt(variance + epsilon)
    return gamma * X_hat + beta, moving_mean, moving_variance
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-batch_norm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("batch_norm", batch_norm)

# %% [markdown]
# ## Exercise 8: batch normalisation, backward
#
# For a forward pass in training. `dY` is $\partial L/\partial y$; write $s$ for
# $\sqrt{\sigma^2 + \varepsilon}$. Every $\hat{x}_n$ of a column depends on every $x_m$ of it, through
# $\mu$ and through $\sigma^2$:
#
# $$d\hat{x}_n = \gamma\, dy_n, \qquad
# dx_m = \frac{1}{s} \left( d\hat{x}_m - \frac{1}{N} \sum_n d\hat{x}_n
# - \hat{x}_m\, \frac{1}{N} \sum_n d\hat{x}_n\, \hat{x}_n \right)$$
#
# $$d\gamma = \sum_n dy_n\, \hat{x}_n, \qquad d\beta = \sum_n dy_n$$
#
# The function gets `X` and computes $\mu$, $\sigma^2$ and $\hat{x}$ again.
#
# Difficulty 4 of 5, importance 4 of 5, about 18 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_backward(dY, X, gamma, epsilon):
    """Return dX, dgamma, dbeta.

    dY, X, dX: shape (N, D)    gamma, dgamma, dbeta: shape (D,)
    """
    ### BEGIN SOLUTION
    s = np.sqrt(X.var(axis=0) + epsilon)
    X_hat = (X - X.mean(axis=0)) / s
    dX_hat = dY * gamma
    dX = (dX_hat - dX_hat.mean(axis=0) - X_hat * (dX_hat * X_hat).mean(axis=0)) / s
    return dX, (dY * X_hat).sum(axis=0), dY.sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-batch_norm_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("batch_norm_backward", batch_norm_backward)

# %% [markdown]
# To check your own gradient by wiggling: the loss is $\sum_{n,j} dy_{nj}\, y_{nj}$, whose gradient at
# the output is `dY`.
#
# ```python
# rng = np.random.default_rng(0)
# X, dY, gamma = rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), np.array([2.0, 0.5])
# zero, one = np.zeros(2), np.ones(2)
#
#
# def loss(X):
#     return np.sum(dY * batch_norm(X, gamma, zero, zero, one, 0.9, 0.1, training=True)[0])
#
#
# print(batch_norm_backward(dY, X, gamma, 0.1)[0] - numerical_gradient(loss, X))
# ```

# %% [markdown]
# ## Exercise 9: the noise of a mini-batch
#
# `G` holds the gradients of $N$ single examples, one in each row. The full gradient is their mean
# $\bar{g}$. A mini-batch takes the mean over its own rows, and lies some way off. `batches` holds $K$
# mini-batches: row $k$ has the $B$ row numbers of batch $k$, and $\bar{g}_k$ is the mean of these rows
# of `G`.
#
# Return two numbers. First what you **measure**, the root of the mean squared distance:
#
# $$\sqrt{\frac{1}{K} \sum_{k=1}^{K} \left\| \bar{g}_k - \bar{g} \right\|^2}$$
#
# Second what the theory **predicts** from single examples:
#
# $$\sqrt{\frac{\sigma^2}{B}}, \qquad
# \sigma^2 = \frac{1}{N} \sum_{n=1}^{N} \left\| g_n - \bar{g} \right\|^2$$
#
# $\|v\|^2$ is the sum of the squared entries of a row. With enough batches the two numbers agree.
#
# Difficulty 3 of 5, importance 3 of 5, about 12 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "batch_noise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_noise(G, batches):
    """Return measured, predicted: two numbers.

    G: gradients of single examples, shape (N, P)    batches: row numbers of G, shape (K, B)
    """
    ### BEGIN SOLUTION
    full = G.mean(axis=0)
    means = G[batches].mean(axis=1)  # (K, B, P) to (K, P)
    measured = np.sqrt(np.mean(np.sum((means - full) ** 2, axis=1)))
    variance = np.mean(np.sum((G - full) ** 2, axis=1))
    return measured, np.sqrt(variance / batches.shape[1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-batch_noise", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("batch_noise", batch_noise)

# %% [markdown]
# ## Exercise 10: read four learning curves
#
# Four networks, each on a task of its own. The curves are what `fit` returned: the training loss
# (solid, dots) and the validation loss (dashed, squares), at 20 moments from the start to the end of
# the training. The thin dotted line is the validation loss that a good network reaches on the same
# task.

# %% nbgrader={"grade": false, "grade_id": "curves", "locked": true, "schema_version": 3, "solution": false, "task": false}
texts = {
    "A": (
        "2.31 2.19 2.08 1.98 1.87 1.77 1.67 1.57 1.47 1.37 "
        "1.28 1.19 1.11 1.03 0.96 0.90 0.84 0.79 0.75 0.70",
        "2.22 2.11 2.00 1.90 1.80 1.70 1.60 1.50 1.41 1.31 "
        "1.23 1.14 1.07 1.00 0.93 0.87 0.83 0.78 0.73 0.69",
        0.12,
    ),
    "B": (
        "0.63 0.33 0.27 0.20 0.13 0.10 0.08 0.08 0.05 0.05 "
        "0.04 0.04 0.03 0.02 0.02 0.02 0.02 0.01 0.01 0.01",
        "0.53 0.33 0.31 0.30 0.32 0.38 0.43 0.48 0.51 0.56 "
        "0.58 0.62 0.65 0.66 0.71 0.73 0.76 0.77 0.80 0.82",
        0.24,
    ),
    "C": (
        "2.07 1.04 0.69 0.52 0.49 0.47 0.40 0.41 0.40 0.38 "
        "0.36 0.39 0.35 0.30 0.34 0.32 0.30 0.28 0.32 0.30",
        "1.54 0.59 0.37 0.30 0.26 0.24 0.21 0.19 0.17 0.17 "
        "0.16 0.16 0.14 0.14 0.15 0.14 0.14 0.13 0.12 0.12",
        0.12,
    ),
    "D": (
        "1.01 0.63 0.49 0.42 0.38 0.36 0.35 0.35 0.35 0.35 "
        "0.35 0.35 0.35 0.35 0.35 0.35 0.35 0.35 0.35 0.35",
        "0.95 0.61 0.48 0.41 0.38 0.36 0.36 0.36 0.36 0.36 "
        "0.36 0.36 0.36 0.36 0.36 0.35 0.35 0.36 0.35 0.35",
        0.23,
    ),
}
figure = plots.figure(size=(11, 3.4))
panels = figure.subplots(1, 4)
told = []
for panel, (name, (training, validation, good)) in zip(panels, texts.items(), strict=True):
    panel.plot([float(x) for x in training.split()], "o-", color="#0065A3", markersize=4)
    panel.plot([float(x) for x in validation.split()], "s--", color="#B34A00", markersize=4)
    panel.axhline(good, color="#606060", linewidth=1.2, linestyle=":")
    panel.set(xlabel="moment", ylim=(0, None), xticks=(0, 5, 10, 15))
    panel.set_title(f"network {name}", loc="left", fontweight="bold")
    told.append(
        f"Network {name}: training loss {training}; validation loss {validation}; "
        f"a good network reaches {good}."
    )
panels[0].set(ylabel="loss")
panels[0].legend(["training", "validation", "a good network"], fontsize=9)
figure.alt_text = "Learning curves of four networks at 20 moments each. " + " ".join(told)
figure

# %% [markdown]
# What is the matter with each network? Choose from these six names; two of them are not needed:
#
# - `"overfits"`: it follows its training data too closely
# - `"underfits"`: it is too simple for its task
# - `"stopped too soon"`: it would go on getting better
# - `"diverges"`: the learning rate is too large
# - `"dropout"`: nothing bad; the two losses were not measured in the same mode
# - `"nothing"`: it is as good as it can be
#
# A wrong answer is not told the right one.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.

# %% nbgrader={"grade": false, "grade_id": "diagnoses", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
#: diagnoses = {
#:     "A": None,  # in place of None, one of the six names, in quotes
#:     "B": None,
#:     "C": None,
#:     "D": None,
#: }
diagnoses = {
    "A": "stopped too soon",
    "B": "overfits",
    "C": "dropout",
    "D": "underfits",
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-diagnoses", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("diagnoses", diagnoses)

# %% [markdown]
# You can now say what is wrong with a network by looking at two curves, and you have written every
# remedy yourself. In module 8 you meet a layer that needs few weights from the start: the
# convolution.
