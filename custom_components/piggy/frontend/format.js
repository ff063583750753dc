/**
 * Numbers, money, times and sentences, as a user reads them. Pure.
 *
 * @import { Hass } from "./hub.js"
 * @import { Outcome } from "./seen.js"
 * @import { Words } from "./words.js"
 */

/** The number formats of Home Assistant's profile page, as locales. */
const NUMBER_LOCALES = new Map([
  ["comma_decimal", ["en-US", "en"]],
  ["decimal_comma", ["de", "es", "it"]],
  ["space_comma", ["fr", "sv", "cs"]],
  ["quote_decimal", ["de-CH"]],
  ["system", undefined],
]);

const CONNECTION_LOST = 3; // home-assistant-js-websocket's code

/** Errors that a customer can do something about. */
const FOR_CUSTOMERS = ["too_soon", "pin_wrong", "pin_locked"];

/**
 * Return a text with its {placeholders} filled in.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/**
 * Return a text that a screen reader pauses after.
 * @param {string} text
 */
export const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/**
 * Return the locale in which a user reads numbers.
 * @param {Hass} hass
 */
export function numberLocale(hass) {
  const format = hass.locale?.number_format ?? "language";
  return NUMBER_LOCALES.has(format) ? NUMBER_LOCALES.get(format) : hass.language;
}

/**
 * Return an amount of money.
 * @param {Hass} hass
 * @param {number} cents
 */
export function money(hass, cents) {
  return new Intl.NumberFormat(numberLocale(hass), {
    style: "currency",
    currency: hass.config?.currency || "EUR",
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(cents / 100);
}

/**
 * Return a span of time as h:mm:ss or m:ss, in the user's digits.
 * @param {Hass} hass
 * @param {number} milliseconds
 */
export function span(hass, milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts
    .map((part, index) =>
      new Intl.NumberFormat(hass.language, {
        minimumIntegerDigits: index ? 2 : 1,
      }).format(part),
    )
    .join(":");
}

/**
 * Return the lines that say what completed a session. Amounts of one kind are added up.
 * @param {Hass} hass
 * @param {Words} words
 * @param {Outcome[]} outcome
 * @param {string | undefined} type the session's type
 */
export function outcomeLines(hass, words, outcome, type) {
  const lines = merge(outcome).map((told) =>
    Object.hasOwn(LINES, told.kind)
      ? LINES[told.kind](hass, words, told, type)
      : plainLine(words, told),
  );
  return lines.length ? lines : [words.done];
}

/**
 * Add up what can be added: credits, and amounts that went the same way.
 * @param {Outcome[]} outcome
 */
function merge(outcome) {
  /** @type {Map<string, Outcome>} */
  const merged = new Map();
  for (const [index, told] of outcome.entries()) {
    const { kind, credits, amount_in_cents: cents } = told;
    const number = credits ?? cents;
    const key =
      typeof number === "number" ? `${kind} ${Math.sign(cents ?? 0)}` : `${index}`;
    const before = merged.get(key);
    merged.set(key, {
      ...told,
      ...(credits != null && { credits: (before?.credits ?? 0) + credits }),
      ...(cents != null && { amount_in_cents: (before?.amount_in_cents ?? 0) + cents }),
    });
  }
  return [...merged.values()];
}

/**
 * Return the word of a transaction's kind, with its attributes filled in.
 * @param {Record<string, string>} words
 * @param {Outcome} told
 */
const plainLine = (words, told) =>
  fill(words[told.kind] ?? words.done, /** @type {any} */ (told));

/**
 * What is said of a transaction, by its kind, where one word is not enough.
 * @type {Record<string, (hass: Hass, words: Words, told: Outcome, type?: string) => string>}
 */
const LINES = {
  credit_reception: (hass, words, told) => creditsLine(hass, words, told.credits),
  giftcard_transaction: (hass, words, told, type) =>
    amountLine(hass, words, told, words.redeemed, type === "redeem_giftcard"),
  prepaid_transaction: (hass, words, told, type) =>
    amountLine(hass, words, told, words.paid, type === "pay_prepaid"),
  voucher_redeemed: (_hass, words, { voucher_name: voucher }) =>
    voucher ? fill(words.voucher_named, { voucher }) : words.voucher_done,
};

/**
 * @param {Hass} hass
 * @param {Words} words
 * @param {number | undefined} credits
 */
function creditsLine(hass, words, credits) {
  if (typeof credits !== "number") return words.done;
  const one = new Intl.PluralRules(hass.language).select(credits) === "one";
  return fill(one ? words.credits_one : words.credits_other, {
    credits: new Intl.NumberFormat(numberLocale(hass)).format(credits),
  });
}

/**
 * @param {Hass} hass
 * @param {Words} words
 * @param {Outcome} told
 * @param {string} spent what is said of an amount that was spent
 * @param {boolean} spends whether the session can only spend
 */
function amountLine(hass, words, { amount_in_cents: cents }, spent, spends) {
  if (typeof cents !== "number") return words.done;
  const amount = money(hass, Math.abs(cents));
  return fill(spends || cents < 0 ? spent : words.topped_up, { amount });
}

/**
 * Return an action's error in words, in the card's language where the hub has it. Users
 * who are not administrators are told what a customer can do, not what went wrong.
 * @param {Hass} hass
 * @param {Words} words
 * @param {any} error what callService rejected with
 * @returns {Promise<string>}
 */
export async function errorText(hass, words, error) {
  if (error?.error?.code === CONNECTION_LOST || hass.connected === false) {
    return words.error_connection;
  }
  const { translation_domain: domain, translation_key: key } = error ?? {};
  if (hass.user?.is_admin === false && !FOR_CUSTOMERS.includes(key)) {
    return words.closed_text;
  }
  const fallback = error?.message || words.error_unknown;
  if (!key || !hass.callWS) return fallback;
  try {
    const { resources } = await hass.callWS({
      type: "frontend/get_translations",
      language: hass.language,
      category: "exceptions",
      integration: [domain],
    });
    const text = resources[`component.${domain}.exceptions.${key}.message`];
    return text ? fill(text, error.translation_placeholders ?? {}) : fallback;
  } catch {
    return fallback;
  }
}
