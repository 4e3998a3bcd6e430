"""The live figures outside of JupyterLab: in Notebook 7, and in a page without a kernel."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from nbconvert import HTMLExporter
from playwright.sync_api import Page, TimeoutError, expect

from mlpbook import activations
from tools import notebooks

ELU = 'from mlpbook.explorer import explore\nexplore("elu", alpha=(0.1, 3))'
# What such a page loads beside itself; anywidget's own script comes with its Python package.
PACKAGES = ["@jupyter-widgets/html-manager@1.0.15", "requirejs@2.3.8"]
ANYWIDGET = Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js"
SECONDS_TO_FETCH = 120
ATTEMPTS = 5


def assert_slides(page: Page) -> None:
    """Move both sliders by keys, and hold what the figure shows against torch."""
    figure = page.locator(".mlpbook-live")
    figure.get_by_role("slider", name="α (alpha)").focus()
    page.keyboard.press("ArrowRight")
    figure.get_by_role("slider", name="x", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(figure.locator("caption")).to_have_text("At x = −1.05")
    value, slope = activations.get("elu").by_torch(torch.tensor(-1.05), alpha=1.05)
    for name, expected in [("value", value), ("slope", slope)]:
        shown = figure.locator(f'[data-readout="{name}"]').get_attribute("data-value")
        assert float(shown) == pytest.approx(expected.item(), abs=1e-6)


def test_notebook_7(lab, write_notebook):
    page = lab.window.new_page()
    page.goto(f"{lab.url}/notebooks/{write_notebook('seven.ipynb', ELU)}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    page.locator(".jp-CodeCell .cm-content").click()
    for _ in range(ATTEMPTS):
        # The indicator can be idle before the kernel listens; the key then does nothing.
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(TimeoutError):
            page.locator(".mlpbook-live input").first.wait_for(timeout=10_000)
            break
    assert_slides(page)
    page.close()


@pytest.fixture(scope="session")
def scripts(tmp_path_factory):
    """The folder with the scripts of a page without a kernel, fetched by npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("There is no npm here, which fetches the scripts of a static page.")
    folder = tmp_path_factory.mktemp("scripts")
    for package in PACKAGES:
        command = [npm, "pack", "--silent", package]
        fetched = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_TO_FETCH
        )
        if fetched.returncode != 0:
            pytest.skip(f"npm cannot fetch {package}, which a static page loads.")
        shutil.unpack_archive(folder / fetched.stdout.split()[-1], folder / package.split("/")[-1])
    return folder


def test_a_page_without_kernel_and_network(lab, scripts, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ELU)])
    notebooks.client(notebook, tmp_path).execute()
    exporter = HTMLExporter(
        require_js_url="require.js", widget_renderer_url="embed-amd.js", mathjax_url=""
    )
    page_text, _ = exporter.from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(page_text, "utf-8")
    for found in ("embed-amd.js", "require.js"):
        shutil.copy(next(scripts.rglob(found)), tmp_path)
    shutil.copy(ANYWIDGET, tmp_path / "anywidget.js")

    page = lab.window.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "page.html").as_uri())
    assert_slides(page)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    page.close()
