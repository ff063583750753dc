"""The models accept every answer that is of use."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.piggy.api.errors import PiggyResponseError
from custom_components.piggy.api.models import (
    PortalSession,
    SessionEvent,
    Shop,
    read_account,
)

URL = "https://api.piggy.eu/portal-sessions?uuid=d02c7730"
# Piggy's own example of a session that is read again.
EXAMPLE: dict[str, Any] = {
    "uuid": "d02c7730-a1bb-471d-b293-bdc5add171e5",
    "url": "https://api.piggy.eu/portal-sessions?uuid=d02c7730-a1bb-471d-b293-bdc5add171e5",
    "contact": {"uuid": "123"},
    "shop": {
        "id": 243,
        "uuid": "2222e1242t3324535",
        "reference": "",
        "name": "Sesame Street",
    },
    "created_at": "2023-10-19T15:11:13+00:00",
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from([URL, "2023-10-19T15:11:13+00:00", "http://[", "0001-01-01"])
)
NAMES = st.sampled_from(
    [
        "uuid",
        "id",
        "url",
        "name",
        "company",
        "type",
        "reference",
        "contact",
        "shop",
        "events",
        "data",
        "created_at",
    ]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.text(), inner),
)
READERS = [Shop, SessionEvent, PortalSession]


@pytest.mark.parametrize("reader", READERS)
def test_anything(reader: Any) -> None:
    """Any JSON is either read or malformed."""

    @given(JSON)
    def read(data: Any) -> None:
        try:
            found = reader.from_api(data)
        except PiggyResponseError:
            return
        assert isinstance(found, reader)
        assert found == reader.from_api(data)

    read()


@given(st.fixed_dictionaries({"uuid": st.text(min_size=1), "url": st.just(URL)}), JSON)
def test_any_details(needed: dict[str, Any], anything: Any) -> None:
    """A session with uuid and url is read, whatever its other fields are."""
    for name in ("contact", "shop", "events", "created_at"):
        session = PortalSession.from_api({**needed, name: anything})
        assert (session.uuid, session.url) == (needed["uuid"], URL)
        assert session.created_at is None or isinstance(session.created_at, str)
        assert session.events is None or isinstance(anything, list)


@given(st.text())
def test_any_url(url: str) -> None:
    """Every accepted url is printable, and a web address."""
    try:
        session = PortalSession.from_api({"uuid": "1", "url": url})
    except PiggyResponseError:
        return
    assert session.url == url
    assert url.isprintable()
    assert url.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("data", "account"),
    [
        ({"company": "A", "id": 7, "uuid": "u"}, ("A", "u")),
        ({"company": {"name": "A"}, "id": 7}, ("A", "7")),
        ({"company": {"name": 1}, "uuid": 0}, ("1", "0")),
        ({"company": "", "uuid": "", "id": "7"}, (None, "7")),
        ({"company": ["A"], "uuid": ["u"], "id": True}, (None, None)),
        ({}, (None, None)),
        ([], (None, None)),
        (None, (None, None)),
    ],
)
def test_account(data: object, account: tuple[str | None, str | None]) -> None:
    """An account has the fields of the health check."""
    assert read_account(data) == account


@pytest.mark.parametrize(
    ("data", "shop"),
    [
        (
            {"uuid": "u", "name": "N", "type": "web", "reference": "r"},
            Shop("u", "N", "r"),
        ),
        (
            {"uuid": 123, "name": None, "type": "kiosk", "reference": ""},
            Shop("123", None, None),
        ),
        (
            {"uuid": "u", "name": [], "type": {}, "reference": 5},
            Shop("u", None, "5"),
        ),
    ],
)
def test_shop(data: object, shop: Shop) -> None:
    """A shop requires only its uuid."""
    assert Shop.from_api(data) == shop


@pytest.mark.parametrize("levels", [1, 31, 32, 33, 1000])
@pytest.mark.parametrize("wrap", [list, dict])
def test_deep_event(levels: int, wrap: type) -> None:
    """An event's data is cut where it is nested too deep; the rest of it stays."""

    def nested(depth: int) -> Any:
        value: Any = "end"
        for _ in range(depth):
            value = [value] if wrap is list else {"a": value}
        return value

    event = SessionEvent.from_api(
        {"type": "dance", "data": {"amount_in_cents": -5, "deep": nested(levels)}}
    )
    kept = nested(levels) if levels < 32 else None
    assert event.data["amount_in_cents"] == -5
    if kept is not None:
        assert event.data["deep"] == kept
        return
    depth, value = 0, event.data["deep"]
    while value is not None:
        (value,) = value if wrap is list else value.values()
        depth += 1
    assert depth == 31


@pytest.mark.parametrize(
    "value", ["10.40", "-5", 10.4, -1040, 1040, True, None, [], ["x"], {"a": "b"}]
)
def test_event_data(value: object) -> None:
    """An event's data stays as it came: an amount may have any type and sign."""
    event = SessionEvent.from_api({"type": "t", "data": {"amount_in_cents": value}})
    assert event.data == {"amount_in_cents": value}
    assert type(event.data["amount_in_cents"]) is type(value)


