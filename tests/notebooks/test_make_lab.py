"""What ``make lab`` opens: the first notebook, alone and wide, with links that lead on."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from lab_in_browser import CHROMIUM_FLAGS, lonely_environment

import musiclab

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ("--config=binder/lab_config.py", "--no-browser", "--allow-root", "--port=0")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address that the server prints where there is no display."""
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS]
    private = lonely_environment(tmp_path_factory.mktemp("jupyter"))
    log = tmp_path_factory.mktemp("log") / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=private, stderr=output, stdout=output)
    try:
        for _ in range(600):
            if found := re.search(r"http://127\S+", log.read_text()):
                break
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        yield found[0]
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_first_notebook_fills_the_window(chromium, address):
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_role("heading", name="Hear it first").wait_for(timeout=120_000)
        assert page.locator(".jp-Notebook").bounding_box()["width"] > 1200  # pixels
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2000)  # ms: what pops up does so late
        assert page.locator(".Toastify__toast").count() == 0
        page.get_by_role("link", name="All notebooks").first.click()
        page.get_by_role("heading", name="The course").wait_for()  # shown, not its source
        page.get_by_role("link", name="exercises").first.click()
        page.get_by_role("heading", name="Exercises").wait_for()


def test_the_terminal_finds_the_command(address):
    websocket = pytest.importorskip("websocket")  # Jupyter's server brings it
    server, token = re.match(r"http(://[^/]+).*(\?token=.*)", address).groups()
    with urlopen(Request(f"http{server}/api/terminals{token}", method="POST")) as answer:
        name = json.load(answer)["name"]
    terminal = websocket.create_connection(
        f"ws{server}/terminals/websocket/{name}{token}", timeout=30
    )
    terminal.send(json.dumps(["stdin", "musiclab --version\r"]))
    seen = ""
    while f"musiclab {musiclab.__version__}" not in seen:  # else it times out
        seen += str(json.loads(terminal.recv())[1])
    terminal.close()
