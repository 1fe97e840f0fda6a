# %% [markdown]
# # 2. Activation functions: exercises
#
# Ten exercises, 20 points, about an hour and a half. You write every activation function of the
# lesson together with its derivative, so that none of them breaks at $z = 1000$. You write the
# whole derivative of softmax, which is a matrix. You count dead units, and at the end you choose
# the output layer for four tasks.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("sigmoid")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Notation.** `Z` holds pre-activations, shape `(N, H)`: one example in each row, one unit in each
# column. `A` $= g(Z)$ holds the activations, and `D` $= g'(Z)$ the derivatives $da/dz$. All three
# have the same shape. A function that is asked for both ends with `return A, D`.
#
# **Large numbers.** Some checks go up to $|z| = 1000$. There `np.exp` becomes `inf`, and NumPy says
# so in a warning. A warning alone costs nothing. A `nan` or an `inf` in your answer does.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint

# %% [markdown]
# ## Exercise 1: two linear layers are one
#
# Two layers without an activation between them compute $(X W^{[1]} + b^{[1]}) W^{[2]} + b^{[2]}$.
# Find the one layer that computes the same for every $X$:
#
# $$(X W^{[1]} + b^{[1]})\, W^{[2]} + b^{[2]} = X W + b$$
#
# Difficulty 2 of 5, importance 4 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "merge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge(W1, b1, W2, b2):
    """Return W, b of the one layer that does what the two layers do.

    W1: shape (D, H)    b1: shape (H,)    W2: shape (H, C)    b2: shape (C,)
    Returns W, shape (D, C), and b, shape (C,).
    """
    ### BEGIN SOLUTION
    W = W1 @ W2
    b = b1 @ W2 + b2
    return W, b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-merge", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("merge", merge)

# %% [markdown]
# ## Exercise 2: step
#
# $$g(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases}$$
#
# At $z = 0$ itself the step has no derivative. The check does not ask there.
#
# Difficulty 1 of 5, importance 2 of 5, about 4 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(Z):
    """Return A, D: the step of each entry of Z, shape (N, H), and its derivative there."""
    ### BEGIN SOLUTION
    A = np.where(Z >= 0, 1.0, 0.0)
    D = np.zeros_like(A)
    return A, D
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("step", step)

# %% [markdown]
# ## Exercise 3: linear, ReLU and leaky ReLU
#
# These three are one function, with three values of $s$, the slope on the negative side:
#
# $$g(z) = \begin{cases} z & z > 0 \\ s\, z & z \le 0 \end{cases}$$
#
# With $s = 0$ it is ReLU, with $s = 1$ the linear activation, and in between leaky ReLU. The check
# asks for all three.
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "leaky_relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaky_relu(Z, negative_slope):
    """Return A, D: leaky ReLU of each entry of Z, shape (N, H), and its derivative there.

    negative_slope: a number from 0 (ReLU) to 1 (linear)
    """
    ### BEGIN SOLUTION
    A = np.where(Z > 0, Z, negative_slope * Z)
    D = np.where(Z > 0, 1.0, negative_slope)
    return A, D
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-leaky_relu", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("leaky_relu", leaky_relu)

# %% [markdown]
# ## Exercise 4: ELU
#
# $$g(z) = \begin{cases} z & z > 0 \\ \alpha\,(e^z - 1) & z \le 0 \end{cases}$$
#
# Find the derivative yourself. `Z` may hold numbers up to 1000, and $e^{1000}$ is `inf`. You do not
# need that number: take care that it does not get into your answer.
#
# Difficulty 3 of 5, importance 3 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "elu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def elu(Z, alpha):
    """Return A, D: ELU of each entry of Z, shape (N, H), and its derivative there.

    alpha: a positive number
    """
    ### BEGIN SOLUTION
    E = np.exp(np.minimum(Z, 0))  # never above 1
    A = np.where(Z > 0, Z, alpha * (E - 1))
    D = np.where(Z > 0, 1.0, alpha * E)
    return A, D
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-elu", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("elu", elu)

# %% [markdown]
# ## Exercise 5: sigmoid
#
# $$g(z) = \frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z}, \qquad g'(z) = a\,(1 - a)
# \quad\text{with}\quad a = g(z)$$
#
# The two fractions are equal on paper. On a computer, each of them is in trouble on one side.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(Z):
    """Return A, D: the sigmoid of each entry of Z, shape (N, H), and its derivative there."""
    ### BEGIN SOLUTION
    E = np.exp(-np.abs(Z))  # never above 1
    A = np.where(Z >= 0, 1 / (1 + E), E / (1 + E))
    D = A * (1 - A)
    return A, D
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-sigmoid", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("sigmoid", sigmoid)

