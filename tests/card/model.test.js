import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  START,
  away,
  due,
  isIdle,
  update,
} from "../../custom_components/piggy/frontend/model.js";
import { TYPES } from "../../custom_components/piggy/frontend/tables.js";
import { act, answered } from "../../custom_components/piggy/frontend/touch.js";
import { hassOf } from "./hass.js";

const NOW = Date.parse("2026-11-02T10:00:00Z");
const CONFIG = { type: "custom:piggy-screen-card", device_id: "till" };

const back = (/** @type {Card} */ card) => card.act("back");

/** A card on a screen, with the time and the hub in the test's hands. */
class Card {
  config =
    /** @type {import("../../custom_components/piggy/frontend/config.js").Settings} */ (
      CONFIG
    );
  now = NOW;
  model = START;
  hass = hassOf();

  /** @param {Record<string, any>} [screen] @param {object} [config] */
  constructor(screen = {}, config = {}) {
    this.config = { ...CONFIG, ...config };
    this.show(screen);
  }

  get seen() {
    return this.model.seen;
  }

  /** @param {Record<string, any>} [screen] */
  show(screen = {}) {
    this.hass = hassOf(screen);
    return this.refresh();
  }

  refresh() {
    this.model = update(this.model, this.hass, this.config, this.now);
    return this;
  }

  /** @param {number} milliseconds */
  wait(milliseconds) {
    this.now += milliseconds;
    return this.refresh();
  }

  /** @param {string} action @param {object} [touch] */
  act(action, touch = {}) {
    this.model = act(this.model, { action, ...touch }, this.now);
    return this.refresh();
  }

  /** @param {...string} keys */
  type(...keys) {
    for (const key of keys) this.act("digit", { key });
    return this;
  }

  /** @param {number} number @param {string} [text] @param {string} [key] */
  answer(number, text = "", key = undefined) {
    const failure = text || key ? { text, key } : undefined;
    this.model = answered(this.model, number, failure, this.now);
    return this.refresh();
  }
}

test("idle offers what was chosen, once each, in that order", () => {
  const card = new Card({}, { session_types: ["voucher", "portal", "voucher"] });
  assert.deepEqual(card.seen, {
    view: "idle",
    heading: "Sesame Street",
    over: "Till 1",
    message: undefined,
    types: ["voucher", "portal"],
    busy: null,
    languages: undefined,
  });
});

test("a card offers what customers may start where nothing was chosen", () => {
  const { types } = new Card().seen;
  assert.deepEqual(types?.slice(0, 2), ["redeem_giftcard", "voucher"]);
  for (const [type, { audience }] of Object.entries(TYPES)) {
    const usual = audience === "customer" && type !== "pay_prepaid";
    assert.equal(types?.includes(type), usual, type);
  }
});

test("headings: the title, the shop, the screen's name", () => {
  const named = (/** @type {object} */ device, config = {}) => {
    const card = new Card({}, config);
    card.hass = { ...hassOf(), devices: { till: device } };
    const { heading, over } = card.refresh().seen;
    return [heading, over];
  };
  const both = { name: "Till 1", model: "Shop" };
  assert.deepEqual(named(both), ["Shop", "Till 1"]);
  assert.deepEqual(named(both, { title: "Bar" }), ["Bar", "Till 1"]);
  assert.deepEqual(named(both, { hide_name: true }), ["Shop", undefined]);
  assert.deepEqual(named({ name: "Till 1" }), ["Till 1", undefined]);
  assert.deepEqual(named({ ...both, name_by_user: "Mine" }), ["Shop", "Mine"]);
  assert.deepEqual(named({}), ["", undefined]);
});

test("while a button of the screen cannot work, none is offered", () => {
  const types = ["voucher", "portal"];
  // The last one is not among the card's; a disabled button has no state at all.
  for (const dead of ["voucher", "portal", "top_up_giftcard"]) {
    const card = new Card(
      { buttons: { [dead]: "unavailable" } },
      { session_types: types },
    );
    assert.deepEqual(card.seen, { view: "trouble", kind: "closed" });
    assert.ok(isIdle(card.model));
    card.show({ buttons: { [dead]: "2026-11-02T09:00:00Z", voucher: "unknown" } });
    assert.deepEqual(card.seen.types, types);
  }
  const refused = { buttons: { voucher: "unavailable" } };
  assert.equal(new Card(refused, { session_types: [] }).seen.view, "idle");
  assert.equal(new Card({ ...refused, status: "waiting" }).seen.view, "code");
});

