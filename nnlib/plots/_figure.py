"""A Matplotlib figure that carries alt text and shows itself in a notebook exactly once."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from matplotlib.figure import Figure as _MatplotlibFigure

from nnlib.plots._style import style


class Figure(_MatplotlibFigure):
    """A figure and, in ``alt_text``, the words for those who cannot see it.

    JupyterLab takes alt text from HTML only; nbconvert and printing also take the PNG. Both are
    in one bundle, of which a front-end shows one.
    """

    def __init__(self, alt_text: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alt_text = alt_text

    def png(self) -> bytes:
        """Return the picture, with two pixels per CSS pixel for sharp screens."""
        buffer = io.BytesIO()
        with style():
            self.savefig(buffer, format="png", dpi=2 * 80, metadata={"Software": None})
        return buffer.getvalue()

    def html(self) -> str:
        """Return the picture as an ``<img>`` that needs no other file."""
        return self._image_tag(base64.b64encode(self.png()).decode())

    def _image_tag(self, png: str) -> str:
        return (
            f'<img alt="{escape(self._words(), quote=True)}" width="{self._width()}"'
            f' style="max-width: 100%; height: auto" src="data:image/png;base64,{png}">'
        )

    def _width(self) -> int:
        return round(80 * self.get_figwidth())

    def _words(self) -> str:
        if not self.alt_text:
            raise ValueError(
                "This figure has no alt text. Set figure.alt_text to a sentence that says what "
                "the picture shows, with its numbers."
            )
        return self.alt_text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        png = base64.b64encode(self.png()).decode()
        data = {"text/html": self._image_tag(png), "image/png": png, "text/plain": self._words()}
        return data, {"image/png": {"alt": self._words(), "width": self._width()}}

    def _repr_html_(self) -> str:
        return self.html()
