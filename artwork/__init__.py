"""The project's artwork, drawn in `piggy.svg`; not shipped."""
