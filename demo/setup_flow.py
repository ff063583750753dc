"""The integration's own config flow, gone through as a person would."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import time
from typing import Any

from .client import HubClient
from .errors import FlowError

DOMAIN = "piggy"
_POLL = 0.1
_LOAD_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class PiggyAccount:
    """What a shop keeper has at hand."""

    api_key: str
    url: str
    shop: str = "Sesame Street"
    screen: str = "Till 1"


async def set_up_piggy(client: HubClient, account: PiggyAccount) -> str:
    """Add the account with its first screen; return the config entry's id.

    Raises FlowError when the flow goes another way, or the entry does not load.
    """
    form = _form(await client.start_flow(DOMAIN), "user")
    form = _form(
        await client.continue_flow(
            form["flow_id"],
            fill_in(form, api_key=account.api_key, advanced={"url": account.url}),
        ),
        "screen",
    )
    result = await client.continue_flow(form["flow_id"], screen_answer(form, account))
    entry_id: str = _entry(result)["entry_id"]
    await wait_until_loaded(client, entry_id)
    return entry_id


async def wait_until_loaded(client: HubClient, entry_id: str) -> None:
    """Wait until an account is loaded, also again; raises FlowError."""
    deadline = time.monotonic() + _LOAD_TIMEOUT
    while True:
        entries = await client.config_entries(DOMAIN)
        entry = next(entry for entry in entries if entry["entry_id"] == entry_id)
        if entry["state"] == "loaded":
            return
        if time.monotonic() >= deadline:
            reason = entry.get("reason") or "no reason given"
            msg = f"The account is not loaded: {entry['state']} ({reason})"
            raise FlowError(msg)
        await asyncio.sleep(_POLL)


def screen_answer(form: Mapping[str, Any], account: PiggyAccount) -> dict[str, Any]:
    """Return the answer to a form that asks for a screen."""
    shop = _option(form, "shop", account.shop)
    return fill_in(form, shop=shop, name=account.screen)


def fill_in(form: Mapping[str, Any], **answers: Any) -> dict[str, Any]:
    """Answer a form as the frontend does: what has a default is sent with it.

    A section's answers are a dict.
    """
    return _fill_in(form["data_schema"], answers)


def _fill_in(
    fields: list[dict[str, Any]], answers: Mapping[str, Any]
) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for field in fields:
        name = field["name"]
        if field.get("type") == "expandable":
            filled[name] = _fill_in(field["schema"], answers.get(name, {}))
        elif name in answers:
            filled[name] = answers[name]
        elif "default" in field:
            filled[name] = field["default"]
    if unknown := answers.keys() - filled.keys():
        msg = f"The form has no field {', '.join(sorted(unknown))}"
        raise FlowError(msg)
    return filled


def _option(form: Mapping[str, Any], field_name: str, label: str) -> str:
    """Return the value of the option whose text has the label in it."""
    options = [
        (option, option)
        if isinstance(option, str)
        else (option["value"], option["label"])
        for field in form["data_schema"]
        if field["name"] == field_name
        for option in field["selector"]["select"]["options"]
    ]
    for value, text in options:
        if label in text:
            return str(value)
    known = ", ".join(text for _, text in options)
    msg = f"The form does not offer {label!r} as {field_name} (but {known})"
    raise FlowError(msg)


def _form(result: Mapping[str, Any], step_id: str) -> Mapping[str, Any]:
    """Return the result, which must be that form without errors."""
    if (
        result["type"] == "form"
        and not result.get("errors")
        and result["step_id"] == step_id
    ):
        return result
    msg = f"The flow did not come to the form {step_id!r}: {_summary(result)}"
    raise FlowError(msg)


def _entry(result: Mapping[str, Any]) -> Mapping[str, Any]:
    if result["type"] == "create_entry":
        entry: Mapping[str, Any] = result["result"]
        return entry
    msg = f"The flow did not make an entry: {_summary(result)}"
    raise FlowError(msg)


def _summary(result: Mapping[str, Any]) -> str:
    told = ("type", "step_id", "reason", "errors")
    return ", ".join(f"{key} {result[key]}" for key in told if result.get(key))
