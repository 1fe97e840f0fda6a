"""How weights start: constant, uniform, normal, Glorot and He.

Names, variances and shapes of the distributions are those of ``keras.initializers``. An initializer
is called with a shape; its random numbers come from its own ``seed``, else from the generator of
the model that calls it.
"""

from __future__ import annotations

import math

import numpy as np

from nnlib._checks import look_up, number

Seed = int | np.random.Generator | None

# The standard deviation of a standard normal that is cut off at ±2.
_TRUNCATED_STD = 0.87962566103423978


class Initializer:
    """Base class. ``initializer(shape, dtype="float32", rng=None)`` returns a new array."""

    def __call__(
        self,
        shape: tuple[int, ...],
        dtype: str | np.dtype = "float32",
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(shape, dtype, rng).")


class Constant(Initializer):
    """Every entry is ``value``."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = number(value, f"{type(self).__name__}(value)")

    def __call__(
        self,
        shape: tuple[int, ...],
        dtype: str | np.dtype = "float32",
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        return np.full(shape, self.value, dtype)


class Zeros(Constant):
    """Every entry is 0. Right for biases; as weights it keeps all hidden units the same."""

    def __init__(self) -> None:
        super().__init__(0.0)


class Ones(Constant):
    """Every entry is 1."""

    def __init__(self) -> None:
        super().__init__(1.0)


class RandomInitializer(Initializer):
    """Base class of those that draw. An int as ``seed`` gives the same numbers at every call."""

    def __init__(self, seed: Seed = None) -> None:
        if seed is not None and not isinstance(seed, int | np.integer | np.random.Generator):
            raise TypeError(
                f"{type(self).__name__}(seed): expected a whole number, a numpy.random.Generator "
                f"or None, but received {seed!r}."
            )
        self.seed = seed

    def __call__(
        self,
        shape: tuple[int, ...],
        dtype: str | np.dtype = "float32",
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        if self.seed is not None or rng is None:
            rng = np.random.default_rng(self.seed)
        return self.draw(rng, tuple(shape)).astype(dtype)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} must define draw(rng, shape).")


class RandomUniform(RandomInitializer):
    """Uniform on [minval, maxval)."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Seed = None) -> None:
        super().__init__(seed)
        self.minval = number(minval, "RandomUniform(minval)")
        self.maxval = number(maxval, "RandomUniform(maxval)", low=self.minval)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.uniform(self.minval, self.maxval, shape)


class RandomNormal(RandomInitializer):
    """Normal with the given mean and standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Seed = None) -> None:
        super().__init__(seed)
        self.mean = number(mean, "RandomNormal(mean)")
        self.stddev = number(stddev, "RandomNormal(stddev)", low=0)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.normal(self.mean, self.stddev, shape)


class GlorotUniform(RandomInitializer):
    """Uniform with variance 2 / (fan_in + fan_out), that is on ±sqrt(6 / (fan_in + fan_out)).

    Glorot and Bengio (2010), eq. 16. Keeps the variance of signals and gradients level through tanh
    layers.
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, fan_out = compute_fans(shape)
        limit = math.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, shape)


class GlorotNormal(RandomInitializer):
    """Normal, cut off at two deviations, with variance 2 / (fan_in + fan_out)."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, fan_out = compute_fans(shape)
        return truncated_normal(rng, math.sqrt(2 / (fan_in + fan_out)), shape)


class HeUniform(RandomInitializer):
    """Uniform with variance 2 / fan_in, that is on ±sqrt(6 / fan_in). He et al. (2015), eq. 10."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, _ = compute_fans(shape)
        limit = math.sqrt(6 / fan_in)
        return rng.uniform(-limit, limit, shape)


class HeNormal(RandomInitializer):
    """Normal, cut off at two deviations, with variance 2 / fan_in. He et al. (2015), eq. 10."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, _ = compute_fans(shape)
        return truncated_normal(rng, math.sqrt(2 / fan_in), shape)


def compute_fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs feed one unit (fan_in), and how many units one input feeds (fan_out).

    A dense kernel is (inputs, outputs). A convolution's is (height, width, in_channels,
    out_channels), where each fan counts every position of the kernel.
    """
    if len(shape) < 2:
        size = max(1, math.prod(shape))
        return size, size
    positions = math.prod(shape[:-2])
    return max(1, positions * shape[-2]), max(1, positions * shape[-1])


def truncated_normal(rng: np.random.Generator, stddev: float, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers cut off at two deviations, scaled so that ``stddev`` is what remains."""
    x = rng.standard_normal(shape)
    while (far := np.abs(x) > 2).any():
        x[far] = rng.standard_normal(np.count_nonzero(far))
    return x * (stddev / _TRUNCATED_STD)


_BY_NAME: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "random_uniform": RandomUniform,
    "random_normal": RandomNormal,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
}


def get(identifier: str | Initializer) -> Initializer:
    """Return the initializer for a name such as ``"he_normal"``; an initializer as it is."""
    if isinstance(identifier, Initializer):
        return identifier
    return look_up("initializer", identifier, _BY_NAME)()
