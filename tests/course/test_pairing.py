"""An author may edit the notebook in JupyterLab: saving it gives back the source."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograde.build import module as modules

pytestmark = pytest.mark.course


def test_saving_a_notebook_gives_back_its_source(root: Path, folder: Path, tmp_path: Path) -> None:
    shutil.copy(root / "solutions" / "jupytext.toml", tmp_path)
    shutil.copy(root / "pyproject.toml", tmp_path)
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    module = modules.read(folder)
    for source in (module.lesson, module.assignment):
        paired = copy / source.name
        paired.unlink()
        notebook = paired.with_suffix(".ipynb")
        for command in (["jupytext", "--sync", notebook], ["ruff", "format", "-q", paired]):
            subprocess.run([sys.executable, "-m", *map(str, command)], check=True, cwd=copy)
        written = [line for line in paired.read_text().splitlines() if line]
        assert written == [line for line in source.read_text().splitlines() if line], source.name
