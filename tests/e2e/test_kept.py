"""What a real Home Assistant keeps of secrets and customers, and where.

Canaries go through every feature. Then the whole configuration folder is searched, and
what is found has to be what SECURITY.md says: no more, and no less.
"""

import asyncio
from collections.abc import Iterator
import io
import json
from pathlib import Path
import shutil
import sqlite3
import tarfile
from typing import Any, Final

import pytest
import yaml

from hub.client import HubClient
from hub.configuration import CHECKOUT, CORE
from hub.errors import NotYetError
from hub.flow import NewAccount, add_account
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import find_screen
from hub.waiting import eventually
from sandbox import Sandbox
from tests.documentation import page

from .till import Till

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

KEY: Final = "canary-key-4711"
EMAIL: Final = "canary.mail@example.com"
CARD: Final = "canary-card-4711"
CONTACT: Final = "canary-contact-4711"
REFERENCE: Final = "canary-reference-4711"
PIN: Final = "90210417"
URL: Final = "canary-url-4711"
CANARIES: Final = {
    "API key": KEY,
    "email address": EMAIL,
    "card number": CARD,
    "contact UUID": CONTACT,
    "reference": REFERENCE,
    "staff PIN": PIN,
    "session URL": URL,
}
DATABASE: Final = "home-assistant_v2.db"
# A reader of tags, as an integration of another vendor has it.
SCANNER: Final = '''
"""Scans the tag that its action is called with."""
from homeassistant.components import tag

async def async_setup(hass, config):
    async def scan(call):
        await tag.async_scan_tag(hass, call.data["tag_id"], "reader")
    hass.services.async_register("scanner", "scan", scan)
    return True
'''
MANIFEST: Final = {
    "domain": "scanner",
    "name": "Scanner",
    "version": "1.0.0",
    "dependencies": ["tag"],
}
# An automation of the owner's own, which keeps traces, as they do by default.
TRACED: Final = {
    "alias": "Scan",
    "triggers": [{"trigger": "state", "entity_id": "input_text.card"}],
    "actions": [
        {"action": "scanner.scan", "data": {"tag_id": "{{ trigger.to_state.state }}"}},
        {
            "action": "piggy.create_portal_session",
            "data": {
                "device_id": "{{ device_id((states.image | first).entity_id) }}",
                "contact_identifier": "{{ trigger.to_state.state }}",
            },
            "response_variable": "session",
        },
    ],
}
# A script of the owner's own that passes on what it is given, and keeps traces, too.
SCRIPT: Final = {
    "alias": "Top up",
    "sequence": [
        {"action": "piggy.create_top_up_giftcard_session", "data": "{{ given }}"}
    ],
}


def configuration(recorder: dict[str, Any], language: str) -> dict[str, Any]:
    """Return the configuration, with the recorder's."""
    return {
        "homeassistant": {**CORE, "language": language},
        "recorder": {"commit_interval": 0, **recorder},
        "backup": None,
        "scanner": None,
        "input_text": {"card": {"max": 100}},
        "script": {"top_up": SCRIPT},
    }


async def run(folder: Path, recorder: dict[str, Any], language: str) -> None:
    """Use every feature with canaries, and stop."""
    component = folder / "custom_components" / "scanner"
    component.mkdir(parents=True)
    (component / "__init__.py").write_text(SCANNER, "utf-8")
    (component / "manifest.json").write_text(json.dumps(MANIFEST), "utf-8")
    blueprints = CHECKOUT / "blueprints" / "automation" / "piggy"
    shutil.copytree(blueprints, folder / "blueprints" / "automation" / "piggy")
    extra = configuration(recorder, language)
    async with Sandbox() as sandbox, Hub(folder, extra=extra) as hub:
        sandbox.add_key(KEY)
        sandbox.settings.url_for = f"https://portal.example.com/{URL}/{{uuid}}"
        sandbox.add_identifier(CARD, sandbox.add_contact(EMAIL, uuid=CONTACT))
        login = await create_owner(hub.url)
        async with HubClient(hub.url, login.token) as client:
            await use(client, sandbox)
    assert not [line for line in hub.complaints("piggy") if "canary" in line]


async def use(client: HubClient, sandbox: Sandbox) -> None:
    """Use every feature."""
    await client.wait_until_running()
    account = NewAccount(KEY, sandbox.url)
    entry_id = await add_account(client, account)
    screen = await find_screen(client, entry_id, account.screen)
    entry = next(iter(await client.config_entries("piggy")))
    (subentry,) = await client.command(
        "config_entries/subentries/list", entry_id=entry["entry_id"]
    )
    form = await client.start_subentry_flow(
        entry_id, "screen", subentry_id=subentry["subentry_id"]
    )
    await client.continue_subentry_flow(
        form["flow_id"],
        {
            "shop": next(iter(sandbox.shops)),
            "name": account.screen,
            "staff_pin": PIN,
        },
    )
    screen = await find_screen(client, entry_id, account.screen)
    till = Till(client, screen)
    for name, config in (
        ("traced", TRACED),
        (
            "blueprint",
            {
                "alias": "Blueprint",
                "use_blueprint": {
                    "path": "piggy/scan_card.yaml",
                    "input": {"screen": screen.device_id, "readers": ["reader"]},
                },
            },
        ),
    ):
        await client.post(f"/api/config/automation/config/{name}", config)
    for customer in (
        {"contact_email": EMAIL},
        {"contact_uuid": CONTACT},
        {"contact_identifier": CARD},
    ):
        session = await client.action_response(
            "piggy.create_portal_session",
            device_id=screen.device_id,
            reference=REFERENCE,
            **customer,
        )
        await asyncio.sleep(2.1)  # the owner is a person, too
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Coffee"})
    await client.action_response(
        "piggy.get_portal_session", device_id=screen.device_id, uuid=session["uuid"]
    )
    await client.action("input_text.set_value", entity_id="input_text.card", value=CARD)
    await scanned(client)
    await client.action(
        "script.top_up",
        given={
            "device_id": screen.device_id,
            "contact_email": EMAIL,
            "pin": PIN,
            "reference": REFERENCE,
        },
    )
    await till.press("clear_session")
    await asyncio.sleep(2.1)
    await client.action_response(
        "piggy.create_portal_session",
        device_id=screen.device_id,
        contact_identifier=CARD,
        reference=REFERENCE,
    )
    await asyncio.sleep(11)  # Home Assistant writes its registries after ten seconds
    await client.command("backup/generate", agent_ids=["backup.local"])
    await backed_up(client)