test("the page can be loaded anew while the screen is idle", () => {
  const idle = (/** @type {Record<string, any>} */ screen) =>
    isIdle(new Card(screen).model);
  assert.ok(idle({}));
  assert.ok(!idle({ status: "waiting" }));
  assert.ok(!idle({ status: "unavailable" }));
  assert.ok(!idle({ connected: false }));
  assert.ok(!isIdle(new Card().act("start", { type: "voucher" }).model));
  assert.ok(!isIdle(new Card().act("start", { type: "redeem_giftcard" }).model));
});

test("an update that changes nothing is the same model", () => {
  const card = new Card();
  const before = card.model;
  const { states } = card.hass;
  card.hass = { ...card.hass, states: { ...states, "light.a": states["event.a"] } };
  assert.equal(card.refresh().model, before);
  card.hass = { ...card.hass, language: "nl" };
  assert.notEqual(card.refresh().model, before);
});

for (const change of [
  { entities: {} },
  { devices: {} },
  { connected: false },
  { locale: { number_format: "system" } },
  { config: { currency: "USD" } },
  { user: { is_admin: false } },
]) {
  test(`a change of ${Object.keys(change)} is another model`, () => {
    const card = new Card();
    const before = card.model;
    card.hass = { ...card.hass, ...change };
    assert.notEqual(card.refresh().model, before);
  });
}

test("a start calls the action of its type, once", () => {
  const card = new Card().act("start", { type: "voucher" });
  const { call } = card.model;
  assert.deepEqual(call, {
    number: 1,
    action: "create_voucher_session",
    data: { device_id: "till" },
  });
  assert.equal(card.seen.busy, "voucher");
  card.act("start", { type: "portal" });
  assert.equal(card.model.call, call);
  card.answer(1).act("start", { type: "portal" });
  assert.equal(card.model.call?.number, 2);
  assert.equal(card.model.call?.action, "create_portal_session");
});

test("cancel clears the session, once", () => {
  const card = new Card({ status: "waiting" }).act("cancel");
  assert.deepEqual(card.model.call, {
    number: 1,
    action: "clear_session",
    data: { device_id: "till" },
  });
  assert.deepEqual(card.model.busy, { number: 1, type: "clear" });
  assert.equal(card.act("cancel").model.call?.number, 1);
});

test("an action that does not exist does nothing", () => {
  const card = new Card().act("toString");
  assert.equal(card.seen.view, "idle");
  assert.equal(card.model.call, undefined);
});

test("an amount is typed, cents last", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" });
  const type = "redeem_giftcard";
  const keypad = { view: "keypad", type, digits: "", asks: "required", busy: null };
  assert.deepEqual(card.seen, keypad);
  assert.equal(card.type("0", "00").seen.digits, "");
  assert.equal(card.type("2", "9", "9", "00", "5").seen.digits, "299005");
  assert.equal(card.act("delete").seen.digits, "29900");
  card.act("confirm");
  assert.deepEqual(card.model.call?.data, {
    device_id: "till",
    amount_in_cents: 29900,
  });
  assert.equal(card.model.call?.action, "create_redeem_giftcard_session");
  assert.equal(card.seen.busy, "redeem_giftcard");
});

test("an amount has eight digits at most, and can be emptied", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" });
  assert.equal(card.type(..."1234567", "00").seen.digits, "1234567");
  assert.equal(card.type("8", "9").seen.digits, "12345678");
  assert.equal(card.act("clear").seen.digits, "");
  assert.equal(card.act("confirm").model.call, undefined);
});

