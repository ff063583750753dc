"""Writes the results into the documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from hub.configuration import CHECKOUT

from .report import Result, table

PERFORMANCE: Final = CHECKOUT / "docs" / "performance.md"
README: Final = CHECKOUT / "README.md"
BEGIN, END = "<!-- scripts/bench writes this -->", "<!-- until here -->"


@dataclass(frozen=True, slots=True)
class Quote:
    """A row in the words of a shop's owner.

    `value` is formatted with the median of the row, and its ratio to the other.
    """

    words: str
    value: str


QUOTES: Final[Mapping[str, Quote]] = {
    "wall-press": Quote(
        "From a press on the wall's tablet to a code that can be scanned",
        "{this:.0f} ms, of which Piggy's answer takes 50",
    ),
    "latency": Quote(
        "From the customer's last tap on the phone to your automation",
        "{this:.1f} s",
    ),
    "requests": Quote(
        "Requests to Piggy on a day with 500 customers",
        "{this:,.0f}, {ratio:.0%} of what asking every 5 s takes",
    ),
    "start": Quote(
        "How much longer Home Assistant starts with 1,000 screens", "{this:.1f} s"
    ),
}


def write(results: Sequence[Result], machine: Mapping[str, Any]) -> None:
    """Replace the tables of the documentation."""
    _replace(PERFORMANCE, f"{conditions(machine)}\n\n{table(results)}")
    _replace(README, quotes(results))


def conditions(machine: Mapping[str, Any]) -> str:
    """Return a sentence about the machine."""
    return (
        f"Measured on {machine['date']} with {machine['cores']} cores"
        f" ({machine['architecture']}), Python {machine['python']}, and Home Assistant"
        f" {machine['home_assistant']}. The load average was {machine['load']:.1f}"
        " before the first row."
    )


def quotes(results: Sequence[Result]) -> str:
    """Return the rows for a shop's owner as a Markdown list."""
    found = {row.key: samples for row, samples in results}
    return "\n".join(
        f"- {quote.words}: "
        + quote.value.format(this=median(samples.this), ratio=samples.ratio)
        for key, quote in QUOTES.items()
        if (samples := found.get(key))
    )


def between_markers(text: str, content: str) -> str:
    """Return the text with what is between the markers replaced; raises ValueError."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"a page without {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def _replace(path: Path, content: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(between_markers(text, content), encoding="utf-8")
