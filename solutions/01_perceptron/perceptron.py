# %% [markdown]
# # 1. The perceptron: a neuron that learns
#
# Welcome. A neural network is built from one small part, repeated many times: an artificial neuron.
# It multiplies, adds and compares, and that is all. In this module you take one apart, teach it
# with a rule that fits in one line, and find out what it cannot do. Then you put three of them
# together, and they can. At the end one neuron looks at pictures and tells you whether there is a
# cat.
#
# **You will be able to**
#
# - compute what a neuron says, by hand and in NumPy, for one example and for a thousand at once;
# - draw the line where it changes its mind, and move that line with weights and bias;
# - train a perceptron, and say why it can never learn exclusive or;
# - set the weights of a small network that does exclusive or;
# - tell the loss of one example from the cost over all of them, and walk down the cost's slope;
# - turn a picture into a row of numbers, and bring the numbers to one scale.
#
# **You need first:** a little Python (functions, loops) and the idea of a NumPy array. From
# mathematics, no more than what the slope of a line is.
#
# **Time:** about 80 minutes.
#
# Run each cell as you come to it, with Shift + Enter. Where it says *Predict first*, write your
# guess down before you run the next cell. A wrong guess is worth more than none.

# %%
import timeit

import numpy as np

from nnlib import plots, widgets
from nnlib.datasets import blobs, cartoon_cats, gates

np.set_printoptions(precision=4, suppress=True)

plots.network(
    [3, 1],
    weights=[[[0.5], [-1.25], [2.0]]],
    biases=[[-0.5]],
    values=[[3, 2, 0.5], [0]],
    names=["inputs", "output"],
    title="One neuron: three inputs, one answer",
)

# %% [markdown]
# ## From nerve cell to arithmetic
#
# A nerve cell collects signals from other cells. Some excite it, some hold it back, some matter
# more than others. When enough comes together, it fires; else it stays silent. In 1943 McCulloch
# and Pitts made arithmetic of this, and in 1958 Rosenblatt added what made it famous: a rule for
# learning.
#
# | nerve cell | artificial neuron | symbol |
# |---|---|---|
# | signals that arrive | inputs, also called features | $x_1, \dots, x_D$ |
# | strength of each connection | weights | $w_1, \dots, w_D$ |
# | collecting them in the cell body | weighted sum | $\sum_d w_d x_d$ |
# | how easily it fires | bias | $b$ |
# | firing or not | output, 1 or 0 | $\hat y$ |
#
# The likeness ends soon. Real cells work with spikes in time, and nobody has shown that they learn
# as our networks do. Take the word *neuron* as a nickname for a formula:
#
# $$z = w \cdot x + b = w_1 x_1 + w_2 x_2 + \dots + w_D x_D + b, \qquad
# \hat y = \operatorname{step}(z) = \begin{cases} 1 & \text{if } z \ge 0 \\ 0 & \text{if } z < 0
# \end{cases}$$
#
# $z$ is called the **pre-activation**. The function that turns it into the output is the
# **activation**; here it is the step function. The hat in $\hat y$ (say "y hat") marks an answer of
# the neuron. Without the hat, $y$ is the truth.
#
# Older texts write a **threshold** $\theta$: fire if $w \cdot x \ge \theta$. That is the same, with
# $b = -\theta$. A bias near 0 or above makes the neuron eager; a very negative one makes it hard to
# convince.
#
# ### A neuron by hand
#
# Shall we go for a walk? Three inputs: hours of sun ($x_1 = 3$), millimetres of rain ($x_2 = 2$),
# and how much we feel like it, from 0 to 1 ($x_3 = 0.5$). Sun speaks for it, rain against it, and
# the mood counts a lot: $w = (0.5,\ -1.25,\ 2)$. We are a little lazy: $b = -0.5$.
#
# $$z = 0.5 \cdot 3 - 1.25 \cdot 2 + 2 \cdot 0.5 - 0.5 = 1.5 - 2.5 + 1 - 0.5 = -0.5$$
#
# It is below 0, so $\hat y = 0$: we stay at home. This is the neuron in the picture above. Now the
# line of NumPy that is the equation:

# %%
x = np.array([3.0, 2.0, 0.5])
w = np.array([0.5, -1.25, 2.0])
b = -0.5

z = w @ x + b  # @ multiplies entry by entry and adds up
y_hat = 1 if z >= 0 else 0
print("z =", z, "  y_hat =", y_hat)

assert z == -0.5
assert y_hat == 0

# %% [markdown]
# **Try it.** How little rain does it take to go out? And in 2 millimetres of rain, which mood?

# %%
rain, mood = 1.0, 0.5  # change these, and run the cell again
z = w @ np.array([3.0, rain, mood]) + b
print("z =", z, "  y_hat =", 1 if z >= 0 else 0)

# %% [markdown]
# **Predict first.** Multiply all weights *and* the bias by 10. Does the neuron now say 1 more
# often, less often, or as often as before?

# %%
for factor in (1, 10, 1000):
    z = factor * w @ x + factor * b
    print(f"times {factor:4}:  z = {z:7}  y_hat = {int(z >= 0)}")

# %% [markdown]
# As often as before, for every $x$: $z$ is 10 times as large, and its sign stays. The step function
# looks only at the sign. Keep this in mind. It will surprise you again in a few minutes.

# %% [markdown]
# ## Many examples at once
#
# A data set has many examples. We write one in each row of a table $X$: examples down, features
# across, so its shape is $(N, D)$. The weights stay one for each feature, shape $(D,)$. One matrix
# product then asks the neuron about every example:
#
# $$z = X w + b, \qquad z_n = \sum_{d=1}^{D} x_{nd}\, w_d + b$$

# %%
X = np.array(
    [
        [3.0, 2.0, 0.5],  # the day from above
        [3.0, 1.0, 0.5],  # less rain
        [0.0, 0.0, 1.0],  # grey, dry, and we want to
        [8.0, 0.0, 0.0],  # sun all day, but no wish at all
    ]
)
z = X @ w + b
print("shapes:", X.shape, "@", w.shape, "gives", z.shape)
print("z     =", z)
print("y_hat =", (z >= 0).astype(int))

assert z[0] == -0.5  # the first row is our example by hand

# %% [markdown]
# ### Why not a loop?
#
# You could write it with two loops, over the examples and over the features. It would be the same
# mathematics. Doing it in one array operation is called **vectorisation**. Let us time both on
# 1,000 examples with 1,000 features. **Predict first:** how many times faster is the product? Write
# down a number.

