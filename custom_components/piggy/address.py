"""Which addresses a key may be sent to."""

from ipaddress import ip_address

from yarl import URL


def normalized(address: str) -> str | None:
    """Return an API's base url as it is kept, or None for one that will not do.

    The key travels with every request: https, or plain http that stays on this machine
    or in this network.
    """
    try:
        url = URL(address.strip())
        host, _port = url.host, url.port
    except ValueError:
        return None
    if not host or url.user or url.password or url.query_string or url.fragment:
        return None
    if url.scheme != "https" and not (url.scheme == "http" and _is_near(host)):
        return None
    return str(url).rstrip("/")


def _is_near(host: str) -> bool:
    """Return whether a host is this machine or has a private address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or (
        address.is_private and not address.is_unspecified and not address.is_reserved
    )
