# %% [markdown]
# # 3. Forward and backward propagation: exercises
#
# Eight exercises, 20 points, about two and a half hours. You do the lesson's hand calculation
# with other numbers, and the check looks at every step of it. Then you write it for networks of any
# depth, build the tool that tells you whether a gradient is right, find three bugs with it, and
# train a network on XOR. The last exercise, the hardest, is a small engine that differentiates by
# itself.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("by_hand")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Notation.** $N$ examples, one in each row of `X`. A layer has weights `W` of shape (inputs,
# units) and biases `b` of shape (units,). $\eta$, in code `eta`, is the learning rate. `dW` is
# $\partial L/\partial W$, and so on: a gradient has the shape of its array.
#
# Run the next cell first. It brings the `sigmoid` that you wrote in module 2.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib import plots
from nnlib.activations import sigmoid
from nnlib.datasets import xor

plots.network([2, 2, 1], names=["x", "h (ReLU)", "a (sigmoid)"], title="The network of exercise 1")

# %% [markdown]
# ## Exercise 1: the hand calculation
#
# One example, one step of gradient descent, every number on the way. The network has two inputs,
# two ReLU units and one sigmoid output; the loss is binary cross-entropy:
#
# $$z^{[1]} = x\,W^{[1]} + b^{[1]}, \quad h = \max(0, z^{[1]}), \quad z^{[2]} = h \cdot W^{[2]} +
# b^{[2]}, \quad a = \frac{1}{1 + e^{-z^{[2]}}}$$
#
# $$L = -y \ln a - (1 - y) \ln(1 - a)$$
#
# Begin with pencil and paper, and these numbers:
#
# $$x = (2,\; 3), \quad y = 0, \quad W^{[1]} = \begin{pmatrix} 1 & -1 \\ -0.5 & 1 \end{pmatrix},
# \quad b^{[1]} = (1,\; -0.5)$$
#
# $$W^{[2]} = (1,\; -2), \quad b^{[2]} = 0.5, \quad \eta = 0.1$$
#
# Then turn each line of your paper into a line of code, so that it works for any numbers: in the
# other cases that the check tries, one of the two units is off. Take one step at a time. Remove the
# `#` in front of a step, write it, run the check; it tells you which steps are right. A step that
# you have not written yet simply does not count.
#
# To save you a dimension, there is one output and so $W^{[2]}$ is given as a vector of two numbers,
# and $b^{[2]}$ as one number. Each vector may be a list or an array.
#
# Difficulty 2 of 5, importance 5 of 5, about 30 minutes, 4 points.


