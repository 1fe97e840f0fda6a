"""Turn a function that draws a figure into an interactive view: one control per argument."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


@dataclass(frozen=True)
class Slider:
    """A number that is dragged or, with the arrow keys, stepped from ``low`` to ``high``."""

    label: str
    value: float
    low: float
    high: float
    step: float

    def widget(self) -> Any:
        import ipywidgets

        settings = {"min": self.low, "max": self.high, "step": self.step, **_named(self.label)}
        if all(isinstance(v, int) for v in (self.value, self.low, self.high, self.step)):
            return ipywidgets.IntSlider(self.value, **settings)
        digits = len(f"{self.step:g}".partition(".")[2])  # as many as the step has
        return ipywidgets.FloatSlider(self.value, readout_format=f".{digits}f", **settings)


@dataclass(frozen=True)
class LogSlider:
    """A positive number, in steps of 1, 2, 5, 10, ... from 10**low to 10**high."""

    label: str
    value: float
    low: int
    high: int

    def widget(self) -> Any:
        import ipywidgets

        steps = {float(f"{c}e{e}") for e in range(self.low, self.high) for c in (1, 2, 5)}
        options = sorted({*steps, float(f"1e{self.high}"), self.value})
        return ipywidgets.SelectionSlider(
            value=self.value, options=[(f"{v:g}", v) for v in options], **_named(self.label)
        )


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    label: str
    value: str
    options: tuple[str, ...]

    def widget(self) -> Any:
        import ipywidgets

        return ipywidgets.Dropdown(value=self.value, options=self.options, **_named(self.label))


Control = Slider | LogSlider | Choice


def _named(label: str) -> dict[str, Any]:
    """Return the settings by which a control shows its whole name."""
    return {
        "description": label,
        "tooltip": label,
        "style": {"description_width": "9em"},
        "layout": {"width": "28em", "max_width": "100%"},
    }


def interactive_here(wanted: bool | None = None) -> bool:
    """Return whether widgets can be shown: in a notebook, with ipywidgets, unless turned off.

    ``NNLIB_WIDGETS=off`` in the environment turns them off, for printing and for readers who
    prefer static figures.
    """
    if wanted is not None:
        return wanted
    if os.environ.get("NNLIB_WIDGETS", "").lower() in {"off", "0", "false", "no"}:
        return False
    if importlib.util.find_spec("ipywidgets") is None:
        return False
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def explore(
    draw: Callable[..., Figure],
    controls: Mapping[str, Control],
    *,
    interactive: bool | None = None,
) -> Any:
    """Show ``draw(**values)`` and draw it again whenever a control changes a value.

    Parameters
    ----------
    draw : callable
        Takes each control's value under its name; returns a figure of ``nnlib.plots``.
    controls : mapping from argument name to Slider, LogSlider or Choice
        In the order in which they are shown.
    interactive : bool, optional
        True for widgets, False for the static figure at the controls' first values. Default:
        widgets in a notebook where ipywidgets is installed and ``NNLIB_WIDGETS`` is not ``off``.

    Returns
    -------
    ipywidgets.VBox or Figure
    """
    if not interactive_here(interactive):
        return draw(**{name: control.value for name, control in controls.items()})
    import ipywidgets

    knobs = {name: control.widget() for name, control in controls.items()}
    picture = ipywidgets.HTML()

    def redraw(_: object = None) -> None:
        try:
            picture.value = draw(**{name: knob.value for name, knob in knobs.items()}).html()
        except ValueError as error:  # values that do not go together: say so where they were set
            picture.value = f'<p role="alert">{escape(str(error))}</p>'

    for knob in knobs.values():
        knob.observe(redraw, names="value")
    redraw()
    return ipywidgets.VBox([*knobs.values(), picture])