test("an amount may be left out where it is optional", () => {
  for (const type of ["credit_reception", "pay_prepaid"]) {
    const card = new Card().act("start", { type });
    assert.equal(card.seen.view, "keypad");
    card.act("skip");
    assert.equal(card.model.call?.action, `create_${type}_session`);
    assert.deepEqual(card.model.call?.data, { device_id: "till" });
    card.answer(1).act("start", { type }).type("5").act("confirm");
    assert.deepEqual(card.model.call?.data, { device_id: "till", amount_in_cents: 5 });
  }
  const card = new Card().act("start", { type: "redeem_giftcard" }).act("skip");
  assert.equal(card.model.call, undefined);
  assert.equal(card.seen.view, "keypad");
});

test("a PIN is asked for where the hub asks, and sent with the same call", () => {
  const card = new Card().act("start", { type: "credit_reception" }).type("5");
  card.act("confirm").answer(1, "Enter the PIN", "pin_required");
  const keypad = { view: "keypad", type: "credit_reception", asks: "pin", busy: null };
  assert.deepEqual(card.seen, { ...keypad, digits: "" });
  assert.equal(card.model.error, null);
  card.type("0", "1", "2").act("confirm").act("skip");
  assert.equal(card.model.call?.number, 1);
  card.type("3").act("confirm");
  assert.equal(card.model.call?.action, "create_credit_reception_session");
  const data = { device_id: "till", amount_in_cents: 5 };
  assert.deepEqual(card.model.call?.data, { ...data, pin: "0123" });
  assert.equal(card.seen.busy, "credit_reception");
  card.answer(2);
  assert.equal(card.seen.view, "idle");
  assert.deepEqual(card.model.call?.data, {});
});

for (const key of ["pin_wrong", "pin_locked", undefined]) {
  test(`a PIN that does not help (${key}) is typed again`, () => {
    const card = new Card({}, { session_types: ["top_up_giftcard"] });
    card.act("start", { type: "top_up_giftcard" }).answer(1, "", "pin_required");
    card
      .type(..."1234")
      .act("confirm")
      .answer(2, "Not now", key);
    assert.equal(card.seen.asks, "pin");
    assert.equal(card.seen.digits, "");
    assert.equal(card.model.error?.text, "Not now");
    card.type(..."12345678", "9").act("confirm");
    assert.deepEqual(card.model.call?.data, { device_id: "till", pin: "12345678" });
  });
}

test("a PIN pad that is left alone, or left, forgets the call", () => {
  for (const leave of [(/** @type {Card} */ card) => card.wait(30_000), back]) {
    const card = new Card().act("start", { type: "top_up_giftcard" });
    card.answer(1, "", "pin_required").type("1");
    assert.equal(leave(card).seen.view, "idle");
    assert.equal(card.model.keypad, null);
  }
});

for (const show of ["page", "both"]) {
  test(`a session's page stands on the screen: ${show}`, () => {
    const url = "https://portal.test/session/1";
    const since = "2026-11-02T09:59:00Z";
    const card = new Card({ status: "waiting", url, since }, { show });
    assert.equal(card.seen.view, "page");
    assert.equal(card.seen.page, url);
    assert.equal(card.seen.both, show === "both");
    const event = { event_type: "contact_identified" };
    assert.equal(card.show({ status: "identified", url, event }).seen.view, "page");
    assert.equal(card.act("code").seen.view, "identified");
    const next = { status: "waiting", url, since: "2026-11-02T09:59:30Z" };
    assert.equal(card.show(next).seen.view, "page");
    assert.equal(card.act("code").seen.view, "code");
    assert.equal(card.act("code").seen.view, "code");
    assert.equal(card.show({ ...next, status: "completed" }).seen.view, "completed");
  });
}

test("what is no page is shown as a code", () => {
  for (const url of ["javascript:alert(1)", "unknown", ""]) {
    const card = new Card({ status: "waiting", url }, { show: "page" });
    assert.equal(card.seen.view, "code");
  }
  const url = "https://portal.test/session/1";
  assert.equal(new Card({ status: "waiting", url }).seen.view, "code");
});

const ASKS = { has_staff_pin: true, is_admin: false };

