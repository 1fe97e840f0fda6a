# %% [markdown]
# # 2. Activation functions
#
# A neuron adds up its weighted inputs, and then does one more thing to the sum. That one more thing
# is the activation function. It looks like a detail. It decides whether a network can draw anything
# but a straight line, and whether its first layers ever learn.
#
# **You will be able to**
#
# - show with numbers why a network without activations is a single layer in disguise;
# - write down step, linear, sigmoid, tanh, ReLU, leaky ReLU, ELU and softmax, with the range, the
#   derivative and the place of each;
# - compute them for $z = 1000$ without a `nan`;
# - explain saturation, vanishing gradients, zero-centred outputs and dying ReLUs, and measure them;
# - write the derivative of softmax, which is a table, and tell it from the popular wrong one;
# - choose an output activation and a loss for a task.
#
# **You need first:** $Z = XW + b$ and the pre-activation (module 1), and the derivative as the
# slope of a curve.
#
# **Time:** about 75 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import numpy as np
from IPython.display import display

import nnlib as nn
from nnlib import activations, plots, widgets
from nnlib.datasets import circles

np.set_printoptions(precision=4, suppress=True)

# %% tags=["hide-input"]
z = np.linspace(-4, 4, 400)
others = np.zeros_like(z)  # softmax: two more scores, which stay at 0
p = activations.softmax(np.column_stack([z, others, others]))[:, 0]
shapes = {
    name.replace("_", " "): (activations.get(name)(z), activations.derivative(name, z))
    for name in ("step", "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu")
}
shapes["softmax, one of three"] = (p, p * (1 - p))

fig = plots.figure(size=(11.0, 5.2))
axes = fig.subplots(2, 4, sharex=True, sharey=True)
for ax, (name, (a, slope)) in zip(axes.flat, shapes.items(), strict=True):
    ax.plot(z, a, color="#0065A3", label="function")
    ax.plot(z, slope, color="#B34A00", linestyle="--", label="its derivative")
    ax.set(title=name, ylim=(-1.6, 2.6))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#DDDDDD")
for ax in axes[1]:
    ax.set_xlabel("z")
axes[0, 0].legend(loc="upper left", fontsize=10)
fig.alt_text = (
    "Eight activation functions and, dashed, their derivatives, for z from -4 to 4. Step jumps "
    "from 0 to 1, and its derivative is 0. Linear is a straight line with derivative 1. Sigmoid "
    "rises from 0 to 1, tanh from -1 to 1; their derivatives are bumps around 0, of height 0.25 "
    "and 1. ReLU is 0 and then z; leaky ReLU goes gently down on the left, ELU levels off at -1; "
    "the derivatives of these three are 1 on the right. One output of softmax rises like a sigmoid."
)
fig

# %% [markdown]
# Come back to this picture at the end. By then you will know why each curve has its shape, and what
# the dashed line has to do with learning.

# %% [markdown]
# ## Why a network needs them
#
# Take two layers, and leave out what comes after the sum. The first computes
# $a = x W^{[1]} + b^{[1]}$, the second reads it: $z = a W^{[2]} + b^{[2]}$. Put the first into the
# second and multiply out:
#
# $$(x W^{[1]} + b^{[1]})\, W^{[2]} + b^{[2]}
# = x \underbrace{W^{[1]} W^{[2]}}_{W} + \underbrace{b^{[1]} W^{[2]} + b^{[2]}}_{b}$$
#
# This is one layer, with the weights $W$ and the bias $b$. The two layers can do exactly what one
# can.
#
# ### Two layers by hand
#
# $$x = (1,\ 2), \qquad W^{[1]} = \begin{pmatrix} 1 & -2 \\ 3 & 1 \end{pmatrix}, \qquad
# b^{[1]} = (-1,\ 1), \qquad W^{[2]} = \begin{pmatrix} 2 \\ -1 \end{pmatrix}, \qquad
# b^{[2]} = 0.5$$
#
# 1. First layer: $(1 \cdot 1 + 2 \cdot 3 - 1,\ \ 1 \cdot (-2) + 2 \cdot 1 + 1) = (6,\ 1)$.
# 2. Second layer: $6 \cdot 2 + 1 \cdot (-1) + 0.5 = 11.5$.
#
# Now the one layer. $W = W^{[1]} W^{[2]} = \begin{pmatrix} 4 \\ 5 \end{pmatrix}$ and
# $b = (-1) \cdot 2 + 1 \cdot (-1) + 0.5 = -2.5$. It gives $1 \cdot 4 + 2 \cdot 5 - 2.5 = 11.5$. The
# same, and so it is for every other $x$.

# %%
W1, b1 = np.array([[1.0, -2.0], [3.0, 1.0]]), np.array([-1.0, 1.0])
W2, b2 = np.array([[2.0], [-1.0]]), np.array([0.5])
W, b = W1 @ W2, b1 @ W2 + b2  # the one layer

for x in np.array([[1.0, 2.0], [1.0, -1.0], [0.0, 3.0]]):
    two_layers = (x @ W1 + b1) @ W2 + b2
    with_relu = np.maximum(x @ W1 + b1, 0) @ W2 + b2
    print(f"x = {x}: two layers {two_layers}, one layer {x @ W + b}, with ReLU {with_relu}")
    assert np.allclose(two_layers, x @ W + b)