# %%
rng = np.random.default_rng(0)
X_large, w_large = rng.normal(size=(1000, 1000)), rng.normal(size=1000)
rows, weights = X_large.tolist(), w_large.tolist()  # plain lists are what loops like best


def with_loops():
    z = []
    for row in rows:
        total = 0.0
        for x_d, w_d in zip(row, weights, strict=True):
            total += x_d * w_d
        z.append(total)
    return z


assert np.allclose(with_loops(), X_large @ w_large)

# The fastest of several tries: the others were disturbed by something else.
loop_seconds = min(timeit.repeat(with_loops, number=1, repeat=3))
matrix_seconds = min(timeit.repeat(lambda: X_large @ w_large, number=1, repeat=100))
print(f"loops:          {1000 * loop_seconds:8.2f} ms")
print(f"matrix product: {1000 * matrix_seconds:8.2f} ms")
print(f"ratio:          {loop_seconds / matrix_seconds:8.0f}")

# %% [markdown]
# Your ratio depends on your machine, and on what else it is doing. (Is it small? Then another
# program keeps the processor busy. Run the cell again.) The reason for it does not. In the loop,
# Python looks at each number anew: what type is it, what does `*` mean for it, where does the
# result go? In the product, compiled code runs through the numbers side by side, several in each
# instruction. Networks do millions of such products. Without this, nobody would train them.
#
# ### Broadcasting: how one number is added to many
#
# In `X @ w + b`, the left side has shape `(N,)`, and `b` is a single number. NumPy stretches the
# smaller one, without copying it. This is **broadcasting**. The rule: write the two shapes one
# above the other, aligned on the *right*. Two sizes fit if they are equal, or if one of them is 1
# or missing. A size that is 1 or missing is stretched.
#
# | left | right | result | a use |
# |---|---|---|---|
# | `(4, 3)` | `()` | `(4, 3)` | one number added to all |
# | `(4, 3)` | `(3,)` | `(4, 3)` | one number for each column, as a bias for each unit |
# | `(4, 3)` | `(4, 1)` | `(4, 3)` | one number for each row |
# | `(4, 3)` | `(4,)` | error | 3 and 4 do not fit |
#
# **Predict first.** Four answers, four labels. Which shape has `answers - labels`?

# %%
answers = np.array([1, 0, 1, 1])  # shape (4,)
labels = np.array([[1], [0], [0], [1]])  # shape (4, 1): a column, as read from many files
print((answers - labels).shape)
print(answers - labels)

# %% [markdown]
# `(4, 4)`, and no error: every answer minus every label. This is perhaps the most common silent
# mistake in home-made networks. The cost of such a table is a number like any other, and nothing
# crashes. So print shapes. `labels[:, 0]` or `labels.ravel()` makes a row of the column, and `(4,)`
# minus `(4,)` is what you meant.

# %%
difference = answers - labels[:, 0]
print(difference.shape, difference)

assert difference.tolist() == [0, 0, 1, 0]

# %% [markdown]
# ## The line where the neuron changes its mind
#
# With two inputs we can see everything. The neuron says 1 on one side and 0 on the other side of
#
# $$w_1 x_1 + w_2 x_2 + b = 0$$
#
# which is a straight line: its **decision boundary**. (With three inputs it is a plane, with more a
# *hyperplane*, which nobody can picture, and the algebra does not care.) The weights say where the
# line faces, and the bias shifts it.
#
# The smallest interesting data set is a logic gate. AND has four examples, and it is 1 only if both
# inputs are 1:

# %%
X_and, y_and = gates("and")
print(np.column_stack([X_and, y_and]).astype(int))

plots.decision_line(1.0, -1.0, 0.5, X_and, y_and)

# %% [markdown]
# Blue squares are class 1, orange circles class 0. On the blue side the neuron says 1. Ringed
# points are wrong. This line is a bad one; make it a good one. Drag the sliders, or click one and
# use the arrow keys:
#
# 1. Change only $b$. The line moves, and does not turn.
# 2. Change the sign of $w_2$. What happens to the sides?
# 3. Find a line with no error. There are many.

# %%
widgets.decision_line(X_and, y_and)

# %% [markdown]
# One that works is $w = (1, 1)$, $b = -1.5$: two inputs reach 1.5, one does not.
#
# | $x_1$ | $x_2$ | $z = x_1 + x_2 - 1.5$ | $\hat y$ | AND |
# |---|---|---|---|---|
# | 0 | 0 | −1.5 | 0 | 0 |
# | 0 | 1 | −0.5 | 0 | 0 |
# | 1 | 0 | −0.5 | 0 | 0 |
# | 1 | 1 | 0.5 | 1 | 1 |
#
# OR is 1 if at least one input is 1. It takes only a neuron that is easier to convince. Which bias?

# %%
X_or, y_or = gates("or")
bias = -1.5  # this makes AND; make it OR
print("neuron:", (X_or @ np.array([1, 1]) + bias >= 0).astype(int))
print("OR:    ", y_or)

# %% [markdown]
# ## The neuron that learns
#
# Choosing weights by hand is fine for two inputs. For thousands we want the neuron to find them
# itself, from examples. Rosenblatt's rule: look at one example. If the answer is right, do nothing.
# If it is wrong, move the weights so that this example comes out better:
#
# $$w \leftarrow w + \eta\,(y - \hat y)\,x, \qquad b \leftarrow b + \eta\,(y - \hat y)$$
#
# $\eta$ (the Greek letter eta) is the **learning rate**: how far to move. The error $y - \hat y$ is
# 0 when the answer is right, $+1$ when the neuron should have fired and did not, $-1$ when it fired
# and should not have. One pass over all examples is an **epoch**.
#
# Why does it help? Put the new weights into $z$, for the same example:
#
# $$z_{\text{new}} = z + \eta\,(y - \hat y)\,(x_1^2 + \dots + x_D^2 + 1)$$
#
# The last bracket is positive. So $z$ goes up when it should have been higher, and down when it
# should have been lower.
#
# ### One epoch by hand
#
# AND, all weights 0, $\eta = 1$, the first epoch:
#
# | $x$ | $y$ | $z$ | $\hat y$ | $y - \hat y$ | new $w$ | new $b$ |
# |---|---|---|---|---|---|---|
# | (0, 0) | 0 | 0 | 1 | −1 | (0, 0) | −1 |
# | (0, 1) | 0 | −1 | 0 | 0 | (0, 0) | −1 |
# | (1, 0) | 0 | −1 | 0 | 0 | (0, 0) | −1 |
# | (1, 1) | 1 | −1 | 0 | +1 | (1, 1) | 0 |
#
# Look at the last row: $z$ was $-1$, and with the new weights it is $1 + 1 + 0 = 2$. The formula
# above says the same: $-1 + 1 \cdot (1 + 1 + 1) = 2$. The code makes the same table:

