"""User-facing texts, one file per language, and the command that builds them."""
