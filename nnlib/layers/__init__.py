"""Layers: each computes ``forward(x)``, and from dL/dy its ``backward(dy)``."""

from nnlib.layers.activation import ActivatedLayer, Activation
from nnlib.layers.batch_normalization import BatchNormalization
from nnlib.layers.conv2d import Conv2D
from nnlib.layers.dense import Dense
from nnlib.layers.dropout import Dropout
from nnlib.layers.flatten import Flatten
from nnlib.layers.input import Input
from nnlib.layers.layer import Layer, Weight
from nnlib.layers.pooling import AveragePooling2D, MaxPooling2D

__all__ = [
    "ActivatedLayer",
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "MaxPooling2D",
    "Weight",
]