# %% [markdown]
# The last column puts $\max(z, 0)$, called ReLU, between the layers. For $x = (1, -1)$ the answer
# is now 0.5, not −3.5: both hidden units were negative, and ReLU silenced them. For the other two
# $x$ it changed nothing, as all was positive. Which units are silent depends on $x$. So each region
# of inputs gets a linear function of its own, and their pieces can be put together into any shape.
#
# ### Predict first: 609 parameters
#
# The points below form two rings, one inside the other. A network with three hidden layers of 16
# units has 609 parameters. We train it twice: once without activations in the hidden layers, once
# with tanh. What does the first one get right? (a) nearly all points; (b) about three in four; (c)
# about as many as a tossed coin.

# %%
X, y = circles(200, seed=0)


def rings(activation):
    """A trained network with three hidden layers."""
    hidden = [nn.Dense(16, activation=activation) for _ in range(3)]
    model = nn.Sequential([nn.Input((2,)), *hidden, nn.Dense(1, activation="sigmoid")], seed=0)
    model.compile(nn.Adam(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X, y, epochs=100, batch_size=32, verbose=0)
    return model


for activation in ("linear", "tanh"):
    model = rings(activation)
    accuracy = model.evaluate(X, y, verbose=0)[1]
    print(f"{activation:7s}{model.count_params()} parameters, accuracy {accuracy:.0%}")
    display(plots.decision_boundary(model, X, y, title=f"Hidden layers: {activation}"))

# %% [markdown]
# A coin. Without activations, the 609 parameters work like three: two weights and a bias. That is a
# straight line, and no straight line parts a ring from what is inside it. More layers would not
# help, nor would more training. With tanh, the same network closes the boundary into a loop.
#
# **The rule:** a non-linear function must stand between any two layers. Almost any will do: with
# one hidden layer that is wide enough, every activation that is not a polynomial can approximate
# every continuous function on a bounded region (Cybenko 1989; Leshno and others 1993). In
# *learning*, they differ very much. The rest of this lesson is about these differences.

# %% [markdown]
# ## Step and linear: the two extremes
#
# **Step.** The unit of Rosenblatt's perceptron is on or off:
#
# $$g(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases} \qquad\qquad g'(z) = 0
# \quad (z \ne 0)$$
#
# Its range is the two numbers 0 and 1. It is not linear, so it could draw any shape. But look at
# its slope: flat on both sides. Gradient descent asks "if I change this weight a little, what
# happens to the loss?" The step answers: nothing. So a network of steps cannot be trained by
# gradients.
#
# **Linear.** Also called the identity:
#
# $$g(z) = z \qquad\qquad g'(z) = 1$$
#
# Its range is all numbers. Gradients pass untouched, but between layers it is useless, as you have
# just seen. It has its place at the *end* of a network that predicts a number of any size: a price,
# a temperature (**regression**).
#
# We want both: a bend, and a slope.

# %%
Z = np.array([[-1.5, 0.3], [2.0, -0.1]])
print("step\n", np.where(Z >= 0, 1.0, 0.0))
print("linear\n", Z)

# %% [markdown]
# ## Sigmoid: a soft step
#
# The sigmoid rounds the corners of the step:
#
# $$g(z) = \frac{1}{1 + e^{-z}}$$
#
# Its range is $(0, 1)$, the ends not included, so that its output can be read as a probability. It
# stands in the **output of a yes-or-no network** (binary classification), and in the gates of LSTM
# networks. For decades it was the usual choice in hidden layers, too.
#
# ### The derivative, from the output
#
# Differentiate, and a small miracle happens: the derivative needs only the output $a = g(z)$.
#
# $$g'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot
# \frac{e^{-z}}{1 + e^{-z}} = a\,(1 - a)$$
#
# In NumPy: `A = 1 / (1 + np.exp(-Z))`, then `D = A * (1 - A)`.
#
# **By hand**, at $z = 2$: $e^{-2} = 0.1353$, so $a = 1 / 1.1353 = 0.8808$, and the slope is
# $0.8808 \cdot 0.1192 = 0.1050$. We check the slope by wiggling $z$ a little to both sides:

# %%
h = 1e-5
a = 1 / (1 + np.exp(-2.0))
wiggled = (1 / (1 + np.exp(-(2.0 + h))) - 1 / (1 + np.exp(-(2.0 - h)))) / (2 * h)
print(f"a = {a:.4f}, a (1 - a) = {a * (1 - a):.4f}, by wiggling {wiggled:.4f}")

assert np.isclose(a * (1 - a), wiggled)

# %% [markdown]
# **Your turn.** Where is the sigmoid steepest, and how steep is it there? Write the largest slope
# in place of `None`. Most people guess 1.

# %%
largest_slope = None  # your number


def told(answer, right):
    if answer is None:
        return "Write your answer in place of None, and run the cell again."
    return "Right." if np.isclose(answer, right) else "Not yet. Look at the first picture again."


print(told(largest_slope, activations.derivative("sigmoid", z).max().round(2)))

# %% [markdown]
# ### When z is large
#
# On paper, $\frac{1}{1 + e^{-z}}$ and $\frac{e^z}{1 + e^z}$ are the same. On a computer,
# `np.exp(1000)` is `inf`:

# %%
large = np.array([-1000.0, 0.0, 1000.0])
with np.errstate(over="ignore", invalid="ignore"):  # we know what is coming
    print("1 / (1 + e^-z):  ", 1 / (1 + np.exp(-large)))
    print("e^z / (1 + e^z): ", np.exp(large) / (1 + np.exp(large)))


def sigmoid(Z):
    """1 / (1 + e^-z), for z of any size."""
    E = np.exp(-np.abs(Z))  # never above 1
    return np.where(Z >= 0, 1 / (1 + E), E / (1 + E))


print("safe:            ", sigmoid(large))

assert np.allclose(sigmoid(large), [0, 0.5, 1])

# %% [markdown]
# The first form is right, but only because `1 / inf` happens to be 0; NumPy warns. The second is
# `inf / inf`, which is `nan`, not a number. A single `nan` in a forward pass can make every weight
# `nan` in the next step. The safe form takes, for each sign of $z$, the fraction whose exponential
# cannot overflow.

# %% [markdown]
# ## tanh: a sigmoid around zero
#
# $$g(z) = \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}} \qquad\qquad g'(z) = 1 - a^2$$
#
# Its range is $(-1, 1)$. It *is* a sigmoid, stretched: $\tanh z = 2\,\sigma(2z) - 1$, where
# $\sigma$ is the sigmoid. In NumPy: `A = np.tanh(Z)`, then `D = 1 - A**2`. It serves in hidden
# layers of small networks and in recurrent networks.
#
# **By hand**, at $z = 1$: $e = 2.7183$ and $e^{-1} = 0.3679$, so $a = 2.3504 / 3.0862 = 0.7616$.
# The slope is $1 - 0.7616^2 = 0.4200$. At $z = 0$ the slope is 1, four times the sigmoid's best.

# %%
a = np.tanh(1.0)
print(f"a = {a:.4f}, slope {1 - a**2:.4f}")

assert np.isclose(a, 2 * sigmoid(2.0) - 1)

# %% [markdown]
# ### Zero-centred outputs
#
# Why should it matter that tanh lies around 0? Look at one unit of the next layer. It reads
# $a_1, a_2, a_3$, and its weights have the gradients $\partial L/\partial w_i = \delta\, a_i$,
# where $\delta = \partial L/\partial z$ is one number for the whole unit.
#
# - Behind a sigmoid, all $a_i$ are positive, say $(0.9,\ 0.6,\ 0.2)$. With $\delta = -0.5$ the
#   gradients are $(-0.45,\ -0.3,\ -0.1)$: all of one sign. In this step *all* weights go up, or all
#   go down. To raise one and lower another, the unit must zigzag.
# - Behind tanh, the $a_i$ have both signs, say $(0.8,\ -0.2,\ 0.1)$. The gradients are
#   $(-0.4,\ 0.1,\ -0.05)$, and each weight goes its own way.
#
# There is a second reason. The mean of the outputs works like a bias that nobody asked for, and it
# adds up from layer to layer (LeCun and others, 1998). Here is the mean output of five activations,
# where the pre-activations are random with mean 0 and standard deviation 1:

# %%
Z = np.random.default_rng(0).normal(size=1_000_000)
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu"):
    print(f"{name:11s}{activations.get(name)(Z).mean():6.2f}")

# %% [markdown]
# tanh is centred, sigmoid is far from it, and ReLU is not centred either: 0.40. ELU, with its
# negative side, comes nearer: 0.16. That was its authors' aim.

# %% [markdown]
# ## What is left of a gradient
#
# Now the dashed lines of the first picture. To train the first layer, the gradient has to come back
# through all the layers behind it. At each of them the chain rule multiplies it by $g'(z)$. (It
# multiplies by the weights too: that is module 3.) So ask of every activation: how large is $g'$?
#
# Far from 0 the sigmoid is flat. At $z = 5$ its slope is 0.0066; at $z = 10$ it is 0.000045. Such a
# unit is **saturated**: it has made up its mind, and hardly any gradient passes. tanh saturates
# earlier still: its slope at $z = 3$ is 0.0099.
#
# ### Predict first: ten sigmoids, at their best
#
# Ten layers of sigmoids, every unit at $z = 0$, where the sigmoid is steepest. Which part of the
# gradient comes through all ten? (a) about a half; (b) about one hundredth; (c) about one
# millionth.

# %%
print(f"slope at its best {0.25}, after ten layers {0.25**10:.2e}")

# %% [markdown]
# One millionth: $0.25^{10} = 9.5 \cdot 10^{-7}$. And that is the *best* case. The largest slope of
# a sigmoid is not 1 but $\frac{1}{4}$, since $a(1 - a)$ is largest at $a = \frac{1}{2}$. This is
# the **vanishing gradient** (Hochreiter, 1991). If $g'$ times the weight is above 1 in each layer,
# the gradient *explodes* instead; more on that in module 4.
#
# Move the controls. Left: the function, with a dot where the unit is. Middle: its slope there.
# Right: what is left of a gradient of 1 after so many layers, with all weights 1. Try these:
#
# - `sigmoid` at $z = 0$ and at $z = 4$;
# - `tanh` at $z = 0$, and a little beside it, at $z = 1$;
# - `relu` at $z = 1$ and at $z = -1$;
# - `leaky_relu` and `elu` at $z = -1$.
#
# Which activation lets a gradient through whole, over more than a single point?

# %%
widgets.activation_explorer()

# %% [markdown]
# Only ReLU and its relatives, on the right side of 0: there the slope is exactly 1, and
# $1^{10} = 1$. On the left, ReLU lets nothing through at all.
#
# ### The same with real weights
#
# The explorer has left the weights out. Here is a network of ten layers with 64 units each and
# random weights, whose size suits each activation (why so, is told in module 4). A gradient of size
# 1 enters at the end. How large is it when it reaches each layer?


# %%
def gradient_by_layer(name, gain, layers=10, units=64):
    """Root mean square of dL/dZ in each layer, first layer first."""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(200, units))
    passed = []
    for _ in range(layers):  # forward
        W = gain * rng.normal(size=(units, units)) / np.sqrt(units)
        Z = A @ W
        A = activations.get(name)(Z)
        passed.append((W, Z))
    dA = rng.normal(size=A.shape)  # the gradient that enters: size 1
    sizes = []
    for W, Z in reversed(passed):  # backward
        dZ = dA * activations.derivative(name, Z)
        sizes.append(np.sqrt(np.mean(dZ**2)))
        dA = dZ @ W.T
    return np.array(sizes[::-1])