# %% nbgrader={"grade": false, "grade_id": "by_hand", "locked": false, "schema_version": 3, "solution": true, "task": false}
def by_hand(x, y, W1, b1, W2, b2, eta):
    """Return the dict of all steps of one forward pass, one backward pass and one update.

    x: shape (2,)     y: 0 or 1         eta: the learning rate
    W1: shape (2, 2), row i from input i, column j to hidden unit j     b1: shape (2,)
    W2: shape (2,), entry j from hidden unit j                          b2: one number
    """

    ### BEGIN SOLUTION
    #: x1, x2 = x
    #: (w11, w12), (w21, w22) = W1  # w12 leads from input 1 to hidden unit 2
    #: steps = {}
    #:
    #: # Forward. z1 and h hold two numbers each; z2, a and L are one number each.
    #: # steps["z1"] = [..., ...]
    #: # steps["h"] = [..., ...]
    #: # steps["z2"] = ...
    #: # steps["a"] = ...
    #: # steps["L"] = ...
    #:
    #: # Back through the output: two derivatives, and their product.
    #: # steps["dL/da"] = ...
    #: # steps["da/dz2"] = ...
    #: # steps["dL/dz2"] = ...
    #: # steps["dL/dW2"] = [..., ...]
    #: # steps["dL/db2"] = ...
    #:
    #: # Back through the hidden layer.
    #: # steps["dL/dh"] = [..., ...]
    #: # steps["dL/dz1"] = [..., ...]
    #: # steps["dL/dW1"] = [[..., ...], [..., ...]]
    #: # steps["dL/db1"] = [..., ...]
    #:
    #: # One step of gradient descent, and the loss with the new weights.
    #: # steps["W1 after"] = [[..., ...], [..., ...]]
    #: # steps["b1 after"] = [..., ...]
    #: # steps["W2 after"] = [..., ...]
    #: # steps["b2 after"] = ...
    #: # steps["L after"] = ...
    #: return steps
    def output(W1, b1, W2, b2):
        z1 = x @ W1 + b1
        h = np.maximum(z1, 0)
        z2 = h @ W2 + b2
        return z1, h, z2, 1 / (1 + np.exp(-z2))

    def loss(a):
        return -y * np.log(a) - (1 - y) * np.log(1 - a)

    steps = {}
    z1, h, z2, a = output(W1, b1, W2, b2)
    steps["z1"], steps["h"], steps["z2"], steps["a"] = z1, h, z2, a
    steps["L"] = loss(a)

    steps["dL/da"] = -y / a + (1 - y) / (1 - a)
    steps["da/dz2"] = a * (1 - a)
    dz2 = steps["dL/da"] * steps["da/dz2"]  # this is a - y
    steps["dL/dz2"] = dz2
    steps["dL/dW2"] = dz2 * h
    steps["dL/db2"] = dz2

    steps["dL/dh"] = dz2 * W2
    dz1 = steps["dL/dh"] * (z1 > 0)
    steps["dL/dz1"] = dz1
    steps["dL/dW1"] = np.outer(x, dz1)
    steps["dL/db1"] = dz1

    steps["W1 after"] = W1 - eta * steps["dL/dW1"]
    steps["b1 after"] = b1 - eta * steps["dL/db1"]
    steps["W2 after"] = W2 - eta * steps["dL/dW2"]
    steps["b2 after"] = b2 - eta * steps["dL/db2"]
    after = [steps[name + " after"] for name in ("W1", "b1", "W2", "b2")]
    steps["L after"] = loss(output(*after)[-1])
    return steps
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-by_hand", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("by_hand", by_hand)

# %% [markdown]
# ## Exercise 2: forward through L layers
#
# Now matrices, a whole batch, and as many layers as you like. The weights come as a list
# `Ws` $= [W^{[1]}, \ldots, W^{[L]}]$, the biases as a list `bs`. With $A^{[0]} = X$,
#
# $$Z^{[l]} = A^{[l-1]} W^{[l]} + b^{[l]}, \qquad A^{[l]} = \begin{cases} \max(0, Z^{[l]}) & l < L
# \\ \sigma(Z^{[L]}) & l = L \end{cases}$$
#
# Return all activations, since backward will need them: a list of $L + 1$ arrays that begins with
# `X`. There may be one layer only; then it is the output layer.
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(X, Ws, bs):
    """Return the list As of the L + 1 arrays A[0] = X, A[1], ..., A[L].

    X: shape (N, features)    Ws[l]: shape (inputs, units)    bs[l]: shape (units,)
    """
    ### BEGIN SOLUTION
    As = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        As.append(np.maximum(As[-1] @ W + b, 0))
    As.append(sigmoid(As[-1] @ Ws[-1] + bs[-1]))
    return As
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("forward", forward)

