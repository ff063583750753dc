/**
 * The code's picture: of one session, hidden until it is there, tried until it is.
 *
 * @import { Picture } from "./hub.js"
 *
 * @typedef {object} Texts
 * @property {string} alt
 * @property {string} loading
 * @property {string} failed
 * @property {string} missing
 */
import { el } from "./dom.js";

const RETRY_MS = [1000, 2000, 4000, 8000];

export class CodePicture {
  /** @type {HTMLImageElement | null} */
  #image = null;
  #timer = 0;
  /** @type {string | undefined} */
  #token;
  /** @type {string | undefined} */
  #url;
  #failures = 0;
  /** @type {Texts} */
  #texts = { alt: "", loading: "", failed: "", missing: "" };
  #text = el("p", { "data-part": "code-text" });

  /** The plate, to be put where there is room. */
  node = el("div", { className: "plate", "data-part": "code" }, this.#text);

  /**
   * Show a picture; the same token is the same picture, whatever its url.
   * @param {Picture | undefined} wanted
   * @param {Texts} texts
   */
  show(wanted, texts) {
    this.#texts = texts;
    if (wanted?.token !== this.#token) this.stop();
    const renewed = wanted?.url !== this.#url;
    this.#token = wanted?.token;
    this.#url = wanted?.url;
    if (this.#url && (!this.#image || (renewed && this.#failures))) this.#load();
    this.#tell();
  }

  /** Show nothing, and load nothing. */
  stop() {
    clearTimeout(this.#timer);
    this.#image?.remove();
    this.#image = null;
    this.#token = this.#url = undefined;
    this.#failures = 0;
  }

  #load() {
    clearTimeout(this.#timer);
    this.#image?.remove();
    const image = document.createElement("img");
    Object.assign(image, { hidden: true, draggable: false });
    image.setAttribute("data-part", "code-image");
    image.onload = () => image === this.#image && this.#loaded(image);
    image.onerror = () => image === this.#image && this.#failed();
    this.#image = image;
    this.node.append(image);
    image.src = this.#url ?? "";
  }

  /** @param {HTMLImageElement} image */
  #loaded(image) {
    this.#failures = 0;
    image.hidden = false;
    this.#tell();
  }

  #failed() {
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = window.setTimeout(() => this.#load(), wait);
    this.#tell();
  }

  #tell() {
    const { alt, ...said } = this.#texts;
    const ready = this.#image?.hidden === false;
    if (this.#image) this.#image.alt = alt;
    const state = !this.#url ? "missing" : this.#failures ? "failed" : "loading";
    this.node.dataset.state = ready ? "ready" : state;
    this.#text.textContent = ready ? "" : said[state];
    this.#text.hidden = ready;
  }
}
