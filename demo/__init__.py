"""A real Home Assistant with the integration, brought up by one call."""