sizes = {
    "sigmoid": gradient_by_layer("sigmoid", 1),
    "tanh": gradient_by_layer("tanh", 1),
    "ReLU": gradient_by_layer("relu", np.sqrt(2)),
}

fig = plots.figure(size=(7.4, 4.0))
ax = fig.subplots()
looks = [("#0065A3", "-", "o"), ("#B34A00", "--", "s"), ("#00735C", "-.", "^")]
label_offsets = [(14, -6), (6, -17), (6, 10)]
for (name, size), (colour, line, marker), offset in zip(
    sizes.items(), looks, label_offsets, strict=True
):
    ax.semilogy(range(1, 11), size, color=colour, linestyle=line, marker=marker)
    ax.annotate(
        f"{name}: {size[0]:.1g} in layer 1",
        (1, size[0]),
        xytext=offset,
        textcoords="offset points",
        color=colour,
        fontweight="bold",
    )
ax.set(xlabel="layer", ylabel="size of the gradient", title="Coming back through ten layers")
ax.set(xticks=range(1, 11), ylim=(1e-7, 10))
ax.spines[["top", "right"]].set_visible(False)
fig.alt_text = "Size of the gradient by layer, from layer 10 back to layer 1. " + " ".join(
    f"{name}: {size[-1]:.2g} in layer 10, {size[0]:.2g} in layer 1." for name, size in sizes.items()
)
fig