# %% [markdown]
# ## Exercise 6: find the bugs in tanh
#
# $$g(z) = \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \qquad g'(z) = 1 - a^2
# \quad\text{with}\quad a = g(z)$$
#
# This code looks like the formulas. For small $z$, `A` is even right. Yet **both** lines have to be
# mended.
#
# Go about it as you would in real life. Ask *where* the first wrong number is. Then *which line*
# made it. Then *why*. The hints of this exercise follow these three questions. You may use
# `np.tanh`, or `2 * sigmoid(2 * Z) - 1` with a safe sigmoid.
#
# Difficulty 3 of 5, importance 4 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "tanh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh(Z):
    """Return A, D: tanh of each entry of Z, shape (N, H), and its derivative there."""
    ### BEGIN SOLUTION
    #: A = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
    #: D = 1 - Z**2
    #: return A, D
    A = np.tanh(Z)
    D = 1 - A**2
    return A, D
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-tanh", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("tanh", tanh)

# %% [markdown]
# ## Exercise 7: softmax
#
# Turn scores into probabilities. The sum runs over the classes of one example:
#
# $$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# The classes are on the **last** axis. Your function takes a batch of shape `(N, C)`, and also a
# single example of shape `(C,)`. Scores may be as large as 1000 and as small as −1000.
#
# Difficulty 3 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(Z):
    """Return the softmax over the last axis of Z, shape (N, C) or (C,), in the same shape."""
    ### BEGIN SOLUTION
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-softmax", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("softmax", softmax)

# %% [markdown]
# ## Exercise 8: the Jacobian of softmax
#
# In softmax every output depends on every score. Its derivative is therefore a table, the
# **Jacobian**: row $i$, column $j$ says how much output $i$ changes when score $j$ does.
#
# $$J_{ij} = \frac{\partial p_i}{\partial z_j} = \begin{cases} p_i\,(1 - p_i) & i = j \\
# -p_i\, p_j & i \ne j \end{cases}$$
#
# The function gets the probabilities `p` of one example; softmax has been done already.
#
# Difficulty 4 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "softmax_jacobian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_jacobian(p):
    """Return the Jacobian of softmax, shape (C, C), where its output is p, shape (C,)."""
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-softmax_jacobian", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("softmax_jacobian", softmax_jacobian)

# %% [markdown]
# ## Exercise 9: the share of dead ReLUs
#
# `Z` holds the pre-activations of a layer of ReLU units, for all examples of the data. A unit is
# dead when $z \le 0$ for **every** example: its output is then always 0, no gradient passes, and
# its weights never move again. Which share of the units is dead?
#
# Difficulty 2 of 5, importance 3 of 5, about 6 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "dead_share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_share(Z):
    """Return the share of dead units, a number from 0 to 1, for pre-activations Z, shape (N, H)."""
    ### BEGIN SOLUTION
    dead = np.all(Z <= 0, axis=0)  # one True or False for each unit
    return np.mean(dead)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-dead_share", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("dead_share", dead_share)

# %% [markdown]
# ## Exercise 10: choose the output layer
#
# Four tasks. For each, choose the activation of the output layer and the loss that belongs to it.
# Replace each `"?"` by one of these names:
#
# - activations: `"linear"`, `"relu"`, `"sigmoid"`, `"softmax"`
# - losses: `"mean_squared_error"`, `"binary_crossentropy"`, `"categorical_crossentropy"`
#
# The tasks:
#
# - **temperature**: tomorrow's temperature at noon, in degrees Celsius. One output.
# - **spam**: is this e-mail spam? One output, target 0 or 1.
# - **digit**: which digit, 0 to 9, does the picture show? Ten outputs, a one-hot target.
# - **genres**: which of five genres does the film belong to? Several may be true at once, or none.
#   Five outputs, the target is five times 0 or 1.
#
# Difficulty 2 of 5, importance 5 of 5, about 6 minutes, 2 points.

# %% nbgrader={"grade": false, "grade_id": "choices", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
#: choices = {
#:     "temperature": ("?", "?"),  # (activation, loss)
#:     "spam": ("?", "?"),
#:     "digit": ("?", "?"),
#:     "genres": ("?", "?"),
#: }
choices = {
    "temperature": ("linear", "mean_squared_error"),  # (activation, loss)
    "spam": ("sigmoid", "binary_crossentropy"),
    "digit": ("softmax", "categorical_crossentropy"),
    "genres": ("sigmoid", "binary_crossentropy"),
}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-choices", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("choices", choices)

# %% [markdown]
# You now have every activation function of the course, each with its derivative. In module 3 you
# put them to work: the chain rule multiplies these derivatives, layer by layer, all the way back
# to the first weight.
