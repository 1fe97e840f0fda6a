# %% [markdown]
# # 3. Forward and backward propagation
#
# A network learns by asking each of its weights one question: if you were a little larger, would
# the answer be better or worse, and how fast? This lesson answers it for all weights at once. You
# do it by hand, with every number in sight, then in ten lines of NumPy, and then you let those ten
# lines learn XOR.
#
# **You will be able to**
#
# - compute a network's output layer by layer, and say what shape everything has;
# - draw a computation graph, and get a derivative from it with the chain rule;
# - do a backward pass by hand, and in matrices for a whole batch;
# - take a step of gradient descent, and say what its learning rate promises and what it keeps;
# - test any gradient by nudging, and find the bug when the test fails;
# - explain why weights start at random, and what goes wrong when they start at zero.
#
# **You need first:** a neuron and its weighted sum (module 1); sigmoid, ReLU and their derivatives
# (module 2). From calculus: what a derivative is, and the chain rule for $f(g(x))$.
#
# **Time:** about 80 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import numpy as np

from nnlib import plots, widgets
from nnlib.activations import sigmoid
from nnlib.datasets import xor

np.set_printoptions(precision=4, suppress=True)

x, y = np.array([2.0, -1.0]), 1.0
W1 = np.array([[0.5, 1.0], [-1.0, 1.5]])  # row i: from input i; column j: to hidden unit j
b1 = np.array([-0.5, 0.5])
W2 = np.array([[1.0], [-2.0]])
b2 = np.array([0.5])

plots.network(
    [2, 2, 1],
    [W1, W2],
    [x, None, None],
    biases=[b1, b2],
    names=["inputs", "hidden (ReLU)", "output (sigmoid)"],
    title="The network of this lesson: two inputs, two ReLU units, one sigmoid",
)

# %% [markdown]
# ## Forward: one layer after another
#
# **Forward propagation** means: compute the layers in order, each from the one before. A layer does
# two things. It adds up, and it bends:
#
# $$z^{[1]} = x\,W^{[1]} + b^{[1]}, \qquad h = \operatorname{ReLU}(z^{[1]}), \qquad
# z^{[2]} = h\,W^{[2]} + b^{[2]}, \qquad a = \sigma(z^{[2]})$$
#
# The number in brackets counts the layers. $z$ is the **pre-activation**, what a unit adds up. $h$
# and $a$ are **activations**, what it passes on. By hand, for $x = (2, -1)$:
#
# $$z^{[1]}_1 = 2 \cdot 0.5 + (-1) \cdot (-1) - 0.5 = 1.5 \qquad
# z^{[1]}_2 = 2 \cdot 1 + (-1) \cdot 1.5 + 0.5 = 1$$
#
# Both are positive, so ReLU passes them on: $h = (1.5,\; 1)$. Then
#
# $$z^{[2]} = 1.5 \cdot 1 + 1 \cdot (-2) + 0.5 = 0 \qquad a = \frac{1}{1 + e^0} = 0.5$$
#
# The network cannot decide. (The numbers were picked so that every step comes out even.) Each
# equation is one line of NumPy:

# %%
z1 = x @ W1 + b1
h = np.maximum(z1, 0)
z2 = h @ W2 + b2
a = sigmoid(z2)
print("z1 =", z1, "  h =", h, "  z2 =", z2, "  a =", a)

# %% [markdown]
# ### How wrong is it?
#
# The target is $y = 1$, and the network says $a = 0.5$. The **loss** turns this into one number.
# For a yes-or-no answer it is the binary cross-entropy, which you met with logistic regression in
# module 1:
#
# $$L = -y \ln a - (1 - y) \ln (1 - a)$$
#
# Here $L = -\ln 0.5 = 0.6931$. The loss is 0 for $a = 1$, and it grows without bound as $a$ goes to
# 0.


# %%
def forward(x, W1, b1, W2, b2):
    """Return z1, h, z2, a."""
    z1 = x @ W1 + b1
    h = np.maximum(z1, 0)
    z2 = h @ W2 + b2
    return z1, h, z2, sigmoid(z2)


def cross_entropy(a, y):
    """Return the binary cross-entropy, the mean over the examples."""
    return np.mean(-y * np.log(a) - (1 - y) * np.log(1 - a))


print("L =", round(cross_entropy(a, y), 4))

# %% [markdown]
# ## What a nudge does
#
# The network has nine parameters: four weights and two biases in the hidden layer, two weights and
# a bias at the output. Take one of them, the weight $W^{[1]}_{12}$ from the first input to the
# second hidden unit. It is 1. Make it 1.001, leave everything else alone, and go forward again. The
# loss changes a little. The change of the loss divided by the change of the weight is, for a small
# nudge, the **partial derivative** $\partial L / \partial W^{[1]}_{12}$. "Partial" says that all
# the others stand still.
#
# **Predict first.** Will the loss go up or down? (The weight leads from a positive input to a unit
# whose own weight to the output is $-2$. The target is 1.)


# %%
def loss_with(W1=W1, b1=b1, W2=W2, b2=b2):
    return cross_entropy(forward(x, W1, b1, W2, b2)[-1], y)


h_step = 0.001
nudged = W1.copy()
nudged[0, 1] += h_step
print("loss before", loss_with())
print("loss after ", loss_with(W1=nudged))
print("slope      ", (loss_with(W1=nudged) - loss_with()) / h_step)