# %% [markdown]
# ## Exercise 3: backward through L layers
#
# The loss is the mean of the binary cross-entropies of the $N$ examples. Start at the output, and
# go back layer by layer:
#
# $$dZ^{[L]} = \frac{A^{[L]} - Y}{N}, \qquad dW^{[l]} = A^{[l-1]\top} dZ^{[l]}, \qquad
# db^{[l]} = \sum_n dZ^{[l]}_n$$
#
# $$dA^{[l-1]} = dZ^{[l]}\, W^{[l]\top}, \qquad dZ^{[l-1]} = dA^{[l-1]} \odot
# \operatorname{ReLU}'(Z^{[l-1]})$$
#
# Here $\odot$ multiplies entry by entry. The function gets the activations `As` of exercise 2, not
# the $Z$: a ReLU's output tells whether its input was positive. Mind the count: `As` begins with
# `X`, so that `Ws[0]` reads `As[0]` and gives `As[1]`.
#
# Difficulty 4 of 5, importance 5 of 5, about 25 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(Y, As, Ws):
    """Return the lists dWs, dbs: dWs[l] has the shape of Ws[l], dbs[l] that of its biases.

    Y: targets, 0 or 1, shape (N, 1)    As: L + 1 activations, from X to the output, (N, 1)
    Ws: L weight matrices
    """
    ### BEGIN SOLUTION
    dWs, dbs = [None] * len(Ws), [None] * len(Ws)
    dZ = (As[-1] - Y) / len(Y)
    for index in reversed(range(len(Ws))):
        dWs[index] = As[index].T @ dZ
        dbs[index] = dZ.sum(axis=0)
        if index > 0:
            dZ = (dZ @ Ws[index].T) * (As[index] > 0)
    return dWs, dbs
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("backward", backward)

