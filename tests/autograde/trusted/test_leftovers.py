"""What a grader leaves behind when it is killed: nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

KILLED = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from autograde.trusted import Cell, Grader, Paper
with Grader(Paper(files={"points.csv": b"1,2\\n"})) as grader:
    grader.grade([Cell("pass", "learner")])
    print("graded", flush=True)
    sys.stdin.read()
"""


def test_no_folder_stays_when_the_grader_is_killed(tmp_path: Path) -> None:
    grader = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert grader.stdout is not None
    assert grader.stdin is not None
    assert grader.stdout.readline() == b"graded\n"
    assert len(list(tmp_path.iterdir())) == 2
    os.kill(grader.pid, signal.SIGKILL)
    grader.communicate()
    end = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.1)
    assert not list(tmp_path.iterdir())