# %% [markdown]
# The loss goes up, and it does so about twice as fast as the weight. So this weight should be made
# *smaller*.
#
# We could nudge all nine, one after the other, and know which way each should move. That is a right
# way, and a slow one. Each nudge costs a forward pass. The network for handwritten digits in module
# 5 has 4,810 parameters: 4,810 passes for a single step. The largest networks have more than
# $10^{11}$. **Backward propagation** gets all the partial derivatives together, for about the price
# of two more forward passes. It does it with the chain rule.
#
# ## The computation graph and the chain rule
#
# Write a computation as a chain of small steps, and draw an arrow from each number to what is
# computed from it: this is a **computation graph**. Here is a single neuron with its loss, for
# $x = 2$, $w = 0.5$, $b = -1$ and $y = 1$:
#
# $$u = w\,x, \qquad z = u + b, \qquad a = \sigma(z), \qquad L = -\ln a$$

# %%
# This cell draws. You need not read it to go on.
PLACES = {
    "w": (0, 1.6),
    "x": (0, 0.4),
    "u": (2, 1),
    "b": (2.6, 0),
    "z": (4, 1),
    "a": (6, 1),
    "L": (8, 1),
}
ARROWS = [("w", "u", "times"), ("x", "u", ""), ("u", "z", "add"), ("b", "z", "")]
ARROWS += [("z", "a", "sigmoid"), ("a", "L", "−ln")]


def neuron_graph(w, x, b):
    """Return the value of each node, and the gradient of L with respect to it, for y = 1."""
    u = w * x
    z = u + b
    a = float(sigmoid(z))
    values = {"w": w, "x": x, "u": u, "b": b, "z": z, "a": a, "L": -np.log(a)}
    dz = -1 / a * a * (1 - a)
    gradients = {"L": 1.0, "a": -1 / a, "z": dz, "b": dz, "u": dz, "w": dz * x, "x": dz * w}
    return values, gradients


def draw_graph(known, w=0.5, x=2.0, b=-1.0):
    """Draw the neuron's graph, with the first `known` gradients of the backward walk."""
    values, gradients = neuron_graph(w, x, b)
    seen = list(gradients)[:known]
    fig = plots.figure(size=(8.6, 3.2))
    ax = fig.subplots()
    for start, end, name in ARROWS:
        (x0, y0), (x1, y1) = PLACES[start], PLACES[end]
        arrow = {"arrowstyle": "->", "shrinkA": 20, "shrinkB": 20, "linewidth": 1.6}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
        ax.text((x0 + x1) / 2, (y0 + y1) / 2 + 0.13, name, ha="center", style="italic")
    circle = {"boxstyle": "circle,pad=0.45", "facecolor": "white", "edgecolor": "black"}
    for name, (across, up) in PLACES.items():
        ax.text(across, up, name, ha="center", va="center", bbox=circle, fontsize=13)
        value = f"{values[name]:.4g}".replace("-", "−")
        ax.text(across, up + 0.3, value, ha="center", va="bottom", fontweight="bold")
        if name in seen:
            gradient = f"∂ {gradients[name]:.4g}".replace("-", "−")
            ax.text(across, up - 0.32, gradient, ha="center", va="top")
    ax.set(xlim=(-0.6, 8.6), ylim=(-0.75, 2.3))
    ax.axis("off")
    ax.set_title("Values above the nodes, gradients of L below", loc="left", fontweight="bold")
    told = ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
    slopes = ", ".join(f"dL/d{name} = {gradients[name]:.4g}" for name in seen)
    fig.alt_text = (
        "Computation graph of a neuron: w and x are multiplied to u, u and b are added to z, the "
        f"sigmoid of z is a, and L is minus the logarithm of a. Values: {told}. "
        f"Gradients known: {slopes or 'none'}."
    )
    return fig


draw_graph(known=0)

# %% [markdown]
# Each arrow is so simple that its derivative is known by heart. That is the **local derivative**:
# how fast the end of the arrow grows with its start.
#
# $$\frac{\partial L}{\partial a} = -\frac{1}{a} = -2 \qquad
# \frac{\partial a}{\partial z} = a(1 - a) = 0.25 \qquad
# \frac{\partial z}{\partial u} = 1 \qquad \frac{\partial u}{\partial w} = x = 2$$
#
# The **chain rule** says: along a path, multiply. How fast does $L$ change with $w$? Four arrows
# lead from $w$ to $L$:
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \cdot
# \frac{\partial a}{\partial z} \cdot \frac{\partial z}{\partial w} = -2 \cdot 0.25 \cdot 2 = -1$$
#
# Here $\frac{\partial z}{\partial w} = \frac{\partial z}{\partial u} \cdot
# \frac{\partial u}{\partial w} = 1 \cdot 2$. Now start at the loss and walk *backward*. Write below
# each node the gradient of $L$ with respect to it. Each one is the gradient of the next node, times
# one local derivative. The first is $\partial L/\partial L = 1$. Move the first slider, or with the
# keyboard press the arrow keys, to see them come in. Then change $w$ and see which of them change.

# %%
widgets.explore(
    draw_graph,
    {
        "known": widgets.Slider("gradients known", 7, 0, 7, 1),
        "w": widgets.Slider("weight w", 0.5, -2.0, 2.0, 0.1),
    },
)

# %% [markdown]
# What was worked out for $z$ served for $b$ *and* for $w$ *and* for $x$. Nothing was computed
# twice. That is the whole secret of backward propagation, and why it is so much faster than
# nudging.
#
# One thing the picture does not show. When a number is used **twice**, two paths lead from it to
# the loss, and their contributions **add up**. Take $f = w \cdot w$ at $w = 3$. The first $w$
# contributes the other factor, 3, and so does the second: $3 + 3 = 6$, which is $2w$, as it should
# be. In a network each hidden activation feeds every unit of the next layer, so such sums are
# everywhere. The matrix products will do them for us.
#
# Check both claims with a nudge:


