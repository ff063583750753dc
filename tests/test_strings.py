"""The files of strings become those that Home Assistant and the card read."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from strings.__main__ import main

REPEAT: Final = "[%key:component::piggy::config::title%]"
ENGLISH: Final[dict[str, Any]] = {
    "config": {"title": "Screen {name}", "hint": "Select a screen."},
    "entity": {"screen": REPEAT},
    "card": {"heading": "This is {name}: " + REPEAT, "close": "Close"},
}
DUTCH: Final[dict[str, Any]] = {
    "config": {"title": "Scherm {name}", "hint": "Selecteer een scherm."},
    "card": {"heading": "Dit is {name}: " + REPEAT, "close": "Sluiten"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty repository."""
    folder = tmp_path / "repository"
    (folder / "strings").mkdir(parents=True)
    return folder


def write(root: Path, **languages: Any) -> None:
    """Write the sources."""
    for language, texts in languages.items():
        source = texts if isinstance(texts, str) else json.dumps(texts)
        (root / "strings" / f"{language}.json").write_text(source, "utf-8")


def changed(tree: dict[str, Any], section: str, **texts: str | None) -> dict[str, Any]:
    """Return a copy with other texts in a section; None removes one."""
    merged = {**tree.get(section, {}), **texts}
    kept = {key: text for key, text in merged.items() if text is not None}
    return {**tree, section: kept}


def test_files(root: Path) -> None:
    """References are resolved; a language follows the references of English."""
    write(root, en=ENGLISH, nl=DUTCH)
    assert main([], root) is None
    package = root / "custom_components/piggy"
    assert json.loads((package / "translations/nl.json").read_bytes()) == {
        "config": {"title": "Scherm {name}", "hint": "Selecteer een scherm."},
        "entity": {"screen": "Scherm {name}"},
    }
    assert json.loads((package / "frontend/words/nl.json").read_bytes()) == {
        "heading": "Dit is {name}: Scherm {name}",
        "close": "Sluiten",
    }


def test_check(root: Path) -> None:
    """The check names the files that are stale or left over, and changes none."""
    write(root, en=ENGLISH, nl=DUTCH)
    assert main([], root) is None
    assert main(["--check"], root) is None
    write(root, nl=changed(DUTCH, "card", close="Dicht"))
    left_over = root / "custom_components/piggy/translations/xx.json"
    left_over.write_text("{}")
    for _ in range(2):
        assert main(["--check"], root) == (
            "custom_components/piggy/frontend/words/nl.json: stale\n"
            "custom_components/piggy/translations/xx.json: stale\n"
            "Run scripts/translations."
        )
    assert main([], root) is None
    assert main(["--check"], root) is None
    assert not left_over.exists()


@pytest.mark.parametrize(
    ("dutch", "problem"),
    [
        (changed(DUTCH, "config", hint=None), "config::hint: missing"),
        (
            changed(DUTCH, "entity", door="Deur"),
            "entity::door: not a key of the English file",
        ),
        (
            changed(DUTCH, "card", close="Selecteer een scherm."),
            "card::close: a repeat; write [%key:component::piggy::config::hint%]",
        ),
        (
            changed(DUTCH, "config", title="Scherm {naam}"),
            "config::title: other placeholders than in English",
        ),
        (
            changed(DUTCH, "config", title=REPEAT),
            "config::title: its references form a circle",
        ),
        (
            changed(DUTCH, "card", close="[%key:common::action::close%]"),
            "card::close: unknown reference [%key:common::action::close%]",
        ),
        (
            changed(DUTCH, "card", close="[%key:component::piggy::card::shut%]"),
            "card::close: unknown reference [%key:component::piggy::card::shut%]",
        ),
        (
            changed(DUTCH, "card", close="[%key component::piggy::config::hint%]"),
            "card::close: malformed reference",
        ),
        ('{"config": {}, "config": {}}', "config: given twice in one object"),
        ("{", "Expecting property name"),
    ],
)
def test_problems(root: Path, dutch: dict[str, Any] | str, problem: str) -> None:
    """Problems with a language are listed, and no file is written."""
    write(root, en=ENGLISH, nl=dutch)
    found = main([], root)
    assert found is not None
    assert f"strings/nl.json: {problem}" in found
    assert not (root / "custom_components").exists()
