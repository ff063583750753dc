"""Flows as the frontend carries them out, and faults that they can meet."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
import json
from typing import Any

from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.piggy.api import http
from custom_components.piggy.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import ROOT

TEXTS: dict[str, Any] = json.loads(
    (ROOT / "custom_components/piggy/translations/en.json").read_text("utf-8")
)

# One fault for each error of a form.
FAULTS: list[tuple[str, Fault]] = [
    ("invalid_auth", Fault("status", status=401, times=0)),
    ("unknown", Fault("status", status=403, times=0)),
    ("cannot_connect", Fault("reset_before", times=0)),
    ("cannot_connect", Fault("truncate", times=0)),
    ("timeout", Fault("stall", times=0)),
    ("maintenance", Fault("status", status=503, times=0)),
    ("rate_limited", Fault("status", status=429, times=0)),
    ("unknown", Fault("status", status=500, times=0)),
    ("unknown", Fault("code", code=1000, times=0)),
    ("unknown", Fault("html", times=0)),
    ("no_shops", Fault("raw", body='{"data": []}', times=0)),
]
every_fault = pytest.mark.parametrize(("error", "fault"), FAULTS)


@pytest.fixture
async def browser(
    hass: HomeAssistant, socket_enabled: None, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a client with the frontend's access."""
    # Views can only be added before the hub's server serves.
    for component in ("config", "image", "websocket_api", DOMAIN):
        assert await async_setup_component(hass, component, {})
    return await hass_client()


@contextmanager
def befalling(sandbox: Sandbox, *faults: Fault) -> Iterator[None]:
    """Apply faults to requests for a while, with short timeouts."""
    with pytest.MonkeyPatch.context() as patch:
        if any(fault.kind == "stall" for fault in faults):
            patch.setattr(http, "TIMEOUT", ClientTimeout(total=0.2))
        sandbox.add_fault(*faults)
        yield
    sandbox.clear_faults()


class Flow:
    """A flow in a browser; whatever it shows must have a text."""

    def __init__(
        self, browser: TestClient[Any, Any], entry: MockConfigEntry | None = None
    ) -> None:
        """Prepare a flow that adds an account, or a screen to an account."""
        self._browser = browser
        self._url = "/api/config/config_entries/flow"
        self._handler: Any = DOMAIN
        self._texts = TEXTS["config"]
        if entry:
            self._url = "/api/config/config_entries/subentries/flow"
            self._handler = (entry.entry_id, "screen")
            self._texts = TEXTS["config_subentries"]["screen"]
        self.result: dict[str, Any] = {}

    async def start(self, **context: Any) -> Flow:
        """Open the flow."""
        await self._ask("POST", {"handler": self._handler, **context})
        return self

    async def resume(self, flow_id: str) -> Flow:
        """Open a flow that the hub has started."""
        self.result = {"flow_id": flow_id}
        await self._ask("GET")
        return self

    async def send(self, **user_input: Any) -> Flow:
        """Send the form."""
        await self._ask("POST", user_input)
        return self

    async def refused(self, **user_input: Any) -> dict[str, str]:
        """Submit a form that is rejected; return the errors by field."""
        url = f"{self._url}/{self.result['flow_id']}"
        answer = await self._browser.post(url, json=user_input)
        assert answer.status == HTTPStatus.BAD_REQUEST
        errors: dict[str, str] = (await answer.json())["errors"]
        return errors

    async def leave(self) -> None:
        """Close the flow."""
        await self._browser.delete(f"{self._url}/{self.result['flow_id']}")

    def field(self, *path: str) -> dict[str, Any]:
        """Return a field of the form, in sections if there are more names."""
        fields = self.result["data_schema"]
        for name in path:
            field: dict[str, Any] = next(row for row in fields if row["name"] == name)
            fields = field.get("schema")
        return field

    def suggested(self) -> dict[str, Any]:
        """Return what the form is filled with."""
        return dict(_suggested(self.result["data_schema"]))

    @property
    def error(self) -> str | None:
        """Return the form's error, or why the flow ended."""
        errors = self.result.get("errors") or {}
        reason: str | None = errors.get("base", self.result.get("reason"))
        return reason

    async def _ask(self, method: str, body: Any = None) -> None:
        url = self._url
        if self.result:
            url = f"{url}/{self.result['flow_id']}"
        answer = await self._browser.request(method, url, json=body)
        assert answer.status == HTTPStatus.OK, await answer.text()
        self.result = await answer.json()
        self._check_texts()

    def _check_texts(self) -> None:
        """Check that a user reads words, not keys."""
        result = self.result
        if result["type"] == "abort":
            assert self._texts["abort"][result["reason"]]
            assert result.get("translation_domain") in {None, DOMAIN}
        if result["type"] == "form":
            for error in (result["errors"] or {}).values():
                assert self._texts["error"][error]
            step = self._texts["step"][result["step_id"]]
            _check_fields(result["data_schema"], step)
            told = result["description_placeholders"] or {}
            assert step["description"].format(**told)


def _check_fields(fields: list[dict[str, Any]], texts: dict[str, Any]) -> None:
    """Check that all fields of a form, or of its section, have texts."""
    for field in fields:
        if field.get("type") == "expandable":
            section = texts["sections"][field["name"]]
            assert section["name"]
            _check_fields(field["schema"], section)
        else:
            assert texts["data"][field["name"]]
            assert texts["data_description"][field["name"]]
            for option in (field["selector"].get("select") or {}).get("options", ()):
                if isinstance(option, str):
                    key = field["selector"]["select"]["translation_key"]
                    assert TEXTS["selector"][key]["options"][option]


def _suggested(fields: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Return what the fields of a form are filled with."""
    for field in fields:
        if field.get("type") == "expandable":
            yield field["name"], dict(_suggested(field["schema"]))
        elif "suggested_value" in (field.get("description") or {}):
            yield field["name"], field["description"]["suggested_value"]
