# %% [markdown]
# # 8. Convolution: exercises
#
# Nine exercises, 20 points, a little over two hours. You write the layers of a convolutional
# network: convolution forward, first with loops and then as one matrix product; convolution
# backward; pooling in both directions. You find two bugs in a gradient that looks right. At the end
# you write the function that tells the shapes and the number of parameters of a whole network.
#
# **How it works.** Write your code where it says `YOUR CODE HERE`, in place of the line
# `raise NotImplementedError`. Run the cell, then the cell with `check(...)` below it. The check
# shows the inputs, what was expected and what came; often it knows the mistake. You may run it
# as often as you like. When you are stuck, make a new cell and run, say, `hint("conv_forward")`:
# there are three hints for each exercise, and each tells more than the one before.
#
# **Notation.** As in Keras, the channels come last. `X` holds $N$ pictures of $H$ rows, $W$ columns
# and $C$ channels: shape `(N, H, W, C)`. `K` holds $F$ kernels: shape `(kh, kw, C, F)`. The output
# `Z` has shape `(N, rows, columns, F)`. `dZ` is $\partial L/\partial Z$, and so on. "Padding $p$"
# means $p$ rows or columns of zeros on each of the four sides. Everything counts from 0.
#
# Loops are welcome. The pictures are small, and no check measures time.
#
# Run the next cell first.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from autograde import check, hint
from nnlib.datasets import digits


