# %% [markdown]
# # 4. Loss and optimisation
#
# In module 3 you learned where a gradient comes from. Now you learn what it is the gradient *of*,
# and what to do with it. A **loss** says in one number how wrong a network is. An **optimiser** is
# the rule by which the weights move, so that this number falls.
#
# **You will be able to**
#
# - choose and compute a loss: mean squared error, binary and categorical cross-entropy, from
#   probabilities and from logits, without ever meeting $\log 0$;
# - say what an epoch, a batch and a step are, and why small batches learn faster;
# - tell a learning rate that is too small, right or too large;
# - write SGD, momentum, RMSProp and Adam in two to four lines each, and say what each is good for;
# - start the weights so that the signal neither dies out nor explodes;
# - read a loss curve, and name what went wrong.
#
# **You need first:** activations (module 2), backpropagation and the gradient check (module 3).
#
# **Time:** about 85 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import numpy as np

import nnlib as nn
from nnlib import initializers, plots, widgets
from nnlib.datasets import digits

np.set_printoptions(precision=4, suppress=True)

# Three points on the line y = 2x + 1, and the loss of every other line.
x, y = np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])


def line_loss(w, b):
    return sum((w * xi + b - yi) ** 2 for xi, yi in zip(x, y, strict=True)) / 3


path = [(-1.0, 4.0)]
for _ in range(60):
    w, b = path[-1]
    error = w * x + b - y
    path.append((w - 0.1 * np.mean(2 * error * x), b - 0.1 * np.mean(2 * error)))

plots.loss_surface(
    line_loss,
    {"gradient descent": path},
    w1_range=(-2.0, 4.0),
    w2_range=(-2.0, 5.0),
    title="Fitting a line: slope w1, intercept w2",
)

# %% [markdown]
# The picture holds the whole module. Every point of the plane is a line $y = w_1 x + w_2$; the
# contours say how badly it fits three points. Gradient descent starts at a bad line, feels where
# the ground falls away, and walks. A first leap takes it into the valley, and then it creeps along
# the valley's floor. Real networks have thousands of such parameters in place of two. The walk is
# the same, and so is the creeping.
#
# Three questions are left, and they are the three parts of this lesson. What is the height of the
# ground (the loss)? How do you step (the optimiser)? And where do you start (initialisation)?

# %% [markdown]
# ## Mean squared error
#
# When the target is a number, such as a price or a temperature, punish the squared error:
#
# $$L = \frac{1}{N} \sum_{n=1}^{N} (a_n - y_n)^2, \qquad
# \frac{\partial L}{\partial a_n} = \frac{2}{N} (a_n - y_n)$$
#
# Squares make all errors count as positive, and an error of 2 costs four times as much as an error
# of 1. With several outputs per example, the mean runs over all of them too, $N \cdot K$
# numbers, in the loss and in the gradient alike. That is what Keras does.
#
# ### By hand: three predictions
#
# Predictions $a = (2.5,\ 0,\ 2)$, targets $y = (3,\ -0.5,\ 2)$.
#
# 1. Errors $a - y$: $(-0.5,\ 0.5,\ 0)$.
# 2. Squared: $(0.25,\ 0.25,\ 0)$. Their mean: $L = 0.5 / 3 = 0.1667$.
# 3. Gradient: $\tfrac{2}{3} \cdot (-0.5,\ 0.5,\ 0) = (-0.3333,\ 0.3333,\ 0)$.
#
# The signs say it: raise the first prediction, lower the second, leave the third.

# %%
A = np.array([2.5, 0.0, 2.0])
Y = np.array([3.0, -0.5, 2.0])

print(f"L  = {np.mean((A - Y) ** 2):.4f}")
print(f"dA = {2 * (A - Y) / A.size}")

# %% [markdown]
# ### Predict first: a perfect network
#
# A network predicts four numbers, and all of them are exactly right. Its output has shape (4, 1), a
# column, as networks' outputs have. The targets were read from a file and have shape (4,). What is
# the mean squared error?

# %%
targets = np.array([1.0, 2.0, 3.0, 4.0])  # shape (4,)
outputs = targets.reshape(4, 1).copy()  # shape (4, 1), the same numbers

print("mean squared error:", np.mean((outputs - targets) ** 2))
print("shape of the error:", (outputs - targets).shape)

# %% [markdown]
# 2.5, and not 0. NumPy stretched the column and the row against each other (broadcasting), and
# subtracted *every* target from *every* output: 16 errors in place of 4. No exception, no warning.
# Training on this number teaches a network to say the mean of all targets, whatever it is shown.
#
# **Tip.** Before you subtract, `assert outputs.shape == targets.shape`. Once. It costs nothing.

# %% [markdown]
# ## Binary cross-entropy
#
# When the answer is yes or no, the network says a probability $p$ of "yes". It should pay for
# having thought the truth unlikely. If the target is 1, it pays $-\log p$; if the target is 0,
# $-\log(1 - p)$. Both in one line, where $y$ and $1 - y$ switch the terms on and off:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \bigl[\, y_n \log p_n + (1 - y_n) \log(1 - p_n) \,\bigr]$$
#
# | probability given to the truth | 1 | 0.9 | 0.5 | 0.1 | 0.01 | 0 |
# |---|---|---|---|---|---|---|
# | cost | 0 | 0.1054 | 0.6931 | 2.3026 | 4.6052 | $\infty$ |
#
# ### By hand: three probabilities
#
# Three examples with targets $y = (1,\ 0,\ 0)$ and probabilities $p = (0.9,\ 0.2,\ 0.6)$.
#
# 1. The truth got $0.9$, $1 - 0.2 = 0.8$ and $1 - 0.6 = 0.4$.
# 2. Costs: $-\log 0.9 = 0.1054$, $-\log 0.8 = 0.2231$, $-\log 0.4 = 0.9163$.
# 3. Their mean: $L = 1.2448 / 3 = 0.4149$.
#
# Here $\log$ is the natural logarithm, `np.log`.

