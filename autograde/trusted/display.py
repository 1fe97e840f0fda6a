"""Outputs of cells as nbformat's records, with nothing in them that a page would execute."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import Any

from autograde.engine.report import Report
from autograde.trusted.channel import Broken
from autograde.trusted.proxies import is_remote

MORE = "[The rest is left out: the notebook shows too much.]"
MAX_PIXELS = 25_000_000
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str, limit: int | None = None) -> str:
    """Text without terminal escapes, control codes, and what a carriage return wrote over."""
    text = _ESCAPES.sub("", text)
    lines = text.replace("\r\n", "\n").split("\n")
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    text = _CONTROLS.sub("", text)
    return text if limit is None or len(text) <= limit else text[: limit - 3] + "..."


def learner_outputs(items: list[Any], error: Any, count: int, room: int) -> list[dict[str, Any]]:
    """What the student process says that a cell showed, as plain text and PNG pictures: the first
    `room` characters of it."""
    outputs = []
    for item in items[:1000]:
        match item:
            case ["stream", "stdout" | "stderr" as name, str(text)]:
                outputs.append(_stream(name, plain(text[:room])))
            case ["result" | "display" as kind, str(text), png] if png is None or type(png) is str:
                data: dict[str, Any] = {"text/plain": plain(text[:room])}
                if png is not None and len(text) + len(png) <= room and _is_picture(png):
                    data["image/png"] = png
                outputs.append(_shown(kind, data, count))
            case _:
                raise Broken("not an output")
        room -= sum(map(len, filter(None, item[1:])))
        if room < 0:
            outputs.append(_stream("stdout", MORE))
            break
    if error is not None:
        name, _, text, line, *_ = error
        text = plain(text, 5000)
        trace = [plain(f"{name}: {text}")]
        if line:
            trace.insert(0, plain(line))
        outputs.append({"output_type": "error", "ename": name, "evalue": text, "traceback": trace})
    return outputs


def own_outputs(items: list[Any], value: Any, count: int, room: int) -> list[dict[str, Any]]:
    """What a test cell showed, of what was printed the first `room` characters. Only our own report
    may be HTML; what the learner's code wrote to stderr goes to stdout, since nbgrader takes the
    points of a cell that writes there."""
    outputs = []
    for item in items:
        if item[0] == "stream":
            text = item[2] if len(item[2]) <= room else item[2][:room] + MORE
            outputs.append(_stream("stdout", plain(text)))
            continue
        kind, text, png, markup = item
        data = {"text/plain": plain(text)}
        if png and _is_picture(png):
            data["image/png"] = png
        if kind == "result" and type(value) is Report and isinstance(markup, str):
            data["text/html"] = plain(markup)
        if kind == "result" and is_remote(value):
            data = {"text/plain": f"<{type(value).__name__} of the learner>"}
        outputs.append(_shown(kind, data, count))
    return outputs


def size(outputs: list[dict[str, Any]]) -> int:
    """The characters that these outputs have."""
    texts = ([o.get("text", ""), *o.get("data", {}).values()] for o in outputs)
    return sum(len(text) for group in texts for text in group)


def _stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _shown(kind: str, data: dict[str, Any], count: int) -> dict[str, Any]:
    if kind == "result":
        return {
            "output_type": "execute_result",
            "execution_count": count,
            "data": data,
            "metadata": {},
        }
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _is_picture(text: str) -> bool:
    """Whether this is a PNG of a size that a browser can show."""
    try:
        head = base64.b64decode(text, validate=False)[:24]
        base64.b64decode(text.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    if head[:8] != b"\x89PNG\r\n\x1a\n" or len(head) < 24:
        return False
    width, height = struct.unpack(">II", head[16:24])
    return 0 < width * height <= MAX_PIXELS
