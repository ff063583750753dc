"""What is read is tolerated as far as something can be done with it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.piggy.api import (
    Account,
    Contact,
    ContactIdentifier,
    PiggyResponseError,
    PortalSession,
    SessionEvent,
    SessionOptions,
    SessionType,
    Shop,
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
        "email",
        "active",
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
READERS = [Account, Shop, Contact, ContactIdentifier, SessionEvent, PortalSession]


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do without Home Assistant."""


@pytest.mark.parametrize("reader", READERS)
def test_anything(reader: Any) -> None:
    """Whatever JSON Piggy answers, it is read or it makes no sense."""

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
        assert session.created_at is None or session.created_at.tzinfo is not None
        assert session.events is None or isinstance(anything, list)


@given(st.text())
def test_any_url(url: str) -> None:
    """A url that is read can stand in a code: it is printable, and a web address."""
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
        ({"company": "A", "id": 7, "uuid": "u"}, Account("A", "u")),
        ({"company": {"name": "A"}, "id": 7}, Account("A", "7")),
        ({"company": {"name": 1}, "uuid": 0}, Account("1", "0")),
        ({"company": "", "uuid": "", "id": "7"}, Account(None, "7")),
        ({"company": ["A"], "uuid": ["u"], "id": True}, Account(None, None)),
        ({}, Account(None, None)),
        ([], Account(None, None)),
        (None, Account(None, None)),
    ],
)
def test_account(data: object, account: Account) -> None:
    """An account is what the health check tells of it."""
    assert Account.from_api(data) == account


@pytest.mark.parametrize(
    ("data", "shop"),
    [
        (
            {"uuid": "u", "name": "N", "type": "web", "reference": "r"},
            Shop("u", "N", "web", "r"),
        ),
        (
            {"uuid": 123, "name": None, "type": "kiosk", "reference": ""},
            Shop("123", None, "kiosk", None),
        ),
        (
            {"uuid": "u", "name": [], "type": {}, "reference": 5},
            Shop("u", None, None, "5"),
        ),
    ],
)
def test_shop(data: object, shop: Shop) -> None:
    """A shop needs no more than its uuid."""
    assert Shop.from_api(data) == shop


@pytest.mark.parametrize(
    ("data", "identifier"),
    [
        (
            {"active": True, "contact": {"uuid": "u", "email": "a@b.c"}},
            ContactIdentifier(active=True, contact=Contact("u")),
        ),
        (
            {"active": False, "contact": None},
            ContactIdentifier(active=False, contact=None),
        ),
        ({"contact": {}}, ContactIdentifier(active=True, contact=None)),
        (
            {"active": None, "contact": {"uuid": 7}},
            ContactIdentifier(active=True, contact=Contact("7")),
        ),
        ({}, ContactIdentifier(active=True, contact=None)),
    ],
)
def test_identifier(data: object, identifier: ContactIdentifier) -> None:
    """A card is in use unless Piggy says that it is not."""
    assert ContactIdentifier.from_api(data) == identifier


@pytest.mark.parametrize("data", [None, [], "card", 7])
def test_no_identifier(data: object) -> None:
    """What is no card at all is not taken for one that belongs to nobody."""
    with pytest.raises(PiggyResponseError):
        ContactIdentifier.from_api(data)


@pytest.mark.parametrize(
    ("levels", "kept"), [(1, True), (32, True), (33, False), (1000, False)]
)
def test_deep_event(levels: int, *, kept: bool) -> None:
    """What an event holds is dropped where it is nested beyond reason."""
    data: dict[str, Any] = {}
    for _ in range(levels - 1):
        data = {"a": data}
    event = SessionEvent.from_api({"type": "dance", "data": {"n": 1} | data})
    assert event == SessionEvent("dance", {"n": 1} | data if kept else {})


def test_session() -> None:
    """A session is read as Piggy documents it."""
    session = PortalSession.from_api(EXAMPLE)
    assert session == PortalSession(
        uuid=EXAMPLE["uuid"],
        url=EXAMPLE["url"],
        shop=Shop("2222e1242t3324535", "Sesame Street"),
        contact_uuid="123",
        created_at=datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC),
        events=None,
    )


def test_session_gives_nothing_away() -> None:
    """What opens a session is not in its representation."""
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
    """A session needs no more than its uuid and url."""
    session = PortalSession.from_api({"uuid": 1, "url": URL, **details})
    assert session == PortalSession("1", URL, shop, contact, None, None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-10-19T15:11:13+00:00", datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)),
        ("2023-10-19T15:11:13Z", datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)),
        ("2023-10-19 15:11:13", datetime(2023, 10, 19, 15, 11, 13, tzinfo=UTC)),
        (
            "2023-10-19T17:11:13.5+02:00",
            datetime(
                2023, 10, 19, 17, 11, 13, 500_000, tzinfo=timezone(timedelta(hours=2))
            ),
        ),
        ("yesterday", None),
        ("2023-13-19T15:11:13Z", None),
        ("", None),
        (1697728273, None),
        (None, None),
        ({"date": "2023-10-19"}, None),
    ],
)
def test_created_at(text: object, moment: datetime | None) -> None:
    """A moment has an offset; one that cannot be read counts as not told."""
    read = PortalSession.from_api({"uuid": "1", "url": URL, "created_at": text})
    assert read.created_at == moment
    assert SessionEvent.from_api({"type": "t", "created_at": text}).created_at == moment


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
    """An event of an unknown type, or one that says nothing, is still an event."""
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
    ],
)
def test_no_url(url: object) -> None:
    """What is no web address never gets onto a screen, or into an error's text."""
    with pytest.raises(PiggyResponseError) as caught:
        PortalSession.from_api({"uuid": "1", "url": url})
    assert str(caught.value) in ("session without url", "session without a web address")


def test_types() -> None:
    """There are the seven kinds of session that Piggy documents."""
    assert [kind.value for kind in SessionType] == [
        "portal",
        "credit_reception",
        "redeem_giftcard",
        "top_up_giftcard",
        "pay_prepaid",
        "top_up_prepaid",
        "voucher",
    ]


def test_options() -> None:
    """What nobody set is not sent; what is false or empty was set."""
    assert SessionOptions().as_body() == {}
    options = SessionOptions(
        contact_uuid="", enable_registration=False, amount_in_cents=0
    )
    assert options.as_body() == {
        "contact_uuid": "",
        "enable_registration": False,
        "amount_in_cents": 0,
    }
