"""One look for all figures: readable without colour, with large type, and with alt text.

Matplotlib is imported when the first figure is drawn, never when this package is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

# The hues of Okabe and Ito (2008), which colour-blind people tell apart, dark enough for text.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0065A3", "#B34A00", "#00735C", "#8A3A70", "#595959"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY, "#000000")
# Class 1 is blue and class 0 orange, as high and low scores are on the signed colour map.
CLASS_COLOURS = (ORANGE, BLUE, GREEN, PURPLE, GREY, "#000000")
# A second sign beside each colour, for those who see none.
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")

_STYLE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#404040",
    "axes.grid": True,
    "axes.labelsize": 12,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "figure.titlesize": 14,
    "figure.titleweight": "bold",
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so pictures are the same everywhere
    "font.size": 11,
    "grid.color": "#DDDDDD",
    "image.interpolation": "nearest",
    "legend.fontsize": 11,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "savefig.facecolor": "white",
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw with this style, and leave Matplotlib's settings as they were."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def plot(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` inside `style`."""

    @functools.wraps(function)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return function(*args, **kwargs)

    return styled


def figure(alt_text: str = "", size: tuple[float, float] = (7.0, 4.2)) -> Figure:
    """Return an empty figure of ``size`` inches that a notebook shows with its ``alt_text``.

    It does not belong to pyplot: nothing needs closing, and it is shown once, where a cell names
    it. Draw on ``figure.subplots()``; set ``figure.alt_text`` before showing it.
    """
    from nnlib.plots._figure import Figure

    return Figure(alt_text, figsize=size, layout="constrained")


def diverging() -> Any:
    """Return the colour map for signed numbers: orange below zero, white at it, blue above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", [ORANGE, "#F7F7F7", BLUE])


def signed_shades() -> Any:
    """Return the colour map for pictures of signed numbers: light orange, grey at zero, dark blue.

    It grows darker all the way, so that it can be read without colour.
    """
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed shades", ["#FFE3C2", "#9B9EA3", "#002F52"])