# %%
w, b, eta = np.zeros(2), 0.0, 1.0
print("x        y     z  y_hat  error  new w    new b")
for x, y in zip(X_and, y_and, strict=True):
    z = w @ x + b
    y_hat = 1 if z >= 0 else 0
    error = y - y_hat
    w = w + eta * error * x
    b = b + eta * error
    print(f"{x}  {y}  {z:4g}  {y_hat:5}  {error:5}  {w}  {b:5g}")

assert w.tolist() == [1, 1]
assert b == 0

# %% [markdown]
# After one epoch it is not done: with $w = (1, 1)$ and $b = 0$ it says 1 to everything, as you can
# check in your head. So: again, and again. The function below also writes down each state on the
# way, so that we can watch, and how many answers were wrong in each epoch.


# %%
def train_perceptron(X, y, epochs, eta=1.0):
    """Return the states (w, b) before the first and after each example, and errors per epoch."""
    w, b = np.zeros(X.shape[1]), 0.0
    states, errors = [(w, b)], []
    for _ in range(epochs):
        wrong = 0
        for x_n, y_n in zip(X, y, strict=True):
            error = y_n - (1 if w @ x_n + b >= 0 else 0)
            w, b = w + eta * error * x_n, b + eta * error
            wrong += int(error != 0)
            states.append((w, b))
        errors.append(wrong)
    return states, errors


states, errors = train_perceptron(X_and, y_and, epochs=8)
print("errors in each epoch:", errors)
print("at the end: w =", states[-1][0], " b =", states[-1][1])

# %% [markdown]
# Drag the slider to see the line after each example. The steps look clumsy: each one serves a
# single example, and often spoils another. Yet it arrives.


# %%
def after(examples=32):
    """The line of the perceptron when it has seen so many examples."""
    (w1, w2), b = states[examples]
    return plots.decision_line(w1, w2, b, X_and, y_and)


widgets.explore(after, {"examples": widgets.Slider("examples seen", 32, 0, 32, 1)})

# %% [markdown]
# ### Predict first: the learning rate
#
# AND took five epochs with errors, with $\eta = 1$. How many will it take with $\eta = 100$, and
# with $\eta = 1/8$? Fewer, more, or will it fail?

# %%
for eta in (1, 100, 1 / 8):
    states_eta, errors_eta = train_perceptron(X_and, y_and, epochs=8, eta=eta)
    print(f"eta = {eta:7}: errors {errors_eta}, w = {states_eta[-1][0]}, b = {states_eta[-1][1]}")

# %% [markdown]
# Not one error more or less. If this surprises you, go back to your prediction about the factor 10.
# All weights start at 0, and every step is a multiple of $\eta$. So with $\eta = 100$ all weights
# are 100 times as large at every moment, and a step function does not see that. For a perceptron
# that starts at zero, the learning rate sets nothing but the unit of measure.
#
# This is special to the step function. From the middle of this lesson on, and in all other modules,
# the learning rate will be the first thing to get right.
#
# (We took 1/8, which a computer stores exactly. Try 0.1: it needs two epochs *fewer*. In binary,
# 0.1 is rounded, and a $z$ that should be exactly 0 comes out a hair below it. The step function
# turns that hair into another answer.)

# %% [markdown]
# ### What it cannot learn
#
# If *some* line separates the classes, the perceptron finds one after finitely many errors
# (Novikoff proved it in 1962). Data that a line can separate are called **linearly separable**. And
# if no line does? Exclusive or, XOR for short, is 1 if exactly *one* of the two inputs is 1. Try it
# by hand. How many of the four can you get right?

# %%
X_xor, y_xor = gates("xor")
widgets.decision_line(X_xor, y_xor)

# %% [markdown]
# Three, and never four. You need not trust your patience for that; four lines prove it. Suppose
# there were such weights. Then the four examples say:
#
# 1. $(0, 0) \to 0$ means $b < 0$.
# 2. $(0, 1) \to 1$ means $w_2 + b \ge 0$.
# 3. $(1, 0) \to 1$ means $w_1 + b \ge 0$.
# 4. $(1, 1) \to 0$ means $w_1 + w_2 + b < 0$.
#
# Add lines 2 and 3: $w_1 + w_2 + 2b \ge 0$, so $w_1 + w_2 + b \ge -b$. By line 1, $-b$ is above 0.
# So $w_1 + w_2 + b > 0$, and line 4 says the opposite. No such weights exist.
#
# **Predict first.** A line gets three of four right, as you saw. A neuron that always says 0 gets
# two. The perceptron trains on XOR for 1,000 epochs. How many errors does it make in the last one?

# %%
runs = {name: train_perceptron(*gates(name), epochs=12)[1] for name in ("and", "or", "xor")}
long_run = train_perceptron(X_xor, y_xor, epochs=1000)[1]
print("XOR, last epoch of 1,000:", long_run[-1], "errors")

plots.compare_curves(
    {name.upper(): {"errors": counts} for name, counts in runs.items()},
    metric="errors",
    title="Errors in each epoch",
)

# %% [markdown]
# Four of four. It is wrong at *every* example, for ever. Each step mends one example and breaks the
# next, and so it runs in a circle. It does worse than a neuron that does nothing at all. The rule
# promises to arrive where arriving is possible. Where it is not, it promises nothing, not even to
# stay near the best line.
#
# In 1969 Minsky and Papert wrote a book about what single neurons cannot do. XOR is its most famous
# example, and for years money and hope went elsewhere. The way out was already known: use more than
# one.

