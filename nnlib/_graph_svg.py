"""The drawing of a computation graph, as SVG text."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlib.graph import Value

HEIGHT, LETTER = 54, 7.5  # of a box, and the mean width of a letter
ACROSS, DOWN, MARGIN = 46, 34, 24  # between boxes, and around all
SIGNS = {"*": "×", "-": "−"}

# Every rule begins with the drawing's class, for a style in a notebook holds for the whole page.
STYLE = "".join(
    f".nnlib-graph {rule}"
    for rule in (
        "text{font:13px sans-serif;fill:#1a1a1a}",
        "text.op{fill:#555}",
        "text.grad{fill:#a33}",
        ".label{font-weight:bold}",
        "rect{fill:#f4f7fb;stroke:#4a6fa5;stroke-width:1.3}",
        ".input rect{fill:#fff7e6;stroke:#b9822b}",
        "rect.page{fill:#fff;stroke:none}",
        "path{fill:none;stroke:#8a8a8a;stroke-width:1.3}",
        "path.head{fill:#8a8a8a;stroke:none}",
    )
)


def render(order: list[Value], show: Callable[[float], str]) -> tuple[str, str]:
    """The SVG and a description in words, for values in topological order."""
    columns = _columns(order)
    texts = [f"{v.label} = {show(v.data)}" for v in order] + [f"grad {show(v.grad)}" for v in order]
    box = max(100, LETTER * max(len(text) for text in texts) + 16)
    tallest = max(len(column) for column in columns)
    place: dict[int, tuple[float, float]] = {}
    for i, column in enumerate(columns):
        top = MARGIN + (tallest - len(column)) * (HEIGHT + DOWN) / 2 + 14
        for j, value in enumerate(column):
            place[id(value)] = (MARGIN + i * (box + ACROSS), top + j * (HEIGHT + DOWN))
    width = 2 * MARGIN + len(columns) * (box + ACROSS) - ACROSS
    height = 2 * MARGIN + 14 + tallest * (HEIGHT + DOWN) - DOWN
    words = _words(order, show)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nnlib-graph" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">',
        f"<title>Computation graph</title><desc>{escape(words)}</desc>",
        f'<style>{STYLE}</style><rect class="page" width="{width:g}" height="{height:g}"/>',
    ]
    for value in order:
        for parent, _ in value.parents:
            parts.append(_edge(place[id(parent)], place[id(value)], box))
    for value in order:
        parts.append(_box(value, place[id(value)], box, show))
    parts.append("</svg>")
    return "".join(parts), words


def _columns(order: list[Value]) -> list[list[Value]]:
    """Put each value one column right of its last parent, and an input just left of its first use.

    Within a column, values stand at the mean height of what they feed, so that few edges cross.
    """
    depth: dict[int, int] = {}
    for value in order:
        depth[id(value)] = 1 + max((depth[id(p)] for p, _ in value.parents), default=-1)
    uses: dict[int, list[Value]] = {id(value): [] for value in order}
    for value in order:
        for parent, _ in value.parents:
            uses[id(parent)].append(value)
    for value in order:
        if not value.parents and uses[id(value)]:
            depth[id(value)] = min(depth[id(user)] for user in uses[id(value)]) - 1
    columns: list[list[Value]] = [[] for _ in range(1 + max(depth.values()))]
    for value in order:
        columns[depth[id(value)]].append(value)
    height: dict[int, float] = {}
    for column in reversed(columns):
        column.sort(
            key=lambda v: sum(height[id(u)] for u in uses[id(v)]) / max(1, len(uses[id(v)]))
        )
        for j, value in enumerate(column):
            height[id(value)] = j - (len(column) - 1) / 2
    return columns


def _edge(start: tuple[float, float], end: tuple[float, float], box: float) -> str:
    x0, y0 = start[0] + box, start[1] + HEIGHT / 2
    x1, y1 = end[0], end[1] + HEIGHT / 2
    bend = (x0 + x1) / 2
    return (
        f'<path d="M{x0:g},{y0:g} C{bend:g},{y0:g} {bend:g},{y1:g} {x1 - 6:g},{y1:g}"/>'
        f'<path class="head" d="M{x1:g},{y1:g} l-8,-4 v8 z"/>'
    )


def _box(
    value: Value, corner: tuple[float, float], box: float, show: Callable[[float], str]
) -> str:
    x, y = corner
    middle = x + box / 2
    name = f'<tspan class="label">{escape(value.label)}</tspan> = ' if value.label else ""
    operation = (
        f'<text class="op" x="{middle:g}" y="{y - 5:g}" text-anchor="middle">'
        f"{escape(SIGNS.get(value.operation, value.operation))}</text>"
        if value.operation
        else ""
    )
    return (
        f'<g class="{"value" if value.parents else "input"}">'
        f'<rect x="{x:g}" y="{y:g}" width="{box:g}" height="{HEIGHT}" rx="6"/>{operation}'
        f'<text x="{middle:g}" y="{y + 22:g}" text-anchor="middle">'
        f"{name}{escape(show(value.data))}</text>"
        f'<text class="grad" x="{middle:g}" y="{y + 42:g}" text-anchor="middle">'
        f"grad {escape(show(value.grad))}</text></g>"
    )


def _words(order: list[Value], show: Callable[[float], str]) -> str:
    sentences = []
    for i, value in enumerate(order):
        name = value.label or f"value {i + 1}"
        how = f", by {value.operation}" if value.operation else ""
        sentences.append(f"{name} is {show(value.data)}{how}, gradient {show(value.grad)}")
    return "Computation graph. " + "; ".join(sentences) + "."
