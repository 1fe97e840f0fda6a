"""nbgrader's `collect` for submissions that may be anything: what learners handed in is copied, and
nothing that they only point to."""

from __future__ import annotations

import fnmatch
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from autograde.front.submission import shown_name

NOT_FOLLOWED = "a link that was not followed"
"""What a learner's link points to when it has been collected: nothing, in words."""


class TrustedCollect(ExchangeCollect):
    """Until it is collected, a submission lies in a folder that its learner can write to. nbgrader
    copies what links in there point to, with the instructor's rights: the solutions, another
    learner's work, the gradebook. And what it cannot copy or read ends the run for the whole class.

    Here a link arrives as a link to nothing, so that grading refuses it by name; what cannot be
    collected is told, and the class goes on.
    """

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        super().init_src()
        self.src_records = [record for record in self.src_records if self._is_folder(record)]

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        target = Path(dest)
        try:
            self._copy(src, target)
            self._complete(src, target)
        except (OSError, RecursionError) as error:
            shutil.rmtree(target, ignore_errors=True)
            self.log.error("NOT collected: %s: %s", src, error)

    def _is_folder(self, record: dict[str, Any]) -> bool:
        path = Path(self.inbound_path, record["filename"])
        if path.is_dir() and not path.is_symlink():
            return True
        self.log.error("NOT collected: %s: not a folder of its own", path)
        return False

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            return super()._path_to_record(path)
        except (ValueError, OverflowError, ExchangeError):
            name = Path(path).name  # no time in it: older than any other
            username = name.partition("+")[0]
            return {"username": username, "filename": name, "timestamp": datetime.min}

    def _copy(self, src: str, target: Path) -> None:
        left = 1000 * self.coursedir.max_dir_size
        for folder, name, about, place in self._found(src, target):
            shown = shown_name(f"{Path(src).name}/{place}")
            if stat.S_ISLNK(about.st_mode):
                self.log.warning("%s is a link, which is not followed", shown)
                (target / place).symlink_to(NOT_FOLLOWED)
            elif not stat.S_ISREG(about.st_mode):
                self.log.warning("%s is not a file, and was left out", shown)
            elif about.st_size > min(left, 1000 * self.coursedir.max_file_size):
                self.log.warning("%s is too large, and was left out", shown)
            else:
                data = _read(name, folder, about.st_size)
                (target / place).write_bytes(data)
                left -= len(data)

    def _found(self, src: str, target: Path) -> Iterator[tuple[int, str, os.stat_result, Path]]:
        """All that is to be copied, folders apart, which are made: an open folder, a name in it,
        what is there, and its path from `src`. No name is looked up through a link."""
        top = os.open(src, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            for here, folders, files, folder in os.fwalk(".", dir_fd=top):
                folders[:] = [name for name in folders if self._wanted(name, ["*"])]
                (target / here).mkdir(parents=True)
                for name in [*folders, *files]:
                    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    if not stat.S_ISDIR(about.st_mode) and self._wanted(
                        name, self.coursedir.include
                    ):
                        yield folder, name, about, Path(here, name)
        finally:
            os.close(top)

    def _wanted(self, name: str, include: list[str]) -> bool:
        ignored = any(fnmatch.fnmatch(name, pattern) for pattern in self.coursedir.ignore)
        return not ignored and any(fnmatch.fnmatch(name, pattern) for pattern in include)

    def _complete(self, src: str, target: Path) -> None:
        """nbgrader's later commands stop at a submission without these two files, or with others
        in their place."""
        when = target / "timestamp.txt"
        if when.is_symlink() or not when.is_file() or not _is_time(when.read_bytes()):
            self.log.warning("%s had no time in it: the folder's name counts", when)
            when.unlink(missing_ok=True)
            noted = self._path_to_record(src)["timestamp"]
            when.write_text(f"{max(noted, datetime(1970, 1, 1)).isoformat(' ')} UTC")
        secret = target / "submission_secret.txt"
        if secret.is_symlink() or not secret.is_file():
            secret.unlink(missing_ok=True)
            secret.write_text(secrets.token_hex(64))
        if self.coursedir.groupshared:
            for here, _, files in os.walk(target):
                os.chmod(here, (os.stat(here).st_mode | 0o2770) & 0o2777)
                for name in files:
                    if not (path := Path(here, name)).is_symlink():
                        path.chmod((path.stat().st_mode | 0o660) & 0o777)


def _read(name: str, folder: int, size: int) -> bytes:
    """A regular file's bytes: not more than it had when it was looked at, and no link's."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{name} is not a file any more")
        return file.read(size)


def _is_time(data: bytes) -> bool:
    try:
        parse_utc(data[:200].decode().strip())
    except (ValueError, OverflowError, TypeError, AttributeError):
        return False
    return len(data) <= 200
