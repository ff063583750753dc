"""The project's own pictures, drawn by code; not shipped."""
