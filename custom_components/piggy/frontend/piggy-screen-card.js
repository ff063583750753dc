/**
 * The card of a Piggy screen: starts sessions, shows their code, thanks the customer.
 *
 * Plain ES modules for Home Assistant's dashboards, which ask only the hub. The model
 * tells what is to be seen; the element renders it and calls actions.
 *
 * @import { CardConfig, Settings } from "./config.js"
 * @import { Hass } from "./hub.js"
 * @import { Touch } from "./touch.js"
 */
import { look, perform } from "./call.js";
import { stubConfig } from "./config.js";
import { Countdown } from "./countdown.js";
import { assertConfig, configForm } from "./editor.js";
import { Frame } from "./frame.js";
import { inputOf } from "./input.js";
import { Kiosk, Renewal } from "./kiosk.js";
import { START, away, due, isIdle, update } from "./model.js";
import { offer } from "./picker.js";
import { Pulse } from "./pulse.js";
import { Scanner } from "./scan.js";
import { act, answered } from "./touch.js";
import { loadWords, pageLanguage, pageWords, wordsOf } from "./words.js";

const TAG = "piggy-screen-card";

// The tablet's time: what its clock said at the start, and on from there without jumps.
const origin = Date.now() - performance.now();
const time = () => origin + performance.now();

// The page's: the frontend makes its cards anew when a hub comes back.
const renewal = new Renewal(window, import.meta.url);
const kiosk = new Kiosk(window);

/** @type {Set<PiggyScreenCard>} the cards that are on the page */
const cards = new Set();

