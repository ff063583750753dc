"""Counts what a card leaves behind in the browser, session after session.

Usage: python -m tests.card.wear [SESSIONS]. Prints the counts as JSON.
"""

from dataclasses import asdict, dataclass
import json
import sys
from typing import Final

from playwright.sync_api import BrowserType, CDPSession, sync_playwright

from .harness import open_page, start_browser

FIRST: Final = 100  # sessions, in which code is compiled and caches are filled
ALL: Final = 2000
# Each session is scanned, identified, and completed; some are typed, framed, or expire.
LIFE: Final = """async ([first, last]) => {
  const root = hub.card.shadowRoot;
  const frame = () => new Promise((resolve) => setTimeout(resolve, 0));
  const until = async (selector) => {
    while (!root.querySelector(selector)) await frame();
  };
  const config = { device_id: "till", kiosk: true, languages: ["en", "nl"] };
  for (let number = first; number < last; number += 1) {
    hub.calls.length = 0;
    // Home Assistant's own page has filled this list long ago.
    performance.clearResourceTimings();
    const moment = new Date(1.79e12 + number * 60_000).toISOString();
    const session = { since: moment, type: "voucher", url: "https://portal.test/s",
      expires: new Date(Date.now() + 300_000).toISOString() };
    const framed = number % 10 === 0;
    if (framed || number % 10 === 1) {
      hub.card.setConfig({ ...config, show: framed ? "both" : "code" });
    }
    root.querySelector("[data-type=redeem_giftcard]").click();
    root.querySelector("[data-key='5']").click();
    root.querySelector("[data-action=back]").click();
    hub.show({ ...session, status: "waiting" });
    await until("[data-part=code][data-state=ready]");
    if (number % 7 === 0) {
      hub.show({ event: { event_type: "session_expired" } });
      await until("[data-view=expired]");
    } else {
      const known = { event_type: "contact_identified" };
      hub.show({ ...session, status: "identified", event: known });
      hub.show({ ...session, status: "completed", event: {
        event_type: "voucher_redeemed", voucher_name: `Coffee ${number}` } });
      await until("[data-view=completed]");
    }
    hub.show({ status: "waiting", since: moment });
    hub.show({});
    await until("[data-view=idle]");
  }
}"""


@dataclass(frozen=True)
class Count:
    """What the browser holds."""

    nodes: int
    listeners: int
    heap: int  # bytes


def wear(chromium: BrowserType, sessions: int) -> tuple[Count, Count]:
    """Return what the browser holds after the first sessions, and after all.

    Functions are not compiled: code grows for some hundred sessions, and is no leak.
    """
    with (
        start_browser(chromium, "--js-flags=--jitless") as browser,
        open_page(browser, {}, {}) as page,
    ):
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        page.evaluate("hub.put({})")
        page.evaluate("hub.card.layout = 'panel'")
        page.evaluate(LIFE, [0, FIRST])
        first = _count(devtools)
        page.evaluate(LIFE, [FIRST, sessions])
        return first, _count(devtools)


def _count(devtools: CDPSession) -> Count:
    for _ in range(3):  # what the first round frees may hold more
        devtools.send("HeapProfiler.collectGarbage")
    metrics = {
        metric["name"]: int(metric["value"])
        for metric in devtools.send("Performance.getMetrics")["metrics"]
    }
    return Count(
        metrics["Nodes"], metrics["JSEventListeners"], metrics["JSHeapUsedSize"]
    )


def main(sessions: int) -> None:
    """Count, and print what was counted."""
    with sync_playwright() as playwright:
        first, last = wear(playwright.chromium, sessions)
    print(json.dumps({"first": asdict(first), "last": asdict(last)}))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ALL)
