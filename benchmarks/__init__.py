"""What scripts/bench measures: what the integration adds to a hub."""
