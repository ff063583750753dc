"""Finds warnings and errors in Home Assistant's log."""

import re

# Starts with date, time with offset, level and thread.
_RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:.+]+ (?P<level>[A-Z]+) \(", re.MULTILINE)
_BAD_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})

# The loader warns of every custom integration.
_USUAL = re.compile(r"We found a custom integration \w+ which has not been tested")


def records(log: str) -> list[tuple[str, str]]:
    """Split a log into (level, text); the text includes a traceback's lines."""
    starts = list(_RECORD.finditer(log))
    ends = [match.start() for match in starts[1:]] + [len(log)]
    return [
        (match["level"], log[match.start() : end].strip())
        for match, end in zip(starts, ends, strict=True)
    ]


def complaints(log: str, about: str = "") -> list[str]:
    """Return the warnings and errors that contain a word; all of them without one."""
    return [
        text
        for level, text in records(log)
        if level in _BAD_LEVELS and about in text.lower() and not _USUAL.search(text)
    ]
