/**
 * The hub's time, on a tablet whose own clock may be wrong. Pure.
 *
 * A change that arrives live carries the hub's time of a moment ago: the hub's clock is
 * at least there. The `Date` header of an answer tells it to a second, also when nothing
 * changes for a while.
 *
 * @import { Screen } from "./hub.js"
 *
 * @typedef {object} Clock
 * @property {number} offset what the hub's clock is ahead of the tablet's, in milliseconds
 * @property {boolean} known whether the hub told it, since the connection was made
 */

const LATE_MS = 5000; // a change that seems older than this was late, or the hub's clock was set

/** @type {Clock} */
export const UNKNOWN = Object.freeze({ offset: 0, known: false });

/**
 * Return what the clock is after a change of the screen that arrived live.
 * @param {Clock} clock
 * @param {Screen} before
 * @param {Screen} after
 * @param {number} now
 * @returns {Clock}
 */
export function learn(clock, before, after, now) {
  let newest = -Infinity;
  for (const [key, state] of Object.entries(after)) {
    if (!state || !before[key] || state === before[key]) continue;
    newest = Math.max(newest, Date.parse(state.last_updated ?? "") || -Infinity);
  }
  if (newest === -Infinity) return clock;
  const offset = newest - now;
  if (!clock.known || offset > clock.offset) return { offset, known: true };
  return clock.offset - offset > LATE_MS ? { ...clock, known: false } : clock;
}

/**
 * Return what the clock is after an answer with a `Date` header.
 * @param {Clock} clock
 * @param {string | null} date the header
 * @param {number} sent when the hub was asked
 * @param {number} now
 * @returns {Clock}
 */
export function read(clock, date, sent, now) {
  const time = Date.parse(date ?? "");
  if (Number.isNaN(time)) return clock;
  // The header leaves out the fraction of a second.
  return { offset: time + 500 - (sent + now) / 2, known: true };
}

/**
 * Return what is left until a session expires, its share of the whole, and when the
 * shown second is over.
 * @param {Clock} clock
 * @param {number | undefined} begun a moment of the hub
 * @param {number} expires
 * @param {number} now
 */
export function left({ offset }, begun = NaN, expires, now) {
  const time = Math.max(0, expires - (now + offset));
  const whole = expires - begun;
  return {
    time,
    share: whole > 0 ? Math.min(1, time / whole) : 0,
    next: time > 0 ? time % 1000 || 1000 : undefined,
  };
}
