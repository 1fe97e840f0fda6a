"""The course's modules, found on disk: the tests here are told no module's and no exercise's
name."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograde.build import module as modules

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = modules.find(ROOT / "solutions")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "folder" in metafunc.fixturenames:
        metafunc.parametrize("folder", FOLDERS, ids=lambda f: f.name)
    if "exercise" in metafunc.fixturenames:
        pairs = [(f.name, e) for f in FOLDERS for e in modules.read(f).exercises]
        metafunc.parametrize(
            "exercise", [e for _, e in pairs], ids=[f"{name}-{e.name}" for name, e in pairs]
        )
