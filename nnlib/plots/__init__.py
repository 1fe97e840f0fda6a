"""Figures for the course: each returns a Matplotlib figure with alt text in ``figure.alt_text``.

A notebook shows a figure, with its alt text, where a cell names it last or passes it to
``display``. Matplotlib is loaded when the first one is drawn.
"""

from nnlib.plots._style import figure
from nnlib.plots.activation_functions import activation, gradient_survival
from nnlib.plots.backward import backward_step
from nnlib.plots.boundaries import decision_boundary, decision_line
from nnlib.plots.confusion import confusion_matrix
from nnlib.plots.convolutions import kernel_over_image
from nnlib.plots.fits import overfitting
from nnlib.plots.histograms import activation_histograms
from nnlib.plots.learning_curves import compare_curves, curves
from nnlib.plots.live import training
from nnlib.plots.pictures import feature_maps, images, weights_as_images
from nnlib.plots.surfaces import loss_surface, optimizer_race
from nnlib.plots.wiring import network

__all__ = [
    "activation",
    "activation_histograms",
    "backward_step",
    "compare_curves",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "decision_line",
    "feature_maps",
    "figure",
    "gradient_survival",
    "images",
    "kernel_over_image",
    "loss_surface",
    "network",
    "optimizer_race",
    "overfitting",
    "training",
    "weights_as_images",
]
