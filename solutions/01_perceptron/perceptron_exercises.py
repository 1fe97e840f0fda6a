# %% [markdown]
# # 1. The perceptron: exercises
#
# Nine exercises, 20 points, about an hour and a half. You write a neuron, teach it, and prepare
# pictures for it. At the end your own functions tell cats from dogs and houses, and you set the
# weights of a network that does what no single neuron can.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell (Shift + Enter), then the cell with `check(...)` below
# it. The check shows the inputs that it used, what was expected and what came; often it knows the
# mistake. You may run it as often as you like. When you are stuck, make a new cell and run, say,
# `hint("neuron")`: there are three hints for each exercise, and each tells more than the one
# before.
#
# **Notation.** There are $N$ examples with $D$ features each. `X` has shape `(N, D)`: one example
# in each row. `w` has shape `(D,)`: one weight for each feature. `b` is a single number. `y` has
# shape `(N,)` and holds the labels, 0 or 1.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib import plots
from nnlib.datasets import cartoon_cats, gates

X, y = gates("and")
print(np.column_stack([X, y]).astype(int))  # two inputs, then the label: AND

# %% [markdown]
# ## Exercise 1: a neuron
#
# Compute the pre-activation and the output of one neuron for a whole batch of examples:
#
# $$z_n = \sum_{d=1}^{D} x_{nd}\, w_d + b, \qquad
# \hat y_n = \begin{cases} 1 & \text{if } z_n \ge 0 \\ 0 & \text{if } z_n < 0 \end{cases}$$
#
# Mind the edge: $z = 0$ gives 1.
#
# Difficulty 1 of 5, importance 5 of 5, about 6 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "neuron", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neuron(X, w, b):
    """Return z and y_hat, both of shape (N,), for the examples X.

    X: shape (N, D)    w: shape (D,)    b: a number
    """
    ### BEGIN SOLUTION
    z = X @ w + b
    y_hat = np.where(z >= 0, 1, 0)
    return z, y_hat
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-neuron", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("neuron", neuron)

# %% [markdown]
# ## Exercise 2: unroll pictures
#
# A neuron reads a row of numbers. Turn each picture into one: all its pixels from left to right,
# the rows of the picture from top to bottom, and for each pixel its colours in the order in which
# they are stored. Then divide by 255, so that all numbers lie between 0 and 1.
#
# $$(N, H, W, C) \;\longrightarrow\; (N,\; H \cdot W \cdot C)$$
#
# Each row of the result must hold one picture, and nothing of any other. Your function must work
# for pictures of any size.
#
# Difficulty 2 of 5, importance 4 of 5, about 6 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "unroll", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unroll(images):
    """Return one row of numbers from 0 to 1 for each picture, shape (N, H * W * C).

    images: uint8 (whole numbers from 0 to 255), shape (N, H, W, C)
    """
    ### BEGIN SOLUTION
    return images.reshape(len(images), -1) / 255
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-unroll", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("unroll", unroll)

# %% [markdown]
# ## Exercise 3: standardise
#
# Give each feature the mean 0 and the standard deviation 1. For the feature in column $d$, with
# mean $\mu_d$ and standard deviation $\sigma_d$:
#
# $$x'_{nd} = \frac{x_{nd} - \mu_d}{\sigma_d}, \qquad
# \mu_d = \frac{1}{N} \sum_n x_{nd}, \qquad
# \sigma_d = \sqrt{\frac{1}{N} \sum_n (x_{nd} - \mu_d)^2}$$
#
# Two things to mind:
#
# - The test set gets the same treatment with the *training set's* $\mu$ and $\sigma$. The test set
#   stands for examples of the future: you cannot know their mean.
# - A feature that is the same in all training examples has $\sigma_d = 0$, and $0/0$ gives `nan`.
#   Such a column must become 0.
#
# The training set, the test set and the constant column earn one point each.
#
# Difficulty 2 of 5, importance 5 of 5, about 12 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "standardise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardise(X_train, X_test):
    """Return both sets standardised, by the mean and standard deviation of the training set.

    X_train: shape (N, D)    X_test: shape (M, D)
    Returns two arrays of these shapes.
    """
    ### BEGIN SOLUTION
    mu = X_train.mean(axis=0)
    sigma = X_train.std(axis=0)
    sigma = np.where(sigma == 0, 1, sigma)  # the difference is 0 there: 0 / 1 is 0
    return (X_train - mu) / sigma, (X_test - mu) / sigma
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-standardise", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("standardise", standardise)

