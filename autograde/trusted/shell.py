"""An IPython shell without terminal, history or kernel, whose outputs are collected and capped.

Both processes run cells in one, so that a cell behaves as in Jupyter: the last value is shown,
magics work, figures appear. It is made once in the warm parent.
"""

from __future__ import annotations

import builtins
import sys
import tempfile
import traceback
import warnings
from _sitebuiltins import _Helper
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograde.engine.report import Report

MAX_LINE = 300


class OutputLimit(Exception):
    """A cell shows more than it may."""


class Outputs:
    """What a cell shows: ['stream', name, text], ['display', text, png] and ['result', ...]."""

    def __init__(self) -> None:
        self.limit = 1 << 20
        self.clear()

    def clear(self) -> None:
        self.items: list[list[Any]] = []
        self.spent = 0
        self.over = False

    def _spend(self, count: int) -> None:
        self.spent += count
        if self.spent > self.limit:
            self.over = True
            raise OutputLimit(f"this cell shows more than {self.limit:,} bytes")

    def text(self, name: str, text: str) -> None:
        room = max(self.limit - self.spent, 0)
        if text[:room]:
            if self.items and self.items[-1][:2] == ["stream", name]:
                self.items[-1][2].append(text[:room])
            else:
                self.items.append(["stream", name, [text[:room]]])
        self._spend(len(text))

    def show(self, kind: str, bundle: dict[str, Any]) -> None:
        """Take a bundle of one value in several forms. Only text and PNG pictures are kept, and the
        HTML for whoever may trust it."""
        text, png = bundle.get("text/plain", ""), bundle.get("image/png")
        # By type: `isinstance` believes a proxy, which says what the learner's side says.
        if type(png) is bytes:
            png = png.decode("ascii", "replace")
        text = text if issubclass(type(text), str) else ""
        png = png if issubclass(type(png), str) else None
        self._spend(len(text) + len(png or ""))
        self.items.append([kind, text, png, bundle.get("text/html")])

    def taken(self) -> list[list[Any]]:
        """The outputs so far; begin anew."""
        items = [["stream", i[1], "".join(i[2])] if i[0] == "stream" else i for i in self.items]
        self.clear()
        return [[_unicode(part) for part in item] for item in items]


def _unicode(part: Any) -> Any:
    """A string without lone surrogates, which no file takes."""
    return part.encode("utf-8", "replace").decode() if isinstance(part, str) else part


class Stream:
    """`sys.stdout` or `sys.stderr` of a cell."""

    encoding = "utf-8"
    errors = "replace"
    closed = False

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self.name = outputs, name

    def write(self, text: str) -> int:
        if not issubclass(type(text), str):  # one that only says so could not be joined
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.text(self.name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError("a notebook's output is not a file")


class _Hook(DisplayHook):
    def compute_format_data(self, result: Any) -> Any:
        if type(result) is Report:
            as_text = self.shell.reports_as_text
            return {"text/plain": str(result)} if as_text else result._repr_mimebundle_(), {}
        return super().compute_format_data(result)

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.show("result", format_dict)

    def finish_displayhook(self) -> None:
        pass


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, **rest: Any) -> None:
        self.shell.outputs.show("display", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.items.clear()


class Shell(InteractiveShell):
    """IPython's shell with collected outputs. `caught` is the last cell's exception, or None."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    reports_as_text = False
    """Where HTML is not kept, a check's report is worth more as its text than as its score."""

    def __init__(self, **kwargs: Any) -> None:
        self.outputs = Outputs()
        self.caught: BaseException | None = None
        self._foreseen: dict[str, str] = {}
        super().__init__(**kwargs)

    def init_io(self) -> None:
        pass

    def foresee(self, source: str) -> str:
        """Translate a cell that will come."""
        self._foreseen[source] = self.transform_cell(source)
        self._rules = self._translation()
        return self._foreseen[source]

    def transform_cell(self, raw_cell: str) -> str:
        known = self._foreseen.get(raw_cell)
        if known is None or self._rules != self._translation():
            return super().transform_cell(raw_cell)
        return known

    def _translation(self) -> list[list[Any]]:
        """What a cell may change about how the next ones are translated."""
        own = self.input_transformer_manager
        steps = (own.cleanup_transforms, own.line_transforms, own.token_transformers)
        return [*map(list, steps), list(self.input_transformers_post)]

    def system(self, command: str) -> None:
        _no_command(f"!{command}")

    def ask_exit(self) -> None:
        raise OSError("`exit()` does nothing when a notebook is graded: the cells behind it run.")

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        self.system(cmd)

    def enable_gui(self, gui: Any = None) -> None:
        pass

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        self.caught = (exc_tuple or sys.exc_info())[1]

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        self.caught = sys.exc_info()[1]

    def run(self, source: str) -> Any:
        """Run one cell; return its last value. Its exception is in `caught`, what it shows in
        `outputs`."""
        self.caught = None
        self.outputs.clear()
        keep = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Stream(self.outputs, "stdout"), Stream(self.outputs, "stderr")
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = keep
        if self.caught is None:
            self.caught = result.error_before_exec or result.error_in_exec
        return result.result


def make_shell() -> Shell:
    """The process's one shell."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.enable_html_pager = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell = Shell.instance(config=config, ipython_dir=tempfile.gettempdir())
    shell.display_formatter.active_types = ["text/plain", "text/html", "image/png"]
    for name in shell.magics_manager.registry["ScriptMagics"].magics["cell"]:
        shell.register_magic_function(_no_script(name), "cell", name)
    shell.run("None")  # the first cell compiles and imports what all others share
    shell.execution_count = 1
    shell.history_manager.reset()
    builtins.input = no_input
    builtins.help = _Helper()  # as in every notebook; `site`, which brings it, is not imported
    return shell


def _no_command(command: str) -> NoReturn:
    raise OSError(
        f"`{command}` cannot run: shell commands are not available when a notebook is graded."
    )


def _no_script(name: str) -> Callable[[str, str], None]:
    """A cell that begins with `%%bash`, or another program's name."""
    return lambda line, cell: _no_command(f"%%{name}")


def no_input(prompt: object = "") -> str:
    raise OSError("`input()` waits for a person, and nobody is there when a notebook is graded.")


def cell_line(error: BaseException) -> str:
    """The innermost line of a notebook cell in the error's traceback, as the engine writes it."""
    try:
        if isinstance(error, SyntaxError) and error.lineno and not error.__traceback__:
            return f"line {error.lineno}: {(error.text or '').strip()}"[:MAX_LINE]
        frames = traceback.extract_tb(error.__traceback__, limit=-50)
        for frame in reversed(frames):
            if frame.filename.startswith("<ipython-input") and frame.line:
                where = "" if frame.name == "<module>" else f" of {frame.name}"
                return f"line {frame.lineno}{where}: {frame.line.strip()}"[:MAX_LINE]
    except Exception:
        return ""  # the learner's own exception class may do anything when it is looked at
    return ""
