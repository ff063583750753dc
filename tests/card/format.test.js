import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  errorText,
  fill,
  money,
  outcomeLines,
  sentence,
  span,
} from "../../custom_components/piggy/frontend/format.js";
import { TRANSACTIONS } from "../../custom_components/piggy/frontend/tables.js";
import { hassOf } from "./hass.js";

/** @returns {import("../../custom_components/piggy/frontend/words.js").Words} */
const wordsOf = (language = "en") =>
  JSON.parse(
    readFileSync(
      new URL(
        `../../custom_components/piggy/frontend/words/${language}.json`,
        import.meta.url,
      ),
      "utf8",
    ),
  );
const words = wordsOf();
const plain = (/** @type {string} */ text) => text.replace(/\s/g, " ");

test("placeholders are filled in, unknown ones stay", () => {
  assert.equal(fill("{a} and {b}", { a: "1" }), "1 and {b}");
});

test("a sentence ends once", () => {
  assert.equal(sentence("Welcome"), "Welcome.");
  assert.equal(sentence("Welcome!"), "Welcome!");
  assert.equal(sentence("Welcome! Scan the code"), "Welcome! Scan the code.");
});

for (const [format, language, expected] of [
  ["language", "nl", "€ 1.234,50"],
  ["language", "en", "€1,234.50"],
  ["comma_decimal", "nl", "€1,234.50"],
  ["decimal_comma", "en", "1.234,50 €"],
  ["space_comma", "en", "1 234,50 €"],
  ["quote_decimal", "en", "EUR 1’234.50"],
]) {
  test(`money in ${language} with ${format}`, () => {
    const hass = hassOf({ number_format: format, language });
    assert.equal(plain(money(hass, 123450)).replace("'", "’"), expected);
  });
}

test("money in the browser's own format, and without a currency", () => {
  const hass = { ...hassOf({ number_format: "system", language: "nl" }), config: {} };
  const own = new Intl.NumberFormat(undefined, { style: "currency", currency: "EUR" });
  assert.equal(money(hass, 123450), own.format(1234.5));
  const bare = { ...hass, language: "en", locale: undefined, config: undefined };
  assert.equal(money(bare, 5), "€0.05");
});

test("a currency without cents shows them all the same", () => {
  const hass = { ...hassOf(), config: { currency: "JPY" } };
  assert.equal(money(hass, 1040), "¥10.40");
});

for (const [milliseconds, expected] of /** @type {[number, string][]} */ ([
  [0, "0:00"],
  [-5, "0:00"],
  [1, "0:01"],
  [59_000, "0:59"],
  [61_000, "1:01"],
  [3_600_000, "1:00:00"],
  [3_661_000, "1:01:01"],
])) {
  test(`${milliseconds} ms are ${expected}`, () => {
    assert.equal(span(hassOf(), milliseconds), expected);
  });
}

test("time in a language's own digits", () => {
  assert.equal(span(hassOf({ language: "ar-EG" }), 61_000), "١:٠١");
});

for (const [outcome, type, expected] of /** @type {[any[], string, string[]][]} */ ([
  [[], "portal", ["All done"]],
  [[{ kind: "credit_reception", credits: 1 }], "portal", ["1 credit collected"]],
  [
    [{ kind: "credit_reception", credits: 1200.5 }],
    "portal",
    ["1,200.5 credits collected"],
  ],
  [[{ kind: "credit_reception" }], "portal", ["All done"]],
  [
    [{ kind: "giftcard_transaction", amount_in_cents: -1040 }],
    "portal",
    ["€10.40 redeemed"],
  ],
  [
    [{ kind: "giftcard_transaction", amount_in_cents: 2500 }],
    "portal",
    ["€25.00 added"],
  ],
  [
    [{ kind: "giftcard_transaction", amount_in_cents: 2500 }],
    "redeem_giftcard",
    ["€25.00 redeemed"],
  ],
  [[{ kind: "giftcard_transaction" }], "portal", ["All done"]],
  [[{ kind: "prepaid_transaction", amount_in_cents: -5 }], "portal", ["€0.05 paid"]],
  [[{ kind: "prepaid_transaction", amount_in_cents: 5 }], "portal", ["€0.05 added"]],
  [[{ kind: "prepaid_transaction", amount_in_cents: 0 }], "portal", ["€0.00 added"]],
  [
    [{ kind: "prepaid_transaction", amount_in_cents: 5 }],
    "pay_prepaid",
    ["€0.05 paid"],
  ],
  [
    [{ kind: "voucher_redeemed", voucher_name: "Free coffee" }],
    "voucher",
    ["Free coffee redeemed"],
  ],
  [[{ kind: "voucher_redeemed" }], "voucher", ["Voucher redeemed"]],
  [[{ kind: "reward_reception" }], "portal", ["Reward claimed"]],
  [[{ kind: "other" }], "portal", ["All done"]],
  [
    [
      { kind: "giftcard_transaction", amount_in_cents: -1000 },
      { kind: "giftcard_transaction", amount_in_cents: -4000 },
      { kind: "credit_reception", credits: 5 },
      { kind: "credit_reception", credits: 6 },
      { kind: "voucher_redeemed", voucher_name: "A" },
      { kind: "voucher_redeemed", voucher_name: "B" },
    ],
    "portal",
    ["€50.00 redeemed", "11 credits collected", "A redeemed", "B redeemed"],
  ],
  [
    [
      { kind: "giftcard_transaction", amount_in_cents: -1000 },
      { kind: "giftcard_transaction", amount_in_cents: 4000 },
    ],
    "portal",
    ["€10.00 redeemed", "€40.00 added"],
  ],
])) {
  test(`an outcome says ${expected.join(", ")} in ${type}`, () => {
    assert.deepEqual(outcomeLines(hassOf(), words, outcome, type), expected);
  });
}