# %% [markdown]
# ## Many neurons: the multilayer perceptron
#
# One line is not enough for XOR. Two are. Say it in words: exactly one input is 1 when **at least
# one** is 1 (OR) **and not both** are (NAND, the opposite of AND). Each of the three is work for
# one neuron:
#
# | unit | weights | bias | says 1 if |
# |---|---|---|---|
# | $h_1$: OR | 1, 1 | −0.5 | at least one input is 1 |
# | $h_2$: NAND | −1, −1 | 1.5 | not both inputs are 1 |
# | output: AND | 1, 1 | −1.5 | $h_1$ and $h_2$ are both 1 |
#
# A network like this is a **multilayer perceptron**. The numbers that come in form the **input
# layer**. The neurons in between, which see the inputs but not the answer, form a **hidden layer**.
# The last ones are the **output layer**. A neuron in a layer is called a **unit**. The units of a
# layer stand side by side, so their weights go into one matrix: one row for each input, one column
# for each unit.
#
# $$H = \operatorname{step}(X W^{[1]} + b^{[1]}), \qquad
# \hat Y = \operatorname{step}(H W^{[2]} + b^{[2]})$$
#
# $$W^{[1]} = \begin{pmatrix} 1 & -1 \\ 1 & -1 \end{pmatrix}, \quad
# b^{[1]} = (-0.5,\ 1.5), \qquad
# W^{[2]} = \begin{pmatrix} 1 \\ 1 \end{pmatrix}, \quad b^{[2]} = (-1.5)$$
#
# The number in brackets above a letter is the layer's, not a power.
#
# **By hand,** for $x = (1, 0)$: OR has $z = 1 + 0 - 0.5 = 0.5$ and says 1. NAND has
# $z = -1 - 0 + 1.5 = 0.5$ and says 1. The output has $z = 1 + 1 - 1.5 = 0.5$ and says 1. Right.


# %%
def step(z):
    return (z >= 0).astype(int)


W1, b1 = np.array([[1.0, -1.0], [1.0, -1.0]]), np.array([-0.5, 1.5])
W2, b2 = np.array([[1.0], [1.0]]), np.array([-1.5])


def xor_network(X):
    """The answers of the network, shape (N, 1)."""
    H = step(X @ W1 + b1)
    return step(H @ W2 + b2)


H = step(X_xor @ W1 + b1)
print("x1 x2   OR NAND   y_hat")
for x, h, answer in zip(X_xor.astype(int), H, xor_network(X_xor), strict=True):
    print(f"{x[0]:2} {x[1]:2}   {h[0]:2} {h[1]:4}   {answer[0]:5}")

assert (xor_network(X_xor)[:, 0] == y_xor).all()

plots.network(
    [2, 2, 1],
    weights=[W1, W2],
    biases=[b1, b2],
    values=[[1, 0], [1, 1], [1]],
    title="XOR from three neurons, with the input (1, 0)",
)

# %% [markdown]
# Each hidden unit draws one line. The output unit takes the strip between them:

# %%
plots.decision_boundary(
    xor_network, X_xor, y_xor, threshold=0.5, title="Two lines, and the strip between them"
)

# %% [markdown]
# ### What a hidden layer is for
#
# Look at the same four examples as the *output* unit sees them: not $(x_1, x_2)$ but $(h_1, h_2)$.

# %%
fig = plots.decision_boundary(
    lambda H: H @ [1.0, 1.0] - 1.5, H, y_xor, threshold=0.0, title="XOR, seen by the output unit"
)
fig.axes[0].set(xlabel="h1 (OR)", ylabel="h2 (NAND)")
fig.alt_text = (
    "XOR as the output unit sees it, h1 (OR) across and h2 (NAND) up. Class 0 lies at (0, 1) and "
    "(1, 0), both examples of class 1 lie at (1, 1), and the line h1 + h2 = 1.5 separates them."
)
fig

# %% [markdown]
# The four corners have become three points: $(0, 1)$ and $(1, 0)$ both land on $(1, 1)$. Now one
# line is enough. That is what hidden layers are for: they make new features out of the old ones,
# until the last layer has an easy job. In a network that sees pictures, the first layers come to
# answer to edges, later ones to corners and patterns, the last ones to eyes and wheels. Nobody
# tells them to. It is what makes the next layer's work easier.
#
# ### How large?
#
# The more hidden units, the more lines, and the more complicated the shapes they can cut out. This
# is the network's **capacity**. It has two prices:
#
# - **Computing.** A layer from $n$ inputs to $m$ units has $n \cdot m$ weights and $m$ biases. XOR:
#   $2 \cdot 2 + 2 + 2 \cdot 1 + 1 = 9$ parameters. A colour picture of 64 by 64 pixels into 20
#   units and one output: $12288 \cdot 20 + 20 + 20 \cdot 1 + 1 = 245{,}801$.
# - **Overfitting.** A large network can learn its examples by heart, with every accident that is in
#   them, and fail on new ones. You will see it happen at the end of this lesson. Module 7 is about
#   what to do.

# %%
print(12288 * 20 + 20 + 20 * 1 + 1, "parameters")

# %% [markdown]
# We set the nine parameters by thinking. Could Rosenblatt's rule have found them? No. It needs to
# know what each unit *should* have said, and for hidden units nobody knows. The step function is
# the obstacle: nudge a weight a little, and mostly nothing changes at all, so that you cannot feel
# which way is better. We need a neuron whose answer moves a little when a weight moves a little.

# %% [markdown]
# ## Logistic regression: a neuron that says how sure it is
#
# Put a smooth step in the place of the hard one, the **sigmoid**:
#
# $$p = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# Its output lies between 0 and 1, and we read it as a probability: the neuron's estimate of
# $P(y = 1 \mid x)$, "how likely is class 1, given these inputs". At $z = 0$ it says 0.5.
# Statisticians know this network with one neuron as **logistic regression** (Cox, 1958, the same
# year as the perceptron).


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


z = np.linspace(-6, 6, 241)
fig = plots.figure(size=(6.8, 3.4))
ax = fig.subplots()
ax.plot(z, np.where(z >= 0, 1, 0), color="#B34A00", linewidth=2.2, linestyle="--")
ax.plot(z, sigmoid(z), color="#0065A3", linewidth=2.2)
ax.text(-3.2, 0.16, "sigmoid", color="#0065A3", fontweight="bold", ha="right")
ax.text(-0.2, 0.9, "step", color="#B34A00", fontweight="bold", ha="right")
ax.set(xlabel="z", ylabel="output")
ax.set_title("The sigmoid is a soft step", loc="left", fontweight="bold")
ax.spines[["top", "right"]].set_visible(False)
fig.alt_text = (
    "Sigmoid and step function for z from -6 to 6. The step jumps from 0 to 1 at z = 0. The "
    f"sigmoid rises smoothly: {sigmoid(-6):.4f} at -6, {sigmoid(-2):.4f} at -2, 0.5 at 0, "
    f"{sigmoid(2):.4f} at 2 and {sigmoid(6):.4f} at 6."
)
fig