# %%
def neuron_loss(w):
    return -np.log(sigmoid(w * 2.0 - 1.0))


e = 1e-5
print("dL/dw by nudging:", round((neuron_loss(0.5 + e) - neuron_loss(0.5 - e)) / (2 * e), 4))
print("df/dw by nudging:", round(((3 + e) * (3 + e) - (3 - e) * (3 - e)) / (2 * e), 4))

# %% [markdown]
# ## Backward through the network, by hand
#
# Back to the network of the first picture. Before you read on, look at it once more: nine
# parameters, and from each of them a path leads to the loss.
#
# **The output.** Two local derivatives, and their product:
#
# $$\frac{\partial L}{\partial a} = -\frac{y}{a} + \frac{1 - y}{1 - a} = -2 \qquad
# \frac{\partial a}{\partial z^{[2]}} = a(1 - a) = 0.25 \qquad
# \frac{\partial L}{\partial z^{[2]}} = -2 \cdot 0.25 = -0.5$$
#
# The product has a short form that is worth remembering. Multiply it out, and $a$ and $1 - a$
# cancel:
#
# $$\frac{\partial L}{\partial z^{[2]}} =
# \left(-\frac{y}{a} + \frac{1 - y}{1 - a}\right) a (1 - a) = -y(1 - a) + (1 - y)\,a = a - y$$
#
# Prediction minus target: $0.5 - 1 = -0.5$.
#
# **Its weights.** $z^{[2]} = h_1 W^{[2]}_1 + h_2 W^{[2]}_2 + b^{[2]}$. Its derivative with respect
# to a weight is the number that the weight is multiplied by; with respect to the bias it is 1:
#
# $$\frac{\partial L}{\partial W^{[2]}_1} = 1.5 \cdot (-0.5) = -0.75 \qquad
# \frac{\partial L}{\partial W^{[2]}_2} = 1 \cdot (-0.5) = -0.5 \qquad
# \frac{\partial L}{\partial b^{[2]}} = -0.5$$
#
# **One layer back.** With respect to $h$ the derivative of $z^{[2]}$ is the weight:
#
# $$\frac{\partial L}{\partial h_1} = 1 \cdot (-0.5) = -0.5 \qquad
# \frac{\partial L}{\partial h_2} = -2 \cdot (-0.5) = 1$$
#
# **Through ReLU.** Its slope is 1 where $z^{[1]} > 0$, else 0. Both units are on, so
# $\partial L/\partial z^{[1]} = (-0.5,\; 1)$.
#
# **The first weights.** Again: what came in, times what comes back.
#
# $$\frac{\partial L}{\partial W^{[1]}} =
# \begin{pmatrix} 2 \cdot (-0.5) & 2 \cdot 1 \\ -1 \cdot (-0.5) & -1 \cdot 1 \end{pmatrix} =
# \begin{pmatrix} -1 & 2 \\ 0.5 & -1 \end{pmatrix} \qquad
# \frac{\partial L}{\partial b^{[1]}} = (-0.5,\; 1)$$
#
# The 2 at the upper right is the slope that you found by nudging. Now step through it yourself:
# values in the circles, gradients below them and on the wires, marked with ∂.

# %%
widgets.backward_stepper(x=x, y=y, W1=W1, b1=b1, W2=W2, b2=b2)

# %% [markdown]
# In NumPy, again a line for each equation. In code we write `dz2` for $\partial L/\partial
# z^{[2]}$, and so on. Mind the shapes: **a gradient has the shape of the thing it belongs to.**

# %%
dz2 = a - y
dW2 = np.outer(h, dz2)
db2 = dz2
dh = W2 @ dz2
dz1 = dh * (z1 > 0)
dW1 = np.outer(x, dz1)
db1 = dz1
print("dz2 =", dz2, "  dW2 =", dW2.ravel(), "  db2 =", db2)
print("dh  =", dh, "  dz1 =", dz1, "  db1 =", db1)
print("dW1 =", dW1, sep="\n")

# %% [markdown]
# To the digit. There are only three moves in all this, and they are all you will ever need for
# networks of dense layers:
#
# 1. A **weight's** gradient is what came in times what comes back.
# 2. A **bias's** gradient is what comes back.
# 3. Further back goes what comes back, times the **weight**; and through an activation, times its
#    **slope**.
#
# ### Predict first: a unit that is off
#
# Change one number: let $b^{[1]}_2$ be $-1$ in place of $0.5$. Then $z^{[1]}_2 = -0.5$, and ReLU
# makes it $h_2 = 0$. The unit is off. How many of the nine gradients are now exactly 0? Write the
# number down.

# %%
b1_off = np.array([-0.5, -1.0])
z1_off, h_off, z2_off, a_off = forward(x, W1, b1_off, W2, b2)
dz2_off = a_off - y
dz1_off = (W2 @ dz2_off) * (z1_off > 0)
gradients = {
    "W1": np.outer(x, dz1_off),
    "b1": dz1_off,
    "W2": np.outer(h_off, dz2_off).ravel(),
    "b2": dz2_off,
}
for name, gradient in gradients.items():
    print(f"d{name} =", np.array2string(gradient + 0.0, prefix="dW1 = "))

