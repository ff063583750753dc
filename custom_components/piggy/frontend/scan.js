/**
 * A scanner that types what it reads, as a keyboard would. Pure, but for the listener.
 *
 * A scanner types faster than a person, and ends with Enter. What it read is kept only
 * here, so that the same card counts once within some seconds; unless nothing came of it.
 */

const GAP_MS = 60; // between two keys of a scanner; a person takes longer
const SHORTEST = 4;
const ONCE_MS = 10_000;

export class Scanner {
  #page;
  /** @type {((code: string) => boolean) | undefined} */
  #scanned;
  #typed = "";
  #last = -Infinity;
  /** @type {Map<string, number>} the timers of cards that do not count again yet */
  #read = new Map();

  /** @param {Window} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {(code: string) => boolean} scanned takes a code; returns false to refuse it */
  start(scanned) {
    if (!this.#scanned) this.#page.addEventListener("keydown", this.#onKey, true);
    this.#scanned = scanned;
  }

  stop() {
    if (!this.#scanned) return;
    this.#page.removeEventListener("keydown", this.#onKey, true);
    this.#scanned = undefined;
    this.#typed = "";
    this.forget();
  }

  /** Let the cards that were read count again. */
  forget() {
    for (const timer of this.#read.values()) this.#page.clearTimeout(timer);
    this.#read.clear();
  }

  /** @param {Event} event */
  #onKey = (event) => {
    const { key, repeat, timeStamp } = /** @type {KeyboardEvent} */ (event);
    // A person's finger that rests on a key is faster than a scanner.
    if (repeat) return;
    // When the key was pressed: a busy page is told late.
    const isBurst = timeStamp - this.#last <= GAP_MS;
    if (!isBurst) this.#typed = "";
    this.#last = timeStamp;
    if (key.length === 1) {
      this.#typed += key;
      // Home Assistant has shortcuts of one letter, which would open a dialog. A person's
      // digits are for the card's keypad.
      const isDigit = /\d/.test(key);
      if ((isBurst || !isDigit) && !isField(event)) event.stopPropagation();
    }
    if (key !== "Enter") return;
    const code = this.#typed;
    this.#typed = "";
    this.#last = -Infinity;
    if (code.length < SHORTEST) return;
    // What was scanned is not meant for what has the focus.
    event.preventDefault();
    event.stopPropagation();
    if (this.#read.has(code) || !this.#scanned?.(code)) return;
    const forget = () => this.#read.delete(code);
    this.#read.set(code, this.#page.setTimeout(forget, ONCE_MS));
  };
}

/**
 * Return whether a key goes into a field.
 * @param {Event} event
 */
function isField(event) {
  const [target] = /** @type {Partial<HTMLElement>[]} */ (event.composedPath());
  return target.isContentEditable || /^(input|textarea)$/.test(target.localName ?? "");
}
