/**
 * Dashboards that make themselves: a kiosk for each screen, and an overview for the owner.
 * Pure.
 *
 * @import { Hass } from "./hub.js"
 * @import { Words } from "./words.js"
 */
import { DOMAIN, findEntities } from "./hub.js";

/** The totals of a screen, in the order of their tiles. */
const TOTALS = /** @type {const} */ ([
  "sessions_started",
  "sessions_completed",
  "paid_with_giftcards",
  "paid_with_prepaid",
  "credits_given",
  "vouchers_redeemed",
]);
const SESSIONS = TOTALS.slice(0, 2);
const AMOUNTS = TOTALS.slice(2, 4);

/**
 * What a section shows of which period, and its graphs. A graph of the core cannot show a
 * calendar's period: it ends now, so it has a heading of its own.
 */
const SECTIONS = /** @type {const} */ ([
  { calendar: "day", graph: { period: "hour", days_to_show: 1 } },
  { calendar: "week", graph: { period: "day", days_to_show: 7 } },
  { calendar: "month", graph: { period: "day", days_to_show: 31 } },
]);

/** The busiest hours are those of a week. */
const HOURS = { period: "hour", days_to_show: 7, hide_legend: true };

/**
 * Return the configuration of the dashboard of kiosks.
 * @param {Hass} hass
 * @param {string} type the card's
 * @param {string} title
 */
export function kioskDashboard(hass, type, title) {
  const screens = screensOf(hass);
  const views = [...(screens.size ? screens : [""])].map((id) => ({
    title: nameOf(hass, id) || title,
    path: id || "kiosk",
    ...kiosk(type, id),
  }));
  return { title, views };
}

/**
 * Return the configuration of the owner's dashboard: a view for each screen, and its kiosk.
 * @param {Hass} hass
 * @param {string} type the card's
 * @param {Words} words
 * @param {string} base the path of the dashboard
 */
export function overviewDashboard(hass, type, words, base) {
  const screens = [...screensOf(hass)];
  if (!screens.length) return kioskDashboard(hass, type, words.overview);
  const views = screens.map((id) => ({
    title: nameOf(hass, id),
    path: id,
    type: "sections",
    max_columns: SECTIONS.length,
    sections: sectionsOf(hass, id, words, `${base}/kiosk-${id}`),
  }));
  const kiosks = screens.map((id) => ({
    title: nameOf(hass, id),
    path: `kiosk-${id}`,
    subview: true,
    ...kiosk(type, id),
  }));
  return { title: words.overview, views: [...views, ...kiosks] };
}

/**
 * Return the sections of a screen. Sensors that are disabled are left out.
 * @param {Hass} hass
 * @param {string} id a screen's
 * @param {Words} words
 * @param {string} kioskPath
 */
function sectionsOf(hass, id, words, kioskPath) {
  const found = findEntities(hass, id);
  const totals = TOTALS.filter((key) => found[`sensor.${key}`]);
  const [sessions, amounts] = [SESSIONS, AMOUNTS].map((keys) =>
    keys.map((key) => found[`sensor.${key}`]).filter(Boolean),
  );
  const top = [
    {
      type: "button",
      name: words.open_kiosk,
      icon: "mdi:tablet",
      icon_height: "24px",
      tap_action: { action: "navigate", navigation_path: kioskPath },
    },
    { type: "repairs" },
  ];
  const link = {
    type: "markdown",
    content: `[${words.enable_totals}](/config/devices/device/${id})`,
  };
  const isPartial = totals.length < TOTALS.length && hass.user?.is_admin;
  return [
    {
      type: "grid",
      column_span: SECTIONS.length,
      cards: isPartial ? [...top, link] : top,
    },
    ...SECTIONS.map(({ calendar, graph }) => ({
      type: "grid",
      cards: [
        { type: "heading", heading: words[`this_${calendar}`] },
        ...totals.map((key) => ({
          type: "statistic",
          entity: found[`sensor.${key}`],
          name: words[`total_${key}`],
          stat_type: "change",
          period: { calendar: { period: calendar } },
        })),
        totals.length > 0 && {
          type: "heading",
          heading: words[`last_${calendar}`],
          heading_style: "subtitle",
        },
        graphOf(words.sessions, sessions, graph),
        graphOf(words.amounts, amounts, graph),
        calendar === "week" && graphOf(words.busiest, sessions.slice(0, 1), HOURS),
      ].filter(Boolean),
    })),
  ];
}

/**
 * Return a graph of what sensors changed by, or nothing without a sensor.
 * @param {string} title
 * @param {string[]} entities
 * @param {object} period
 */
const graphOf = (title, entities, period) =>
  entities.length > 0 && {
    type: "statistics-graph",
    title,
    // Without the name of the device, which is that of the view.
    entities: entities.map((entity) => ({ entity, name: { type: "entity" } })),
    chart_type: "bar",
    stat_types: ["change"],
    ...period,
  };

/**
 * @param {string} type the card's
 * @param {string} id a screen's
 */
const kiosk = (type, id) => ({
  type: "panel",
  cards: [{ type, device_id: id, kiosk: true }],
});

/**
 * @param {Hass} hass
 * @param {string} id a screen's
 */
const nameOf = (hass, id) =>
  hass.devices?.[id]?.name_by_user || hass.devices?.[id]?.name;

/**
 * Return the devices that are screens which the user may see: those that have states. All
 * of them, while a hub starts: it knows the screens before their states.
 * @param {Hass} hass
 */
function screensOf(hass) {
  const entities = Object.values(hass.entities ?? {}).filter(
    ({ platform, device_id: id }) => platform === DOMAIN && id,
  );
  const seen = entities.filter(({ entity_id: entity }) => hass.states[entity]);
  const isStarting = hass.config?.state !== "RUNNING" || !seen.length;
  return new Set((isStarting ? entities : seen).map(({ device_id: id }) => `${id}`));
}
