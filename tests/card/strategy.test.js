import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  kioskDashboard,
  overviewDashboard,
} from "../../custom_components/piggy/frontend/strategy.js";
import { hassOf } from "./hass.js";

const words = JSON.parse(
  readFileSync(
    new URL("../../custom_components/piggy/frontend/words/en.json", import.meta.url),
    "utf8",
  ),
);
const TOTALS = [
  "sessions_started",
  "sessions_completed",
  "paid_with_giftcards",
  "paid_with_prepaid",
  "credits_given",
  "vouchers_redeemed",
];

/**
 * Return a hass whose screen has these totals.
 * @param {string[]} keys
 * @param {object} [more]
 */
function withTotals(keys, more = {}) {
  const hass = hassOf(more);
  const totals = keys.map((key) => ({
    entity_id: `sensor.any_name_${key}`,
    device_id: "till",
    platform: "piggy",
    translation_key: key,
  }));
  const all = [...Object.values(hass.entities ?? {}), ...totals];
  return { ...hass, entities: Object.fromEntries(all.map((e) => [e.entity_id, e])) };
}

/**
 * @param {ReturnType<typeof overviewDashboard>} dashboard
 * @returns {any[]}
 */
const sectionsOf = ({ views: [view] }) => /** @type {any} */ (view).sections;

/** @param {any[]} cards @param {string} type */
const ofType = (cards, type) => cards.filter((card) => card.type === type);

test("a dashboard has a kiosk for each screen", () => {
  const hass = hassOf();
  const bar = { ...Object.values(hass.entities ?? {})[0], device_id: "bar" };
  const other = { ...bar, platform: "other", device_id: "lamp" };
  // The states of another till's screen are not for this user.
  const hidden = { ...bar, entity_id: "image.till_2", device_id: "till_2" };
  const none = { ...bar, device_id: undefined };
  const two = {
    ...hass,
    entities: { ...hass.entities, bar, other, hidden, none },
    devices: { ...hass.devices, bar: { name: "Bar", name_by_user: "Counter" } },
  };
  const { title, views } = kioskDashboard(two, "custom:card", "Kiosk");
  assert.equal(title, "Kiosk");
  assert.deepEqual(views, [
    {
      title: "Till 1",
      path: "till",
      type: "panel",
      cards: [{ type: "custom:card", device_id: "till", kiosk: true }],
    },
    {
      title: "Counter",
      path: "bar",
      type: "panel",
      cards: [{ type: "custom:card", device_id: "bar", kiosk: true }],
    },
  ]);
  const empty = { ...hass, entities: undefined, devices: undefined };
  const [view] = kioskDashboard(empty, "custom:card", "Kiosk").views;
  assert.equal(view.title, "Kiosk");
  assert.equal(view.cards[0].device_id, "");
  assert.deepEqual(
    overviewDashboard(empty, "custom:card", words, "/shop"),
    kioskDashboard(empty, "custom:card", "Piggy overview"),
  );
});

test("while the hub starts, a dashboard keeps the screens that have no states yet", () => {
  const hass = hassOf();
  const bar = { ...Object.values(hass.entities ?? {})[0], entity_id: "image.bar" };
  const two = {
    ...hass,
    entities: { ...hass.entities, bar: { ...bar, device_id: "bar" } },
  };
  const paths = (/** @type {any} */ given) =>
    kioskDashboard({ ...two, ...given }, "custom:card", "Kiosk").views.map(
      ({ path }) => path,
    );
  assert.deepEqual(paths({}), ["till"]);
  assert.deepEqual(paths({ config: { state: "STARTING" } }), ["till", "bar"]);
  // What it is doing is not known yet, either.
  assert.deepEqual(paths({ states: {} }), ["till", "bar"]);
});

