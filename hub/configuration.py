"""Writes the configuration folder of a Home Assistant that needs no network."""

from collections.abc import Mapping
import json
from pathlib import Path
import shutil
from typing import Any

import yaml

from .ports import LOOPBACK

CHECKOUT = Path(__file__).resolve().parent.parent
INTEGRATION = CHECKOUT / "custom_components" / "piggy"

# `default_config` would bring discovery, cloud and much else that needs a network.
_INTEGRATIONS = (
    "api",
    "config",
    "frontend",
    "history",
    "input_boolean",
    "input_button",
    "input_number",
    "input_select",
    "input_text",
    "logbook",
    "media_source",
    "my",
    "person",
    "recorder",
    "scene",
    "script",
    "sun",
    "system_health",
    "tag",
    "template",
    "timer",
    "websocket_api",
)
CORE: dict[str, Any] = {
    "name": "Piggy Demo",
    "latitude": 52.3731,
    "longitude": 4.8926,
    "elevation": 0,
    "unit_system": "metric",
    "currency": "EUR",
    "country": "NL",
    "language": "en",
    "time_zone": "Europe/Amsterdam",
    # The default one needs packages that nothing here uses.
    "auth_mfa_modules": [],
}
# They warn that libraries are missing that nothing here uses.
_LOGGER = {
    "default": "warning",
    "logs": {"haffmpeg": "fatal", "homeassistant.components.camera.img_util": "fatal"},
}
_LONG_AGO = "1970-01-01T00:00:00+00:00"

# Onboarding without its last steps: `core_config` starts integrations that call out.
# Home Assistant adds `user` to these and is then onboarded.
_ONBOARDING = {"done": ["core_config", "analytics", "integration"]}


def write_folder(
    folder: Path,
    port: int,
    extra: Mapping[str, Any] | None = None,
    *,
    host: str = LOOPBACK,
) -> None:
    """Prepare the folder for a start; keep what Home Assistant stored in it.

    `extra` is added to the configuration and overrides it. Home Assistant listens on
    the port and host.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    configuration: dict[str, Any] = dict.fromkeys(_INTEGRATIONS)
    configuration |= {
        "homeassistant": CORE,
        "logger": _LOGGER,
        "automation": _Include("automations.yaml"),
    }
    configuration |= extra or {}
    (folder / "configuration.yaml").write_text(
        yaml.dump(configuration, Dumper=_Dumper), encoding="utf-8"
    )
    automations = folder / "automations.yaml"
    if not automations.exists():
        automations.write_text("[]\n", encoding="utf-8")
    _write_storage(storage, "http", 1, _http(host, port))
    if not (storage / "onboarding").exists():
        _write_storage(storage, "onboarding", 4, _ONBOARDING)
    if not (storage / "core.config_entries").exists():
        entries = {"entries": [_disabled("marketplace")]}
        _write_storage(storage, "core.config_entries", 1, entries, minor_version=5)
    _link_integration(folder / "custom_components")


def remove_folder(folder: Path) -> None:
    """Remove a folder, or the file or link in its place."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _link_integration(custom_components: Path) -> None:
    custom_components.mkdir(exist_ok=True)
    link = custom_components / INTEGRATION.name
    if link.is_symlink() and link.readlink() == INTEGRATION:
        return
    remove_folder(link)
    link.symlink_to(INTEGRATION, target_is_directory=True)


def _http(host: str, port: int) -> dict[str, Any]:
    # In the store, not in YAML: Home Assistant 2026.11 takes YAML for a trial only and
    # returns to its default port after five minutes. Home Assistant adds missing keys
    # to version 1 of the store.
    return {"server_host": [host], "server_port": port}


def _disabled(domain: str) -> dict[str, Any]:
    """Return an entry that keeps one of the core's integrations from starting."""
    return {
        "created_at": _LONG_AGO,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": domain,
        "entry_id": f"disabled_{domain}",
        "minor_version": 1,
        "modified_at": _LONG_AGO,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": "",
        "unique_id": None,
        "version": 1,
    }


def _write_storage(
    storage: Path,
    key: str,
    version: int,
    data: dict[str, Any],
    *,
    minor_version: int = 1,
) -> None:
    envelope = {
        "version": version,
        "minor_version": minor_version,
        "key": key,
        "data": data,
    }
    (storage / key).write_text(json.dumps(envelope), encoding="utf-8")


class _Include(str):
    """The name of a file that YAML includes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes Home Assistant's dialect of YAML."""


_Dumper.add_representer(
    _Include, lambda dumper, name: dumper.represent_scalar("!include", str(name))
)
_Dumper.add_representer(
    type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "")
)
