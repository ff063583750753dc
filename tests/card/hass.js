/**
 * Home Assistant's `hass` as the card gets it, with one screen.
 *
 * @import { Hass } from "../../custom_components/piggy/frontend/hub.js"
 */

/**
 * @param {string} domain
 * @param {string} key
 * @param {string} state
 * @param {Record<string, any>} [attributes]
 * @param {string} [last_updated]
 */
const made = (domain, key, state, attributes = {}, last_updated = undefined) => ({
  entity_id: `${domain}.any_name_${key}`,
  device_id: "till",
  platform: "piggy",
  translation_key: key,
  state,
  attributes,
  last_updated,
});

/**
 * Return a hass; states are new objects, as after a change of each.
 * @param {Record<string, any>} [screen] what its entities say
 * @returns {Hass}
 */
export function hassOf(screen = {}) {
  const { updated, buttons = {} } = screen;
  const picture = `/picture?token=${screen.token ?? "a"}`;
  const since = screen.since ?? "2026-11-02T09:59:00Z";
  const all = [
    made("sensor", "session_status", screen.status ?? "idle", screen.amounts, updated),
    made("sensor", "session_type", screen.type ?? "unknown"),
    made("sensor", "session_url", screen.url ?? "unknown"),
    made("sensor", "session_expires", screen.expires ?? "unknown"),
    made("image", "qr_code", since, {
      entity_picture: picture,
      has_staff_pin: screen.has_staff_pin ?? false,
      ...screen.brand,
    }),
    made("event", "session", "unknown", screen.event ?? {}),
    ...Object.entries(buttons).map(([key, state]) => made("button", key, `${state}`)),
  ];
  const byId = Object.fromEntries(all.map((entity) => [entity.entity_id, entity]));
  return {
    connected: screen.connected ?? true,
    language: screen.language ?? "en",
    locale: { number_format: screen.number_format ?? "language" },
    config: {
      currency: "EUR",
      version: screen.version ?? "2026.11.0",
      state: "RUNNING",
    },
    user: { is_admin: screen.is_admin ?? true },
    devices: { till: { name: "Till 1", model: "Sesame Street" } },
    entities: byId,
    states: byId,
    hassUrl: (path) => path,
    callService: () => Promise.resolve(),
  };
}