# %% [markdown]
# ### The loss of one example, the cost of all
#
# How bad is an answer $p$? If $y = 1$, it should have been 1; if $y = 0$, it should have been 0.
# The **loss** of one example looks at the probability that was given to what is true, and takes
# minus its logarithm:
#
# $$\ell = \begin{cases} -\log p & \text{if } y = 1 \\ -\log (1 - p) & \text{if } y = 0 \end{cases}
# \qquad\text{in one line:}\qquad \ell = -\bigl(y \log p + (1 - y) \log(1 - p)\bigr)$$
#
# The **cost** is the mean of the losses over all examples. It is what we want to make small:
#
# $$L = \frac{1}{N} \sum_{n=1}^{N} \ell_n$$
#
# Many people, and Keras, call both of them "loss". Ask which is meant: one example's, or the mean.
# From module 3 on, $L$ is simply the loss, and it is always the mean. Its full name is **binary
# cross-entropy**.
#
# **Predict first.** There is a cat in the picture. One neuron shrugs: $p = 0.5$. Another one is
# sure that there is none: $p = 0.01$. How many times larger is the loss of the second?

# %%
for p in (0.99, 0.5, 0.01, 0.0001):
    print(f"y = 1, p = {p:<6}:  loss {-np.log(p):.4f}")

p = np.linspace(0.001, 0.999, 400)
fig = plots.figure(size=(6.8, 3.6))
ax = fig.subplots()
ax.plot(p, -np.log(p), color="#0065A3", linewidth=2.2)
ax.plot(p, -np.log(1 - p), color="#B34A00", linewidth=2.2, linestyle="--")
ax.text(0.05, 4.4, "if y = 1:  −log p", color="#0065A3", fontweight="bold")
ax.text(0.95, 4.4, "if y = 0:  −log(1 − p)", color="#B34A00", fontweight="bold", ha="right")
ax.set(xlabel="answer p", ylabel="loss", ylim=(0, 5))
ax.set_title("Sure and wrong is expensive", loc="left", fontweight="bold")
ax.spines[["top", "right"]].set_visible(False)
fig.alt_text = (
    "Loss against the answer p. If y = 1, the loss is minus log p: it falls from 4.6 at p = 0.01 "
    "over 0.69 at p = 0.5 to 0 at p = 1. If y = 0, it is minus log(1 - p), the mirror image: from "
    "0 at p = 0 to 4.6 at p = 0.99."
)
fig

# %% [markdown]
# More than six times: 4.6052 against 0.6931. And it has no ceiling. To be sure and wrong is what
# cross-entropy punishes hardest. Remember 0.6931: it is $\log 2$, the cost of not knowing.
#
# ### Down the slope
#
# Now we can feel our way. The **slope** $\partial L / \partial w$ says how much the cost changes
# for each small unit by which $w$ changes. (Read it "dL by dw". The curly d says: all other
# parameters stay as they are.) If the slope is positive, make $w$ smaller; if it is negative,
# larger:
#
# $$w \leftarrow w - \eta\, \frac{\partial L}{\partial w}, \qquad
# b \leftarrow b - \eta\, \frac{\partial L}{\partial b}$$
#
# This is **gradient descent**. For logistic regression the slopes are pleasantly simple. The slope
# of one example's loss in the direction of its $z$ is the answer minus the truth, $p - y$. (Module
# 3 derives it. Below we check it.) The rest follows from $z = w \cdot x + b$: when $w_d$ grows by a
# little, $z$ grows by $x_d$ times as much. And the cost is a mean, so its slopes are means:
#
# $$\frac{\partial L}{\partial w_d} = \frac{1}{N} \sum_n (p_n - y_n)\, x_{nd}, \qquad
# \frac{\partial L}{\partial b} = \frac{1}{N} \sum_n (p_n - y_n)$$
#
# Compare the step with Rosenblatt's rule. It is the same rule: error times input. Only the error is
# no longer $-1$, 0 or 1 but a matter of degree.
#
# **By hand.** Two pupils have practised for an exam: $x = 1$ hour ($y = 0$, failed) and $x = 3$
# hours ($y = 1$, passed). Start with $w = 0$, $b = 0$, and take $\eta = 1$.
#
# 1. $z = 0$ for both, so $p = (0.5,\ 0.5)$. Both losses are $-\log 0.5 = 0.6931$, and so is the
#    cost.
# 2. $p - y = (0.5,\ -0.5)$.
# 3. $\partial L/\partial w = \frac{1}{2}(0.5 \cdot 1 - 0.5 \cdot 3) = -0.5$, and
#    $\partial L/\partial b = \frac{1}{2}(0.5 - 0.5) = 0$.
# 4. $w = 0 - 1 \cdot (-0.5) = 0.5$, and $b = 0$.
# 5. Now $z = (0.5,\ 1.5)$ and $p = (0.6225,\ 0.8176)$. The losses are $-\log(1 - 0.6225) = 0.9741$
#    and $-\log 0.8176 = 0.2014$. The cost is their mean, $0.5877$: lower than $0.6931$.
#
# One loss went up, from 0.6931 to 0.9741. Gradient descent serves the cost, not each example.


# %%
def losses_of(p, y):
    """The loss of each example. The probability of the truth is kept above 0, as log(0) is -inf."""
    return -np.log(np.maximum(np.where(y == 1, p, 1 - p), 1e-12))


hours, passed = np.array([1.0, 3.0]), np.array([0, 1])
w, b = 0.0, 0.0
for moment in ("before", "after"):
    p = sigmoid(w * hours + b)
    losses = losses_of(p, passed)
    print(f"{moment:6}  w = {w}  p = {p}  losses = {losses}  cost = {losses.mean():.4f}")
    dw = np.mean((p - passed) * hours)
    db = np.mean(p - passed)
    if moment == "before":
        print(f"        dw = {dw}, db = {db}")
        w, b = w - 1.0 * dw, b - 1.0 * db

# %% [markdown]
# Do not take the slope on trust. A slope is rise over run, so nudge $w$ a little to both sides, and
# see how the cost changes:


# %%
def cost_at(w, b):
    return losses_of(sigmoid(w * hours + b), passed).mean()


