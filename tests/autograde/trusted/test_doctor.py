"""The doctor tries the walls of this very machine, and says so when one is missing."""

from __future__ import annotations

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