# %%
p = np.array([0.9, 0.2, 0.6])
y = np.array([1, 0, 0])

costs = -(y * np.log(p) + (1 - y) * np.log(1 - p))
print("costs", costs)
print(f"L = {np.mean(costs):.4f}")

# %% [markdown]
# ### Why not squared error here, too?
#
# It would be allowed, but look at the gradient. With a sigmoid, $p = \sigma(z)$, the chain rule of
# module 3 gives for a target of 1
#
# $$\text{cross-entropy: } \frac{\partial L}{\partial z} = p - 1, \qquad
# \text{squared error: } \frac{\partial L}{\partial z} = 2 (p - 1)\, p\, (1 - p)$$
#
# At $z = -4$ the network is wrong and nearly sure of it: $p = 0.0180$. Cross-entropy pushes with
# $-0.9820$, squared error with $-0.0347$: 28 times less, just where the push is needed most.

# %%
z = np.linspace(-8, 8, 201)
p = 1 / (1 + np.exp(-z))

fig = plots.figure(size=(7.4, 4.0))
ax = fig.subplots()
ax.plot(z, 1 - p, color="#0065A3", linewidth=2.4)
ax.plot(z, 2 * (1 - p) * p * (1 - p), color="#B34A00", linewidth=2.4, linestyle="--")
ax.text(-7.6, 0.90, "cross-entropy", color="#0065A3", fontsize=13, fontweight="bold")
ax.text(-7.6, 0.10, "squared error", color="#B34A00", fontsize=13, fontweight="bold")
ax.set(
    xlabel="score z (left: sure, and wrong; right: sure, and right)",
    ylabel="size of the push",
)
ax.set_title("How hard each loss pushes when the target is 1", loc="left", fontweight="bold")
fig.alt_text = (
    "Size of the gradient dL/dz over the score z from -8 to 8, for target 1. Cross-entropy pushes "
    "with nearly 1 where the network is wrong and sure, 0.5 at z = 0, and nearly 0 where it is "
    "right. Squared error has a hump of 0.3 near z = -0.7 and is nearly 0 at both ends."
)
fig

# %%
z = -4.0
p = 1 / (1 + np.exp(-z))
push, weak = p - 1, 2 * (p - 1) * p * (1 - p)
print(f"p = {p:.4f}: cross-entropy {push:.4f}, squared error {weak:.4f}, ratio {push / weak:.0f}")

# %% [markdown]
# ### $\log 0$, and how to never meet it
#
# A sigmoid never quite reaches 0 or 1. On a computer it does: with 16 digits, $\sigma(40)$ is
# exactly 1. If the target is 0, the cost is $-\log 0 = \infty$. Worse, for the target 1 the
# *other* term is $0 \cdot (-\infty)$, which is `nan`, and one `nan` makes the mean `nan`.
#
# **From probabilities**, there is a makeshift: keep $p$ between $\epsilon$ and $1 - \epsilon$.
# Keras takes $\epsilon = 10^{-7}$, so that no example costs more than $-\log 10^{-7} = 16.1$.
#
# **From logits**, there is a cure. The *logit* is the score $z$ before the sigmoid. Put the sigmoid
# into the loss and simplify, and the dangerous logarithm is gone:
#
# $$-\bigl[\, y \log \sigma(z) + (1 - y) \log(1 - \sigma(z)) \,\bigr]
# = \max(z, 0) - z\,y + \log\bigl(1 + e^{-|z|}\bigr)$$
#
# The exponent is never positive, so nothing overflows; and the logarithm never sees a number
# below 1.


# %%
def bce_from_probabilities(p, y, epsilon=1e-7):
    p = np.clip(p, epsilon, 1 - epsilon)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def bce_from_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


print("  z    naive   clipped   from logits      (the target is 0)")
for z in (2.0, 20.0, 40.0, 400.0):
    p, y = 1 / (1 + np.exp(-z)), 0.0
    with np.errstate(divide="ignore"):
        naive = -np.log(1 - p)
    print(
        f"{z:4.0f} {naive:8.4f} {bce_from_probabilities(p, y):9.4f} {bce_from_logits(z, y):12.4f}"
    )

# %% [markdown]
# The naive one is right until the probability runs out of digits; then it is infinite. The clipped
# one stays at 16.1, however wrong the network gets. The one from logits is always right, and its
# gradient is the simplest of all, $(p - y)/N$. This is why libraries have `from_logits=True`, and
# why nnlib quietly trains that way whenever a sigmoid meets its loss.

# %% [markdown]
# ## Categorical cross-entropy
#
# With $C$ classes, each example has a row of probabilities that adds up to 1, and its target is
# one-hot. Again the network pays for the probability that it gave to the truth:
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} y_{nc} \log p_{nc}$$
#
# Look at the two sums, they are not alike. The sum over classes only *picks* one number: all
# other $y_{nc}$ are 0. The sum over examples with $1/N$ is a *mean*. So it is a mean over examples,
# not over all elements of the matrix.
#
# ### By hand: three classes
#
# $$P = \begin{pmatrix} 0.7 & 0.2 & 0.1 \\ 0.1 & 0.3 & 0.6 \end{pmatrix}, \qquad
# Y = \begin{pmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}$$
#
# 1. The truth got $0.7$ in the first row and $0.3$ in the second.
# 2. Costs: $-\log 0.7 = 0.3567$ and $-\log 0.3 = 1.2040$.
# 3. Their mean over two examples: $L = 1.5606 / 2 = 0.7803$.

# %%
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
Y = np.array([[1, 0, 0], [0, 1, 0]])

