"""Demo of the integration in a real Home Assistant, started by one command."""
