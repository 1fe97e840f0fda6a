# %% [markdown]
# # 8. Convolution
#
# A dense layer reads a picture as a row of numbers. It does not know which pixels are neighbours,
# and what it has learned in one corner it must learn again in every other. A convolution looks
# through a small window, and carries the window over the whole picture. It has far fewer weights,
# and they know what a neighbour is.
#
# **You will be able to**
#
# - read and build arrays of pictures, `(N, H, W, C)`, and of kernels, `(kh, kw, C, F)`;
# - compute a convolution by hand, with stride and padding, and say how large its output is;
# - explain parameter sharing, and count the parameters of any layer;
# - compute a convolution as one matrix product, and its gradients for pictures, kernels and biases;
# - tell what max and average pooling keep, and where their gradients go;
# - say when a convolutional network is worth its price, and when it is not.
#
# **You need first:** backpropagation (module 3), softmax networks (module 5), and training with
# `compile` and `fit` (module 6).
#
# **Time:** about 85 minutes.
#
# Run each cell as you come to it. Where it says *Predict first*, write your guess down before you
# run the next cell. A wrong guess is worth more than none.

# %%
import time

import numpy as np

import nnlib as nn
from nnlib import plots, widgets
from nnlib.datasets import cartoon_cats, digits

np.set_printoptions(precision=4, suppress=True)

(pictures, Y_train), (test_pictures, Y_test) = digits(one_hot=True, images=True)

# %% tags=["hide-input"]
picture = pictures[Y_train[:, 0] == 1][0, :, :, 0]  # the first 0
kernels = {
    "upright edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "level edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "all edges": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
}
fig = plots.figure(size=(11.0, 3.1))
axes = fig.subplots(1, 4)
axes[0].imshow(picture, cmap="gray_r")
axes[0].set_title("a picture, 8 × 8")
for ax, (name, kernel) in zip(axes[1:], kernels.items(), strict=True):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(picture, 1), (3, 3))
    ax.imshow(np.sum(windows * np.array(kernel), axis=(2, 3)), cmap="gray_r", vmin=-4, vmax=4)
    ax.set_title(name)
for ax in axes:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
fig.alt_text = (
    "A handwritten 0 of 8 by 8 pixels, and what three small kernels make of it. The first answers "
    "along the upright strokes, with one sign on their left edges and the other on their right "
    "edges. The second answers along the level parts at the top and at the bottom. The third is "
    "negative on the strokes and positive on the paper beside them."
)
fig

# %% [markdown]
# One picture, and what three kernels of nine numbers each make of it. Dark is positive, light is
# negative, the grey between them is 0. Nobody has to invent such kernels: a network learns them.

# %% [markdown]
# ## Images as arrays
#
# A grey picture is a table of numbers: row, column. A colour picture has three such tables, red,
# green and blue, called **channels**. A batch of pictures has one axis more. As in Keras, the
# channels come last:
#
# $$X \quad\text{has the shape}\quad (N, H, W, C):\quad
# \text{examples, rows, columns, channels}$$
#
# A grey picture has $C = 1$. The axis stays, even if it is one long.

# %%
(drawings, is_cat), _ = cartoon_cats(10)
cat = drawings[is_cat == 1][0]
print("digits:", pictures.shape, "   drawings:", drawings.shape)

fig = plots.figure(size=(11.0, 3.0))
axes = fig.subplots(1, 4)
axes[0].imshow(cat)
axes[0].set_title("64 × 64 × 3")
for c, name in enumerate(("red", "green", "blue")):
    axes[c + 1].imshow(cat[:, :, c], cmap="gray", vmin=0, vmax=255)
    axes[c + 1].set_title(f"channel {c}: {name}")
for ax in axes:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
fig.alt_text = (
    "A drawn cat in colour, and its red, green and blue channels as three grey pictures: light "
    "where there is much of that colour."
)
fig

# %% [markdown]
# What happens to this picture in a dense layer? It is unrolled to $64 \cdot 64 \cdot 3 = 12288$
# numbers. Two things are lost:
#
# - **Who is next to whom.** Pixel 5 and pixel 6 are neighbours, and so are pixel 5 and the one
#   below it, 192 numbers further on. A dense layer treats every pair alike.
# - **That a cat is a cat anywhere.** The weights of the upper left corner learn nothing from what
#   happens at the lower right.
#
# And it is expensive. A photograph of 224 by 224 pixels has 150,528 numbers. One dense layer of 32
# units then has 4,816,928 parameters.

# %% [markdown]
# ## Convolution
#
# Take a small table of weights, the **kernel**. Lay it on the upper left corner of the picture.
# Multiply each weight by the pixel below it, add everything up, add a bias: that is one number of
# the output. Move the kernel one pixel to the right, and do it again. At the end of the row, go
# down by one. The part of the picture under the kernel is the **window**; the output is called a
# **feature map**, since it says where in the picture there is something that the kernel answers to.
#
# $$z_{ij} = b + \sum_{u} \sum_{v} x_{i+u,\; j+v}\; k_{uv}$$
#
# (We write $K$ for the kernel. In Keras it is called `kernel`, too; $W$ is the width here.)
#
# ### A convolution by hand
#
# $$X = \begin{pmatrix} 0 & 1 & 2 & 0 \\ 3 & 1 & 0 & 1 \\ 0 & 2 & 1 & 0 \\ 1 & 0 & 0 & 2
# \end{pmatrix}, \qquad K = \begin{pmatrix} 1 & -1 \\ -2 & 3 \end{pmatrix}, \qquad b = 1$$
#
# 1. Upper left: the window is $\begin{pmatrix} 0 & 1 \\ 3 & 1 \end{pmatrix}$, so
#    $z_{00} = 0 \cdot 1 + 1 \cdot (-1) + 3 \cdot (-2) + 1 \cdot 3 + 1 = -3$.
# 2. One to the right: $z_{01} = 1 \cdot 1 + 2 \cdot (-1) + 1 \cdot (-2) + 0 \cdot 3 + 1 = -2$.
# 3. Once more: $z_{02} = 2 - 0 - 0 + 3 + 1 = 6$. The row is at its end.
# 4. Second row: $z_{10} = 3 - 1 - 0 + 6 + 1 = 9$, and so on.
#
# There are three places across and three down, so the output is 3 by 3:
#
# $$Z = \begin{pmatrix} -3 & -2 & 6 \\ 9 & 1 & -2 \\ -3 & 2 & 8 \end{pmatrix}$$

