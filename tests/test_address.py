"""The addresses that are accepted for the API and for sessions."""

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.piggy.address import is_foreign_url, normalized


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://api.piggy.eu", "https://api.piggy.eu"),
        ("https://api.leat.com/", "https://api.leat.com"),
        ("  https://api.piggy.eu//\n", "https://api.piggy.eu"),
        ("HTTPS://API.Piggy.EU", "https://api.piggy.eu"),
        ("https://api.piggy.eu:443", "https://api.piggy.eu"),
        ("https://api.piggy.eu:8443", "https://api.piggy.eu:8443"),
        ("https://api.piggy.eu/proxy/", "https://api.piggy.eu/proxy"),
        ("https://api.piggy.eu?", "https://api.piggy.eu"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://my_proxy.example.", "https://my_proxy.example."),
        ("https://8.8.8.8", "https://8.8.8.8"),
        ("https://[2001:4860:4860::8888]", "https://[2001:4860:4860::8888]"),
        ("http://localhost:8585", "http://localhost:8585"),
        ("http://LocalHost", "http://localhost"),
        ("http://127.0.0.1:8585", "http://127.0.0.1:8585"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://10.0.0.1", "http://10.0.0.1"),
        ("http://172.16.0.1", "http://172.16.0.1"),
        ("http://192.168.1.5:80", "http://192.168.1.5"),
        ("http://[::1]:8585/", "http://[::1]:8585"),
        ("http://172.31.255.255", "http://172.31.255.255"),
        ("http://169.254.169.253", "http://169.254.169.253"),
        ("http://[fd00::1]", "http://[fd00::1]"),
        ("http://[fe80::1%eth0]", "http://[fe80::1%eth0]"),
        ("http://[::ffff:192.168.1.5]", "http://[::ffff:192.168.1.5]"),
    ],
)
def test_kept(address: str, kept: str) -> None:
    """An accepted address is normalized."""
    assert normalized(address) == kept
    assert normalized(kept) == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "  ",
        "api.piggy.eu",
        "//api.piggy.eu",
        "ftp://api.piggy.eu",
        "ws://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "https:///shops",
        "https://[::1",
        "https://[::g]",
        "https://api.piggy.eu:99999",
        "https://api.piggy.eu:port",
        "https://user@api.piggy.eu",
        "https://:word@api.piggy.eu",
        "https://:@api.piggy.eu",
        "https://api.piggy.eu/?key=1",
        "https://api.piggy.eu/#shops",
        "https://api.piggy.eu\\@example.com",
        "https://api piggy.eu",
        "https://api\0piggy.eu",
        "https://api..piggy.eu",
        "https://.",
        f"https://{'a' * 64}.example",
        "https://xn--a",
        "http://api.piggy.eu",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://piggy.localhost:1",
        "http://.localhost",
        "http://169.254.169.254",
        "http://169.254.169.254:80/latest",
        "http://[::ffff:169.254.169.254]",
        "http://[::ffff:169.254.169.254%1]",
        "http://[::ffff:a9fe:a9fe%25eth0]",
        "http://172.32.0.1",
        "http://192.0.2.1",
        "http://[2001:db8::1]",
        "http://[2002:c0a8:105::1]",
        "http://[64:ff9b::c0a8:105]",
        "http://[::192.168.1.5]",
        "http://[ff02::1]",
        "http://homeassistant.local",
        "http://8.8.8.8",
        "http://100.64.0.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://224.0.0.1",
        "http://255.255.255.255",
        "http://[2001:4860:4860::8888]",
        "http://[::ffff:8.8.8.8]",
        "http://2130706433",
        "http://127.1",
        "http://0x7f.0.0.1",
        "http://127.0.0.1:80@example.com",
    ],
)
def test_refused(address: str) -> None:
    """Addresses without a host, and unencrypted public ones, are refused."""
    assert normalized(address) is None


@given(
    st.one_of(
        st.text(),
        st.text().map("https://{}".format),
        st.text().map("http://127.0.0.1{}".format),
    )
)
def test_anything(address: str) -> None:
    """Any text is refused, or becomes an address with a scheme and a host."""
    if (kept := normalized(address)) is not None:
        url = URL(kept)
        assert url.scheme in ("http", "https")
        assert url.raw_host
        assert url.raw_host.isprintable()
        assert (url.query_string, url.fragment) == ("", "")
        assert (url.user, url.password) == (None, None)
        assert normalized(kept) == kept


PIGGY = "https://api.piggy.eu"
SANDBOX = "http://127.0.0.1:8585"


@pytest.mark.parametrize(
    ("url", "api", "foreign"),
    [
        ("https://api.piggy.eu/portal-sessions?uuid=1", PIGGY, False),
        ("https://piggy.eu/s", PIGGY, False),
        ("https://portal.piggy.eu/s", PIGGY, False),
        ("https://PORTAL.Piggy.EU/s", PIGGY, False),
        ("https://portal.leat.com/s", PIGGY, False),
        ("https://leat.com/s", "https://proxy.example", False),
        ("https://proxy.example:8443/s", "https://proxy.example", False),
        ("https://proxy.example/s", "https://PROXY.example/piggy", False),
        ("https://other.example/s", "https://proxy.example", True),
        ("https://portal.proxy.example/s", "https://proxy.example", True),
        ("https://evilpiggy.eu/s", PIGGY, True),
        ("https://piggy.eu.evil.example/s", PIGGY, True),
        ("https://evil.example/piggy.eu", PIGGY, True),
        ("https://notleat.com/s", PIGGY, True),
        ("http://api.piggy.eu/s", PIGGY, True),
        ("http://portal.leat.com/s", PIGGY, True),
        ("http://proxy.example/s", "https://proxy.example", True),
        ("http://127.0.0.1:8585/s", SANDBOX, False),
        ("http://127.0.0.1:1/s", SANDBOX, False),
        ("https://127.0.0.1/s", SANDBOX, False),
        ("http://192.168.1.5/s", SANDBOX, True),
        ("https://api.piggy.eu/s", SANDBOX, False),
        ("http://api.piggy.eu/s", SANDBOX, True),
    ],
)
def test_foreign_url(url: str, api: str, *, foreign: bool) -> None:
    """A url is foreign without https, or on a host that is neither Piggy's nor set."""
    assert is_foreign_url(url, api) is foreign
