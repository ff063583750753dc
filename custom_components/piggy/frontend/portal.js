/**
 * The session's page on the shop's own screen.
 *
 * The page runs in a sandbox: it may neither leave its frame nor open another one. A
 * message from it says no more than that something happened.
 */
import { el } from "./dom.js";

const APART_MS = 1000; // between two looks at Piggy

export class PortalPage {
  node = el("div", { className: "portal" });
  #told;
  #url = "";
  /** @type {HTMLIFrameElement | null} */
  #page = null;
  #timer = 0;
  #due = false;

  /** @param {() => void} told called after a message of the page */
  constructor(told) {
    this.#told = told;
  }

  /**
   * Show a page; the same url is the same page, which is left as it is.
   * @param {string} url
   * @param {string} title
   */
  show(url, title) {
    if (url === this.#url) return;
    this.stop();
    this.#url = url;
    // A page of the hub's own origin could take itself out of the sandbox.
    const foreign = new URL(url, document.baseURI).origin !== window.location.origin;
    const own = foreign ? " allow-same-origin" : "";
    this.#page = /** @type {HTMLIFrameElement} */ (
      el("iframe", { title, referrerPolicy: "no-referrer", allow: "camera" })
    );
    this.#page.setAttribute("sandbox", `allow-scripts allow-forms${own}`);
    this.#page.src = url;
    this.node.append(this.#page);
    window.addEventListener("message", this.#onMessage);
  }

  stop() {
    if (!this.#page) return;
    window.removeEventListener("message", this.#onMessage);
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#due = false;
    this.#page.remove();
    this.#page = null;
    this.#url = "";
  }

  /** @param {MessageEvent} event */
  #onMessage = ({ source, origin }) => {
    if (!this.#page || source !== this.#page.contentWindow) return;
    if (origin !== new URL(this.#url, document.baseURI).origin) return;
    this.#due = true;
    if (!this.#timer) this.#tell();
  };

  #tell() {
    this.#timer = 0;
    if (!this.#due) return;
    this.#due = false;
    this.#told();
    this.#timer = window.setTimeout(() => this.#tell(), APART_MS);
  }
}
