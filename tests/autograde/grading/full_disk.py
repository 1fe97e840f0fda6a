"""Run by `test_full_disk.py` in a mount namespace of its own: grades a class on a disk that is
full, less full, and no longer full.

Arguments: the course, which of its folders lies on the small disk, the scheduler's address, and
a folder for what each run leaves: `N/` with its gradebook, its graded files, `code` and `told`.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograde.cli import main

root, part, address, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
disk, kept = root / part, out / "kept"
shutil.copytree(disk, kept)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], check=True)
shutil.copytree(kept, disk, dirs_exist_ok=True)
ballast = disk / "ballast"
os.chdir(root)
for number, free in enumerate((0, 4_096, 16_384, 65_536, 131_072, None)):  # bytes
    if free is not None:
        about = os.statvfs(disk)
        ballast.write_bytes(bytes(about.f_bavail * about.f_bsize - free))
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        code = main(["grade", "01_double", "--scheduler", address])
    ballast.unlink(missing_ok=True)
    left = out / str(number)
    shutil.copytree(root / "db", left)
    shutil.copytree(root / "autograded", left / "autograded")
    (left / "code").write_text(str(code))
    (left / "told").write_text(told.getvalue())