test("the staff's PIN comes before the amount, and is sent with it", () => {
  const type = "credit_reception";
  const card = new Card(ASKS).act("start", { type });
  assert.equal(card.seen.asks, "pin");
  card.act("skip").type("0", "1", "2").act("confirm");
  assert.equal(card.seen.digits, "012");
  card.type("3").wait(29_999).act("confirm");
  const keypad = { view: "keypad", type, digits: "", asks: "optional", busy: null };
  assert.deepEqual(card.seen, keypad);
  assert.equal(card.model.call, undefined);
  card.wait(29_999).type("0", "5").act("confirm");
  assert.equal(card.model.call?.action, "create_credit_reception_session");
  const data = { device_id: "till", pin: "0123", amount_in_cents: 5 };
  assert.deepEqual(card.model.call?.data, data);
  assert.equal(card.answer(1, "Down").seen.digits, "5");
  card.act("skip");
  assert.deepEqual(card.model.call?.data, { device_id: "till", pin: "0123" });
  card.answer(2);
  assert.ok(!JSON.stringify(card.model).includes("0123"));
});

test("a PIN that came first and was wrong is typed again, the amount is not", () => {
  const card = new Card(ASKS).act("start", { type: "credit_reception" });
  card
    .type(..."0123")
    .act("confirm")
    .type("5")
    .act("confirm");
  card.answer(1, "Not the PIN", "pin_wrong");
  assert.deepEqual([card.seen.asks, card.seen.digits], ["pin", ""]);
  card.type(..."4711").act("confirm");
  const data = { device_id: "till", amount_in_cents: 5, pin: "4711" };
  assert.deepEqual(card.model.call?.data, data);
});

test("a PIN is left with its keypad", () => {
  for (const leave of [(/** @type {Card} */ card) => card.wait(30_000), back]) {
    const card = new Card(ASKS).act("start", { type: "credit_reception" });
    leave(card.type(..."4711").act("confirm"));
    assert.equal(card.model.keypad, null);
    assert.equal(card.act("start", { type: "credit_reception" }).seen.asks, "pin");
  }
});

test("a PIN comes first only where the hub will ask this user for it", () => {
  for (const [type, screen] of /** @type {const} */ ([
    ["credit_reception", { ...ASKS, is_admin: true }],
    ["credit_reception", { ...ASKS, has_staff_pin: false }],
    ["redeem_giftcard", ASKS],
    ["pay_prepaid", ASKS],
  ])) {
    const card = new Card(screen).act("start", { type });
    assert.notEqual(card.seen.asks, "pin");
  }
  const card = new Card(ASKS).act("start", { type: "credit_reception" });
  card.show({ ...ASKS, status: "waiting" }).show({ is_admin: false });
  assert.equal(card.act("start", { type: "credit_reception" }).seen.asks, "optional");
});

test("a scanned card's session can need a PIN", () => {
  const card = new Card().act("scan", { type: "credit_reception", key: "1000001" });
  card
    .answer(1, "", "pin_required")
    .type(..."1234")
    .act("confirm");
  const data = { device_id: "till", contact_identifier: "1000001", pin: "1234" };
  assert.deepEqual(card.model.call?.data, data);
  card.answer(2);
  assert.ok(!JSON.stringify(card.model).includes("1000001"));
});

test("the card speaks the user's language, or its own", () => {
  assert.equal(new Card({ language: "fr" }).model.language, "fr");
  assert.equal(new Card({ language: "fr" }, { language: "nl" }).model.language, "nl");
  const several = { language: "de", languages: ["nl", "en", "nl"] };
  const card = new Card({ language: "fr" }, several);
  assert.equal(card.model.language, "nl");
  assert.deepEqual(card.seen.languages, ["nl", "en"]);
  assert.equal(new Card({}, { languages: ["nl"] }).seen.languages, undefined);
  assert.equal(new Card({}, { languages: ["nl"] }).model.language, "nl");
});

test("a language that a customer chose goes after half a minute", () => {
  const card = new Card({}, { languages: ["nl", "en"] });
  assert.equal(card.act("language", { key: "en" }).model.language, "en");
  assert.equal(card.act("language").model.language, "en");
  card.wait(29_999);
  assert.equal(card.model.language, "en");
  assert.equal(card.model.wake, card.now + 1);
  assert.equal(card.wait(1).model.language, "nl");
});