# %% [markdown]
# ## Exercise 4: one step of the perceptron
#
# The perceptron looks at *one* example. It predicts, compares, and moves its weights if it was
# wrong:
#
# $$\hat y = \operatorname{step}(w \cdot x + b), \qquad
# w \leftarrow w + \eta\,(y - \hat y)\,x, \qquad
# b \leftarrow b + \eta\,(y - \hat y)$$
#
# As in exercise 1, $\operatorname{step}(0) = 1$. The weights and the bias earn one point each.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "perceptron_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_update(x, y, w, b, eta):
    """Return w and b after the perceptron has seen one example.

    x, w: shape (D,)    y: 0 or 1    b: a number    eta: the learning rate
    """
    ### BEGIN SOLUTION
    y_hat = 1 if w @ x + b >= 0 else 0
    error = y - y_hat
    return w + eta * error * x, b + eta * error
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-perceptron_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("perceptron_update", perceptron_update)

# %% [markdown]
# ## Exercise 5: train the perceptron
#
# Start with all weights and the bias at 0. In each epoch go through the examples in their order,
# and let the perceptron learn from each before it sees the next. You may use your
# `perceptron_update`.
#
# Note for each epoch on how many examples the prediction was wrong at the moment when the
# perceptron saw them. Do all epochs, also when there is nothing left to learn.
#
# The list of errors and the accuracy of the trained perceptron earn 1.5 points each.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "perceptron_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_train(X, y, epochs, eta):
    """Return w, b, errors: the trained weights, shape (D,), the bias, and a list of counts.

    X: shape (N, D)    y: shape (N,)
    errors holds one whole number for each epoch.
    """
    ### BEGIN SOLUTION
    w, b = np.zeros(X.shape[1]), 0.0
    errors = []
    for _ in range(epochs):
        wrong = 0
        for x_n, y_n in zip(X, y, strict=True):
            y_hat = 1 if w @ x_n + b >= 0 else 0
            wrong += y_hat != y_n
            w, b = perceptron_update(x_n, y_n, w, b, eta)
        errors.append(wrong)
    return w, b, errors
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-perceptron_train", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("perceptron_train", perceptron_train)

# %% [markdown]
# When it works, watch your own perceptron learn AND, in a new cell:
#
# ```python
# w, b, errors = perceptron_train(X, y, epochs=10, eta=1)
# print("errors in each epoch:", errors)
# plots.decision_line(w[0], w[1], b, X, y)
# ```

# %% [markdown]
# ## Exercise 6: loss and cost
#
# Logistic regression is a neuron that answers with a probability. For each example compute its
# loss, and from all of them the cost:
#
# $$p_n = \frac{1}{1 + e^{-z_n}}, \qquad
# \ell_n = -\bigl(y_n \log p_n + (1 - y_n) \log(1 - p_n)\bigr), \qquad
# L = \frac{1}{N} \sum_{n=1}^{N} \ell_n$$
#
# with $z_n$ as in exercise 1 and $\log$ the natural logarithm, `np.log`. The losses and the cost
# earn one point each. (The inputs are moderate. What to do about $z = 1000$ is a topic of module
# 2.)
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "logistic_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_cost(X, y, w, b):
    """Return the loss of each example, shape (N,), and the cost, one number.

    X: shape (N, D)    y: shape (N,), 0 or 1    w: shape (D,)    b: a number
    """
    ### BEGIN SOLUTION
    p = 1 / (1 + np.exp(-(X @ w + b)))
    losses = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return losses, losses.mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-logistic_cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("logistic_cost", logistic_cost)

# %% [markdown]
# ## Exercise 7: one step down the slope
#
# The slope of the cost in the direction of each weight, and of the bias:
#
# $$\frac{\partial L}{\partial w_d} = \frac{1}{N} \sum_{n=1}^{N} (p_n - y_n)\, x_{nd}, \qquad
# \frac{\partial L}{\partial b} = \frac{1}{N} \sum_{n=1}^{N} (p_n - y_n)$$
#
# Compute both slopes at the present $w$ and $b$, and then take one step *against* them:
#
# $$w \leftarrow w - \eta\, \frac{\partial L}{\partial w}, \qquad
# b \leftarrow b - \eta\, \frac{\partial L}{\partial b}$$
#
# The weights earn two points, the bias one.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "logistic_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_step(X, y, w, b, eta):
    """Return w and b after one step of gradient descent on the cost of logistic regression.

    X: shape (N, D)    y: shape (N,), 0 or 1    w: shape (D,)    b: a number
    """
    ### BEGIN SOLUTION
    p = 1 / (1 + np.exp(-(X @ w + b)))
    dz = (p - y) / len(X)
    dw = X.T @ dz
    db = dz.sum()
    return w - eta * dw, b - eta * db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-logistic_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("logistic_step", logistic_step)

