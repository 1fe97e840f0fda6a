"""Who is in the demonstration class: what each learner hands in, and the mark that it must get,
worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograde.demo.submissions import Tamper, copy_cell, delete, rewrite

ASSIGNMENT = "05_softmax_network"
NOTEBOOK = "softmax_network_exercises"
MAX_SCORE = 20.0


@dataclass(frozen=True)
class Student:
    """One learner. The answers are the author's, but for those given here."""

    id: str
    story: str
    expected: float
    """Of 20 points, by hand: the reasons stand beside it."""
    answers: Mapping[str, str] = field(default_factory=dict)
    attempts: bool = True
    tamper: Tamper | None = None
    cut_off: bool = False
    late: bool = False


def _cheat(notebook: NotebookNode) -> None:
    """The one line that gives full marks for nothing in nbgrader 0.9.6."""
    line = "get_ipython().input_transformers_cleanup.append(lambda lines: ['100.0\\n'])"
    notebook.cells.insert(1, new_code_cell(line, id="cheat"))


LOOPS = {
    "softmax": """
import math

def softmax(Z):
    P = []
    for row in Z.tolist():
        top = max(row)
        e = [math.exp(z - top) for z in row]
        P.append([x / sum(e) for x in e])
    return np.array(P)
""",
    "cross_entropy": """
def cross_entropy(P, Y):
    total = 0.0
    for p, y in zip(P, Y):
        total -= math.log(max(sum(a * b for a, b in zip(p, y)), 1e-12))
    return total / len(P)
""",
    "predict": """
def predict(X, W1, b1, W2, b2):
    labels = []
    for x in X:
        P = forward(x[None, :], W1, b1, W2, b2)[3]
        labels.append(int(np.argmax(P[0])))
    return labels
""",
}

EINSUM = {
    "forward": """
def forward(X, W1, b1, W2, b2):
    X = X.astype(np.float32)
    Z1 = np.einsum("nd,dh->nh", X, W1.astype(np.float32)) + b1.astype(np.float32)
    A1 = np.tanh(Z1)
    Z2 = np.einsum("nh,hc->nc", A1, W2.astype(np.float32)) + b2.astype(np.float32)
    return Z1, A1, Z2, softmax(Z2)
""",
    "backward": """
def backward(X, Y, W2, A1, P):
    N = X.shape[0]
    dZ2 = P - Y
    dZ1 = np.einsum("nc,hc->nh", dZ2, W2) / np.cosh(np.arctanh(A1)) ** 2
    dW1 = np.einsum("nd,nh->dh", X, dZ1) / N
    dW2 = np.einsum("nh,nc->hc", A1, dZ2) / N
    return dW1, dZ1.mean(0), dW2, dZ2.mean(0)
""",
}

STUDENTS = [
    Student("ada", "every exercise right", 20),
    Student("bela", "every exercise right, in plain loops", 20, LOOPS),
    Student("chen", "every exercise right, in einsum and float32", 20, EINSUM),
    Student("dana", "nothing written", 0, attempts=False),
    Student(
        "emil",
        "softmax overflows for large scores",
        19,  # softmax(Z) is right, softmax(Z_large) is not: 1 of 2
        {"softmax": "def softmax(Z):\n    E = np.exp(Z)\n    return E / E.sum(1, keepdims=True)"},
    ),
    Student(
        "fay",
        "the popular wrong derivative, P * (1 - P)",
        # backward 0 of 4. train has the right number of losses and returns the weights that it
        # trained, but the second loss is wrong, and the last one stays at 0.019: 1 of 2.
        15,
        {
            "backward": """
def backward(X, Y, W2, A1, P):
    dZ2 = (P - Y) * P * (1 - P) / len(X)
    dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
"""
        },
    ),
    Student(
        "gus",
        "biases' gradients summed over the wrong axis",
        # dW1 and dW2 are right: 2 of 4. train raises in its first epoch, since four numbers do not
        # fit two biases: 0 of 2.
        16,
        {
            "backward": """
def backward(X, Y, W2, A1, P):
    dZ2 = (P - Y) / len(X)
    dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=1), A1.T @ dZ2, dZ2.sum(axis=1)
"""
        },
    ),
    Student(
        "hana",
        "all weights start at zero",
        19,  # shapes and biases are right, spread and randomness are not: 1 of 2
        {
            "initialise": """
def initialise(n_inputs, n_hidden, n_outputs, seed):
    W1, W2 = np.zeros((n_inputs, n_hidden)), np.zeros((n_hidden, n_outputs))
    return W1, np.zeros(n_hidden), W2, np.zeros(n_outputs)
"""
        },
    ),
    Student(
        "ivan",
        "predicted classes counted from 1",
        19,  # predict 0 of 1
        {"predict": "def predict(X, *weights):\n    return forward(X, *weights)[3].argmax(1) + 1"},
    ),
    Student(
        "jun",
        "an exception in predict",
        19,  # predict 0 of 1
        {"predict": "def predict(X, *weights):\n    return forward(X, *weights)[4]"},
    ),
    Student(
        "kai",
        "an infinite loop in train",
        18,  # train 0 of 2; everything else counts
        {"train": "def train(X, Y, W1, b1, W2, b2, epochs, learning_rate):\n    while True: pass"},
    ),
    Student(
        "lea",
        "sys.exit in forward",
        15,  # forward 0 of 2, and train (2) and predict (1) call it
        {"forward": "import sys\n\ndef forward(X, W1, b1, W2, b2):\n    sys.exit(0)"},
    ),
    Student(
        "mona",
        "right, and prints to stderr at every call",
        20,
        {
            "predict": """
import sys

def predict(X, W1, b1, W2, b2):
    print("predicting", file=sys.stderr)
    return forward(X, W1, b1, W2, b2)[3].argmax(axis=1)
"""
        },
    ),
    Student("nils", "right, a test cell deleted", 20, tamper=delete("check-backward")),
    Student("olga", "right, a test cell copied", 20, tamper=copy_cell("check-forward")),
    Student(
        "pia",
        "nothing written, a test cell worth 100",
        0,
        attempts=False,
        tamper=rewrite("check-softmax", "100.0", points=100),
    ),
    Student(
        "quin", "nothing written, a cheat that rewrites tests", 0, attempts=False, tamper=_cheat
    ),
    Student("rosa", "a file that was cut off", 0, cut_off=True),
    Student("sven", "every exercise right, after the due date", 20, late=True),
]
