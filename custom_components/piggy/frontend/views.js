/**
 * The views: each makes its elements of what is to be seen.
 *
 * @import { Amounts, Hass } from "./hub.js"
 * @import { Seen } from "./seen.js"
 * @import { Words } from "./words.js"
 *
 * @typedef {object} Kit what a view needs besides
 * @property {HTMLElement} code the code's plate
 * @property {HTMLElement} logo
 * @property {(cents: number) => string} money
 * @property {() => string[]} lines what is said of the outcome
 */
import { button, disc, el, head, icon } from "./dom.js";
import { fill } from "./format.js";
import { keypad } from "./keypad.js";
import { languageButtons, purposeOf, typeButtons } from "./start.js";

const TROUBLE_ICONS = {
  unset: "mdi:monitor-dashboard",
  missing: "mdi:monitor-off",
  unavailable: "mdi:monitor-off",
  closed: "mdi:store-clock",
};

/**
 * Return what is said of the code's picture.
 * @param {Seen} seen
 * @param {Words} words
 * @param {Hass} hass
 */
export const pictureTexts = ({ type }, words, { user }) => ({
  alt: fill(words.code, { purpose: purposeOf(words, type) }),
  loading: words.loading,
  failed: words.retrying,
  missing: user?.is_admin === false ? words.closed_text : words.no_code,
});

/** @typedef {(HTMLElement | false | null | undefined)[]} Elements */

/** @type {Record<Seen["view"], (seen: Seen, words: Words, kit: Kit) => Elements>} */
const VIEWS = {
  idle: (seen, words, { logo }) => [
    logo,
    head(
      seen.heading ?? "",
      seen.message || (seen.types?.length ? words.choose : ""),
      seen.over,
    ),
    seen.types?.length ? typeButtons(seen.types, seen.busy, words) : null,
    seen.languages && languageButtons(seen.languages, words),
  ],

  keypad,

  code: (seen, words, kit) => [
    el("div", { className: "stage" }, kit.code),
    el(
      "div",
      { className: "aside" },
      head(purposeOf(words, seen.type), words.scan, seen.over),
      sum(seen, words, kit),
      seen.link &&
        el("p", { className: "link", textContent: seen.link, "data-part": "link" }),
      Boolean(seen.expires) && bar(),
      el(
        "div",
        { className: "foot" },
        seen.expires && countdown(words),
        seen.cancel && button("cancel", words.cancel, { className: "plain" }),
      ),
    ),
  ],

  page: (seen, words, kit) => [
    seen.both && el("div", { className: "stage" }, kit.code),
    head(purposeOf(words, seen.type), seen.both ? words.scan : "", seen.over),
    sum(seen, words, kit),
    Boolean(seen.expires) && bar(),
    el(
      "div",
      { className: "foot" },
      seen.expires && countdown(words),
      button("code", words.code_instead, { className: "plain" }),
      seen.cancel && button("cancel", words.cancel, { className: "plain" }),
    ),
  ],

  identified: (seen, words, kit) => [
    disc(icon("mdi:account-check"), "large"),
    head(words.identified, words.identified_text, seen.over),
    sum(seen, words, kit),
    seen.cancel && button("cancel", words.cancel, { className: "plain" }),
  ],

  completed: (seen, words, kit) => [
    disc(icon("mdi:check-bold"), "large success"),
    head(words.thanks, "", seen.over),
    ...kit
      .lines()
      .map((line) =>
        el("p", { className: "line", textContent: line, "data-part": "line" }),
      ),
    seen.amounts && seen.amounts.remaining > 0 && partPaid(seen.amounts, words, kit),
    button("cancel", words.close, { className: "plain" }),
  ],

  expired: (seen, words) => [
    disc(icon("mdi:timer-off-outline"), "large trouble"),
    head(words.expired, words.expired_text, seen.over),
  ],

  trouble: ({ kind = "unset" }, words) => [
    disc(
      kind === "offline" ? unreachable() : icon(TROUBLE_ICONS[kind]),
      "large trouble",
    ),
    head(words[kind], words[`${kind}_text`]),
  ],
};

/**
 * Return a view's section, filled.
 * @param {Seen} seen
 * @param {Words} words
 * @param {Kit} kit
 */
export function section(seen, words, kit) {
  const { view } = seen;
  const label = seen.heading || (seen.type ? purposeOf(words, seen.type) : words.name);
  const happened = ["completed", "identified", "expired"].includes(view)
    ? "happened"
    : "";
  const crowded = (seen.types?.length ?? 0) > 4 ? "crowded" : "";
  return el(
    "section",
    {
      className: `view ${view} ${happened} ${crowded}`,
      tabIndex: -1,
      "data-view": view,
      "aria-label": label,
    },
    ...VIEWS[view](seen, words, kit),
  );
}

/**
 * Return the amount of the session, and what of it is paid.
 * @param {Seen} seen
 * @param {Words} words
 * @param {Kit} kit
 */
function sum({ amounts }, words, kit) {
  if (!amounts) return null;
  const textContent = kit.money(amounts.purchase);
  return el(
    "div",
    { className: "sum" },
    el("p", { className: "amount", textContent, "data-part": "sum" }),
    amounts.paid > 0 && partPaid(amounts, words, kit),
  );
}

/**
 * @param {Amounts} amounts
 * @param {Words} words
 * @param {Kit} kit
 */
function partPaid({ paid, remaining }, words, { money }) {
  const textContent = fill(words.part_paid, {
    paid: money(paid),
    remaining: money(remaining),
  });
  return el("p", { textContent, "data-part": "part-paid" });
}

const bar = () => el("div", { className: "bar", "aria-hidden": "true" }, el("i"));

/** @param {Words} words */
const countdown = (words) =>
  el(
    "div",
    { className: "time", role: "timer", "aria-live": "off" },
    el("span", { textContent: words.valid }),
    el("b", { "data-part": "countdown" }),
  );

/** Return the sign of a hub that is gone: `ha-icon` would ask that very hub for it. */
function unreachable() {
  const sign = el("div", { className: "unreachable" });
  sign.innerHTML = `<svg viewBox="0 0 24 24"><path d="M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8
    0 0 1 11 0M10 16.5a3 3 0 0 1 4 0M12 20h.01M4 3l16 18"/></svg>`;
  return sign;
}
