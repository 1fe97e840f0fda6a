"""A class graded on a Dask cluster whose connections are encrypted, and who may not join it."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from autograde.cli import main

pytestmark = pytest.mark.course
COMMAND = "import sys; from autograde.cli import main; sys.exit(main(sys.argv[1:]))"
SETTING = "DASK_DISTRIBUTED__COMM__TLS__"
TEACHER = {"CA_FILE": "authority.pem", "CLIENT__CERT": "teacher.pem", "CLIENT__KEY": "teacher.key"}
STRANGER = TEACHER | {"CLIENT__CERT": "stranger.pem", "CLIENT__KEY": "stranger.key"}


def certify(folder: Path, name: str, authority: str = "") -> None:
    """Write `name.pem` and `name.key`; signed by itself, or by another of the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = key
    if authority:
        issuer = x509.load_pem_x509_certificate((folder / f"{authority}.pem").read_bytes()).subject
        data = (folder / f"{authority}.key").read_bytes()
        signing = serialization.load_pem_private_key(data, None)  # type: ignore[assignment]
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(issuer, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(ca=not authority, path_length=None), critical=True)
        .add_extension(here, critical=False)
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(pem))
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, *plain))


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A scheduler and two workers, started by address, that hear nobody without a certificate."""
    folder = tmp_path_factory.mktemp("tls")
    certify(folder, "authority")
    certify(folder, "stranger")
    for name in ("cluster", "teacher"):
        certify(folder, name, "authority")
    certificates = [
        "--tls-ca-file", folder / "authority.pem", "--tls-cert", folder / "cluster.pem",
        "--tls-key", folder / "cluster.key", "--host", "127.0.0.1",
        "--dashboard-address", "127.0.0.1:0",
    ]  # fmt: skip
    log = folder / "log"

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, *certificates]
        with log.open("a") as file:
            return subprocess.Popen(command, cwd=folder, stdout=file, stderr=file)

    def wait_for(text: str, count: int = 1) -> str:
        deadline = time.monotonic() + 120
        while (told := log.read_text()).count(text) < count:
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
        return told.split(text)[1].split()[0]

    processes = [start("scheduler", "--protocol", "tls", "--port", "0")]
    try:
        address = wait_for("Scheduler at:")
        one = ("--nworkers", "1", "--nthreads", "1", "--no-nanny")
        processes += [start("worker", address, *one) for _ in range(2)]
        wait_for("Registered to:", 2)
        yield SimpleNamespace(address=address, folder=folder, log=log)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture
def grade(encrypted: SimpleNamespace) -> Callable[..., tuple[int, str, str]]:
    """`autograde grade` over the cluster: its exit code, and what it said."""

    def run(course: Path, address: str = encrypted.address, **files: str) -> tuple[int, str, str]:
        known = {f"{SETTING}{key}": str(encrypted.folder / name) for key, name in files.items()}
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, "grade", "01_double", "--scheduler", address],
            cwd=course, env=os.environ | known, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_who_has_a_certificate_grades_there(
    course: Path, hand_in, tools: SimpleNamespace, grade, encrypted: SimpleNamespace
) -> None:
    for number in range(6):
        hand_in(course, f"s{number}", tools.WRONG if number % 3 else tools.RIGHT)
    assert encrypted.address.startswith("tls://")
    code, told, errors = grade(course, **TEACHER)
    assert told.startswith("6 graded, "), errors
    assert code == 0
    assert {b["score"] for b in tools.booked(tools.url(course)).values()} == {1.5, 4.5}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, f"asks for certificates, and Dask knows none.*{SETTING}CA_FILE"),
        ({"CA_FILE": "authority.pem"}, "asks for certificates, and Dask knows none"),
        (TEACHER | {"CA_FILE": "none.pem"}, "A certificate cannot be used: .*No such file"),
        (TEACHER | {"CLIENT__KEY": "stranger.key"}, "A certificate cannot be used: .*mismatch"),
        (TEACHER | {"CA_FILE": "stranger.pem"}, "No Dask workers could be reached at tls:"),
        (STRANGER, "No Dask workers could be reached at tls:"),
    ],
    ids=["none", "half", "missing", "another key", "another authority", "a stranger's"],
)
def test_who_has_none_is_told_so(
    course: Path, hand_in, tools: SimpleNamespace, grade, files: dict[str, str], reason: str
) -> None:
    hand_in(course, "ada")
    code, told, errors = grade(course, **files)
    assert re.search(reason, errors), errors
    assert "Traceback" not in errors
    assert (code, told) == (1, "")
    assert tools.booked(tools.url(course)) == {}


def test_nobody_speaks_there_in_the_clear(
    course: Path, hand_in, grade, encrypted: SimpleNamespace
) -> None:
    hand_in(course, "ada")
    address = encrypted.address.replace("tls:", "tcp:")
    code, told, errors = grade(course, address, **TEACHER)
    assert (code, told) == (1, "")
    assert f"No Dask workers could be reached at {address}" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("address", ["", "host", "host:8786", "nosuch://host:8786", "tls://host"])
def test_what_is_no_address_is_refused(address: str, capsys) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["grade", "01_double", "--scheduler", address])
    assert refusal.value.code == 2
    assert "an address such as tls://HOST:8786" in capsys.readouterr().err
