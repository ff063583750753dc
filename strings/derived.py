"""Write what follows from the integration's tables, or check it.

These are the forms of the actions, and the session types and transactions of the card.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import sys
from typing import Any, Final

from custom_components.piggy.api.session_types import SESSION_TYPES, SessionType
from custom_components.piggy.button import RARE
from custom_components.piggy.const import ATTR_UUID, DOMAIN
from custom_components.piggy.options import (
    ATTR_AMOUNT_IN_CENTS,
    ATTR_REFERENCE,
    CONTACT_OPTIONS,
    DEFAULTS,
    OPTIONS,
    Option,
)
from custom_components.piggy.transactions import DETAILS

PACKAGE: Final = Path(__file__).parent.parent / "custom_components/piggy"
SERVICES: Final = PACKAGE / "services.yaml"
CARD: Final = PACKAGE / "frontend/tables.js"
BY: Final = "Written by scripts/translations from the tables of the integration."
EXAMPLES: Final = {ATTR_AMOUNT_IN_CENTS: "1040", ATTR_REFERENCE: "4711"}
DEVICE: Final = {
    "device_id": {
        "required": True,
        "selector": {"device": {"filter": [{"integration": DOMAIN}]}},
    }
}
OTHERS: Final = {
    "get_portal_session": DEVICE | {ATTR_UUID: {"selector": {"text": {}}}},
    "clear_session": DEVICE,
}


def services() -> str:
    """Return services.yaml: the form of every action."""
    actions = {f"create_{kind}_session": _fields(kind) for kind in SessionType} | OTHERS
    described = {action: {"fields": fields} for action, fields in actions.items()}
    return "\n".join((f"# {BY}", *_yaml(described), ""))


def card() -> str:
    """Return the card's session types, rare ones last, and its transactions."""
    icons = json.loads((PACKAGE / "icons.json").read_text("utf-8"))["entity"]["button"]
    lines = [f"/** {BY} */", "export const TYPES = {"]
    for kind in sorted(SessionType, key=RARE.__contains__):
        icon, row = icons[kind]["default"], SESSION_TYPES[kind]
        facts = {"icon": icon, "amount": row.purchase_amount, "audience": row.audience}
        told = (f'    {name}: "{fact}",' for name, fact in facts.items())
        lines += [f"  {kind}: {{", *told, "  },"]
    lines += ["};", "", "export const TRANSACTIONS = ["]
    lines += [f'  "{kind}",' for kind in DETAILS]
    return "\n".join((*lines, "];", ""))


def _fields(kind: SessionType) -> Mapping[str, Any]:
    """Return the fields of the action that creates a session, in sections."""
    rows = [option for option in OPTIONS if kind in option.session_types]
    customer = [option for option in rows if option.name in CONTACT_OPTIONS]
    defaults = [option for option in rows if option in DEFAULTS]
    others = [option for option in rows if option not in (*customer, *defaults)]
    return {
        **DEVICE,
        **{option.name: _field(option, kind) for option in others},
        **{
            name: {
                "collapsed": True,
                "fields": {option.name: _field(option, kind) for option in section},
            }
            for name, section in (("customer", customer), ("options", defaults))
        },
    }


def _field(option: Option, kind: SessionType) -> dict[str, Any]:
    """Return a field. What a selector has not switched on is left out."""
    ((name, config),) = option.selector.serialize()["selector"].items()
    told = {key: value for key, value in config.items() if value is not False}
    required = {"required": True} if kind in option.required_by else {}
    shown = {"example": EXAMPLES[option.name]} if option.name in EXAMPLES else {}
    return {**required, **shown, "selector": {name: told}}


def _yaml(tree: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")
        else:
            yield f"{indent}{key}: {json.dumps(value)}"


def main(arguments: list[str]) -> str | None:
    """Run the command; return the files that are stale if it may write nothing."""
    built = {SERVICES: services(), CARD: card()}
    stale = [
        path
        for path, content in built.items()
        if not path.exists() or path.read_text("utf-8") != content
    ]
    if "--check" in arguments:
        return "".join(f"{path.name}: stale\n" for path in stale) or None
    for path in stale:
        path.write_text(built[path], "utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
