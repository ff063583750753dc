"""Client for Piggy's API, version 3, as far as portal sessions need it."""