test("the overview has today, the week, and the month of a screen", () => {
  const dashboard = overviewDashboard(
    withTotals(TOTALS),
    "custom:card",
    words,
    "/shop",
  );
  assert.equal(dashboard.title, "Piggy overview");
  const [top, ...periods] = sectionsOf(dashboard);
  assert.deepEqual(
    periods.map(({ cards }) => ofType(cards, "heading").map(({ heading }) => heading)),
    [
      ["Today", "Last 24 hours"],
      ["This week", "Last 7 days"],
      ["This month", "Last 31 days"],
    ],
  );
  for (const [index, { cards }] of periods.entries()) {
    // The graphs show no day, week, or month of the calendar, and they say so.
    assert.deepEqual(
      cards.slice(1, -ofType(cards, "statistics-graph").length).map(({ type }) => type),
      [...TOTALS.map(() => "statistic"), "heading"],
    );
    const tiles = ofType(cards, "statistic");
    assert.deepEqual(
      tiles.map(({ entity }) => entity),
      TOTALS.map((key) => `sensor.any_name_${key}`),
    );
    assert.deepEqual(
      tiles.map(({ name }) => name),
      ["Started", "Completed", "Giftcards", "Prepaid", "Credits", "Vouchers"],
    );
    for (const { stat_type, period } of tiles) {
      assert.equal(stat_type, "change");
      assert.equal(period.calendar.period, ["day", "week", "month"][index]);
    }
  }
  const graphs = periods.map(({ cards }) =>
    ofType(cards, "statistics-graph").map(
      ({ title, entities, period, days_to_show }) => [
        title,
        entities.map((/** @type {any} */ { entity }) =>
          entity.slice("sensor.any_name_".length),
        ),
        period,
        days_to_show,
      ],
    ),
  );
  const [sessions, amounts] = [TOTALS.slice(0, 2), TOTALS.slice(2, 4)];
  assert.deepEqual(graphs, [
    [
      ["Sessions", sessions, "hour", 1],
      ["Amounts", amounts, "hour", 1],
    ],
    [
      ["Sessions", sessions, "day", 7],
      ["Amounts", amounts, "day", 7],
      ["Busiest hours", ["sessions_started"], "hour", 7],
    ],
    [
      ["Sessions", sessions, "day", 31],
      ["Amounts", amounts, "day", 31],
    ],
  ]);
  assert.deepEqual(
    top.cards.map(({ type }) => type),
    ["button", "repairs"],
  );
});

test("a button opens the kiosk of the screen, which is a view of the dashboard", () => {
  const dashboard = overviewDashboard(
    withTotals(TOTALS),
    "custom:card",
    words,
    "/shop",
  );
  const [button] = ofType(sectionsOf(dashboard)[0].cards, "button");
  const [, view] = dashboard.views;
  assert.equal(button.tap_action.navigation_path, `/shop/${view.path}`);
  assert.deepEqual(view, {
    title: "Till 1",
    path: "kiosk-till",
    subview: true,
    type: "panel",
    cards: [{ type: "custom:card", device_id: "till", kiosk: true }],
  });
});

test("without the sensors that are disabled, the overview says where they are", () => {
  const some = ["sessions_completed"];
  const [top, today, week] = sectionsOf(
    overviewDashboard(withTotals(some), "custom:card", words, "/shop"),
  );
  const [{ content }] = ofType(top.cards, "markdown");
  assert.match(content, /^\[Enable .+\]\(\/config\/devices\/device\/till\)$/);
  assert.equal(ofType(today.cards, "statistic").length, 1);
  assert.equal(ofType(today.cards, "statistics-graph").length, 1);
  assert.equal(ofType(today.cards, "heading").length, 2);
  // The busiest hours are then those of the completed sessions.
  const busiest = ofType(week.cards, "statistics-graph").at(-1);
  assert.equal(busiest.title, "Busiest hours");
  assert.deepEqual(busiest.entities[0].entity, "sensor.any_name_sessions_completed");
  const guest = withTotals(some, { is_admin: false });
  const [other] = sectionsOf(overviewDashboard(guest, "custom:card", words, "/shop"));
  assert.deepEqual(ofType(other.cards, "markdown"), []);
});