test("every transaction is told in words of its own", () => {
  const told = { credits: 2, amount_in_cents: -1040, voucher_name: "Coffee" };
  for (const kind of TRANSACTIONS) {
    const [line] = outcomeLines(hassOf(), words, [{ kind, ...told }], "portal");
    assert.notEqual(line, words.done, kind);
  }
});

test("an outcome in another language", () => {
  const outcome = [{ kind: "credit_reception", credits: 1200.5 }];
  const lines = outcomeLines(
    hassOf({ language: "nl" }),
    wordsOf("nl"),
    outcome,
    "portal",
  );
  assert.deepEqual(lines, ["1.200,5 punten gespaard"]);
});

test("an error has the hub's words, in the card's language", async () => {
  const error = {
    message: "English",
    translation_domain: "piggy",
    translation_key: "maintenance",
    translation_placeholders: { code: "3" },
  };
  const asked = /** @type {any[]} */ ([]);
  const hass = {
    ...hassOf({ language: "nl" }),
    callWS: (/** @type {object} */ message) => {
      asked.push(message);
      const key = "component.piggy.exceptions.maintenance.message";
      return Promise.resolve({ resources: { [key]: "Fout {code}" } });
    },
  };
  assert.equal(await errorText(hass, words, error), "Fout 3");
  const plainly = { ...error, translation_placeholders: undefined };
  assert.equal(await errorText(hass, words, plainly), "Fout {code}");
  assert.deepEqual(asked[0], {
    type: "frontend/get_translations",
    language: "nl",
    category: "exceptions",
    integration: ["piggy"],
  });
});

test("an error without a translation has its message", async () => {
  const error = {
    message: "English",
    translation_key: "a",
    translation_domain: "piggy",
  };
  assert.equal(await errorText(hassOf(), words, error), "English");
  const empty = {
    ...hassOf(),
    callWS: () => Promise.resolve({ resources: {} }),
  };
  assert.equal(await errorText(empty, words, error), "English");
  const fails = {
    ...hassOf(),
    callWS: () => Promise.reject(new Error("gone")),
  };
  assert.equal(await errorText(fails, words, error), "English");
  const translates = {
    ...hassOf(),
    loadBackendTranslation: () => Promise.resolve(() => "Wrong"),
  };
  assert.equal(await errorText(translates, words, { message: "English" }), "English");
  assert.equal(await errorText(hassOf(), words, {}), words.error_unknown);
  assert.equal(await errorText(hassOf(), words, undefined), words.error_unknown);
});

test("an error of the connection says what becomes of the session", async () => {
  const lost = { error: { code: 3 } };
  assert.equal(await errorText(hassOf(), words, lost), words.error_connection);
  const gone = hassOf({ connected: false });
  assert.equal(await errorText(gone, words, {}), words.error_connection);
  const customer = hassOf({ connected: false, is_admin: false });
  assert.equal(await errorText(customer, words, {}), words.error_connection);
});

test("customers are not shown the owner's problems", async () => {
  const customer = hassOf({ is_admin: false });
  const owner = { message: "Enter a new key", translation_key: "invalid_auth" };
  assert.equal(await errorText(customer, words, owner), words.closed_text);
  assert.equal(await errorText(customer, words, undefined), words.closed_text);
  for (const key of ["too_soon", "pin_wrong", "pin_locked"]) {
    const said = { message: "Wait a moment.", translation_key: key };
    assert.equal(await errorText(customer, words, said), "Wait a moment.");
  }
  const nameless = { ...customer, user: undefined };
  assert.equal(await errorText(nameless, words, owner), "Enter a new key");
});