def test_long_texts() -> None:
    """Texts are cut to the length of a state, except for a uuid and a url."""
    long, cut = "x" * 256, "x" * 255
    assert read_account({"company": long}) == (cut, None)
    assert read_account({"company": {"name": long}}) == (cut, None)
    shop = Shop.from_api({"uuid": long, "name": long, "reference": long})
    assert shop == Shop(long, cut, cut)
    event = {"type": long, "data": {long: long, "list": [long], "fits": cut}}
    session = PortalSession.from_api(
        {
            "uuid": long,
            "url": URL + long,
            "contact": {"uuid": long},
            "events": [event],
        }
    )
    assert (session.uuid, session.url) == (long, URL + long)
    assert session.contact_uuid == long
    assert session.events == (
        SessionEvent(cut, {cut: cut, "list": [cut], "fits": cut}),
    )


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 1000])
def test_many_events(count: int) -> None:
    """An answer's last 200 events are read, in their order."""
    events = [{"type": str(number)} for number in range(count)]
    session = PortalSession.from_api({"uuid": "1", "url": URL, "events": events})
    assert session.events is not None
    kept = [event.type for event in session.events]
    assert kept == [str(number) for number in range(max(0, count - 200), count)]


def test_session() -> None:
    """A session is read as Piggy documents it."""
    session = PortalSession.from_api(EXAMPLE)
    assert session == PortalSession(
        uuid=EXAMPLE["uuid"],
        url=EXAMPLE["url"],
        shop=Shop("2222e1242t3324535", "Sesame Street"),
        contact_uuid="123",
        created_at="2023-10-19T15:11:13+00:00",
        events=None,
    )


def test_session_gives_nothing_away() -> None:
    """The representation of a session does not contain its url."""
    session = PortalSession.from_api(EXAMPLE)
    assert EXAMPLE["uuid"] not in f"{session} {session!r}"
    assert "2222e1242t3324535" in repr(session)


@pytest.mark.parametrize(
    ("details", "contact", "shop"),
    [
        ({}, None, None),
        ({"contact": None, "shop": None}, None, None),
        ({"contact": {}, "shop": {}}, None, None),
        ({"contact": "123", "shop": "123"}, None, None),
        ({"contact": {"uuid": ""}, "shop": {"id": 1, "name": "N"}}, None, None),
        (
            {"contact": {"uuid": 5}, "shop": {"id": "1", "uuid": 5}},
            "5",
            Shop("5", None),
        ),
    ],
)
def test_session_without(
    details: dict[str, Any], contact: str | None, shop: Shop | None
) -> None:
    """A session requires only its uuid and url."""
    session = PortalSession.from_api({"uuid": 1, "url": URL, **details})
    assert session == PortalSession("1", URL, shop, contact, None, None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2023-10-19T15:11:13+00:00", "2023-10-19T15:11:13+00:00"),
        ("2023-10-19 15:11:13", "2023-10-19 15:11:13"),
        ("", None),
        (None, None),
        ({"date": "2023-10-19"}, None),
    ],
)
def test_created_at(sent: object, kept: str | None) -> None:
    """A time is kept as Piggy sends it; anything but a text is None."""
    read = PortalSession.from_api({"uuid": "1", "url": URL, "created_at": sent})
    assert read.created_at == kept
    assert SessionEvent.from_api({"type": "t", "created_at": sent}).created_at == kept


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ({"type": "t", "data": {"a": 1}}, SessionEvent("t", {"a": 1}, None)),
        ({"type": "brand new", "data": []}, SessionEvent("brand new", {}, None)),
        ({"data": None}, SessionEvent("", {}, None)),
        ("voucher_redeemed", SessionEvent("", {}, None)),
        (None, SessionEvent("", {}, None)),
    ],
)
def test_event(data: object, event: SessionEvent) -> None:
    """Events of unknown types, or without data, are kept."""
    assert SessionEvent.from_api(data) == event
    session = PortalSession.from_api({"uuid": "1", "url": URL, "events": [data, data]})
    assert session.events == (event, event)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.piggy.eu/portal-sessions?uuid=1",
        "http://127.0.0.1:8585/x",
        "HTTPS://EXAMPLE.COM",
        "https://bücher.example/ß?q=✓#x",
        "https://[::1]/",
        "https://example.com/a@b?c=d:e@f#@",
    ],
)
def test_url(url: str) -> None:
    """A url comes through as it is."""
    assert PortalSession.from_api({"uuid": "1", "url": url}).url == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        17,
        True,
        ["https://a.b"],
        "a.b",
        "//a.b",
        "https://",
        "https:///x",
        "https://[::1",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.b",
        " https://a.b",
        "https://a.b/x y",
        "https://a.b/\nx",
        "https://a.b/\u200bx",
        "https://a.b/\u202ex",
        "https://a.b/\x1b[0m",
        "https://a.b/\ud800",
        "https://api.piggy.eu@evil.example/",
        "https://api.piggy.eu:443@evil.example/",
        "https://:word@evil.example/",
        "http://user:@evil.example/",
        "https://api.piggy.eu\\@evil.example/",
    ],
)
def test_no_url(url: object) -> None:
    """A url that is not http(s) is refused, and is not in the error."""
    with pytest.raises(PiggyResponseError) as caught:
        PortalSession.from_api({"uuid": "1", "url": url})
    assert str(caught.value) in ("session without url", "session without a web address")
