"""A real JupyterLab on a copy of the course, and a real browser to look at it with."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"


class Lab:
    """A running JupyterLab: its folder, and the address of a page."""

    def __init__(self, folder: Path, port: int, token: str) -> None:
        self.folder, self._port, self._token = folder, port, token

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}?token={self._token}&reset"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab as `make lab` starts it, on a copy, with nobody's settings but its own."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("lab") / "root"
    folder.mkdir()
    for name in ("course", "solutions"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    settings = home / ".jupyter/lab/user-settings/@jupyterlab"
    for name, text in {
        # Render every cell at once, not only those in view; ask for no news.
        "notebook-extension/tracker": '{"windowingMode": "none"}',
        "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
    }.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    log = (home / "lab.log").open("w")
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    environment = os.environ | {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    running = Lab(folder, port, token)
    try:
        deadline = time.monotonic() + 120
        while server.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(running.url("api/status"), timeout=5).close()
                break
            time.sleep(0.3)
        else:
            pytest.fail("JupyterLab did not start:\n" + (home / "lab.log").read_text()[-3000:])
        yield running
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


@pytest.fixture
def page(browser, request: pytest.FixtureRequest):
    """A page that may speak to this machine alone: the course needs nothing from elsewhere.

    What it shows at the end is kept in `screenshots/`, for a person to look at.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    outside: list[str] = []

    def only_local(route) -> None:
        address = route.request.url
        if address.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            outside.append(address)
            route.abort()

    page.route("**/*", only_local)
    yield page
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{request.node.name}.png")
    page.close()
    assert outside == [], "the course must work offline"
