/**
 * Images of the hub: a path, or what Home Assistant's media selector picked. Pure.
 *
 * @import { Image } from "./config.js"
 * @import { Hass } from "./hub.js"
 */

const SOURCE = "media-source://";
const AGAIN_MS = 10_000;

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

/** @typedef {Pick<HTMLImageElement, "src" | "onload" | "onerror">} Loader an `<img>` */

/**
 * Load an image into an element; return whether it could be loaded.
 * @param {Loader} element
 * @param {string} src
 * @returns {Promise<boolean>}
 */
const load = (element, src) =>
  new Promise((done) => {
    element.onload = () => done(true);
    element.onerror = () => done(false);
    element.src = src;
  });

/** Loads images, and again those that a hub which is starting does not have yet. */
export class Images {
  /** @type {[Image, Loader, (address: string) => void][]} */
  #missing = [];
  #round = 0;
  #asked = -Infinity;

  /** Forget what was asked for, and what is still to be answered. */
  forget() {
    this.#missing = [];
    this.#round += 1;
    this.#asked = -Infinity;
  }

  /**
   * Load an image, and put it where it is shown if it is still wanted then.
   * @param {Hass} hass
   * @param {Image} image
   * @param {Loader} element what it is loaded into
   * @param {(address: string) => void} put
   */
  async ask(hass, image, element, put) {
    const round = this.#round;
    const address = await resolve(hass, image);
    if (round !== this.#round) return;
    const isThere = address && (await load(element, address));
    if (round !== this.#round) return;
    if (isThere) put(address);
    else this.#missing.push([image, element, put]);
  }

  /**
   * Ask again for what was missing, now and then.
   * @param {Hass} hass
   * @param {number} now milliseconds
   */
  retry(hass, now) {
    if (now - this.#asked < AGAIN_MS) return;
    this.#asked = now;
    for (const missing of this.#missing.splice(0)) this.ask(hass, ...missing);
  }
}
