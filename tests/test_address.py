"""Which addresses a key may be sent to."""

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.piggy.address import normalized


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
        ("http://piggy.localhost:1", "http://piggy.localhost:1"),
        ("http://127.0.0.1:8585", "http://127.0.0.1:8585"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://10.0.0.1", "http://10.0.0.1"),
        ("http://172.16.0.1", "http://172.16.0.1"),
        ("http://192.168.1.5:80", "http://192.168.1.5"),
        ("http://[::1]:8585/", "http://[::1]:8585"),
        ("http://[fd00::1]", "http://[fd00::1]"),
        ("http://[fe80::1%eth0]", "http://[fe80::1%eth0]"),
        ("http://[::ffff:192.168.1.5]", "http://[::ffff:192.168.1.5]"),
    ],
)
def test_kept(address: str, kept: str) -> None:
    """An address that will do is kept in one way of writing it."""
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
        "http://homeassistant.local",
        "http://8.8.8.8",
        "http://100.64.0.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://224.0.0.1",
        "http://240.0.0.1",
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
    """A key is sent neither to nowhere nor through the open internet as it is."""
    assert normalized(address) is None


@given(
    st.one_of(
        st.text(),
        st.text().map("https://{}".format),
        st.text().map("http://127.0.0.1{}".format),
    )
)
def test_anything(address: str) -> None:
    """Whatever is typed, it is refused or an address with a scheme and a host."""
    if (kept := normalized(address)) is not None:
        url = URL(kept)
        assert url.scheme in ("http", "https")
        assert url.raw_host
        assert url.raw_host.isprintable()
        assert (url.query_string, url.fragment) == ("", "")
        assert (url.user, url.password) == (None, None)
        assert normalized(kept) == kept
