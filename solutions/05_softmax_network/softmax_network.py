# %% [markdown]
# # 5. A network with softmax
#
# So far your networks answered yes or no. This one chooses among classes: two at first, then ten.
# You build it whole, from the first random weight to the last prediction, and you find out why
# one wrong factor, which is printed in many tutorials, makes a network slowest exactly where it is
# most wrong.
#
# **You will be able to**
#
# - initialise a network with one hidden layer, and say what shape everything has and why;
# - compute softmax and cross-entropy without overflow and without $\log 0$;
# - derive $\partial L / \partial Z = (P - Y)/N$, and tell it from the popular wrong rule;
# - train the network, and check its gradient before you trust it;
# - train a network on handwritten digits, and read its losses, its accuracy and its mistakes.
#
# **You need first:** softmax (module 2), backpropagation (module 3), gradient descent and
# cross-entropy (module 4).
#
# **Time:** about 75 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import numpy as np

from nnlib import plots, widgets
from nnlib.datasets import digits, three_bit

np.set_printoptions(precision=4, suppress=True)

plots.network([3, 4, 2], title="Three inputs, four hidden units, two classes")

# %% [markdown]
# ## Four patterns, two classes
#
# The data are small enough to know by heart: four patterns of three bits.

# %%
X, Y = three_bit()
print("   X          Y")
for x, y in zip(X, Y, strict=True):
    print(x, y)

# %% [markdown]
# Each row of `X` is one example, so `X` has shape (4, 3): examples, features. Each row of `Y` is
# **one-hot**: a 1 in the column of the true class, 0 elsewhere. `[0, 1]` says "class 1".
#
# Why not write the class as a number, 0 or 1, or for digits 0 to 9? Because the network's answer
# will be one probability for each class, and the one-hot row is the answer that we would like
# best: all the probability on the true class. Target and output then have the same shape, and
# their difference means something. It will turn out to mean nearly everything.
#
# What is the rule behind these four patterns? Look at the first two bits: the class is 1 where
# exactly one of them is set. That is exclusive or, which no single neuron can do (module 1).
# Keep this rule in mind. We come back to it.

# %% [markdown]
# ## Shapes, and how to start
#
# The network has $D = 3$ inputs, $H = 4$ hidden units and $C = 2$ classes. It does two things
# twice: a weighted sum, and an activation.
#
# | what | symbol | code | shape | here |
# |---|---|---|---|---|
# | inputs | $X$ | `X` | $(N, D)$ | (4, 3) |
# | weights into the hidden layer | $W^{[1]}$ | `W1` | $(D, H)$ | (3, 4) |
# | its biases | $b^{[1]}$ | `b1` | $(H,)$ | (4,) |
# | weights into the output layer | $W^{[2]}$ | `W2` | $(H, C)$ | (4, 2) |
# | its biases | $b^{[2]}$ | `b2` | $(C,)$ | (2,) |
# | probabilities | $P$ | `P` | $(N, C)$ | (4, 2) |
#
# A weight matrix has one row for each number that the layer reads, and one column for each unit
# that it has. The bias has one number for each unit, and NumPy adds it to every row
# (broadcasting). In total there are $3 \cdot 4 + 4 + 4 \cdot 2 + 2 = 26$ parameters.
#
# Weights start random and small, biases at zero. *Random*, since units that start equal stay equal.
# *Small*, so that no activation is saturated at the start. A unit that reads $n$ inputs adds up
# $n$ terms. To keep that sum near size 1, give each weight the standard deviation $1/\sqrt{n}$
# (LeCun and others, 1998):
#
# $$W^{[1]}_{ij} \sim \mathcal{N}\!\left(0, \tfrac{1}{D}\right), \qquad
# W^{[2]}_{jk} \sim \mathcal{N}\!\left(0, \tfrac{1}{H}\right)$$

# %%
rng = np.random.default_rng(42)
W1 = rng.normal(size=(3, 4)) / np.sqrt(3)
print(W1)

# %% [markdown]
# The generator comes from a **seed**, here 42. Same seed, same weights: your run can be repeated,
# by you tomorrow or by someone who does not believe you.

# %% [markdown]
# ## Forward: from inputs to probabilities
#
# $$Z^{[1]} = X W^{[1]} + b^{[1]}, \qquad A^{[1]} = \tanh Z^{[1]}, \qquad
# Z^{[2]} = A^{[1]} W^{[2]} + b^{[2]}, \qquad P = \operatorname{softmax}(Z^{[2]})$$
#
# $$p_{nc} = \frac{e^{z_{nc}}}{\sum_k e^{z_{nk}}}$$
#
# The numbers in $Z^{[2]}$ are **scores**, also called **logits**: one for each class, of any size
# and sign. Softmax makes each row into probabilities, which are positive and add up to 1.
#
# ### By hand
#
# We take the third pattern, $x = (1, 0, 0)$, whose class is 1, and weights that are easy to
# calculate with. All biases are zero.
#
# $$W^{[1]} = \begin{pmatrix} 0.5 & -0.5 & 1 & 0 \\ 0.2 & 0.4 & -0.3 & 0.1 \\
# -0.4 & 0.3 & 0.2 & 0.6 \end{pmatrix}, \qquad
# W^{[2]} = \begin{pmatrix} 1 & 0 \\ 0 & 1 \\ 1 & -1 \\ 0.5 & 0.5 \end{pmatrix}$$
#
# 1. $x$ picks out the first row of $W^{[1]}$: $z^{[1]} = (0.5,\ -0.5,\ 1,\ 0)$.
# 2. tanh of each: $a^{[1]} = (0.4621,\ -0.4621,\ 0.7616,\ 0)$.
# 3. The scores: $z^{[2]}_0 = 0.4621 + 0.7616 = 1.2237$, and
#    $z^{[2]}_1 = -0.4621 - 0.7616 = -1.2237$. (The fourth unit says 0 and adds nothing.)
# 4. $e^{1.2237} = 3.3998$ and $e^{-1.2237} = 0.2941$; together $3.6939$. Divided by their sum:
#    $p = (0.9204,\ 0.0796)$.
#
# The network is 92 % sure of class 0. It is wrong. Good: a network that is right teaches us
# nothing about learning.

