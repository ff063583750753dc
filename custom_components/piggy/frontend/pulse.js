/**
 * Notices that a hub hangs. The frontend does so as well, but not again after it has lost
 * the connection once. Pure: the page is an argument.
 *
 * @import { Hass } from "./hub.js"
 */

const EVERY_MS = 30_000;
const ANSWER_MS = 15_000;

export class Pulse {
  #page;
  #timer = 0;
  #limit = 0;
  /** @type {Hass | undefined} */
  #hass;

  /** @param {Pick<Window, "setTimeout" | "clearTimeout">} page */
  constructor(page) {
    this.#page = page;
  }

  /**
   * Ask the hub for a sign of life now and then.
   * @param {Hass} hass
   */
  follow(hass) {
    this.#hass = hass;
    if (!this.#timer) this.#wait();
  }

  stop() {
    this.#page.clearTimeout(this.#timer);
    this.#page.clearTimeout(this.#limit);
    this.#timer = 0;
    this.#hass = undefined;
  }

  #wait() {
    this.#timer = this.#page.setTimeout(() => this.#ask(), EVERY_MS);
  }

  #ask() {
    const { connected, connection } = this.#hass ?? {};
    this.#wait();
    if (!connected || !connection) return;
    const limit = this.#page.setTimeout(() => {
      if (this.#hass?.connected) connection.reconnect(true);
    }, ANSWER_MS);
    this.#limit = limit;
    const note = () => this.#page.clearTimeout(limit);
    connection.ping().then(note, note);
  }
}