costs = -np.sum(Y * np.log(P), axis=1)  # the sum over classes: one cost for each example
print("costs", costs)
print(f"L = {np.mean(costs):.4f}")  # the mean over examples

library = nn.losses.get("categorical_crossentropy")
assert np.isclose(np.mean(costs), library(Y, P))  # nnlib, like Keras, takes the targets first

# %% [markdown]
# A network that knows nothing gives each class the probability $1/C$ and pays $\log C$: 0.6931 for
# two classes, 2.3026 for ten. Print the first loss of every training, and compare.
#
# | task | last activation | loss | dL/dZ |
# |---|---|---|---|
# | a number | none (linear) | mean squared error | $2 (A - Y)/(N K)$ |
# | yes or no | sigmoid | binary cross-entropy | $(P - Y)/N$ |
# | one of $C$ classes | softmax | categorical cross-entropy | $(P - Y)/N$ |

# %% [markdown]
# ## Find the bug
#
# These lines are found in many tutorials. Softmax has ten classes, the weights are all zero, so
# that every class gets the probability 0.1: the network knows nothing, and the loss must be
# $\log 10 = 2.3026$. Why is it not? And is the gradient wrong as well? Mend the cell and run it
# again.

# %%
rng = np.random.default_rng(0)
P10 = np.full((6, 10), 0.1)  # six examples, ten classes
Y10 = np.eye(10)[rng.integers(10, size=6)]


def loss_of(P, Y):
    return -np.mean(Y * np.log(P))


first_loss = loss_of(P10, Y10)
print(f"first loss: {first_loss:.4f}")
print("As it should be." if np.isclose(first_loss, np.log(10)) else "Not yet log 10.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where is the first wrong number?* The loss is 0.2303, ten times too small. *Which line?*
# `-np.mean(Y * np.log(P))`. *Why?* The product has $6 \cdot 10$ entries, of which 54 are 0, and
# `np.mean` divides by all 60: by $N \cdot C$. Mend it:
#
# ```python
# return -np.sum(Y * np.log(P)) / len(P)
# ```
#
# Is the gradient wrong as well? In those tutorials it is $(P - Y)/N$, and that is right. So the
# network learns as it should, and nobody notices. But the number that is printed is not the loss
# whose gradient is used. A gradient check fails by the factor $C$. Losses cannot be compared with
# another program's, or between tasks with different numbers of classes. And who "mends" it by
# dividing the *gradient* by $C$ has made the learning rate ten times smaller without knowing.
#
# </details>

# %% [markdown]
# ## Gradient descent
#
# The gradient points uphill, the way in which the loss rises fastest. So go the other way:
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# The **learning rate** $\eta$ (eta) says how far. It is not learned: you choose it, and no other
# number that you choose matters so much.
#
# ### By hand: one weight
#
# One weight, three examples: $x = (1, 2, 3)$, $y = (2, 4, 6)$, prediction $a = w x$. The best
# weight is 2; we start at $w = 1$, with $\eta = 0.1$.
#
# 1. Errors $a - y$: $(-1,\ -2,\ -3)$. Loss: $(1 + 4 + 9)/3 = 4.6667$.
# 2. Gradient: $\tfrac{2}{3}\,(1 \cdot (-1) + 2 \cdot (-2) + 3 \cdot (-3)) = -9.3333$.
# 3. Step: $w = 1 - 0.1 \cdot (-9.3333) = 1.9333$.
# 4. New loss: the errors are now $-0.0667\,x$, so $L = 0.0667^2 \cdot 14/3 = 0.0207$.

# %%
x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])


def loss(w):
    return np.mean((w * x - y) ** 2)


def gradient(w):
    return np.mean(2 * (w * x - y) * x)


w = 1.0
print(f"w = {w:.4f}   loss {loss(w):.4f}   gradient {gradient(w):.4f}")
w = w - 0.1 * gradient(w)
print(f"w = {w:.4f}   loss {loss(w):.4f}   gradient {gradient(w):.4f}")

# %% [markdown]
# ### Predict first: a tenth more
#
# With $\eta = 0.2$ the loss falls, step after step, towards 0. Now you raise the learning rate by a
# tenth, to 0.22. What happens?


# %%
def train(learning_rate, steps=12):
    w, losses = 1.0, []
    for _ in range(steps):
        losses.append(loss(w))
        w = w - learning_rate * gradient(w)
    return losses


runs = {f"rate {eta:g}:": train(eta) for eta in (0.01, 0.1, 0.2, 0.22)}
for name, losses in runs.items():
    print(f"{name:10}", "  ".join(f"{v:8.4f}" for v in losses[:5]), f"...  {losses[-1]:.2g}")

plots.compare_curves(runs, title="One weight, four learning rates, one step per epoch")

# %% [markdown]
# It does not fall a little slower. It rises, for ever. There is a wall between the two. The error
# in $w$ is multiplied by the same factor in every step,
#
# $$(w_{\text{new}} - 2) = \bigl(1 - \tfrac{28}{3}\,\eta\bigr)\,(w - 2)$$
#
# where $\tfrac{28}{3} = 9.33$ is the curvature, the second derivative of the loss.
#
# | $\eta$ | factor | what you see |
# |---|---|---|
# | 0.01 | 0.907 | **too small**: falls slowly, though each step goes the right way |
# | 0.1 | 0.067 | **right**: there in a few steps |
# | 0.2 | −0.867 | leaps from side to side, but comes closer |
# | 0.22 | −1.053 | **too large**: each leap is longer than the last; it **diverges** |
#
# The wall stands where the factor is $-1$: at $\eta = 2 / \text{curvature} = 0.2143$. A network has
# a different curvature in every direction, and the steepest one sets the wall for all of them.
# Nobody computes it. You try rates a factor 3 or 10 apart, and take one somewhat below the first
# that misbehaves.
#
# Drag the learning rate, with the mouse or the arrow keys. Find the rate that arrives in a single
# step, and the wall.


