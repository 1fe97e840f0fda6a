# %% [markdown]
# # 5. A network with softmax: exercises
#
# Nine exercises, 20 points, about two hours. You write the network of the lesson yourself,
# function by function: 3 inputs, 4 hidden units, 2 classes. You find two bugs in a step of
# gradient descent that looks right and even learns. Then you take the network for handwritten
# digits from 94 % to more than 97 %.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("softmax")`: there
# are three hints for each exercise, and each tells more than the one before.
#
# **Notation.** $N$ examples, $D$ features, $H$ hidden units, $C$ classes. `X` has shape
# `(N, D)`, one example in each row. `dW1` is $\partial L/\partial W^{[1]}$, and so on.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib import plots
from nnlib.datasets import digits, three_bit

X, Y = three_bit()
print(np.hstack([X, Y]).astype(int))  # three inputs, then the two columns of the target

# %% [markdown]
# ## Exercise 1: softmax
#
# Turn scores into probabilities, row by row:
#
# $$p_{nc} = \frac{e^{z_{nc}}}{\sum_k e^{z_{nk}}}$$
#
# All of `P` lies between 0 and 1, and each row adds up to 1. Scores may be as large as 1000 or as
# small as −1000; `np.exp(1000)` is `inf`. You know from module 2 what to do about it.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(Z):
    """Return the softmax of each row of the scores Z, shape (N, C), as an array of this shape."""
    ### BEGIN SOLUTION
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-softmax", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("softmax", softmax)