# %% [markdown]
# Read it from right to left, as the gradient travels. With sigmoids, layer 10 gets 0.23, and layer
# 1 about $5 \cdot 10^{-7}$: layer 10 gets more than 400,000 times as much. While the last layer
# learns, the first one stands still. tanh and ReLU bring 0.3 and 0.5 to layer 1: tanh, because most
# of its units are near 0, where its slope is near 1; ReLU, because the slope of a unit that is on
# is exactly 1. This is one reason why deep networks were so hard to train before ReLU (Glorot,
# Bordes and Bengio, 2011).

# %% [markdown]
# ## ReLU and its relatives
#
# **ReLU**, the rectified linear unit, is the simplest bend there is (Nair and Hinton, 2010):
#
# $$g(z) = \max(z, 0) \qquad\qquad g'(z) = \begin{cases} 1 & z > 0 \\ 0 & z < 0 \end{cases}$$
#
# Its range is $[0, \infty)$. In NumPy: `A = np.maximum(Z, 0)`, then
# `D = np.where(Z > 0, 1.0, 0.0)`. At $z = 0$ exactly it has a corner and no derivative; libraries
# take 0 there, and it does not matter. It costs almost nothing to compute, and does not saturate
# for positive $z$. It is the first choice for **hidden layers**.
#
# Its left side is flat, and so there are two relatives that are not:
#
# $$\text{leaky ReLU:}\quad g(z) = \begin{cases} z & z > 0 \\ s z & z \le 0 \end{cases}
# \qquad g'(z) = \begin{cases} 1 & z > 0 \\ s & z < 0 \end{cases}$$
#
# $$\text{ELU:}\quad g(z) = \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}
# \qquad g'(z) = \begin{cases} 1 & z > 0 \\ \alpha e^z = a + \alpha & z < 0 \end{cases}$$
#
# Leaky ReLU has the range of all numbers; $s$ is small, 0.2 is Keras's default, 0.01 is in the
# paper (Maas and others, 2013). ELU has the range $(-\alpha, \infty)$, usually with $\alpha = 1$
# (Clevert and others, 2016). Both serve in hidden layers.
#
# **By hand**, at $z = -1$: ReLU gives 0 with slope 0. Leaky ReLU with $s = 0.2$ gives −0.2 with
# slope 0.2. ELU with $\alpha = 1$ gives $e^{-1} - 1 = -0.6321$ with slope $e^{-1} = 0.3679$, which
# is $-0.6321 + 1$.

# %%
for name in ("relu", "leaky_relu", "elu"):
    a, slope = activations.get(name)(-1.0), activations.derivative(name, -1.0)
    print(f"{name:11s}a = {a:.4f}, slope {slope:.4f}")

