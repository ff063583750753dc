/**
 * How an idle screen is protected from burn-in: it moves by some pixels, and dims. Pure.
 *
 * @import { Settings } from "./config.js"
 *
 * @typedef {object} Look
 * @property {boolean} dim
 * @property {string} shift how far the content is moved, as CSS
 */

const SHIFTS = ["6px 0px", "4px 4px", "0px 6px", "-4px 4px", "-6px 0px", "-4px -4px"];
const SHIFT_MS = 60_000;
const MINUTE_MS = 60_000;
const DIM_AFTER = 10; // minutes

/**
 * Return how a card looks, and when that changes.
 * @param {Settings} config
 * @param {boolean} quiet whether nothing goes on
 * @param {number} awake when something last went on, or was touched
 * @param {number} now
 */
export function lookOf({ wall, dim_after: after = DIM_AFTER }, quiet, awake, now) {
  if (!wall || !quiet) return { look: { dim: false, shift: "" }, until: undefined };
  const place = Math.floor(now / SHIFT_MS);
  const moves = (place + 1) * SHIFT_MS;
  const dims = after > 0 ? awake + after * MINUTE_MS : Infinity;
  return {
    look: { dim: now >= dims, shift: SHIFTS[place % SHIFTS.length] },
    until: now < dims ? Math.min(moves, dims) : moves,
  };
}
