"""Answers as Piggy gives them, and as it never should."""

from collections.abc import Iterator
from copy import deepcopy
import json
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

from custom_components.piggy.transactions import DETAILS

KEY: Final = "12|Canary+Key/0123456789"
EMAIL: Final = "Canary.Mail@example.com"
CARD: Final = "canary card 4711"
CONTACT: Final = "9c0ffee0-cafe-4bad-8bad-feedc0ffee00"
SESSION: Final = "canary-session-4711"
URL: Final = f"https://portal.example.com/s?uuid={SESSION}"
# The fields that the client reads.
SECRETS: Final = (KEY, EMAIL, CARD, CONTACT, SESSION)
# Fields that the client ignores.
OTHERS: Final = (
    "Another.Canary@example.com",
    "c0ffee00-0bad-4bad-8bad-0123456789ab",
    "https://portal.example.com/Canary-Other",
    URL,
)
MUTANTS: Final = 9
STATUSES: Final = (204, 302, 401, 403, 404, 429, 502, 503)


class Answer(NamedTuple):
    """An HTTP answer of the API, as received."""

    status: int
    headers: dict[str, str]
    body: bytes


def _spellings(secret: str) -> list[str]:
    return [secret, secret.lower(), secret.upper(), quote(secret, safe="")]


CANARIES: Final = sorted(
    {word for secret in (*SECRETS, *OTHERS) for word in _spellings(secret)}
)


def _weighed(*choices: tuple[st.SearchStrategy[Any], int]) -> st.SearchStrategy[Any]:
    """Return one of the strategies, by how much each weighs."""
    return st.sampled_from(
        [strategy for strategy, weight in choices for _ in range(weight)]
    ).flatmap(lambda strategy: strategy)


def _deep(levels: int, *, lists: bool) -> Any:
    """Return one container in another, in another."""
    value: Any = 1
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return value


# Values of the wrong type.
ODD: Final = (
    *(None, True, False, 0, 1, -1, 1.5, 1e308, 2**53, 2**63, 2**64, 10**400),
    *("", " ", "0", "1008", "null", "\x00", "\u202e", "é", "𝄞", "x" * 300, "x" * 3000),
    *([], {}, [[]], [None], [{}], {"": ""}, {"uuid": None}, {"uuid": [1]}),
    *("javascript:alert(1)", "https://", "http://[::1", "https://a:99999/", "//a.b"),
    *("https://a.b/ c", "HTTPS://A.B/é", "http://xn--a/", "https://a.b/" + "x" * 2331),
    *("2026-11-22T12:00:00", "0001-01-01T00:00:00+23:59", "20261122T24", "2026-W47-7"),
    *(
        _deep(levels, lists=lists)
        for levels in (31, 300, 1100)
        for lists in (False, True)
    ),
    *CANARIES,
)
_ODD_TEXTS: Final = [json.dumps(value) for value in ODD]
# Bytes that do not belong into an answer.
TOKENS: Final = (
    *(b"\xff", b"\x00", b"\xef\xbb\xbf", b'"', b"\\", b"\\ud800", b"1e999", b"NaN"),
    *(
        b"null",
        b"true",
        b"[" * 300,
        b'{"a":' * 300,
        b"9" * 400,
        b"-",
        b"{}",
        b"[]",
        b",",
    ),
    *(word.encode() for word in CANARIES),
)

words = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from([*CANARIES, " ", "\n", "(", ").", ":", "%", "{code}", "…"]),
    ),
    max_size=4,
).map("".join)
addresses = st.one_of(
    st.just(URL),
    st.builds(
        "https://{}/{}".format,
        st.sampled_from(["a.b", "a.b:8443", "[::1]", "café.example", "127.0.0.1"]),
        st.one_of(st.integers(0, 4000).map("x".__mul__), words),
    ),
)
moments = st.one_of(
    st.none(), st.datetimes().map(lambda moment: f"{moment.isoformat()}+01:00")
)
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
ids = st.sampled_from([SESSION, CONTACT, "123123", "é/..", 1])
contacts = st.fixed_dictionaries({"uuid": ids, "email": st.just(EMAIL)})
shops = st.fixed_dictionaries(
    {"uuid": ids, "name": words, "type": st.just("web"), "reference": words, "id": ids}
)
events = st.fixed_dictionaries(
    {
        "type": st.sampled_from([*DETAILS, "dance"]),
        "data": st.fixed_dictionaries(
            {}, optional={"credits": numbers, "amount_in_cents": numbers, "name": words}
        ),
        "created_at": moments,
    }
)
sessions = st.fixed_dictionaries(
    {
        "uuid": ids,
        "url": addresses,
        "contact": st.none() | contacts,
        "shop": shops,
        "events": st.lists(events, max_size=3),
        "created_at": moments,
    }
)
cards = st.fixed_dictionaries(
    {"value": st.just(CARD), "active": st.booleans(), "contact": st.none() | contacts}
)
accounts = st.fixed_dictionaries({"company": words | shops, "uuid": ids, "id": ids})
data = _weighed(
    (sessions, 5),
    (st.lists(shops, max_size=3), 1),
    (contacts, 1),
    (cards, 1),
    (accounts, 1),
)
successes = st.fixed_dictionaries({"data": data, "meta": st.sampled_from([[], {}])})
errors = st.fixed_dictionaries(
    {
        "message": words,
        "code": st.sampled_from([1000, 1003, "1008", 55031, 60003, 99999]) | numbers,
        "status_code": st.just(400),
    },
    optional={"errors": st.dictionaries(words, words | st.lists(words), max_size=3)},
)
odd_headers = st.one_of(
    st.sampled_from(["0", "30", "9" * 400, "-1", "1.5", "soon", "", "٣", KEY, URL]),
    st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.builds(
        "Sun, {} Nov {} {}:00:00 {}".format,
        st.integers(-1, 40),
        st.integers(-1, 100_000),
        st.integers(0, 30),
        st.sampled_from(["GMT", "-0000", "+9999", "+999999999", "EST", ""]),
    ),
)
headers = st.fixed_dictionaries(
    {}, optional={"Retry-After": odd_headers, "X-RateLimit-Remaining": odd_headers}
)
odd_statuses = st.sampled_from(STATUSES) | st.integers(100, 599)


class Seedling(NamedTuple):
    """A valid answer from which others are derived."""

    status: int
    headers: dict[str, str]
    body: Any
    randomness: int


randomness = st.integers(0, 2**32)
good = st.builds(Seedling, st.sampled_from([200, 201]), headers, successes, randomness)
bad = st.builds(Seedling, st.sampled_from([400, 422, 500]), headers, errors, randomness)
odd = st.builds(Seedling, odd_statuses, headers, successes | errors, randomness)
seedlings = _weighed((good, 5), (bad, 2), (odd, 1))


def grown(seedling: Seedling) -> Iterator[Answer]:
    """Yield the answer, then some with odd values in it, then some with odd bytes."""
    random = Random(seedling.randomness)  # noqa: S311
    status, found = seedling.status, seedling.headers
    yield Answer(status, found, json.dumps(seedling.body).encode())
    for number in range(MUTANTS):
        body = deepcopy(seedling.body)
        status = seedling.status if random.random() < 0.95 else random.choice(STATUSES)
        if number < MUTANTS * 2 // 3:
            for _ in range(random.randint(1, 3)):
                body = _with_odd_value(random, body)
            yield Answer(status, found, json.dumps(body).encode())
        else:
            content = bytearray(json.dumps(body, ensure_ascii=False).encode())
            for _ in range(random.randint(1, 4)):
                _damage(random, content)
            yield Answer(status, found, bytes(content))


def _odd(random: Random) -> Any:
    """Return a new copy of a random odd value."""
    return json.loads(random.choice(_ODD_TEXTS))


def _with_odd_value(random: Random, body: Any) -> Any:
    """Return a body of which one value, at any depth, is another one or is gone."""
    keys: Any = (
        list(body)
        if isinstance(body, dict)
        else range(len(body))
        if isinstance(body, list)
        else ()
    )
    if not keys or random.random() < 0.03:
        return _odd(random)
    key = random.choice(keys)
    if random.random() < 0.1:
        del body[key]
    elif isinstance(body[key], dict | list) and random.random() < 0.7:
        body[key] = _with_odd_value(random, body[key])
    else:
        body[key] = _odd(random)
    return body


def _damage(random: Random, content: bytearray) -> None:
    """Cut, double, flip or put in some bytes."""
    start = random.randint(0, len(content))
    if random.random() < 0.1:
        del content[start:]
        return
    end = start + random.randint(0, 12)
    content[start:end] = random.choice(
        (b"", random.choice(TOKENS), bytes(content[start:end]) * 2, random.randbytes(3))
    )