test("a language that a customer chose goes with the session", () => {
  const card = new Card({}, { languages: ["nl", "en"] });
  card.act("language", { key: "en" }).act("start", { type: "redeem_giftcard" });
  assert.equal(card.act("back").model.language, "en");
  card.show({ status: "waiting" }).wait(60_000);
  assert.equal(card.model.language, "en");
  card.show({ status: "waiting", connected: false }).show({ status: "waiting" });
  assert.equal(card.model.language, "en");
  assert.equal(card.show().model.language, "nl");
});

test("a scanned card opens its customer's session, also in the place of a keypad", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" }).type("1");
  card.act("scan", { type: "portal", key: "1000001" });
  assert.equal(card.seen.view, "idle");
  assert.equal(card.model.call?.action, "create_portal_session");
  assert.deepEqual(card.model.call?.data, {
    device_id: "till",
    contact_identifier: "1000001",
  });
  card.act("scan", { type: "portal", key: "1000002" });
  assert.equal(card.model.call?.number, 1);
});

test("keys mean nothing where there is no keypad", () => {
  for (const action of ["delete", "clear", "digit", "confirm", "skip"]) {
    const card = new Card().act(action, { key: "1" });
    assert.equal(card.seen.view, "idle");
    assert.equal(card.model.call, undefined);
  }
});

test("a keypad is left by its button, and by a session that starts elsewhere", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" }).type("1");
  assert.equal(card.act("back").seen.view, "idle");
  card.act("start", { type: "redeem_giftcard" }).type("9");
  assert.equal(card.show({ status: "waiting" }).seen.view, "code");
  assert.equal(card.show().seen.view, "idle");
});

test("a keypad that is left alone forgets what was typed", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" }).wait(29_000);
  card.type("5").wait(29_999);
  assert.equal(card.seen.digits, "5");
  assert.equal(card.model.wake, card.now + 1);
  assert.equal(card.wait(1).seen.view, "idle");
  assert.equal(card.act("start", { type: "redeem_giftcard" }).seen.digits, "");
});

test("a card that left the page has forgotten what was typed", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" }).type("5");
  card.act("confirm").answer(1, "No");
  card.model = due(away(card.model));
  card.refresh();
  assert.equal(card.seen.view, "idle");
  assert.equal(card.model.error, null);
  assert.equal(card.act("start", { type: "redeem_giftcard" }).seen.digits, "");
});

test("a keypad waits for the answer of its call", () => {
  const card = new Card().act("start", { type: "redeem_giftcard" });
  card.type("5").act("confirm").wait(60_000);
  assert.equal(card.seen.view, "keypad");
  card.answer(1, "No").wait(29_000);
  assert.equal(card.seen.digits, "5");
  assert.equal(card.wait(1000).seen.view, "idle");
  card.act("start", { type: "redeem_giftcard" }).type("5").act("confirm").answer(2);
  assert.equal(card.seen.view, "idle");
});

test("an error stays half a minute", () => {
  const card = new Card().act("start", { type: "voucher" }).answer(1, "Down");
  assert.equal(card.model.error?.text, "Down");
  assert.equal(card.seen.busy, null);
  assert.equal(card.model.wake, NOW + 30_000);
  assert.ok(card.wait(29_999).model.error);
  assert.equal(card.wait(1).model.error, null);
});

for (const action of ["dismiss", "back", "start"]) {
  test(`an error goes with ${action}`, () => {
    const card = new Card().act("start", { type: "voucher" }).answer(1, "Down");
    assert.equal(card.act(action, { type: "portal" }).model.error, null);
  });
}

test("an error goes with a change of the status, and with no other change", () => {
  const card = new Card().act("start", { type: "voucher" }).answer(1, "Down");
  assert.ok(card.show({ token: "b" }).model.error);
  assert.equal(card.show({ status: "waiting" }).model.error, null);
});

test("an answer that comes late is dropped", () => {
  const card = new Card().act("start", { type: "voucher" });
  card.config = { ...card.config, device_id: "other" };
  card.refresh();
  assert.equal(card.model.busy, null);
  assert.deepEqual(card.model.call?.data, {});
  assert.equal(card.answer(1, "Down").model.error, null);
  card.config = { ...card.config, device_id: "till" };
  card.refresh().act("start", { type: "voucher" });
  assert.equal(card.model.call?.number, 2);
  card.answer(1, "Down");
  assert.equal(card.seen.busy, "voucher");
  assert.equal(card.answer(2, "Down").seen.busy, null);
});

