"""Goes through the integration's config flow as a user does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import HubClient
from .errors import FlowError, NotYetError
from .waiting import eventually

DOMAIN = "piggy"
_LOAD_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a user enters to add an account with its first screen."""

    api_key: str
    url: str
    shop: str = "Sesame Street"
    screen: str = "Till 1"
    session_lifetime: int | None = None  # minutes; None for the form's default


async def add_account(client: HubClient, account: NewAccount) -> str:
    """Add the account with its first screen; return the config entry's id.

    Raises FlowError when the flow does not create the entry, NotYetError when the entry
    does not load.
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
    """Wait until a config entry is loaded; raises NotYetError when it does not load."""

    async def look() -> None:
        entries = await client.config_entries(DOMAIN)
        entry = next(entry for entry in entries if entry["entry_id"] == entry_id)
        if entry["state"] != "loaded":
            reason = entry.get("reason") or "no reason given"
            raise NotYetError(f"The account is not loaded: {entry['state']} ({reason})")

    await eventually(look, _LOAD_TIMEOUT)


def screen_answer(form: Mapping[str, Any], account: NewAccount) -> dict[str, Any]:
    """Return the answer to a form that asks for a screen."""
    shop: Any = _option(form, "shop", account.shop)
    answers = {"shop": shop, "name": account.screen}
    if account.session_lifetime is not None:
        answers["session_lifetime"] = account.session_lifetime
    return fill_in(form, **answers)


def fill_in(form: Mapping[str, Any], **answers: Any) -> dict[str, Any]:
    """Answer a form as the frontend does: a field without an answer has its default.

    The answers to a section are a dict.
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
        raise FlowError(f"The form has no field {', '.join(sorted(unknown))}")
    return filled


def _option(form: Mapping[str, Any], field_name: str, label: str) -> str:
    """Return the value of the option whose text contains the label."""
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
    raise FlowError(f"The form does not offer {label!r} as {field_name} (but {known})")


def _form(result: Mapping[str, Any], step_id: str) -> Mapping[str, Any]:
    """Return the result; raises FlowError unless it is that form without errors."""
    if (
        result["type"] == "form"
        and not result.get("errors")
        and result["step_id"] == step_id
    ):
        return result
    raise FlowError(f"The flow does not show the form {step_id!r}: {_summary(result)}")


def _entry(result: Mapping[str, Any]) -> Mapping[str, Any]:
    if result["type"] == "create_entry":
        entry: Mapping[str, Any] = result["result"]
        return entry
    raise FlowError(f"The flow did not create an entry: {_summary(result)}")


def _summary(result: Mapping[str, Any]) -> str:
    keys = ("type", "step_id", "reason", "errors")
    return ", ".join(f"{key} {result[key]}" for key in keys if result.get(key))
