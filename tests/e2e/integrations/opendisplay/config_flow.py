"""Adds the panel."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

DOMAIN = "opendisplay"


class PanelFlow(ConfigFlow, domain=DOMAIN):
    """Add the panel without a question."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the address of the only panel."""
        await self.async_set_unique_id("AA:BB:CC:DD:EE:FF")
        return self.async_create_entry(title="Panel", data={})
