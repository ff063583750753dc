"""Errors of the demo; every message is one that a person can act on."""


class DemoError(Exception):
    """The demo cannot go on."""


class AlreadyRunningError(DemoError):
    """Another demo holds the folder."""


class HubError(DemoError):
    """Home Assistant did not start, or ended by itself."""


class HubUnreachableError(HubError):
    """Home Assistant does not answer."""


class HubRefusedError(HubError):
    """Home Assistant answered a request with an error status."""

    def __init__(self, request: str, status: int, message: str) -> None:
        """Keep the HTTP status and what Home Assistant said."""
        super().__init__(f"Home Assistant answered {status} to {request}: {message}")
        self.status = status
        self.message = message


class CommandError(HubError):
    """Home Assistant refused a websocket command."""

    def __init__(self, command: str, code: str, message: str) -> None:
        """Keep the error's code and what Home Assistant said."""
        super().__init__(f"Home Assistant refused {command} ({code}): {message}")
        self.code = code
        self.message = message


class FlowError(DemoError):
    """A config flow went another way than it should."""


class CheckError(DemoError):
    """What the demo shows is not what it should be."""