/** The custom element; Home Assistant sets `hass`, `preview` and `layout`. */
class PiggyScreenCard extends HTMLElement {
  /** @type {CardConfig | undefined} */
  #config;
  /** @type {Settings | undefined} */
  #settings;
  /** @type {Hass | undefined} */
  #hass;
  #preview = false;
  /** @type {string | undefined} */
  #layout;
  #model = START;
  #drawn = START;
  /** @type {string | undefined} the language whose words are fetched */
  #awaited;
  #called = 0;
  #timer = 0;
  #frame = new Frame(this.attachShadow({ mode: "open" }), () => {
    if (this.#hass) look(this.#hass, this.#model.device);
  });
  #countdown = new Countdown(this.#frame, time, (clock) => {
    this.#model = due(this.#model, clock);
    this.#refresh();
  });
  #wall = { onTouch: () => void this.#act({ action: "touch" }) };
  #pulse = new Pulse(window);
  #scanner = new Scanner(window);

  constructor() {
    super();
    for (const kind of ["click", "keydown"]) {
      this.#frame.root.addEventListener(kind, (event) => this.#onInput(event));
    }
  }

  /** @param {Hass | undefined} hass */
  static getStubConfig(hass) {
    return stubConfig(hass);
  }

  static async getConfigForm() {
    return configForm(await loadWords(pageLanguage()));
  }

  /**
   * Take a configuration.
   * @param {CardConfig} config
   * @throws {Error} what is wrong with it, for the user to read
   */
  setConfig(config) {
    const words = pageWords();
    assertConfig(config, words);
    if (config.device_id == null) throw new Error(words.config_device_id);
    this.#config = config;
    this.#arrange();
  }

  /** How tall the card is in a masonry view, in units of 50 pixels. */
  getCardSize() {
    return 7;
  }

  /** The card's place in a grid of a sections view. */
  getGridOptions() {
    return { columns: 12, rows: 10, min_columns: 9, min_rows: 6 };
  }

  get hass() {
    return this.#hass;
  }

  /** Take what the hub knows; costs a comparison when nothing of the screen changed. */
  set hass(hass) {
    this.#hass = hass;
    this.#refresh();
  }

  get preview() {
    return this.#preview;
  }

  /** Take whether the card is only looked at: while a dashboard is edited. */
  set preview(preview) {
    this.#preview = Boolean(preview);
    this.#frame.part(".frame").inert = this.#preview;
    this.#arrange();
  }

  get layout() {
    return this.#layout;
  }

  /** Take the kind of place that the card has: `panel` is a view of its own. */
  set layout(layout) {
    this.#layout = layout;
    this.#arrange();
  }

  connectedCallback() {
    cards.add(this);
    this.#model = due(this.#model);
    for (const card of cards) card.#arrange();
  }

  disconnectedCallback() {
    cards.delete(this);
    clearTimeout(this.#timer);
    this.#countdown.stop();
    this.#scanner.stop();
    this.#frame.stop();
    this.#leave();
    this.#model = away(this.#model);
    for (const card of cards) card.#arrange();
  }

  /** Take in what the configuration and the card's place make of each other. */
  #arrange() {
    if (!this.#config || !this.isConnected) return;
    const { kiosk: isKiosk, scan } = this.#config;
    const wall = isKiosk === true && this.#layout === "panel" && !this.#preview;
    this.#settings = { ...this.#config, wall, company: cards.size > 1 };
    this.classList.toggle("wall", wall);
    if (!wall) this.#leave();
    if (!scan || this.#preview) this.#scanner.stop();
    else this.#scanner.start((key) => this.#act({ action: "scan", type: scan, key }));
    this.#refresh();
  }

  /** Bring what is seen up to date with the hub and the time. */
  #refresh() {
    const [hass, settings] = [this.#hass, this.#settings];
    if (!this.isConnected || !hass || !settings) return;
    const now = time();
    this.#model = update(this.#model, hass, settings, now);
    if (settings.wall) this.#tend(hass);
    if (this.#model === this.#drawn) return;
    // Piggy takes longer than drawing: it is asked first.
    this.#perform(hass);
    const words = this.#words();
    if (!words) return;
    this.#drawn = this.#model;
    const spoken = this.#spoken(hass);
    this.#frame.draw(this.#model, spoken, words);
    this.#countdown.show(spoken, this.#model);
    clearTimeout(this.#timer);
    const wait = this.#model.wake - now + 1; // timers drop fractions
    if (wait < Infinity) this.#timer = window.setTimeout(() => this.#refresh(), wait);
  }

  /** Return the words of the card's language, or undefined while they are fetched. */
  #words() {
    const { language } = this.#model;
    const words = wordsOf(language);
    if (!words && this.#awaited !== language) {
      this.#awaited = language;
      loadWords(language).then(() => this.#refresh());
    }
    return words;
  }

  /**
   * Return the hub's knowledge in the card's language.
   * @param {Hass} hass
   */
  #spoken(hass) {
    const { language } = this.#model;
    return language === hass.language ? hass : { ...hass, language };
  }

  /** Leave the page to itself. */
  #leave() {
    kiosk.stop(this.#wall);
    this.#pulse.stop();
  }

  /**
   * Look after the wall's page.
   * @param {Hass} hass
   */
  #tend(hass) {
    kiosk.follow(this.#wall, hass.kioskMode === true);
    this.#pulse.follow(hass);
    renewal.follow(hass, isIdle(this.#model));
  }

  /** @param {Touch} touch @returns {boolean} whether it calls an action */
  #act(touch) {
    const { call } = this.#model;
    this.#model = act(this.#model, touch, time());
    this.#refresh();
    return this.#model.call !== call;
  }

  /** @param {Event} event */
  #onInput(event) {
    const input = this.#preview ? undefined : inputOf(event, this.#model);
    if (!input) return;
    this.#act(input.touch);
    if (input.focus) this.#frame.focus(input.focus);
  }

  /** @param {Hass} hass */
  async #perform(hass) {
    const { call } = this.#model;
    if (!call || call.number <= this.#called) return;
    this.#called = call.number;
    const words = this.#words() ?? pageWords();
    const failure = await perform(this.#spoken(hass), words, call);
    this.#model = answered(this.#model, call.number, failure, time());
    if (this.#model.error) this.#scanner.forget();
    this.#refresh();
  }
}

// The editor needs words at once. A newer version that arrives while the page is open
// waits for the page's next load.
await loadWords(pageLanguage());
if (!customElements.get(TAG)) {
  customElements.define(TAG, PiggyScreenCard);
  offer(TAG);
}