# %%
X = np.array([[0.0, 1, 2, 0], [3, 1, 0, 1], [0, 2, 1, 0], [1, 0, 0, 2]])
K = np.array([[1.0, -1], [-2, 3]])
b = 1.0


def convolve(x, k, b=0.0, stride=1, padding=0):
    """One grey picture and one kernel. Returns the feature map."""
    x = np.pad(x, padding)  # zeros on all four sides
    rows = (x.shape[0] - k.shape[0]) // stride + 1
    columns = (x.shape[1] - k.shape[1]) // stride + 1
    z = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            r, c = i * stride, j * stride  # where the window begins
            window = x[r : r + k.shape[0], c : c + k.shape[1]]
            z[i, j] = np.sum(window * k) + b
    return z


Z = convolve(X, K, b)
print(Z)

assert (Z == [[-3, -2, 6], [9, 1, -2], [-3, 2, 8]]).all()

# %% [markdown]
# Leave `stride` and `padding` aside for a moment. The line that *is* the equation is
# `z[i, j] = np.sum(window * k) + b`.
#
# ### Said plainly: it is a cross-correlation
#
# In mathematics, a convolution turns the kernel round first, by half a turn: the last weight meets
# the first pixel. What we do, without the turn, is called a **cross-correlation** there. Keras,
# PyTorch and their like do the same as we, and call it convolution.
#
# Does it matter? For a kernel that is learned, not at all: if the turned kernel is the better one,
# the network learns it turned. It matters when you copy a kernel from a book, or compare with a
# library that does turn it, such as `np.convolve`:

# %%
spike = np.array([0, 0, 1, 0, 0])
print("cross-correlation:", np.correlate(spike, [1, 2, 3]))
print("convolution:      ", np.convolve(spike, [1, 2, 3], mode="valid"))

print("our example with the kernel turned round:\n", convolve(X, K[::-1, ::-1], b))

# %% [markdown]
# The turned kernel gives −3 at the upper left as well: by chance. Never test with one number.

# %% [markdown]
# ## What kernels see
#
# A kernel whose weights add up to 0 says nothing where the picture is even, black or white. It
# answers where the picture *changes*. Where the weights add up to 1, an even area stays what it is.
#
# Move the kernel over the digit with the slider `position` (with the arrow keys, too), and watch
# the output grow. Then try these:
#
# - `vertical edges`: go along one row. Where does the sign change, and why? What is the answer on
#   the blank paper?
# - `horizontal edges`: which parts of the 0 have vanished?
# - `blur`, `sharpen` and `identity`: add up the nine weights of each.

# %%
widgets.kernel_explorer()

# %% [markdown]
# The kernel for upright edges says plus where it gets darker from left to right, minus where it
# gets lighter. So each upright stroke shows twice: its left edge positive, its right edge
# negative. Where left and right are equal, it says 0: on blank paper, in the middle of a broad
# stroke, and along a level line.

# %% [markdown]
# ## Stride, padding and the size of the output
#
# A kernel of 3 by 3 fits into a row of 8 pixels at 6 places, not 8: it cannot stand with its middle
# on the edge. So each convolution makes the picture a little smaller, and pixels near the edge are
# seen less often than others. **Padding** puts $p$ rows or columns of zeros on each side, before
# the kernel comes. With $p = 1$, a 3 by 3 kernel gives back the size it got.
#
# The **stride** $s$ says how far the kernel moves each time. With $s = 2$ it takes every second
# place, and the output has about half as many rows and columns.
#
# How large is the output? A side has $n + 2p$ pixels. The last window must begin at $n + 2p - k$
# or before. Into that fit so many steps of $s$, and one more place for the start:
#
# $$\text{output size} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# ($\lfloor\;\rfloor$: round down. A window that does not fit whole is left out.)
#
# | $n$ | $k$ | $s$ | $p$ | output | |
# |---|---|---|---|---|---|
# | 8 | 3 | 1 | 0 | 6 | shrinks by $k - 1$ |
# | 8 | 3 | 1 | 1 | 8 | keeps its size |
# | 8 | 3 | 2 | 1 | 4 | $\lfloor 7/2 \rfloor + 1$: rounded down |
# | 32 | 5 | 1 | 0 | 28 | the first layer of LeNet-5 |
# | 224 | 7 | 2 | 3 | 112 | the first layer of ResNet |
#
# Keras has two words for the padding: `"valid"` means none, and `"same"` means as much as it takes
# for stride 1 to keep the size. (With stride 2, `"same"` gives half the size, rounded up. If that
# takes an odd number of zeros, Keras puts the odd one at the bottom and on the right.)
#
# Here is the explorer with stride 2 and padding 1. The zeros are the white frame:

# %%
widgets.kernel_explorer(stride=2, padding=1)

# %% [markdown]
# **Your turn.** A picture has 10 rows, the kernel 4, the stride is 3, and there is no padding. How
# many rows has the output? And with a padding of 2? Write your two answers in place of `None`.

# %%
without_padding, with_padding = None, None  # your two numbers


def told(answer, right):
    if answer is None:
        return "Write your answer in place of None, and run the cell again."
    return "Right." if answer == right else "Not yet. Draw the pixels as a row of boxes, and count."


print(told(without_padding, len(convolve(np.zeros((10, 4)), np.zeros((4, 4)), stride=3))))
print(told(with_padding, len(convolve(np.zeros((10, 4)), np.zeros((4, 4)), stride=3, padding=2))))

# %% [markdown]
# ## Channels and filters
#
# A colour picture has three channels. The kernel is then as deep as the picture: it has a weight
# for each row, column *and channel* of the window, and the sum runs over all of them. The window
# moves across and down only, never through the channels.
#
# One kernel makes one map, however many channels go in. We want more than one, so a layer has $F$
# kernels, also called **filters**, each with a bias. Their maps are the channels of the output:
#
# $$z_{nijf} = b_f + \sum_{u,\,v,\,c} x_{n,\; i s + u,\; j s + v,\; c}\; k_{uvcf}$$
#
# | what | shape |
# |---|---|
# | pictures $X$ | `(N, H, W, C)` |
# | kernels $K$ | `(kh, kw, C, F)` |
# | biases $b$ | `(F,)` |
# | maps $Z$ | `(N, rows, columns, F)` |
#
# In NumPy, for one window of shape `(kh, kw, C)` and filter `f`, it is
# `np.sum(window * K[:, :, :, f]) + b[f]`.
#
# So the layer has $kh \cdot kw \cdot C \cdot F$ weights and $F$ biases.
#
# ### Predict first: how many parameters?
#
# A layer of 32 filters of 3 by 3 reads colour photographs of 224 by 224 pixels. (The dense layer
# with 32 units had 4,816,928 parameters.) How many parameters has this one? (a) 896; (b) about
# 45,000; (c) about a million. And with photographs four times as large?