run = 0.001
rise = cost_at(0 + run / 2, 0) - cost_at(0 - run / 2, 0)
print(f"rise over run at w = 0: {rise / run:.6f}")

assert abs(rise / run - (-0.5)) < 1e-6

# %% [markdown]
# Now two clouds of points that overlap. No line separates them, so the perceptron would never come
# to rest. Logistic regression settles on a compromise, and the colours say how sure it is where.


# %%
def descend(X, y, eta, steps):
    """Gradient descent on the cost. Return w, b and the cost before each step."""
    w, b, costs = np.zeros(X.shape[1]), 0.0, []
    for _ in range(steps):
        p = sigmoid(X @ w + b)
        costs.append(losses_of(p, y).mean())
        error = (p - y) / len(y)
        w = w - eta * (X.T @ error)  # the brackets matter: eta * X.T would multiply a whole table
        b = b - eta * error.sum()
    return w, b, costs


X_blobs, y_blobs = blobs(200, noise=1.2, seed=0)
w, b, costs = descend(X_blobs, y_blobs, eta=0.5, steps=200)
print(f"cost: {costs[0]:.4f} at first, {costs[-1]:.4f} at the end")
plots.decision_boundary(
    lambda X: sigmoid(X @ w + b), X_blobs, y_blobs, title="Logistic regression on two clouds"
)

# %% [markdown]
# ### Find the bug
#
# A colleague has read that the derivative of the loss is
# $-\bigl(\frac{y}{p} - \frac{1-y}{1-p}\bigr)$, and that is what you find in a good many tutorials.
# Here is the program. It runs. Something is wrong with it.


# %%
def slope_of_colleague(w, b):
    p = sigmoid(w * hours + b)
    error = -(passed / p - (1 - passed) / (1 - p))  # the derivative of the loss
    return np.mean(error * hours)


def slope_by_nudging(w, b):
    return (cost_at(w + 0.0005, b) - cost_at(w - 0.0005, b)) / 0.001


w = 0.0
for k in range(4):
    told, true = slope_of_colleague(w, 0.0), slope_by_nudging(w, 0.0)
    print(f"step {k}: cost {cost_at(w, 0.0):7.4f}   slope {told:9.4f}   by nudging {true:8.4f}")
    w = w - 1.0 * told

# %% [markdown]
# Before you open the answer: compare the two slopes in the first line. By which factor do they
# differ? What is $p$ there? Then look for the line.
#
# <details>
# <summary><strong>Answer</strong></summary>
#
# The formula is right, for something else: it is the slope of the loss in the direction of $p$. The
# program needs the slope in the direction of $z$, one link further back. When $z$ moves a little,
# $p$ moves by $p\,(1 - p)$ times as much, which is the slope of the sigmoid. So the factor
# $p\,(1 - p)$ is missing:
#
# $$-\left(\frac{y}{p} - \frac{1-y}{1-p}\right) p\,(1 - p) = -y\,(1 - p) + (1 - y)\,p = p - y$$
#
# At the start $p = 0.5$, and $p\,(1 - p) = 0.25$: the program's slope is 4 times too steep, $-2$ in
# place of $-0.5$. It overshoots, and the cost goes up. The more extreme $p$ gets, the worse: near 0
# and 1 the factor that is missing is tiny, so that the steps are huge. Mend it with
# `error = p - passed`.
#
# The sign of each example's error is right, by the way. That is why, with a small learning rate,
# the program seems to work.
#
# </details>
# Mend it here. The cell tells you when the slope agrees with the nudge.


# %%
def error_of(p, y):
    return -(y / p - (1 - y) / (1 - p))  # mend this line


for w in (0.0, 0.5):
    mine = np.mean(error_of(sigmoid(w * hours), passed) * hours)
    true = slope_by_nudging(w, 0.0)
    verdict = "agrees" if abs(mine - true) < 1e-5 else "not yet"
    print(f"w = {w}: slope {mine:7.4f}, by nudging {true:7.4f}: {verdict}")

# %% [markdown]
# ## Cat or not cat
#
# Time for a real task. A picture is a table of numbers: for each pixel how much red, green and blue
# it has, from 0 to 255. Our pictures are drawn by the course itself, 64 by 64 pixels. Half of them
# show cats, the others dogs, houses, trees, fish and more.

# %%
(images, y), (test_images, y_test) = cartoon_cats()
print("training:", images.shape, images.dtype, "  test:", test_images.shape)
print("the upper left pixel of the first picture (red, green, blue):", images[0, 0, 0])

names = np.array(["other", "cat"])
plots.images(images[:16], names[y[:16]])

# %% [markdown]
# ### A picture as one row
#
# A neuron takes a row of numbers. So we lay all the pixels of a picture one after the other:
# $64 \cdot 64 \cdot 3 = 12288$ numbers. Dividing by 255 brings them between 0 and 1.
#
# Where does a pixel end up? The green value (colour 1) of the pixel in row 2, column 5 has
# $2 \cdot 64 + 5 = 133$ whole pixels before it, with 3 numbers each, and one red value: place
# $133 \cdot 3 + 1 = 400$, counted from 0.

# %%
X = images.reshape(len(images), -1) / 255  # keep the first axis; -1 means: whatever is left
X_test = test_images.reshape(len(test_images), -1) / 255
print(images.shape, "->", X.shape)

assert X.shape[1] == 12288
assert X[7, 400] == images[7, 2, 5, 1] / 255

# %% [markdown]
# Mind the order. `images.reshape(-1, 400).T` has the same shape, and it is rubbish: each of its
# rows holds a few pixels from *every* picture. Nothing crashes. A network that is trained on it
# learns nothing that holds for new pictures.
#
# ### All features on one scale
#
# Pixel values between 0 and 1 have means near 0.5, and all of them rise and fall together from
# bright pictures to dark ones. Gradient descent finds such data hard: a step that helps in one
# direction is far too large, or far too small, in another. So we **standardise**: give each feature
# the mean 0 and the standard deviation 1.
#
# $$x'_{nd} = \frac{x_{nd} - \mu_d}{\sigma_d}$$
#
# $\mu_d$ is the mean of feature $d$ over the training examples, and $\sigma_d$ its standard
# deviation. Two rules:
#
# - The test set gets the *training set's* $\mu$ and $\sigma$. It stands for pictures of the future,
#   whose mean you cannot know.
# - Mind the feature that never changes, such as a corner that is always black. Its $\sigma$ is 0,
#   and $0/0$ is `nan`, "not a number", which spreads to everything that it touches. Divide by 1
#   there.
#
# **By hand:** the feature $(2, 4, 6)$ has the mean 4. Its squared distances from it are 4, 0 and 4,
# with mean $8/3$, so $\sigma = \sqrt{8/3} = 1.6330$. Standardised it is
# $(-2, 0, 2)/1.6330 = (-1.2247,\ 0,\ 1.2247)$.