test("another configuration is seen at once", () => {
  const card = new Card().refresh();
  card.config = { ...card.config, title: "Bakery" };
  assert.equal(card.refresh().seen.heading, "Bakery");
});

test("another device has none of the first one's keypad, error or thanks", () => {
  const told = { event_type: "credit_reception", credits: 1 };
  const card = new Card({ status: "completed", event: told });
  assert.equal(card.seen.outcome?.length, 1);
  const clock = { offset: 5, known: true };
  card.model = { ...card.model, clock, error: { text: "Down", until: NOW + 9 } };
  card.config = { ...card.config, device_id: "other" };
  card.refresh();
  assert.equal(card.model.error, null);
  assert.equal(card.model.told, undefined);
  assert.equal(card.model.clock.offset, 5);
  assert.deepEqual(card.seen, { view: "trouble", kind: "missing" });
});

test("a code with all that belongs to it", () => {
  const screen = {
    status: "waiting",
    type: "voucher",
    expires: "2026-11-02T10:05:00Z",
    url: "https://portal.test/s",
  };
  const card = new Card(screen, { show_link: true });
  assert.deepEqual(card.seen, {
    view: "code",
    over: undefined,
    type: "voucher",
    amounts: undefined,
    cancel: true,
    picture: {
      token: "2026-11-02T09:59:00Z",
      url: "/picture?token=a&state=2026-11-02T09%3A59%3A00Z",
    },
    begun: NOW - 60_000,
    expires: NOW + 300_000,
    link: "https://portal.test/s",
  });
  assert.equal(new Card(screen, { hide_cancel: true }).seen.cancel, false);
  assert.equal(new Card(screen).seen.link, undefined);
  assert.equal(new Card({ ...screen, since: "unavailable" }).seen.picture, undefined);
});

test("the picture's address, whatever the hub makes of it", () => {
  const card = new Card({ status: "waiting" });
  const image = card.hass.states["image.any_name_qr_code"];
  image.attributes.entity_picture = "/picture";
  card.hass = { ...card.hass, hassUrl: undefined, language: "nl" };
  assert.equal(
    card.refresh().seen.picture?.url,
    "/picture?state=2026-11-02T09%3A59%3A00Z",
  );
});

test("whose session it is, beside other cards", () => {
  const company = { company: true };
  assert.equal(new Card({ status: "waiting" }, company).seen.over, "Till 1");
  assert.equal(
    new Card({ status: "completed" }, { ...company, title: "Bar" }).seen.over,
    "Bar",
  );
});

test("a known customer needs the code, one who scanned it does not", () => {
  const seen = (/** @type {string} */ event_type, extra = {}) =>
    new Card({ status: "identified", event: { event_type }, ...extra }).seen.view;
  assert.equal(new Card({ status: "identified" }).seen.view, "code");
  assert.equal(seen("session_created"), "code");
  assert.equal(seen("contact_identified"), "identified");
  const amounts = (/** @type {number} */ paid) => ({
    amounts: {
      purchase_amount_in_cents: 5000,
      paid_in_cents: paid,
      remaining_in_cents: 5000 - paid,
    },
  });
  assert.equal(seen("giftcard_transaction", amounts(0)), "identified");
  assert.equal(seen("giftcard_transaction", amounts(1000)), "code");
  assert.equal(seen("giftcard_transaction", amounts(5000)), "identified");
});

test("the amounts of a purchase", () => {
  const { amounts } = new Card({
    status: "waiting",
    amounts: {
      purchase_amount_in_cents: 5000,
      paid_in_cents: 1000,
      remaining_in_cents: 3500,
    },
  }).seen;
  assert.deepEqual(amounts, { purchase: 5000, paid: 1000, remaining: 3500 });
  const first = new Card({
    status: "waiting",
    amounts: { purchase_amount_in_cents: 5000 },
  });
  assert.deepEqual(first.seen.amounts, { purchase: 5000, paid: 0, remaining: 0 });
});

