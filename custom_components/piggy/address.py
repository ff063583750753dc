"""Check the URLs of the API, which receives the key, and of sessions."""

from ipaddress import ip_address
import re
from typing import Final

from yarl import URL

from homeassistant.util.network import is_ip_address, is_local

NAME: Final = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# The metadata service of clouds, which gives out credentials of the machine.
METADATA: Final = (ip_address("169.254.169.254"), ip_address("::ffff:169.254.169.254"))
VENDOR_DOMAINS: Final = ("piggy.eu", "leat.com")


def normalized(address: str) -> str | None:
    """Return the base URL of an API as it is stored, or None if it is unsuitable.

    Every request carries the key, so only https is accepted, and plain http only for
    this machine and the local network.
    """
    try:
        url = URL(address.strip())
        _host, _port = url.host, url.port  # reading them validates them
    except ValueError:
        return None
    host = url.raw_host or ""
    is_named = is_ip_address(host) or NAME.fullmatch(host)
    is_plain = not ("@" in url.raw_authority or url.query_string or url.fragment)
    is_safe = url.scheme == "https" or (url.scheme == "http" and _is_near(host))
    return str(url).rstrip("/") if is_named and is_plain and is_safe else None


def is_foreign_url(url: str, api_url: str) -> bool:
    """Return whether a session's URL is unexpected for the API at `api_url`.

    Expected are https on one of Piggy's hosts or on the API's own, and there also http
    if the API itself is called by http.
    """
    session, api = URL(url), URL(api_url)
    if session.host == api.host:
        return session.scheme not in ("https", api.scheme)
    return session.scheme != "https" or not any(
        f".{session.host}".endswith(f".{domain}") for domain in VENDOR_DOMAINS
    )


def _is_near(host: str) -> bool:
    """Return whether a host is this machine or in the local network."""
    if not is_ip_address(host):
        return host == "localhost"
    address = ip_address(host.partition("%")[0])  # without the zone
    return is_local(address) and address not in METADATA
