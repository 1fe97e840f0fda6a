"""What each exercise of module 8 must do: inputs, right answers, and what people get wrong."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograde import Exercise

# nnlib.layers and nnlib.models hold the answers; nnlib.plots draws convolutions.
ALLOWED = ("numpy", "matplotlib", "nnlib.datasets")


def two_sides(padding):
    """What np.pad takes to put zeros around pictures of shape (N, H, W, C)."""
    return ((0, 0), (padding, padding), (padding, padding), (0, 0))


def windows(X, kh, kw, stride):
    """Every window of X as an array of shape (N, rows, columns, kh, kw, C)."""
    views = sliding_window_view(X, (kh, kw), axis=(1, 2))[:, ::stride, ::stride]
    return views.transpose(0, 1, 2, 4, 5, 3)


def places(n, k, stride):
    """Where windows begin along one side."""
    return range(0, n - k + 1, stride)


# ---------------------------------------------------------------- output_size


def output_size(n, k, stride, padding):
    return (n + 2 * padding - k) // stride + 1


def output_size_inputs(rng):
    """Six convolutions; two of them leave pixels over, and in two every wrong formula shows."""
    cases = [(int(rng.integers(9, 15)), 3, 2, 0), (int(rng.integers(20, 30)), 5, 3, 2)]
    for stride, padding in ((1, 0), (1, 1), (2, 1), (3, 1)):
        k = int(rng.integers(2, 6))
        count, left_over = int(rng.integers(3, 9)), int(rng.integers(0, stride))
        cases.append(((count - 1) * stride + k - 2 * padding + left_over, k, stride, padding))
    n, k, stride, padding = map(list, zip(*cases, strict=True))
    return {"n": n, "k": k, "stride": stride, "padding": padding}


def probe_output_size(answer, n, k, stride, padding):
    """The inputs are lists: one convolution at each place."""
    yield "sizes", [answer(*numbers) for numbers in zip(n, k, stride, padding, strict=True)]


def output_size_by_counting(n, k, stride, padding):
    count, start = 0, -padding
    while start + k <= n + padding:
        count, start = count + 1, start + stride
    return count


# ---------------------------------------------------------------- conv_forward


def conv_forward(X, K, b, stride, padding):
    kh, kw, _, _ = K.shape
    X = np.pad(X, two_sides(padding))
    return np.einsum("nijuvc,uvcf->nijf", windows(X, kh, kw, stride), K) + b


def conv_inputs(N, H, W, C, kh, kw, F, stride, padding):
    def draw(rng):
        return {
            "X": rng.normal(size=(N, H, W, C)).round(2),
            "K": rng.normal(size=(kh, kw, C, F)).round(2),
            "b": (rng.choice([-1, 1], size=F) * rng.uniform(0.2, 1.5, size=F)).round(2),
            "stride": stride,
            "padding": padding,
        }

    return draw


def probe_conv_forward(answer, X, K, b, stride, padding):
    yield "stride 1, no padding", answer(X.copy(), K.copy(), b.copy(), 1, 0)
    yield "stride", answer(X.copy(), K.copy(), b.copy(), stride, 0)
    yield "padding", answer(X.copy(), K.copy(), b.copy(), 1, padding)
    yield "stride and padding", answer(X, K, b, stride, padding)


def conv_forward_loops(X, K, b, stride, padding):
    (N, H, W, C), (kh, kw, _, F), p = X.shape, K.shape, padding
    padded = np.zeros((N, H + 2 * p, W + 2 * p, C))
    padded[:, p : p + H, p : p + W] = X
    return [
        [
            [
                [float(np.sum(x[r : r + kh, c : c + kw] * K[:, :, :, f]) + b[f]) for f in range(F)]
                for c in places(W + 2 * p, kw, stride)
            ]
            for r in places(H + 2 * p, kh, stride)
        ]
        for x in padded
    ]


def conv_forward_kernel_by_kernel(X, K, b, stride, padding):
    """Add up shifted pictures, one for each entry of the kernel."""
    X, (kh, kw, _, F) = np.pad(X, two_sides(padding)).astype(np.float32), K.shape
    rows, columns = (X.shape[1] - kh) // stride + 1, (X.shape[2] - kw) // stride + 1
    Z = np.zeros((len(X), rows, columns, F), dtype=np.float32)
    Z += b.astype(np.float32)
    for u in range(kh):
        for v in range(kw):
            shifted = X[:, u : u + stride * rows : stride, v : v + stride * columns : stride]
            Z += shifted @ K[u, v].astype(np.float32)
    return Z


def conv_forward_by_matrix(X, K, b, stride, padding):
    rows = windows(np.pad(X, two_sides(padding)), *K.shape[:2], stride)
    flat = rows.reshape(-1, K[..., 0].size) @ K.reshape(-1, len(b)) + b
    return flat.reshape(*rows.shape[:3], len(b))


def conv_forward_dotted(X, K, b, stride, padding):
    X = np.pad(X, two_sides(padding))
    Z = np.tensordot(windows(X, *K.shape[:2], 1), K, axes=3)
    Z += b
    return Z[:, ::stride, ::stride]


def conv_forward_with(
    pad=two_sides,
    total=lambda window, K: np.einsum("nuvc,uvcf->nf", window, K),
    less=0,
    step=lambda stride: stride,
    count=lambda stride: stride,
    bias=1,
):
    """A `conv_forward` with another padding, another sum, fewer windows, other places of them."""

    def conv_forward(X, K, b, stride, padding):
        kh, kw, _, F = K.shape
        X = np.pad(X, pad(padding))
        rows = (X.shape[1] - kh) // count(stride) + 1 - less
        columns = (X.shape[2] - kw) // count(stride) + 1 - less
        Z = np.zeros((len(X), rows, columns, F))
        for i in range(rows):
            for j in range(columns):
                r, c = i * step(stride), j * step(stride)
                Z[:, i, j] = total(X[:, r : r + kh, c : c + kw], K) + bias * b
        return Z

    return conv_forward


def conv_forward_bias_per_channel(X, K, b, stride, padding):
    return conv_forward(X, K, X.shape[3] * b, stride, padding)


# ---------------------------------------------------------------- im2col


def im2col(X, kh, kw, stride):
    return windows(X, kh, kw, stride).reshape(-1, kh * kw * X.shape[3])


def im2col_inputs(N, H, W, C, kh, kw, stride):
    def draw(rng):
        X = rng.normal(size=(N, H, W, C)).round(2)
        return {"X": X, "kh": kh, "kw": kw, "stride": stride}

    return draw


def probe_im2col(answer, X, kh, kw, stride):
    yield "stride 1", answer(X.copy(), kh, kw, 1)
    yield "stride", answer(X, kh, kw, stride)


def im2col_loops(X, kh, kw, stride):
    return [
        list(x[r : r + kh, c : c + kw].ravel())
        for x in X
        for r in places(X.shape[1], kh, stride)
        for c in places(X.shape[2], kw, stride)
    ]


def im2col_by_index(X, kh, kw, stride):
    N, H, W, C = X.shape
    r, c = (np.array(places(n, k, stride)) for n, k in ((H, kh), (W, kw)))
    r = r[:, None, None, None] + np.arange(kh)[:, None]
    c = c[None, :, None, None] + np.arange(kw)
    return X[:, r, c].reshape(N * r.shape[0] * c.shape[1], kh * kw * C)


def im2col_column_by_column(X, kh, kw, stride):
    (_, H, W, C), X = X.shape, X.astype(np.float32)
    rows, columns = len(places(H, kh, stride)), len(places(W, kw, stride))
    parts = [
        X[:, u : u + rows * stride : stride, v : v + columns * stride : stride].reshape(-1, C)
        for u in range(kh)
        for v in range(kw)
    ]
    return np.concatenate(parts, axis=1)


def im2col_less_one(X, kh, kw, stride):
    views = windows(X, kh, kw, stride)[:, :-1, :-1]
    return views.reshape(-1, kh * kw * X.shape[3])


def im2col_starts_at_i(X, kh, kw, stride):
    rows, columns = (X.shape[1] - kh) // stride + 1, (X.shape[2] - kw) // stride + 1
    return windows(X, kh, kw, 1)[:, :rows, :columns].reshape(-1, kh * kw * X.shape[3])


# ---------------------------------------------------------------- conv_im2col


def conv_im2col(X, K, b, stride):
    return conv_forward(X, K, b, stride, 0)


def conv_im2col_inputs(*sizes):
    def draw(rng):
        case = conv_inputs(*sizes, 0)(rng)
        del case["padding"]
        return case

    return draw


def probe_conv_im2col(answer, X, K, b, stride):
    yield "stride 1", answer(X.copy(), K.copy(), b.copy(), 1)
    yield "stride", answer(X, K, b, stride)


def conv_im2col_with(kernel=lambda K: K.reshape(-1, K.shape[3]), bias=1, shape=None, step=None):
    """A `conv_im2col` that lays out the kernel, or the result, in another way."""

    def conv_im2col(X, K, b, stride):
        kh, kw, _, F = K.shape
        cut = windows(X, kh, kw, step or stride)
        Z = cut.reshape(-1, K[..., 0].size) @ kernel(K) + bias * b
        N, rows, columns = cut.shape[:3]
        return Z if shape is None else shape(Z, N, rows, columns, F)

    return conv_im2col


def laid_out(Z, N, rows, columns, F):
    return Z.reshape(N, rows, columns, F)


# ---------------------------------------------------------------- conv_backward


def conv_backward(dZ, X, K, stride, padding):
    (_, H, W, _), (kh, kw, _, _), p = X.shape, K.shape, padding
    X = np.pad(X, two_sides(p))
    dK = np.einsum("nijuvc,nijf->uvcf", windows(X, kh, kw, stride), dZ)
    dX = np.zeros_like(X)
    for i, j in np.ndindex(dZ.shape[1:3]):
        r, c = i * stride, j * stride
        dX[:, r : r + kh, c : c + kw] += np.einsum("nf,uvcf->nuvc", dZ[:, i, j], K)
    return dX[:, p : p + H, p : p + W], dK, dZ.sum(axis=(0, 1, 2))


def conv_backward_inputs(*sizes):
    def draw(rng):
        case = conv_inputs(*sizes)(rng)
        del case["b"]
        (N, H, W, _), (kh, kw, _, F) = case["X"].shape, case["K"].shape
        for name, s, p in (("dZ", 1, 0), ("dZ_strided", case["stride"], case["padding"])):
            shape = (N, output_size(H, kh, s, p), output_size(W, kw, s, p), F)
            case[name] = rng.normal(size=shape).round(2)
        return case

    return draw


def probe_conv_backward(answer, X, K, stride, padding, dZ, dZ_strided):
    result = answer(dZ, X.copy(), K.copy(), 1, 0)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise TypeError("conv_backward must return three arrays: `return dX, dK, db`")
    yield "db", result[2]
    yield "dK", result[1]
    yield "dX", result[0]
    result = answer(dZ_strided, X, K, stride, padding)
    yield "dK with stride and padding", result[1]
    yield "dX with stride and padding", result[0]


def conv_backward_loops(dZ, X, K, stride, padding):
    (_, H, W, _), (kh, kw, _, F), p = X.shape, K.shape, padding
    X = np.pad(X, two_sides(p))
    dX, dK, db = np.zeros(X.shape), np.zeros(K.shape), [0.0] * F
    for n, i, j, f in np.ndindex(dZ.shape):
        r, c = i * stride, j * stride
        dX[n, r : r + kh, c : c + kw] += dZ[n, i, j, f] * K[..., f]
        dK[..., f] += dZ[n, i, j, f] * X[n, r : r + kh, c : c + kw]
        db[f] += float(dZ[n, i, j, f])
    return [dX[:, p : H + p, p : W + p], dK, db]


def conv_backward_by_matrix(dZ, X, K, stride, padding):
    """im2col, and np.add.at to bring the columns home."""
    (N, H, W, C), (kh, kw, _, F), p = X.shape, K.shape, padding
    padded = (N, H + 2 * p, W + 2 * p, C)
    home = np.arange(math.prod(padded)).reshape(padded)
    X, dZ_rows = np.pad(X, two_sides(p)), dZ.reshape(-1, F)
    dK = (im2col(X, kh, kw, stride).T @ dZ_rows).reshape(K.shape)
    dX = np.zeros(padded)
    np.add.at(dX.ravel(), im2col(home, kh, kw, stride), dZ_rows @ K.reshape(-1, F).T)
    return dX[:, p : p + H, p : p + W], dK, dZ_rows.sum(axis=0)


def conv_backward_full_convolution(dZ, X, K, stride, padding):
    """dX as a convolution: dZ with zeros between and around it, and the kernel turned round."""
    dZ, X, K = (a.astype(np.float32) for a in (dZ, X, K))
    (N, H, W, _), (kh, kw, _, F), p = X.shape, K.shape, padding
    spread = np.zeros((N, H + 2 * p - kh + 1, W + 2 * p - kw + 1, F), dtype=np.float32)
    spread[:, ::stride, ::stride][:, : dZ.shape[1], : dZ.shape[2]] = dZ
    edges = ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0))
    turned = K[::-1, ::-1].transpose(0, 1, 3, 2)
    dX = np.tensordot(windows(np.pad(spread, edges), kh, kw, 1), turned, axes=3)
    X = np.pad(X, two_sides(p))
    dK = np.tensordot(windows(X, *spread.shape[1:3], 1), spread, axes=((0, 3, 4), (0, 1, 2)))
    return dX[:, p : p + H, p : p + W], dK, dZ.sum((0, 1, 2))


def conv_backward_with(
    kernel=lambda dK: dK,
    push=lambda K: K,
    put=lambda old, new: old + new,
    bias=lambda dZ: dZ.sum(axis=(0, 1, 2)),
    crop=True,
    step=lambda stride: stride,
    keep=lambda old, new: old + new,
):
    """A `conv_backward` with one thing done otherwise."""

    def conv_backward(dZ, X, K, stride, padding):
        (_, H, W, _), (kh, kw, _, _), p = X.shape, K.shape, padding
        X = np.pad(X, two_sides(p))
        dX, dK = np.zeros(X.shape), np.zeros(K.shape)
        for i, j in np.ndindex(dZ.shape[1:3]):
            place = (
                slice(None),
                slice(i * step(stride), i * step(stride) + kh),
                slice(j * step(stride), j * step(stride) + kw),
            )
            dK = keep(dK, np.einsum("nuvc,nf->uvcf", X[place], dZ[:, i, j]))
            dX[place] = put(dX[place], np.einsum("nf,uvcf->nuvc", dZ[:, i, j], push(K)))
        return dX[:, p : p + H, p : p + W] if crop else dX, kernel(dK), bias(dZ)

    return conv_backward


def conv_backward_last_example(dZ, X, K, stride, padding):
    dX, _, db = conv_backward(dZ, X, K, stride, padding)
    return dX, conv_backward(dZ[-1:], X[-1:], K, stride, padding)[1], db


def conv_backward_averaged(dZ, X, K, stride, padding):
    dX, dK, db = conv_backward(dZ, X, K, stride, padding)
    return dX, dK / len(X), db / len(X)


# ---------------------------------------------------------------- pool_forward


def pool_forward(X, size, stride, mode):
    cut = windows(X, size, size, stride)
    return cut.max(axis=(3, 4)) if mode == "max" else cut.mean(axis=(3, 4))


def pool_inputs(N, H, W, C, size, stride):
    def draw(rng):
        """Distinct numbers, more negative ones than positive."""
        total = N * H * W * C
        X = rng.permutation(np.arange(total) - 0.7 * total).reshape(N, H, W, C) / 10
        return {"X": X.round(1), "size": size, "stride": stride}

    return draw


def probe_pool_forward(answer, X, size, stride):
    yield "max, side by side", answer(X.copy(), size, size, "max")
    yield "max, overlapping", answer(X.copy(), size, stride, "max")
    yield "average, side by side", answer(X.copy(), size, size, "average")
    yield "average, overlapping", answer(X, size, stride, "average")


def pool_forward_loops(X, size, stride, mode):
    _, H, W, C = X.shape
    return [
        [
            [
                [
                    (np.max if mode == "max" else np.mean)(x[r : r + size, q : q + size, c])
                    for c in range(C)
                ]
                for q in places(W, size, stride)
            ]
            for r in places(H, size, stride)
        ]
        for x in X
    ]


def pool_forward_pixel_by_pixel(X, size, stride, mode):
    X = X.astype(np.float32)
    rows, columns = len(places(X.shape[1], size, stride)), len(places(X.shape[2], size, stride))
    views = [
        X[:, u : u + rows * stride : stride, v : v + columns * stride : stride]
        for u in range(size)
        for v in range(size)
    ]
    return np.maximum.reduce(views) if mode == "max" else sum(views) / np.float32(len(views))


def pool_forward_flat(X, size, stride, mode):
    cut = windows(X, size, size, stride)
    flat = np.sort(cut.reshape(*cut.shape[:3], size * size, -1), axis=3)
    return flat[:, :, :, -1] if mode == "max" else np.einsum("nijkc->nijc", flat) / size**2


def pool_forward_with(
    most=lambda cut: cut.max(axis=(3, 4)), mean=lambda cut: cut.mean(axis=(3, 4))
):
    """A `pool_forward` with another maximum or another mean of each window."""

    def pool_forward(X, size, stride, mode):
        return (most if mode == "max" else mean)(windows(X, size, size, stride))

    return pool_forward


def over_channels(reduce):
    return lambda cut: np.broadcast_to(
        reduce(cut, axis=(3, 4, 5))[..., None], (*cut.shape[:3], cut.shape[5])
    )


def pool_forward_by_size(X, size, stride, mode):
    return pool_forward(X, size, size, mode)


def pool_forward_by_ones(X, size, stride, mode):
    return pool_forward(X, size, 1, mode)


def pool_forward_less(X, size, stride, mode):
    return pool_forward(X, size, stride, mode)[:, :-1, :-1]


# ---------------------------------------------------------------- max_pool_backward


def max_pool_backward(dY, X, size, stride):
    dX = np.zeros_like(X)
    for n, i, j, c in np.ndindex(dY.shape):
        window = X[n, i * stride : i * stride + size, j * stride : j * stride + size, c]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dX[n, i * stride + u, j * stride + v, c] += dY[n, i, j, c]
    return dX


def pool_backward_inputs(N, H, W, C, size, stride):
    def draw(rng):
        case = pool_inputs(N, H, W, C, size, stride)(rng)
        for name, step in (("dY", size), ("dY_overlapping", stride)):
            shape = (N, len(places(H, size, step)), len(places(W, size, step)), C)
            sign = rng.choice([-1, 1], size=shape)
            case[name] = (sign * rng.uniform(0.2, 2, size=shape)).round(2)
        return case

    return draw


def max_pool_backward_inputs(*sizes):
    def draw(rng):
        case = pool_backward_inputs(*sizes)(rng)
        ties = rng.integers(0, 3, size=case["X"].shape).astype(float)
        size = case["size"]
        ties[0, :size, :size] = 3.0  # one window of equal numbers, whatever the others are
        case["X_equal"] = ties
        case["dY"] = np.abs(case["dY"])  # so that no two gradients cancel in a sum
        return case

    return draw


def probe_max_pool_backward(answer, X, size, stride, dY, dY_overlapping, X_equal):
    yield "windows side by side", answer(dY.copy(), X.copy(), size, size)
    yield "overlapping windows", answer(dY_overlapping, X, size, stride)
    yield "sum of dX where numbers are equal", np.sum(answer(dY, X_equal, size, size))


def max_pool_backward_shared(dY, X, size, stride):
    """Equal maxima share the gradient; in float32."""
    dX = np.zeros(X.shape, dtype=np.float32)
    for i in range(dY.shape[1]):
        for j in range(dY.shape[2]):
            r, c = i * stride, j * stride
            window = X[:, r : r + size, c : c + size]
            won = window == window.max(axis=(1, 2), keepdims=True)
            share = won / won.sum(axis=(1, 2), keepdims=True)
            dX[:, r : r + size, c : c + size] += share * dY[:, i : i + 1, j : j + 1]
    return dX


def max_pool_backward_last_wins(dY, X, size, stride):
    """The last of equal maxima, and all windows at once."""
    cut = windows(X, size, size, stride)
    flat = cut.reshape(*cut.shape[:3], size * size, -1)[:, :, :, ::-1]
    winner = size * size - 1 - flat.argmax(axis=3)
    n, i, j, c = np.indices(dY.shape)
    dX = np.zeros(X.shape)
    np.add.at(dX, (n, i * stride + winner // size, j * stride + winner % size, c), dY)
    return dX


def max_pool_backward_lists(dY, X, size, stride):
    dX = np.zeros(X.shape).tolist()
    for n, i, j, c in np.ndindex(dY.shape):
        best = None
        for r in range(i * stride, i * stride + size):
            for q in range(j * stride, j * stride + size):
                if best is None or X[n, r, q, c] > X[n, best[0], best[1], c]:
                    best = r, q
        dX[n][best[0]][best[1]][c] += dY[n, i, j, c]
    return dX


def first_of_all_channels(window):
    flat = window.reshape(len(window), -1)
    return (np.arange(flat.shape[1]) == flat.argmax(axis=1)[:, None]).reshape(window.shape)


def max_pool_backward_with(
    share=None,
    put=lambda old, new: old + new,
    step=lambda stride: stride,
    gives=lambda dy, window: dy,
):
    """A `max_pool_backward` that shares, adds, compares or places otherwise."""

    def first(window):
        flat = window.reshape(len(window), -1, window.shape[-1])
        won = np.arange(flat.shape[1])[:, None] == flat.argmax(axis=1)[:, None]
        return won.reshape(window.shape)

    def every(window):
        return window == window.max(axis=(1, 2), keepdims=True)

    def max_pool_backward(dY, X, size, stride):
        dX = np.zeros(X.shape)
        for i in range(dY.shape[1]):
            for j in range(dY.shape[2]):
                r, c = i * step(stride), j * step(stride)
                place = (slice(None), slice(r, r + size), slice(c, c + size))
                window = X[place]
                won = {None: first, "every": every}.get(share, share)(window)
                dy = gives(dY[:, i : i + 1, j : j + 1], window)
                # A winner takes its new gradient; the others keep what they have.
                dX[place] = np.where(won != 0, put(dX[place], won * dy), dX[place])
        return dX

    return max_pool_backward


# ---------------------------------------------------------------- average_pool_backward: find bugs


def average_pool_backward(dY, X, size, stride):
    dX = np.zeros(X.shape)
    for i in range(dY.shape[1]):
        for j in range(dY.shape[2]):
            r, c = i * stride, j * stride
            dX[:, r : r + size, c : c + size] += dY[:, i : i + 1, j : j + 1] / size**2
    return dX


def probe_average_pool_backward(answer, X, size, stride, dY, dY_overlapping):
    yield "windows side by side", answer(dY, X.copy(), size, size)
    dX = answer(dY_overlapping, X, size, stride)
    yield "overlapping windows", dX
    dX = np.asarray(dX, dtype=float)
    yield "overlapping windows, up to a factor", dX / (np.abs(dX).sum() or 1.0)


def average_pool_backward_loops(dY, X, size, stride):
    dX = np.zeros(X.shape).tolist()
    for n, i, j, c in np.ndindex(dY.shape):
        for u, v in np.ndindex(size, size):
            dX[n][i * stride + u][j * stride + v][c] += float(dY[n, i, j, c]) / (size * size)
    return dX


def average_pool_backward_pixel_by_pixel(dY, X, size, stride):
    share = dY.astype(np.float32) * np.float32(size**-2)
    dX = np.zeros_like(X, dtype=np.float32)
    rows, columns = dY.shape[1] * stride, dY.shape[2] * stride
    for u in range(size):
        for v in range(size):
            dX[:, u : u + rows : stride, v : v + columns : stride] += share
    return dX


def average_pool_backward_by_asking(dY, X, size, stride):
    """Pooling is linear: ask it for each pixel in turn."""
    dX = np.empty(X.shape)
    for place in np.ndindex(X.shape):
        one = np.zeros(X.shape)
        one[place] = 1.0
        dX[place] = np.sum(pool_forward(one, size, stride, "average") * dY)
    return dX


def average_pool_backward_with(
    divisor=lambda X, size: size**2, put=lambda old, new: old + new, step=lambda stride: stride
):
    """An `average_pool_backward` that divides, adds or places otherwise."""

    def average_pool_backward(dY, X, size, stride):
        dX = np.zeros(X.shape)
        for i in range(dY.shape[1]):
            for j in range(dY.shape[2]):
                r, c = i * step(stride), j * step(stride)
                place = (slice(None), slice(r, r + size), slice(c, c + size))
                new = dY[:, i : i + 1, j : j + 1] / divisor(X, size)
                dX[place] = put(dX[place], new)
        return dX

    return average_pool_backward


def average_pool_backward_per_pixel(dY, X, size, stride):
    """Divided, at each pixel, by the number of windows that it lies in as well."""
    often = average_pool_backward(np.ones_like(dY), X, size, stride) * size**2
    return average_pool_backward(dY, X, size, stride) / np.maximum(often, 1)


# ---------------------------------------------------------------- summarise


def summarise(input_shape, layers):
    return summarise_with()(input_shape, layers)


def summarise_inputs(rng):
    """A small network: two convolutions, two poolings, flatten, two dense layers."""

    def number(low, high):
        return int(rng.integers(low, high))

    sizes = [list(map(int, rng.permutation([8, 12, 5, 10])))]
    filters, more, units, classes = sizes[0]
    return {
        "input_shape": (number(22, 29), number(30, 37), number(2, 4)),
        "layers": [
            ("conv", filters, 3, 1, 1),
            ("pool", 3, 2),
            ("conv", more, 5, 2, number(1, 3)),
            ("pool", 2, 2),
            ("flatten",),
            ("dense", units),
            ("dense", classes),
        ],
    }


def probe_summarise(answer, input_shape, layers):
    result = answer(input_shape, [tuple(layer) for layer in layers])
    if len(result) != len(layers):
        raise ValueError("summarise must return one pair (shape, parameters) for each layer")
    shapes, parameters = [], []
    for shape, number in result:
        shapes.append([shape] if np.ndim(shape) == 0 else list(shape))
        parameters.append(number)
    yield "shapes", shapes
    yield "parameters", parameters


def summarise_recursive(input_shape, layers):
    if not layers:
        return []
    (kind, *numbers), shape = layers[0], tuple(input_shape)
    if kind == "dense":
        pair = ((numbers[0],), (math.prod(shape) + 1) * numbers[0])
    elif kind == "flatten":
        pair = ((math.prod(shape),), 0)
    else:
        filters, k, stride, padding = numbers if kind == "conv" else (shape[2], *numbers, 0)
        height, width = (output_size_by_counting(n, k, stride, padding) for n in shape[:2])
        weights = (shape[2] * k * k + 1) * filters if kind == "conv" else 0
        pair = ((height, width, filters), weights)
    return [pair, *summarise_recursive(pair[0], layers[1:])]


def summarise_by_running(input_shape, layers):
    """Send a picture of zeros through, and count what has to be made on the way."""
    X, result = np.zeros((1, *input_shape)), []
    for kind, *numbers in layers:
        made = []
        if kind == "conv":
            filters, k, stride, padding = numbers
            made = [np.zeros((k, k, X.shape[3], filters)), np.zeros(filters)]
            X = conv_forward(X, *made, stride, padding)
        elif kind == "pool":
            X = pool_forward(X, *numbers, "max")
        elif kind == "flatten":
            X = X.reshape(1, -1)
        else:
            made = [np.zeros((X.shape[1], numbers[0])), np.zeros(numbers[0])]
            X = X @ made[0] + made[1]
        result.append([list(X.shape[1:]), np.int64(sum(m.size for m in made))])
    return result


def summarise_with(
    conv_weights=lambda k, C, F, size: k * k * C * F + F,
    dense_weights=lambda inputs, units: inputs * units + units,
    conv_size=output_size,
    pool_size=lambda n, k, stride: output_size(n, k, stride, 0),
    flat=math.prod,
    depth=lambda C, F: F,
    pool_weights=lambda k, C: 0,
):
    """A `summarise` with other rules."""

    def summarise(input_shape, layers):
        shape, result = tuple(input_shape), []
        for kind, *numbers in layers:
            parameters = 0
            if kind == "conv":
                filters, k, stride, padding = numbers
                size = tuple(conv_size(n, k, stride, padding) for n in shape[:2])
                parameters = conv_weights(k, shape[2], filters, size)
                shape = (*size, depth(shape[2], filters))
            elif kind == "pool":
                parameters = pool_weights(numbers[0], shape[2])
                shape = (*(pool_size(n, *numbers) for n in shape[:2]), shape[2])
            elif kind == "flatten":
                shape = (flat(shape),)
            else:
                parameters = dense_weights(shape[0], numbers[0])
                shape = (numbers[0],)
            result.append((shape, parameters))
        return result

    return summarise


# ---------------------------------------------------------------- the exercises

CONVOLUTIONS = (
    (2, 5, 6, 2, 3, 2, 3, 2, 1),
    (1, 4, 5, 3, 2, 3, 2, 2, 2),
    (2, 6, 4, 2, 3, 3, 2, 3, 1),
)
POOLINGS = ((2, 5, 7, 2, 3, 2), (1, 7, 6, 3, 3, 1), (2, 6, 5, 1, 2, 1))

EXERCISES = [
    Exercise(
        name="output_size",
        points=1,
        inputs=[output_size_inputs],
        reference=output_size,
        probe=probe_output_size,
        alternatives=[
            output_size_by_counting,
            lambda n, k, stride, padding: int(np.floor((n + 2 * padding - k) / stride + 1)),
            lambda n, k, stride, padding: len(range(0, n + 2 * padding - k + 1, stride)),
        ],
        mistakes={
            "off by one: the window at the very start counts too, so add 1": (
                lambda n, k, stride, padding: output_size(n, k, stride, padding) - 1
            ),
            "padding on one side only: it is put on both, so it counts twice": (
                lambda n, k, stride, padding: (n + padding - k) // stride + 1
            ),
            "the stride is ignored": (lambda n, k, stride, padding: output_size(n, k, 1, padding)),
            "not rounded down: a window that does not fit whole is left out": (
                lambda n, k, stride, padding: (n + 2 * padding - k) / stride + 1
            ),
            "rounded up: a window that does not fit whole is left out": (
                lambda n, k, stride, padding: -(-(n + 2 * padding - k) // stride) + 1
            ),
            "the kernel is not taken off: the last window begins k pixels before the end": (
                lambda n, k, stride, padding: (n + 2 * padding) // stride + 1
            ),
        },
        hints=(
            "Take n = 5, k = 3, stride 1, no padding, and count on paper: the window can begin at "
            "pixel 0, 1 or 2. Where is the last place at which it can begin, in general?",
            "The padded side has n + 2 * padding pixels, so the last window begins at "
            "n + 2 * padding - k or before. How many steps of `stride` fit into that? And the "
            "first window needs no step.",
            "(n + 2 * padding - k) // stride + 1, where // divides and rounds down.",
        ),
        difficulty=1,
        importance=5,
        minutes=6,
    ),
    Exercise(
        name="conv_forward",
        points=3,
        inputs=[conv_inputs(*sizes) for sizes in CONVOLUTIONS],
        reference=conv_forward,
        probe=probe_conv_forward,
        parts={
            "stride 1, no padding": 1.5,
            "stride": 0.5,
            "padding": 0.5,
            "stride and padding": 0.5,
        },
        alternatives=[
            conv_forward_loops,
            conv_forward_kernel_by_kernel,
            conv_forward_by_matrix,
            conv_forward_dotted,
        ],
        mistakes={
            "the kernel is turned round, as in the mathematicians' convolution: multiply window "
            "and kernel as they lie": conv_forward_with(
                total=lambda window, K: np.einsum("nuvc,uvcf->nf", window, K[::-1, ::-1])
            ),
            "the stride is ignored": conv_forward_with(
                step=lambda stride: 1, count=lambda stride: 1
            ),
            "as many windows as with the stride, but they begin at i, not at i * stride": (
                conv_forward_with(step=lambda stride: 1)
            ),
            "the padding is ignored": conv_forward_with(pad=lambda p: two_sides(0)),
            "padding at the top and on the left only: zeros go on all four sides": (
                conv_forward_with(pad=lambda p: ((0, 0), (p, 0), (p, 0), (0, 0)))
            ),
            "the bias is missing": conv_forward_with(bias=0),
            "the bias is added once for each channel: it is added once for each filter": (
                conv_forward_bias_per_channel
            ),
            "one row and one column short: the number of windows ends with + 1": (
                conv_forward_with(less=1)
            ),
            "only the first channel is read: a kernel is as deep as its input": (
                conv_forward_with(
                    total=lambda window, K: np.einsum("nuv,uvf->nf", window[..., 0], K[:, :, 0])
                )
            ),
            "summed over the filters as well: each filter makes its own map": (
                conv_forward_with(
                    total=lambda window, K: np.einsum("nuvc,uvcf->n", window, K)[:, None]
                )
            ),
            "the mean of the products, not their sum": conv_forward_with(
                total=lambda window, K: np.einsum("nuvc,uvcf->nf", window, K) / K[..., 0].size
            ),
        },
        hints=(
            "Four loops: over examples, rows and columns of the output, and filters. In the "
            "middle, one window of X and one kernel, both of shape (kh, kw, C), become one number.",
            "Pad first: np.pad(X, ((0, 0), (padding, padding), (padding, padding), (0, 0))). The "
            "window of output row i and column j begins at row i * stride and column j * stride.",
            "window = X[n, i * stride : i * stride + kh, j * stride : j * stride + kw]; then "
            "Z[n, i, j, f] = np.sum(window * K[:, :, :, f]) + b[f].",
        ),
        difficulty=3,
        importance=5,
        minutes=20,
    ),
    Exercise(
        name="im2col",
        points=2,
        inputs=[
            im2col_inputs(2, 4, 5, 2, 2, 3, 2),
            im2col_inputs(3, 5, 4, 1, 3, 2, 2),
            im2col_inputs(1, 5, 6, 3, 2, 2, 3),
        ],
        reference=im2col,
        probe=probe_im2col,
        parts={"stride 1": 1.5, "stride": 0.5},
        alternatives=[im2col_loops, im2col_by_index, im2col_column_by_column],
        mistakes={
            "channels first within a row: the order must be that of K.reshape(-1, F): row of the "
            "kernel, column of the kernel, channel": (
                lambda X, kh, kw, stride: (
                    windows(X, kh, kw, stride)
                    .transpose(0, 1, 2, 5, 3, 4)
                    .reshape(-1, kh * kw * X.shape[3])
                )
            ),
            "transposed: one window is one row": lambda *a: im2col(*a).T,
            "the windows of all pictures are mixed: all windows of the first picture come first": (
                lambda X, kh, kw, stride: (
                    windows(X, kh, kw, stride)
                    .transpose(1, 2, 0, 3, 4, 5)
                    .reshape(-1, kh * kw * X.shape[3])
                )
            ),
            "the windows go down the columns first: go along each row, then to the next row": (
                lambda X, kh, kw, stride: (
                    windows(X, kh, kw, stride)
                    .transpose(0, 2, 1, 3, 4, 5)
                    .reshape(-1, kh * kw * X.shape[3])
                )
            ),
            "the stride is ignored": lambda X, kh, kw, stride: im2col(X, kh, kw, 1),
            "as many windows as with the stride, but they begin at i, not at i * stride": (
                im2col_starts_at_i
            ),
            "one row and one column of windows short: the number of windows ends with + 1": (
                im2col_less_one
            ),
            "the windows are not laid out flat: two axes are wanted": (
                lambda X, kh, kw, stride: windows(X, kh, kw, stride)
            ),
        },
        hints=(
            "Go over the windows in the order of three loops: examples, output rows, output "
            "columns. Each window becomes one row of the matrix.",
            "A window X[n, r : r + kh, c : c + kw] has shape (kh, kw, C). Its ravel() puts the "
            "numbers in the right order. Collect these rows in a list.",
            "rows.append(X[n, i * stride : i * stride + kh, j * stride : j * stride + kw].ravel()) "
            "in the three loops; then return np.array(rows).",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="conv_im2col",
        points=1,
        inputs=[
            conv_im2col_inputs(2, 5, 6, 2, 3, 2, 3, 2),
            conv_im2col_inputs(3, 4, 5, 3, 2, 3, 2, 2),
        ],
        reference=conv_im2col,
        probe=probe_conv_im2col,
        alternatives=[
            conv_im2col_with(shape=laid_out),
            lambda *a: conv_forward_loops(*a, 0),
            lambda *a: conv_forward_kernel_by_kernel(*a, 0),
        ],
        mistakes={
            "the bias is missing": conv_im2col_with(bias=0, shape=laid_out),
            "the kernels are reshaped to (F, -1) and transposed, which mixes the filters: "
            "K.reshape(-1, F) has one filter in each column": (
                conv_im2col_with(kernel=lambda K: K.reshape(K.shape[3], -1).T, shape=laid_out)
            ),
            "the product was not brought back to the shape (N, rows, columns, F)": (
                conv_im2col_with()
            ),
            "reshaped with the filters in the second place: the matrix has them in its columns, so "
            "they come last": conv_im2col_with(
                shape=lambda Z, N, rows, columns, F: Z.reshape(N, F, rows, columns).transpose(
                    0, 2, 3, 1
                )
            ),
            "the kernel is turned round: multiply window and kernel as they lie": (
                conv_im2col_with(
                    kernel=lambda K: K[::-1, ::-1].reshape(-1, K.shape[3]), shape=laid_out
                )
            ),
            "the stride is ignored": conv_im2col_with(step=1, shape=laid_out),
        },
        hints=(
            "One matrix product does it all: the windows, one in each row, times the kernels, one "
            "in each column. Then only the shape has to be mended.",
            "K.reshape(-1, F) has shape (kh * kw * C, F), and its rows are in the order of the "
            "columns of im2col. The product has N * rows * columns rows.",
            "Z = im2col(X, kh, kw, stride) @ K.reshape(-1, F) + b; then "
            "Z.reshape(N, rows, columns, F), with rows = (H - kh) // stride + 1.",
        ),
        difficulty=2,
        importance=4,
        minutes=8,
    ),
    Exercise(
        name="conv_backward",
        points=4,
        inputs=[
            conv_backward_inputs(2, 5, 6, 2, 3, 2, 3, 2, 1),
            conv_backward_inputs(3, 5, 4, 1, 3, 3, 2, 2, 1),
        ],
        reference=conv_backward,
        probe=probe_conv_backward,
        parts={
            "db": 0.5,
            "dK": 1,
            "dK with stride and padding": 0.5,
            "dX": 1,
            "dX with stride and padding": 1,
        },
        alternatives=[
            conv_backward_loops,
            conv_backward_by_matrix,
            conv_backward_full_convolution,
        ],
        mistakes={
            "dK comes out turned round: forward did not turn the kernel, so backward must not": (
                conv_backward_with(kernel=lambda dK: dK[::-1, ::-1])
            ),
            "in dX the kernel is turned round: each window gets its dZ times the kernel as it "
            "lies": conv_backward_with(push=lambda K: K[::-1, ::-1]),
            "where windows overlap, dX is overwritten: a pixel's gradients from all its windows "
            "add up": conv_backward_with(put=lambda old, new: new),
            "dK is overwritten at each place: the kernel was used at all of them, so add up": (
                conv_backward_with(keep=lambda old, new: new)
            ),
            "dK of the last example alone: add up over all examples": conv_backward_last_example,
            "divided by the number of examples: dZ holds the mean already, so sum": (
                conv_backward_averaged
            ),
            "db is summed over the examples only: one number for each filter is wanted": (
                conv_backward_with(bias=lambda dZ: dZ.sum(axis=0))
            ),
            "db is the mean over all places: the bias was added at each of them, so sum": (
                conv_backward_with(bias=lambda dZ: dZ.mean(axis=(0, 1, 2)))
            ),
            "dX still has its padding: cut it off, since X had none": (
                conv_backward_with(crop=False)
            ),
            "the stride is ignored: the window of i, j begins at i * stride, j * stride": (
                conv_backward_with(step=lambda stride: 1)
            ),
        },
        hints=(
            "Walk over the windows as in forward. At each i, j, f the number dZ[n, i, j, f] goes "
            "to three places: to b[f], to the whole kernel f, and to the whole window of X.",
            "Forward multiplied window and kernel, so each gets the other times dZ: dK[..., f] += "
            "window * dZ and dX's window += K[..., f] * dZ. Always +=, since kernels, biases and "
            "pixels are used many times. Work on padded arrays, and cut the padding off at last.",
            "In the four loops, with r = i * stride and c = j * stride: "
            "dK[..., f] += X[n, r:r+kh, c:c+kw] * dZ[n, i, j, f]; "
            "dX[n, r:r+kh, c:c+kw] += K[..., f] * dZ[n, i, j, f]. db = dZ.sum(axis=(0, 1, 2)); and "
            "at last dX[:, p:p+H, p:p+W] with p = padding.",
        ),
        difficulty=4,
        importance=5,
        minutes=25,
    ),
    Exercise(
        name="pool_forward",
        points=2,
        inputs=[pool_inputs(*sizes) for sizes in POOLINGS],
        reference=pool_forward,
        probe=probe_pool_forward,
        parts={
            "max, side by side": 0.5,
            "max, overlapping": 0.5,
            "average, side by side": 0.5,
            "average, overlapping": 0.5,
        },
        alternatives=[pool_forward_loops, pool_forward_pixel_by_pixel, pool_forward_flat],
        mistakes={
            "the maximum starts at 0, so that windows of negative numbers give 0": (
                pool_forward_with(most=lambda cut: np.maximum(cut.max(axis=(3, 4)), 0))
            ),
            "the maximum over all channels: each channel is pooled by itself": (
                pool_forward_with(most=over_channels(np.max))
            ),
            "the mean over all channels: each channel is pooled by itself": (
                pool_forward_with(mean=over_channels(np.mean))
            ),
            "the average is not divided by the number of pixels in the window": (
                pool_forward_with(mean=lambda cut: cut.sum(axis=(3, 4)))
            ),
            "divided by the side of the window: it has size * size pixels": (
                pool_forward_with(mean=lambda cut: cut.sum(axis=(3, 4)) / cut.shape[3])
            ),
            "mode is ignored: always the maximum": (
                lambda X, size, stride, mode: pool_forward(X, size, stride, "max")
            ),
            "the stride is ignored: windows lie side by side, whatever it says": (
                pool_forward_by_size
            ),
            "the windows move by one pixel, whatever the stride": pool_forward_by_ones,
            "one row and one column short: the number of windows ends with + 1": (
                pool_forward_less
            ),
        },
        hints=(
            "As in a convolution, but without a kernel, and each channel by itself: the output has "
            "as many channels as the input.",
            "A window of all examples at once is X[:, r : r + size, c : c + size], of shape "
            "(N, size, size, C). Take its max or mean over the axes 1 and 2.",
            "Y[:, i, j] = window.max(axis=(1, 2)) if mode == 'max' else window.mean(axis=(1, 2)), "
            "with r = i * stride, c = j * stride and (H - size) // stride + 1 rows.",
        ),
        difficulty=2,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="max_pool_backward",
        points=2,
        inputs=[max_pool_backward_inputs(*sizes) for sizes in POOLINGS],
        reference=max_pool_backward,
        probe=probe_max_pool_backward,
        parts={
            "windows side by side": 1,
            "overlapping windows": 0.5,
            "sum of dX where numbers are equal": 0.5,
        },
        alternatives=[
            max_pool_backward_shared,
            max_pool_backward_last_wins,
            max_pool_backward_lists,
        ],
        mistakes={
            "every pixel of the window gets the gradient: only the largest one made the output": (
                max_pool_backward_with(share=np.ones_like)
            ),
            "the gradient is shared out among all pixels of the window, as in average pooling": (
                max_pool_backward_with(share=lambda w: np.full(w.shape, 1 / w[0, :, :, 0].size))
            ),
            "where windows overlap, dX is overwritten: one pixel may win in several, so add up": (
                max_pool_backward_with(put=lambda old, new: new)
            ),
            "equal numbers each get the whole gradient: window == window.max() can be true more "
            "than once; let one have it, or share it out": max_pool_backward_with(share="every"),
            "the largest over all channels wins: each channel has its own winner": (
                max_pool_backward_with(share=first_of_all_channels)
            ),
            "the maximum itself is put back, not its gradient": max_pool_backward_with(
                gives=lambda dy, window: window.max(axis=(1, 2), keepdims=True)
            ),
            "the stride is ignored: the window of i, j begins at i * stride, j * stride": (
                max_pool_backward_with(step=lambda stride: 1)
            ),
        },
        hints=(
            "Forward copied the largest pixel of each window and forgot the others. So the "
            "window's gradient goes to that pixel alone, whole.",
            "window.argmax() counts the winner's place along the flattened window; "
            "np.unravel_index(place, window.shape) gives its row and column. Work on one example "
            "and one channel at a time, and add with +=.",
            "In loops over n, i, j, c: window = X[n, r : r + size, q : q + size, c] with "
            "r = i * stride, q = j * stride; u, v = np.unravel_index(window.argmax(), "
            "window.shape); dX[n, r + u, q + v, c] += dY[n, i, j, c].",
        ),
        difficulty=3,
        importance=4,
        minutes=15,
    ),
    Exercise(
        name="average_pool_backward",
        points=2,
        inputs=[pool_backward_inputs(1, 5, 7, 2, 3, 2), pool_backward_inputs(2, 4, 5, 1, 2, 1)],
        reference=average_pool_backward,
        probe=probe_average_pool_backward,
        parts={
            "windows side by side": 1,
            "overlapping windows, up to a factor": 0.5,
            "overlapping windows": 0.5,
        },
        alternatives=[
            average_pool_backward_loops,
            average_pool_backward_pixel_by_pixel,
            average_pool_backward_by_asking,
        ],
        mistakes={
            # The start and its two bugs, one by one: say where they show, and no more.
            "both bugs are still there: with windows side by side, compare dX.sum() with dY.sum(); "
            "then look at a pixel that lies in two windows": average_pool_backward_with(
                divisor=lambda X, size: 1, put=lambda old, new: new
            ),
            "right up to one factor: look at what average pooling does with a window besides "
            "adding it up": average_pool_backward_with(divisor=lambda X, size: 1),
            "windows side by side are right: look at a pixel that lies in two windows": (
                average_pool_backward_with(put=lambda old, new: new)
            ),
            "divided by the side of the window: it has size * size pixels": (
                average_pool_backward_with(divisor=lambda X, size: size)
            ),
            "divided by the channels as well: each channel is pooled by itself": (
                average_pool_backward_with(divisor=lambda X, size: size**2 * X.shape[3])
            ),
            "divided at each pixel by the number of its windows as well: their gradients add up, "
            "they are not averaged": average_pool_backward_per_pixel,
            "the stride is gone: the window of i, j begins at i * stride, j * stride": (
                average_pool_backward_with(step=lambda stride: 1)
            ),
        },
        hints=(
            "Where is the first wrong number? Use a gradient of ones, on windows of 2 x 2 side by "
            "side: raise one pixel by 1, and the mean of its window rises by 1/4. What does the "
            "code say? Then move the windows by one pixel at a time, and look at a pixel that lies "
            "in two of them.",
            "Which line made it? There is only one that writes into dX. Ask of it two things: what "
            "is each pixel's share, and what becomes of a number that is there already?",
            "Why? Forward divided by size * size, so backward does. And a pixel in several windows "
            "has a part in several outputs, whose gradients add up: += and not =.",
        ),
        difficulty=3,
        importance=4,
        minutes=12,
    ),
    Exercise(
        name="summarise",
        points=3,
        inputs=summarise_inputs,
        reference=summarise,
        probe=probe_summarise,
        parts={"shapes": 1.5, "parameters": 1.5},
        alternatives=[summarise_recursive, summarise_by_running],
        mistakes={
            "the biases are not counted: one for each filter, one for each unit": summarise_with(
                conv_weights=lambda k, C, F, size: k * k * C * F,
                dense_weights=lambda inputs, units: inputs * units,
            ),
            "a kernel is counted once for each place of the output: all places share it": (
                summarise_with(
                    conv_weights=lambda k, C, F, size: (k * k * C * F + F) * size[0] * size[1]
                )
            ),
            "the channels of the input are left out: a kernel is as deep as its input": (
                summarise_with(conv_weights=lambda k, C, F, size: k * k * F + F)
            ),
            "one bias for each channel of each filter: a filter has a single bias": (
                summarise_with(conv_weights=lambda k, C, F, size: (k * k + 1) * C * F)
            ),
            "the output of a convolution has its input's channels: it has one map for each "
            "filter": summarise_with(depth=lambda C, F: C),
            "padding on one side only: it is put on both": summarise_with(
                conv_size=lambda n, k, stride, padding: (n + padding - k) // stride + 1
            ),
            "sizes off by one: the number of windows ends with + 1": summarise_with(
                conv_size=lambda n, k, stride, padding: (n + 2 * padding - k) // stride,
                pool_size=lambda n, k, stride: (n - k) // stride,
            ),
            "pooling divides the size by the stride: that is only right where size and stride are "
            "equal": summarise_with(pool_size=lambda n, k, stride: n // stride),
            "flatten forgets the channels": summarise_with(flat=lambda shape: shape[0] * shape[1]),
            "pooling has no weights: it has nothing to learn": summarise_with(
                pool_weights=lambda k, C: k * k * C
            ),
        },
        hints=(
            "Carry the shape along from layer to layer, starting with input_shape. Write one "
            "branch for each of the four kinds, and use the formula of exercise 1 for heights and "
            "widths.",
            "Convolution: (rows, columns, filters), and k * k * C * filters + filters parameters, "
            "where C is the input's number of channels. Pooling: (rows, columns, C), 0 parameters. "
            "Flatten: one number, the product of all three. Dense: inputs * units + units.",
            "for kind, *numbers in layers: if kind == 'conv': filters, k, stride, padding = "
            "numbers; (H, W, C) = shape; parameters = k * k * C * filters + filters; shape = "
            "(output_size(H, k, stride, padding), output_size(W, k, stride, padding), filters); "
            "and so on; then result.append((shape, parameters)).",
        ),
        difficulty=3,
        importance=5,
        minutes=20,
    ),
]
