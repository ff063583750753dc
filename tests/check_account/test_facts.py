"""The checks, with answers that the sandbox does not give."""

from collections.abc import Mapping
import json
from typing import Any

import pytest

from check_account.answers import Answer
from check_account.facts import FACTS
from check_account.visit import Seen
from custom_components.piggy.api.session_types import SessionType
from tests.conftest import ROOT
from tests.documentation import in_code, page

SESSION: Mapping[str, Any] = {
    "uuid": "1",
    "url": "https://api.piggy.eu/s",
    "shop": {"uuid": "s"},
    "created_at": "2023-10-19T15:11:13+00:00",
}
SHOPS = [{"uuid": "s", "name": "Shop"}]


def answer(data: Any, **more: Any) -> Answer:
    """Return an answer with data."""
    return Answer(200, {}, json.dumps({"data": data, **more}).encode())


def see(key: str, **answers: Any) -> str:
    """Return the finding of a check."""
    made = answers.pop("made", None)
    seen = Seen(
        url="https://api.piggy.eu",
        **{
            "health": Answer(),
            "shops": answer(SHOPS),
            "wrong_key": Answer(),
            "unknown_session": Answer(),
            **answers,
        },
    )
    if made is not None:
        seen.without_amount[SessionType.PORTAL] = made
    return next(fact for fact in FACTS if fact.key == key).check(seen)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        ({"uuid": "u", "id": 1}, "`uuid`"),
        ({"id": 1}, "`id`"),
        ({"company": "A"}, "neither"),
        ([], "neither"),
    ],
)
def test_account(data: object, seen: str) -> None:
    """The account may be known by one of two ids."""
    assert see("account", health=answer(data)) == seen


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (SHOPS, "a list"),
        ([], "no shop"),
        ({}, "no list"),
        ([*SHOPS, {"name": "Shop"}], "a shop without `uuid`"),
        ([*SHOPS, {"uuid": "s"}], "a shop without `name`"),
        ([None], "a shop without `uuid`"),
    ],
)
def test_shops(data: object, seen: str) -> None:
    """Every shop has the fields that the form shows."""
    assert see("shops", shops=answer(data)) == seen


@pytest.mark.parametrize(
    ("meta", "seen"),
    [
        ([], "not paged"),
        ({}, "not paged"),
        (None, "not paged"),
        ({"total": 2}, "not paged"),
        ({"last_page": 2}, "paged"),
    ],
)
def test_paging(meta: object, seen: str) -> None:
    """A list with more pages is detected."""
    assert see("paging", shops=answer(SHOPS, meta=meta)) == seen


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, "all"),
        ({"uuid": None}, "no `uuid` or no usable `url`"),
        ({"url": "ftp://a"}, "no `uuid` or no usable `url`"),
        ({"shop": None}, "no `shop`, or another one"),
        ({"shop": {"uuid": "t"}}, "no `shop`, or another one"),
        ({"created_at": None}, "no `created_at`"),
    ],
)
def test_fields(change: Mapping[str, Any], seen: str) -> None:
    """A session has the fields that are stored."""
    assert see("fields", made=answer({**SESSION, **change})) == seen
    assert see("fields", made=Answer(400)) == "nothing"


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, "the same"),
        ({"uuid": "2"}, "another"),
        ({"url": "https://api.piggy.eu/t"}, "another"),
    ],
)
def test_read_back(change: Mapping[str, Any], seen: str) -> None:
    """The session that is read is the one that was created."""
    read = answer({**SESSION, **change})
    assert see("read_back", made=answer(SESSION), read_back=read) == seen
    refused = Answer(400, {}, b'{"code": 1003}')
    assert see("read_back", made=answer(SESSION), read_back=refused) == "error 1003"


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        ({}, "absent"),
        ({"events": None, "contact": None}, "null"),
        ({"events": [], "contact": []}, "a list"),
        ({"events": {}, "contact": {}}, "an object"),
        ({"events": 1, "contact": "x"}, "something else"),
        (None, "accepted"),
    ],
)
@pytest.mark.parametrize("key", ["events", "contact"])
def test_kind(key: str, data: object, seen: str) -> None:
    """A field may be there, null or absent."""
    assert see(key, read_back=answer(data)) == seen


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({}, "allowed"),
        ({"X-Frame-Options": "SAMEORIGIN"}, "refused by `X-Frame-Options`"),
        ({"Content-Security-Policy": "default-src 'none'"}, "allowed"),
        ({"Content-Security-Policy": "; frame-ancestors *;"}, "allowed"),
        (
            {
                "Content-Security-Policy": "img-src *; Frame-Ancestors http: https:",
                "X-Frame-Options": "DENY",
            },
            "allowed",
        ),
        *(
            (
                {"Content-Security-Policy": f"frame-ancestors{sources}"},
                "refused by `frame-ancestors`",
            )
            for sources in ("", " 'none'", " 'self' https://shop.example")
        ),
    ],
)
def test_framing(headers: Mapping[str, str], seen: str) -> None:
    """Of the two headers that control framing, the newer one takes precedence."""
    assert see("framing", page=Answer(200, headers)) == seen
    assert see("framing", page=Answer(404, headers)) == "HTTP 404"
    assert see("framing") == "no answer"


def test_documentation() -> None:
    """The documentation has every fact with its mark, and what a difference means."""
    documented = page("docs/piggy-api.md")
    _, table = documented.tables("Facts")
    assert {row[-1] for row in table if not in_code(row[-1])} == {"no"}
    facts = [row for row in table if in_code(row[-1])]
    assert [(*in_code(row[-1]), row[0], row[1].replace("`", "")) for row in facts] == [
        (fact.key, fact.text, fact.mark) for fact in FACTS
    ]
    findings = documented.table("Findings")
    assert [in_code(row[0]) for row in findings] == [[fact.key] for fact in FACTS]


def test_marks() -> None:
    """Every mark in the documentation and in the code is explained."""
    documented = page("docs/piggy-api.md")
    marks, table = documented.tables("Facts")
    known = {in_code(row[0])[0] for row in marks}
    assert {mark for row in table for mark in in_code(row[1])} == known
    package = ROOT / "custom_components/piggy"
    for row in table:
        assert all((package / name).is_file() for name in in_code(row[2])), row
