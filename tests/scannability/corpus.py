"""The urls that are rendered: the same ones on every run."""

from random import Random
import string
from typing import Final
from urllib.parse import quote
import uuid

COUNT: Final = 200
HOSTS: Final = (
    "api.piggy.eu",
    "portal.leat.com",
    "q.nl",
    "loyalty.bakery-de-gouden-krakeling.example",
    "127.0.0.1:8080",
)
UNRESERVED: Final = string.ascii_letters + string.digits + "-._~"
ABROAD: Final = "äöüßéèñçøåłžšőğıαβγδжщю漢字東京카페🐷🎁"
SHORTEST, LONGEST = 20, 300  # characters


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _text(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choices(alphabet, k=length))


def _session(random: Random, length: int) -> str:
    """Return a url as Piggy's API answers it (Piggy API, portal sessions)."""
    return f"https://api.piggy.eu/portal-sessions?uuid={_uuid(random)}"


def _session_with_parameters(random: Random, length: int) -> str:
    return (
        f"https://{random.choice(HOSTS)}/portal-sessions?uuid={_uuid(random)}"
        f"&lang={random.choice(('nl', 'de', 'en', 'fr'))}"
        f"&amount={random.randrange(1, 100_000)}"
    )


def _path(random: Random, length: int) -> str:
    start = f"https://{random.choice(HOSTS[:3])}/"
    return start + _text(random, UNRESERVED, max(1, length - len(start)))


def _upper_case(random: Random, length: int) -> str:
    start = "HTTPS://Q.NL/"
    alphabet = string.ascii_uppercase + string.digits
    return start + _text(random, alphabet, max(1, length - len(start)))


def _percent_encoded(random: Random, length: int) -> str:
    start = f"https://{random.choice(HOSTS[:3])}/s?name="
    return start + quote(_text(random, ABROAD + " &/", max(1, length // 10)))


def _unicode(random: Random, length: int) -> str:
    start = f"https://{random.choice(HOSTS[:3])}/"
    return start + _text(random, ABROAD, max(1, length // 6))


# Half of what is shown is what the API answers today.
KINDS: Final = (
    (_session, 100),
    (_session_with_parameters, 25),
    (_path, 30),
    (_upper_case, 10),
    (_percent_encoded, 15),
    (_unicode, 20),
)


def urls() -> list[str]:
    """Return 200 different urls, of 20 to 300 characters."""
    random = Random(20261122)  # noqa: S311
    found = [
        kind(random, SHORTEST + (LONGEST - SHORTEST) * index // (count - 1))
        for kind, count in KINDS
        for index in range(count)
    ]
    assert len(set(found)) == COUNT
    return found