# %%
x, y = X[2:3], Y[2:3]  # the slice 2:3 keeps the shapes (1, 3) and (1, 2): a batch of one

W1 = np.array([[0.5, -0.5, 1.0, 0.0], [0.2, 0.4, -0.3, 0.1], [-0.4, 0.3, 0.2, 0.6]])
b1 = np.zeros(4)
W2 = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0], [0.5, 0.5]])
b2 = np.zeros(2)

Z1 = x @ W1 + b1
A1 = np.tanh(Z1)
Z2 = A1 @ W2 + b2
P = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)

for name, value in (("Z1", Z1), ("A1", A1), ("Z2", Z2), ("P ", P)):
    print(name, value)

# %% [markdown]
# ### Softmax sees only differences
#
# Add 1000 to both scores, and the probabilities stay what they are: $e^{z + c} = e^z e^c$, and the
# factor $e^c$ cancels in the fraction. Mathematics does not mind. Your computer does:

# %%
with np.errstate(over="ignore", invalid="ignore"):  # we know what is coming
    shifted = Z2 + 1000
    print("naively:            ", np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))


def softmax(Z):
    """Each row of scores as probabilities."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))  # the largest exponent is now 0
    return E / E.sum(axis=1, keepdims=True)


print("maximum subtracted: ", softmax(shifted))

assert np.allclose(softmax(Z2), P)
assert np.allclose(softmax(shifted), P)

# %% [markdown]
# Move the scores and watch. Raise one score by 1: every *ratio* to it changes by the factor
# $e \approx 2.718$. Raise all three together: nothing happens. Can you get a probability of
# exactly 0?


# %%
def draw_softmax(z0=2.0, z1=1.0, z2=0.1):
    scores = np.array([[z0, z1, z2]])
    p = softmax(scores)[0]
    fig = plots.figure(size=(6.5, 3.0))
    ax = fig.subplots()
    ax.barh([0, 1, 2], p, height=0.6, color="#0065A3")
    for c in range(3):
        ax.text(p[c] + 0.01, c, f"{p[c]:.3f}", va="center", fontsize=12)
    ax.set_yticks([0, 1, 2], [f"class {c}, score {scores[0, c]:g}" for c in range(3)])
    ax.set(xlim=(0, 1.12), xlabel="probability")
    ax.spines[["top", "right"]].set_visible(False)
    ax.invert_yaxis()
    fig.alt_text = (
        f"Softmax of the scores {z0:g}, {z1:g} and {z2:g}: the probabilities are "
        f"{p[0]:.3f}, {p[1]:.3f} and {p[2]:.3f}."
    )
    return fig


widgets.explore(
    draw_softmax,
    {
        "z0": widgets.Slider("score of class 0", 2.0, -6.0, 6.0, 0.1),
        "z1": widgets.Slider("score of class 1", 1.0, -6.0, 6.0, 0.1),
        "z2": widgets.Slider("score of class 2", 0.1, -6.0, 6.0, 0.1),
    },
)

# %% [markdown]
# ## Cross-entropy: how wrong is it?
#
# Look at the probability that the network gave to the *true* class. If it is 1, the example costs
# nothing. The smaller it is, the more it costs:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} y_{nc} \log p_{nc}$$
#
# The inner sum looks longer than it is: $y_{nc}$ is 0 for all classes but the true one, so that
# just one logarithm survives. The outer sum with $1/N$ is the mean over the *examples*.
#
# | probability of the true class | 1 | 0.9 | 0.5 | 0.1 | 0.01 |
# |---|---|---|---|---|---|
# | cost $-\log p$ | 0 | 0.1054 | 0.6931 | 2.3026 | 4.6052 |
#
# In our example the true class has $p_1 = 0.0796$, so $L = -\log 0.0796 = 2.5304$. (With the
# rounded 0.0796 your pocket calculator says 2.5307.)
#
# Remember 0.6931. It is $\log 2$: the loss of a network that knows nothing and says "fifty-fifty"
# to two classes. For ten classes, that is $\log 10 = 2.3026$. If your first loss is far above it,
# the network starts out sure of wrong things: the starting weights are too large.


# %%
def cross_entropy(P, Y):
    """The mean over the examples of -log(probability of the true class)."""
    p = np.sum(P * Y, axis=1)  # picks the true class's probability out of each row
    return -np.mean(np.log(np.maximum(p, 1e-12)))  # log(0) would be -inf


print(f"loss of our example: {cross_entropy(P, y):.4f}")
print(f"fifty-fifty:         {cross_entropy(np.full((4, 2), 0.5), Y):.4f}")
print(f"sure, and wrong:     {cross_entropy(np.array([[1.0, 0.0]]), y):.4f}")

# %% [markdown]
# ## Backward: the heart of the matter
#
# To learn, the network must know how the loss changes when a score changes:
# $\partial L/\partial z_k$. Between score and loss lie the softmax and the logarithm.
#
# **Predict first.** Our network gives the true class a probability $p$. Some networks are
# wrong and sure of it ($p$ near 0), some undecided ($p = 0.5$), some right ($p$ near 1). Where
# should the push on the score be largest?
#
# ### The derivation
#
# One example, so we leave out the index $n$. Softmax ties all classes together: raise one score,
# and *every* probability changes. So its derivative is not one number for each class but a matrix,
# the **Jacobian** (module 2):
#
# $$\frac{\partial p_c}{\partial z_k} = p_c \, (\delta_{ck} - p_k), \qquad
# \delta_{ck} = 1 \text{ if } c = k \text{, else } 0$$
#
# The loss is $L = -\sum_c y_c \log p_c$, so $\partial L / \partial p_c = -y_c / p_c$. The chain
# rule adds up over all the ways from $z_k$ to $L$, one through each class:
#
# $$\frac{\partial L}{\partial z_k}
# = \sum_c \left(-\frac{y_c}{p_c}\right) p_c \, (\delta_{ck} - p_k)
# = -\sum_c y_c \, \delta_{ck} + p_k \sum_c y_c
# = -y_k + p_k$$
#
# The $p_c$ cancels, and $\sum_c y_c = 1$. What is left could not be simpler: *what the network said
# minus what it should have said*. For a batch, the mean brings in $1/N$:
#
# $$dZ^{[2]} = \frac{P - Y}{N}$$
#
# ### The popular wrong rule
#
# Many tutorials print something else: `(P - Y) * P * (1 - P)`, with the comment "times the
# derivative of softmax". Two things are wrong with it. $p(1-p)$ is only the diagonal of the
# Jacobian: it forgets that the classes are tied together. And cross-entropy's own derivative,
# $-y_c/p_c$, which would have cancelled the factor, is not there. The rule was copied from another
# network, in which it is right: sigmoid outputs with half the squared error.
#
# What does the factor do? Let us draw both rules: how hard they push, against the
# probability $p$ of the true class. The right push is $1 - p$, the printed one is $p(1-p)^2$.

# %%
p = np.linspace(0, 1, 201)
right, printed = 1 - p, p * (1 - p) ** 2

fig = plots.figure(size=(7.2, 4.0))
ax = fig.subplots()
ax.plot(p, right, color="#0065A3", linewidth=2.4)
ax.plot(p, printed, color="#B34A00", linewidth=2.4, linestyle="--")
ax.text(0.33, 0.71, "right: 1 − p", color="#0065A3", fontsize=13, fontweight="bold")
ax.text(0.36, 0.17, "as printed: p (1 − p)²", color="#B34A00", fontsize=13, fontweight="bold")
ax.annotate(
    "sure and wrong:\nthe push is gone",
    (0.01, 0.01),
    xytext=(0.06, 0.4),
    fontsize=12,
    arrowprops={"arrowstyle": "->"},
)
ax.set_xlabel("probability p of the true class", fontsize=12)
ax.set_ylabel("size of the push on its score", fontsize=12)
ax.spines[["top", "right"]].set_visible(False)
fig.alt_text = (
    "Size of the push on the true class's score, against that class's probability p. The right "
    "rule, 1 minus p, falls in a straight line from 1 at p = 0 to 0 at p = 1. The printed rule, "
    "p times (1 minus p) squared, is 0 at p = 0, at most 0.148 at p = 1/3, and 0 again at p = 1."
)
fig

# %% [markdown]
# That is the surprise: under the printed rule, the surer the network is of a wrong answer, the
# *less* it learns from it. At $p = 0.001$ the right rule pushes with 0.999, the printed one with
# 0.000998: a thousand times more weakly. It never pushes harder than $4/27 \approx 0.148$. And yet
# its sign is right. So the loss does fall, and nothing looks broken.
#
# Do not take the derivation's word for it. Wiggle each score a little and watch the loss:

# %%
scores, target = np.array([[2.0, 1.0, 0.1]]), np.array([[1.0, 0.0, 0.0]])
probabilities = softmax(scores)
h = 1e-6
wiggled = [
    (cross_entropy(softmax(scores + e), target) - cross_entropy(softmax(scores - e), target))
    / (2 * h)
    for e in h * np.eye(3)
]
print("probabilities   ", probabilities[0])
print("by wiggling     ", np.array(wiggled))
print("P - Y           ", (probabilities - target)[0])
print("times P (1 - P) ", ((probabilities - target) * probabilities * (1 - probabilities))[0])

assert np.allclose(wiggled, (probabilities - target)[0])

# %% [markdown]
# ### All the way back
#
# From `dZ2` on, each line reads the line before it, from the output to the input. The gradient of a
# thing always has the shape of the thing, and that tells you where to transpose.
#
# | equation | NumPy | shape |
# |---|---|---|
# | $dZ^{[2]} = (P - Y)/N$ | `dZ2 = (P - Y) / N` | $(N, C)$ |
# | $dW^{[2]} = A^{[1]\top} dZ^{[2]}$ | `dW2 = A1.T @ dZ2` | $(H, C)$ |
# | $db^{[2]} = \sum_n dZ^{[2]}_n$ | `db2 = dZ2.sum(axis=0)` | $(C,)$ |
# | $dA^{[1]} = dZ^{[2]} W^{[2]\top}$ | `dA1 = dZ2 @ W2.T` | $(N, H)$ |
# | $dZ^{[1]} = dA^{[1]} \odot (1 - A^{[1]} \odot A^{[1]})$ | `dZ1 = dA1 * (1 - A1**2)` | $(N, H)$ |
# | $dW^{[1]} = X^\top dZ^{[1]}$ | `dW1 = X.T @ dZ1` | $(D, H)$ |
# | $db^{[1]} = \sum_n dZ^{[1]}_n$ | `db1 = dZ1.sum(axis=0)` | $(H,)$ |
#
# ($\odot$ multiplies entry by entry. $1 - a^2$ is the derivative of tanh, in terms of its output.)
#
# By hand, for our example:
#
# 1. $dz^{[2]} = p - y = (0.9204 - 0,\ 0.0796 - 1) = (0.9204,\ -0.9204)$. The score of class 0
#    must come down, that of class 1 must go up, by the same amount.
# 2. $dW^{[2]}$ has one row for each hidden unit: $a_j$ times $dz^{[2]}$. First row:
#    $0.4621 \cdot (0.9204,\ -0.9204) = (0.4253,\ -0.4253)$. The fourth unit said 0: its row is
#    zero.
# 3. $da^{[1]}$, one entry for each hidden unit:
#    $0.9204 \cdot 1 - 0.9204 \cdot 0 = 0.9204$; then $-0.9204$; then
#    $0.9204 \cdot 1 + 0.9204 \cdot 1 = 1.8407$ (with unrounded numbers); then
#    $0.9204 \cdot 0.5 - 0.9204 \cdot 0.5 = 0$.
# 4. tanh's slopes: $1 - a^2 = (0.7864,\ 0.7864,\ 0.4200,\ 1)$. So
#    $dz^{[1]} = (0.7238,\ -0.7238,\ 0.7731,\ 0)$.
# 5. $dW^{[1]} = x^\top dz^{[1]}$: as $x = (1, 0, 0)$, its first row is $dz^{[1]}$ and the others
#    are zero. A weight whose input was 0 had no part in the mistake, and does not move.

# %%
N = len(x)
dZ2 = (P - y) / N
dW2 = A1.T @ dZ2
db2 = dZ2.sum(axis=0)
dA1 = dZ2 @ W2.T
dZ1 = dA1 * (1 - A1**2)
dW1 = x.T @ dZ1
db1 = dZ1.sum(axis=0)

for name, value in (("dZ2", dZ2), ("dW2", dW2), ("dA1", dA1), ("dZ1", dZ1), ("dW1", dW1)):
    print(name, value, sep="\n")

# %% [markdown]
# One step against this gradient, with learning rate $\eta = 0.1$, and the same example again.
# Beside it, the same step with the printed rule:

# %%
eta = 0.1


def loss_after(dZ2):
    """The loss of our example after one step, where dZ2 is what arrives at the scores."""
    dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
    new_A1 = np.tanh(x @ (W1 - eta * x.T @ dZ1) + b1 - eta * dZ1[0])
    return cross_entropy(softmax(new_A1 @ (W2 - eta * A1.T @ dZ2) + b2 - eta * dZ2[0]), y)


print(f"before the step:   {cross_entropy(P, y):.4f}")
print(f"right gradient:    {loss_after(P - y):.4f}")
print(f"as printed:        {loss_after((P - y) * P * (1 - P)):.4f}")

# %% [markdown]
# From 2.5304 to 1.8853 with the right gradient, only to 2.4815 with the printed one.
#
# ## Find the bug
#
# Before you train, you check the gradient: compute it by backpropagation and by wiggling, and
# compare. Below, they do not agree: one is exactly *twice* the other. There is one mistake in the
# cell. Is it in the gradient, in the wiggling, or in the loss? Mend it and run the cell again.

# %%
check_rng = np.random.default_rng(1)
V1, V2 = check_rng.normal(size=(3, 4)), check_rng.normal(size=(4, 2))


def loss_of(c):
    """The loss on the four patterns when the output biases are c."""
    P = softmax(np.tanh(X @ V1) @ V2 + c)
    return -np.mean(Y * np.log(P))


c = np.array([0.3, -0.2])
P4 = softmax(np.tanh(X @ V1) @ V2 + c)
backpropagated = ((P4 - Y) / len(X)).sum(axis=0)
wiggled = np.array([(loss_of(c + e) - loss_of(c - e)) / (2 * h) for e in h * np.eye(2)])

print("backpropagated", backpropagated)
print("by wiggling   ", wiggled)
print("They agree." if np.allclose(backpropagated, wiggled) else "They do not agree yet.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where is the first wrong number?* Take a network that says fifty-fifty: the loss must be 0.6931,
# but `loss_of` would give 0.3466, half of it. *Which line?* `-np.mean(Y * np.log(P))`. *Why?*
# `Y * np.log(P)` has shape (4, 2), and `np.mean` divides by all 8 entries: by $N \cdot C$, not by
# $N$. The gradient, divided by $N = 4$, was right all the time. Mend the loss:
#
# ```python
# return -np.mean(np.sum(Y * np.log(P), axis=1))
# ```
#
# This one is found in many places. The training does not suffer, since the gradient is right. But
# every loss that you report is too small by the factor $C$. With ten classes your network seems
# ten times better than your neighbour's.
#
# </details>

# %% [markdown]
# ## Train
#
# Gradient descent is a loop: forward, loss, backward, step. Here is the whole network as a class.
# It keeps the three places apart in which people differ, so that we can exchange them afterwards:
# the hidden activation, its way back, and the error at the output.


# %%
class SoftmaxNetwork:
    """Three inputs, four tanh units, two softmax outputs."""

    def __init__(self, seed=42, learning_rate=0.1):
        rng = np.random.default_rng(seed)
        self.W1, self.b1 = rng.normal(size=(3, 4)) / np.sqrt(3), np.zeros(4)
        self.W2, self.b2 = rng.normal(size=(4, 2)) / np.sqrt(4), np.zeros(2)
        self.learning_rate = learning_rate

    def activate(self, Z):
        return np.tanh(Z)

    def back_through(self, dA, A):
        return dA * (1 - A**2)

    def output_error(self, P, Y):
        return (P - Y) / len(Y)

    def predict(self, X):
        """The probabilities, shape (N, 2)."""
        self.A1 = self.activate(X @ self.W1 + self.b1)
        return softmax(self.A1 @ self.W2 + self.b2)

    def train_on_batch(self, X, Y):
        """One step of gradient descent. Returns the loss before the step."""
        P = self.predict(X)
        dZ2 = self.output_error(P, Y)
        dZ1 = self.back_through(dZ2 @ self.W2.T, self.A1)
        self.W1 -= self.learning_rate * X.T @ dZ1
        self.b1 -= self.learning_rate * dZ1.sum(axis=0)
        self.W2 -= self.learning_rate * self.A1.T @ dZ2
        self.b2 -= self.learning_rate * dZ2.sum(axis=0)
        return cross_entropy(P, Y)

    def fit(self, X, Y, epochs=5000):
        return [self.train_on_batch(X, Y) for _ in range(epochs)]


network = SoftmaxNetwork()
losses = network.fit(X, Y)
print(f"loss: {losses[0]:.4f} at the start, {losses[-1]:.5f} after 5,000 epochs")
print(network.predict(X))

assert (network.predict(X).argmax(axis=1) == Y.argmax(axis=1)).all()

# %% [markdown]
# Now watch it happen. Press play. On the right you see what the network says about each pattern
# (bars) and what it should say (diamonds). Try the learning rate, too: what happens at 0.001? And
# at 10?

# %%
widgets.training_view(SoftmaxNetwork, X, Y, epochs=5000, batch_size=None, epochs_per_frame=50)

# %% [markdown]
# ### Predict first: all weights zero
#
# Suppose all weights start at 0 in place of small random numbers. Everything else stays: 5,000
# epochs, learning rate 0.1. What is the loss at the end? (a) about the same, as gradient descent
# finds its way from anywhere; (b) clearly worse, but much better than fifty-fifty; (c) something
# else.

# %%
zero = SoftmaxNetwork()
zero.W1[:], zero.W2[:] = 0, 0
zero_losses = zero.fit(X, Y)
print(f"loss: {zero_losses[0]:.4f} at the start, {zero_losses[-1]:.4f} after 5,000 epochs")

# %% [markdown]
# Not one digit has moved. With all weights zero, `A1` is zero, hence `dW2` is zero. `W2` is zero,
# hence `dA1` and `dW1` are zero. There remains `b2`: its gradient is the mean of $P - Y$, and as
# both classes are equally frequent, that is zero as well. The network sits at 0.6931 for ever.
# Equal weights other than zero would move, but all four hidden units would move alike: four
# copies of one unit. That is the *symmetry* of module 3.
#
# ### Predict first: what has it learned?
#
# The trained network is nearly perfect on its four patterns. There are eight patterns of three
# bits. By the rule that we saw, exclusive or of the first two bits, the other four should be of
# these classes:
#
# | pattern | 0 0 0 | 0 1 1 | 1 0 1 | 1 1 0 |
# |---|---|---|---|---|
# | class by exclusive or | 0 | 1 | 1 | 0 |
#
# How many of these four does the network get right?

# %%
new = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
print("probability of class 1:", network.predict(new)[:, 1])

# %% [markdown]
# None. And it is 99.9 % sure each time. Look at the data again: in all four training patterns, the
# class is also the opposite of the *third bit*. The network did not see our rule in its data, but
# two rules that fit equally well. It took the shorter way: one bit is easier to read than exclusive
# or. Nothing in the data spoke against it.
#
# Two things to keep. A loss near zero says that the network fits its data, not that it has
# understood what you had in mind. And a softmax's 99.9 % is a statement about scores: it does
# not know what it has never seen.

# %% [markdown]
# ## One task, four networks
#
# As commonly printed, the network for these four patterns differs from ours in four places:
#
# 1. the *hidden* activation is softmax,
# 2. its derivative is taken to be `A1 * (1 - A1)`,
# 3. the output error has the factor `P * (1 - P)`,
# 4. the gradient is summed over the examples, not averaged: on four patterns, each step is
#    four times as large.
#
# We train it as it stands; with the mean in place of the sum; with the right gradient; and last,
# our own with tanh.


# %%
class SoftmaxHidden(SoftmaxNetwork):
    """Softmax in the hidden layer, with the right gradient."""

    def activate(self, Z):
        return softmax(Z)

    def back_through(self, dA, A):
        return A * (dA - (dA * A).sum(axis=1, keepdims=True))  # the whole Jacobian


class AsPrinted(SoftmaxHidden):
    def back_through(self, dA, A):
        return dA * A * (1 - A)

    def output_error(self, P, Y):
        return (P - Y) * P * (1 - P)


class AsPrintedMean(AsPrinted):
    def output_error(self, P, Y):
        return super().output_error(P, Y) / len(Y)


kinds = {
    "as printed": AsPrinted,
    "as printed, mean": AsPrintedMean,
    "hidden softmax": SoftmaxHidden,
    "hidden tanh": SoftmaxNetwork,
}
runs = {name: kind().fit(X, Y) for name, kind in kinds.items()}
for name, run in runs.items():
    print(f"{name:18s}{run[-1]:.5f}")

plots.compare_curves(runs, log=True, title="The same data, the same seed, 5,000 epochs")

# %% [markdown]
# The scale is logarithmic: from one grid line to the next is a factor of ten.
#
# | network (seed 42) | step | last loss |
# |---|---|---|
# | as printed: hidden softmax, `P * (1 - P)` | sum over examples | 0.0192 |
# | the same | mean over examples | 0.0483 |
# | hidden softmax, right gradient | mean over examples | 0.0022 |
# | hidden tanh, right gradient | mean over examples | 0.0006 |
#
# The seed matters little: over the seeds 0 to 19, "as printed" ends between 0.019 and 0.024, and
# tanh between 0.0004 and 0.0010, with 0.0005 in the middle.
#
# All four fall. All four name the four patterns rightly. Had you looked only at one of them, you
# would have found nothing wrong. The mistake shows when you compare: even with steps four times as
# large, the printed network ends with nearly 9 times the loss of the right gradient. With the same
# steps, it is 22 times. Nearly all of this is the factor `P * (1 - P)`: with only the hidden
# derivative wrong, the loss would end at 0.0024. As $p$ comes near 1, the printed push fades like
# $(1 - p)^2$, the right one like $1 - p$. So the printed network falls asleep on the last stretch,
# and at the start if it is sure and wrong.
#
# Why is softmax a poor *hidden* activation? Its outputs share one total: all are positive, they add
# up to 1, and if one unit speaks up, the others must fall silent. Four units have to compete where
# they should work side by side. Softmax belongs at the end, where the classes do exclude one
# another.

# %% [markdown]
# ## Handwritten digits
#
# The same network, larger: 64 inputs (pictures of 8 × 8 pixels, from 0 for paper to 1 for ink),
# 64 hidden units, 10 classes. That is $64 \cdot 64 + 64 + 64 \cdot 10 + 10 = 4810$ parameters. Of
# 1,797 pictures, 1,438 are for training. The other 359 are set aside: the **test set**, on which we
# measure and never train.

# %%
(X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
labels = Y_test.argmax(axis=1)
print(X_train.shape, Y_train.shape, X_test.shape, Y_test.shape)

plots.images(X_test[:16], labels[:16])

# %% [markdown]
# We divide the work between two classes. A `NeuralNetwork` knows how to compute: forward, and
# gradients. A `Trainer` knows how to improve it: how many steps, how large, and what to write down.
# Keep them apart, and you can change the one without touching the other.
#
# In this first version, the hidden activation is the sigmoid, and each step uses the full batch:
# all 1,438 pictures. Before each step, the trainer notes the loss on the training and on the test
# pictures. We call the second `val_loss`, as Keras calls the loss on data that is not trained on.


# %%
class NeuralNetwork:
    """One hidden layer of sigmoid units and a softmax output."""

    def __init__(self, n_inputs, n_hidden, n_outputs, rng):
        self.W1 = rng.normal(size=(n_inputs, n_hidden)) / np.sqrt(n_inputs)
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.normal(size=(n_hidden, n_outputs)) / np.sqrt(n_hidden)
        self.b2 = np.zeros(n_outputs)

    def forward(self, X):
        """Return the hidden activations (N, H) and the probabilities (N, C)."""
        A1 = 1 / (1 + np.exp(-(X @ self.W1 + self.b1)))
        return A1, softmax(A1 @ self.W2 + self.b2)

    def loss_and_gradients(self, X, Y):
        """Return the mean cross-entropy, and its gradients dW1, db1, dW2, db2."""
        A1, P = self.forward(X)
        dZ2 = (P - Y) / len(X)
        dZ1 = (dZ2 @ self.W2.T) * A1 * (1 - A1)
        gradients = X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
        return cross_entropy(P, Y), gradients

    def predict(self, X):
        """The most probable class of each picture."""
        return self.forward(X)[1].argmax(axis=1)


class Trainer:
    """Full-batch gradient descent, with a record of the losses."""

    def __init__(self, network, learning_rate=0.1):
        self.network, self.learning_rate = network, learning_rate

    def fit(self, X, Y, epochs, validation_data):
        network, history = self.network, {"loss": [], "val_loss": []}
        parameters = (network.W1, network.b1, network.W2, network.b2)
        X_val, Y_val = validation_data
        for _ in range(epochs):
            loss, gradients = network.loss_and_gradients(X, Y)
            history["loss"].append(loss)
            history["val_loss"].append(cross_entropy(network.forward(X_val)[1], Y_val))
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= self.learning_rate * gradient  # in place: the network's own array
        return history


digit_network = NeuralNetwork(64, 64, 10, np.random.default_rng(0))
history = Trainer(digit_network).fit(X_train, Y_train, 1000, (X_test, Y_test))

accuracy = np.mean(digit_network.predict(X_test) == labels)
print(f"loss {history['loss'][-1]:.3f}, test loss {history['val_loss'][-1]:.3f}")
print(f"test accuracy {accuracy:.1%}")

# %%
plots.curves(history, title="Digits: sigmoid, full batch, learning rate 0.1")

# %% [markdown]
# 94.2 % of the test digits are named rightly: 338 of 359. The first losses are near
# $\log 10 = 2.3$, as they should be. Then look at the right end. Both curves are still falling, and
# they lie on top of one another. (The figure says "validation" where we say test.) This network
# is not at its limit, and it has not begun to learn its pictures by heart. It has only had too
# few steps: 1,000 epochs of one step each.
#
# **How far can you trust the 94.2 %?** Another 359 pictures would have given another number. With
# $n = 359$ and $p = 0.94$ the standard error is $\sqrt{p(1-p)/n} \approx 1.3$ percentage points. We
# tried: split the data in five different ways (`seed=0` to `4`), and the same training reaches
# between 90.5 % and 94.2 %. Ours, `seed=4`, is one of the two kindest. So an improvement from
# 94.2 % to 94.7 % on one split is no improvement yet. One from 94 % to 98 % is.
#
# Which digits are confused?

# %%
plots.confusion_matrix(labels, digit_network.predict(X_test), title="Test digits")

# %%
guess = digit_network.predict(X_test)
wrong = np.flatnonzero(guess != labels)[:8]
plots.images(X_test[wrong], labels[wrong], guess[wrong])

# %% [markdown]
# Each title says what the network took it for, and what it is. Some of these you would get
# wrong yourself.
#
# ### Predict first: twice as many units
#
# The network gets 128 hidden units in place of 64, and all else stays. What becomes of the 338
# right answers?

# %%
larger = NeuralNetwork(64, 128, 10, np.random.default_rng(0))
Trainer(larger).fit(X_train, Y_train, 1000, (X_test, Y_test))
print("right answers:", np.sum(digit_network.predict(X_test) == labels), "with  64 units")
print("right answers:", np.sum(larger.predict(X_test) == labels), "with 128 units")

# %% [markdown]
# One picture more, for twice the work. The number of units was not what held the network back.
# Before you change anything, ask what the limit *is*. Here the curves say it: the
# training loss itself is still high. The network does not yet fit what it has seen. It needs more
# steps, or better ones:
#
# | lever | what it changes | module |
# |---|---|---|
# | mini-batches | many steps for each pass through the data, each from a rougher gradient | 4 |
# | ReLU | no saturation in the hidden layer; start with variance $2/D$ (He) | 2, 4 |
# | momentum, Adam | steps that remember the ones before, or a rate for each weight | 4 |
# | learning rate | larger steps, as long as the loss still falls | 4 |
#
# With them, 64 hidden units pass 97 % in a fraction of the time. That is the last exercise of
# this module, and it is yours.

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "Softmax gives an example the probabilities 0.7, 0.2 and 0.1, and the true "
        "class is the second. What is the gradient of its cross-entropy at the three scores?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "0.7, -0.8, 0.1",
                "correct": True,
                "feedback": "Yes: p minus the one-hot target, and it adds up to 0.",
            },
            {
                "answer": "-0.7, 0.8, -0.1",
                "correct": False,
                "feedback": "This is y - p: the direction of the step, minus the gradient.",
            },
            {
                "answer": "0.147, -0.128, 0.009",
                "correct": False,
                "feedback": "This has the factor p (1 - p). It cancels against the derivative of "
                "the logarithm.",
            },
            {
                "answer": "0, -5, 0",
                "correct": False,
                "feedback": "This is the gradient at the probabilities, -y / p. The scores are one "
                "step further back.",
            },
        ],
    },
    {
        "question": "You add 5 to every score of one example. What happens to its probabilities?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Nothing",
                "correct": True,
                "feedback": "Yes: the factor exp(5) cancels. Softmax sees only differences.",
            },
            {
                "answer": "All of them grow",
                "correct": False,
                "feedback": "They add up to 1 before and after, so not all of them can grow.",
            },
            {
                "answer": "The largest grows, the others shrink",
                "correct": False,
                "feedback": "That happens when the scores are multiplied by 5, not when 5 is "
                "added.",
            },
            {
                "answer": "They become more equal",
                "correct": False,
                "feedback": "That happens when the scores are divided by a number above 1.",
            },
        ],
    },
    {
        "question": "A network for ten classes has random weights and is not trained. Its first "
        "loss is 9.4. What does this tell you?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It is sure of wrong answers: the weights are probably too large",
                "correct": True,
                "feedback": "Yes: knowing nothing costs log(10) = 2.30. More than that takes wrong "
                "convictions.",
            },
            {
                "answer": "Nothing: any loss is possible before training",
                "correct": False,
                "feedback": "Small random weights give nearly equal probabilities, so about "
                "log(10) = 2.30.",
            },
            {
                "answer": "The learning rate is too large",
                "correct": False,
                "feedback": "Not one step was taken yet, so the learning rate had no say.",
            },
            {
                "answer": "The loss was divided by the number of classes",
                "correct": False,
                "feedback": "That would make it smaller: 0.23, not 9.4.",
            },
        ],
    },
    {
        "question": "With the factor p (1 - p) in the output error, which examples does a network "
        "learn from least?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Those it gets wrong and is sure about, and those it gets right",
                "correct": True,
                "feedback": "Yes: p (1 - p) is near 0 at both ends, and the first of them is where "
                "it should learn most.",
            },
            {
                "answer": "Only those it gets right",
                "correct": False,
                "feedback": "So it is with the right gradient. The factor takes the surely wrong "
                "ones away as well.",
            },
            {
                "answer": "Those it is undecided about",
                "correct": False,
                "feedback": "At p = 0.5 the factor is at its largest: 0.25.",
            },
            {
                "answer": "All alike: the factor acts like a smaller learning rate",
                "correct": False,
                "feedback": "A learning rate is the same for all examples. This factor differs "
                "from one to the next.",
            },
        ],
    },
    {
        "question": "Training loss and test loss are nearly equal, and both still fall at the last "
        "epoch. What should you try first?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "More or better steps: mini-batches, momentum, a larger learning rate",
                "correct": True,
                "feedback": "Yes: it does not fit its training data yet, and it was getting there.",
            },
            {
                "answer": "Regularisation, such as dropout",
                "correct": False,
                "feedback": "That helps when the test loss lies far above the training loss. Here "
                "it would only slow things down.",
            },
            {
                "answer": "Stop earlier",
                "correct": False,
                "feedback": "One stops early when the test loss has begun to rise. Here it still "
                "falls.",
            },
            {
                "answer": "Collect more pictures",
                "correct": False,
                "feedback": "More data closes a gap between training and test. There is no gap.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - A network with one hidden layer has four parameter arrays: `W1 (D, H)`, `b1 (H,)`, `W2 (H, C)`,
#   `b2 (C,)`. Weights start random with standard deviation $1/\sqrt{n}$, biases at zero.
# - Forward: $Z^{[1]} = XW^{[1]} + b^{[1]}$, $A^{[1]} = \tanh Z^{[1]}$,
#   $Z^{[2]} = A^{[1]}W^{[2]} + b^{[2]}$, $P = \operatorname{softmax}(Z^{[2]})$.
# - Softmax sees only differences of scores; subtract each row's maximum before `exp`.
# - Cross-entropy is the mean over the *examples* of $-\log$(probability of the true class). Knowing
#   nothing costs $\log C$.
# - Softmax and cross-entropy together have the gradient $(P - Y)/N$. A factor $P(1-P)$ has no place
#   there: it takes the push away where the network is sure and wrong.
# - A falling loss does not prove that the gradient is right. Check it by wiggling.
# - A loss near zero does not prove that the network learned your rule.
#
# ## Common mistakes and tips
#
# - **`np.exp(Z)` without subtracting the maximum.** It works in every small test and gives `nan`
#   when the scores grow. Subtract each *row's* maximum, not one for the whole array.
# - **`axis=0` in softmax or argmax.** Rows are examples. Print `P.sum(axis=1)`: all ones.
# - **`np.mean` over all entries of `Y * np.log(P)`.** The loss is too small by the factor $C$.
# - **`dZ.sum()` for a bias.** It is one number, and NumPy adds it to all biases without a word. For
#   $P - Y$ it is always 0, so that the bias never moves.
# - **Changing `W2` before `dA1` is computed.** Take all gradients first, then step.
# - **tanh's slope as `1 - np.tanh(A1)**2`.** `A1` is tanh already: write `1 - A1**2`.
# - **Summing the gradient where you meant the mean.** The learning rate then depends on the size of
#   the batch.
# - **Tip:** test on two examples first. A network that cannot learn two by heart has a bug.
# - **Tip:** print the first loss. It should be near $\log C$.
#
# ## Glossary
#
# - **Cross-entropy:** the mean of $-\log$ of the probability given to the true class.
# - **Epoch:** one pass through all training examples.
# - **Full batch:** each step uses all training examples.
# - **Gradient check:** comparing a gradient with the one that is found by wiggling each number.
# - **Jacobian:** the matrix of all derivatives of several outputs by several inputs.
# - **Logit, score:** a number that goes into softmax; of any size and sign.
# - **One-hot:** a row with a 1 at the true class and 0 elsewhere.
# - **Seed:** the number from which a random generator starts; the same seed gives the same numbers.
# - **Softmax:** scores to probabilities: `exp`, then divide by the row's sum.
# - **Test set:** examples that are set aside to measure with, and never trained on.
#
# ## References
#
# - J. S. Bridle: Probabilistic interpretation of feedforward classification network outputs, with
#   relationships to statistical pattern recognition. *Neurocomputing: Algorithms, Architectures
#   and Applications*, Springer, 1990. Softmax gets its name.
# - S. A. Solla, E. Levin, M. Fleisher: Accelerated learning in layered neural networks. *Complex
#   Systems* 2, 1988. Why cross-entropy learns faster than squared error.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating
#   errors. *Nature* 323, 1986.
# - Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller: Efficient BackProp. *Neural Networks: Tricks of
#   the Trade*, Springer, 1998. tanh, and the standard deviation $1/\sqrt{n}$.
# - K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers. *ICCV*, 2015. The variance
#   $2/n$ for ReLU.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapter 6.
# - E. Alpaydin, C. Kaynak: Optical recognition of handwritten digits. *UCI Machine Learning
#   Repository*, 1998. The pictures.
#
# ## What comes next
#
# Open `softmax_network_exercises.ipynb`, and build all this yourself. In module 6 you meet the same
# network in Keras: same weights, same losses, same gradients, to the last digit or two.