# %% [markdown]
# ## Exercise 2: initialise the weights
#
# Draw the weights from a normal distribution whose standard deviation depends on how many numbers
# the layer reads, and let the biases start at zero:
#
# $$W^{[1]}_{ij} \sim \mathcal{N}\!\left(0, \tfrac{1}{D}\right), \quad b^{[1]} = 0, \qquad
# W^{[2]}_{jk} \sim \mathcal{N}\!\left(0, \tfrac{1}{H}\right), \quad b^{[2]} = 0$$
#
# Mind that $\tfrac{1}{D}$ is the variance; the standard deviation is its root. All random numbers
# come from `np.random.default_rng(seed)`: the same seed must give the same weights, and another
# seed others.
#
# Difficulty 2 of 5, importance 4 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "initialise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initialise(n_inputs, n_hidden, n_outputs, seed):
    """Return the starting parameters of a network with one hidden layer.

    W1: shape (n_inputs, n_hidden)     b1: shape (n_hidden,)
    W2: shape (n_hidden, n_outputs)    b2: shape (n_outputs,)
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    W1 = rng.normal(size=(n_inputs, n_hidden)) / np.sqrt(n_inputs)
    b1 = np.zeros(n_hidden)
    W2 = rng.normal(size=(n_hidden, n_outputs)) / np.sqrt(n_hidden)
    b2 = np.zeros(n_outputs)
    return W1, b1, W2, b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-initialise", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("initialise", initialise)

# %% [markdown]
# ## Exercise 3: forward
#
# Send the examples through the network. The hidden activation is tanh, the output is softmax:
#
# $$Z^{[1]} = X W^{[1]} + b^{[1]}, \quad A^{[1]} = \tanh Z^{[1]}, \quad
# Z^{[2]} = A^{[1]} W^{[2]} + b^{[2]}, \quad P = \operatorname{softmax}(Z^{[2]})$$
#
# Use your `softmax`.
#
# Difficulty 2 of 5, importance 5 of 5, about 8 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(X, W1, b1, W2, b2):
    """Return Z1, A1, Z2, P for the examples X, shape (N, D).

    Z1 and A1 have shape (N, H), Z2 and P have shape (N, C).
    """
    ### BEGIN SOLUTION
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    P = softmax(Z2)
    return Z1, A1, Z2, P
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("forward", forward)

# %% [markdown]
# ## Exercise 4: cross-entropy
#
# The loss is the mean over the examples of minus the logarithm of the probability that the
# network gave to the true class:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} y_{nc} \log p_{nc}$$
#
# A probability may be exactly 0. At a wrong class that costs nothing: $0 \cdot \log 0$ counts as
# 0. At the true class the loss would be infinite; return a large finite number instead. To keep
# probabilities at or above a tiny number such as `1e-12` does both.
#
# Difficulty 2 of 5, importance 5 of 5, about 10 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(P, Y):
    """Return the mean cross-entropy, one number.

    P: probabilities, shape (N, C)    Y: one-hot targets, shape (N, C)
    """
    ### BEGIN SOLUTION
    p = np.sum(P * Y, axis=1)
    return -np.mean(np.log(np.maximum(p, 1e-12)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("cross_entropy", cross_entropy)

# %% [markdown]
# ## Exercise 5: backward
#
# Compute the gradient of the mean cross-entropy with respect to all four parameters:
#
# $$dZ^{[2]} = \frac{P - Y}{N}, \qquad dW^{[2]} = A^{[1]\top} dZ^{[2]}, \qquad
# db^{[2]} = \sum_n dZ^{[2]}_n$$
#
# $$dA^{[1]} = dZ^{[2]} W^{[2]\top}, \qquad dZ^{[1]} = dA^{[1]} \odot \tanh'(Z^{[1]}), \qquad
# dW^{[1]} = X^\top dZ^{[1]}, \qquad db^{[1]} = \sum_n dZ^{[1]}_n$$
#
# Here $\odot$ multiplies entry by entry, and the sums run over the examples. The function gets
# `A1`, not `Z1`: write tanh's derivative in terms of `A1`.
#
# Each of the four gradients earns its own point.
#
# Difficulty 4 of 5, importance 5 of 5, about 20 minutes, 4 points.


# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(X, Y, W2, A1, P):
    """Return dW1, db1, dW2, db2, each with the shape of its parameter.

    X: shape (N, D)     Y, P: shape (N, C)
    A1: shape (N, H)    W2: shape (H, C)
    """
    ### BEGIN SOLUTION
    dZ2 = (P - Y) / len(X)
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1**2)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW1, db1, dW2, db2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("backward", backward)

# %% [markdown]
# ## Exercise 6: find the bugs
#
# This is one step of gradient descent for another network: the hidden activation is ReLU, and
# `dZ2` $= (P - Y)/N$ is given. The code runs without an error, and the loss falls. Yet **two**
# lines are wrong, or stand in the wrong place. Mend them.
#
# Go about it as you would in real life. Ask *where* the first wrong number is: which of the
# parameters comes out wrong? Then *which line* made it: print shapes and values line by line. Then
# *why*. The hints of this exercise follow these three questions.
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(X, A1, dZ2, W1, b1, W2, b2, learning_rate):
    """Return W1, b1, W2, b2 after one step of gradient descent, in the shapes that they had."""
    ### BEGIN SOLUTION
    #: dW2 = A1.T @ dZ2
    #: db2 = dZ2.sum()
    #: W2 = W2 - learning_rate * dW2
    #: b2 = b2 - learning_rate * db2
    #:
    #: dA1 = dZ2 @ W2.T
    #: dZ1 = dA1 * (A1 > 0)  # the derivative of ReLU
    #: dW1 = X.T @ dZ1
    #: db1 = dZ1.sum(axis=0)
    #: W1 = W1 - learning_rate * dW1
    #: b1 = b1 - learning_rate * db1
    #: return W1, b1, W2, b2
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0)

    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (A1 > 0)  # the derivative of ReLU
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)

    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    return W1, b1, W2, b2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("step", step)

# %% [markdown]
# ## Exercise 7: train
#
# Put the pieces together. In each epoch: run `forward` on all examples, note the loss, run
# `backward`, and then move every parameter one step against its gradient:
#
# $$W \leftarrow W - \eta \, \frac{\partial L}{\partial W}, \qquad
# b \leftarrow b - \eta \, \frac{\partial L}{\partial b}$$
#
# The starting parameters are given. Use your functions of exercises 3, 4 and 5. The check trains
# on the four patterns for 1,000 epochs at learning rate 0.5, which leads as far as the lesson's
# 5,000 at 0.1; the loss must end below 0.002.
#
# Difficulty 3 of 5, importance 5 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, Y, W1, b1, W2, b2, epochs, learning_rate):
    """Return (W1, b1, W2, b2), losses.

    The first is the trained parameters. losses holds one loss for each epoch, noted before its
    step: losses[0] belongs to the starting parameters.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        _, A1, _, P = forward(X, W1, b1, W2, b2)
        losses.append(cross_entropy(P, Y))
        dW1, db1, dW2, db2 = backward(X, Y, W2, A1, P)
        W1 = W1 - learning_rate * dW1
        b1 = b1 - learning_rate * db1
        W2 = W2 - learning_rate * dW2
        b2 = b2 - learning_rate * db2
    return (W1, b1, W2, b2), losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-train", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("train", train)

# %% [markdown]
# When `initialise` and `train` work, this draws the loss of your own network. The scale is
# logarithmic, so that you can see it fall all the way.
#
# ```python
# weights, losses = train(X, Y, *initialise(3, 4, 2, seed=42), epochs=5000, learning_rate=0.1)
# plots.curves(losses, log=True)
# ```