# %% [markdown]
# Four. Three of them lead into the gate: both weights into the unit, and its bias. The fourth
# surprises many people: $W^{[2]}_2$, the weight *out of* the unit, on the other side. What came in
# was $h_2 = 0$, and its gradient is what came in times what comes back.
#
# So for this example a unit that is off learns nothing at all. Another example may switch it on. If
# none does, the unit is dead (module 2).
#
# ## One step of gradient descent
#
# Each gradient says how fast the loss grows with its parameter. So move each parameter the other
# way, by a small amount, the **learning rate** $\eta$ ("eta"):
#
# $$w \leftarrow w - \eta\, \frac{\partial L}{\partial w}$$
#
# With $\eta = 0.1$, by hand: $W^{[1]}_{12} = 1 - 0.1 \cdot 2 = 0.8$, and
# $W^{[2]}_2 = -2 - 0.1 \cdot (-0.5) = -1.95$.

# %%
eta = 0.1
W1_new, b1_new = W1 - eta * dW1, b1 - eta * db1
W2_new, b2_new = W2 - eta * dW2, b2 - eta * db2
print("W1 =", W1_new, sep="\n")
print("b1 =", b1_new, "  W2 =", W2_new.ravel(), "  b2 =", b2_new)

z1_new, h_new, z2_new, a_new = forward(x, W1_new, b1_new, W2_new, b2_new)
print("z1 =", z1_new, "  z2 =", z2_new, "  a =", a_new)
print("loss before:", round(loss_with(), 4), "  after:", round(cross_entropy(a_new, y), 4))

# %% [markdown]
# One step took the output from 0.5 to 0.8462, and the loss from 0.6931 to 0.1670.
#
# How much does the gradient *promise*? All parameters move at once, each by $\eta$ times its slope,
# so the loss should fall by $\eta$ times the sum of all squared slopes. That sum is 8.5625, so the
# step should gain 0.856. That is more than there is: a loss of 0.693 cannot fall by 0.856. The
# promise is a straight line, the tangent. It holds only near where you stand. Drag $\eta$ and
# compare.

# %%
slopes_squared = sum(float(np.sum(g**2)) for g in (dW1, db1, dW2, db2))


def loss_after(eta):
    parameters = (W1 - eta * dW1, b1 - eta * db1, W2 - eta * dW2, b2 - eta * db2)
    return cross_entropy(forward(x, *parameters)[-1], y)


def draw_promise(eta):
    """Draw the loss after one step, and what the gradient promises, over the learning rate."""
    etas = np.linspace(0, 0.2, 101)
    start = loss_after(0.0)
    promised, kept = start - eta * slopes_squared, loss_after(eta)
    fig = plots.figure(size=(7.0, 3.8))
    ax = fig.subplots()
    ax.plot(etas, [loss_after(e) for e in etas], color="#0065A3")
    ax.plot(etas, start - etas * slopes_squared, color="#B34A00", linestyle="--")
    ax.plot([eta, eta], [promised, kept], color="black", linewidth=1.2)
    ax.plot(eta, kept, "o", color="#0065A3", markersize=9)
    ax.plot(eta, promised, "s", color="#B34A00", markersize=8)
    ax.text(0.195, loss_after(0.2) + 0.06, "the loss after the step", ha="right", color="#0065A3")
    ax.text(0.085, -0.16, "the gradient's promise ", ha="right", color="#B34A00")
    ax.set(xlabel="learning rate", ylabel="loss", ylim=(-0.3, 0.8), xlim=(0, 0.2))
    title = f"Promised {promised:.4f}, kept {kept:.4f}".replace("-", "−")
    ax.set_title(title, loc="left", fontweight="bold")
    fig.alt_text = (
        f"Loss after one step over the learning rate, from {start:.4f} at 0 to "
        f"{loss_after(0.2):.4f} at 0.2, and the straight line that the gradient promises. At "
        f"learning rate {eta:g} the line says {promised:.4f}, the loss is {kept:.4f}."
    )
    return fig


widgets.explore(draw_promise, {"eta": widgets.Slider("learning rate", 0.1, 0.0, 0.2, 0.005)})

# %% [markdown]
# For a small learning rate, the two agree: at 0.01 the promise is 0.6075, and the loss is 0.6112.
# That is why one takes many small steps, and computes the gradient anew before each.
#
# ## A whole batch, in matrices
#
# One example is a row. Stack $N$ of them into $X$, of shape $(N, D)$, and the same lines do the
# whole **batch**. The loss is now the mean over the examples, so each example's share carries
# $1/N$. Write it into the first gradient and forget about it: everything after it is a product and
# takes it along.
#
# $$dZ^{[2]} = \frac{A^{[2]} - Y}{N} \qquad dW^{[2]} = H^\top dZ^{[2]} \qquad
# db^{[2]} = \sum_n dZ^{[2]}_n$$
#
# $$dH = dZ^{[2]}\, W^{[2]\top} \qquad dZ^{[1]} = dH \odot \operatorname{ReLU}'(Z^{[1]})$$
#
# $$dW^{[1]} = X^\top dZ^{[1]} \qquad db^{[1]} = \sum_n dZ^{[1]}_n$$
#
# $\odot$ multiplies entry by entry. Where do the transposes come from? From the sums over paths.
# The weight $W_{ij}$ was used once for each example, so its gradient is a sum over the examples:
# $\sum_n H_{ni}\, dZ_{nj}$, which is $H^\top dZ$. An activation $H_{ni}$ was used once for each
# unit of the next layer: $\sum_j dZ_{nj} W_{ij}$, which is $dZ\, W^\top$. A bias was used for every
# example, with factor 1: a sum over $n$.
#
# You need not remember this. A gradient has the shape of its array, and there is only one way to
# make the shapes fit:
#
# | array | shape | gradient |
# |---|---|---|
# | $W^{[2]}$ | $(H, 1)$ | $(H, N)\,(N, 1)$ |
# | $H$ | $(N, H)$ | $(N, 1)\,(1, H)$ |
# | $W^{[1]}$ | $(D, H)$ | $(D, N)\,(N, H)$ |
# | $b^{[1]}$ | $(H,)$ | sum of $(N, H)$ over its rows |
#
# A network with more layers repeats the last two lines for each. You write that in the
# exercises.