# %% [markdown]
# ## Exercise 4: the numerical gradient
#
# How do you know that a gradient is right? Nudge one entry of `x` up by $h$ and down by $h$, leave
# all others where they are, and see how much the function changes:
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h\,e_i) - f(x - h\,e_i)}{2h}$$
#
# where $e_i$ is 1 at entry $i$ and 0 elsewhere. Do this for every entry. `x` may have any shape,
# and it may hold whole numbers; `f` takes an array of that shape and returns one number.
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, x, h=1e-5):
    """Return the gradient of f at x by central differences: an array in the shape of x.

    f: function from an array to a number    x: array of any shape    h: the step
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)  # astype copies
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-numerical_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("numerical_gradient", numerical_gradient)

# %% [markdown]
# ## Exercise 5: the gradient check
#
# Compare a gradient $g$ that you derived with a numerical one $\tilde g$. Return how large the
# worst difference is, in relation to the largest entry of both arrays, and where it is:
#
# $$\text{error} = \frac{\max_i |g_i - \tilde g_i|}{\max\left(\max_i |g_i|,\; \max_i |\tilde
# g_i|\right)}$$
#
# Where both gradients are all zeros they agree, and the error is 0. The index is one number for
# each axis: for the entry in row 2, column 0 return `(2, 0)`. An error below $10^{-6}$ is what a
# right gradient has in float64; above $10^{-3}$ look for a bug, at that index.
#
# Difficulty 2 of 5, importance 4 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "gradient_check", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_check(gradient, numerical):
    """Return error, index: the relative error and the place of the worst entry.

    gradient, numerical: arrays of the same shape
    """
    ### BEGIN SOLUTION
    difference = np.abs(gradient - numerical)
    size = max(np.abs(gradient).max(), np.abs(numerical).max())
    error = difference.max() / size if size > 0 else 0.0
    return error, np.unravel_index(difference.argmax(), difference.shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-gradient_check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("gradient_check", gradient_check)

# %% [markdown]
# When exercises 2 to 5 work, put them to the test on each other. This checks one weight matrix of
# your own `backward`:
#
# ```python
# rng = np.random.default_rng(0)
# x, t = rng.normal(size=(5, 3)), np.array([[0], [1], [1], [0], [1]])
# ws, bs = [rng.normal(size=(3, 4)), rng.normal(size=(4, 1))], [np.zeros(4), np.zeros(1)]
#
# def loss_of_first(W):
#     a = forward(x, [W, ws[1]], bs)[-1]
#     return -np.mean(t * np.log(a) + (1 - t) * np.log(1 - a))
#
# dws, _ = backward(t, forward(x, ws, bs), ws)
# gradient_check(dws[0], numerical_gradient(loss_of_first, ws[0]))
# ```

# %% [markdown]
# ## Exercise 6: find three bugs
#
# One step of gradient descent for another network: **sigmoid** in the hidden layer, sigmoid at the
# output, and the **mean squared error**
#
# $$L = \frac{1}{N} \sum_{n=1}^{N} \left(a^{[2]}_n - y_n\right)^2$$
#
# with one output. The code runs without an error. But train with it, and the loss wanders about and
# soon becomes `nan`: **three** lines are wrong. You met each of these bugs, or its cousin, in the
# lesson. Mend them.
#
# Go about it as you would in real life. Ask *where* the first wrong number is, beginning at the
# output: your numerical gradient knows. Then *in which line's output* it first appears. Then *why*.
# The hints follow these three questions.
#
# Difficulty 3 of 5, importance 5 of 5, about 15 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(X, Y, W1, b1, W2, b2, eta):
    """Return W1, b1, W2, b2 after one step, in the shapes that they had.

    X: shape (N, D)    W1: shape (D, H)    b1: shape (H,)
    Y: shape (N, 1)    W2: shape (H, 1)    b2: shape (1,)
    """
    ### BEGIN SOLUTION
    #: Z1 = X @ W1 + b1
    #: A1 = sigmoid(Z1)
    #: A2 = sigmoid(A1 @ W2 + b2)
    #:
    #: dZ2 = A2 - Y
    #: dW2 = A1.T @ dZ2
    #: db2 = dZ2.sum(axis=0)
    #: dZ1 = (dZ2 @ W2.T) * Z1 * (1 - Z1)
    #: dW1 = X.T @ dZ1
    #: db1 = dZ1.sum(axis=0)
    #:
    #: W1 = W1 - eta * dW1
    #: b1 = b1 - eta * db2
    #: W2 = W2 - eta * dW2
    #: b2 = b2 - eta * db2
    #: return W1, b1, W2, b2
    Z1 = X @ W1 + b1
    A1 = sigmoid(Z1)
    A2 = sigmoid(A1 @ W2 + b2)

    dZ2 = 2 / len(Y) * (A2 - Y) * A2 * (1 - A2)
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0)
    dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)

    W1 = W1 - eta * dW1
    b1 = b1 - eta * db1
    W2 = W2 - eta * dW2
    b2 = b2 - eta * db2
    return W1, b1, W2, b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("step", step)

# %% [markdown]
# ## Exercise 7: train XOR
#
# The whole of it in one function: a 2-3-1 network with sigmoids in both layers learns XOR, four
# examples at a time, with the squared error of the lesson, which is a sum over the examples:
#
# $$L = \frac{1}{2} \sum_{n=1}^{4} \left(a^{[2]}_n - y_n\right)^2, \qquad
# dZ^{[2]} = (A^{[2]} - Y) \odot A^{[2]} \odot (1 - A^{[2]})$$
#
# In each epoch: forward, note the loss, all gradients, then one step for all four parameters. The
# starting weights are given. The check trains for 1,000 epochs at a learning rate of 4, which is
# large, but XOR bears it; the loss must end below 0.005 and each output within 0.1 of its target.
#
# Difficulty 3 of 5, importance 5 of 5, about 20 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "train_xor", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_xor(X, Y, W1, b1, W2, b2, epochs, eta):
    """Return A2, losses: the outputs after training, and one loss for each epoch.

    X: shape (4, 2)     W1: shape (2, 3)    b1: shape (3,)
    Y: shape (4, 1)     W2: shape (3, 1)    b2: shape (1,)
    A2: shape (4, 1)    losses[0] belongs to the starting weights
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        A1 = sigmoid(X @ W1 + b1)
        A2 = sigmoid(A1 @ W2 + b2)
        losses.append(0.5 * np.sum((A2 - Y) ** 2))

        dZ2 = (A2 - Y) * A2 * (1 - A2)
        dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)

        W2 = W2 - eta * A1.T @ dZ2
        b2 = b2 - eta * dZ2.sum(axis=0)
        W1 = W1 - eta * X.T @ dZ1
        b1 = b1 - eta * dZ1.sum(axis=0)
    A2 = sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2)
    return A2, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-train_xor", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("train_xor", train_xor)