test("events of a session that left the screen say nothing", () => {
  const card = new Card({
    status: "identified",
    event: { event_type: "session_created" },
  });
  const event = { event_type: "credit_reception", credits: 3, on_screen: false };
  assert.equal(card.show({ status: "identified", event }).seen.view, "code");
  assert.deepEqual(card.show({ status: "completed", event }).seen.outcome, []);
});

test("thanks are for what the hub lists, or for the newest transaction", () => {
  const event = { event_type: "credit_reception", credits: 10 };
  const card = new Card({ status: "completed", type: "portal", event });
  assert.deepEqual(card.seen.outcome, [{ kind: "credit_reception", credits: 10 }]);
  card.show({ status: "completed", event: { event_type: "other" } });
  assert.deepEqual(card.seen.outcome, [{ kind: "credit_reception", credits: 10 }]);
  card.show({ status: "waiting", event });
  card.show({ status: "completed", event: { event_type: "contact_identified" } });
  assert.deepEqual(card.seen.outcome, []);
  const outcome = [
    { kind: "voucher_redeemed" },
    { kind: "credit_reception", credits: 1 },
  ];
  card.show({ status: "completed", event, amounts: { outcome } });
  assert.deepEqual(card.seen.outcome, outcome);
  card.show({ status: "completed", event, amounts: { outcome: [] } });
  assert.equal(card.seen.outcome?.length, 1);
});

test("an expired session says so, and for some seconds only", () => {
  const event = { event_type: "session_expired" };
  for (const order of ["status first", "event first", "together"]) {
    const card = new Card({ status: "waiting" });
    if (order === "status first") card.show();
    if (order === "event first") card.show({ status: "waiting", event });
    assert.equal(card.show({ event }).seen.view, "expired", order);
    assert.equal(card.wait(7999).seen.view, "expired");
    assert.equal(card.model.wake, card.now + 1);
    assert.equal(card.wait(1).seen.view, "idle");
    assert.equal(card.show({ event }).seen.view, "idle");
  }
});

test("what follows an expired session takes its place", () => {
  const event = { event_type: "session_expired" };
  const card = new Card({ status: "identified" }).show({ event });
  assert.equal(card.seen.view, "expired");
  card.show({ status: "waiting", event });
  assert.equal(card.seen.view, "code");
  assert.equal(card.show().seen.view, "idle");
});

test("only a session that was shown and not completed expires", () => {
  const event = { event_type: "session_expired" };
  assert.equal(new Card({ event }).seen.view, "idle");
  assert.equal(new Card({ status: "completed" }).show({ event }).seen.view, "idle");
  const cleared = { event_type: "session_cleared" };
  assert.equal(
    new Card({ status: "waiting" }).show({ event: cleared }).seen.view,
    "idle",
  );
  const gone = new Card({ status: "waiting" }).show({
    status: "waiting",
    connected: false,
  });
  assert.equal(gone.show({ event }).seen.view, "idle");
});

test("a hub that is gone counts for nothing until it says something new", () => {
  const card = new Card({ status: "waiting" });
  const old = card.hass;
  card.hass = { ...old, connected: false };
  assert.deepEqual(card.refresh().seen, { view: "trouble", kind: "offline" });
  card.hass = { ...old, connected: true };
  assert.deepEqual(card.refresh().seen, { view: "trouble", kind: "offline" });
  assert.equal(card.show({ status: "waiting" }).seen.view, "code");
});

for (const status of ["unavailable", "unknown"]) {
  test(`a screen that is ${status}`, () => {
    assert.deepEqual(new Card({ status }).seen, {
      view: "trouble",
      kind: "unavailable",
    });
  });

  test(`a code stays while the status is ${status}`, () => {
    const shown = { type: "voucher", url: "https://portal.test/s" };
    const card = new Card({ ...shown, status: "waiting" });
    assert.equal(card.show({ ...shown, status }).seen.view, "code");
    assert.equal(new Card({ ...shown, status }).seen.view, "code");
    const event = { event_type: "credit_reception" };
    card.show({ ...shown, status: "completed", event });
    assert.equal(card.show({ ...shown, status }).seen.view, "completed");
  });
}

