"""nbgrader's CSV export, in which a submission that has not been graded yet has no score, and not
the score 0."""

from __future__ import annotations

from pathlib import Path

from nbgrader import plugins
from nbgrader.api import Gradebook

from autograde.front.converter import UNFINISHED
from autograde.front.journal import never_graded

_SCORES = slice(-4, -1)  # raw_score, late_submission_penalty, score; max_score stays


class CsvExportPlugin(plugins.CsvExportPlugin):
    """Leaves the scores of what was handed in and not graded empty: the grader failed, or was
    killed, or did not run yet. Who handed in nothing has 0, as nbgrader documents."""

    def export(self, gradebook: Gradebook) -> None:
        super().export(gradebook)
        path = Path(self.to or "grades.csv")
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        lines = [head]
        for row in rows:
            fields = row.split(",")  # nbgrader joins them so, and quotes nothing
            if self._waits(gradebook, fields[0], fields[3]):
                fields[_SCORES] = ["", "", ""]
            lines.append(",".join(fields))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _waits(self, gradebook: Gradebook, assignment: str, student: str) -> bool:
        course = self.parent.coursedir
        place = student, assignment
        graded = Path(course.format_path(course.autograded_directory, *place))
        if not Path(course.format_path(course.submitted_directory, *place)).is_dir():
            return False
        return (graded / UNFINISHED).exists() or never_graded(gradebook, assignment, student)
