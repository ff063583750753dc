/**
 * The shop's colors and logo: the card's options, or those of the account at Piggy.
 *
 * @import { Hass } from "./hub.js"
 * @import { Model } from "./model.js"
 */
import { css, parts, readableOn } from "./color.js";
import { picture } from "./dom.js";
import { Images, isImage } from "./media.js";

export class Brand {
  logo = picture("logo");
  #card;
  #frame;
  #shown = "";
  #images = new Images();

  /**
   * @param {HTMLElement} card what gets the colors
   * @param {HTMLElement} frame what gets the background
   */
  constructor(card, frame) {
    this.#card = card;
    this.#frame = frame;
  }

  /**
   * Show a card's brand.
   * @param {Hass} hass
   * @param {Model} model
   */
  show(hass, { config, screen }) {
    const { brand_color: color, brand_logo: logo } =
      screen["image.qr_code"]?.attributes ?? {};
    const { background } = config;
    const wanted = [config.color ?? color, config.logo ?? logo, background];
    const shown = JSON.stringify(wanted);
    if (shown === this.#shown) {
      this.#images.retry(hass, performance.now());
      return;
    }
    this.#shown = shown;
    this.#images.forget();
    this.#color(parts(wanted[0]));
    this.#frame.classList.toggle("backed", background != null);
    this.#frame.style.background = "";
    const plain = parts(background);
    if (plain) this.#frame.style.background = css(plain);
    else if (isImage(background))
      this.#images.ask(hass, background, picture(), (address) => {
        const image = `url(${JSON.stringify(address)})`;
        this.#frame.style.background = `${image} center / cover`;
      });
    this.logo.hidden = true;
    if (isImage(wanted[1]))
      this.#images.ask(hass, wanted[1], this.logo, () => {
        this.logo.hidden = false;
      });
  }

  /** @param {number[] | undefined} color */
  #color(color) {
    const { style } = this.#card;
    if (!color) {
      style.removeProperty("--piggy-primary");
      style.removeProperty("--piggy-on-primary");
      return;
    }
    style.setProperty("--piggy-primary", css(color));
    style.setProperty("--piggy-on-primary", css(readableOn(color)));
  }
}
