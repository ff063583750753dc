"""QR codes of portal sessions, with or without a shop's logo."""

from .code import fits, render
from .logo import MAX_BYTES, LogoProblem, decode, load_logo

__all__ = ["MAX_BYTES", "LogoProblem", "decode", "fits", "load_logo", "render"]
