"""nbgrader's ClearSolutions, with stubs that an author can word: lines beginning `#: ` in a
solution are the stub."""

from __future__ import annotations

import re

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

_STUB_LINE = re.compile(r"^(?P<indent>\s*)#: ?(?P<code>.*)$")


class WordedStubs(ClearSolutions):
    """Replaces each solution region by the region's `#: ` lines, or by nbgrader's stub where it has
    none.

    A find-the-bug begins with code that runs and is wrong; a fill-in at a cell's top level must run
    too. nbgrader knows one stub for all cells, which raises.
    """

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        if cell.cell_type != "code" or "#:" not in cell.source:
            return super()._replace_solution_region(cell, language)
        lines: list[str] = []
        inside = False
        worded = False
        for line in cell.source.split("\n"):
            if self.begin_solution_delimeter in line:
                inside, worded = True, False
                indent = line[: len(line) - len(line.lstrip())]
            elif self.end_solution_delimeter in line:
                inside = False
                if not worded:
                    lines += [indent + s for s in self.code_stub[language].split("\n")]
            elif not inside:
                lines.append(line)
            elif match := _STUB_LINE.match(line):
                worded = True
                lines.append((match["indent"] + match["code"]).rstrip())
        cell.source = "\n".join(lines)
        return True
