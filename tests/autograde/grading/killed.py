"""Run by `test_write.py` in a process of its own: saves one submission, and is killed at a step.

Given: ROOT, ASSIGNMENT, STUDENT, MARKED, STEP, COUNT (where the number of steps is written).
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from autograde.grading.course import Course
from autograde.grading.plan import read
from autograde.grading.write import save

steps = 0
watching = False
# What a save does to the disk; each is a point at which a machine may stop.
CHANGES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.copyfile"}


def step(*_: object) -> None:
    global steps
    if watching:
        steps += 1
        if steps == STEP:  # noqa: F821  given
            os.kill(os.getpid(), signal.SIGKILL)


course = Course(Path(ROOT), ASSIGNMENT)  # noqa: F821
submission = read(course, STUDENT)  # noqa: F821
sys.addaudithook(lambda name, _: step() if name in CHANGES else None)
for moment in ("before_cursor_execute", "commit"):
    event.listen(course.gradebook.engine, moment, step)
event.listen(course.gradebook.db.session_factory, "after_commit", step)
watching = True
save(course, submission, MARKED)  # noqa: F821
watching = False
course.close()
Path(COUNT).write_text(str(steps))  # noqa: F821