# %% [markdown]
# ## Exercise 8: predict
#
# Name the class of each example: the one with the largest probability, counted from 0.
#
# $$\hat{y}_n = \operatorname*{arg\,max}_c \; p_{nc}$$
#
# Difficulty 1 of 5, importance 4 of 5, about 4 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(X, W1, b1, W2, b2):
    """Return the predicted class of each example: whole numbers, shape (N,)."""
    ### BEGIN SOLUTION
    _, _, _, P = forward(X, W1, b1, W2, b2)
    return P.argmax(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-predict", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("predict", predict)

# %% [markdown]
# ## Exercise 9: digits, better than 97 %
#
# The lesson's `NeuralNetwork` (64 inputs, 64 sigmoid units, 10 classes) and `Trainer` (full batch,
# learning rate 0.1, 1,000 epochs) name 94 % of the test digits rightly. Its training loss was
# still falling when it stopped. Do better: copy both classes from the lesson into the cell, and
# improve them. The levers, in the order in which they usually pay:
#
# 1. **Mini-batches.** One pass over 1,438 pictures is one step with the full batch, and 45 steps
#    with batches of 32. Draw a new order in each epoch.
# 2. **ReLU** in the hidden layer: it does not saturate. Start its weights with variance $2/D$.
# 3. **Momentum or Adam**, as in module 4.
# 4. **Tuning**: learning rate, number of hidden units, number of epochs.
#
# Watch the training loss and the loss on pictures that you did not train on. To choose between
# settings, hold back a part of `X_train`, and keep the test set for the very end. A setting that
# was picked *because* it did well on the test set looks better than it is.
#
# `train_digits` puts it all together. All its random numbers must come from `seed`. The check runs
# it with three seeds and takes the mean of the three test accuracies: one run alone is partly
# luck. You earn one point at 95 % and two more at 97 %. Grading uses other seeds, so do not stop at
# 97.0 %. Keep a run below two seconds.
#
# Difficulty 4 of 5, importance 5 of 5, about 30 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "train_digits", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
#: class NeuralNetwork:
#:     """One hidden layer and a softmax output. Start from the lesson's class and improve it."""
#:
#:
#: class Trainer:
#:     """Trains a network and notes its losses. Start from the lesson's class and improve it."""
#:
#:
#: def train_digits(X_train, Y_train, X_test, seed):
#:     """Train on the training pictures; return the predicted digits of the test pictures.
#:
#:     X_train: shape (1438, 64), from 0 to 1    Y_train: one-hot, shape (1438, 10)
#:     X_test: shape (359, 64)                   returns: whole numbers 0 to 9, shape (359,)
#:     """
#:     # YOUR CODE HERE
#:     raise NotImplementedError
class NeuralNetwork:
    """One hidden layer of ReLU units and a softmax output."""

    def __init__(self, n_inputs, n_hidden, n_outputs, rng):
        self.W1 = rng.normal(size=(n_inputs, n_hidden)) * np.sqrt(2 / n_inputs)
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.normal(size=(n_hidden, n_outputs)) * np.sqrt(1 / n_hidden)
        self.b2 = np.zeros(n_outputs)

    def forward(self, X):
        """Return the hidden activations (N, H) and the probabilities (N, C)."""
        A1 = np.maximum(X @ self.W1 + self.b1, 0)
        return A1, softmax(A1 @ self.W2 + self.b2)

    def loss_and_gradients(self, X, Y):
        """Return the mean cross-entropy, and its gradients dW1, db1, dW2, db2."""
        A1, P = self.forward(X)
        dZ2 = (P - Y) / len(X)
        dZ1 = (dZ2 @ self.W2.T) * (A1 > 0)
        gradients = X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
        return cross_entropy(P, Y), gradients


class Trainer:
    """Trains a network with momentum on mini-batches."""

    def __init__(self, network, rng, learning_rate=0.1, momentum=0.9, batch_size=32):
        self.network, self.rng = network, rng
        self.learning_rate, self.momentum = learning_rate, momentum
        self.batch_size = batch_size
        self.history = {"loss": [], "val_loss": []}

    def fit(self, X, Y, epochs, validation_data=None):
        parameters = [self.network.W1, self.network.b1, self.network.W2, self.network.b2]
        velocities = [np.zeros_like(p) for p in parameters]
        for _ in range(epochs):
            order = self.rng.permutation(len(X))  # a new order in each epoch
            for start in range(0, len(X), self.batch_size):
                rows = order[start : start + self.batch_size]
                _, gradients = self.network.loss_and_gradients(X[rows], Y[rows])
                for p, v, g in zip(parameters, velocities, gradients, strict=True):
                    v *= self.momentum
                    v -= self.learning_rate * g
                    p += v  # in place: the network's own arrays change
            self.history["loss"].append(cross_entropy(self.network.forward(X)[1], Y))
            if validation_data is not None:
                X_val, Y_val = validation_data
                loss = cross_entropy(self.network.forward(X_val)[1], Y_val)
                self.history["val_loss"].append(loss)
        return self.history


def train_digits(X_train, Y_train, X_test, seed):
    """Train on the training pictures; return the predicted digits of the test pictures."""
    rng = np.random.default_rng(seed)
    network = NeuralNetwork(64, 64, 10, rng)
    Trainer(network, rng).fit(X_train, Y_train, epochs=20)
    return network.forward(X_test)[1].argmax(axis=1)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check-train_digits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("train_digits", train_digits)

# %% [markdown]
# To look at the data, and at your own network, try this in a new cell. The last tenth of the
# training pictures is held back to choose settings by:
#
# ```python
# (X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
# guess = train_digits(X_train[:-144], Y_train[:-144], X_train[-144:], seed=1)
# print(np.mean(guess == Y_train[-144:].argmax(axis=1)))
# ```
#
# That is the whole course so far in one notebook: a network, its gradient, and a training loop,
# all yours. In module 6 you meet the same network in Keras, in a few lines, and you will know
# what each of them does.