# %%
for side in (224, 448):
    model = nn.Sequential([nn.Input((side, side, 3)), nn.Conv2D(32, 3)])
    print(f"{side} x {side} x 3: {model.count_params()} parameters, output {model.output_shape}")

# %% [markdown]
# $3 \cdot 3 \cdot 3 \cdot 32 + 32 = 896$, and the size of the picture does not enter at all. The
# same layer can even read pictures of different sizes.

# %% [markdown]
# ## Parameter sharing
#
# A convolution *is* a dense layer: each output is a weighted sum of pixels. But most of its weights
# are zero, and the others are the same few numbers again and again. To see this, put all 16
# pictures with a single pixel set through our example. Each tells how much that pixel counts in
# each of the 9 outputs. Together they are the weights of the dense layer, 16 inputs by 9 units:

# %%
single_pixels = np.eye(16).reshape(16, 4, 4)
M = np.array([convolve(pixel, K).ravel() for pixel in single_pixels])
print("as a dense layer:", M.shape, "  non-zero:", np.count_nonzero(M), "  values:", np.unique(M))

assert np.allclose(X.ravel() @ M + b, Z.ravel())

plots.weights_as_images(M, columns=3, title="Nine units, one kernel")

# %% [markdown]
# Each of the nine units looks at its own place, and all look with the same four weights. That is
# **parameter sharing**: 4 weights where the dense layer has 144. Two assumptions are built in:
#
# 1. **Near things belong together.** A unit sees only a small window.
# 2. **What is worth seeing here is worth seeing everywhere.** The weights are the same at all
#    places.
#
# The second has a name. Move the picture by one pixel, and the map moves by one pixel, else
# unchanged: a convolution is **equivariant** to shifts. A dense layer would have to learn the
# moved picture as a new one.

# %%
wide = np.zeros((8, 8))
wide[2:6, 1:5] = X
moved = np.roll(wide, 2, axis=1)  # two pixels to the right; only zeros fall off

assert np.allclose(convolve(moved, K)[:, 2:], convolve(wide, K)[:, :-2])
print("Moved first or convolved first: the same.")

# %% [markdown]
# ## One matrix product: im2col
#
# Loops in Python are slow. A matrix product is what computers are fastest at. So we cut out every
# window and lay it flat, as one row of a matrix: **im2col**, "image to columns". The kernels are
# laid flat, too, as columns. Then all the sums are one matrix product, as
# in a dense layer. Our example has nine windows of four numbers:

# %%
windows = np.lib.stride_tricks.sliding_window_view(X, (2, 2))  # shape (3, 3, 2, 2)
rows = windows.reshape(9, 4)
print("windows, one in each row:\n", rows)

by_matrix = (rows @ K.reshape(4, 1) + b).reshape(3, 3)
assert np.allclose(by_matrix, Z)

# %% [markdown]
# Look at the first two rows: the 1 in the middle of the top of $X$ is in both. Windows overlap, so
# most pixels are copied several times, up to $kh \cdot kw$ times. im2col pays with memory for
# speed. What does it buy? Here are our loops against `nn.Conv2D`, which works with im2col, on a
# hundred digits and one kernel:

# %%
layer = nn.Conv2D(1, 3)  # one filter of 3 by 3
layer.build((None, 8, 8, 1))
kernel = layer.kernel[:, :, 0, 0]

start = time.perf_counter()
with_loops = np.array([convolve(p[:, :, 0], kernel) for p in pictures[:100]])
middle = time.perf_counter()
with_matrix = layer(pictures[:100])[..., 0]
end = time.perf_counter()

print(f"loops {1000 * (middle - start):.1f} ms, im2col {1000 * (end - middle):.1f} ms")
assert np.allclose(with_loops, with_matrix, atol=1e-5)

# %% [markdown]
# The numbers agree, and the times are worlds apart. With eight filters, the loops would take eight
# times as long. im2col would cut out the windows once, for all of them.

# %% [markdown]
# ## Backward
#
# Let `dZ` be $\partial L/\partial Z$, the gradient that comes back from the next layer. Where does
# it go? Each output is a sum of products, weight times pixel. So the weight gets the pixel times
# `dz`, and the pixel gets the weight times `dz`. That is all, but for one thing: each weight was
# used at every place, and each pixel in every window that it lies in. **Whatever is used many times
# gets many gradients, and they add up.**
#
# $$db = \sum_{i,j} dz_{ij}, \qquad dk_{uv} = \sum_{i,j} x_{i+u,\; j+v}\; dz_{ij}, \qquad
# dx_{i+u,\; j+v} \mathrel{+}= dz_{ij}\; k_{uv} \;\text{ for all } i, j, u, v$$
#
# Lay the window of place $(i, j)$ before you. In NumPy it is two lines for each window:
#
# ```python
# dk += window * dz[i, j]
# dx[r : r + kh, c : c + kw] += k * dz[i, j]
# ```
#
# ### Two windows by hand
#
# Suppose that all of `dZ` is 0 but $dz_{00} = 1$ and $dz_{11} = 3$.
#
# 1. The bias took part in both: $db = 1 + 3 = 4$.
# 2. The kernel gets each window times its `dz`:
#    $dK = 1 \begin{pmatrix} 0 & 1 \\ 3 & 1 \end{pmatrix}
#    + 3 \begin{pmatrix} 1 & 0 \\ 2 & 1 \end{pmatrix}
#    = \begin{pmatrix} 3 & 1 \\ 9 & 4 \end{pmatrix}$.
# 3. Each window gets the kernel times its `dz`: the upper left one
#    $\begin{pmatrix} 1 & -1 \\ -2 & 3 \end{pmatrix}$, the middle one
#    $\begin{pmatrix} 3 & -3 \\ -6 & 9 \end{pmatrix}$. They overlap in the pixel $x_{11}$, which
#    gets $3 + 3 = 6$:
#
# $$dX = \begin{pmatrix} 1 & -1 & 0 & 0 \\ -2 & 6 & -3 & 0 \\ 0 & -6 & 9 & 0 \\ 0 & 0 & 0 & 0
# \end{pmatrix}$$


