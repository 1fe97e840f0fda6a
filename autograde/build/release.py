"""The student version of a module, written by nbgrader's own `generate_assignment`."""

from __future__ import annotations

import logging
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograde.build.problem import BuildError, Problem


def settings(root: Path) -> Config:
    """What the course's `nbgrader_config.py` says: nbgrader's commands read the same file."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def release(root: Path, module_id: str) -> Path:
    """Write `course/MODULE` from `solutions/MODULE`, without a gradebook. Returns the folder,
    relative to `root`."""
    config = settings(root)
    config.SaveCells.enabled = False
    course = CourseDirectory(config=config, root=str(root), assignment_id=module_id, student_id=".")
    converter = GenerateAssignment(
        coursedir=course, config=config, no_database=True, force=True, permissions=644
    )
    log = logging.getLogger("autograde.release")
    log.setLevel(logging.ERROR)
    converter.log = log
    try:
        converter.start()
    except Exception as error:
        message = f"nbgrader cannot make the student version: {error}"
        raise BuildError([Problem(f"solutions/{module_id}", "", message)]) from error
    return Path(course.release_directory, module_id)
