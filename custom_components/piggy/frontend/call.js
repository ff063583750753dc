/**
 * A call of an action, and what comes of it.
 *
 * @import { Hass } from "./hub.js"
 * @import { Words } from "./words.js"
 */
import { errorText } from "./format.js";
import { DOMAIN } from "./hub.js";

/**
 * Have the hub ask Piggy now what became of the session.
 * @param {Hass} hass
 * @param {string} device
 */
export async function look(hass, device) {
  const data = { device_id: device };
  try {
    await hass.callService(DOMAIN, "get_portal_session", data, undefined, false, true);
  } catch {
    // The hub asks again by itself.
  }
}

/**
 * Call an action of the screen; return what went wrong, in words.
 * @param {Hass} hass
 * @param {Words} words
 * @param {import("./model.js").Call} call
 */
export async function perform(hass, words, { action, data }) {
  try {
    await hass.callService(DOMAIN, action, data, undefined, false);
    return undefined;
  } catch (/** @type {any} */ reason) {
    const text = await errorText(hass, words, reason);
    return { text, key: reason?.translation_key };
  }
}