# %%
small = np.array([[2.0, 7.0], [4.0, 7.0], [6.0, 7.0]])  # the second feature is constant
sigma = small.std(axis=0)
with np.errstate(invalid="ignore"):  # we know what is coming
    print("naively:\n", (small - small.mean(axis=0)) / sigma)

safe = np.where(sigma == 0, 1, sigma)
print("safely:\n", (small - small.mean(axis=0)) / safe)

mu, sigma = X.mean(axis=0), X.std(axis=0)
sigma = np.where(sigma == 0, 1, sigma)
S, S_test = (X - mu) / sigma, (X_test - mu) / sigma

assert np.allclose(S.mean(axis=0), 0)
assert np.allclose(S.std(axis=0), 1)

# %% [markdown]
# One neuron, 12,288 weights, 300 steps of gradient descent, once with the pixels between 0 and 1
# and once standardised. All else is equal. (Each step uses all examples, so that an epoch is one
# step.)

# %%
w_pixels, b_pixels, costs_pixels = descend(X, y, eta=0.003, steps=300)
w, b, costs = descend(S, y, eta=0.003, steps=300)

plots.compare_curves(
    {"pixels 0 to 1": {"cost": costs_pixels}, "standardised": {"cost": costs}},
    metric="cost",
    title="The same steps on two scales",
)

# %% [markdown]
# Both start at $\log 2 = 0.6931$: with all weights 0 the neuron does not know. The data are the
# same, the steps are the same, and only the scale differs. Does a larger learning rate help the
# plain pixels? No: with $\eta = 0.005$ their cost jumps above 1, and 100 steps later it is still
# above where it began.
#
# **Predict first.** The neuron with standardised pixels is now right about 398 of its 400 training
# pictures. There are 100 test pictures, which it has never seen. About how many of those does it
# get right?


# %%
def accuracy(X, y, w, b):
    return np.mean((X @ w + b >= 0) == (y == 1))


print(f"training: {accuracy(S, y, w, b):.1%}")
print(f"test:     {accuracy(S_test, y_test, w, b):.1%}")

# %% [markdown]
# 84, not 99. A part of what the neuron learned is true of cats, and a part is true of these 400
# pictures only. It has 12,289 parameters and 400 examples, so there was room to learn them nearly
# by heart. That is overfitting, and this gap is how you see it. Never judge a network by the
# examples that it was trained on.
#
# Mind also how rough the figure is. 100 pictures are few: another hundred would easily give 80 or
# 88.
#
# Here are some of its mistakes:

# %%
guess = (S_test @ w + b >= 0).astype(int)
wrong = np.flatnonzero(guess != y_test)[:8]
plots.images(test_images[wrong], names[y_test[wrong]], names[guess[wrong]], columns=4)

# %% [markdown]
# What did it look for? Each weight belongs to one colour of one pixel, so the weights can be laid
# out as a picture. Here the three colours are added up. Where it is dark, a pixel that is brighter
# than usual speaks *for* a cat; where it is light, against.

# %%
by_pixel = w.reshape(64, 64, 3).sum(axis=2)
plots.weights_as_images(by_pixel.reshape(-1, 1), title="What speaks for a cat")

# %% [markdown]
# There are two dark patches above, where ears are, with a light one between them: a cat's head has
# a gap there, which a roof or a treetop fills. The dark band below lies where the white whiskers
# are. But this one neuron has a single template, at one place and in one size. A cat in the corner
# does not fit it. Many units, each with a template, do better. Small templates that slide over the
# picture do better still: that is a convolutional network, module 8.

# %% [markdown]
# ## Kinds of networks at a glance
#
# All of them are made from weighted sums and activations. They differ in what is connected to what.
#
# | network | what is special | made for |
# |---|---|---|
# | **feedforward** (multilayer perceptron) | each layer reads the one before | tables |
# | **convolutional** (CNN) | small kernels slide over the input | pictures, sound |
# | **recurrent** (RNN) | reads step by step, carries a state along | text, time series |
# | **long short-term memory** (LSTM) | an RNN whose gates keep or forget | long sequences |
# | **generative adversarial** (GAN) | one network fakes, another spots it | making pictures |
# | **transformer** | each element weighs all the others (attention) | language, and more |
#
# This course builds the first two from scratch.

