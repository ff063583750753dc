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
async function resolve(hass, image) {
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

/** Asks for images, and again for those that a hub which is starting does not have yet. */
export class Images {
  /** @type {[Image, (address: string) => void][]} */
  #missing = [];
  #round = 0;

  /** Forget what was asked for, and what is still to be answered. */
  forget() {
    this.#missing = [];
    this.#round += 1;
  }

  /**
   * Ask for an image's address.
   * @param {Hass} hass
   * @param {Image} image
   * @param {(address: string) => void} put
   */
  async ask(hass, image, put) {
    const round = this.#round;
    const address = await resolve(hass, image);
    if (round !== this.#round) return;
    if (address) put(address);
    else this.#missing.push([image, put]);
  }

  /**
   * Ask again for what was missing.
   * @param {Hass} hass
   */
  retry(hass) {
    for (const [image, put] of this.#missing.splice(0)) this.ask(hass, image, put);
  }
}
