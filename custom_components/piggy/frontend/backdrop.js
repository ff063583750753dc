/**
 * The images behind an idle screen: the hub's own, one after the other.
 *
 * @import { Image } from "./config.js"
 * @import { Hass } from "./hub.js"
 */
import { el, picture } from "./dom.js";
import { Images } from "./media.js";

const SHOWN_MS = 10_000;

export class Backdrop {
  node = el("div", { className: "backdrop", "aria-hidden": "true" });
  /** @type {HTMLElement[]} those that were loaded */
  #loaded = [];
  #images = new Images();
  #shown = "";
  #timer = 0;

  /**
   * Show images, each loaded once, for as long as they are wanted.
   * @param {Hass} hass
   * @param {Image[]} images none to show nothing
   */
  show(hass, images) {
    this.node.hidden = images.length === 0;
    if (images.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      return;
    }
    const wanted = JSON.stringify(images);
    if (wanted !== this.#shown) {
      this.stop();
      this.#shown = wanted;
      for (const image of images) {
        const loading = picture();
        this.#images.ask(hass, image, loading, () => this.#put(loading));
      }
    } else this.#images.retry(hass, performance.now());
    if (!this.#timer) this.#next();
  }

  /** Forget the images; the next ones are loaded anew. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#shown = "";
    this.#loaded = [];
    this.#images.forget();
    this.node.replaceChildren();
  }

  /** @param {HTMLElement} image that was loaded */
  #put(image) {
    this.node.append(image);
    this.#loaded.push(image);
    if (this.#loaded.length === 1) image.classList.add("on");
  }

  #next() {
    this.#timer = window.setTimeout(() => this.#next(), SHOWN_MS);
    const lit = this.#loaded.findIndex(({ classList }) => classList.contains("on"));
    if (lit < 0) return;
    this.#loaded[lit].classList.remove("on");
    this.#loaded[(lit + 1) % this.#loaded.length].classList.add("on");
  }
}