# %%
def convolve_backward(dz, x, k):
    """Gradients for `convolve` with stride 1 and no padding: dx, dk, db."""
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i in range(dz.shape[0]):
        for j in range(dz.shape[1]):
            place = slice(i, i + k.shape[0]), slice(j, j + k.shape[1])
            dk += x[place] * dz[i, j]
            dx[place] += k * dz[i, j]
    return dx, dk, dz.sum()


dZ = np.zeros((3, 3))
dZ[0, 0], dZ[1, 1] = 1, 3
dX, dK, db = convolve_backward(dZ, X, K)
print("db", db, "\ndK\n", dK, "\ndX\n", dX)

# %% [markdown]
# And the check by wiggling. As in every gradient check, the gradient that comes in is random: ones
# would hide many a mistake.


# %%
def wiggled(f, x, h=1e-5):
    """The gradient of the number f(x), entry by entry."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


dZ = np.random.default_rng(1).normal(size=(3, 3)).round(1)
dX, dK, db = convolve_backward(dZ, X, K)

assert np.allclose(dX, wiggled(lambda x: np.sum(dZ * convolve(x, K, b)), X))
assert np.allclose(dK, wiggled(lambda k: np.sum(dZ * convolve(X, k, b)), K))
print("Both gradients agree with wiggling.")

# %% [markdown]
# As a dense layer, the convolution was $z = xM + b$. So its way back must be
# $dx = dz\, M^\top$, and it is. In the other direction, im2col gives $dK$ as one matrix product:
# `rows.T @ dZ`, as in a dense layer.

# %%
assert np.allclose(dX.ravel(), dZ.ravel() @ M.T)
assert np.allclose(dK.ravel(), rows.T @ dZ.ravel())

# %% [markdown]
# ## Find the bug
#
# The loops of `convolve_backward` are slow, so here is $dX$ without any. For each place of `dZ` and
# each weight of `K`, `r` and `c` tell the row and column of the pixel, and one line adds all the
# products to their pixels. It reads like the loops, it runs, and its shape is right. But it does
# not agree with wiggling. Find the mistake, mend it, and run the cell again.

# %%
i, j, u, v = np.indices((3, 3, 2, 2))  # place (i, j) of dZ, weight (u, v) of K
r, c = i + u, j + v  # row and column of the pixel
products = dZ[i, j] * K[u, v]

fast_dX = np.zeros((4, 4))
fast_dX[r, c] += products

by_wiggling = wiggled(lambda x: np.sum(dZ * convolve(x, K, b)), X)
print("without loops\n", fast_dX, "\nby wiggling\n", by_wiggling)
print("They agree." if np.allclose(fast_dX, by_wiggling) else "They do not agree yet.")

# %% [markdown]
# <details>
# <summary>Show the answer</summary>
#
# *Where is the first wrong number?* Compare the two tables. The four corners agree, and nothing
# else does. What is special about a corner? It lies in one window only. *Which line?*
# `fast_dX[r, c] += products`. *Why?* With arrays of indices, NumPy reads all the old numbers, adds
# all the products, and writes all the results back. Where a pixel occurs several times, the last
# one wins, and the others are lost. `+=` looks like adding up, but here it overwrites. For adding
# up at repeated places there is another function:
#
# ```python
# np.add.at(fast_dX, (r, c), products)
# ```
#
# This one goes round in hand-written convolutions, and in every other piece of code that counts or
# collects by index. Note what told you where to look: the gradient was right exactly where no two
# windows overlap.
#
# </details>

# %% [markdown]
# ## Pooling
#
# After a convolution, the maps are nearly as large as the picture. Often it is enough to know
# *that* there was an edge hereabouts, not at which pixel. **Pooling** keeps one number of each
# window: its largest (**max pooling**) or its mean (**average pooling**). The usual window is 2 by
# 2 with stride 2: the windows lie side by side, and three quarters of the numbers go.
#
# $$y_{nijc} = \max_{u,v}\; x_{n,\; i s + u,\; j s + v,\; c} \qquad\text{or}\qquad
# y_{nijc} = \frac{1}{k^2} \sum_{u,v} x_{n,\; i s + u,\; j s + v,\; c}$$
#
# There is no sum over $c$: each channel is pooled by itself. And there is nothing to learn. For our
# $X$, by hand:
#
# $$\begin{pmatrix} 0 & 1 & 2 & 0 \\ 3 & 1 & 0 & 1 \\ 0 & 2 & 1 & 0 \\ 1 & 0 & 0 & 2
# \end{pmatrix} \quad\longrightarrow\quad
# \text{max } \begin{pmatrix} 3 & 2 \\ 2 & 2 \end{pmatrix}, \quad
# \text{average } \begin{pmatrix} 1.25 & 0.75 \\ 0.75 & 0.75 \end{pmatrix}$$
#
# **Going back**, max pooling hands the gradient of a window, whole, to the pixel that was the
# largest. The others had no part in the output and get 0. Average pooling gives each pixel of the
# window an equal share: a quarter each.

# %%
batch = X.reshape(1, 4, 4, 1)
dY = np.array([[10.0, 20], [30, 40]]).reshape(1, 2, 2, 1)
for pooling in (nn.MaxPooling2D(2), nn.AveragePooling2D(2)):
    pooling.build((None, 4, 4, 1))
    print(pooling.name, "forward\n", pooling(batch)[0, :, :, 0])
    print("backward\n", pooling.backward(dY)[0, :, :, 0])

# %% [markdown]
# Max pooling forgives small shifts. If the edge moves by one pixel and stays within its window, the
# output does not change at all. It does so at a price: where exactly the edge was, is gone. For
# "which digit is it?" we gladly pay it. For "where does the tumour end?" we would not.

# %% [markdown]
# ## Feature hierarchies
#
# Put a second convolution on top of the first. It reads *maps of edges*, and so it can answer to
# corners, arcs and crossings. A third reads maps of those. And each layer sees more of the picture
# than the one before. How much one unit sees is its **receptive field** $r$. A layer with kernel
# $k$ widens it by $k - 1$ steps, and one step is as many pixels as all strides before it,
# multiplied:
#
# $$r_l = r_{l-1} + (k_l - 1) \cdot s_1 s_2 \cdots s_{l-1}, \qquad r_0 = 1$$
#
# | layer | kernel | stride | step before it | receptive field |
# |---|---|---|---|---|
# | convolution | 3 | 1 | 1 | $1 + 2 \cdot 1 = 3$ |
# | max pooling | 2 | 2 | 1 | $3 + 1 \cdot 1 = 4$ |
# | convolution | 3 | 1 | 2 | $4 + 2 \cdot 2 = 8$ |
# | max pooling | 2 | 2 | 2 | $8 + 1 \cdot 2 = 10$ |
#
# Four thin layers, and a unit at the end sees 10 by 10 pixels. We can ask the network itself: send
# a gradient of 1 back from a single place, and look which pixels it reaches. (We ask with fifty
# random pictures, since for any one of them ReLU and max pooling close some of the ways.)

# %%
stack = nn.Sequential(
    [
        nn.Input((24, 24, 1)),
        nn.Conv2D(8, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(2),
        nn.Conv2D(16, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(2),
    ],
    seed=0,
)
gradient = np.zeros(stack.forward(np.random.default_rng(0).normal(size=(50, 24, 24, 1))).shape)
gradient[:, 3, 3, :] = 1  # one place in the middle
for back in reversed(stack.layers):
    gradient = back.backward(gradient)
    seen = np.abs(gradient).sum(axis=(0, 3)) > 0
    print(f"{back.name:18s}sees {seen.any(axis=1).sum()} x {seen.any(axis=0).sum()} of its input")

# %% [markdown]
# The last line is the first layer: 10 by 10 pixels.
#
# In large networks that were trained on photographs, one can look at what the units answer to
# (Zeiler and Fergus, 2014). The first layer has edges and patches of colour, nearly the same in
# every network. Then come corners and textures; then parts, such as eyes and wheels; at last whole
# things. Nobody wrote this order down. It is what gradient descent finds when each layer can only
# combine what the layer before has seen nearby. The visual cortex of cats begins with edges, too
# (Hubel and Wiesel, 1962), and that is where the idea of such networks came from (Fukushima, 1980).

# %% [markdown]
# ## A small network for digits
#
# Now all parts together: two rounds of convolution, ReLU and pooling, then a dense layer with
# softmax. In the end there are 16 maps of 2 by 2, so 64 numbers, as many as there were pixels. But
# they mean something else.


# %%
def cnn(side, seed):
    """Two convolutions with pooling, and a dense layer, for square grey pictures."""
    layers = [
        nn.Input((side, side, 1)),
        nn.Conv2D(8, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(2),
        nn.Conv2D(16, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(2),
        nn.Flatten(),
        nn.Dense(10, activation="softmax"),
    ]
    return nn.Sequential(layers, seed=seed)


def dense(side, seed, units):
    """One hidden layer of ReLU units, for the same pictures."""
    layers = [
        nn.Input((side, side, 1)),
        nn.Flatten(),
        nn.Dense(units, activation="relu"),
        nn.Dense(10, activation="softmax"),
    ]
    return nn.Sequential(layers, seed=seed)


def train(model, X, Y):
    model.compile(nn.Adam(learning_rate=0.005), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=20, batch_size=32, verbose=0)
    return model


cnn(8, seed=0).summary()

# %% [markdown]
# Check the parameters by hand. First convolution: $3 \cdot 3 \cdot 1 \cdot 8 + 8 = 80$. Second:
# $3 \cdot 3 \cdot 8 \cdot 16 + 16 = 1168$; its kernels are 8 deep. Dense: $64 \cdot 10 + 10 = 650$.
# Together 1898. For a fair comparison, the dense network gets 25 hidden units:
# $64 \cdot 25 + 25 + 25 \cdot 10 + 10 = 1885$.
#
# ### Predict first: by how much does the convolution win?
#
# Both networks have the same number of parameters and the same 20 epochs of Adam. The test set has
# 359 digits. One run alone is partly luck, so each network is trained from five seeds. How many
# digits more does the convolutional network get right? (a) about 30; (b) about 10; (c) something
# else.

# %%
trained = [train(cnn(8, seed), pictures, Y_train) for seed in range(5)]
rivals = [train(dense(8, seed, units=25), pictures, Y_train) for seed in range(5)]


def right_answers(models, X, Y):
    return [int(np.sum(m.predict(X, verbose=0).argmax(1) == Y.argmax(1))) for m in models]


for name, models in (("convolutional", trained), ("dense", rivals)):
    right = right_answers(models, test_pictures, Y_test)
    print(f"{name:14s}{right}  on average {np.mean(right):.0f} of {len(Y_test)}")

# %% [markdown]
# Something else: nothing. Both get about 350 of 359. From one seed to the next each of them varies
# by more than the two differ. We tried more: five ways to split the data and three seeds each. The
# convolutional network reaches 97.7 % on average, the dense one 97.2 %, and in single runs both
# range from below 96 % to above 98 %.
#
# Why does all this machinery win nothing? Look at the data. Every digit fills its 8 by 8 pixels,
# upright and in the middle. The upper left stroke of a 5 is always at the same few pixels. "The
# same thing may be anywhere" is true of photographs. It is not true here.
#
# ### Predict first: shuffle the pixels
#
# We take one random order of the 64 pixels, and shuffle *all* pictures by it, those for training
# and those for testing. Which network suffers? (a) both are lost; (b) both lose a little; (c) only
# one of them loses.

# %%
order = np.random.default_rng(0).permutation(64)


def shuffled(X):
    return X.reshape(-1, 64)[:, order].reshape(-1, 8, 8, 1)


def framed(X):
    """The same pictures with a grey frame."""
    return np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=0.4)


labels = Y_train[:8].argmax(axis=1)
plots.images(framed(shuffled(pictures[:8])), labels, title="Can you read these?")

# %%
for name, make in (("convolutional", cnn), ("dense", lambda side, seed: dense(side, seed, 25))):
    models = [train(make(8, seed), shuffled(pictures), Y_train) for seed in range(3)]
    right = right_answers(models, shuffled(test_pictures), Y_test)
    print(f"{name:14s}{right}  on average {np.mean(right):.0f} of {len(Y_test)}")

# %% [markdown]
# The dense network has not noticed. It never knew which pixels are neighbours: for every way to set
# its weights there is another one, with the rows of $W^{[1]}$ shuffled, that does exactly the same
# on the shuffled pictures. The convolutional network loses about eight digits, and so makes
# about twice as many mistakes. So on the true pictures it did make use of neighbours. It just had
# no need of them to keep up. (And you? On the shuffled pictures you would guess.)
#
# ### Digits anywhere
#
# Now a task in which things may be anywhere. Each digit goes to a random place on a sheet of 12 by
# 12 pixels. Same digits, same networks, but for the larger input: 2,698 parameters against 2,645,
# with 17 hidden units. A third network, with 256 hidden units, has 39,690.

# %%
places = np.random.default_rng(0)


def anywhere(X):
    """Each picture at a random place on a sheet of 12 by 12."""
    sheets = np.zeros((len(X), 12, 12, 1))
    for sheet, x in zip(sheets, X, strict=True):
        r, c = places.integers(0, 5, size=2)
        sheet[r : r + 8, c : c + 8] = x
    return sheets


sheets, test_sheets = anywhere(pictures), anywhere(test_pictures)
plots.images(framed(sheets[:8]), labels, title="Digits anywhere")

# %%
on_sheets = [train(cnn(12, seed), sheets, Y_train) for seed in range(3)]
few = [train(dense(12, seed, units=17), sheets, Y_train) for seed in range(3)]
many = [train(dense(12, seed, units=256), sheets, Y_train) for seed in range(3)]

for name, models in (("convolutional", on_sheets), ("dense", few), ("dense, wide", many)):
    right = right_answers(models, test_sheets, Y_test)
    share = np.mean(right) / len(Y_test)
    print(f"{name:14s}{models[0].count_params():6,} parameters  {right}  {share:.0%}")

# %% [markdown]
# Here they part: about 90 % for the convolutional network, about 65 % for the dense one of the same
# size, and about 85 % for one with 15 times as many parameters. (Over five splits and three seeds
# each: 91 %, 64 %, 85 %.) That is what the two built-in assumptions are worth **when they are
# true**. They are true of photographs, of sound, of the game of Go. They are not true of a table
# with age, income and postcode, whose columns could stand in any order: a table *is* a shuffled
# picture.
#
# And why not 98 %, if a convolution does not mind where things are? Because our last layer is
# dense. It reads 3 by 3 places of 16 maps each, and has to learn for each of them anew. Pooling
# forgives a pixel or two, not four. Is that the reason? Then it must help to pool over the *whole*
# map, so that only one number of each is left: how strongly the filter answers, wherever it does.
# The map is 6 by 6 before the last pooling:


# %%
def pooled_to_one(seed):
    """Like `cnn(12, seed)`, but the last pooling takes the largest of each whole map."""
    layers = [
        nn.Input((12, 12, 1)),
        nn.Conv2D(8, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(2),
        nn.Conv2D(16, 3, padding="same", activation="relu"),
        nn.MaxPooling2D(6),
        nn.Flatten(),
        nn.Dense(10, activation="softmax"),
    ]
    return nn.Sequential(layers, seed=seed)


models = [train(pooled_to_one(seed), sheets, Y_train) for seed in range(3)]
right = right_answers(models, test_sheets, Y_test)
print(f"{models[0].count_params():,} parameters  {right}  {np.mean(right) / len(Y_test):.0%}")

# %% [markdown]
# Half the parameters, and far fewer mistakes. (Over the five splits: 94 % against 91 %.) What you
# know about a task can be worth more than weights. Say it by the way you build the network.
#
# ### What did it learn?
#
# The eight kernels of the first layer, and what they make of one sheet:

# %%
first = on_sheets[0].layers[0]
plots.weights_as_images(
    first.kernel.reshape(9, 8), shape=(3, 3), title="Eight kernels that nobody designed"
)

# %%
plots.feature_maps(first(sheets[:1]), title="What they make of the first sheet, after ReLU")

# %% [markdown]
# Kernels that are dark on one side and light on the other are edge detectors, in several
# directions. Others answer to ink. A filter whose map stays pale has hardly a part in the answer:
# that there are eight was our guess, not the network's wish.

# %% [markdown]
# ## Parameters are not work
#
# How many multiplications does one picture cost? In a dense layer, each weight is used once, so
# there are as many as weights. In a convolution, each weight is used at every place of the output:
#
# $$\text{rows} \cdot \text{columns} \cdot F \cdot kh \cdot kw \cdot C$$
#
# For our two networks on 8 by 8 pixels:
#
# | layer | weights | used | multiplications |
# |---|---|---|---|
# | convolution, 8 filters | 72 | 64 times | 4,608 |
# | convolution, 16 filters | 1,152 | 16 times | 18,432 |
# | dense, 10 units | 640 | once | 640 |
# | **convolutional network** | 1,864 | | **23,680** |
# | **dense network**, 25 units | 1,850 | once | **1,850** |
#
# As many parameters, nearly 13 times as much work. You noticed while you waited. Sharing saves
# memory and saves data to learn from. It does not save time.
#
# It is the same on a large scale. AlexNet (2012) has 60 million parameters. Some 95 % of them
# are in its dense layers, but 90 to 95 % of its work is in the convolutions (Krizhevsky, 2014).
#
# **Hardware.** All these multiplications are independent of each other, and im2col makes them one
# large matrix product. A graphics processor (GPU) has thousands of small arithmetic units, which
# is just right for this: often ten times as fast as an ordinary processor, or more. AlexNet took
# two of them five to six days. What to know:
#
# - A GPU has to be fed: use batches of 32 or more, or it will wait. For a network as small as ours,
#   carrying the numbers there and back takes longer than computing here.
# - Its memory is what runs out first, and not because of the parameters: going back needs the maps
#   of all layers, for all pictures of the batch. Half the batch needs half of that memory.
# - 16-bit numbers in place of 32-bit ones take half the memory and, on today's GPUs, half the time
#   or less. They are exact enough for most of the work.
# - In Keras, nothing changes in your code. It finds the GPU by itself.

# %% [markdown]
# ## The same in Keras
#
# nnlib has Keras's names for these layers, so that this cell runs on both. As it stands, it uses
# nnlib. Make its first line `import keras as nn`, change nothing else, and it is Keras. (Importing
# it takes a while, so we leave that to you.)

# %%
import nnlib as nn  # or: import keras as nn

model = nn.Sequential(
    [
        nn.Input((8, 8, 1)),
        nn.layers.Conv2D(8, 3, padding="same", activation="relu"),
        nn.layers.MaxPooling2D(2),
        nn.layers.Conv2D(16, 3, padding="same", activation="relu"),
        nn.layers.MaxPooling2D(2),
        nn.layers.Flatten(),
        nn.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=nn.optimizers.Adam(learning_rate=0.005),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(pictures, Y_train, epochs=20, batch_size=32, verbose=0)
loss, accuracy = model.evaluate(test_pictures, Y_test, verbose=0)
print(f"{model.count_params()} parameters, test accuracy {accuracy:.1%}")

# %% [markdown]
# No seed is set, so the accuracy differs a little from run to run: 95 % to 99 %, on both. And the
# two do not just look alike. With the weights of one copied into the other, by
# `set_weights(get_weights())`, both give the same probabilities, to the rounding of 32-bit numbers.
# That is part of this course's tests.

# %% [markdown]
# ## Transfer learning
#
# Suppose that you want to tell 20 kinds of mushrooms apart, and you have 50 photographs of each. A
# large network would learn these thousand pictures by heart. But the first layers of *any* network
# for photographs look for edges, corners and textures, and those of mushrooms are no different. So
# take a network that somebody trained on a million photographs (ImageNet has 1.28 million in 1,000
# classes; Russakovsky and others, 2015), and teach it your task:
#
# 1. Cut off its last dense layer: it knows dogs and lorries, not your mushrooms.
# 2. Freeze the rest, so that its weights do not move. It turns each picture into some 1,000 to
#    2,000 numbers that mean something.
# 3. Put a new dense layer on top, with 20 units and softmax, and train only that. It is a softmax
#    regression on good features, and takes minutes.
# 4. If you have enough pictures, thaw the upper layers and train on, with a learning rate ten to a
#    hundred times smaller. This is **fine-tuning**. With a large rate, the first steps would
#    destroy what you came for.
#
# Two things to mind. Prepare your pictures exactly as those for the old network were prepared
# (size, range of values, order of the channels): a wrong scale raises no error, it only works
# badly. And the nearer the old task is to yours, the more you gain: the higher a layer, the more
# its features belong to the old task (Yosinski and others, 2014).
#
# There is one more trick against too few pictures. **Data augmentation** shows each picture moved,
# mirrored, a little turned or brighter, each time anew. You have to know what may change without
# changing the answer: a mirrored mushroom is a mushroom, a mirrored 3 is no 3. And all of module 7
# still holds: dropout, weight penalties, early stopping, batch normalisation.

# %% [markdown]
# ## Quiz
#
# Five questions. Each option explains itself when you click it.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
questions = [
    {
        "question": "Pictures of 32 by 32 pixels with 3 channels go through a convolution with 10 "
        "filters of 5 by 5, stride 1, no padding. What is the shape of its output for one picture?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "(28, 28, 10)",
                "correct": True,
                "feedback": "Yes: 32 - 5 + 1 = 28, and one map for each filter.",
            },
            {
                "answer": "(27, 27, 10)",
                "correct": False,
                "feedback": "One short: the window at the very start counts, too.",
            },
            {
                "answer": "(28, 28, 30)",
                "correct": False,
                "feedback": "A filter sums over all 3 channels. It makes one map, not three.",
            },
            {
                "answer": "(28, 28, 3)",
                "correct": False,
                "feedback": "The output has as many channels as there are filters.",
            },
        ],
    },
    {
        "question": "How many parameters has that layer?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "760",
                "correct": True,
                "feedback": "Yes: 5 times 5 times 3 times 10 weights and 10 biases.",
            },
            {
                "answer": "750",
                "correct": False,
                "feedback": "These are the weights. Each filter has a bias as well.",
            },
            {
                "answer": "260",
                "correct": False,
                "feedback": "The channels are missing: each filter is 3 deep.",
            },
            {
                "answer": "595,840",
                "correct": False,
                "feedback": "Here each of the 784 places has weights of its own. They share them.",
            },
        ],
    },
    {
        "question": "Going back through max pooling, what does a pixel get that was not the "
        "largest of its window?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Nothing from this window",
                "correct": True,
                "feedback": "Yes: a little more or less of it would not have changed the output.",
            },
            {
                "answer": "A quarter of the gradient",
                "correct": False,
                "feedback": "That is average pooling.",
            },
            {
                "answer": "The whole gradient, as all others do",
                "correct": False,
                "feedback": "Then four pixels would get four gradients for one output.",
            },
            {
                "answer": "A part in proportion to its size",
                "correct": False,
                "feedback": "The output was the largest number alone. The others had no part in "
                "it, however large.",
            },
        ],
    },
    {
        "question": "Why did the dense network not suffer when all pixels were shuffled?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "It treats all pixels alike, so their order means nothing to it",
                "correct": True,
                "feedback": "Yes: shuffle the rows of its first weight matrix in the same way, and "
                "it is the same network.",
            },
            {
                "answer": "It has more parameters",
                "correct": False,
                "feedback": "It had as many: 1,885 against 1,898.",
            },
            {
                "answer": "It learned to unshuffle the pictures",
                "correct": False,
                "feedback": "There is nothing to undo: to it, no order is better than another.",
            },
            {
                "answer": "The shuffled pictures still show the digits",
                "correct": False,
                "feedback": "To you they do not. All numbers are still there, but not who is "
                "beside whom.",
            },
        ],
    },
    {
        "question": "You have 500 X-ray pictures and a network trained on a million photographs. "
        "What is the best way to begin?",
        "type": "multiple_choice",
        "answers": [
            {
                "answer": "Freeze all but the last layer, replace that one and train it",
                "correct": True,
                "feedback": "Yes: edges and textures serve here, too. Thaw more only if it pays.",
            },
            {
                "answer": "Train all its layers with the usual learning rate",
                "correct": False,
                "feedback": "The new last layer is random, and its first large gradients would "
                "destroy the old layers.",
            },
            {
                "answer": "Start from random weights: X-rays are no photographs",
                "correct": False,
                "feedback": "The upper layers may be of little use, but 500 pictures are far too "
                "few to learn the lower ones anew.",
            },
            {
                "answer": "Freeze all layers, the last one too",
                "correct": False,
                "feedback": "Then it goes on naming dogs and lorries. Something has to learn the "
                "new classes.",
            },
        ],
    },
]
widgets.display_quiz(questions)

# %% [markdown]
# ## Recap
#
# - Pictures are arrays `(N, H, W, C)`, kernels `(kh, kw, C, F)`, biases `(F,)`.
# - A convolution multiplies window and kernel entry by entry and adds everything up, over the
#   channels too, plus a bias: $z_{nijf} = b_f + \sum_{uvc} x_{n,is+u,js+v,c}\, k_{uvcf}$. The
#   kernel is not turned round.
# - Output size: $\lfloor (n + 2p - k)/s \rfloor + 1$. Parameters:
#   $kh \cdot kw \cdot C \cdot F + F$, whatever the size of the picture.
# - It is a dense layer with most weights zero and the others shared. It assumes that near things
#   belong together, and that what counts here counts everywhere.
# - im2col makes it one matrix product.
# - Backward: whatever was used many times gets many gradients, and they add up.
# - Max pooling sends the gradient to the winner, average pooling shares it out.
# - Where its assumptions hold, a convolutional network wins by far; where they do not, it wins
#   nothing. It saves parameters, not work.
#
# ## Common mistakes and tips
#
# - **A grey picture without its channel axis.** Shape (8, 8) must become (8, 8, 1): `x[..., None]`.
# - **Channels first or last.** PyTorch has `(N, C, H, W)`. Go from one to the other with
#   `transpose`, never with `reshape`: that mixes rows, columns and channels without a word.
# - **Off by one in the output size.** Count the window at the very start, too.
# - **Padding on one side only.** The output is then shifted, and the edges are still lost.
# - **A kernel that is not as deep as its input.** One filter sums over all channels.
# - **`=` where `+=` belongs**, going back through windows that overlap; and `dx[index] += ...` with
#   repeated indices. Test with overlapping windows.
# - **`x == x.max()` for the winner of max pooling.** With equal numbers there are several winners,
#   and each would get the whole gradient.
# - **`Flatten` on huge maps.** Most parameters are then in the dense layer behind it. Pool first,
#   or take the mean of each map (`GlobalAveragePooling2D` in Keras).
# - **Tip:** print the shape after each layer before you train. Most bugs are visible there.
# - **Tip:** test with sizes that all differ: rows, columns, channels, filters, examples. Square
#   pictures hide exchanged axes.
# - **Tip:** train the dense network, too. Without it you do not know what the convolution is worth.
#
# ## Glossary
#
# - **Channel:** one of the tables that a picture or a layer's output is made of: a colour, or the
#   answer of one filter.
# - **Convolution:** here, sliding a kernel over a picture and taking the weighted sum of each
#   window; strictly a **cross-correlation**.
# - **Equivariant:** what is moved at the input is moved at the output, and else unchanged.
# - **Feature map:** the output of one filter.
# - **Filter, kernel:** the weights of the window, for all channels.
# - **Fine-tuning:** training a network further, gently, on a new task.
# - **im2col:** laying out all windows as rows of a matrix.
# - **Padding:** zeros around the picture.
# - **Parameter sharing:** the same weights at every place.
# - **Pooling:** keeping one number of each window, the largest or the mean.
# - **Receptive field:** the part of the picture that one unit sees.
# - **Stride:** how far the window moves each time.
# - **Transfer learning:** using what a network has learned on one task for another.
# - **Window:** the part of the picture under the kernel.
#
# ## References
#
# - D. H. Hubel, T. N. Wiesel: Receptive fields, binocular interaction and functional architecture
#   in the cat's visual cortex. *The Journal of Physiology* 160, 1962.
# - K. Fukushima: Neocognitron: a self-organizing neural network model for a mechanism of pattern
#   recognition unaffected by shift in position. *Biological Cybernetics* 36, 1980.
# - Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel:
#   Backpropagation applied to handwritten zip code recognition. *Neural Computation* 1, 1989.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86, 1998. LeNet-5.
# - K. Chellapilla, S. Puri, P. Simard: High performance convolutional neural networks for document
#   processing. *International Workshop on Frontiers in Handwriting Recognition*, 2006. im2col.
# - A. Krizhevsky, I. Sutskever, G. E. Hinton: ImageNet classification with deep convolutional
#   neural networks. *NeurIPS*, 2012. AlexNet.
# - A. Krizhevsky: One weird trick for parallelizing convolutional neural networks.
#   arXiv:1404.5997, 2014.
# - M. D. Zeiler, R. Fergus: Visualizing and understanding convolutional networks. *ECCV*, 2014.
# - J. Yosinski, J. Clune, Y. Bengio, H. Lipson: How transferable are features in deep neural
#   networks? *NeurIPS*, 2014.
# - O. Russakovsky and others: ImageNet large scale visual recognition challenge. *International
#   Journal of Computer Vision* 115, 2015.
# - K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. *CVPR*, 2016.
#   ResNet.
# - V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep learning. arXiv:1603.07285,
#   2016. Every case of stride and padding, drawn.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016. Chapter 9.
#
# ## What comes next
#
# Open `convolution_exercises.ipynb`, and write these layers yourself, forward and backward.
#
# Then look back. You began with one neuron and a line (1), bent it (2), and sent gradients back
# through any number of layers (3). You learned to walk downhill well (4), built a network that
# reads digits from nothing but arrays (5), and found the same numbers in Keras (6). You learned to
# distrust a low training loss (7), and to build what you know about the world into the layers
# themselves (8). None of it was magic: weighted sums, a bend, the chain rule, small steps.
#
# Some things are outside this course, and now within your reach:
#
# - **Recurrent networks** (RNN, LSTM, GRU) share their weights over *time*, as a convolution shares
#   them over space. They read text and time series step by step.
# - **Transformers** let every element weigh all the others, by softmax over scores: softmax and
#   matrix products, which you know. Language models are made of them.
# - **Autoencoders** learn to give back their own input through a narrow middle. What comes through
#   badly is unusual: that finds faults and frauds.
# - **Generative adversarial networks** (GAN) are two networks, one that makes pictures and one that
#   tells them from real ones, each trained against the other.
# - **PyTorch** is the other large library. It has the same layers and losses and optimizers. You
#   write the training loop yourself, and you have done that already.
#
# Take data that you care about, begin with the smallest network that could work, and check the
# gradient of whatever you invent.
