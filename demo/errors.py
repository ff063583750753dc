"""Errors of the demo; each message tells a user what to do."""


class DemoError(Exception):
    """The demo cannot continue."""


class AlreadyRunningError(DemoError):
    """Another demo uses the folder."""


class CheckError(DemoError):
    """The demo does not show what it should."""
