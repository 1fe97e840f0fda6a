"""A quiz is shown, and asks nothing of the network."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from nnlib.widgets import display_quiz

QUESTIONS = [
    {
        "question": "Which of these is even?",
        "type": "multiple_choice",
        "answers": [
            {"answer": "4", "correct": True, "feedback": "Two times two."},
            {"answer": "5", "correct": False, "feedback": "One is left over."},
        ],
    }
]


def test_the_quiz_is_shown_without_an_address_in_it() -> None:
    InteractiveShell.instance()
    with capture_output() as shown:
        display_quiz(QUESTIONS)
    text = "".join(str(value) for output in shown.outputs for value in output.data.values())
    assert "Which of these is even?" in text
    assert "One is left over." in text
    assert "mathjax@3" not in text
    assert "appendChild(script)" not in text
    assert "show_questions" in text or "make_mc" in text, "the program that asks is still there"