# %%
def draw_descent(learning_rate=0.2, steps=8):
    ws = [1.0]
    for _ in range(steps):
        ws.append(ws[-1] - learning_rate * gradient(ws[-1]))
    ws = np.array(ws)
    shown = ws[np.abs(ws - 2) < 1.6]  # leave out what has left the picture
    fig = plots.figure(size=(7.0, 4.0))
    ax = fig.subplots()
    grid = np.linspace(0.4, 3.6, 200)
    ax.plot(grid, [loss(w) for w in grid], color="#595959")
    ax.plot(shown, [loss(w) for w in shown], "o--", color="#0065A3", markersize=8)
    ax.plot(1.0, loss(1.0), "s", color="black", markersize=10)
    ax.text(1.06, loss(1.0), "start", fontsize=12, va="bottom")
    factor = 1 - 28 / 3 * learning_rate
    words = "diverges" if abs(factor) >= 1 else "converges"
    ax.set(
        xlabel="w",
        ylabel="loss",
        ylim=(-0.5, 12),
    )
    title = f"rate {learning_rate:.3g}: factor {factor:.2f}, {words}"
    ax.set_title(title, loc="left", fontweight="bold")
    fig.alt_text = (
        f"The loss over one weight is a parabola with its minimum at w = 2. {steps} steps of "
        f"gradient descent from w = 1 at learning rate {learning_rate:.3g} multiply the error by "
        f"{factor:.2f} each; it {words}. The last weight is {ws[-1]:.3g}."
    )
    return fig


widgets.explore(
    draw_descent,
    {
        "learning_rate": widgets.Slider("learning rate", 0.2, 0.005, 0.24, 0.005),
        "steps": widgets.Slider("steps", 8, 1, 20, 1),
    },
)

# %% [markdown]
# ## Batches, steps, epochs
#
# The gradient of the loss is a mean over examples. In the example above, the three examples said
# $-2$, $-8$ and $-18$, and their mean is $-9.33$. Must you ask all of them before you take a step?
#
# | name | examples for one step | |
# |---|---|---|
# | **batch** gradient descent (full batch) | all $N$ | exact, and slow |
# | **mini-batch** gradient descent | some, say 32 | what everybody does |
# | **stochastic** gradient descent (in the strict sense) | 1 | very noisy |
#
# A few examples, drawn at random, give an estimate of the gradient that is right on average. In
# practice people say **SGD** for mini-batches, too; Keras's class is called so.
#
# - A **step** (or iteration, or update): the weights move once.
# - A **batch**: the examples that are asked for one step. `batch_size` is their number.
# - An **epoch**: every example was asked once. It has $\lceil N / \text{batch size} \rceil$ steps,
#   for the last batch may be smaller.
#
# Shuffle in every epoch. If the examples stay sorted by class, each batch pulls towards its own
# class and undoes what the batch before it did.