test("a card without a screen, for its owner and for customers", () => {
  const unset = { device_id: "" };
  assert.equal(new Card({}, unset).seen.kind, "unset");
  assert.equal(new Card({}, { device_id: undefined }).seen.kind, "unset");
  assert.equal(new Card({ is_admin: false }, unset).seen.kind, "closed");
  const gone = { device_id: "gone" };
  assert.equal(new Card({}, gone).seen.kind, "missing");
  assert.equal(new Card({ is_admin: false }, gone).seen.kind, "closed");
  const card = new Card();
  const entities = Object.fromEntries(
    Object.entries(card.hass.entities ?? {}).map(([id, entity]) => [
      id,
      { ...entity, platform: "other" },
    ]),
  );
  card.hass = { ...card.hass, entities };
  assert.equal(card.refresh().seen.kind, "missing");
  card.hass = { ...card.hass, entities: undefined, devices: undefined };
  assert.equal(card.refresh().seen.kind, "missing");
});

test("an idle wall dims, moves and wakes", () => {
  const card = new Card({}, { wall: true, dim_after: 5 });
  const { shift } = card.model.look;
  assert.notEqual(shift, "");
  assert.equal(card.model.wake, NOW + 60_000);
  assert.notEqual(card.wait(60_000).model.look.shift, shift);
  assert.equal(card.wait(4 * 60_000 - 1).model.look.dim, false);
  assert.equal(card.wait(1).model.look.dim, true);
  assert.equal(card.act("touch").model.look.dim, false);
  assert.equal(card.wait(5 * 60_000).model.look.dim, true);
  card.show({ status: "waiting" });
  assert.deepEqual(card.model.look, { dim: false, shift: "" });
  card.wait(60 * 60_000).show();
  assert.equal(card.model.look.dim, false);
  assert.equal(card.wait(5 * 60_000).model.look.dim, true);
});

test("a wall that waits for its hub dims too", () => {
  const card = new Card({ connected: false }, { wall: true, dim_after: 5 });
  assert.equal(card.seen.view, "trouble");
  assert.equal(card.wait(5 * 60_000).model.look.dim, true);
  // A card that is new is awake, whatever the time is.
  assert.equal(new Card({}, { wall: true, dim_after: 5 }).model.awake, NOW);
});

test("a wall dims after ten minutes, or never, and other cards do not", () => {
  assert.equal(new Card({}, { wall: true }).wait(10 * 60_000).model.look.dim, true);
  const bright = new Card({}, { wall: true, dim_after: 0 }).wait(10 * 60_000);
  assert.equal(bright.model.look.dim, false);
  assert.ok(bright.model.wake < Infinity);
  const other = new Card({}, { dim_after: 5 }).wait(10 * 60_000);
  assert.deepEqual(other.model.look, { dim: false, shift: "" });
  assert.equal(other.model.wake, Infinity);
});

test("the hub's clock is learned from what changes live", () => {
  const card = new Card({ updated: "2026-11-02T09:00:00Z" });
  assert.deepEqual(card.model.clock, { offset: 0, known: false });
  card.show({ status: "waiting", updated: "2026-11-02T10:10:00Z" });
  assert.deepEqual(card.model.clock, { offset: 600_000, known: true });
  card.wait(1000).show({ status: "identified", updated: "2026-11-02T10:10:00.900Z" });
  assert.equal(card.model.clock.offset, 600_000);
  card.show({ connected: false });
  assert.equal(card.model.clock.known, false);
  card.show({ updated: "2026-11-02T09:00:00Z" });
  assert.deepEqual(card.model.clock, { offset: 600_000, known: false });
});

test("a clock that was asked for is used at once", () => {
  const card = new Card({ status: "waiting" });
  const before = card.model;
  card.model = due(before, { offset: 600_000, known: true });
  assert.deepEqual(card.refresh().model.clock, { offset: 600_000, known: true });
  card.model = due(card.model);
  assert.deepEqual(card.refresh().model.clock, { offset: 600_000, known: true });
});

test("the card knows the integration's entities", () => {
  const file = new URL("../../strings/en.json", import.meta.url);
  const strings = JSON.parse(readFileSync(file, "utf8"));
  const { sensor, event, image } = strings.entity;
  for (const key of ["status", "type", "url", "expires"]) {
    assert.ok(sensor[`session_${key}`]);
  }
  assert.ok(event.session && image.qr_code);
});
