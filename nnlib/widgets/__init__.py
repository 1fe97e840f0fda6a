"""Interactive views for JupyterLab, each with a static figure where there are no widgets.

ipywidgets is loaded when the first one is shown. ``NNLIB_WIDGETS=off`` in the environment, or
``interactive=False``, gives the static figure instead.
"""

from nnlib.widgets._explore import Choice, LogSlider, Slider, explore
from nnlib.widgets.explorers import (
    activation_explorer,
    backward_stepper,
    decision_line,
    kernel_explorer,
    optimizer_race,
    overfitting_explorer,
)
from nnlib.widgets.live_training import TrainingRun, training_view
from nnlib.widgets.quiz import display_quiz

__all__ = [
    "Choice",
    "LogSlider",
    "Slider",
    "TrainingRun",
    "activation_explorer",
    "backward_stepper",
    "decision_line",
    "display_quiz",
    "explore",
    "kernel_explorer",
    "optimizer_race",
    "overfitting_explorer",
    "training_view",
]
