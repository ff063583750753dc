"""Which addresses a key may be sent to."""

from ipaddress import ip_address
import re
from typing import Final

from yarl import URL

NAME: Final = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


def normalized(address: str) -> str | None:
    """Return an API's base url as it is kept, or None for one that will not do.

    The key travels with every request: https, or plain http that stays on this machine
    or in this network.
    """
    try:
        url = URL(address.strip())
        _host, _port = url.host, url.port  # reading them is what checks them
    except ValueError:
        return None
    host = url.raw_host or ""
    if not _is_host(host):
        return None
    if (url.user, url.password) != (None, None) or url.query_string or url.fragment:
        return None
    if url.scheme != "https" and not (url.scheme == "http" and _is_near(host)):
        return None
    return str(url).rstrip("/")


def _is_host(host: str) -> bool:
    """Return whether a host is an address or a name that can be looked up."""
    try:
        ip_address(host)
    except ValueError:
        return NAME.fullmatch(host) is not None
    return True


def _is_near(host: str) -> bool:
    """Return whether a host is this machine or has a private address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or (
        address.is_private and not address.is_unspecified and not address.is_reserved
    )
