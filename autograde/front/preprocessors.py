"""The lists of preprocessors that `nbgrader_config.py` gives to nbgrader: its own, with ours in
their places."""

from __future__ import annotations

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from autograde.front.stub import WordedStubs

GENERATE = [
    WordedStubs if step is ClearSolutions else step
    for step in GenerateAssignment.class_traits()["preprocessors"].default()
]
