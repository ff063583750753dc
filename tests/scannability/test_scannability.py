"""Every code that the integration renders can be read off a screen."""

import pytest

from custom_components.piggy import qr
from tests.scannability import corpus
from tests.scannability.damage import CONDITIONS, Condition
from tests.scannability.table import Row, loaded, measure, written


@pytest.fixture(scope="module")
def rows(request: pytest.FixtureRequest) -> dict[str, Row]:
    """Return the table, by damage, and print it whatever pytest captures."""
    codes = [(url, loaded(qr.render(url))) for url in corpus.urls()]
    table = measure(codes, phone_every=5)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{written(table)}")  # noqa: T201
    return {row.condition.name: row for row in table}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_codes_are_read(condition: Condition, rows: dict[str, Row]) -> None:
    """Test that enough codes are read after the damage."""
    row = rows[condition.name]
    assert row.holds, row.shares


def test_urls_are_varied() -> None:
    """Test that the corpus is what it says: 200 urls, short, long and foreign."""
    urls = corpus.urls()
    assert len(set(urls)) == 200
    assert min(map(len, urls)) <= 25
    assert max(map(len, urls)) >= 300
    assert sum(not url.isascii() for url in urls) >= 15
    assert sum("%" in url for url in urls) >= 10
    assert corpus.urls() == urls