# %% [markdown]
# Your functions are now a cat detector. Try it in a new cell; it takes a few seconds:
#
# ```python
# (images, labels), (test_images, test_labels) = cartoon_cats()
# X_train, X_test = standardise(unroll(images), unroll(test_images))
# w, b = np.zeros(X_train.shape[1]), 0.0
# for _ in range(100):
#     w, b = logistic_step(X_train, labels, w, b, eta=0.003)
# _, guess = neuron(X_test, w, b)
# print("share of test pictures named rightly:", np.mean(guess == test_labels))
# ```

# %% [markdown]
# ## Exercise 8: find the bug
#
# Here each example has a single feature: hours of practice, say. The labels were read from a file
# and came as a column, shape `(N, 1)`. The function should return the slopes
#
# $$\frac{\partial L}{\partial w} = \frac{1}{N} \sum_n (p_n - y_n)\, x_n, \qquad
# \frac{\partial L}{\partial b} = \frac{1}{N} \sum_n (p_n - y_n)$$
#
# as two numbers. It runs without an error, and the slope of the bias is right. The slope of the
# weight is wrong. Mend it.
#
# Go about it as you would in real life. *Where* is the first wrong value? Print the `shape` of each
# thing, line by line. *Which line* made it? And *why*? The hints follow these questions.
#
# Difficulty 3 of 5, importance 4 of 5, about 8 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "slopes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slopes(x, y, w, b):
    """Return dw and db, two numbers.

    x: shape (N,)    y: shape (N, 1), 0 or 1    w, b: numbers
    """
    ### BEGIN SOLUTION
    #: p = 1 / (1 + np.exp(-(w * x + b)))
    #: error = p - y
    #: dw = np.mean(error * x)
    #: db = np.mean(error)
    #: return dw, db
    p = 1 / (1 + np.exp(-(w * x + b)))
    error = p - y[:, 0]  # (N,) minus (N,): a row of labels, not a column
    dw = np.mean(error * x)
    db = np.mean(error)
    return dw, db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-slopes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("slopes", slopes)

# %% [markdown]
# ## Exercise 9: exclusive or, with inputs −1 and +1
#
# In the lesson a network with two hidden units does exclusive or for inputs 0 and 1. Now the inputs
# are −1 and +1, and the old weights no longer do it. Find new ones, by thought, on paper. The
# network is
#
# $$H = \operatorname{step}(X W^{[1]} + b^{[1]}), \qquad
# \hat y = \operatorname{step}(H W^{[2]} + b^{[2]})$$
#
# with $\operatorname{step}(z) = 1$ if $z \ge 0$, else 0, in both layers. It must answer
#
# | $x_1$ | $x_2$ | $\hat y$ |
# |---|---|---|
# | −1 | −1 | 0 |
# | −1 | +1 | 1 |
# | +1 | −1 | 1 |
# | +1 | +1 | 0 |
#
# There are many right answers, and every one that works is accepted, with two hidden units or more.
# Mind that the hidden units still say 0 or 1.
#
# Difficulty 4 of 5, importance 4 of 5, about 15 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "xor_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xor_weights():
    """Return W1, b1, W2, b2 of a network for exclusive or, with U hidden units.

    W1: shape (2, U)    b1: shape (U,)    W2: shape (U, 1)    b2: shape (1,)
    """
    ### BEGIN SOLUTION
    W1 = np.array([[1.0, -1.0], [1.0, -1.0]])  # x1 + x2, and its opposite
    b1 = np.array([1.0, 1.0])  # OR: at least one is +1. NAND: at least one is -1
    W2 = np.array([[1.0], [1.0]])
    b2 = np.array([-1.5])  # AND: both of them
    return W1, b1, W2, b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-xor_weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("xor_weights", xor_weights)

# %% [markdown]
# That is a whole network, weights set by hand. Nobody sets 12,288 weights by hand, though, and
# Rosenblatt's rule cannot teach a hidden layer. What can is the slope of a *smooth* neuron. Module
# 2 is about such neurons, and module 3 about how the slope finds its way back through the layers.