# %%
def backward(X, Y, W2, Z1, H, A2):
    """Return dW1, db1, dW2, db2 of the mean binary cross-entropy."""
    dZ2 = (A2 - Y) / len(X)
    dW2 = H.T @ dZ2
    db2 = dZ2.sum(axis=0)
    dH = dZ2 @ W2.T
    dZ1 = dH * (Z1 > 0)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW1, db1, dW2, db2


rng = np.random.default_rng(3)
X_batch = np.vstack([x, rng.normal(size=(4, 2))])  # our example, and four others
Y_batch = np.array([[1.0], [0.0], [1.0], [1.0], [0.0]])

Z1, H, _, A2 = forward(X_batch, W1, b1, W2, b2)
batch_gradients = backward(X_batch, Y_batch, W2, Z1, H, A2)
for name, gradient in zip(("dW1", "db1", "dW2", "db2"), batch_gradients, strict=True):
    print(name, gradient.shape)

# %% [markdown]
# **Try it.** With a batch of one, the matrices must give the numbers of the hand calculation. Do
# they?

# %%
one = x.reshape(1, 2), np.array([[y]])
Z1_one, H_one, _, A2_one = forward(one[0], W1, b1, W2, b2)
by_matrices = backward(*one, W2, Z1_one, H_one, A2_one)
for mine, theirs in zip((dW1, db1, dW2, db2), by_matrices, strict=True):
    assert np.allclose(mine, theirs)
print("The batch of one gives the hand calculation.")

# %% [markdown]
# ## Is it right? The gradient check
#
# Backward code that is wrong seldom crashes. The shapes fit, numbers come out, the loss may even
# fall. So test it against the slow way that cannot be wrong: nudge each parameter. Nudge it to both
# sides, and divide by the distance:
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + h) - L(w - h)}{2h}$$
#
# ($h$ is a small step here, not a hidden unit: both names are customary.)
#
# **Predict first.** How small should $h$ be? As small as possible?


# %%
def nudged_W1(index, step):
    W = W1.copy()
    W[index] += step
    return cross_entropy(forward(X_batch, W, b1, W2, b2)[-1], Y_batch)


exact = batch_gradients[0][0, 1]
print("    h      error, one side   error, both sides")
for step in (1e-1, 1e-3, 1e-5, 1e-8, 1e-11, 1e-14):
    above, here, below = (nudged_W1((0, 1), s) for s in (step, 0.0, -step))
    one_side, both_sides = (above - here) / step, (above - below) / (2 * step)
    print(f"{step:7.0e} {abs(one_side - exact):15.1e} {abs(both_sides - exact):17.1e}")

# %% [markdown]
# Not as small as possible. At first the error falls, with both sides much faster: the bend of the
# curve errs to one side at $w + h$ and as much to the other at $w - h$, and cancels. But a computer
# keeps about 16 digits. When $h$ is tiny, the two losses agree in nearly all of them, and their
# difference is mostly rounding. Near $h = 10^{-5}$ both errors are small. Use that, with both
# sides, in float64.
#
# Compare with a *relative* error, the largest difference divided by the largest gradient. Below
# $10^{-6}$ is right; above $10^{-3}$ there is a bug. In the exercises you write this as a function
# for arrays of any shape.
#
# ## Find the bug
#
# Here is the first line of a backward pass as one finds it in many places, with the reasoning in
# the comment: `output_error_printed`. It trains. It even trains *fast*. Here is XOR with it, from a
# random start, printing the four outputs, which should be 0, 1, 1, 0:

# %%
X, y_xor = xor()
Y = y_xor.reshape(4, 1).astype(float)


def uniform_start(seed):
    """Return W1, b1, W2, b2 of a 2-3-1 network, uniform between 0 and 1."""
    rng = np.random.RandomState(seed)
    W1, W2 = rng.uniform(size=(2, 3)), rng.uniform(size=(3, 1))
    b1, b2 = rng.uniform(size=3), rng.uniform(size=1)
    return W1, b1, W2, b2


def output_error_printed(A2, Y):
    # the loss is -(Y log A2 + (1 - Y) log(1 - A2)), so its derivative is
    return -(Y / A2 - (1 - Y) / (1 - A2))


def run(X, W1, b1, W2, b2):
    """Return the hidden activations and the outputs of a network with sigmoids in both layers."""
    A1 = sigmoid(X @ W1 + b1)
    return A1, sigmoid(A1 @ W2 + b2)


def train(X, Y, W1, b1, W2, b2, epochs, eta, output_error, shown=()):
    """Return the trained parameters, and the outputs of each epoch."""
    outputs = []
    for epoch in range(epochs):
        A1, A2 = run(X, W1, b1, W2, b2)
        outputs.append(A2.ravel())
        if epoch in shown:
            print(f"epoch {epoch:5}: outputs", A2.ravel())
        dZ2 = output_error(A2, Y)
        dZ1 = (dZ2 @ W2.T) * A1 * (1 - A1)
        W2, b2 = W2 - eta * A1.T @ dZ2, b2 - eta * dZ2.sum(axis=0)
        W1, b1 = W1 - eta * X.T @ dZ1, b1 - eta * dZ1.sum(axis=0)
    return (W1, b1, W2, b2), np.array(outputs)


