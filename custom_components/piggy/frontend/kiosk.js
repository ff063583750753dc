/**
 * A wall's page: menus hidden, awake, nothing to be selected or zoomed; loaded anew when
 * the hub has a newer card. Pure: the page is an argument.
 *
 * @import { Hass } from "./hub.js"
 *
 * @typedef {{ onTouch: () => void }} Wall a card that is one, told of every touch and key
 */

const MODULE = /\/piggy_static\/[0-9a-f]+\/piggy-screen-card\.js/;
const RELOADED = "piggy-reloaded";
const ASK_AGAIN_MS = 10_000;
const TAKE_OVER_MS = 20_000;
const STYLES = {
  touchAction: "pan-x pan-y",
  userSelect: "none",
  webkitUserSelect: "none",
};

/** Holds a page as a wall's while one is there. The page has one, and its cards share it. */
export class Kiosk {
  #page;
  /** @type {Wall | null} */
  #wall = null;
  #isHeld = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  /** @type {boolean | undefined} what the page was asked for last, by any card or app */
  #hidden;
  #wasHidden = false;
  #wasDirty = false;
  /** @type {Record<string, string>} */
  #styles = {};

  /** @param {Window} page */
  constructor(page) {
    this.#page = page;
    page.addEventListener("hass-kiosk-mode", (event) => {
      this.#hidden = Boolean(/** @type {CustomEvent} */ (event).detail?.enable);
    });
  }

