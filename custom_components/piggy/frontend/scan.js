/**
 * A scanner that types what it reads, as a keyboard would. Pure, but for the listener.
 *
 * A scanner types faster than a person, and ends with Enter. What it read is kept for the
 * seconds in which the same card counts once, and nowhere else.
 */

const GAP_MS = 60; // between two keys of a scanner; a person takes longer
const SHORTEST = 4;
const ONCE_MS = 10_000;

export class Scanner {
  #page;
  #time;
  /** @type {((code: string) => void) | undefined} */
  #scanned;
  #typed = "";
  #last = -Infinity;
  #code = "";
  #until = -Infinity;

  /**
   * @param {Pick<Window, "addEventListener" | "removeEventListener">} page
   * @param {() => number} time
   */
  constructor(page, time) {
    this.#page = page;
    this.#time = time;
  }

  /** @param {(code: string) => void} scanned takes each code once */
  start(scanned) {
    if (!this.#scanned) this.#page.addEventListener("keydown", this.#onKey, true);
    this.#scanned = scanned;
  }

  stop() {
    if (!this.#scanned) return;
    this.#page.removeEventListener("keydown", this.#onKey, true);
    this.#scanned = undefined;
    this.#typed = this.#code = "";
  }

  /** @param {Event} event */
  #onKey = (event) => {
    const { key, repeat } = /** @type {KeyboardEvent} */ (event);
    const now = this.#time();
    // A person's finger that rests on a key is faster than a scanner.
    if (repeat) return;
    if (now - this.#last > GAP_MS) this.#typed = "";
    this.#last = now;
    if (key.length === 1) this.#typed += key;
    if (key !== "Enter") return;
    const code = this.#typed;
    this.#typed = "";
    if (code.length < SHORTEST) return;
    // What was scanned is not meant for what has the focus.
    event.preventDefault();
    event.stopPropagation();
    const again = code === this.#code && now < this.#until;
    this.#code = code;
    this.#until = now + ONCE_MS;
    if (!again) this.#scanned?.(code);
  };
}