with np.errstate(all="ignore"):  # what would be warnings are shown as numbers
    _, outputs = train(
        X,
        Y,
        *uniform_start(42),
        epochs=5000,
        eta=0.1,
        output_error=output_error_printed,
        shown=(0, 100, 500, 1000, 4999),
    )

# %% [markdown]
# After 1,000 epochs it is all but perfect. After 5,000 there is nothing left but `nan`. Something
# is wrong, and a falling loss did not show it.
#
# *Where is the first wrong number?* Go back to the hand calculation, where every number is known.
# Change the line below to the derivative that you think is right, until it says that they agree.

# %%
claimed = output_error_printed(a, y)  # <- change this line
numerical = (loss_with(b2=b2 + 1e-5) - loss_with(b2=b2 - 1e-5)) / 2e-5
print("claimed dL/dz2:", claimed, "  by nudging b2:", round(numerical, 4))
print("They agree." if np.allclose(claimed, numerical) else "They do not agree yet.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where?* The claimed $\partial L/\partial z^{[2]}$ is $-2$, and nudging says $-0.5$. The factor is
# 4, which is $1/0.25 = 1/(a(1-a))$. *Which line?* The one that returns $-(y/a - (1-y)/(1-a))$.
# *Why?* That is the derivative with respect to $a$. The code uses it as the derivative with respect
# to $z$. The factor $\partial a/\partial z = a(1 - a)$ is missing. With it, everything cancels to
#
# ```python
# return A2 - Y
# ```
#
# Why did it train? The missing factor is positive, so each example still pushed the right way. But
# the push never fades. For $y = 0$ it should be $a$, which goes to 0 as the output becomes right;
# without the factor it is $1/(1-a)$, which stays near 1. So the weights grew on and on, until the
# output for the first pattern, whose target is 0, *was* 0 in float64. Then $y/a$ is $0/0$, and that
# is `nan`.
#
# </details>
#
# The same slip, the other way round, comes with the **squared error** $L = \frac{1}{n}\sum (a -
# y)^2$. There one finds $a - y$ as the derivative with respect to $z$. But that is right for
# cross-entropy only. Squared error through a sigmoid has
#
# $$\frac{\partial L}{\partial z} = \frac{2}{n}\,(a - y)\; a(1 - a)$$
#
# The rule behind both: **say of every derivative with respect to *what* it is.** Then ask whether
# an activation lies between that and where you use it.
#
# ## XOR
#
# Now the right way. XOR is the smallest problem that a network without a hidden layer cannot solve
# (module 1). We give it three hidden units, with sigmoids in both layers, and for the loss half the
# sum of squared errors, which was the custom when these networks were young:
#
# $$L = \frac{1}{2} \sum_{n=1}^{4} (a_n - y_n)^2 \qquad dZ^{[2]} = (A - Y) \odot A \odot (1 - A)$$
#
# It is a sum, so there is no $1/N$; the 2 of the square cancels the half. The weights start uniform
# between 0 and 1, with seed 42, in the order $W^{[1]}, W^{[2]}, b^{[1]}, b^{[2]}$.
# (`np.random.RandomState(42)` draws the numbers that older code gets after `np.random.seed(42)`.)
# The learning rate is 0.1, for 10,000 epochs.


# %%
def squared_error_slope(A2, Y):
    return (A2 - Y) * A2 * (1 - A2)


def half_squared_errors(outputs):
    """Return the loss of each epoch, from the outputs of train."""
    return 0.5 * np.sum((outputs - Y.ravel()) ** 2, axis=1)


trained, outputs = train(
    X, Y, *uniform_start(42), epochs=10_000, eta=0.1, output_error=squared_error_slope
)
print("targets ", Y.ravel())
print("outputs ", run(X, *trained)[1].ravel())
plots.curves(half_squared_errors(outputs), title="XOR, seed 42")

# %% [markdown]
# The outputs come to 0.03, 0.93, 0.93 and 0.08: XOR is learned. The loss does not fall evenly. It
# drops at once to 0.50, where all four outputs are near one half. Then for two thousand epochs
# almost nothing happens: the **plateau**. In the middle of it you would swear that nothing is being
# learned. Then the hidden units find their parts: between epochs 2,000 and 5,000 the loss falls
# from 0.48 to 0.08.
#
# Watch the boundary come. Below is the network at some epoch; black is the line where its output is
# 0.5. Drag the epoch.

# %%
snapshots, parameters = {0: uniform_start(42)}, uniform_start(42)
for epoch in range(500, 10_001, 500):
    parameters, _ = train(X, Y, *parameters, 500, 0.1, squared_error_slope)
    snapshots[epoch] = parameters


def draw_boundary(epoch):
    return plots.decision_boundary(
        lambda points: run(points, *snapshots[epoch])[1],
        X,
        y_xor,
        title=f"XOR after {epoch:,} epochs",
        resolution=60,
    )


widgets.explore(draw_boundary, {"epoch": widgets.Slider("epoch", 5000, 0, 10_000, 500)})

# %% [markdown]
# ### Convergence
#
# Training **converges** when further steps change next to nothing. That can mean that it is done.
# It can also mean a plateau, or a dead end. The gradient is nearly zero in all three. Here is
# another start, with seed 5:

# %%
stuck, stuck_outputs = train(
    X, Y, *uniform_start(5), epochs=10_000, eta=0.1, output_error=squared_error_slope
)
print("outputs", run(X, *stuck)[1].ravel())
losses = half_squared_errors(stuck_outputs)
print("loss after 8,000 epochs:", losses[8000].round(4), "  after 10,000:", losses[-1].round(4))

# %% [markdown]
# Two outputs are right, the other two stand at one half. Of the seeds 0 to 39, three end so: 5, 27
# and 39. So a run that has stopped moving has not always arrived. Look at the loss's *value*, not
# only at whether it falls, and run more than one seed.
#
# What about the loss that we left? Same start, same steps, but with cross-entropy, whose slope is
# `A2 - Y`:

# %%
with_entropy, _ = train(
    X, Y, *uniform_start(42), epochs=10_000, eta=0.1, output_error=lambda A2, Y: A2 - Y
)
print("squared error:", run(X, *trained)[1].ravel())
print("cross-entropy:", run(X, *with_entropy)[1].ravel())

# %% [markdown]
# The factor $a(1-a)$ of the squared error brakes where the network is sure, even where it is sure
# and wrong. Cross-entropy has no such brake. That is one reason why it is the custom today.
#
# ## Random or zero?
#
# **Predict first.** Why start at random? Zero seems fairer. Start all weights and biases at 0,
# train for 10,000 epochs as before. What will the four outputs be?

# %%
zeros = np.zeros((2, 3)), np.zeros(3), np.zeros((3, 1)), np.zeros(1)
from_zero, _ = train(X, Y, *zeros, epochs=10_000, eta=0.1, output_error=squared_error_slope)
print("outputs:", run(X, *from_zero)[1].ravel())
print("W1 =", from_zero[0] + 0.0, sep="\n")

# %% [markdown]
# One half each, and not one weight has moved in 10,000 epochs. What comes back to the hidden layer
# is multiplied by $W^{[2]} = 0$, so $dW^{[1]} = 0$. All hidden activations are one half, for all
# four examples, so $dW^{[2]}$ is a multiple of the sum of the errors. Two targets are 1, two are 0,
# all outputs are one half: the sum is 0. Every gradient is exactly 0, and gradient descent stays
# where it is.
#
# Was it the zeros, then? Start all at 0.5 instead.

# %%
halves = tuple(np.full_like(p, 0.5) for p in zeros)
from_half, _ = train(X, Y, *halves, epochs=10_000, eta=0.1, output_error=squared_error_slope)
print("outputs:", run(X, *from_half)[1].ravel())
print("W1 =", from_half[0], sep="\n")

# %% [markdown]
# It moves now, and it ends nowhere good. Look at the columns of `W1`: one for each hidden unit, and
# all three are the same. They started the same, so they computed the same, so they got the same
# gradient, so they stayed the same. This is **symmetry**, and no number of steps can break it.
# Three units work as one, and one hidden unit cannot do XOR.
#
# Random weights **break the symmetry**. The biases may start at zero, as the weights do the work.
# How *large* the random weights should be is a question of its own: module 4.
#
# ## Quiz

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "A unit's activation h is 3, and dL/dz of the unit it feeds is -0.5. What is "
        "the gradient of the weight between them?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "-1.5",
                "correct": True,
                "feedback": "Yes: what came in, 3, times what comes back, -0.5.",
            },
            {
                "answer": "-0.5",
                "correct": False,
                "feedback": "That is the gradient of the bias, whose factor is 1. The weight was "
                "multiplied by h = 3.",
            },
            {
                "answer": "It depends on the weight",
                "correct": False,
                "feedback": "The gradient with respect to h depends on the weight. The weight's "
                "own gradient does not.",
            },
            {
                "answer": "1.5",
                "correct": False,
                "feedback": "The size is right. But the sign of what comes back stays.",
            },
        ],
    },
    {
        "question": "The output is a sigmoid, the loss is binary cross-entropy. What is dL/dz?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "a - y",
                "correct": True,
                "feedback": "Yes: the factors a and 1 - a have cancelled.",
            },
            {
                "answer": "-(y/a - (1 - y)/(1 - a))",
                "correct": False,
                "feedback": "That is dL/da. It lacks the factor da/dz = a (1 - a).",
            },
            {
                "answer": "(a - y) a (1 - a)",
                "correct": False,
                "feedback": "That belongs to the squared error (times 2/n, or 1 with the half of "
                "the sum). Here the factor has cancelled.",
            },
            {
                "answer": "2 (a - y) / n",
                "correct": False,
                "feedback": "That is the squared error's derivative with respect to a.",
            },
        ],
    },
    {
        "question": "A number is used in two places of a computation graph. Its gradient is",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "the sum of what comes back from both places",
                "correct": True,
                "feedback": "Yes: two paths lead to the loss, and both changes happen at once.",
            },
            {
                "answer": "the product of what comes back from both places",
                "correct": False,
                "feedback": "Products belong along one path. Different paths add up.",
            },
            {
                "answer": "what comes back last",
                "correct": False,
                "feedback": "So it would be in code that writes = in place of +=. It is a "
                "well-known bug.",
            },
            {
                "answer": "the larger of the two",
                "correct": False,
                "feedback": "Both paths carry a change to the loss. Neither can be dropped.",
            },
        ],
    },
    {
        "question": "All weights of a network start at the same number, not zero. After a "
        "thousand steps, the units of a hidden layer are",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "still all alike",
                "correct": True,
                "feedback": "Yes: same weights, same output, same gradient, same step. Only a "
                "difference at the start can grow.",
            },
            {
                "answer": "different, since the gradients differ from unit to unit",
                "correct": False,
                "feedback": "They do not: each unit sees the same inputs and feeds the same "
                "weights.",
            },
            {
                "answer": "all zero",
                "correct": False,
                "feedback": "They move, but together.",
            },
            {
                "answer": "different, because of rounding",
                "correct": False,
                "feedback": "Equal numbers are rounded equally. Do not count on it.",
            },
        ],
    },
    {
        "question": "Your gradient and the numerical one differ by a relative error of 0.3 in "
        "dW1; dW2, db2 and db1 agree to 1e-9. Where do you look first?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "In the line that computes dW1",
                "correct": True,
                "feedback": "Yes: db1 is right, so dZ1 is right. Only the product with the input "
                "is left.",
            },
            {
                "answer": "In dZ2",
                "correct": False,
                "feedback": "dW2 and db2 read dZ2 and are right.",
            },
            {
                "answer": "In the derivative of the hidden activation",
                "correct": False,
                "feedback": "It is inside dZ1, and db1, the sum of dZ1, is right.",
            },
            {
                "answer": "In the step h of the numerical gradient",
                "correct": False,
                "feedback": "The same h gave 1e-9 for the other three.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - Forward: each layer adds up, $Z = A W + b$, and bends, $A = g(Z)$. Keep what backward will need.
# - A partial derivative says how fast the loss grows with one parameter while all others stand
#   still.
# - In a computation graph, multiply along a path, and add over the paths.
# - Backward: start at $\partial L/\partial L = 1$ and go from the loss to the inputs. Each gradient
#   is the next one times one local derivative.
# - A weight: what came in times what comes back. A bias: what comes back. Further back: times the
#   weight, then times the slope of the activation.
# - Sigmoid with cross-entropy: $\partial L/\partial z = a - y$. Sigmoid with squared error:
#   $\frac{2}{n}(a - y)\,a(1 - a)$.
# - Gradient descent: $w \leftarrow w - \eta\,\partial L/\partial w$. The promise of the gradient
#   holds for small steps.
# - A falling loss does not prove a gradient. Nudging does: both sides, $h = 10^{-5}$, float64.
# - Units that start alike stay alike. Start the weights at random.
#
# ## Common mistakes and tips
#
# - **$\partial L/\partial a$ used as $\partial L/\partial z$.** Say of every derivative with
#   respect to what it is.
# - **$a - y$ for the squared error.** The factors $a(1 - a)$ and $2/n$ are missing.
# - **`z * (1 - z)` for the sigmoid.** Its derivative is written in its *output*: `a * (1 - a)`.
# - **ReLU's mask left out**, or taken from the wrong layer. The mask belongs to the $Z$ that went
#   in.
# - **`dW = dZ.T @ A`.** It runs when the layer is square. Test with sizes that all differ.
# - **Changing $W^{[2]}$ before $dH$ is computed.** Take all gradients first, then step.
# - **A bias moved by another layer's gradient.** If that one has a single entry, NumPy spreads it
#   over all units without a word. Compare shapes.
# - **$1/N$ twice**, or not at all: once in $dZ$ of the last layer, then sums.
# - **`grad = ...` in place of `grad += ...`** where a number is used twice.
# - **Tip:** first find *where* the first wrong number is, then *which line* made it, then *why*.
# - **Tip:** check gradients on a small network with a random input, once, before a long training.
#
# ## Glossary
#
# - **Backward propagation (backpropagation):** computing all gradients in one walk from the loss
#   back to the inputs.
# - **Batch:** the examples that go through the network together.
# - **Chain rule:** the derivative along a path is the product of the local derivatives.
# - **Computation graph:** numbers as nodes, and an arrow from each to what is computed from it.
# - **Convergence:** further steps change next to nothing.
# - **Epoch:** one pass through all training examples.
# - **Forward propagation:** computing the layers in order, from the inputs to the loss.
# - **Gradient:** all partial derivatives together; it has the shape of what it belongs to.
# - **Gradient check:** comparing a gradient with the one found by nudging.
# - **Gradient descent:** moving each parameter against its gradient.
# - **Learning rate $\eta$:** how far a step goes.
# - **Local derivative:** how fast the end of one arrow grows with its start.
# - **Partial derivative:** how fast a result grows with one of its arguments, the others fixed.
# - **Plateau:** a long stretch of training in which the loss hardly moves.
# - **Pre-activation $z$:** what a unit adds up, before its activation.
# - **Symmetry:** units with equal weights get equal gradients and stay equal.
#
# ## References
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating
#   errors. *Nature* 323, 1986. The paper that made it known; it breaks the symmetry with small
#   random weights.
# - S. Linnainmaa: Taylor expansion of the accumulated rounding error. *BIT* 16, 1976. The backward
#   walk over a computation graph, before there were networks to use it.
# - P. J. Werbos: *Beyond Regression: New Tools for Prediction and Analysis in the Behavioral
#   Sciences*. PhD thesis, Harvard University, 1974.
# - M. Minsky, S. Papert: *Perceptrons*. MIT Press, 1969. Why XOR needs a hidden layer.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind: Automatic differentiation in
#   machine learning: a survey. *Journal of Machine Learning Research* 18, 2018.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Sections 6.5 and 11.5.
#
# ## What comes next
#
# Open `propagation_exercises.ipynb`: do the hand calculation with other numbers, write forward and
# backward for any depth, and mend a network with three bugs. In module 4 you look closer at the
# loss itself, and at better ways to walk down it: mini-batches, momentum, Adam.
