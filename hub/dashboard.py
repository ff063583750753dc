"""Loads the dashboards that users copy, and adds them to a hub."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .client import HubClient
from .configuration import CHECKOUT
from .screens import Screen

DASHBOARDS = CHECKOUT / "docs" / "dashboards"
KIOSK = DASHBOARDS / "kiosk.yaml"
URL_PATH = "shop-kiosk"

# The files and the documentation use it for a user's screen.
EXAMPLE_DEVICE = "0123456789abcdef0123456789abcdef"


def load_dashboard(path: Path, replacements: Mapping[str, str]) -> dict[str, Any]:
    """Return a dashboard from a file, with its examples replaced.

    Raises ValueError when the file does not contain one of the examples.
    """
    text = path.read_text(encoding="utf-8")
    for example in replacements:
        if example not in text:
            raise ValueError(f"{path.name} has no {example}")
    config: dict[str, Any] = _replace(yaml.safe_load(text), replacements)
    return config


async def save_kiosk(client: HubClient, screen: Screen) -> str:
    """Save the kiosk dashboard for a screen; return its path on the hub."""
    config = load_dashboard(KIOSK, {EXAMPLE_DEVICE: screen.device_id})
    return await save_dashboard(client, URL_PATH, config)


async def save_dashboard(
    client: HubClient, url_path: str, config: dict[str, Any], view: str = ""
) -> str:
    """Create or replace a dashboard; return the path of a view, usually its first."""
    existing = await client.command("lovelace/dashboards/list")
    if url_path not in {dashboard["url_path"] for dashboard in existing}:
        await client.command(
            "lovelace/dashboards/create",
            url_path=url_path,
            title=config["title"],
            icon="mdi:qrcode",
            show_in_sidebar=True,
            require_admin=False,
        )
    await client.command("lovelace/config/save", url_path=url_path, config=config)
    return f"/{url_path}/{view or config['views'][0]['path']}"


def _replace(node: Any, replacements: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _replace(value, replacements) for key, value in node.items()}
    if isinstance(node, list):
        return [_replace(value, replacements) for value in node]
    return replacements.get(node, node) if isinstance(node, str) else node
