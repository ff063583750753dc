/**
 * What Home Assistant knows of a screen. Pure.
 *
 * The screen is a device; its entities are found by their translation key, so that a
 * renamed entity stays what it is.
 *
 * @typedef {object} Entity
 * @property {string} entity_id
 * @property {string} [device_id]
 * @property {string} [platform]
 * @property {string} [translation_key]
 *
 * @typedef {object} State
 * @property {string} state
 * @property {Record<string, any>} attributes
 * @property {string} [last_updated]
 *
 * @typedef {object} Device
 * @property {string} [name]
 * @property {string | null} [name_by_user]
 * @property {string | null} [model]
 *
 * @typedef {object} Hass what the card uses of the frontend's `hass`
 * @property {boolean} connected
 * @property {string} language
 * @property {{ number_format: string }} [locale]
 * @property {{ currency?: string, version?: string, state?: string }} [config]
 * @property {{ is_admin: boolean }} [user]
 * @property {{ ping: () => Promise<unknown>, reconnect: (force: boolean) => void }} [connection]
 * @property {boolean} [kioskMode] whether the frontend's menus are hidden
 * @property {Record<string, Entity>} [entities]
 * @property {Record<string, Device>} [devices]
 * @property {Record<string, State>} states
 * @property {(path: string) => string} [hassUrl]
 * @property {(domain: string, action: string, data: object,
 *   target: undefined, notify: boolean, response?: boolean) => Promise<unknown>} callService
 * @property {(message: { type: string } & Record<string, unknown>) => Promise<any>} [callWS]
 *
 * @typedef {Record<string, State | undefined>} Screen states by `<domain>.<translation key>`
 *
 * @typedef {object} Picture
 * @property {string} token changes with the session
 * @property {string} url changes more often
 *
 * @typedef {object} Amounts of a purchase, in cents
 * @property {number} purchase
 * @property {number} paid
 * @property {number} remaining
 */

export const DOMAIN = "piggy";

/**
 * Return the entity ids of a screen, by `<domain>.<translation key>`.
 * @param {Hass} hass
 * @param {string} deviceId
 */
export function findEntities(hass, deviceId) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const entity of Object.values(hass.entities ?? {})) {
    if (entity.device_id === deviceId && entity.platform === DOMAIN) {
      const [domain] = entity.entity_id.split(".");
      found[`${domain}.${entity.translation_key}`] = entity.entity_id;
    }
  }
  return found;
}

/**
 * Read all that the card depends on; `inputs` is the same list where nothing changed.
 * @param {{ device: string, entities: Record<string, string>, inputs: unknown[] }} before
 * @param {Hass} hass
 * @param {unknown[]} more what it depends on besides
 */
export function read(before, hass, more) {
  const { connected, language, locale, user, states } = hass;
  const found = [hass.entities, hass.devices?.[before.device]];
  const entities = same(found, before.inputs.slice(0, found.length))
    ? before.entities
    : findEntities(hass, before.device);
  /** @type {Screen} */
  const screen = {};
  for (const [key, id] of Object.entries(entities)) screen[key] = states[id];
  const shown = [connected, language, locale, hass.config?.currency, user?.is_admin];
  const inputs = [...found, ...shown, ...more, ...Object.values(screen)];
  const { has_staff_pin: hasPin } = screen["image.qr_code"]?.attributes ?? {};
  return {
    entities,
    screen,
    asksPin: hasPin === true && user?.is_admin === false,
    inputs: same(inputs, before.inputs) ? before.inputs : inputs,
  };
}

/**
 * @param {unknown[]} one
 * @param {unknown[]} other
 */
const same = (one, other) =>
  one.length === other.length && one.every((value, index) => value === other[index]);

/**
 * Return a state that says something, or undefined.
 * @param {State | undefined} state
 */
export const known = (state) =>
  state && !["unavailable", "unknown"].includes(state.state) ? state : undefined;

/**
 * Return the moment of a timestamp entity, or undefined.
 * @param {State | undefined} state
 */
export function moment(state) {
  const time = Date.parse(known(state)?.state ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Return the code's picture, or undefined where there is none.
 * @param {Hass} hass
 * @param {State | undefined} image
 * @returns {Picture | undefined}
 */
export function pictureOf(hass, image) {
  /** @type {string | undefined} */
  const path = known(image)?.attributes.entity_picture;
  if (!image || !path) return undefined;
  const token = image.state;
  const url = `${path}${path.includes("?") ? "&" : "?"}state=${encodeURIComponent(token)}`;
  return { token, url: hass.hassUrl ? hass.hassUrl(url) : url };
}

/**
 * Return the amounts of the session, or undefined where it has none.
 * @param {Record<string, any>} attributes of the session's status
 * @returns {Amounts | undefined}
 */
export function amountsOf(attributes) {
  const purchase = attributes.purchase_amount_in_cents;
  if (typeof purchase !== "number") return undefined;
  const { paid_in_cents: paid, remaining_in_cents: remaining } = attributes;
  return { purchase, paid: paid ?? 0, remaining: remaining ?? 0 };
}

/**
 * Return the status of a session that is shown while the hub cannot tell its status:
 * Piggy does not answer, yet the code is valid.
 * @param {Screen} screen
 * @param {string | undefined} status the last one
 */
export const held = (screen, status) =>
  known(screen["sensor.session_type"]) && (status ?? "waiting");