# %% [markdown]
# ## Quiz
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "A neuron has the weights 2 and -1 and the bias -1. What does it say, with the "
        "step function, to the input (1, 1)?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "1, because z is 0",
                "correct": True,
                "feedback": "Yes: 2 - 1 - 1 = 0, and from 0 on the neuron says 1.",
            },
            {
                "answer": "0, because z is 0",
                "correct": False,
                "feedback": "z is 0, that is right. But z >= 0 gives 1.",
            },
            {
                "answer": "1, because z is 1",
                "correct": False,
                "feedback": "The output is right, but z is not: add the bias, 2 - 1 - 1 = 0.",
            },
            {
                "answer": "0, because z is -2",
                "correct": False,
                "feedback": "Count again: 2 times 1, minus 1 times 1, minus 1 makes 0.",
            },
        ],
    },
    {
        "question": "You make the bias of a neuron with two inputs larger, and nothing else. What "
        "happens to its decision line?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It shifts without turning, and more points get a 1",
                "correct": True,
                "feedback": "Yes: z grows by the same amount everywhere.",
            },
            {
                "answer": "It turns",
                "correct": False,
                "feedback": "The direction depends on the ratio of the two weights, which stay.",
            },
            {
                "answer": "It shifts without turning, and fewer points get a 1",
                "correct": False,
                "feedback": "It shifts, but the other way: a larger bias makes z larger.",
            },
            {
                "answer": "Nothing: the line depends on the weights only",
                "correct": False,
                "feedback": "The line is where w1 x1 + w2 x2 + b is 0, and b is in it.",
            },
        ],
    },
    {
        "question": "Why can one perceptron not do exclusive or?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "No straight line has the two 1s on one side and the two 0s on the other",
                "correct": True,
                "feedback": "Yes: the classes are not linearly separable.",
            },
            {
                "answer": "Four examples are too few to learn from",
                "correct": False,
                "feedback": "AND has four examples too, and is learned in a few epochs.",
            },
            {
                "answer": "The learning rate was wrong",
                "correct": False,
                "feedback": "No learning rate finds weights that do not exist.",
            },
            {
                "answer": "It would work with more epochs",
                "correct": False,
                "feedback": "It runs in a circle: after 1,000 epochs it is wrong on all four.",
            },
        ],
    },
    {
        "question": "p has shape (100,) and y has shape (100, 1). What is p - y?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "A table of shape (100, 100)",
                "correct": True,
                "feedback": "Yes: every p minus every y, without an error. Print your shapes.",
            },
            {
                "answer": "The 100 errors, shape (100,)",
                "correct": False,
                "feedback": "That is what one would like. But NumPy takes p as a row.",
            },
            {
                "answer": "The 100 errors as a column, shape (100, 1)",
                "correct": False,
                "feedback": "For that, p must be a column too: p[:, None] - y.",
            },
            {
                "answer": "An error: the shapes do not fit",
                "correct": False,
                "feedback": "They do fit: sizes of 1, and missing ones, are stretched.",
            },
        ],
    },
    {
        "question": "A detector is right on 99 % of its training pictures and 84 % of new ones. "
        "What do you conclude?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It overfits: part of what it learned is true of those pictures only",
                "correct": True,
                "feedback": "Yes, and the 84 % is the figure to report.",
            },
            {
                "answer": "It is 99 % accurate",
                "correct": False,
                "feedback": "Only on pictures that it has seen. You will show it new ones.",
            },
            {
                "answer": "It needs more training steps",
                "correct": False,
                "feedback": "It fits its training pictures nearly perfectly already.",
            },
            {
                "answer": "The test pictures should be standardised by their own mean",
                "correct": False,
                "feedback": "The training set's mean and standard deviation are used for both.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - A neuron computes $z = w \cdot x + b$ and passes it through an activation. For a whole batch it
#   is one line: `z = X @ w + b`.
# - With the step function it draws a straight line through the plane. The weights turn the line,
#   the bias shifts it.
# - The perceptron's rule: $w \leftarrow w + \eta (y - \hat y) x$. It arrives if the classes are
#   linearly separable, and never settles if they are not.
# - Exclusive or takes a hidden layer, which makes new features in which a line is enough.
# - Logistic regression answers with a probability, $p = 1/(1 + e^{-z})$. The loss judges one
#   example, the cost is the mean of the losses. Its slope is the mean of $(p - y)\, x$.
# - A slope can be checked: nudge the weight, and divide rise by run.
# - A picture of 64 by 64 pixels in colour is a row of 12,288 numbers. Standardise them with the
#   training set's mean and standard deviation.
# - What counts is how a network does on examples that it has not seen.
#
# ## Common mistakes and tips
#
# - **A column minus a row.** `(N, 1)` and `(N,)` make `(N, N)` in silence. Print shapes.
# - **`reshape(-1, N).T` for pictures.** Right shape, mixed pixels. Keep the first axis:
#   `reshape(N, -1)`.
# - **Forgetting the bias.** Then every decision line goes through the origin.
# - **Dividing by a standard deviation of 0.** One `nan`, and soon everything is `nan`.
# - **Standardising the test set with its own mean.** It gets other numbers than the network was
#   trained for.
# - **Adding up $y - \hat y$ to count errors.** $+1$ and $-1$ cancel. Count what differs.
# - **The sum of the slopes where the mean was meant.** Then the right learning rate depends on how
#   many examples you have.
# - **Tip:** work one example by hand first, with small numbers, and compare each intermediate
#   value.
# - **Tip:** look at the first cost. With all weights 0 it is $\log 2 = 0.6931$. If not, look there.
#
# ## Glossary
#
# - **Activation:** the function from pre-activation to output, such as step or sigmoid.
# - **Bias:** the number that is added to the weighted sum; minus the threshold.
# - **Broadcasting:** NumPy's rule for combining arrays of different shapes.
# - **Cost:** the mean of the losses over all examples. Often called loss, too.
# - **Decision boundary:** the line (or plane) where the answer changes.
# - **Epoch:** one pass over all training examples.
# - **Feature:** one of the numbers that describe an example; an input.
# - **Gradient descent:** moving each parameter a little against the slope of the cost.
# - **Hidden layer:** neurons between the inputs and the output layer.
# - **Learning rate $\eta$:** how far each step moves.
# - **Linearly separable:** some straight line (or plane) has all of one class on each side.
# - **Loss:** how bad the answer to one example is.
# - **Multilayer perceptron:** a network of layers in which each reads the one before.
# - **Overfitting:** learning what holds for the training examples only.
# - **Parameter:** a number that is learned: a weight or a bias.
# - **Pre-activation $z$:** weighted sum plus bias.
# - **Standardise:** give each feature the mean 0 and the standard deviation 1.
# - **Test set:** examples set aside to measure with, and never trained on.
# - **Unit:** a neuron in a layer.
# - **Unroll:** to lay all the numbers of a picture into one row.
# - **Vectorisation:** one array operation in the place of a loop.
# - **Weight:** how much an input counts.
#
# ## References
#
# - W. S. McCulloch, W. Pitts: A logical calculus of the ideas immanent in nervous activity.
#   *Bulletin of Mathematical Biophysics* 5, 1943. The neuron as arithmetic.
# - F. Rosenblatt: The perceptron: a probabilistic model for information storage and organization in
#   the brain. *Psychological Review* 65, 1958.
# - D. R. Cox: The regression analysis of binary sequences. *Journal of the Royal Statistical
#   Society, Series B* 20, 1958. Logistic regression.
# - A. B. J. Novikoff: On convergence proofs on perceptrons. *Symposium on the Mathematical Theory
#   of Automata*, Polytechnic Institute of Brooklyn, 1962.
# - M. Minsky, S. Papert: *Perceptrons: an introduction to computational geometry*. MIT Press, 1969.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating
#   errors. *Nature* 323, 1986. How hidden layers learn.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapters 1 and 6.
#
# ## What comes next
#
# Open `perceptron_exercises.ipynb` and build all this yourself: the neuron, the perceptron, the cat
# detector, and a network for exclusive or. In module 2 you meet the other activations, and find out
# why the choice between them decides whether a deep network learns at all.