def wiggled(f, x, h=1e-5):
    """The gradient of the number f(x) with respect to the array x, entry by entry."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[place] += h
        down[place] -= h
        gradient[place] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% [markdown]
# ## Exercise 1: the size of the output
#
# Along one side, a picture has $n$ pixels and the kernel $k$. How many windows are there, with
# stride $s$ and padding $p$ on both ends?
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The brackets $\lfloor\;\rfloor$ round down. The answer is a whole number: you will use it as one.
#
# Difficulty 1 of 5, importance 5 of 5, about 6 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "output_size", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_size(n, k, stride, padding):
    """Return the number of windows along one side: a whole number. All four are whole numbers."""
    ### BEGIN SOLUTION
    return (n + 2 * padding - k) // stride + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-output_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("output_size", output_size)

# %% [markdown]
# ## Exercise 2: convolution forward, with loops
#
# For each example $n$, each place $i, j$ of the output and each filter $f$, multiply a window of the
# padded pictures by the kernel, entry by entry, and add everything up:
#
# $$z_{nijf} = b_f + \sum_{u,\,v,\,c} x_{n,\; i s + u,\; j s + v,\; c}\; k_{uvcf}$$
#
# The kernel is not turned round.
#
# Stride 1 without padding is worth half of the points. Begin with that, and run the check.
#
# Difficulty 3 of 5, importance 5 of 5, about 20 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "conv_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_forward(X, K, b, stride, padding):
    """Return Z, shape (N, rows, columns, F).

    X: shape (N, H, W, C)    K: shape (kh, kw, C, F)    b: shape (F,)
    stride, padding: whole numbers, the same for both directions
    """
    ### BEGIN SOLUTION
    N, H, W, _ = X.shape
    kh, kw, _, F = K.shape
    rows = (H + 2 * padding - kh) // stride + 1
    columns = (W + 2 * padding - kw) // stride + 1
    padded = np.pad(X, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    Z = np.zeros((N, rows, columns, F))
    for n in range(N):
        for i in range(rows):
            for j in range(columns):
                r, c = i * stride, j * stride
                window = padded[n, r : r + kh, c : c + kw]
                for f in range(F):
                    Z[n, i, j, f] = np.sum(window * K[:, :, :, f]) + b[f]
    return Z
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-conv_forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("conv_forward", conv_forward)

# %% [markdown]
# When it works, let it look at a digit. This kernel answers to upright edges:
#
# ```python
# import matplotlib.pyplot as plt
#
# (pictures, labels), _ = digits(images=True)
# sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)
# plt.imshow(conv_forward(pictures[:1], sobel, np.zeros(1), 1, 1)[0, :, :, 0])
# ```

# %% [markdown]
# ## Exercise 3: im2col
#
# Loops in Python are slow; matrix products are fast. **im2col** ("image to columns") cuts out all
# windows and lays each of them flat, as one row of a matrix:
#
# - The rows are the windows: all those of the first picture, then the second, and so on; within a
#   picture from left to right and then down, as you read.
# - Within a row, the order is that of `K.reshape(-1, F)`: $u$, the row in the window; then $v$, the
#   column; then $c$, the channel, which changes fastest. `ravel()` of a window gives this order.
#
# There is no padding here: who wants it pads before.
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "im2col", "locked": false, "schema_version": 3, "solution": true, "task": false}
def im2col(X, kh, kw, stride):
    """Return the windows of X as rows, shape (N * rows * columns, kh * kw * C).

    X: shape (N, H, W, C)
    """
    ### BEGIN SOLUTION
    N, H, W, _ = X.shape
    windows = []
    for n in range(N):
        for r in range(0, H - kh + 1, stride):
            for c in range(0, W - kw + 1, stride):
                windows.append(X[n, r : r + kh, c : c + kw].ravel())
    return np.array(windows)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-im2col", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("im2col", im2col)

# %% [markdown]
# ## Exercise 4: convolution as one matrix product
#
# Now the sum of exercise 2 is a matrix product, as in a dense layer: windows (one in each row)
# times kernels (one in each column), plus the bias. Bring the result into the shape
# `(N, rows, columns, F)`. Use your `im2col`.
#
# Difficulty 2 of 5, importance 4 of 5, about 8 minutes, 1 point.


# %% nbgrader={"grade": false, "grade_id": "conv_im2col", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_im2col(X, K, b, stride):
    """Return Z, shape (N, rows, columns, F), without padding.

    X: shape (N, H, W, C)    K: shape (kh, kw, C, F)    b: shape (F,)
    """
    ### BEGIN SOLUTION
    N, H, W, _ = X.shape
    kh, kw, _, F = K.shape
    rows, columns = (H - kh) // stride + 1, (W - kw) // stride + 1
    Z = im2col(X, kh, kw, stride) @ K.reshape(-1, F) + b
    return Z.reshape(N, rows, columns, F)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-conv_im2col", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("conv_im2col", conv_im2col)

# %% [markdown]
# How much faster is it? Try both on a hundred digits:
#
# ```python
# (pictures, labels), _ = digits(images=True)
# K, b = np.random.default_rng(0).normal(size=(3, 3, 1, 8)), np.zeros(8)
# %timeit -n 1 -r 3 conv_forward(pictures[:100], K, b, 1, 0)
# %timeit -n 1 -r 3 conv_im2col(pictures[:100], K, b, 1)
# ```

# %% [markdown]
# ## Exercise 5: convolution backward
#
# Each output is a sum of products, so each factor gets the other one times `dZ`. But a bias, an
# entry of the kernel and a pixel are all used many times, and their gradients from all these uses
# **add up**:
#
# $$db_f = \sum_{n,i,j} dz_{nijf}, \qquad
# dk_{uvcf} = \sum_{n,i,j} x_{n,\; is+u,\; js+v,\; c}\; dz_{nijf}$$
#
# $$dx_{n,\; is+u,\; js+v,\; c} \mathrel{+}= dz_{nijf}\; k_{uvcf}
# \quad\text{for all } i, j, u, v, f$$
#
# Here $x$ is the padded picture. `dX` has the shape of `X` without padding.
#
# Difficulty 4 of 5, importance 5 of 5, about 25 minutes, 4 points.


# %% nbgrader={"grade": false, "grade_id": "conv_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_backward(dZ, X, K, stride, padding):
    """Return dX, dK, db, with the shapes of X, K and b.

    dZ: shape (N, rows, columns, F)    X: shape (N, H, W, C)    K: shape (kh, kw, C, F)
    """
    ### BEGIN SOLUTION
    N, H, W, _ = X.shape
    kh, kw, _, F = K.shape
    _, rows, columns, _ = dZ.shape
    p = padding
    padded = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0)))
    dX, dK = np.zeros(padded.shape), np.zeros(K.shape)
    for n in range(N):
        for i in range(rows):
            for j in range(columns):
                r, c = i * stride, j * stride
                window = padded[n, r : r + kh, c : c + kw]
                for f in range(F):
                    dK[..., f] += window * dZ[n, i, j, f]
                    dX[n, r : r + kh, c : c + kw] += K[..., f] * dZ[n, i, j, f]
    return dX[:, p : p + H, p : p + W], dK, dZ.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-conv_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("conv_backward", conv_backward)

# %% [markdown]
# You can check a gradient without knowing the answer. `wiggled`, from the first cell, moves each
# entry a little to both sides. The weights `R` make the output one number, and a random `R` hides
# nothing, as ones would:
#
# ```python
# rng = np.random.default_rng(0)
# X, K, b = rng.normal(size=(2, 5, 4, 2)), rng.normal(size=(3, 2, 2, 3)), rng.normal(size=3)
# R = rng.normal(size=conv_forward(X, K, b, 2, 1).shape)
# dX, dK, db = conv_backward(R, X, K, 2, 1)
# by_wiggling = wiggled(lambda X: np.sum(R * conv_forward(X, K, b, 2, 1)), X)
# print(np.abs(dX - by_wiggling).max())  # about 1e-10: they agree
# ```

# %% [markdown]
# ## Exercise 6: pooling forward
#
# Pooling keeps one number of each window: the largest (`mode="max"`) or the mean
# (`mode="average"`). The window has `size` rows and `size` columns. **Each channel is pooled by
# itself**, so the output has as many channels as the input. There is no padding; what does not
# fill a window is left out. `stride` may be smaller than `size`, and then windows overlap.
#
# Difficulty 2 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "pool_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool_forward(X, size, stride, mode):
    """Return Y, shape (N, rows, columns, C).

    X: shape (N, H, W, C)    mode: "max" or "average"
    """
    ### BEGIN SOLUTION
    N, H, W, C = X.shape
    rows, columns = (H - size) // stride + 1, (W - size) // stride + 1
    Y = np.zeros((N, rows, columns, C))
    for i in range(rows):
        for j in range(columns):
            r, c = i * stride, j * stride
            window = X[:, r : r + size, c : c + size]
            Y[:, i, j] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return Y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-pool_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("pool_forward", pool_forward)

# %% [markdown]
# ## Exercise 7: max pooling backward
#
# Max pooling copies the largest pixel of each window and forgets the rest. So going back, the
# gradient of a window goes to its largest pixel, whole, and the others get nothing from this
# window. A pixel may win in several overlapping windows; then it gets all their gradients, added
# up.
#
# And if several pixels of a window are equally large? Any one of them may have the gradient, or
# they may share it. But together they must not get more than one gradient.
#
# Difficulty 3 of 5, importance 4 of 5, about 15 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "max_pool_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_backward(dY, X, size, stride):
    """Return dX, shape (N, H, W, C), for max pooling of X.

    dY: shape (N, rows, columns, C)    X: shape (N, H, W, C)
    """
    ### BEGIN SOLUTION
    N, rows, columns, C = dY.shape
    dX = np.zeros(X.shape)
    for n in range(N):
        for i in range(rows):
            for j in range(columns):
                for c in range(C):
                    r, q = i * stride, j * stride
                    window = X[n, r : r + size, q : q + size, c]
                    u, v = np.unravel_index(window.argmax(), window.shape)
                    dX[n, r + u, q + v, c] += dY[n, i, j, c]
    return dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-max_pool_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("max_pool_backward", max_pool_backward)

# %% [markdown]
# ## Exercise 8: find the bugs in average pooling backward
#
# Going back through average pooling, each pixel of a window gets an equal share of the window's
# gradient. This code runs, and `dX` has the right shape. Yet there are **two** bugs in it. Mend
# them.
#
# Go about it as you would in real life. Ask *where* the first wrong number is: try a gradient of
# ones, and windows that lie side by side, and then windows that overlap. Then *which line* made it.
# Then *why*. The hints of this exercise follow these three questions.
#
# Difficulty 3 of 5, importance 4 of 5, about 12 minutes, 2 points.


# %% nbgrader={"grade": false, "grade_id": "average_pool_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_pool_backward(dY, X, size, stride):
    """Return dX, shape (N, H, W, C), for average pooling of X.

    dY: shape (N, rows, columns, C)    X: shape (N, H, W, C)
    """
    ### BEGIN SOLUTION
    #: _, rows, columns, _ = dY.shape
    #: dX = np.zeros(X.shape)
    #: for i in range(rows):
    #:     for j in range(columns):
    #:         r, c = i * stride, j * stride
    #:         dX[:, r : r + size, c : c + size] = dY[:, i : i + 1, j : j + 1]
    #: return dX
    _, rows, columns, _ = dY.shape
    dX = np.zeros(X.shape)
    for i in range(rows):
        for j in range(columns):
            r, c = i * stride, j * stride
            dX[:, r : r + size, c : c + size] += dY[:, i : i + 1, j : j + 1] / size**2
    return dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-average_pool_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("average_pool_backward", average_pool_backward)

# %% [markdown]
# ## Exercise 9: shapes and parameters of a whole network
#
# Write what `model.summary()` tells: for each layer the shape of its output, without the batch, and
# its number of parameters. The network is a list of layers, each of them a tuple:
#
# | tuple | layer | output |
# |---|---|---|
# | `("conv", filters, k, stride, padding)` | $k \times k$ kernels, with biases | 3 numbers |
# | `("pool", size, stride)` | pooling | 3 numbers |
# | `("flatten",)` | all numbers in one row | 1 number |
# | `("dense", units)` | dense, with biases | 1 number |
#
# For example, `summarise((8, 8, 1), [("conv", 4, 3, 1, 0), ("flatten",)])` returns
# `[((6, 6, 4), 40), ((144,), 0)]`: the four kernels have $3 \cdot 3 \cdot 1$ weights and one bias
# each, and $6 \cdot 6 \cdot 4 = 144$. Shapes and parameters each earn half of the points. You may
# use your `output_size`.
#
# Difficulty 3 of 5, importance 5 of 5, about 20 minutes, 3 points.


# %% nbgrader={"grade": false, "grade_id": "summarise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def summarise(input_shape, layers):
    """Return a list with one pair (output shape, number of parameters) for each layer.

    input_shape: (H, W, C)    layers: a list of tuples, as in the table above
    """
    ### BEGIN SOLUTION
    shape, result = tuple(input_shape), []
    for kind, *numbers in layers:
        parameters = 0
        if kind == "conv":
            filters, k, stride, padding = numbers
            H, W, C = shape
            parameters = k * k * C * filters + filters
            rows, columns = (output_size(n, k, stride, padding) for n in (H, W))
            shape = (rows, columns, filters)
        elif kind == "pool":
            size, stride = numbers
            H, W, C = shape
            shape = (output_size(H, size, stride, 0), output_size(W, size, stride, 0), C)
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            (units,) = numbers
            parameters = shape[0] * units + units
            shape = (units,)
        result.append((shape, parameters))
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check-summarise", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("summarise", summarise)

# %% [markdown]
# You have now written every layer of a convolutional network, forward and backward. With the dense
# layer of module 5 and the optimizers of module 4 you have all the parts of LeNet, AlexNet and
# their grandchildren. What is left is more of the same, and faster machines.
