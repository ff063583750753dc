"""QR codes of portal sessions, with or without a shop's logo."""

from .code import fits, render
from .logo import MAX_BYTES, LogoProblem, load_logo

__all__ = ["MAX_BYTES", "LogoProblem", "fits", "load_logo", "render"]