# %% [markdown]
# When `train_xor` works, this draws the loss of your own network. Then try the lesson's learning
# rate of 0.1 with 10,000 epochs, and see the plateau.
#
# ```python
# X, y = xor()
# rng = np.random.default_rng(42)
# start = [rng.uniform(size=shape) for shape in ((2, 3), 3, (3, 1), 1)]
# outputs, losses = train_xor(X, y.reshape(4, 1), *start, epochs=1000, eta=4.0)
# print(outputs.round(2))
# plots.curves(losses)
# ```

# %% [markdown]
# ## Exercise 8: a computation graph that differentiates itself
#
# So far you derived each gradient for one network. This last exercise does it once and for all, as
# PyTorch and TensorFlow do it. A `Node` is one number in a computation graph. It remembers the
# nodes it was computed from (`parents`) and, for each of them, how fast it grows with that parent
# (`slopes`, the local derivatives). So $c = a \cdot b$ has the parents $(a, b)$ and the slopes $(b,
# a)$.
#
# `backward` is called on the last node, the loss $L$. It sets `grad` of every node $v$ before it
# to $\partial L/\partial v$, by the chain rule over all nodes $u$ that use $v$:
#
# $$\frac{\partial L}{\partial v} = \sum_{u \text{ uses } v} \frac{\partial L}{\partial u} \cdot
# \frac{\partial u}{\partial v}$$
#
# The sum is the point: a node that is used twice gets two shares. And a node may send its gradient
# on only when all its own shares have come in, so the order matters. The constructor, and the two
# lines that let you write `2 * a`, are done. Write `+`, `*`, `sigmoid` and `backward`. The other
# operand of `+` and `*` may be a plain number.
#
# Difficulty 5 of 5, importance 3 of 5, about 35 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "Node", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
#: class Node:
#:     """One number in a computation graph.
#:
#:     value: the number    grad: dL/d(this node), 0 until backward is called on L
#:     parents: the nodes it was computed from
#:     slopes: for each parent, the derivative of this node with respect to it
#:     """
#:
#:     def __init__(self, value, parents=(), slopes=()):
#:         self.value, self.parents, self.slopes = value, parents, slopes
#:         self.grad = 0.0
#:
#:     def __add__(self, other):
#:         """Return the Node of self + other. `other` may be a plain number."""
#:         # YOUR CODE HERE
#:         raise NotImplementedError
#:
#:     def __mul__(self, other):
#:         """Return the Node of self * other. `other` may be a plain number."""
#:         # YOUR CODE HERE
#:         raise NotImplementedError
#:
#:     __radd__ = __add__  # for 2 + a
#:     __rmul__ = __mul__  # for 2 * a
#:
#:     def sigmoid(self):
#:         """Return the Node of 1 / (1 + exp(-self))."""
#:         # YOUR CODE HERE
#:         raise NotImplementedError
#:
#:     def backward(self):
#:         """Set grad, in this node and all before it, to d(this node)/d(that node)."""
#:         # YOUR CODE HERE
#:         raise NotImplementedError
class Node:
    """One number in a computation graph."""

    def __init__(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes = value, parents, slopes
        self.grad = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        return Node(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        return Node(self.value * other.value, (self, other), (other.value, self.value))

    __radd__ = __add__
    __rmul__ = __mul__

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.value))
        return Node(s, (self,), (s * (1 - s),))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            """List a node behind everything that it was computed from."""
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += node.grad * slope


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-Node", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("Node", Node)

# %% [markdown]
# When `Node` works, let it do a hand calculation for you: one neuron, its loss, and every gradient
# without a formula of yours.
#
# ```python
# w, x, b, y = Node(0.5), Node(2.0), Node(-0.5), 1.0
# error = (w * x + b).sigmoid() + (-y)
# loss = 0.5 * error * error
# loss.backward()
# print(loss.value, w.grad, b.grad)
# ```
#
# That is all there is inside the large frameworks, times a few thousand operations and a fast way
# to run them. In module 4 you turn to what the gradient is *of*, the loss, and to better ways of
# walking down it than one step of fixed size.
