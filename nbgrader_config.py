"""nbgrader's settings: its commands and the formgrader read this file from the course's root."""

import os
import sys
from pathlib import Path

import nbgrader

from autograde.front import converter, preprocessors

c = get_config()  # noqa: F821  nbgrader provides it

# nbgrader calls alembic by its name, which is found without activating the environment only so.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])

c.CourseDirectory.course_id = "neural_networks"
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
# nbgrader copies every other file of a source folder into the release and into each graded
# folder. The sources and checks.py hold the answers: no .py file travels. cases.json holds none,
# and travels by that habit.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    "*.py",
]

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}
c.GenerateAssignment.preprocessors = preprocessors.GENERATE

# Every file that was handed in comes through: repaired from the release, or as a blank notebook
# that says why. It is run so that its learner cannot reach the tests, the answers or the marks.
c.Autograde.exporter_class = "autograde.front.exporter.SubmissionExporter"
c.Autograde.autograde_preprocessors = preprocessors.AUTOGRADE
c.Execute.timeout = 20  # seconds for one cell
converter.install()
# What a learner has only linked to does not become a submission.
c.ExchangeFactory.collect = "autograde.front.collect.TrustedCollect"
c.ExportApp.plugin_class = "autograde.front.export.CsvExportPlugin"

# What is shown of a submission, in feedback and in the formgrader, runs nothing and loads nothing.
c.GenerateFeedback.exporter_class = "autograde.front.feedback.FeedbackExporter"
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "autograde.front.markup.from_markdown",
    "clean_html": "autograde.front.markup.clean",
    "ansi2html": "autograde.front.markup.as_text",
}
# The formgrader needs no network: its template finds ours first, in place of a remote MathJax.
c.HTMLExporter.extra_template_basedirs = [
    str(Path(converter.__file__).parent / "templates"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
