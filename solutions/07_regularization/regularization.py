# %% [markdown]
# # 7. Regularisation
#
# A network with enough weights can learn its examples by heart, down to every accident in them. Its
# training loss is then nearly zero, and what it says about anything new is poor. In this lesson you
# learn to see that, and to prevent it.
#
# **You will be able to**
#
# - tell overfitting from underfitting by two curves, and say what to do about each;
# - split data in three, and say what each part may be used for;
# - write L1 and L2 penalties, dropout, early stopping and batch normalisation, with their
#   gradients, and check these gradients;
# - say for each of them what it does in training and what in inference: most bugs sit there;
# - tell the effect of the batch size from the effect of the number of steps.
#
# **You need first:** backpropagation (module 3), losses and mini-batches (module 4), softmax
# (module 5), and `Sequential`, `compile` and `fit` (module 6). The layers come from `nnlib` here;
# all its names are Keras's.
#
# **Time:** about 90 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import numpy as np
from IPython.display import display

import nnlib as nn
from nnlib import plots, widgets
from nnlib.datasets import digits, moons
from nnlib.regularizers import L2

np.set_printoptions(precision=4, suppress=True)

X, y = moons(60, noise=0.3, seed=2)
X_val, y_val = moons(1000, noise=0.3, seed=100)


