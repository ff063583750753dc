"""QR codes of portal sessions, with or without a shop's logo."""

from .code import blank, fits, render
from .logo import MAX_BYTES, LogoProblem, decode, load_logo

__all__ = ["MAX_BYTES", "LogoProblem", "blank", "decode", "fits", "load_logo", "render"]
