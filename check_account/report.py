"""Verdicts on the facts, as a table for a terminal and as a report to attach."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .facts import FACTS, Fact, Needs
from .visit import Seen

HEADINGS: Final = ("Check", "Fact", "Assumed", "Seen", "Verdict")
HELP: Final = "docs/piggy-api.md says what each finding means and what to do about it."


class Verdict(StrEnum):
    """The result of a check."""

    CONFIRMED = "confirmed"
    DIFFERENT = "DIFFERENT"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """The finding on a fact."""

    fact: Fact
    seen: str
    verdict: Verdict

    @property
    def cells(self) -> list[str]:
        """Return the row of a table."""
        assumed = " or ".join(self.fact.assumed)
        return [self.fact.key, self.fact.text, assumed, self.seen, self.verdict]


def judge(seen: Seen, options: Iterable[Needs]) -> list[Finding]:
    """Return the findings on all facts, including those that need an option."""
    findings = []
    for fact in FACTS:
        if fact.needs not in options:
            finding = Finding(fact, f"needs {fact.needs}", Verdict.NOT_CHECKED)
        else:
            found = fact.check(seen)
            is_assumed = found in fact.assumed
            verdict = Verdict.CONFIRMED if is_assumed else Verdict.DIFFERENT
            finding = Finding(fact, found, verdict)
        findings.append(finding)
    return findings


def summary(findings: Iterable[Finding]) -> str:
    """Return how many facts have each verdict."""
    verdicts = [finding.verdict for finding in findings]
    if set(verdicts) == {Verdict.CONFIRMED}:
        return f"All {len(verdicts)} facts are confirmed."
    counts = [f"{verdicts.count(each)} {each.lower()}" for each in Verdict]
    return f"Of {len(verdicts)} facts: {', '.join(counts)}."


def as_text(findings: Iterable[Finding]) -> str:
    """Return the table for a terminal, with the summary."""
    rows = [
        [cell.replace("`", "") for cell in row]
        for row in (HEADINGS, *(each.cells for each in findings))
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", summary(findings)])


def as_markdown(findings: Iterable[Finding], about: str) -> str:
    """Return the report as Markdown, without any key, address, shop or person."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(each.cells for each in findings)]
    table = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(
        ["# Check of a Piggy account", "", about, summary(findings), "", *table, ""]
    )