# %% [markdown]
# One trap is in ELU's code. It is tempting to multiply each side by a mask of zeros and ones:

# %%
Z = np.array([-1.0, 1000.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("masks:   ", Z * (Z > 0) + (np.exp(Z) - 1) * (Z <= 0))
print("np.where:", np.where(Z > 0, Z, np.exp(np.minimum(Z, 0)) - 1))

# %% [markdown]
# `np.exp(1000)` is `inf`, and `inf * 0` is not 0 but `nan`. `np.where` chooses and does not
# multiply; `np.minimum` keeps the exponent from being positive in the first place.
#
# ### Units that die
#
# A ReLU whose pre-activation is negative for *every* example is **dead**. Its output is always 0.
# Its slope is always 0, so its weights get no gradient. If nothing before it changes, it never
# comes back. How does a unit get there? By one step that was too large: it throws the bias far
# below zero.
#
# **Your turn.** Below are the pre-activations of four units for three examples: one row for each
# example, one column for each unit. How many of the four units are dead?

# %%
Z = np.array([[-1.0, 0.5, -0.2, -3.0], [-0.4, -1.2, -0.1, 2.0], [-2.0, 0.3, -0.7, -1.0]])
dead_units = None  # your number
print(told(dead_units, np.sum(np.all(Z <= 0, axis=0))))

# %% [markdown]
# ### Predict first: can they be revived?
#
# We train 32 ReLU units on the rings for five epochs with a learning rate of 10, which is far too
# large. Then we see the mistake, and train 100 epochs more with 0.1, a good value. From a fresh
# start, 100 epochs with 0.1 get every point right. How many of the 32 units are dead before and
# after the second training, and what is the accuracy at the end?


# %%
def after_a_mistake(activation, seed, mistake_epochs=5):
    """Dead units after the mistake and at the end, and the accuracy at the end."""
    hidden = nn.Dense(32, activation=activation, kernel_initializer="he_normal")
    model = nn.Sequential([nn.Input((2,)), hidden, nn.Dense(1, activation="sigmoid")], seed=seed)
    model.compile(nn.SGD(learning_rate=10.0), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X, y, epochs=mistake_epochs, batch_size=32, verbose=0)
    dead = [np.sum(np.all(X @ hidden.kernel + hidden.bias <= 0, axis=0))]
    model.optimizer.learning_rate = 0.1
    model.fit(X, y, epochs=100, batch_size=32, verbose=0)
    dead.append(np.sum(np.all(X @ hidden.kernel + hidden.bias <= 0, axis=0)))
    return *dead, model.evaluate(X, y, verbose=0)[1]


before, after, accuracy = after_a_mistake("relu", seed=0, mistake_epochs=0)
print(f"no mistake:  {before} of 32 dead, then {after}; accuracy {accuracy:.0%}")
before, after, accuracy = after_a_mistake("relu", seed=0)
print(f"the mistake: {before} of 32 dead, then {after}; accuracy {accuracy:.0%}")

# %% [markdown]
# All 32 are dead, and all 32 stay dead. 100 epochs with a good learning rate change nothing, since
# there is no gradient that could. The network says the same for every point.
#
# Would leaky ReLU have saved it? Always some gradient passes there. Let us ask five seeds:

# %%
for name in ("relu", "leaky_relu"):
    scores = [after_a_mistake(name, seed)[2] for seed in range(5)]
    print(f"{name:11s}accuracy at the end: " + "  ".join(f"{score:4.0%}" for score in scores))

# %% [markdown]
# ReLU: 50 % every time. Leaky ReLU: sometimes all right again, sometimes not. We tried 20 seeds:
# ReLU got past 80 % in none of them, leaky ReLU in about half. So a leak helps, and a sensible
# learning rate helps far more. A few dead units in a wide layer do no harm. When you see half of a
# layer dead, act: lower the learning rate first.

# %% [markdown]
# ## Softmax: shares of one total
#
# All functions so far treat each number by itself. Softmax takes all scores of an example together
# and makes probabilities of them:
#
# $$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# Each $p_i$ lies in $(0, 1)$, and together they add up to 1. It stands in the **output of a network
# that chooses one of several classes**.
#
# **By hand**, for the scores $(2,\ 1,\ 0)$: $e^2 = 7.3891$, $e^1 = 2.7183$, $e^0 = 1$. Their sum is
# 11.1073. So $p = (0.6652,\ 0.2447,\ 0.0900)$. In NumPy: `E = np.exp(z)`, then `p = E / E.sum()`.

# %%
scores = np.array([2.0, 1.0, 0.0])
E = np.exp(scores)
p = E / E.sum()
print(p, p.sum())

# %% [markdown]
# With two classes, softmax is the sigmoid of the difference of the scores:
# $p_1 = \frac{e^{z_1}}{e^{z_1} + e^{z_2}} = \sigma(z_1 - z_2)$. Divide above and below by $e^{z_1}$
# to see it.
#
# ### Predict first: a thousand more
#
# Now the scores are $(1002,\ 1001,\ 1000)$. What is $p$? (a) almost exactly $(1, 0, 0)$; (b) the
# same as before; (c) nearly equal shares. And what does NumPy say?


# %%
def softmax(Z):
    """Softmax over the last axis: the classes of one example."""
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))  # the largest exponent is now 0
    return E / E.sum(axis=-1, keepdims=True)


