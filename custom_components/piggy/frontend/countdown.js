/**
 * The time that is left, second by second, by the hub's clock.
 *
 * @import { Clock } from "./clock.js"
 * @import { Frame } from "./frame.js"
 * @import { Hass } from "./hub.js"
 * @import { Model } from "./model.js"
 */
import { left, read } from "./clock.js";
import { span } from "./format.js";

export class Countdown {
  #frame;
  #time;
  #learned;
  #timer = 0;
  /** @type {string | undefined} the session that the hub's time was asked for */
  #asked;

  /**
   * @param {Frame} frame
   * @param {() => number} time the tablet's
   * @param {(clock: Clock) => void} learned takes what the hub's clock was found to be
   */
  constructor(frame, time, learned) {
    this.#frame = frame;
    this.#time = time;
    this.#learned = learned;
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /**
   * Show what is left of a session, and again when the next second is over.
   * @param {Hass} hass
   * @param {Model} model
   */
  show(hass, model) {
    this.stop();
    const { seen, clock } = model;
    const text = this.#frame.find("[data-part=countdown]");
    if (!text || !seen.expires) return;
    if (!clock.known && this.#asked !== seen.picture?.token) {
      this.#asked = seen.picture?.token;
      this.#ask(clock);
    }
    const { time, share, next } = left(clock, seen.begun, seen.expires, this.#time());
    text.textContent = span(hass, time);
    this.#frame.part(".bar i").style.transform = `scaleX(${share})`;
    if (next) this.#timer = window.setTimeout(() => this.show(hass, model), next);
  }

  /** @param {Clock} clock */
  async #ask(clock) {
    const sent = this.#time();
    try {
      const answer = await fetch(import.meta.url, {
        method: "HEAD",
        cache: "no-store",
      });
      this.#learned(read(clock, answer.headers.get("Date"), sent, this.#time()));
    } catch {
      // The next change that arrives tells the time as well.
      this.#asked = undefined;
    }
  }
}
