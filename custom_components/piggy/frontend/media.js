/**
 * Images of the hub: a path, or what Home Assistant's media selector picked. Pure.
 *
 * @import { Image } from "./config.js"
 * @import { Hass } from "./hub.js"
 */

const SOURCE = "media-source://";

/**
 * Return whether a value is an image of the hub.
 * @param {any} value
 */
export function isImage(value) {
  const id = value?.media_content_id ?? value;
  return typeof id === "string" && (/^\/(?![/\\])/.test(id) || id.startsWith(SOURCE));
}

/**
 * Return the address of an image, or undefined where the hub has none.
 * @param {Hass} hass
 * @param {Image} image
 */
export async function resolve(hass, image) {
  const id = typeof image === "string" ? image : image.media_content_id;
  const path = id.startsWith(SOURCE) ? await ask(hass, id) : id;
  return path && hass.hassUrl ? hass.hassUrl(path) : path;
}

/**
 * @param {Hass} hass
 * @param {string} id
 * @returns {Promise<string | undefined>}
 */
async function ask(hass, id) {
  try {
    const type = "media_source/resolve_media";
    return (await hass.callWS?.({ type, media_content_id: id }))?.url;
  } catch {
    return undefined;
  }
}