def network(units=64, l2=0.0, seed=0):
    """Two hidden layers of ReLU units and a sigmoid output, ready to be trained."""
    layers = [nn.Input((2,))]
    for _ in range(2):
        layers.append(nn.Dense(units, activation="relu", kernel_regularizer=L2(l2)))
    layers.append(nn.Dense(1, activation="sigmoid", kernel_regularizer=L2(l2)))
    model = nn.Sequential(layers, seed=seed)
    model.compile(nn.Adam(learning_rate=0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model


plain, decayed = network(), network(l2=0.003)
for name, model in (("No penalty", plain), ("L2 penalty", decayed)):
    model.fit(X, y, epochs=200, verbose=0)
    new = model.evaluate(X_val, y_val, verbose=0)[1]
    title = f"{name}: {model.evaluate(X, y, verbose=0)[1]:.0%} of its points, {new:.0%} of new ones"
    display(plots.decision_boundary(model, X, y, title=title))

# %% [markdown]
# The same 60 points, the same network with 4,417 weights and biases, the same 200 epochs. The first
# network gets every point right, and pays with a boundary that winds around single points. The
# second one gets one point wrong, draws a calmer line, and does better on points that it has not
# seen. All that differs is one term in the loss. By the end of this lesson you will have written
# it, and five other things that work towards the same end.

# %% [markdown]
# ## Too little, too much
#
# What we want is a network that is right about **new** examples: that is called
# **generalisation**. What we can lower directly is the loss on the **training** examples. The two
# are not the same.
#
# - **Underfitting.** The model is too simple, or was trained too little. It is poor on the training
#   data already, and equally poor on new data.
# - **Overfitting.** The model follows the training data so closely that it follows the noise as
#   well. It is excellent on the training data and clearly worse on new data. The difference is the
#   **generalisation gap**.
#
# How much a model *can* follow is its **capacity**. In a network, capacity grows with the number of
# weights, with their size, and with the time for which it is trained.
#
# The plainest model with a knob for capacity is a polynomial. Its degree is the knob. The explorer
# fits one to 15 noisy points of a sine wave. On the left you see the fit, on the right the error on
# the training points and on 100 new ones, for every degree. Try this:
#
# 1. Move the degree down to 1, then up to 14. Where do the two errors part?
# 2. Go back to 12, and move the penalty up, slowly. What happens to the curve, and what to the
#    training error?
# 3. Set the penalty to 0 again, and raise the number of training points to 100. The degree is still
#    12. Is it still too high?
# 4. Change the seed a few times at degree 1, and then at degree 12 with 15 points. Which of the
#    two curves depends more on which points you happened to get?

# %%
widgets.overfitting_explorer()

# %% [markdown]
# A model is not too large by itself. It is too large *for its data*, and a penalty takes freedom
# away from it without taking weights away. Both ideas come back with networks. The fourth trial has
# a name, too: a model that depends much on which points it got has high **variance**; one that is
# wrong in the same way each time has high **bias** (not the $b$ of a layer).
#
# ### Predict first: labels from a hat
#
# We take 200 pictures of digits and shuffle their labels, so that no label has anything to do with
# its picture. A network with 512 hidden units is trained on them. What is its accuracy on these 200
# in the end? (a) about 10 %, as there is nothing to learn; (b) about 50 %; (c) 100 %.

# %%
(pictures, labels), _ = digits(seed=0)
X_digits, y_digits = pictures[:200], labels[:200]
X_new, y_new = pictures[200:700], labels[200:700]


def digit_network(hidden, seed=0):
    """A network for digits: the hidden layers that are given, and ten softmax units."""
    output = nn.Dense(10, activation="softmax")
    model = nn.Sequential([nn.Input((64,)), *hidden, output], seed=seed)
    model.compile(
        nn.Adam(learning_rate=0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


shuffled = np.random.default_rng(0).permutation(y_digits)
by_heart = digit_network([nn.Dense(512, activation="relu")])
by_heart.fit(X_digits, shuffled, epochs=100, verbose=0)
print(f"accuracy on the shuffled labels: {by_heart.evaluate(X_digits, shuffled, verbose=0)[1]:.0%}")
print(f"accuracy on new pictures:        {by_heart.evaluate(X_new, y_new, verbose=0)[1]:.0%}")

# %% [markdown]
# 100 %. It has learned a list of 200 answers by heart, and on new pictures it guesses. So a
# training accuracy of 100 % says nothing at all about understanding. Large networks do the same
# with a million photographs (Zhang and others, 2017). Only examples that were kept away from the
# training can tell.

# %% [markdown]
# ## Three sets
#
# | set | what it is for | how often you look |
# |---|---|---|
# | **training** | gradients: the weights are fitted to it | in every step |
# | **validation** | choices: how many units, which penalty, when to stop | after every epoch |
# | **test** | one honest number at the end | once |
#
# Why is it not enough to keep one set away? Because choosing is a kind of fitting, too.
#
# ### Predict first: two hundred coins
#
# A yes-or-no task. Two hundred "models" toss a coin for every example. We measure each of them on a
# validation set of 100 examples, and keep the best. How well does it do there? And on 1,000 test
# examples?

# %%
rng = np.random.default_rng(0)
truth = rng.integers(2, size=1100)  # 100 for validation, then 1,000 for the test
guesses = rng.integers(2, size=(200, 1100))  # one row for each model
right = guesses == truth
best = right[:, :100].mean(axis=1).argmax()
print(f"the best of 200 coins: validation {right[best, :100].mean():.0%}, ", end="")
print(f"test {right[best, 100:].mean():.1%}")

# %% [markdown]
# 63 % in validation, and a coin all the same. With 100 examples the accuracy of a coin has a
# standard deviation of $\sqrt{0.5 \cdot 0.5 / 100} = 5$ percentage points, and the luckiest of
# 200 is more than two of these above the middle. You choose among fewer models, and yours are not
# coins. But whatever number a choice was made by, the winner's number looks better than it is.
# That is what the test set is for, and why you look at it once.
#
# Splitting takes four lines. **Shuffle first:** many files are sorted by class, or by date.


# %%
def split(X, y, n_val, n_test, seed):
    """Three pairs (X, y): for training, validation and test."""
    order = np.random.default_rng(seed).permutation(len(X))  # one order for both X and y
    parts = np.split(order, [len(X) - n_val - n_test, len(X) - n_test])
    return [(X[rows], y[rows]) for rows in parts]


for name, (inputs, targets) in zip(
    ("training", "validation", "test"), split(pictures, labels, 200, 200, seed=0), strict=True
):
    print(f"{name:11s}{inputs.shape}  {targets.shape}")

# %% [markdown]
# How many for each? Of 1,000 to 10,000 examples, perhaps 60, 20 and 20 per cent. Of a million,
# 10,000 for validation are plenty: what counts there is the standard error
# $\sqrt{p(1-p)/n}$, not the share.
#
# **Leaks** make the numbers too good to be true. Compute the mean and standard deviation for
# standardising from the *training* set only. Remove duplicates before you split. If one patient has
# ten X-rays, all ten go into the same set. If you will predict the future, split by date, not at
# random.

# %% [markdown]
# ## Two curves
#
# Train, and after each epoch measure the loss on both sets. Our network for the moons, once more:

# %%
plain = network()
history = plain.fit(X, y, epochs=200, verbose=0, validation_data=(X_val, y_val))
plots.curves(history, title="60 points, 4,417 parameters, no penalty")

# %% [markdown]
# Read the left panel from left to right. Both losses fall: the network learns what is true of all
# moons. Near epoch 28, validation turns. From here on the network learns what is true of these 60
# points only, and gets worse while its training loss gets better. At the end the validation loss is
# nearly three times its best.
#
# Then look at the right panel: the validation *accuracy* hardly moves. How can the loss
# nearly triple? The network is not wrong much more often. It is wrong with more conviction. In
# epoch 28, half of its wrong answers came with a probability of less than 75 %; in epoch 200, half
# of them come with more than 98 %, and cross-entropy makes it pay for that. Watch the loss; it
# speaks first.
#
# | training loss | validation loss | what it is | what to try |
# |---|---|---|---|
# | high, flat | as high, flat | underfitting | more units or layers, less penalty |
# | still falling | still falling, close by | not finished | more epochs, a larger learning rate |
# | low | falls, turns, rises | overfitting | the rest of this lesson |
# | low | nearly as low, flat | good | nothing: use the test set, once |
# | **above** validation | below training | dropout, or a penalty counted in | see below |

# %% [markdown]
# ## Fewer weights, more data
#
# The first remedy is the simplest: a smaller network. Here are seven, from 2 to 128 units in each
# hidden layer, on the same 60 points.

# %%
print("units  parameters  training loss  validation loss")
for units in (2, 4, 8, 16, 32, 64, 128):
    model = network(units)
    model.fit(X, y, epochs=200, verbose=0)
    losses = [model.evaluate(*data, verbose=0)[0] for data in ((X, y), (X_val, y_val))]
    print(f"{units:5d}{model.count_params():12d}{losses[0]:15.3f}{losses[1]:17.3f}")

# %% [markdown]
# The training loss falls all the way down. The validation loss falls, and then rises: 2 units are
# too few, and somewhere near 4 it is best. If two sizes do equally well in validation, take the
# smaller one. It is faster, and has fewer ways to surprise you.
#
# ### Predict first: ten times the data
#
# The second remedy is the best one, where you can have it: more data. The network keeps its 64
# units. We train it on 60 points, and then on 600, with about as many *steps*. What becomes
# of its **training** loss: smaller, the same or larger?

# %%
for n in (60, 600):
    more = moons(n, noise=0.3, seed=2)
    model = network()
    model.fit(*more, epochs=24_000 // n, verbose=0)
    losses = [model.evaluate(*data, verbose=0)[0] for data in (more, (X_val, y_val))]
    print(f"{n:4d} points: training loss {losses[0]:.3f}, validation loss {losses[1]:.3f}")

# %% [markdown]
# Larger, by far. Sixty points can be learned by heart, six hundred overlapping ones cannot. So the
# network is left with what is true in general, and its two losses meet. A training loss is not a
# score: a higher one can go with a better network.
#
# Where there are no more data, one can sometimes *make* some: a digit that is moved by a pixel, or
# turned a little, is still the same digit. This is **data augmentation**. Use it on the training
# set only.
#
# From here on we keep the large network and the few points, and take its freedom away in other
# ways.

# %% [markdown]
# ## L2: large weights cost something
#
# To wind around single points, a network has to turn sharply, and that takes large weights. So put
# a price on them. The loss gets a second term, the **penalty**:
#
# $$L_{\text{total}} = L + \lambda \sum_{i,j} w_{ij}^2$$
#
# $\lambda$ (in code `l2`) is a hyperparameter: 0 means no penalty. The gradient of $w^2$ is
# $2w$:
#
# $$\frac{\partial L_{\text{total}}}{\partial w_{ij}}
# = \frac{\partial L}{\partial w_{ij}} + 2 \lambda\, w_{ij}$$
#
# In NumPy: `loss + l2 * np.sum(W**2)`, and `dW + 2 * l2 * W`. Put this into a step of gradient
# descent, and collect the terms with $w$:
#
# $$w \leftarrow w - \eta \left( \frac{\partial L}{\partial w} + 2 \lambda w \right)
# = (1 - 2 \eta \lambda)\, w - \eta\, \frac{\partial L}{\partial w}$$
#
# Each step first shrinks every weight by the same factor. That is why it is called **weight decay**
# as well. (For plain gradient descent the two are the same. For Adam they are not, since Adam
# rescales the gradient, and the penalty's with it. AdamW keeps them apart: Loshchilov and Hutter,
# 2019.)
#
# **The factor 2.** This course follows Keras: the penalty is $\lambda \sum w^2$, and so its
# gradient is $2 \lambda w$. Other texts write $\frac{\lambda}{2} \sum w^2$, with the gradient
# $\lambda w$, or $\frac{\lambda}{2N} \sum w^2$. Each is right, as long as penalty and gradient come
# from the same text. A penalty from one and a gradient from the other is a bug.
#
# **Not the biases.** A large weight makes the output change quickly with the input. A large bias
# only shifts it. So biases are left alone.
#
# ### A step by hand
#
# $$W = \begin{pmatrix} 1 & -2 \\ 0.5 & 0 \end{pmatrix}, \qquad
# \frac{\partial L}{\partial W} = \begin{pmatrix} 0.3 & 0.1 \\ -0.2 & 0.4 \end{pmatrix}, \qquad
# \lambda = 0.1, \quad \eta = 0.5$$
#
# 1. Penalty: $0.1 \cdot (1 + 4 + 0.25 + 0) = 0.525$.
# 2. Its gradient, $2 \cdot 0.1 \cdot W$: first row $(0.2,\ -0.4)$, second row $(0.1,\ 0)$.
# 3. Together with the gradient of the loss: $(0.5,\ -0.3)$ and $(-0.1,\ 0.4)$.
# 4. The step: $W$ becomes $(0.75,\ -1.85)$ and $(0.55,\ -0.2)$.
#
# The other way round: shrink by $1 - 2 \cdot 0.5 \cdot 0.1 = 0.9$, then step. First weight:
# $0.9 \cdot 1 - 0.5 \cdot 0.3 = 0.75$, as before.

# %%
W = np.array([[1.0, -2.0], [0.5, 0.0]])
dW = np.array([[0.3, 0.1], [-0.2, 0.4]])
l2, eta = 0.1, 0.5

penalty = l2 * np.sum(W**2)
stepped = W - eta * (dW + 2 * l2 * W)
print(f"penalty {penalty:.4f}")
print("after the step", stepped, sep="\n")

assert np.allclose(stepped, (1 - 2 * eta * l2) * W - eta * dW)

# %% [markdown]
# How large should $\lambda$ be? Try powers of ten, roughly, and let validation decide. The column
# "data loss" is the training loss *without* the penalty. `evaluate` and `fit` report the sum, in
# Keras as in `nnlib`, so we subtract `model.penalty()`. Otherwise you would compare apples with
# apples plus pears.

# %%
print("lambda  sum of w^2  data loss  validation loss")
for l2 in (0, 0.001, 0.003, 0.01, 0.03):
    model = network(l2=l2)
    model.fit(X, y, epochs=200, verbose=0)
    squares = sum(np.sum(w**2) for w in model.get_weights() if w.ndim == 2)
    losses = [
        model.evaluate(*data, verbose=0)[0] - model.penalty() for data in ((X, y), (X_val, y_val))
    ]
    print(f"{l2:6g}{squares:12.1f}{losses[0]:11.3f}{losses[1]:17.3f}")

# %% [markdown]
# Down the columns: the weights shrink, the data loss rises, and the validation loss falls and rises
# again. The best of these penalties, 0.003, takes the validation loss from 0.85 to about 0.25. With
# 0.03, the network can hardly bend any more: it underfits.

# %% [markdown]
# ## L1: few weights
#
# The other common penalty takes the size instead of the square:
#
# $$L_{\text{total}} = L + \lambda \sum_{i,j} |w_{ij}|, \qquad\qquad
# \frac{\partial}{\partial w}\, \lambda |w| = \lambda \operatorname{sign}(w)
# = \begin{cases} \lambda & w > 0 \\ -\lambda & w < 0 \end{cases}$$
#
# In NumPy: `l1 * np.sum(np.abs(W))`, and `l1 * np.sign(W)`. At $w = 0$ there is a corner and no
# derivative; `np.sign` takes 0.
#
# **By hand**, for the $W$ above and $\lambda = 0.1$: the penalty is
# $0.1 \cdot (1 + 2 + 0.5 + 0) = 0.35$, the gradient has the rows $(0.1,\ -0.1)$ and $(0.1,\ 0)$.
#
# Compare the two gradients. L2 pulls with $2 \lambda w$: hard at large weights, hardly at all at
# small ones, so that they never quite arrive at 0. L1 pulls every weight with the same force
# $\lambda$, however small it is. What is not worth $\lambda$ to the loss goes to 0. Its solutions
# are **sparse**: few weights differ from zero (Tibshirani, 1996).

# %%
l1 = 0.1
print(f"penalty {l1 * np.sum(np.abs(W)):.4f}")
print("gradient", l1 * np.sign(W), sep="\n")

h = 1e-6  # both gradients by wiggling the weight w = -2
for name, penalty, gradient in (
    ("L1", lambda w: l1 * abs(w), l1 * np.sign(-2)),
    ("L2", lambda w: l1 * w**2, 2 * l1 * -2),
):
    wiggled = (penalty(-2 + h) - penalty(-2 - h)) / (2 * h)
    print(f"{name} at w = -2: {gradient:.4f}, by wiggling {wiggled:.4f}")
    assert np.isclose(gradient, wiggled)

# %% [markdown]
# ### Predict first: how many are exactly zero?
#
# Logistic regression with 20 features and 200 examples. Only the first two features have anything
# to do with the label. We train with an L1 penalty, $\lambda = 0.05$, for 500 steps of gradient
# descent with $\eta = 0.1$. How many of the 20 weights are **exactly** 0 afterwards? (a) 18; (b)
# about 10; (c) none.

# %%
rng = np.random.default_rng(0)
features = rng.normal(size=(200, 20))
chance = 1 / (1 + np.exp(-(2 * features[:, 0] - 1.5 * features[:, 1])))
target = rng.random(200) < chance


def logistic(l1=0.0, l2=0.0, steps=500, shrink=0.0):
    """The weights after full-batch gradient descent, with a penalty or with shrinking."""
    w = np.zeros(20)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-features @ w))
        w -= 0.1 * (features.T @ (p - target) / 200 + l1 * np.sign(w) + 2 * l2 * w)
        w = np.sign(w) * np.maximum(np.abs(w) - 0.1 * shrink, 0)
    return w


for name, w in (("none", logistic()), ("L2", logistic(l2=0.05)), ("L1", logistic(l1=0.05))):
    small = np.sum(np.abs(w) < 0.01)
    print(f"{name:5s}{w[:2]}  below 0.01: {small:2d}  exactly 0: {np.sum(w == 0)}")

# %% [markdown]
# None. You will read in many places that L1 "sets weights to zero". Its *minimum* has zeros, but
# a step of gradient descent jumps over it: from $w = 0.003$ the pull is still
# $\eta \lambda = 0.005$, and lands at $-0.002$; the next step jumps back. So the weights tremble
# around zero, and `w == 0` finds nothing, here as in Keras. There are two ways out. Call
# everything below a small threshold zero. Or replace the pull by **shrinking**, which stops at 0:
# after the step on the loss alone, take $\eta\lambda$ off each $|w|$, but never below 0. (This is
# called *soft thresholding*, or a proximal step; it is the last line of the loop above.)

# %%
w = logistic(shrink=0.05)
print(w + 0.0)  # prints -0.0 as 0
print("exactly 0:", np.sum(w == 0))

# %% [markdown]
# Now the zeros are there: of the 18 features that do not matter, one is left, with a small weight.
# Notice the size of the two that do matter: the label was made with weights 2 and −1.5, and both
# penalties shrink *these* as well. Regularisation buys lower variance, and pays with bias.

# %% [markdown]
# ## Dropout: do not rely on anyone
#
# In each training step, switch off every unit with probability $r$, the **rate**, at random and
# anew for each example (Hinton and others, 2012; Srivastava and others, 2014). A unit can no longer
# rely on one particular partner to correct it; what it computes must be useful with any of them.
# One can also see it as training a great many thin networks that share their weights.
#
# In training, with a **mask** of random zeros and ones:
#
# $$y_{nj} = \frac{m_{nj}}{1 - r}\, a_{nj}, \qquad
# m_{nj} = \begin{cases} 0 & \text{with probability } r \\ 1 & \text{with probability } 1 - r
# \end{cases}$$
#
# In inference: $y = a$. Nothing is switched off, nothing is scaled.
#
# **Why divide by $1 - r$?** The next layer adds up what it gets. With half of the units off, its
# sum would be half as large in training as it is in inference. The division makes the two equal on
# average: $(1 - r) \cdot \frac{a}{1 - r} + r \cdot 0 = a$. This form is called **inverted
# dropout**; all libraries have it. (The original paper did not scale in training, but multiplied by
# $1 - r$ in inference. Do one or the other.)
#
# **Backward** is the same mask with the same factor: what was off had no part in the loss.
#
# $$\frac{\partial L}{\partial a_{nj}} = \frac{m_{nj}}{1 - r}\,
# \frac{\partial L}{\partial y_{nj}}$$
#
# ### Four units by hand
#
# $a = (2,\ 1,\ 4,\ 0.5)$ and $r = 0.5$; the mask came out as $(1,\ 0,\ 1,\ 1)$. Divided by
# $1 - r = 0.5$ it is $(2,\ 0,\ 2,\ 2)$. So $y = (4,\ 0,\ 8,\ 1)$. Coming back, the gradient
# $(0.5,\ 3,\ 0.25,\ 2)$ becomes $(1,\ 0,\ 0.5,\ 4)$.

# %%
a = np.array([2.0, 1.0, 4.0, 0.5])
mask = np.array([1, 0, 1, 1]) / (1 - 0.5)
print("forward ", a * mask)
print("backward", np.array([0.5, 3.0, 0.25, 2.0]) * mask)


def dropout(A, rate, rng):
    """Inverted dropout in training: the output, and the mask that backward needs."""
    mask = (rng.random(A.shape) >= rate) / (1 - rate)
    return A * mask, mask


rng = np.random.default_rng(0)
average = np.mean([dropout(a, 0.5, rng)[0] for _ in range(100_000)], axis=0)
print("average of 100,000 masks", average.round(2))

# %% [markdown]
# On average, $a$ comes out.
#
# Does it help? Our digits are too easy to show it: 200 pictures are enough for 93 %. So we make
# them harder in a way that happens in real life. 300 pictures, of which 60 carry a **wrong label**.
# The validation labels are right.

# %%
rng = np.random.default_rng(0)
X_noisy, y_noisy = pictures[:300], labels[:300].copy()
wrong = rng.choice(300, size=60, replace=False)
y_noisy[wrong] = (y_noisy[wrong] + rng.integers(1, 10, size=60)) % 10
X_clean, y_clean = pictures[300:800], labels[300:800]

runs = {}
for rate in (0.0, 0.5):
    model = digit_network([nn.Dense(128, activation="relu"), nn.Dropout(rate)])
    runs[f"rate {rate:g}"] = model.fit(
        X_noisy, y_noisy, epochs=100, verbose=0, validation_data=(X_clean, y_clean)
    )
    by_label = np.argmax(model.predict(X_noisy[wrong]), axis=1) == y_noisy[wrong]
    learned = f"{by_label.sum()} of 60 wrong labels learned by heart"
    accuracy = model.evaluate(X_clean, y_clean, verbose=0)[1]
    print(f"rate {rate:g}: {learned}, validation accuracy {accuracy:.1%}")

plots.compare_curves(runs, "val_loss", title="Validation loss, a fifth of the labels wrong")

# %% [markdown]
# Without dropout the network ends up believing nine of ten wrong labels. With dropout it believes
# fewer, and is right about more new digits: 87 % against 79 %. Other seeds say the same: of five,
# dropout was ahead in each, by 5 to 8 percentage points. The price: it learns more slowly.
#
# ### Predict first: below or above?
#
# A thousand pictures with right labels now, and two dropout layers. The history that `fit` returns
# has a training loss and a validation loss for each epoch. Which of the two is lower at the end?

# %%
seen, new = (pictures[:1000], labels[:1000]), (pictures[1000:], labels[1000:])
model = digit_network([nn.Dropout(0.2), nn.Dense(128, activation="relu"), nn.Dropout(0.5)])
history = model.fit(*seen, epochs=20, verbose=0, validation_data=new).history
print(f"training loss in the history: {history['loss'][-1]:.3f}")
print(f"validation loss:              {history['val_loss'][-1]:.3f}")
print(f"training loss by evaluate:    {model.evaluate(*seen, verbose=0)[0]:.3f}")

# %% [markdown]
# Validation is lower, which looks like a bug, or like a miracle. It is neither. The history's
# training loss was measured *during* training, with half the units off, and is a mean over the
# epoch. Validation runs in inference, with all units on. Measured in the same way, by `evaluate`,
# the training loss is lower than both. When you compare, compare what was measured in the same
# mode.
#
# Typical rates: 0.5 after wide hidden layers, 0.1 to 0.3 after small ones or at the input. No
# dropout after the output.

# %% [markdown]
# ## Find the bug
#
# This function was tested with the rate 0.5, and passed. With 0.2 it goes wrong: the average of its
# output should be 1, like that of its input. Find the mistake, mend it, and run the cell again.


# %%
def leaky_dropout(A, rate, rng):
    mask = rng.random(A.shape) < rate
    return A * mask / (1 - rate)


rng = np.random.default_rng(0)
ones = np.ones((1000, 100))
averages = {rate: leaky_dropout(ones, rate, rng).mean() for rate in (0.5, 0.2)}
for rate, average in averages.items():
    print(f"rate {rate}: average {average:.3f}")
print("Right." if np.isclose(averages[0.2], 1, atol=0.02) else "Not right yet.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where is the first wrong number?* With rate 0.2 the average is 0.25. Print `mask.mean()`: it is
# 0.2, so only a fifth of the units are kept. *Which line?* `mask = rng.random(A.shape) < rate`.
# *Why?* A random number from 0 to 1 is below `rate` with probability `rate`. But `rate` is the
# share to *drop*, so the share to keep is $1 - r$:
#
# ```python
# mask = rng.random(A.shape) >= rate
# ```
#
# Where does it come from? Older tutorials, and the first TensorFlow, had a `keep_prob`: the share
# to keep. There, `< keep_prob` and `/ keep_prob` are right. Half of the code was translated, half
# was not. With 0.5 both readings are the same, which is why a test with 0.5 sees nothing. Test
# with a rate that is not its own opposite.
#
# </details>

# %% [markdown]
# ## Early stopping: go home at the best moment
#
# The curves have said it already: the network was best near epoch 28. So stop there. Since one
# epoch may be worse by accident, one waits: if the validation loss has not improved for so many
# epochs, called the **patience**, stop. And go back to the weights of the best epoch (Prechelt,
# 1998).
#
# **By hand**, with patience 2:
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|
# | validation loss | 0.90 | 0.70 | 0.60 | 0.65 | 0.58 | 0.61 | 0.63 |
# | epochs without improvement | 0 | 0 | 0 | 1 | 0 | 1 | 2: stop |
#
# In epoch 5 the count starts again from 0. Training stops after epoch 7, and the weights to use are
# those of epoch 5. If epoch 8 would have brought 0.57, we shall never know. More patience costs
# time, less patience costs chances.


# %%
def stopping(losses, patience):
    """The epoch in which training stops, and the best epoch, both counted from 1."""
    best, best_epoch, wait = np.inf, 0, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < best:
            best, best_epoch, wait = loss, epoch, 0
        else:
            wait += 1
            if wait == patience:
                break
    return epoch, best_epoch


print(stopping([0.90, 0.70, 0.60, 0.65, 0.58, 0.61, 0.63, 0.57], patience=2))

# %% [markdown]
# **Your turn.** With patience 1, when does it stop on the same losses, and which epoch is the best?
# Work it out on paper first. Write your pair in place of `None`.

# %%
pair = None  # (the epoch in which it stops, the best epoch)

if pair is None:
    print("Write your answer in place of None, and run the cell again.")
else:
    right_pair = stopping([0.90, 0.70, 0.60, 0.65, 0.58, 0.61, 0.63, 0.57], patience=1)
    print("Right." if tuple(pair) == right_pair else "Not yet. Epoch 4 is the first that is worse.")

# %% [markdown]
# Now be the early stopping yourself. Press Play, watch both losses and the boundary, and press
# Pause when you would stop.

# %%
widgets.training_view(network, X, y, epochs=200, validation_data=(X_val, y_val), epochs_per_frame=4)

# %% [markdown]
# ### Predict first: which weights do you get?
#
# `EarlyStopping` is a *callback*: `fit` calls it after each epoch. We use it as most tutorials
# do, with a patience of 20. After training, the model has which weights? (a) those of the epoch
# with the lowest validation loss; (b) those of the last epoch.

# %%
for restore in (False, True):
    stop = nn.EarlyStopping(patience=20, restore_best_weights=restore)
    model = network()
    history = model.fit(
        X, y, epochs=200, verbose=0, validation_data=(X_val, y_val), callbacks=[stop]
    )
    losses = history.history["val_loss"]
    now = model.evaluate(X_val, y_val, verbose=0)[0]
    print(f"restore_best_weights={restore}: stopped after epoch {len(losses)}, ", end="")
    print(f"lowest loss {min(losses):.3f} in epoch {np.argmin(losses) + 1}, loss now {now:.3f}")

# %% [markdown]
# (b), unless you ask for the best ones: `restore_best_weights` is `False` by default, here as in
# Keras. Without it you end up `patience` epochs *after* the best one. With it, two lines of
# code have brought nearly as much as the best penalty.
#
# If you write it yourself, there is a trap. `best_weights = W` does not copy. If your step works in
# place, as `W -= eta * dW` does, then the "best" weights go on changing with all the others, and
# in the end you restore the last ones. Write `W.copy()`.
#
# The validation set has now been used for a choice: the epoch. Its loss is a little too good, as
# with the coins. The test set is still fresh.

# %% [markdown]
# ## Batch normalisation
#
# You standardise the inputs of a network: mean 0, standard deviation 1 (module 1). But each hidden
# layer has inputs of its own, and they shift and swell as the layers before it learn. Batch
# normalisation standardises *them*, in every step, with the mean and variance of the batch (Ioffe
# and Szegedy, 2015). For each feature by itself, that is, down each column:
#
# $$\mu = \frac{1}{N} \sum_n x_n, \qquad \sigma^2 = \frac{1}{N} \sum_n (x_n - \mu)^2, \qquad
# \hat{x}_n = \frac{x_n - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad
# y_n = \gamma\, \hat{x}_n + \beta$$
#
# $\varepsilon$ is small and keeps us from dividing by 0; it stands *under* the root. $\gamma$ and
# $\beta$ are learned, one of each for every feature. They start at 1 and 0, and let the layer undo
# the standardisation where that is better.
#
# **In inference** there may be one example only, and its answer must not depend on who else is in
# the batch. So during training one keeps moving averages,
#
# $$\mu_{\text{mov}} \leftarrow \rho\, \mu_{\text{mov}} + (1 - \rho)\, \mu, \qquad
# \sigma^2_{\text{mov}} \leftarrow \rho\, \sigma^2_{\text{mov}} + (1 - \rho)\, \sigma^2$$
#
# with a **momentum** $\rho$ such as 0.99, and uses *them* in place of $\mu$ and $\sigma^2$. They
# start at 0 and 1.
#
# ### One feature by hand
#
# Four examples, $x = (1,\ 2,\ 4,\ 5)$, with $\gamma = 2$, $\beta = 1$, $\varepsilon = 0.001$ and
# $\rho = 0.9$.
#
# 1. $\mu = 12/4 = 3$ and $\sigma^2 = (4 + 1 + 1 + 4)/4 = 2.5$.
# 2. $\sqrt{2.501} = 1.5815$, so $\hat{x} = (-1.2647,\ -0.6323,\ 0.6323,\ 1.2647)$.
# 3. $y = 2 \hat{x} + 1 = (-1.5293,\ -0.2647,\ 2.2647,\ 3.5293)$.
# 4. The moving mean becomes $0.9 \cdot 0 + 0.1 \cdot 3 = 0.3$, the moving variance
#    $0.9 \cdot 1 + 0.1 \cdot 2.5 = 1.15$.
#
# After this single step, inference says for $x = 4$:
# $2 \cdot (4 - 0.3) / \sqrt{1.151} + 1 = 7.8975$. In training it was 2.2647. The moving averages
# have not arrived yet.


# %%
def batch_norm(X, gamma, beta, moving, training, momentum=0.9, epsilon=1e-3):
    """Batch normalisation; `moving` is the pair of moving averages, which training changes."""
    if training:
        mean, variance = X.mean(axis=0), X.var(axis=0)
        moving[0] = momentum * moving[0] + (1 - momentum) * mean
        moving[1] = momentum * moving[1] + (1 - momentum) * variance
    else:
        mean, variance = moving
    X_hat = (X - mean) / np.sqrt(variance + epsilon)
    return gamma * X_hat + beta


x = np.array([[1.0], [2.0], [4.0], [5.0]])
moving = [np.zeros(1), np.ones(1)]
print("training  ", batch_norm(x, 2.0, 1.0, moving, training=True).ravel())
print("averages  ", *moving)
print("inference ", batch_norm(x[2:3], 2.0, 1.0, moving, training=False).ravel())
for _ in range(100):
    batch_norm(x, 2.0, 1.0, moving, training=True)
print("100 later ", batch_norm(x[2:3], 2.0, 1.0, moving, training=False).ravel())

# %% [markdown]
# After 100 more steps, training and inference agree. With $\rho = 0.99$, Keras's default, it takes
# ten times as long: after 100 steps, $0.99^{100} = 37$ % of the *starting* values are still in the
# averages. On small data a validation loss that is terrible at first often has no other reason.
#
# ### Predict first: ten times the weights
#
# A dense layer computes $XW + b$, and batch normalisation follows. Multiply all of $W$ by 10, and
# add 100 to every bias. How does the output of the two change?

# %%
rng = np.random.default_rng(1)
inputs, weights, biases = rng.normal(size=(50, 8)), rng.normal(size=(8, 4)), rng.normal(size=4)
outputs = [
    batch_norm(inputs @ (k * weights) + biases + c, 1.0, 0.0, [0.0, 1.0], training=True)
    for k, c in ((1, 0), (10, 100))
]
print("largest change:", np.abs(outputs[0] - outputs[1]).max().round(4))

# %% [markdown]
# Hardly at all, and only because of $\varepsilon$. The mean takes the bias away, the standard
# deviation takes the scale away. Two things follow. A dense layer before batch normalisation needs
# no bias: `use_bias=False`; $\beta$ takes its place. And an L2 penalty on that layer's weights does
# not make the function any calmer, since their size does not matter.
#
# ### Backward: everyone depends on everyone
#
# The easy part first. With $dy$ for $\partial L/\partial y$:
#
# $$\frac{\partial L}{\partial \beta} = \sum_n dy_n, \qquad
# \frac{\partial L}{\partial \gamma} = \sum_n dy_n\, \hat{x}_n, \qquad
# d\hat{x}_n = \gamma\, dy_n$$
#
# Then the step that many get wrong. $\hat{x}_n = (x_n - \mu)/\sigma$ (with $\sigma$ for
# $\sqrt{\sigma^2 + \varepsilon}$), so it is tempting to write $dx_n = d\hat{x}_n/\sigma$. But
# $\mu$ and $\sigma$ are not constants: they contain every $x$ of the batch. Raise one $x_m$ a
# little. Then $\mu$ rises by $\frac{1}{N}$ of that, and $\sigma$ by $\frac{1}{N} \hat{x}_m$ of
# it, so that
#
# $$\frac{\partial \hat{x}_n}{\partial x_m} = \frac{1}{\sigma} \left( \delta_{nm} - \frac{1}{N}
# - \frac{\hat{x}_n \hat{x}_m}{N} \right)$$
#
# Multiply by $d\hat{x}_n$ and add up over $n$:
#
# $$dx_m = \frac{1}{\sigma} \left( d\hat{x}_m - \frac{1}{N} \sum_n d\hat{x}_n
# - \hat{x}_m\, \frac{1}{N} \sum_n d\hat{x}_n\, \hat{x}_n \right)$$
#
# In words: take the mean away, and take away the part that points along $\hat{x}$.
#
# **By hand**, for the four examples above and $dy = (1,\ 0,\ 0,\ 0)$. $d\hat{x} = (2, 0, 0, 0)$,
# whose mean is $0.5$. The mean of $d\hat{x}\,\hat{x}$ is $2 \cdot (-1.2647)/4 = -0.6323$. So the
# first entry is $(2 - 0.5 - (-1.2647) \cdot (-0.6323))/1.5815 = 0.4428$, and the others are
# $-0.5690$, $-0.0633$ and $0.1895$. The wrong rule would have given $2/1.5815 = 1.2647$ and three
# zeros.


# %%
def batch_norm_backward(dY, X, gamma, epsilon=1e-3):
    """dX, dgamma and dbeta, where batch normalisation ran in training."""
    deviation = np.sqrt(X.var(axis=0) + epsilon)
    X_hat = (X - X.mean(axis=0)) / deviation
    dX_hat = dY * gamma
    along = X_hat * (dX_hat * X_hat).mean(axis=0)
    dX = (dX_hat - dX_hat.mean(axis=0) - along) / deviation
    return dX, (dY * X_hat).sum(axis=0), dY.sum(axis=0)


dy = np.array([[1.0], [0.0], [0.0], [0.0]])
dx, dgamma, dbeta = batch_norm_backward(dy, x, 2.0)
print("dx      ", dx.ravel(), " dgamma", dgamma, " dbeta", dbeta)


def weighted_sum(x, dy):
    """A loss whose gradient at the output is dy."""
    return np.sum(dy * batch_norm(x, 2.0, 1.0, [0.0, 1.0], training=True))


wiggled = [
    (weighted_sum(x + e[:, None], dy) - weighted_sum(x - e[:, None], dy)) / (2 * h)
    for e in h * np.eye(4)
]
print("wiggled ", np.array(wiggled))

assert np.allclose(dx.ravel(), wiggled)

# %% [markdown]
# ### Predict first: a gradient of ones
#
# Suppose that $\partial L/\partial y = 1$ for every example: raise all outputs. What is
# $\partial L/\partial x$?

# %%
dx, _, _ = batch_norm_backward(np.ones((4, 1)), x, 2.0)
print(dx.ravel().round(12) + 0.0)

# %% [markdown]
# Nothing at all. The outputs of a batch add up to $N \beta$, whatever $x$ is, so no change of $x$
# can raise their sum. It also follows that a test of your code with $dy = 1$ is worth little: a
# function that returns zeros would pass it. Test gradients with *random* $dy$.
#
# ### What it is good for
#
# Eight hidden layers of sigmoids. You know from module 2 what becomes of the gradient there.

# %%
X_train, y_train = pictures[:500], labels[:500]


def deep(normalise):
    """Eight hidden layers of 32 sigmoids, with or without batch normalisation."""
    hidden = []
    for _ in range(8):
        hidden.append(nn.Dense(32, use_bias=not normalise))
        hidden += [nn.BatchNormalization(momentum=0.9)] if normalise else []
        hidden.append(nn.Activation("sigmoid"))
    model = digit_network(hidden)
    model.compile(
        nn.SGD(learning_rate=0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


for normalise in (False, True):
    model = deep(normalise)
    model.fit(X_train, y_train, epochs=20, verbose=0)
    accuracy = model.evaluate(pictures[700:1200], labels[700:1200], verbose=0)[1]
    print(f"batch normalisation {normalise!s:6s} accuracy on new pictures {accuracy:.0%}")

# %% [markdown]
# Without it: guessing. With it: more than nine in ten. The pre-activations are pulled back to
# where the sigmoid has a slope, in every layer and every step. *Why* batch normalisation works so
# well is still debated; it seems to make the loss surface smoother, so that larger steps are safe
# (Santurkar and others, 2018).
#
# Is it a regulariser, then? A little. Each example is normalised with whoever else is in its batch,
# and that is noise. But do not count on it: it also lets a network learn by heart *faster*. Add a
# real regulariser if you see a gap.
#
# Where to put it: `Dense(use_bias=False)`, `BatchNormalization()`, `Activation("relu")` is the
# order of the paper. And mind small batches. In a batch of one, $x = \mu$, so $\hat{x} = 0$: the
# output is $\beta$, whatever the example was.

# %% [markdown]
# ## Batch size
#
# The gradient of a mini-batch is an estimate of the gradient over all examples. The estimate is
# noisy, and the noise depends on the batch size $B$. The standard deviation of a mean of $B$
# independent draws is
#
# $$\text{noise} = \sqrt{\frac{\sigma^2}{B}}$$
#
# where $\sigma^2$ is the variance of the gradients of single examples.
#
# **By hand.** Four examples have the gradients 1, 3, 5 and 7. Their mean is 4, their variance
# $(9 + 1 + 1 + 9)/4 = 5$. In a batch of two, drawn with replacement, the mean of the two lies
# around 4 with the standard deviation $\sqrt{5/2} = 1.5811$. There are only 16 such batches, so
# that we can ask them all:

# %%
g = np.array([1.0, 3.0, 5.0, 7.0])
means = [(first + second) / 2 for first in g for second in g]
print(
    f"over all {len(means)} batches: {np.std(means):.4f}, by the formula {np.sqrt(g.var() / 2):.4f}"
)

# %% [markdown]
# ### Predict first: four times the batch
#
# You take four times as many examples for each step, and so do four times the work. By which factor
# does the noise of the gradient shrink? We measure it on a real network.

# %%
X_train, y_train = pictures[:1024], labels[:1024]


def sgd_network():
    """64 ReLU units and softmax, for plain gradient descent."""
    model = digit_network([nn.Dense(64, activation="relu")])
    model.compile(
        nn.SGD(learning_rate=0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


model = sgd_network()
full = model.loss_and_gradient(X_train, y_train)[1]
rng = np.random.default_rng(0)
for size in (8, 32, 128):
    distances = []
    for _ in range(200):
        rows = rng.integers(1024, size=size)
        gradient = model.loss_and_gradient(X_train[rows], y_train[rows])[1]
        distances.append(np.sum((gradient - full) ** 2))
    print(f"batch of {size:3d}: noise {np.sqrt(np.mean(distances)):.2f}")
print(f"length of the full gradient: {np.sqrt(np.sum(full**2)):.2f}")

# %% [markdown]
# It is only halved: four times the work for half the noise. That is the case *for* small batches:
# many rough steps bring more than a few precise ones. Let us see. Ten epochs each, learning rate
# 0.1:

# %%
for size in (8, 32, 128, 1024):
    model = sgd_network()
    model.fit(X_train, y_train, batch_size=size, epochs=10, verbose=0)
    accuracy = model.evaluate(pictures[1024:], labels[1024:], verbose=0)[1]
    print(f"batch of {size:4d}: {10 * 1024 // size:4d} steps, validation accuracy {accuracy:.0%}")

# %% [markdown]
# The smaller, the better, it seems. But look at the column of steps: it is not a fair race. The
# batch of 1,024 had ten steps in all. Once more, with 640 steps for each:

# %%
for size in (8, 32, 128):
    model = sgd_network()
    model.fit(X_train, y_train, batch_size=size, epochs=640 * size // 1024, verbose=0)
    accuracy = model.evaluate(pictures[1024:], labels[1024:], verbose=0)[1]
    print(f"batch of {size:3d}: {640 * size // 1024:2d} epochs, validation accuracy {accuracy:.0%}")

# %% [markdown]
# Now they are all alike. What looked like the effect of the batch size was the number of steps.
# Keep that in mind when you compare: same epochs is not same steps.
#
# What is left of the batch size?
#
# - **Noise.** Small batches shake the weights, and shake them out of narrow valleys of the loss.
#   On large tasks this acts as a mild regulariser (Keskar and others, 2017). It depends on the
#   learning rate, too: what counts is roughly $\eta / B$. So if you multiply the batch by $k$,
#   multiply the learning rate as well, by up to $k$ (Goyal and others, 2017).
# - **Time.** One batch of 128 takes far less time than 16 batches of 8, as the hardware works on
#   many examples at once.
# - **Batch normalisation** needs batches of some size, 16 or more, for its mean and variance.
#
# 32 is a good start (Masters and Luschi, 2018).

# %% [markdown]
# ## Which one first?
#
# | | changes | in training | in inference | when |
# |---|---|---|---|---|
# | more data, augmentation | the data | more, varied examples | nothing | first, if you can |
# | simpler model | the layers | fewer weights | the same | it is far too large |
# | early stopping | the epochs | watches validation | nothing | nearly always |
# | L2 | the loss | adds $2 \lambda w$ to the gradient | nothing | nearly always, small |
# | L1 | the loss | adds $\lambda \operatorname{sign}(w)$ | nothing | few inputs matter |
# | dropout | the activations | random mask, scaled | nothing | wide layers |
# | batch normalisation | the activations | batch statistics | moving averages | deep networks |
# | batch size | the noise | number and noise of steps | nothing | 32, then tune |
#
# A plan that works: first make the network large enough to overfit. If it cannot, there is a bug,
# or it is too small. Then add early stopping, then one thing at a time, and let validation
# decide. At the very end, the test set. Once.

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "Training loss 0.9 and validation loss 0.95 after 200 epochs, both flat for "
        "the last 100. What should you try?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "A larger network, or less penalty",
                "correct": True,
                "feedback": "Yes: it does not fit its training data. That is underfitting.",
            },
            {
                "answer": "More dropout",
                "correct": False,
                "feedback": "Dropout takes freedom away, and this network has too little already.",
            },
            {
                "answer": "Early stopping",
                "correct": False,
                "feedback": "There is no better epoch to go back to: validation never turned.",
            },
            {
                "answer": "More training data",
                "correct": False,
                "feedback": "More data closes a gap, and here is none to speak of.",
            },
        ],
    },
    {
        "question": "The penalty is 0.01 times the sum of the squared weights. What does it add to "
        "the gradient of a weight w = 3?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "0.06",
                "correct": True,
                "feedback": "Yes: 2 times 0.01 times 3.",
            },
            {
                "answer": "0.03",
                "correct": False,
                "feedback": "The factor 2 is missing. This belongs to half the sum of squares.",
            },
            {
                "answer": "0.09",
                "correct": False,
                "feedback": "This is the penalty of the weight itself, not its slope.",
            },
            {
                "answer": "0.01",
                "correct": False,
                "feedback": "This is L1: the same pull for every positive weight.",
            },
        ],
    },
    {
        "question": "A layer has dropout with rate 0.25. What happens to a unit with a = 6 in "
        "inference?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It stays 6",
                "correct": True,
                "feedback": "Yes: in inference nothing is dropped and nothing is scaled.",
            },
            {
                "answer": "It becomes 8",
                "correct": False,
                "feedback": "6 / 0.75 = 8 is what a kept unit becomes in training.",
            },
            {
                "answer": "It becomes 4.5",
                "correct": False,
                "feedback": "6 times 0.75 is the original dropout, which did not scale in "
                "training. Inverted dropout did it there already.",
            },
            {
                "answer": "It is 0 in a quarter of the cases",
                "correct": False,
                "feedback": "That would be dropout in inference: the same picture would get "
                "another answer each time.",
            },
        ],
    },
    {
        "question": "With batch normalisation, your model's answer for one example changes with "
        "the other examples in the batch, in inference. What is wrong?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It uses the batch's mean and variance, not the moving averages",
                "correct": True,
                "feedback": "Yes: it runs in training mode.",
            },
            {
                "answer": "Nothing: that is how batch normalisation works",
                "correct": False,
                "feedback": "It is so in training. In inference the answer must depend on the "
                "example alone.",
            },
            {
                "answer": "epsilon is too small",
                "correct": False,
                "feedback": "epsilon only matters where the variance is near 0.",
            },
            {
                "answer": "gamma and beta were not trained",
                "correct": False,
                "feedback": "They are the same for every example, whatever their values are.",
            },
        ],
    },
    {
        "question": "You tried 50 settings and kept the one with the best accuracy on the test "
        "set: 91 %. What can you say?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "The 91 % is probably too good: the test set was used to choose",
                "correct": True,
                "feedback": "Yes: it has become a validation set. For an honest number you need "
                "data that had no part in any choice.",
            },
            {
                "answer": "The model is right on 91 % of new examples",
                "correct": False,
                "feedback": "The best of 50 has been lucky as well as good. Think of the coins.",
            },
            {
                "answer": "Nothing was fitted to the test set, so 91 % is honest",
                "correct": False,
                "feedback": "No weight was fitted to it, but the setting was.",
            },
            {
                "answer": "It overfits its training set",
                "correct": False,
                "feedback": "That would take the training accuracy to say. We do not know it.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - A training loss near zero proves nothing: networks can learn random labels by heart. Measure on
#   examples that had no part in the training.
# - Training set: weights. Validation set: choices. Test set: one look.
# - Overfitting: training low, validation turns and rises. Underfitting: both high and flat.
# - L2: $\lambda \sum w^2$ with gradient $2 \lambda w$. L1: $\lambda \sum |w|$ with gradient
#   $\lambda \operatorname{sign}(w)$. Weights only, not biases.
# - Inverted dropout: in training a mask, divided by $1 - r$; in inference nothing; backward, the
#   same mask.
# - Early stopping: wait `patience` epochs without improvement, then go back to the best weights.
# - Batch normalisation: batch statistics down each column in training, moving averages in
#   inference. Backward, the mean and the variance have gradients as well.
# - The noise of a gradient shrinks with the root of the batch size. Compare batch sizes at equal
#   steps.
#
# ## Common mistakes and tips
#
# - **The gradient of L2 without its 2.** The penalty that you train with is then not the one that
#   you report. Wiggle, and you see it.
# - **A penalty on the biases.** They only shift.
# - **Comparing losses with and without the penalty in them.** Subtract it, or compare accuracies.
# - **Dropout not scaled by $1/(1-r)$.** Everything is too large in inference.
# - **Dropout left on in inference.** The same input gets another answer each time. Call twice,
#   compare.
# - **The share to keep taken for the share to drop.** Test with a rate that is not 0.5.
# - **The last weights in place of the best.** `restore_best_weights=True`; and `.copy()`.
# - **Batch statistics in inference.** Predict one example alone and then in a batch: the answers
#   must be equal.
# - **Normalising along the wrong axis.** Down the column: one mean for each feature.
# - **$\varepsilon$ outside the root.** $\sqrt{\sigma^2} + \varepsilon$ is another function.
# - **Mean and variance taken for constants in backward.** The loss may even fall. Check the
#   gradient.
# - **Choosing by the test set.** Then it is a second validation set, and you have no test set.
# - **Tip:** change one thing at a time.
# - **Tip:** run each setting with three seeds before you believe a difference.
#
# ## Glossary
#
# - **Batch normalisation:** standardising each feature with the batch's mean and variance, then
#   scaling with $\gamma$ and shifting with $\beta$.
# - **Bias, variance (of a model):** being wrong in the same way each time; depending on which
#   examples one happened to get.
# - **Capacity:** how much a model is able to follow.
# - **Dropout:** switching units off at random in training.
# - **Early stopping:** ending the training when the validation loss no longer improves.
# - **Generalisation gap:** the difference between the losses on training and on new data.
# - **Inference:** using the trained network; the other mode is training.
# - **Leak:** when something of the validation or test set gets into the training.
# - **Moving average:** $\rho$ times the old value plus $1 - \rho$ times the new one.
# - **Overfitting, underfitting:** following the training data too closely; not closely enough.
# - **Patience:** how many epochs without improvement to bear.
# - **Penalty:** a term in the loss that depends on the weights only.
# - **Regularisation:** whatever makes a network do better on new data, at the price of its training
#   loss.
# - **Sparse:** with few entries other than zero.
# - **Validation set:** examples to make choices by.
# - **Weight decay:** shrinking every weight by the same factor in each step.
#
# ## References
#
# - A. N. Tikhonov: Solution of incorrectly formulated problems and the regularization method.
#   *Soviet Mathematics Doklady* 4, 1963. L2.
# - A. Krogh, J. A. Hertz: A simple weight decay can improve generalization. *NeurIPS*, 1991.
# - R. Tibshirani: Regression shrinkage and selection via the lasso. *Journal of the Royal
#   Statistical Society B* 58, 1996. L1.
# - L. Prechelt: Early stopping - but when? *Neural Networks: Tricks of the Trade*, Springer, 1998.
# - G. E. Hinton, N. Srivastava, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: Improving neural
#   networks by preventing co-adaptation of feature detectors. arXiv:1207.0580, 2012.
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: Dropout: a simple way
#   to prevent neural networks from overfitting. *JMLR* 15, 2014. Section 10 has the scaling in
#   training.
# - S. Ioffe, C. Szegedy: Batch normalization: accelerating deep network training by reducing
#   internal covariate shift. *ICML*, 2015.
# - C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals: Understanding deep learning requires
#   rethinking generalization. *ICLR*, 2017. Random labels.
# - N. S. Keskar, D. Mudigere, J. Nocedal, M. Smelyanskiy, P. T. P. Tang: On large-batch training
#   for deep learning: generalization gap and sharp minima. *ICLR*, 2017.
# - P. Goyal and others: Accurate, large minibatch SGD: training ImageNet in 1 hour.
#   arXiv:1706.02677, 2017.
# - S. Santurkar, D. Tsipras, A. Ilyas, A. Madry: How does batch normalization help optimization?
#   *NeurIPS*, 2018.
# - D. Masters, C. Luschi: Revisiting small batch training for deep neural networks.
#   arXiv:1804.07612, 2018.
# - I. Loshchilov, F. Hutter: Decoupled weight decay regularization. *ICLR*, 2019. AdamW.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapter 7.
#
# ## What comes next
#
# Open `regularization_exercises.ipynb`: you write each of these yourself, and read four learning
# curves. In module 8 you meet a layer that regularises by its very shape: a convolution uses the
# same few weights at every place of the picture.
