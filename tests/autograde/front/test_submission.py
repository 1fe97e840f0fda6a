"""Whatever is handed in is read as a notebook, or refused with a reason that its author
understands."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograde.front import submission
from autograde.front.submission import NotANotebook, parse_submission, read_submission

CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": []}
GOOD = {
    "nbformat": 4, "nbformat_minor": 5, "metadata": {},
    "cells": [CELL | {"execution_count": None}],
}  # fmt: skip


def write(folder: Path, data: object) -> Path:
    path = folder / "x.ipynb"
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    path.write_bytes(raw)
    return path


def test_a_notebook_is_read(tmp_path: Path) -> None:
    assert read_submission(write(tmp_path, GOOD)).cells[0].source == "1"


def test_an_old_notebook_is_brought_up_to_date(tmp_path: Path) -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell(input="x = 3")])]
    )
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old))
    assert read_submission(path).cells[0].source == "x = 3"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04\xff\xfe binary", "not text"),
        (b"print('hello')", "not JSON"),
        (json.dumps(GOOD).encode()[:60], "not JSON"),
        (b"[" * 200_000, "not JSON|nested too deeply"),
        ([], "not a notebook"),
        ({}, "not a notebook|no list of cells"),
        ({"nbformat": 99, "nbformat_minor": 0, "cells": [], "metadata": {}}, "not a notebook"),
        (GOOD | {"cells": 3}, "not a notebook|no list of cells"),
        (GOOD | {"cells": [3]}, "not a notebook|no list of cells"),
        (GOOD | {"cells": [CELL | {"source": 3}]}, "not a notebook|no list of cells"),
        (GOOD | {"cells": [CELL | {"metadata": 3}]}, "not a notebook|no list of cells"),
        (GOOD | {"cells": [CELL | {"cell_type": "x"}]}, "not a notebook|no list of cells"),
        (GOOD | {"cells": [CELL] * 2001}, "2001 cells"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(
    tmp_path: Path, data: object, reason: str
) -> None:
    with pytest.raises(NotANotebook, match=reason):
        read_submission(write(tmp_path, data))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(submission.MAX_BYTES + 1)
    with pytest.raises(NotANotebook, match="20 MB are read"):
        read_submission(path)


@pytest.mark.parametrize("brackets", ["{}", "[]"])
def test_what_would_fill_the_memory_is_refused_before_it_is_parsed(brackets: str) -> None:
    def holding(count: int) -> bytes:
        many = f"[{','.join([brackets] * count)}]"
        return json.dumps(GOOD | {"metadata": {"x": "many"}}).replace('"many"', many).encode()

    assert len(parse_submission(holding(1_000)).metadata.x) == 1_000
    with pytest.raises(NotANotebook, match="more than 500000 brackets"):
        parse_submission(holding(500_000))


def test_what_cannot_be_read_is_not_its_authors_fault(tmp_path: Path, monkeypatch) -> None:
    """A disk that fails, a file that only others may read: no mark is given for that."""

    def fail(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, GOOD)
    monkeypatch.setattr(submission.os, "open", fail)
    with pytest.raises(PermissionError):
        read_submission(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, json_values)))
def test_no_json_brings_the_reader_down(tmp_path: Path, changes: dict) -> None:
    path = write(tmp_path, GOOD | changes)
    with contextlib.suppress(NotANotebook):
        assert isinstance(read_submission(path).cells, list)
