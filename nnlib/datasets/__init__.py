"""Data sets for the course: all offline, and the same for the same seed.

Numbers are float64, labels are int64 (float64 when one-hot), pictures are uint8.
"""

from nnlib.datasets.cartoons import cartoon_cats
from nnlib.datasets.handwritten import digits
from nnlib.datasets.noise import random_binary
from nnlib.datasets.points import blobs, circles, moons, sine, spiral
from nnlib.datasets.toy import gates, three_bit, xor

__all__ = [
    "blobs",
    "cartoon_cats",
    "circles",
    "digits",
    "gates",
    "moons",
    "random_binary",
    "sine",
    "spiral",
    "three_bit",
    "xor",
]
