"""The documentation, as a reader finds it: pages, headings, links, tables, examples."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
import re
from typing import Any

import yaml

from .conftest import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        """Return its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """Return its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Return its text without the fenced blocks."""
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Return the targets of its links and images."""
        return LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """Return the anchors that GitHub gives its headings."""
        found: set[str] = set()
        taken: Counter[str] = Counter()
        for heading in HEADING.findall(self.prose):
            words = LINK.sub("", heading).replace("[", "").lower()
            slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            found.add(f"{slug}-{taken[slug]}" if taken[slug] else slug)
            taken[slug] += 1
        return found

    def fenced(self, language: str) -> list[str]:
        """Return the fenced examples of a language."""
        return [
            content for kind, content in FENCE.findall(self.text) if kind == language
        ]

    def section(self, heading: str) -> str:
        """Return the text from a heading to the next one of any level."""
        after = re.split(rf"^#+ {re.escape(heading)}$", self.prose, flags=re.MULTILINE)
        assert len(after) == 2, f"{self.name} has no heading {heading}"
        return re.split(r"^#+ ", after[1], maxsplit=1, flags=re.MULTILINE)[0]

    def tables(self, heading: str) -> list[list[list[str]]]:
        """Return the cells of the rows of every table in a section."""
        return [
            [
                [cell.strip() for cell in line.strip("|\n ").split(" | ")]
                for line in table.splitlines()[2:]
            ]
            for table in re.findall(
                r"(?:^\|.*\|\n)+", self.section(heading), re.MULTILINE
            )
        ]

    def table(self, heading: str) -> list[list[str]]:
        """Return the rows of the only table in a section."""
        (table,) = self.tables(heading)
        return table


def page(name: str) -> Page:
    """Return a page by its path in the repository."""
    return Page(ROOT / name)


def pages() -> list[Page]:
    """Return every page."""
    return [
        Page(path)
        for path in (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")))
    ]


def in_code(cell: str) -> list[str]:
    """Return the parts of a cell that are in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def keys(rows: list[list[str]]) -> list[str]:
    """Return the parts in backticks of the first cell of every row."""
    return [key for row in rows for key in in_code(row[0])]


def blocks() -> list[Any]:
    """Return the content of every YAML block."""
    return [yaml.safe_load(text) for each in pages() for text in each.fenced("yaml")]


def examples() -> dict[str, Any]:
    """Return every automation by its alias."""
    automations = [block for block in blocks() if "triggers" in block]
    aliases = {automation["alias"]: automation for automation in automations}
    assert len(aliases) == len(automations)
    return aliases


def uses() -> dict[str, Any]:
    """Return every automation that uses a blueprint, by its alias."""
    automations = [block for block in blocks() if "use_blueprint" in block]
    aliases = {automation["alias"]: automation for automation in automations}
    assert len(aliases) == len(automations)
    return aliases


def configuration(key: str) -> Any:
    """Return the only configuration that has a key."""
    (block,) = [block for block in blocks() if key in block]
    return block


def scripts() -> dict[str, Any]:
    """Return every script by its name."""
    found = [
        (name, script)
        for block in blocks()
        for name, script in block.items()
        if isinstance(script, dict) and "sequence" in script
    ]
    assert len(dict(found)) == len(found)
    return dict(found)
