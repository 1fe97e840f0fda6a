"""What learners wrote, as HTML that runs nothing, loads nothing, and hides nothing: filters for
nbconvert's templates."""

from __future__ import annotations

import html
import re
from typing import Any
from xml.etree import ElementTree

import nh3
from jinja2 import pass_context
from latex2mathml.converter import convert as to_mathml
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograde.trusted.display import plain

MAX_MARKDOWN = 100_000  # characters; beyond, and where the parser gives up, it is shown as text
MAX_FORMULA = 2_000

_ATTRIBUTES = {
    "*": {"class", "style"},
    "a": {"href", "title"},
    "div": {"role"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
# In the page, or a file that nbgrader copied beside it.
_IMAGE = re.compile(
    r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*"
    r"|[\w-][\w.-]*(/[\w-][\w.-]*)*\.(png|jpe?g|gif|webp|svg)",
    re.IGNORECASE,
)
_CODE_CLASS = re.compile(r"highlight|hl-\w+|[a-z][a-z0-9]{0,2}")  # those of Pygments
_STYLE = re.compile(r"text-align:\s?(left|right|center)")  # a table's column
_REPORT_STYLE = re.compile(r"border-left:6px (solid|double|dotted|dashed) #[0-9a-f]{6}")

_MATH_TAG = re.compile(
    "m(ath|frac|i|n|o|over|padded|phantom|root|row|space|sqrt|style|sub|subsup|sup|table|td|text|tr"
    "|under|underover|enclose|multiscripts)"
)
_MATH_ATTRIBUTE = re.compile(
    "accent|accentunder|columnalign|columnlines|display|displaystyle|fence|form|largeop|lspace"
    "|linethickness|mathvariant|maxsize|minsize|movablelimits|notation|rowlines|rspace|scriptlevel"
    "|separator|stretchy|symmetric|width"
)
_MATH_VALUE = re.compile(r"[a-z-]+( [a-z-]+)*|[0-9.]{1,5}(em|ex|%)?")
_FIRST, _LAST = "\ue000", "\ue001"  # around a formula's number
_STASHED = re.compile(f"{_FIRST}(\\d+){_LAST}")


def clean(markup: str) -> str:
    """An output's HTML. Of our own reports the border stays, which tells outcomes apart by its
    kind."""
    return _clean(markup, report=True)


def as_text(text: str) -> str:
    """Text without terminal escapes, as HTML that shows it as it is."""
    return html.escape(plain(text))


@pass_context
def from_markdown(context: Any, source: str) -> str:
    """A Markdown cell or a comment, as HTML with its formulas in MathML."""
    source = source.replace(_FIRST, "").replace(_LAST, "")
    renderer = _Renderer((context.get("cell") or {}).get("attachments") or {})
    try:
        if len(source) > MAX_MARKDOWN:
            raise RecursionError
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except RecursionError:
        return f"<pre>{html.escape(plain(source))}</pre>"
    cleaned = _clean(plain(rendered), report=False)
    return _STASHED.sub(lambda m: _formula(*renderer.formulas[int(m[1])]), cleaned)


class _Renderer(IPythonRenderer):
    """nbconvert's, with formulas put aside, since the sanitiser would take them apart."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self.formulas: list[tuple[str, bool]] = []

    def inline_math(self, body: str) -> str:
        return self._aside(body, block=False)

    def block_math(self, body: str) -> str:
        return self._aside(body, block=True)

    def multiline_math(self, text: str) -> str:
        return self._aside(text, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._aside(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def _aside(self, tex: str, *, block: bool) -> str:
        self.formulas.append((tex, block))
        return f"{_FIRST}{len(self.formulas) - 1}{_LAST}"

    def _embed_image_or_attachment(self, src: str) -> str:
        # nbconvert's raises on an attachment that is missing.
        data = self.attachments.get(src.removeprefix("attachment:"), {})
        for mime in ("image/svg+xml", "image/png", "image/jpeg"):
            if mime in data:
                return f"data:{mime};base64,{data[mime]}"
        return src


def _clean(markup: str, *, report: bool) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        value = value.replace(_FIRST, "").replace(_LAST, "")
        match name:
            case "href":
                return value if _LINK.match(value) else None
            case "src":
                return value if _IMAGE.fullmatch(value) else None
            case "class":
                if report and value == "autograde-report":
                    return value
                if tag not in ("div", "span", "pre", "code"):
                    return None
                return " ".join(c for c in value.split() if _CODE_CLASS.fullmatch(c)) or None
            case "style":
                found = (_REPORT_STYLE if report else _STYLE).match(value)
                return found[0] if found else None
            case "role":
                return "status" if report and value == "status" else None
            case "width" | "height" | "colspan" | "rowspan" | "start":
                return value if re.fullmatch(r"\d{1,4}", value) else None
        return value

    return nh3.clean(
        markup,
        tags=nh3.ALLOWED_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _formula(tex: str, block: bool) -> str:
    """TeX as MathML, which browsers show without a script; as it was written where it is not
    understood."""
    try:
        if len(tex) > MAX_FORMULA:
            raise ValueError("too long")
        shown = to_mathml(tex, display="block" if block else "inline")
        root = ElementTree.fromstring(shown)
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
            if not _MATH_TAG.fullmatch(element.tag):
                raise ValueError(element.tag)
            for name, value in list(element.attrib.items()):
                if not _MATH_ATTRIBUTE.fullmatch(name) or not _MATH_VALUE.fullmatch(value):
                    del element.attrib[name]
        return ElementTree.tostring(root, encoding="unicode")
    except Exception:  # whatever its parser meets in what a learner typed
        mark = "$$" if block else "$"
        return f"<code>{html.escape(f'{mark}{plain(tex)}{mark}')}</code>"