with np.errstate(over="ignore", invalid="ignore"):
    naive = np.exp(scores + 1000)
    print("naively:           ", naive / naive.sum())
print("maximum subtracted:", softmax(scores + 1000))

# %% [markdown]
# The same as before: $e^{z + c} = e^c e^z$, and the factor $e^c$ cancels. Softmax sees only
# *differences* of scores. So we may subtract the largest score from all of them first. Then no
# exponent is above 0, and nothing overflows. For a batch, subtract each *row's* maximum:
# `axis=-1, keepdims=True`.
#
# ### The derivative is a table
#
# Raise one score. Its probability rises, and *all others fall*, since they share one total. So
# there is not one derivative for each class, but one for each pair: the **Jacobian**.
#
# $$J_{ij} = \frac{\partial p_i}{\partial z_j} = p_i\, (\delta_{ij} - p_j), \qquad
# \delta_{ij} = \begin{cases} 1 & i = j \\ 0 & i \ne j \end{cases}$$
#
# **Where it comes from.** Write $S = \sum_k e^{z_k}$, so that $p_i = e^{z_i}/S$. The quotient rule
# gives
#
# $$\frac{\partial p_i}{\partial z_j} = \frac{\delta_{ij}\, e^{z_i}}{S}
# \;-\; \frac{e^{z_i}\, e^{z_j}}{S^2} = p_i\, \delta_{ij} - p_i\, p_j$$
#
# In NumPy: `np.diag(p) - np.outer(p, p)`.
#
# **By hand**, for our three scores: $J_{11} = 0.6652 \cdot (1 - 0.6652) = 0.2227$, and
# $J_{12} = -0.6652 \cdot 0.2447 = -0.1628$. Below, each column is checked by wiggling one score.

# %%
J = np.diag(p) - np.outer(p, p)
wiggled = np.column_stack(
    [(softmax(scores + e) - softmax(scores - e)) / (2 * h) for e in h * np.eye(3)]
)
print(J)
print("largest difference from wiggling below 1e-8:", np.abs(J - wiggled).max() < 1e-8)

assert np.allclose(J, wiggled)

# %% [markdown]
# **Your turn.** What does each row of this table add up to? Think of why before you add: all scores
# raised together change nothing.

# %%
row_sum = None  # your number
print(told(row_sum, J.sum(axis=1).round(8)[0]))

# %% [markdown]
# ### The popular wrong derivative
#
# You will meet this in many tutorials: `def softmax_derivative(x): return x * (1 - x)`. It is the
# sigmoid's derivative under another name. $p_i (1 - p_i)$ is only the *diagonal* of the table; it
# says that raising one score leaves the others in peace. What does it cost? Suppose that the loss
# hands back the gradient $\partial L/\partial p = (0,\ -1,\ 0)$: raise the second probability. The
# chain rule adds up over all outputs,
# $\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial p_i} J_{ij}$, which is a row
# vector times the table.

# %%
dp = np.array([0.0, -1.0, 0.0])
print("right:        ", dp @ J)
print("p (1 - p) only:", dp * p * (1 - p))

# %% [markdown]
# A step goes against the gradient. The right one raises the second score, *and lowers the first*,
# which holds most of the total. The wrong one has lost that. It still points downhill, more or
# less, so that the loss falls and nobody notices. In module 5 you see how much it costs.

# %% [markdown]
# ## Find the bug
#
# This function is printed in countless places. It can do both, the sigmoid and its derivative, and
# each of its two lines is a formula that you have seen above. Yet the last line of the cell says
# that something is wrong. A curve that rises everywhere has a slope of −2? Find the mistake, mend
# it, and run the cell again.


# %%
def sigmoid_or_derivative(x, derivative=False):
    if derivative:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


z1 = 2.0
a1 = sigmoid_or_derivative(z1)
slope = sigmoid_or_derivative(z1, derivative=True)

