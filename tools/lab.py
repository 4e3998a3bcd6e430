"""A real JupyterLab in a real browser, for tests, measurements and screenshots."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_BROWSER = (
    "There is no Chromium or Chrome here. `apt install chromium`, or Chrome from its own site, "
    "gives the browser tests what they need."
)
# The book is read without a network, so the browser is not let to look for one.
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_START = 90
MILLISECONDS_TO_WAIT = 60_000


class LabError(RuntimeError):
    """JupyterLab or the browser did not start; the message says why."""


@dataclass
class OpenNotebook:
    """A notebook that stands open in JupyterLab; `console` collects the browser's errors."""

    page: Page
    console: list[str] = field(default_factory=list)

    def run_all(self) -> None:
        """Run every cell, as the menu does, and return when the last is done."""
        self.command("notebook:run-all-cells")

    def command(self, name: str, **arguments: str) -> None:
        """Execute a command of JupyterLab and return when it is done."""
        self.page.evaluate(
            "async ([name, given]) => { await jupyterapp.commands.execute(name, given); }",
            [name, arguments],
        )

    def outputs(self) -> list[dict[str, Any]]:
        """All outputs of all cells, as the notebook's model holds them."""
        outputs: list[dict[str, Any]] = self.page.evaluate(
            """() => [...jupyterapp.shell.currentWidget.content.model.cells]
                .filter((cell) => cell.type === 'code')
                .flatMap((cell) => cell.outputs.toJSON())"""
        )
        return outputs

    def kernel(self, command: str) -> None:
        """Call a method of the kernel connection, such as `restart` or `shutdown`."""
        self.page.evaluate(
            f"jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.{command}()"
        )


@dataclass
class Lab:
    """A running JupyterLab: its address, the folder it serves, a browser window to read it in."""

    url: str
    root: Path
    window: BrowserContext
    opened: int = 0

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[OpenNotebook]:
        """Open the notebook at `path` below `root` in a new tab; stop its kernel at the end."""
        self.opened += 1
        notebook = OpenNotebook(self.window.new_page())
        page = notebook.page
        page.on("pageerror", lambda error: notebook.console.append(str(error)))
        page.on("console", lambda message: _note(notebook, message))
        try:
            page.goto(f"{self.url}/lab/workspaces/w{self.opened}/tree/{path}")
            # Run All clicked before the kernel is there runs nothing, and says nothing.
            page.wait_for_function(
                "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session"
                "?.kernel?.connectionStatus === 'connected'"
            )
            yield notebook
        finally:
            # The page may be gone, and a kernel dead, without harm.
            with contextlib.suppress(Exception):
                page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")
            page.close()


def find_browser() -> str | None:
    """The path of a Chromium or Chrome of this computer."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    found += [str(MAC_CHROME)] * MAC_CHROME.exists()
    return found[0] if found else None


@contextlib.contextmanager
def jupyterlab(root: Path, **window: Any) -> Iterator[Lab]:
    """Serve `root` with a JupyterLab of its own settings, and open a browser window.

    Args:
        root: the folder to serve.
        window: options of the window, such as `viewport` or `color_scheme`.

    Raises:
        LabError: there is no browser, or JupyterLab did not start.
    """
    executable = find_browser()
    if executable is None:
        raise LabError(NO_BROWSER)
    # A container's root may not use Chromium's own sandbox.
    flags = [*BROWSER_FLAGS, "--no-sandbox"] if _is_root() else BROWSER_FLAGS
    with (
        tempfile.TemporaryDirectory() as home,
        _server(root, Path(home)) as url,
        sync_playwright() as playwright,
        contextlib.closing(
            playwright.chromium.launch(executable_path=executable, args=flags)
        ) as browser,
        contextlib.closing(browser.new_context(**window)) as context,
    ):
        context.set_default_timeout(MILLISECONDS_TO_WAIT)
        yield Lab(url, root, context)


@contextlib.contextmanager
def _server(root: Path, home: Path) -> Iterator[str]:
    _write_settings(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={root}", "--IdentityProvider.token="]
    command += ["--LabApp.expose_app_in_browser=True", *["--allow-root"] * _is_root()]
    log = home / "jupyterlab.log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, env=_environment(home)
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, server, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _environment(home: Path) -> dict[str, str]:
    """The environment with every folder of Jupyter's in `home`, away from the reader's own."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return os.environ | {name: str(home / folder) for name, folder in folders.items()}


def _write_settings(home: Path) -> None:
    """Let JupyterLab keep all cells in the page, so that every figure can be counted."""
    folder = home / "settings" / "@jupyterlab" / "notebook-extension"
    folder.mkdir(parents=True)
    (folder / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/api/status", timeout=5):
            return
        time.sleep(0.2)
    raise LabError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def _note(notebook: OpenNotebook, message: ConsoleMessage) -> None:
    if message.type == "error":
        notebook.console.append(f"{message.text} {message.location.get('url', '')}".strip())


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
