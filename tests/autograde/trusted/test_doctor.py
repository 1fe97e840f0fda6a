"""The doctor tries the walls of this very machine, and says so when one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograde.trusted import doctor


def test_this_machine_isolates():
    findings = doctor.diagnose()
    assert len(findings) >= 14
    for finding in findings:
        assert finding.holds or not finding.needed, f"{finding.name}: {finding.detail}"


def test_a_missing_part_is_named_with_its_mend(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    findings = {finding.name: finding for finding in doctor.diagnose()}
    assert not findings["bubblewrap"].holds
    assert "apt install bubblewrap" in findings["bubblewrap"].mend
    assert "sandbox" not in findings, "nothing is run without the sandbox"


def powers(*keep: str) -> list[str]:
    return ["setpriv", "--bounding-set", ",".join(["-all", *(f"+{power}" for power in keep)])]


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="needs root's powers")
@pytest.mark.parametrize("keep", [("setfcap",), ()], ids=["container", "none"])
def test_root_without_roots_powers(keep):
    """As in a container without privileges: graded in a sandbox, or refused in words."""
    command = [*powers(*keep), str(Path(sys.executable).with_name("autograde")), "doctor"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if keep:
        assert told.returncode == 0, told.stdout + told.stderr
        assert "holds    it is nobody: tried" in told.stdout
    else:
        assert told.returncode == 1
        assert "MISSING  sandbox: a warm parent did not start" in told.stdout
        assert "to mend it: Unprivileged user namespaces must be allowed" in told.stdout
        assert "Traceback" not in told.stdout + told.stderr
