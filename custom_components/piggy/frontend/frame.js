/**
 * The card's frame: the view, an error below it, and what a screen reader hears.
 *
 * @import { Hass } from "./hub.js"
 * @import { Model } from "./model.js"
 * @import { Seen } from "./seen.js"
 * @import { Words } from "./words.js"
 */
import { Backdrop } from "./backdrop.js";
import { Brand } from "./brand.js";
import { button, el, icon } from "./dom.js";
import { money, outcomeLines, sentence } from "./format.js";
import { drawTyped } from "./keypad.js";
import { CodePicture } from "./picture.js";
import { PortalPage } from "./portal.js";
import { purposeOf } from "./start.js";
import { STYLES } from "./styles.js";
import { pictureTexts, section } from "./views.js";

const ANNOUNCE_MS = 250; // an event follows the status that it belongs to

export class Frame {
  /** @type {ShadowRoot} */
  root;
  #error = "";
  #drawn = "";
  #announceTimer = 0;
  #code = new CodePicture();
  #backdrop = new Backdrop();
  #page;
  #brand;

  /**
   * @param {ShadowRoot} root
   * @param {() => void} told called when something happened on the session's page
   */
  constructor(root, told) {
    this.root = root;
    this.#page = new PortalPage(told);
    root.innerHTML = `<style>${STYLES}</style>
      <ha-card><div class="frame">
        <div class="screen"></div>
        <div class="error" role="alert" data-part="error" hidden></div>
        <div class="announcer" role="status" aria-live="polite" data-part="announcer"></div>
      </div></ha-card>`;
    this.#brand = new Brand(
      /** @type {HTMLElement} */ (root.host),
      this.part(".frame"),
    );
    this.part(".frame").prepend(this.#backdrop.node, this.#page.node);
  }

  /**
   * Return an element of the card, if it is there.
   * @param {string} selector
   */
  find(selector) {
    return /** @type {HTMLElement | null} */ (this.root.querySelector(selector));
  }

  /**
   * Return an element of the card that is always there.
   * @param {string} selector
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.find(selector));
  }

  /** @param {string} selector */
  focus(selector) {
    this.find(selector)?.focus({ preventScroll: true });
  }

  /** Let go of what runs; the next drawing starts anew. */
  stop() {
    clearTimeout(this.#announceTimer);
    this.#code.stop();
    this.#backdrop.stop();
    this.#page.stop();
    this.#drawn = "";
  }

  /**
   * Render the view, unless it is already shown.
   * @param {Model} model
   * @param {Hass} hass
   * @param {Words} words
   */
  draw(model, hass, words) {
    const { images = [] } = model.config;
    const { seen, look, error } = model;
    this.#brand.show(hass, model);
    if (seen.view === "code" || seen.both)
      this.#code.show(seen.picture, pictureTexts(seen, words, hass));
    else this.#code.stop();
    if (seen.page) this.#page.show(seen.page, purposeOf(words, seen.type));
    else this.#page.stop();
    this.part(".frame").classList.toggle("paged", Boolean(seen.page));
    this.part(".frame").classList.toggle("both", Boolean(seen.both));
    this.#showError(error?.text ?? "", words);
    const pictured = seen.view === "idle" && images.length > 0;
    this.#backdrop.show(hass, pictured ? images : []);
    this.part(".frame").classList.toggle("pictured", pictured);
    this.part(".frame").classList.toggle("dim", look.dim);
    this.part(".frame").lang = hass.language;
    this.part(".screen").style.translate = look.shift;
    const { language, locale, config } = hass;
    // The picture and the amount take care of themselves.
    const drawn = JSON.stringify(
      [seen, language, locale?.number_format, config?.currency],
      (key, value) => (["picture", "digits"].includes(key) ? undefined : value),
    );
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#show(this.#section(seen, hass, words));
    }
    if (seen.view === "keypad") {
      drawTyped(this.root, seen, (cents) => money(hass, cents));
    }
  }

  /**
   * @param {Seen} seen
   * @param {Hass} hass
   * @param {Words} words
   */
  #section(seen, hass, words) {
    return section(seen, words, {
      code: this.#code.node,
      logo: this.#brand.logo,
      money: (cents) => money(hass, cents),
      lines: () => outcomeLines(hass, words, seen.outcome ?? [], seen.type),
    });
  }

  /**
   * Put a view up, with the focus where it was or on the view that replaced it.
   * @param {HTMLElement} view
   */
  #show(view) {
    const focused = /** @type {HTMLElement | null} */ (this.root.activeElement);
    const before = this.find(".view");
    if (before?.dataset.view === view.dataset.view) view.style.animation = "none";
    this.part(".screen").replaceChildren(view);
    if (focused && !this.part("[data-part=error]").contains(focused)) {
      const same = [...view.querySelectorAll("button")].find(
        ({ disabled, dataset: { action, type, key } }) =>
          !disabled &&
          action === focused.dataset.action &&
          type === focused.dataset.type &&
          key === focused.dataset.key,
      );
      (same ?? view).focus({ preventScroll: true });
    }
    this.#announce(view);
  }

  /**
   * Announce the view once to screen readers.
   * @param {HTMLElement} view
   */
  #announce(view) {
    clearTimeout(this.#announceTimer);
    const said = [...view.querySelectorAll("h2, .head p, .sum p, .line")];
    const text = said.map((part) => sentence(part.textContent ?? "")).join(" ");
    const announcer = this.part("[data-part=announcer]");
    this.#announceTimer = window.setTimeout(() => {
      if (announcer.textContent !== text) announcer.textContent = text;
    }, ANNOUNCE_MS);
  }

  /**
   * Show an error, or none.
   * @param {string} text
   * @param {Words} words
   */
  #showError(text, words) {
    if (this.#error === text) return;
    this.#error = text;
    const box = this.part("[data-part=error]");
    box.hidden = !text;
    box.replaceChildren();
    if (!text) return;
    box.append(
      icon("mdi:alert-circle"),
      el(
        "div",
        {},
        el("p", { textContent: words.error }),
        el("p", { textContent: text, "data-part": "error-text" }),
      ),
      button("dismiss", words.close),
    );
  }
}
