"""The wall dashboard, as a file that users copy and as a page of the demo."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .client import HubClient
from .configuration import CHECKOUT
from .errors import CheckError
from .screens import Screen

WALL = CHECKOUT / "docs" / "dashboards" / "wall.yaml"
URL_PATH = "wall-display"


def load_dashboard(path: Path, replacements: Mapping[str, str]) -> dict[str, Any]:
    """Return a dashboard from a file, with its example entities replaced by real ones.

    Raises CheckError when the file has an example that nothing is there to replace.
    """
    text = path.read_text(encoding="utf-8")
    for example in replacements:
        if example not in text:
            msg = f"{path.name} has no {example}"
            raise CheckError(msg)
    config: dict[str, Any] = _replace(yaml.safe_load(text), replacements)
    return config


async def put_up_wall(client: HubClient, screen: Screen) -> str:
    """Make the wall dashboard show a screen; return its path on the hub."""
    config = load_dashboard(WALL, {"image.till_1_qr_code": screen.qr_code})
    existing = await client.command("lovelace/dashboards/list")
    if URL_PATH not in {dashboard["url_path"] for dashboard in existing}:
        await client.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            title=config["title"],
            icon="mdi:qrcode",
            show_in_sidebar=True,
            require_admin=False,
        )
    await client.command("lovelace/config/save", url_path=URL_PATH, config=config)
    return f"/{URL_PATH}/{config['views'][0]['path']}"


def _replace(node: Any, replacements: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _replace(value, replacements) for key, value in node.items()}
    if isinstance(node, list):
        return [_replace(value, replacements) for value in node]
    return replacements.get(node, node) if isinstance(node, str) else node