  /**
   * Hold the page for a wall, which may take another one's place.
   * @param {Wall} wall
   * @param {boolean} hidden whether its menus are hidden, as far as the wall knows
   */
  follow(wall, hidden) {
    this.#wall = wall;
    this.#hidden ??= hidden;
    if (!this.#isHeld) this.#hold();
    if (!this.#hidden && !this.#wasHidden) this.#hideMenus(true);
    if (!this.#isDirty) this.#isDirty = true;
  }

  /**
   * Leave the page as it was, unless another wall follows at once: the frontend makes its
   * cards anew when a hub comes back.
   * @param {Wall} wall
   */
  stop(wall) {
    if (this.#wall !== wall) return;
    this.#wall = null;
    this.#page.setTimeout(() => {
      if (this.#isHeld && !this.#wall) this.#release();
    });
  }

  #hold() {
    this.#isHeld = true;
    this.#wasHidden = Boolean(this.#hidden);
    this.#wasDirty = this.#isDirty;
    const { style } = this.#page.document.documentElement;
    // All are read before any is set: some are other names of the same style.
    for (const name of Object.keys(STYLES))
      this.#styles[name] = Reflect.get(style, name);
    Object.assign(style, STYLES);
    this.#listen("addEventListener");
    this.#keepAwake();
  }

  #release() {
    this.#isHeld = false;
    if (!this.#wasHidden) this.#hideMenus(false);
    if (!this.#wasDirty) this.#isDirty = false;
    Object.assign(this.#page.document.documentElement.style, this.#styles);
    this.#listen("removeEventListener");
    this.#lock?.release().catch(() => undefined);
    this.#lock = null;
  }

  /** @param {boolean} enable */
  #hideMenus(enable) {
    const detail = { enable };
    this.#page.dispatchEvent(new CustomEvent("hass-kiosk-mode", { detail }));
  }

  /** Whether the page holds what is not saved: the frontend then loads no update. */
  get #isDirty() {
    return Boolean(Reflect.get(this.#page, "isDirtyState"));
  }

  set #isDirty(isDirty) {
    Reflect.set(this.#page, "isDirtyState", isDirty);
    const detail = { isDirty };
    this.#page.dispatchEvent(new CustomEvent("dirty-state-changed", { detail }));
  }

  /** @param {"addEventListener" | "removeEventListener"} change */
  #listen(change) {
    const page = this.#page;
    const active = { passive: false, capture: true };
    page[change]("contextmenu", this.#refuse, active);
    page[change]("gesturestart", this.#refuse, active);
    page[change]("wheel", this.#refuseZoom, active);
    page[change]("touchmove", this.#refuseZoom, active);
    page[change]("hass-notification", this.#hush, active);
    page[change]("pointerdown", this.#touched, true);
    page[change]("keydown", this.#touched, true);
    page.document[change]("visibilitychange", this.#keepAwake);
    Reflect.get(page, "navigation")?.[change]("navigate", this.#stay);
  }

  /**
   * Refuse a load of the page by a frontend that does not ask: it waits neither for the end
   * of a session nor for the hub to have the card. `Renewal` does.
   * @param {Event & { navigationType?: string, destination?: { sameDocument: boolean } }} event
   */
  #stay = (event) => {
    const { navigationType, destination } = event;
    if (navigationType === "replace" && !destination?.sameDocument)
      event.preventDefault();
  };

  /** @param {Event} event what the frontend has to say; not to customers */
  #hush = (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail) detail.duration = 0;
  };

  #touched = () => this.#wall?.onTouch();

  /** @param {Event} event */
  #refuse = (event) => event.preventDefault();

  /** @param {Event} event */
  #refuseZoom = (event) => {
    const { ctrlKey, touches } = /** @type {WheelEvent & TouchEvent} */ (event);
    if (ctrlKey || (touches?.length ?? 0) > 1) event.preventDefault();
  };

  /** Hold the wake lock; browsers let it go with the tab, and some have none. */
  #keepAwake = async () => {
    const { document, navigator } = this.#page;
    if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
    if (this.#lock && !this.#lock.released) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      // An earlier request may have been granted in the meantime.
      const isHeld = this.#lock && !this.#lock.released;
      if (this.#wall && !isHeld) this.#lock = lock;
      else await lock.release();
    } catch {
      // A tablet that saves power refuses; the next visible moment is another chance.
    }
  };
}

/** Loads a page anew, once the hub that came back has another card or is another version. */
export class Renewal {
  #page;
  #module;
  #version = "";
  #due = false;
  #waits = false;
  #idle = false;

  /**
   * @param {Pick<Window, "fetch" | "sessionStorage" | "location" | "navigator" | "setTimeout">} page
   * @param {string} module the url of the card that runs
   */
  constructor(page, module) {
    this.#page = page;
    this.#module = module;
  }

  /**
   * Follow the hub; what its return calls for waits until the screen is idle.
   * @param {Pick<Hass, "connected" | "config">} hass
   * @param {boolean} idle
   */
  async follow({ connected, config }, idle) {
    const version = config?.version ?? this.#version;
    this.#version ||= version;
    const upgraded = version !== this.#version;
    this.#idle = connected && idle;
    if (!connected || upgraded) this.#due = true;
    if (!connected || !idle || !this.#due || this.#waits) return;
    this.#waits = true;
    const found = await this.#ask();
    // A page that works is not given up for one that does not load.
    if (!found) {
      this.#page.setTimeout(() => (this.#waits = false), ASK_AGAIN_MS);
      return;
    }
    const target = this.#newer(found, version);
    if (target) await this.#takeOver();
    this.#waits = false;
    // Somebody may have come meanwhile.
    if (!this.#idle) return;
    this.#due = false;
    this.#version = version;
    if (!target) return;
    this.#page.sessionStorage.setItem(RELOADED, target);
    this.#page.location.reload();
  }

  /**
   * Return what there is to load, if anything: once for what is there now.
   * @param {string} found the path of the hub's card
   * @param {string} version
   */
  #newer(found, version) {
    const target = `${found} ${version}`;
    const isSame = version === this.#version && this.#module.includes(found);
    const isLoaded = this.#page.sessionStorage.getItem(RELOADED) === target;
    return isSame || isLoaded ? undefined : target;
  }

  /** Return the path of the card that the hub's page has now, if it answers. */
  async #ask() {
    try {
      // The frontend's worker answers with what it kept of an address that it knows.
      const page = `/?${Date.now()}`;
      const answer = await this.#page.fetch(page, { cache: "no-store" });
      return answer.ok ? MODULE.exec(await answer.text())?.[0] : undefined;
    } catch {
      return undefined;
    }
  }

  /** Have the frontend's newer worker take over, so that it is the one that loads. */
  async #takeOver() {
    const { serviceWorker } = this.#page.navigator;
    const limit = new Promise((done) => this.#page.setTimeout(done, TAKE_OVER_MS));
    const next = (/** @type {EventTarget} */ target, /** @type {string} */ kind) =>
      new Promise((done) => target.addEventListener(kind, done, { once: true }));
    const change = async () => {
      const registration = await serviceWorker?.getRegistration();
      await registration?.update();
      const worker = registration?.installing ?? registration?.waiting;
      if (!worker) return;
      if (worker.state === "installing") await next(worker, "statechange");
      const changed = next(serviceWorker, "controllerchange");
      worker.postMessage({ type: "skipWaiting" });
      await changed;
    };
    await Promise.race([change().catch(() => undefined), limit]);
  }
}
