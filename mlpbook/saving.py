"""What a live figure leaves in a saved notebook: its still figure, not a figure without a kernel.

A live view names a model that lives in the kernel. Saved and opened again, it could only say
"model not found". Jupyter loads this extension at its start, because
`jupyter_server_config.d/mlpbook.json` says so.
"""

from typing import Any

LIVE_VIEW = "application/vnd.jupyter.widget-view+json"
STILL = "image/svg+xml"


def keep_still_figures(model: dict[str, Any], **_: object) -> None:
    """Take the live view out of every output that has a still figure beside it."""
    if model["type"] != "notebook" or not model["content"]:
        return
    for cell in model["content"]["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if STILL in data:
                data.pop(LIVE_VIEW, None)


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(keep_still_figures)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "mlpbook.saving"}]
