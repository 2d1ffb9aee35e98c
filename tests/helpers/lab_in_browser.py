"""A real JupyterLab, driven through a real browser, that notes what leaves the machine.

Used by tests/notebooks; see the fixture ``lab`` there.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat

TOKEN = "course"
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Draw every output, also those far below: only what is drawn asks for its pictures.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

# "Idle" shows before there is a kernel, and running then waits on a question: await all three.
KERNEL_READY = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget;
    await notebook.context.ready;
    await notebook.sessionContext.ready;
    await notebook.sessionContext.session.kernel.info;
}"""
RUN_ALL = """() => {
    window.allRan = false;
    window.jupyterapp.commands.execute('notebook:run-all-cells')
        .finally(() => { window.allRan = true; });
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells"
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"


def find_chromium() -> str | None:
    """Return the path of the system's Chromium or Chrome, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass
class OpenNotebook:
    """One notebook in one browser page, with everything that went wrong in it.

    Attributes:
        page: Playwright's page: click, press, read, take screenshots.
        outside: Addresses asked for that are not on this machine.
        console_errors: What the browser's console showed as errors.
    """

    page: Any
    outside: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def run_all(self, timeout: float = 300) -> None:
        """Press Run All and wait for the last cell, ``timeout`` seconds at most."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("() => window.allRan", timeout=1000 * timeout)
        self.page.wait_for_timeout(1000)  # ms: pictures, sounds and widgets arrive after the cell
        self.page.wait_for_load_state("networkidle")

    def cells(self) -> list[dict[str, Any]]:
        """Return the notebook's cells as they are now, outputs included."""
        return self.page.evaluate(CELLS)

    def cell_errors(self) -> list[str]:
        """Return the exceptions that cells ended in, such as ``ValueError: no``."""
        outputs = [output for cell in self.cells() for output in cell.get("outputs", [])]
        errors = [output for output in outputs if output["output_type"] == "error"]
        return [f"{error['ename']}: {error['evalue']}" for error in errors]

    def not_run(self) -> list[str]:
        """Return the code cells that have never run."""
        code = [cell for cell in self.cells() if cell["cell_type"] == "code"]
        return ["".join(cell["source"]) for cell in code if cell["execution_count"] is None]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and a browser to open its notebooks in."""

    address: str
    folder: Path
    browser: Any

    @contextmanager
    def open(self, name: str) -> Iterator[OpenNotebook]:
        """Open a notebook of ``folder`` in a new page, its kernel ready; close both after."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 1600})
        notebook = OpenNotebook(context.new_page())
        listen(notebook)
        try:
            notebook.page.goto(f"{self.address}/lab/tree/{name}?token={TOKEN}&reset")
            shown = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext"
            notebook.page.wait_for_function(shown, timeout=180_000)
            notebook.page.evaluate(KERNEL_READY)
            yield notebook
        finally:
            notebook.page.evaluate(SHUT_DOWN)
            context.close()


def save(lab: Lab, *sources: str) -> str:
    """Write a notebook with these cells into the lab's folder; return its name."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.folder / "tiny.ipynb")
    return "tiny.ipynb"


def listen(notebook: OpenNotebook) -> None:
    """Note requests to elsewhere and errors, from the first one on."""

    def note_address(what: Any) -> None:
        parts = urlsplit(what.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            notebook.outside.append(what.url)

    def note_message(message: Any) -> None:
        if message.type == "error":
            notebook.console_errors.append(f"{message.text} ({message.location['url']})")

    notebook.page.context.on("request", note_address)
    notebook.page.on("websocket", note_address)
    notebook.page.on("console", note_message)
    notebook.page.on("pageerror", lambda error: notebook.console_errors.append(str(error)))


@contextmanager
def running_lab(folder: Path, private: Path, chromium: str) -> Iterator[Lab]:
    """Start JupyterLab on ``folder`` and a browser; ``private`` takes Jupyter's own files."""
    from playwright.sync_api import sync_playwright

    with (
        running_server(folder, private) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS) as browser,
    ):
        yield Lab(address, folder, browser)


@contextmanager
def running_server(folder: Path, private: Path) -> Iterator[str]:
    """Start JupyterLab with nobody's settings; yield its address."""
    for name, values in SETTINGS.items():
        file = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    port = free_port()
    options = (
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        *("--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"),
    )
    log = private / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=lonely_environment(private),
            stdout=output,
            stderr=output,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status?token={TOKEN}", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def lonely_environment(private: Path) -> dict[str, str]:
    """Return an environment with fresh Jupyter folders, in which kernels reach no network."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    nowhere = "http://127.0.0.1:9"  # nobody listens: a download fails at once, and its cell too
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": "127.0.0.1,localhost"}
    proxies |= {name.lower(): value for name, value in proxies.items()}
    return os.environ | proxies | {key: str(private / name) for key, name in folders.items()}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str, server: subprocess.Popen, log: Path, timeout: float = 180) -> None:
    """Return as soon as ``address`` answers; raise with the server's log if it never does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and server.poll() is None:
        try:
            opener.open(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
