/**
 * The card's options, and what a card does that was not told otherwise. Pure.
 *
 * @import { Hass } from "./hub.js"
 *
 * @typedef {string | { media_content_id: string }} Image a path of the hub, or what the
 *   media selector picked
 *
 * @typedef {object} CardConfig
 * @property {string} type `custom:piggy-screen-card`
 * @property {string} device_id the screen; empty while none is chosen
 * @property {string[]} [session_types] what buttons start, in this order; [] for none
 * @property {boolean} [show_link] whether to show the session's URL below the code
 * @property {string} [title] replaces the shop's name
 * @property {string} [message] an invitation below the title of an idle screen
 * @property {Image[]} [images] shown behind an idle screen, one after the other
 * @property {Image} [logo] replaces that of the account at Piggy
 * @property {string | number[]} [color] of buttons; replaces that of the account
 * @property {any} [background] a color, or an image of the hub
 * @property {string[]} [ask_amount] the types that the keypad asks an optional amount for
 * @property {string} [scan] the session type that a scanned card starts
 * @property {string} [language] the card's language, whatever the user's is
 * @property {string[]} [languages] those that customers can choose; the first is the usual one
 * @property {"code" | "page" | "both"} [show] what a session shows
 * @property {boolean} [hide_name] whether the screen's own name is left out
 * @property {boolean} [hide_cancel] whether a session has no button that ends it
 * @property {boolean} [kiosk] whether the card fills a wall's screen and looks after it
 * @property {number} [dim_after] minutes until an idle kiosk dims; 0 for never
 *
 * @typedef {CardConfig & { wall?: boolean, company?: boolean }} Settings the options, with
 *   whether the card has the page to itself and whether others stand beside it
 */
import { DOMAIN } from "./hub.js";
import { TYPES } from "./tables.js";

/** @typedef {keyof typeof TYPES} SessionType */

/**
 * In the order of the editor.
 * @type {SessionType[]}
 */
export const ALL_TYPES = /** @type {any} */ (Object.keys(TYPES));

/**
 * The default buttons: what customers may start. Few shops have prepaid balances.
 */
export const USUAL_TYPES = ALL_TYPES.filter(
  (type) => TYPES[type].audience === "customer" && type !== "pay_prepaid",
);

/** What takes an amount, but starts without one as well. */
export const withOptionalAmount = ALL_TYPES.filter(
  (type) => TYPES[type].amount === "optional",
);
/** A portal's page has no use for the amount. */
const USUAL_AMOUNTS = withOptionalAmount.filter((type) => type !== "portal");

/** @typedef {"none" | "optional" | "required"} Amount */

/**
 * Return whether the card asks for an amount before it starts a session.
 * @param {Partial<CardConfig>} config
 * @param {string | undefined} type
 * @returns {Amount}
 */
export function amountOf({ ask_amount: asked = USUAL_AMOUNTS }, type = "") {
  if (!Object.hasOwn(TYPES, type)) return "none";
  const amount = /** @type {Amount} */ (
    TYPES[/** @type {SessionType} */ (type)].amount
  );
  return amount === "optional" && !asked.includes(type) ? "none" : amount;
}

/**
 * Return whether a session is for staff to start.
 * @param {string} type
 */
export const isForStaff = (type) =>
  TYPES[/** @type {SessionType} */ (type)].audience === "staff";

/**
 * Return the configuration of a new card: of a screen, the first one if none is given.
 * @param {Hass | undefined} hass
 * @param {string} [deviceId]
 */
export function stubConfig(hass, deviceId) {
  const screen =
    deviceId ??
    Object.values(hass?.entities ?? {}).find(
      (entity) => entity.platform === DOMAIN && entity.device_id,
    )?.device_id;
  return { device_id: screen ?? "", session_types: [...USUAL_TYPES] };
}