async def scanned(client: HubClient) -> None:
    """Wait until both automations have run."""

    async def look() -> None:
        for name in ("automation.scan", "automation.blueprint"):
            state = await client.state(name)
            if not state["attributes"]["last_triggered"]:
                raise NotYetError(f"{name} did not run")
            if state["attributes"]["current"]:
                raise NotYetError(f"{name} still runs")

    await eventually(look)
    await asyncio.sleep(2.1)


async def backed_up(client: HubClient) -> None:
    """Wait for the backup."""

    async def look() -> None:
        info = await client.command("backup/info")
        if info["state"] != "idle" or not info["backups"]:
            raise NotYetError(f"no backup yet: {info['state']}")

    await eventually(look, 60)


def rows(database: Path) -> Iterator[tuple[str, str]]:
    """Yield each stored value of the database, with its table."""
    connection = sqlite3.connect(database)
    for event_type, data in connection.execute(
        "SELECT event_types.event_type, shared_data FROM events"
        " JOIN event_types USING (event_type_id) LEFT JOIN event_data USING (data_id)"
    ):
        yield f"events `{event_type}`", str(data)
    for (state,) in connection.execute("SELECT state FROM states"):
        yield "states", str(state)
    for (attributes,) in connection.execute(
        "SELECT shared_attrs FROM state_attributes"
    ):
        yield "attributes", str(attributes)
    for row in connection.execute("SELECT entity_id FROM states_meta"):
        yield "entity IDs", str(row)
    connection.close()


def backup(path: Path) -> Iterator[str]:
    """Yield what is in the files of a backup."""
    with tarfile.open(path) as outer:
        (name,) = (name for name in outer.getnames() if "homeassistant.tar" in name)
        inner = outer.extractfile(name)
        assert inner
        with tarfile.open(fileobj=io.BytesIO(inner.read())) as archive:
            for member in archive:
                if member.isfile() and (content := archive.extractfile(member)):
                    yield content.read().decode("latin-1")


def contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all that is in a configuration folder, by its place."""
    for place, content in rows(folder / DATABASE):
        yield f"`{DATABASE}`, {place}", content
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or name.startswith("custom_"):
            continue
        if name.startswith("backups/"):
            for content in backup(path):
                yield "`backups/*.tar`", content
        elif name.startswith(".storage/piggy."):
            yield "`.storage/piggy.*`", path.read_text("utf-8")
        else:
            yield f"`{name}`", path.read_bytes().decode("latin-1")


def search(folder: Path) -> set[tuple[str, str]]:
    """Return where the canaries are in a folder: place, and what.

    The database's file counts only for what is in none of its known tables.
    """
    found = {
        (place, what)
        for place, content in contents(folder)
        for what, canary in CANARIES.items()
        if canary in content.casefold()
    }
    in_rows = {what for place, what in found if place.startswith(f"`{DATABASE}`, ")}
    return found - {(f"`{DATABASE}`", what) for what in in_rows}


def documented() -> set[tuple[str, str]]:
    """Return the stored data that SECURITY.md lists."""
    return {
        (row[0], what)
        for row in page("SECURITY.md").table("What is kept, where, and for how long")
        for what in row[1].split(", ")
    }


def show(found: set[tuple[str, str]]) -> str:
    """Return the findings, one line for each place."""
    return "\n".join(f"{place}: {what}" for place, what in sorted(found))


async def test_kept(tmp_path: Path) -> None:
    """The data that is stored is exactly what SECURITY.md lists."""
    await run(tmp_path / "hub", {}, "en")
    found = search(tmp_path / "hub")
    assert show(found) == show(documented())
    stored = (tmp_path / "hub/.storage/trace.saved_traces").read_text("utf-8")
    traces = json.loads(stored)["data"]
    assert traces["automation.traced"]
    assert not traces.get("automation.blueprint")


async def test_recipe(tmp_path: Path) -> None:
    """With the recipe of the documentation, the history has no customer and no URL."""
    (recipe,) = (
        yaml.safe_load(text)["recorder"]
        for text in page("docs/privacy.md").fenced("yaml")
        if text.startswith("recorder:")
    )
    recipe["exclude"]["entities"] = ["input_text.card"]  # what a scanner fills
    await run(tmp_path / "hub", recipe, "nl")
    found = search(tmp_path / "hub")
    assert ("`.storage/core.config_entries`", "API key") in found
    in_history = {row for row in found if DATABASE in row[0]}
    assert in_history == {(f"`{DATABASE}`, attributes", "reference")}