wiggled = (sigmoid_or_derivative(z1 + h) - sigmoid_or_derivative(z1 - h)) / (2 * h)
print(f"slope {slope:.4f}, by wiggling {wiggled:.4f}")
print("They agree." if np.isclose(slope, wiggled) else "They do not agree yet.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where is the first wrong number?* `a1` is 0.8808, which is right; `slope` is −2. *Which line?*
# `slope = sigmoid_or_derivative(z1, derivative=True)`. *Why?* The formula $a(1 - a)$ was written
# for the **output** $a$, and here it got the **input** $z$: $2 \cdot (1 - 2) = -2$. Hand it the
# output:
#
# ```python
# slope = sigmoid_or_derivative(a1, derivative=True)
# ```
#
# The real fault is the function's: its `x` means $z$ in one line and $a$ in the other. Give the
# derivative a name and an argument of its own, and the mistake cannot be made:
#
# ```python
# def sigmoid_slope(a):
#     """The derivative of the sigmoid, from its output a."""
#     return a * (1 - a)
# ```
#
# Where $z$ lies between 0 and 1, $z(1 - z)$ even looks like a slope: at $z = 0.5$ it gives 0.25,
# and 0.2350 is right. So test with $z$ on both sides of 0, and larger than 1.
#
# </details>

# %% [markdown]
# ## Which one, where
#
# | function | range | derivative | where it is used |
# |---|---|---|---|
# | step | 0 or 1 | 0 | Rosenblatt's perceptron; not with gradients |
# | linear | all numbers | 1 | output of a regression |
# | sigmoid | $(0, 1)$ | $a(1 - a)$, at most $\frac{1}{4}$ | output for yes or no; gates |
# | tanh | $(-1, 1)$ | $1 - a^2$, at most 1 | hidden layers, recurrent networks |
# | ReLU | $[0, \infty)$ | 1 or 0 | hidden layers: the first choice |
# | leaky ReLU | all numbers | 1 or $s$ | hidden layers, if units die |
# | ELU | $(-\alpha, \infty)$ | 1 or $a + \alpha$ | hidden layers, if units die |
# | softmax | $(0, 1)$, sum 1 | table $p_i(\delta_{ij} - p_j)$ | output for one of several classes |
#
# For the **output layer**, ask which numbers may come out. The loss goes with the activation:
#
# | the answer is | output activation | loss |
# |---|---|---|
# | any number | linear | mean squared error |
# | yes or no | sigmoid, one unit | binary cross-entropy |
# | exactly one of $C$ classes | softmax, $C$ units | categorical cross-entropy |
# | any of $C$ labels, each yes or no | sigmoid, $C$ units | binary cross-entropy |
#
# Why not the squared error behind a sigmoid? Let the target be 1 and $z = -6$: the network says
# $a = 0.0025$, sure and wrong. The gradient of the squared error $(a - y)^2$ is
# $2 (a - y)\, a (1 - a) = -0.0049$: the sigmoid is saturated, and the error hardly moves. With
# cross-entropy the factor $a(1 - a)$ cancels, and the gradient is $a - y = -0.9975$.

# %%
a = sigmoid(-6.0)
print(f"a = {a:.4f}, squared error {2 * (a - 1) * a * (1 - a):.4f}, cross-entropy {a - 1:.4f}")

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "A network has 20 layers and no activation functions. What can it do that one "
        "layer cannot?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Nothing",
                "correct": True,
                "feedback": "Yes: the product of 20 matrices is one matrix, and the biases "
                "collect into one bias.",
            },
            {
                "answer": "Solve XOR",
                "correct": False,
                "feedback": "XOR needs a bend somewhere. Twenty linear layers are one linear "
                "layer.",
            },
            {
                "answer": "Fit curves of degree 20",
                "correct": False,
                "feedback": "The layers are put one into the other, but no input is ever "
                "multiplied by an input. The degree stays 1.",
            },
            {
                "answer": "Learn more slowly, but reach a lower loss",
                "correct": False,
                "feedback": "Every function that it can reach, one layer can reach too, so its "
                "lowest loss is no lower.",
            },
        ],
    },
    {
        "question": "A sigmoid unit has the output a = 0.9. What is its derivative da/dz there?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "0.09",
                "correct": True,
                "feedback": "Yes: a (1 - a) = 0.9 times 0.1. You need not know z.",
            },
            {
                "answer": "0.19",
                "correct": False,
                "feedback": "This is 1 - a squared: the derivative of tanh.",
            },
            {
                "answer": "0.2055",
                "correct": False,
                "feedback": "Here 0.9 was taken for z and sent through the sigmoid again. It is a "
                "already.",
            },
            {
                "answer": "It cannot be known without z",
                "correct": False,
                "feedback": "It can: that is what makes a (1 - a) so handy in the backward pass.",
            },
        ],
    },
    {
        "question": "In a deep network of sigmoids, the first layers hardly learn. What is the "
        "reason?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "At each layer the gradient is multiplied by at most 1/4",
                "correct": True,
                "feedback": "Yes: many such factors, one after the other, leave next to nothing.",
            },
            {
                "answer": "The outputs of sigmoids are too small",
                "correct": False,
                "feedback": "They lie between 0 and 1, which is no harm. It is the slopes that "
                "are multiplied on the way back.",
            },
            {
                "answer": "The units are dead",
                "correct": False,
                "feedback": "On paper a sigmoid's slope is never 0, so it is never quite dead. "
                "Dead units are a matter of ReLU.",
            },
            {
                "answer": "The exponential function overflows",
                "correct": False,
                "feedback": "That would give nan, and nothing would be learned anywhere.",
            },
        ],
    },
    {
        "question": "Half of the ReLU units of a layer give 0 for the example at hand. What does "
        "that tell you?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Nothing is wrong: they may be on for other examples",
                "correct": True,
                "feedback": "Yes: a unit is dead only when it is off for every example.",
            },
            {
                "answer": "Half of the units are dead",
                "correct": False,
                "feedback": "One example cannot show that. Look at each unit over all examples.",
            },
            {
                "answer": "The learning rate is too large",
                "correct": False,
                "feedback": "That can kill units. But silent for one example is not dead.",
            },
            {
                "answer": "The layer should be made half as wide",
                "correct": False,
                "feedback": "Another example switches on another half. That is how ReLU bends.",
            },
        ],
    },
    {
        "question": "A picture can show a cat, a dog, both or neither. Which output layer fits?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Two sigmoid units",
                "correct": True,
                "feedback": "Yes: two questions, each with a yes or no of its own.",
            },
            {
                "answer": "Softmax over two units",
                "correct": False,
                "feedback": "Its two outputs add up to 1: it can say neither 'both' nor 'neither'.",
            },
            {
                "answer": "Two linear units",
                "correct": False,
                "feedback": "Their outputs can be any number, and could not be read as "
                "probabilities.",
            },
            {
                "answer": "Two ReLU units",
                "correct": False,
                "feedback": "They have no upper end, and they can die. ReLU is for hidden layers.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - Without a non-linear activation, any number of layers is one layer: $W = W^{[1]} W^{[2]}$.
# - Going back, the gradient is multiplied by $g'(z)$ at each layer. The sigmoid's slope is at most
#   $\frac{1}{4}$: after ten layers one millionth is left, at best.
# - sigmoid: $a(1 - a)$. tanh: $1 - a^2$. Both formulas take the *output*.
# - ReLU has slope 1 where it is on, and 0 where it is off. A unit that is off for every example is
#   dead; a step that is too large is what kills it.
# - Softmax sees only differences of scores. Its derivative is a table:
#   $J_{ij} = p_i (\delta_{ij} - p_j)$.
# - Hidden layers: ReLU first. Output: linear, sigmoid or softmax, each with its own loss.
#
# ## Common mistakes and tips
#
# - **`z * (1 - z)` as the sigmoid's derivative.** The formula takes $a$. If a slope comes out
#   negative or above 0.25, this is why.
# - **`p * (1 - p)` as the derivative of softmax.** It is only the diagonal.
# - **`np.exp(Z)` without a thought for large $z$.** For softmax, subtract each row's maximum; for
#   the sigmoid, use $e^{-|z|}$; for ELU, `np.minimum(Z, 0)`.
# - **Choosing with a mask by multiplication.** `inf * 0` is `nan`. Use `np.where`.
# - **Softmax for labels that may be true together.** Use one sigmoid for each.
# - **Softmax over a single unit.** It always says 1.
# - **ReLU in the output of a regression.** It cannot say anything below 0, and when it is off, it
#   learns nothing.
# - **No activation in a hidden layer**, forgotten by accident. Nothing complains; the network is
#   only weaker than you think.
# - **Tip:** check a derivative by wiggling, on both sides of 0, and with $|z|$ above 1.
# - **Tip:** print the share of dead units after training. If it grows, lower the learning rate.
# - **Tip:** in newer networks you meet GELU (Hendrycks and Gimpel, 2016) and Swish (Ramachandran
#   and others, 2017). They are smooth relatives of ReLU, and what you learned of ReLU holds for
#   them.
#
# ## Glossary
#
# - **Activation:** the output $a = g(z)$ of a unit; also short for the function $g$.
# - **Dead unit:** a ReLU that is off for every example, and so gets no gradient.
# - **Jacobian:** the table of all derivatives of several outputs by several inputs.
# - **Linear activation, identity:** $g(z) = z$.
# - **Non-linear:** not of the form $xW + b$.
# - **Pre-activation:** the sum $z = xW + b$ before the activation.
# - **Regression:** predicting a number rather than a class.
# - **Saturated:** where the curve is flat, so that hardly any gradient passes.
# - **Vanishing gradient:** the product of many slopes below 1, which leaves the first layers
#   without a signal.
# - **Zero-centred:** with a mean near 0.
#
# ## References
#
# - F. Rosenblatt: The perceptron: a probabilistic model for information storage and organization in
#   the brain. *Psychological Review* 65, 1958. The step.
# - G. Cybenko: Approximation by superpositions of a sigmoidal function. *Mathematics of Control,
#   Signals and Systems* 2, 1989.
# - M. Leshno, V. Ya. Lin, A. Pinkus, S. Schocken: Multilayer feedforward networks with a
#   nonpolynomial activation function can approximate any function. *Neural Networks* 6, 1993.
# - J. S. Bridle: Probabilistic interpretation of feedforward classification network outputs, with
#   relationships to statistical pattern recognition. *Neurocomputing: Algorithms, Architectures and
#   Applications*, Springer, 1990. Softmax gets its name.
# - S. Hochreiter: Untersuchungen zu dynamischen neuronalen Netzen. Diploma thesis, Technische
#   Universität München, 1991. The vanishing gradient.
# - Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller: Efficient BackProp. *Neural Networks: Tricks of
#   the Trade*, Springer, 1998. Why outputs should be centred.
# - V. Nair, G. E. Hinton: Rectified linear units improve restricted Boltzmann machines. *ICML*,
#   2010.
# - X. Glorot, A. Bordes, Y. Bengio: Deep sparse rectifier neural networks. *AISTATS*, 2011.
# - A. L. Maas, A. Y. Hannun, A. Y. Ng: Rectifier nonlinearities improve neural network acoustic
#   models. *ICML*, 2013. Leaky ReLU.
# - D.-A. Clevert, T. Unterthiner, S. Hochreiter: Fast and accurate deep network learning by
#   exponential linear units (ELUs). *ICLR*, 2016.
# - D. Hendrycks, K. Gimpel: Gaussian error linear units (GELUs). arXiv:1606.08415, 2016.
# - P. Ramachandran, B. Zoph, Q. V. Le: Searching for activation functions. arXiv:1710.05941, 2017.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapter 6.
#
# ## What comes next
#
# Open `activations_exercises.ipynb`, and write all these functions yourself, each with its
# derivative. In module 3 you send numbers forward through a whole network and gradients back, and
# every layer of that way back has one of these derivatives in it.
