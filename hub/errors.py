"""Errors of a hub and of what drives it."""


class HubError(Exception):
    """Home Assistant did not start, exited, or did not do what was requested."""


class NotYetError(HubError):
    """The hub is not in the expected state yet; asking again may help."""


class HubUnreachableError(HubError):
    """Home Assistant does not answer."""


class HubRefusedError(HubError):
    """Home Assistant answered a request with an error status."""

    def __init__(self, request: str, status: int, message: str) -> None:
        """Keep the HTTP status and Home Assistant's message."""
        super().__init__(f"Home Assistant answered {status} to {request}: {message}")
        self.status = status
        self.message = message


class CommandError(HubError):
    """Home Assistant refused a websocket command."""

    def __init__(self, command: str, code: str, message: str) -> None:
        """Keep the error's code and Home Assistant's message."""
        super().__init__(f"Home Assistant refused {command} ({code}): {message}")
        self.code = code
        self.message = message


class FlowError(HubError):
    """A config flow returned another step, error or form than expected."""
