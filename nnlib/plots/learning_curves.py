"""Learning curves: how loss and accuracy go, epoch by epoch, in training and validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib.plots._arguments import count, history_of, score
from nnlib.plots._style import COLOURS, GREY, LINES, MARKERS, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


def _say(key: str) -> str:
    return key.replace("_", " ")


def label_ends(ax: Any, ends: list[tuple[float, float, str, Any]]) -> None:
    """Write each curve's name at its right end, moved apart where two names would meet.

    ``ends`` holds (x, y, text, colour) for each curve.
    """
    ax.margins(y=0.08)
    ax.autoscale_view()  # else transData still has the limits of an empty plot
    scale = ax.transData
    low, high = ax.get_window_extent().y0, ax.get_window_extent().y1
    gap = 0.07 * (high - low)
    heights: list[float] = []
    order = sorted(range(len(ends)), key=lambda k: ends[k][1])
    for k in order:
        height = float(scale.transform(ends[k][:2])[1])
        heights.append(max(height, heights[-1] + gap) if heights else height)
    for k, height in zip(order, heights, strict=True):
        x, y, text, colour = ends[k]
        moved = (height - float(scale.transform((x, y))[1])) * 72 / ax.figure.dpi
        ax.annotate(
            text,
            (x, y),
            xytext=(8, moved),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
            annotation_clip=False,
        )


def draw_curves(ax: Any, named: Mapping[str, np.ndarray], ylabel: str, log: bool = False) -> None:
    """Draw named curves over epochs 1, 2, ... on ``ax``, told apart by line, marker and name."""
    ends = []
    for k, (name, values) in enumerate(named.items()):
        epochs = np.arange(1, len(values) + 1)
        colour = COLOURS[k % len(COLOURS)]
        ax.plot(
            epochs,
            values,
            color=colour,
            linestyle=LINES[k % len(LINES)],
            marker=MARKERS[k % len(MARKERS)],
            markevery=max(1, len(values) // 8),
            markersize=6,
        )
        finite = np.flatnonzero(np.isfinite(values))
        if len(finite):
            last = finite[-1]
            text = f"{name} {score(values[last])}"
            if last < len(values) - 1:
                text += f", then {values[last + 1]:g}"
            ends.append((float(epochs[last]), float(values[last]), text, colour))
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.get_major_locator().set_params(integer=True)
    label_ends(ax, ends)


def _ends(name: str, values: np.ndarray) -> str:
    """Return the words for one curve: where it starts, ends and is best."""
    first, last = score(values[0]), score(values[-1])
    text = f"{_say(name)} goes from {first} to {last} in {count(len(values), 'epoch')}"
    finite = values[np.isfinite(values)]
    if len(finite) and name.endswith("loss") and finite.min() < 0.98 * values[-1]:
        text += f", lowest {score(finite.min())} in epoch {int(np.nanargmin(values)) + 1}"
    return text


def _mark_best(ax: Any, losses: np.ndarray) -> None:
    """Draw a line at the epoch of the lowest loss, unless it is the last one."""
    if not np.isfinite(losses).any():
        return
    best = int(np.nanargmin(losses)) + 1
    if best == len(losses):
        return
    ax.axvline(best, color=GREY, linewidth=1.2, linestyle=(0, (2, 2)))
    ax.annotate(
        f"best: {best}",
        (best, 1.0),
        xytext=(4, -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
    )


@plot
def curves(history: Any, *, log: bool = False, title: str | None = None) -> Figure:
    """Draw the learning curves of one training run, training beside validation.

    Parameters
    ----------
    history : History, dict of lists, or list of losses
        What ``fit`` returns (nnlib's or Keras's), or its ``history``; keys such as ``"loss"``,
        ``"val_loss"``, ``"accuracy"``. One number per epoch. Each metric gets its own panel.
    log : bool
        Losses on a logarithmic axis.
    title : str, optional

    Returns
    -------
    Figure
    """
    record = history_of(history)
    metrics = [key for key in record if not key.startswith("val_")]
    metrics += [key[4:] for key in record if key.startswith("val_") and key[4:] not in record]
    fig = figure(size=(max(6.5, 5.2 * len(metrics)), 4.0))
    axes = fig.subplots(1, len(metrics), squeeze=False)[0]
    for ax, metric in zip(axes, metrics, strict=True):
        named = {
            name: record[key]
            for key, name in ((metric, "training"), (f"val_{metric}", "validation"))
            if key in record
        }
        draw_curves(ax, named, _say(metric), log and "loss" in metric)
        ax.set_title(_say(metric).capitalize())
        if metric == "loss" and "val_loss" in record:
            _mark_best(ax, record["val_loss"])
    if title:
        fig.suptitle(title)
    told = (
        _ends(f"validation {key[4:]}" if key.startswith("val_") else f"training {key}", values)
        for key, values in record.items()
    )
    fig.alt_text = f"Learning curves: {'; '.join(told)}."
    return fig


@plot
def compare_curves(
    histories: Mapping[str, Any],
    metric: str = "loss",
    *,
    log: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw one metric of several training runs in one panel, each with its name at its end.

    Parameters
    ----------
    histories : mapping from name to history
        Each value is anything that `curves` takes.
    metric : str
        Which curve to draw: ``"loss"``, ``"val_accuracy"``, ...
    log : bool
        A logarithmic axis.
    title : str, optional

    Returns
    -------
    Figure
    """
    if not isinstance(histories, Mapping) or not histories:
        raise TypeError(
            'compare_curves: expected a dict from names to histories, such as {"SGD": history}.'
        )
    named = {}
    for name, history in histories.items():
        record = history_of(history, str(name))
        if metric not in record:
            raise ValueError(
                f"compare_curves: {name!r} has no {metric!r}; it has {', '.join(record)}."
            )
        named[str(name)] = record[metric]
    fig = figure(size=(7.4, 4.2))
    ax = fig.subplots()
    draw_curves(ax, named, _say(metric), log)
    ax.set_title(title or f"{_say(metric)} of {len(named)} runs".capitalize())
    fig.alt_text = (
        f"{_say(metric)} by epoch: ".capitalize()
        + "; ".join(_ends(name, values) for name, values in named.items())
        + "."
    )
    return fig