# %%
(X_train, Y_train), (X_test, Y_test) = digits(one_hot=True, seed=4)
N = len(X_train)
print(f"{N} training pictures, each {X_train.shape[1]} numbers")
for size in (N, 256, 32, 1):
    steps = -(-N // size)  # division, rounded up
    last = N - size * (steps - 1)
    print(f"batch size {size:4}: steps per epoch {steps:4}, last batch {last:4}")

# %% [markdown]
# ### Predict first: ten epochs
#
# One network (64 inputs, 64 ReLU units, 10 classes), one learning rate (0.1), ten passes through
# the same pictures. One run computes every gradient exactly, from all pictures. Another guesses
# from 32 at a time, with noise. Which has the lower loss after ten epochs, and by how much?


# %%
def build(optimizer, hidden=1, initializer="he_normal"):
    """A new network for the digits, always from the same seed."""
    layers = [
        nn.Dense(64, activation="relu", kernel_initializer=initializer) for _ in range(hidden)
    ]
    model = nn.Sequential([nn.Input((64,)), *layers, nn.Dense(10, activation="softmax")], seed=0)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")
    return model


runs = {}
for size in (N, 256, 32):
    model = build(nn.SGD(learning_rate=0.1))
    name = "full batch:" if size == N else f"batch {size}:"
    runs[name] = model.fit(X_train, Y_train, epochs=10, batch_size=size, verbose=0)

plots.compare_curves(runs, title="Ten epochs at learning rate 0.1")

# %% [markdown]
# The exact gradient has hardly begun: after ten epochs it has taken ten steps. With batches of 32
# the same work bought 450 steps. Each is a little wrong, but on average they go the right way, and
# many rough steps beat few exact ones. The first step does not need to know the way to the
# goal. It only needs to know which way is down.
#
# Why not go on to batches of one? Because of the machine and of the noise. A matrix product with
# 32 rows takes hardly longer than one with a single row, so the 1,438 steps of such an epoch take
# many times as long as 45. And the noise of single examples shakes the weights to the very end,
# unless the learning rate shrinks. Sizes from 16 to 256 are common. (A power of 2 is a habit, not a
# law.)

# %% [markdown]
# ## Momentum
#
# Look at the first picture again: on the valley's floor the steps became tiny, while the slope
# went in one direction all the time. A ball would have picked up speed. So keep a **velocity** $v$:
#
# $$v \leftarrow \mu\, v - \eta\, g, \qquad w \leftarrow w + v$$
#
# Here $g$ is the gradient, and the **momentum** $\mu$, mostly 0.9, is the share of the old velocity
# that stays (Polyak, 1964). Where gradients agree, the steps add up. Where they change sign from
# step to step, as across a ravine, they cancel.
#
# **By hand.** The gradient is 1 all the time, $\eta = 0.1$, $\mu = 0.9$, and $v$ starts at 0. Then
# $v = -0.1$, then $0.9 \cdot (-0.1) - 0.1 = -0.19$, then $-0.271$, and so on, towards
# $-\eta/(1 - \mu) = -1$. Momentum 0.9 makes you ten times as fast on an even slope.

# %%
v = 0.0
for step in range(1, 61):
    v = 0.9 * v - 0.1 * 1.0
    if step in (1, 2, 3, 10, 60):
        print(f"step {step:2}: v = {v:.4f}")

# %% [markdown]
# Mind the convention. This is Keras's: the velocity holds the learning rate and the minus sign.
# PyTorch writes $v \leftarrow \mu v + g$ and $w \leftarrow w - \eta v$. As long as the learning
# rate stays the same, the weights go the same way, but the two $v$ differ by the factor $-\eta$.
#
# ## A step size for each weight: AdaGrad and RMSProp
#
# In a ravine no single learning rate is right: what is safe across it is too small along it. So
# give each weight its own, by dividing by the size that its gradients usually have.
#
# **AdaGrad** (Duchi and others, 2011) adds up all squared gradients so far, $s \leftarrow s + g^2$,
# and divides by the root. Its weakness: $s$ only grows, and so the steps die away. **RMSProp**
# (Hinton, 2012) forgets. It keeps a running average, in which $\rho$, mostly 0.9, is the share of
# the past:
#
# $$s \leftarrow \rho\, s + (1 - \rho)\, g^2, \qquad
# w \leftarrow w - \frac{\eta}{\sqrt{s + \epsilon}}\; g$$
#
# The small $\epsilon = 10^{-7}$ guards against dividing by 0. Keras puts it inside the root here;
# some books put it outside. It matters only where gradients are as small as $\sqrt{\epsilon}$.
#
# **By hand.** The gradient is 4 all the time, $\eta = 0.01$, $\rho = 0.9$, and $s$ starts at 0.
# AdaGrad: $s = 16$, and the step is $0.01 \cdot 4 / \sqrt{16} = 0.01$; then $s = 32$, and the step
# is 0.0071. RMSProp: $s = 0.1 \cdot 16 = 1.6$, and the step is $0.01 \cdot 4 / \sqrt{1.6} =
# 0.0316$; then $s = 0.9 \cdot 1.6 + 1.6 = 3.04$, and the step is 0.0229.

# %%
g, eta, rho = 4.0, 0.01, 0.9
adagrad = rmsprop = 0.0  # the two s
print("step   AdaGrad   RMSProp")
for step in range(1, 101):
    adagrad = adagrad + g**2
    rmsprop = rho * rmsprop + (1 - rho) * g**2
    if step in (1, 2, 3, 10, 100):
        print(f"{step:4} {eta * g / np.sqrt(adagrad):9.4f} {eta * g / np.sqrt(rmsprop):9.4f}")

# %% [markdown]
# AdaGrad slows down for ever. RMSProp settles at 0.01, the learning rate itself. But look at its
# first step: three times too long. The average $s$ started at 0, and so begins too small. The next
# optimiser repairs that.

# %% [markdown]
# ## Adam
#
# **Adam** (Kingma and Ba, 2015) is momentum and RMSProp together, with one repair. It keeps a
# running average $m$ of the gradient and another, $v$, of its square:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
# v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# Both start at 0, and so at first they are far too small, as you have just seen. At step $t$ they
# hold only the share $1 - \beta^t$ of what they should: divide by it. That is the **bias
# correction**:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
# w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# Keras's defaults are $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-7}$, $\eta = 0.001$.
# (Keras draws the two corrections together into the learning rate, the paper's second form. Then
# $\epsilon$ is added to $\sqrt{v}$, not to $\sqrt{\hat v}$. You will hardly ever see the
# difference.)
#
# ### Predict first: three slopes
#
# Three weights, $\eta = 0.1$, and Adam's very first step. The gradients are 1000, 1 and 0.001. How
# far does each weight move?


# %%
def adam(w, g, m, v, t, eta=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    m_hat = m / (1 - beta_1**t)
    v_hat = v / (1 - beta_2**t)
    return w - eta * m_hat / (np.sqrt(v_hat) + epsilon), m, v


g = np.array([1000.0, 1.0, 0.001])
w, m, v = adam(np.zeros(3), g, m=np.zeros(3), v=np.zeros(3), t=1)
print("moved by       ", w)
print("uncorrected    ", -0.1 * m / np.sqrt(v))

# %% [markdown]
# All three move by 0.1, the learning rate itself. **By hand:** after one step $m = 0.1\,g$ and $v =
# 0.001\,g^2$. Corrected, $\hat m = 0.1\,g / 0.1 = g$ and $\hat v = 0.001\,g^2 / 0.001 = g^2$. So
# $\hat m / \sqrt{\hat v} = g / |g| = \pm 1$, whatever the size. Without the correction it would be
# $0.1\,g / \sqrt{0.001\,g^2} = 3.16$, and the first steps three times too long.
#
# This is Adam's strength: multiply the whole loss by 1000, and Adam walks the same way. Its
# learning rate means "how far", and not "how far per slope". That is why 0.001 works for so many
# networks.

# %%
weights = np.array([1.0, -2.0])  # one step of ours against one of nnlib's
slope = np.array([0.3, -40.0])
ours = adam(weights, slope, m=np.zeros(2), v=np.zeros(2), t=1)[0]
library = nn.Adam(learning_rate=0.1)
library.apply(slope, weights)  # changes the weights in place
assert np.allclose(ours, weights)
print("The same step:", ours)

# %% [markdown]
# ## A race of four
#
# Four optimisers, one learning rate, one surface. Choose another surface, drag the learning rate,
# and watch. The first surface is a ravine, 25 times as steep across as along.
#
# Try three things. Raise the learning rate of the ravine beyond 0.08, the wall of plain SGD. Take
# the saddle with 25 steps, where all start close to a ridge that falls away on both sides: who
# gets off it first? And set momentum to 0.99 in the bowl.

# %%
widgets.optimizer_race()

# %% [markdown]
# No optimiser wins everywhere. What each does shows in its path. SGD drops to the floor of the
# ravine and creeps along it; near its wall it zigzags from side to side. Momentum shoots past the
# goal and swings back. RMSProp and Adam turn straight towards the goal, since they measure each
# direction by its own yardstick, and for the same reason they are the first to leave a flat place.
#
# On the digits, each with Keras's default learning rate:

# %%
runs = {
    "SGD 0.01:": nn.SGD(0.01),
    "momentum 0.9:": nn.SGD(0.01, momentum=0.9),
    "RMSprop 0.001:": nn.RMSprop(0.001),
    "Adam 0.001:": nn.Adam(0.001),
}
for name, optimizer in runs.items():
    runs[name] = build(optimizer).fit(X_train, Y_train, epochs=10, batch_size=32, verbose=0)

plots.compare_curves(runs, title="Digits, ten epochs, batches of 32")

# %% [markdown]
# Plain SGD looks poor here, but mind what this compares: learning rates as much as rules. With
# $\eta = 0.1$ in place of 0.01, plain SGD ended at 0.17 in the race of batch sizes above, as good
# as the best here. Compare optimisers only after you have tuned the learning rate of each.
#
# **A rule of thumb.** Start with Adam at 0.001. If you have time to tune, SGD with momentum 0.9 and
# a learning rate that shrinks towards the end is often as good or better.

# %% [markdown]
# ## How to start: the scale of the weights
#
# *All zero* is out: units that start equal stay equal (module 3). So the weights start random. How
# large?
#
# A unit adds up $n$ inputs times $n$ weights. If the inputs have variance 1 and the weights
# variance $s^2$, each term has variance $s^2$, and the sum has variance $n s^2$:
#
# $$\operatorname{Var}(z) = n \, s^2 \operatorname{Var}(x)$$
#
# **By hand.** 64 inputs and weights of standard deviation $s = 1$: the sum has standard deviation
# $\sqrt{64} = 8$. ReLU cuts off one half, which halves the mean square: the factor is
# $\sqrt{64/2} = 5.66$. Ten such layers: $5.66^{10}$, that is $3 \cdot 10^7$. The signal
# **explodes**. With $s = 0.01$ the factor is 0.0566, and after ten layers $3 \cdot 10^{-13}$ is
# left. The signal **vanishes**. Backwards it is the same, for the gradient passes through the same
# weights.
#
# To keep the signal level, choose $s$ so that the factor is 1:
#
# | name | variance of the weights | for | source |
# |---|---|---|---|
# | **He** | $2 / n_\text{inputs}$ | ReLU, which loses half | He and others, 2015 |
# | **Glorot** | $2 / (n_\text{inputs} + n_\text{units})$ | tanh, sigmoid | Glorot, Bengio, 2010 |
#
# Glorot's is a compromise between forwards, $1/n_\text{inputs}$, and backwards, $1/n_\text{units}$.
# (Xavier is Glorot's first name.) It is Keras's default. Drawn evenly, the limit is $\sqrt{3}$
# times the standard deviation: $\sqrt{6 / (n_\text{inputs} + n_\text{units})}$.


# %%
def signals(deviation, layers=10, n=64):
    """Root mean square of the activations behind each of ten ReLU layers."""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(200, n))
    spread = []
    for _ in range(layers):
        A = np.maximum(A @ rng.normal(0, deviation, size=(n, n)), 0)
        spread.append(np.sqrt(np.mean(A**2)))
    return np.array(spread)


starts = {
    "deviation 1": 1.0,
    "He": np.sqrt(2 / 64),
    "Glorot": np.sqrt(2 / 128),
    "deviation 0.01": 0.01,
}
fig = plots.figure(size=(7.6, 4.2))
ax = fig.subplots()
told = []
for (name, deviation), line in zip(starts.items(), ("-", "--", "-.", ":"), strict=True):
    spread = signals(deviation)
    ax.plot(np.arange(1, 11), spread, line, color="black", linewidth=2)
    ax.text(10.2, spread[-1], f"{name}: {spread[-1]:.1e}", va="center")
    told.append(f"{name} {spread[-1]:.1e}")
ax.set(yscale="log", xlabel="layer", ylabel="root mean square", xlim=(1, 14), ylim=(1e-14, 1e9))
ax.set_xticks(range(1, 11))
ax.set_title("What is left of the signal behind each ReLU layer", loc="left", fontweight="bold")
fig.alt_text = (
    "Root mean square of the activations behind ten ReLU layers of 64 units, on a logarithmic "
    f"axis, for four ways to draw the weights. Behind layer ten: {', '.join(told)}."
)
fig

# %% [markdown]
# ### Predict first: 0.05 looks harmless
#
# Six hidden ReLU layers of 64 units, to be trained on the digits. He's deviation for 64 inputs is
# $\sqrt{2/64} = 0.177$. A friend draws the weights with deviation 0.05, "small and random, as one
# should" (it is the default of Keras's `RandomNormal`). What will ten epochs of training do?

# %%
runs = {}
for name, start in (
    ("deviation 0.05:", initializers.RandomNormal(stddev=0.05)),
    ("Glorot:", "glorot_uniform"),
    ("He:", "he_normal"),
):
    model = build(nn.SGD(learning_rate=0.05), hidden=6, initializer=start)
    runs[name] = model.fit(X_train, Y_train, epochs=10, batch_size=32, verbose=0)

plots.compare_curves(runs, title="Six hidden layers, three ways to start")

# %% [markdown]
# Nothing at all: the loss stays at $2.30 = \log 10$. The factor of each layer is
# $0.05 \cdot \sqrt{64/2} = 0.28$, and $0.28^6 = 0.0005$. What comes out hardly depends on what goes
# in, and the gradient that comes back to the first layers is smaller still. With deviation 0.5 the
# same network's loss becomes `nan` in the first epoch (try it). Between dead and exploded lies no
# more than a factor of ten.
#
# ### Vanishing and exploding gradients
#
# The weights are one reason, the activation another. Each sigmoid multiplies the gradient by
# $\sigma'(z) \le 0.25$ on its way back. Ten of them leave at most $0.25^{10}$, about one millionth.
# This is the **vanishing gradient**: the first layers get no message. Remedies: ReLU, a good start,
# batch normalisation (module 7), shortcuts past the layers. The **exploding gradient** is the
# opposite: losses leap, then become `inf` and `nan`. Remedies: a good start, a smaller learning
# rate, or cutting the gradient down to a largest length (*clipping*).

# %%
plots.gradient_survival("sigmoid", z=0.0, layers=10)

# %% [markdown]
# This is the best case, $z = 0$, where the sigmoid is steepest.

# %% [markdown]
# ## Hyperparameters
#
# What gradient descent finds are **parameters**: weights and biases. What *you* choose beforehand
# are **hyperparameters**.
#
# | hyperparameter | start with | when to change it |
# |---|---|---|
# | learning rate | Adam 0.001; SGD 0.1 or 0.01 | always tune this first, in factors of 3 |
# | batch size | 32 | larger if the machine is idle, and then a larger rate, too |
# | epochs | until the validation loss stops falling | see early stopping, module 7 |
# | optimiser | Adam | momentum, if you have time to tune |
# | $\mu$, $\beta_1$, $\beta_2$, $\epsilon$ | 0.9, 0.9, 0.999, $10^{-7}$ | hardly ever |
# | initialisation | He for ReLU, Glorot for tanh | hardly ever |
# | layers, units | one or two layers, 64 | when the training loss will not fall |
#
# Choose them by the loss on *validation* examples that are not trained on, never by the test set.
# Try learning rates on a logarithmic scale: 0.001, 0.003, 0.01, 0.03. The steps 0.01, 0.02, 0.03
# would be three times the same.
#
# ## Reading a loss curve
#
# | what you see | likely cause | what to do |
# |---|---|---|
# | falls smoothly and slowly to the end | learning rate too small | three times larger |
# | leaps up, stays high, or `nan` | learning rate or weights too large | ten times smaller; He |
# | flat at $\log C$ from the first step | no signal: weights zero or far too small | He or Glorot |
# | falls, but shakes | very small batches | larger batches; shrink the rate |
# | regular waves, one per epoch | examples are not shuffled | shuffle in each epoch |
# | rises steadily from the start | the step goes uphill | a sign is wrong |
# | falls fast, then level | nothing wrong | stop, or shrink the rate |
#
# Do not trust a single look. The loss of a single mini-batch always shakes; plot the mean over an
# epoch, and the validation loss beside it.

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "A network for four classes is not trained yet and gives every class 0.25. "
        "Your program prints the loss 0.3466. What is wrong?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It takes the mean over all N x C elements",
                "correct": True,
                "feedback": "Yes: knowing nothing costs log(4) = 1.3863, and 1.3863 / 4 = 0.3466.",
            },
            {
                "answer": "Nothing: small losses are good",
                "correct": False,
                "feedback": "An untrained network cannot be better than chance, and chance costs "
                "log(4) = 1.3863.",
            },
            {
                "answer": "It uses the logarithm to base 2",
                "correct": False,
                "feedback": "That would give 2, since log2(4) = 2.",
            },
            {
                "answer": "It forgot to divide by the number of examples",
                "correct": False,
                "feedback": "Then the loss would be larger than log(4) = 1.3863, not smaller.",
            },
        ],
    },
    {
        "question": "1,000 examples, batch size 32, 5 epochs. How many steps are taken?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "160",
                "correct": True,
                "feedback": "Yes: 1000 / 32 = 31.25, so 32 steps in an epoch, the last with 8 "
                "examples; 5 times 32 is 160.",
            },
            {
                "answer": "155",
                "correct": False,
                "feedback": "That is 5 times 31: it leaves out the last, smaller batch of 8.",
            },
            {
                "answer": "5",
                "correct": False,
                "feedback": "That would be full-batch gradient descent, one step in an epoch.",
            },
            {
                "answer": "5000",
                "correct": False,
                "feedback": "That would be batches of one.",
            },
        ],
    },
    {
        "question": "In the first step of Adam with learning rate 0.01, a weight has the gradient "
        "50. How far does it move?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "0.01",
                "correct": True,
                "feedback": "Yes: corrected, m is g and v is g squared, so the step is the "
                "learning rate, whatever the size of g.",
            },
            {
                "answer": "0.5",
                "correct": False,
                "feedback": "That is plain SGD: 0.01 times 50.",
            },
            {
                "answer": "0.0316",
                "correct": False,
                "feedback": "That is Adam without bias correction: 0.1 / sqrt(0.001) = 3.16 times "
                "too far.",
            },
            {
                "answer": "0.05",
                "correct": False,
                "feedback": "That is 0.01 times m, with m = 0.1 times 50. The correction and the "
                "division by the root of v are missing.",
            },
        ],
    },
    {
        "question": "The loss starts at 2.3 and is 2.4, 3.9, 11 and nan in the next steps. What do "
        "you try first?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "A learning rate ten times smaller",
                "correct": True,
                "feedback": "Yes: every step overshoots further than the one before.",
            },
            {
                "answer": "More epochs",
                "correct": False,
                "feedback": "It moves away from the goal. More of the same takes it further.",
            },
            {
                "answer": "Larger weights at the start",
                "correct": False,
                "feedback": "Large weights make steep slopes, and so diverge even sooner.",
            },
            {
                "answer": "Clipping the probabilities away from 0",
                "correct": False,
                "feedback": "That hides the nan, but the weights fly off all the same. The nan is "
                "the symptom.",
            },
        ],
    },
    {
        "question": "A deep ReLU network is started with Glorot's weights. What is different from "
        "He's?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "With layers of equal size, the signal shrinks by about root 2 in each",
                "correct": True,
                "feedback": "Yes: 2 / (n + n) = 1 / n is half of He's 2 / n, and ReLU takes half "
                "of the mean square away.",
            },
            {
                "answer": "Nothing: both have variance 2 / n",
                "correct": False,
                "feedback": "Glorot's is 2 / (inputs + units). With equal sizes that is 1 / n.",
            },
            {
                "answer": "The signal explodes",
                "correct": False,
                "feedback": "Glorot's weights are the smaller ones, so it shrinks.",
            },
            {
                "answer": "All units of a layer stay equal",
                "correct": False,
                "feedback": "That happens when all weights start with one value. Both methods draw "
                "at random.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - Numbers: mean squared error. Yes or no: binary cross-entropy. One of $C$: categorical
#   cross-entropy, summed over classes and averaged over *examples*.
# - Knowing nothing costs $\log C$. Compare your first loss with it.
# - From logits, cross-entropy is exact and its gradient is $(P - Y)/N$. From probabilities, keep
#   them away from 0 and 1.
# - $w \leftarrow w - \eta\, g$. Too small a rate creeps; beyond $2/\text{curvature}$ it diverges.
# - Many rough steps beat few exact ones: mini-batches, shuffled anew in each epoch.
# - Momentum adds up steps that agree. RMSProp gives each weight its own step size. Adam does both,
#   and corrects its averages, which start at 0.
# - He for ReLU, Glorot for tanh: then signals and gradients stay level through the layers.
#
# ## Common mistakes and tips
#
# - **Shapes (N, 1) and (N,) in one subtraction.** NumPy makes (N, N) of them, without a word.
# - **`np.mean(Y * np.log(P))`.** Too small by the factor $C$; the gradient is not.
# - **`np.log(P)` unguarded.** Works for weeks, then one `nan` spoils the run.
# - **A sigmoid *and* `from_logits=True`.** The sigmoid is applied twice: give one or the other.
# - **Shuffling `X` and `Y` apart.** Index both with the same permutation.
# - **Dropping the last batch, or sampling with replacement.** Then an epoch is not an epoch.
# - **Adam's corrected averages stored back.** They are for this step only.
# - **Counting Adam's $t$ from 0.** Then $1 - \beta^0 = 0$, and you divide by it.
# - **One optimiser for two models.** It remembers velocities of the first. Make a new one.
# - **Variance where `rng.normal` wants the standard deviation.** Take the root.
# - **Tip:** can your network learn ten examples by heart? If not, look for a bug, not for a better
#   optimiser.
# - **Tip:** change one hyperparameter at a time, and write down what you tried.
#
# ## Glossary
#
# - **Batch, mini-batch:** the examples that are used for one step.
# - **Bias correction:** dividing a running average that started at 0 by $1 - \beta^t$.
# - **Cross-entropy:** the mean of $-\log$ of the probability that was given to the truth.
# - **Curvature:** how fast the slope changes: the second derivative.
# - **Diverge:** to move away from the goal, further in every step.
# - **Epoch:** one pass in which every training example is used once.
# - **Exploding, vanishing gradient:** a gradient that grows or shrinks from layer to layer until it
#   is of no use.
# - **Glorot, He initialisation:** variances for the starting weights that keep signals level.
# - **Hyperparameter:** a number that you choose before training, such as the learning rate.
# - **Learning rate $\eta$:** how far a step goes.
# - **Logit:** the score before a sigmoid or softmax.
# - **Loss:** one number that says how wrong the network is; smaller is better.
# - **Momentum $\mu$:** the share of the velocity that is kept from step to step.
# - **Optimiser:** the rule by which the parameters move, given the gradient.
# - **SGD:** stochastic gradient descent: steps on examples drawn at random.
# - **Step (iteration, update):** one change of the parameters.
#
# ## References
#
# - A. Cauchy: Méthode générale pour la résolution des systèmes d'équations simultanées.
#   *Comptes Rendus* 25, 1847. Gradient descent.
# - H. Robbins, S. Monro: A stochastic approximation method. *Annals of Mathematical Statistics*,
#   volume 22, 1951. The ancestor of SGD.
# - B. T. Polyak: Some methods of speeding up the convergence of iteration methods. *USSR
#   Computational Mathematics and Mathematical Physics* 4, 1964. Momentum.
# - J. Duchi, E. Hazan, Y. Singer: Adaptive subgradient methods for online learning and stochastic
#   optimization. *JMLR* 12, 2011. AdaGrad.
# - G. Hinton: *Neural Networks for Machine Learning*, lecture 6e, 2012. RMSProp.
# - D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. *ICLR*, 2015.
# - X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks.
#   *AISTATS*, 2010.
# - K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers. *ICCV*, 2015.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapters 6 and 8.
#
# ## What comes next
#
# Open `loss_and_optimization_exercises.ipynb` and write these losses and optimisers yourself. In
# module 5 you put them together with softmax and backpropagation: a whole network, by your own
# hand, that reads handwritten digits.
