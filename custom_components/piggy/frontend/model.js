/**
 * What the card shows, and how that changes with the hub and with time. Pure.
 *
 * @import { Clock } from "./clock.js"
 * @import { Settings } from "./config.js"
 * @import { Hass, Screen, State } from "./hub.js"
 * @import { Look } from "./look.js"
 * @import { Outcome, Seen } from "./seen.js"
 *
 * @typedef {object} Call an action of the hub
 * @property {number} number
 * @property {string} action
 * @property {Record<string, unknown>} data
 *
 * @typedef {object} Keypad
 * @property {string} type what it starts
 * @property {string} digits
 * @property {number} until
 * @property {Pick<Call, "action" | "data">} [pending] the call that needs a PIN
 * @property {string} [pin] the PIN that comes before the amount; empty until it is typed
 *
 * @typedef {object} Model
 * @property {Settings} config
 * @property {string} device the screen that all else is about
 * @property {Record<string, string>} entities ids by `<domain>.<translation key>`
 * @property {unknown[]} inputs what all else was made of
 * @property {Screen} screen
 * @property {boolean} asksPin whether the hub asks the user for a PIN of sessions for staff
 * @property {Clock} clock
 * @property {string | undefined} status
 * @property {string | undefined} before the status that this one followed
 * @property {State | undefined} event the newest event of the shown session
 * @property {State | undefined} stale the status of before the connection broke
 * @property {Outcome | undefined} told the newest transaction of a completed session
 * @property {number} expiredUntil
 * @property {{ type: string, number: number } | null} busy the call that is under way
 * @property {Call | undefined} call the newest call
 * @property {Keypad | null} keypad
 * @property {{ text: string, until: number } | null} error
 * @property {number} awake when somebody or something was last there
 * @property {string | undefined} codeOf the session whose code is shown, not its page
 * @property {string} language what the card speaks
 * @property {string | undefined} chosen the language that a customer chose
 * @property {Look} look
 * @property {number} wake when something changes by itself
 * @property {Seen} seen
 */
import { UNKNOWN, learn } from "./clock.js";
import { held, known, read } from "./hub.js";
import { lookOf } from "./look.js";
import { see } from "./seen.js";
import { TRANSACTIONS } from "./tables.js";

const EXPIRED_MS = 8000;
const LANGUAGE_MS = 30_000;

/**
 * The model before the first update for a screen, which adds all that is missing here.
 * @type {Model}
 */
export const START = /** @type {any} */ ({
  inputs: [],
  screen: {},
  asksPin: false,
  clock: UNKNOWN,
  busy: null,
  keypad: null,
  error: null,
  seen: {},
});

/**
 * Return what is to be seen now; the same object where nothing changed.
 * @param {Model} previous
 * @param {Hass} hass
 * @param {Settings} config
 * @param {number} now the tablet's time
 * @returns {Model}
 */
export function update(previous, hass, config, now) {
  const device = config.device_id ?? "";
  const { clock } = previous;
  const call = previous.call && { ...previous.call, data: {} };
  const start =
    device === previous.device
      ? previous
      : { ...START, device, call, clock, awake: now };
  const reading = read(start, hass, [config]);
  if (now < start.wake && reading.inputs === start.inputs) return start;
  const model = { ...start, ...reading, config };
  follow(model, start, hass, now);
  return settle(model, hass, now);
}

/**
 * Return the model to be updated at once, with a clock that may be corrected.
 * @param {Model} model
 * @returns {Model}
 */
export const due = (model, clock = model.clock) => ({
  ...model,
  clock,
  wake: -Infinity,
});

/**
 * Return the model of a card that left the page: what a customer typed is forgotten.
 * @param {Model} model
 * @returns {Model}
 */
export const away = (model) => ({ ...model, error: null, keypad: null });

/**
 * Follow the hub: its clock, the session's status and events.
 * @param {Model} model is changed
 * @param {Model} previous
 * @param {Hass} hass
 * @param {number} now
 */
function follow(model, previous, hass, now) {
  const status = model.screen["sensor.session_status"];
  // What was known before the connection broke counts for nothing after it.
  if (!hass.connected) {
    const clock = { ...model.clock, known: false };
    Object.assign(model, {
      stale: status,
      status: undefined,
      before: undefined,
      clock,
    });
  } else if (!status || status !== model.stale) {
    const live = !model.stale;
    if (live) model.clock = learn(model.clock, previous.screen, model.screen, now);
    model.stale = undefined;
    followSession(model, known(status)?.state ?? held(model.screen, model.status), now);
  }
}

/**
 * @param {Model} model is changed
 * @param {string | undefined} status
 * @param {number} now
 */
function followSession(model, status, now) {
  if (status !== model.status) {
    Object.assign(model, { before: model.status, status, error: null });
    model.expiredUntil = -Infinity;
  }
  const event = model.screen["event.session"];
  if (event && event.attributes.on_screen !== false) model.event = event;
  const { event_type: kind, ...rest } = model.event?.attributes ?? {};
  if (status !== "completed") model.told = undefined;
  else if (TRANSACTIONS.includes(kind)) model.told = { kind, ...rest };
  const running = model.before === "waiting" || model.before === "identified";
  if (status === "idle" && running && kind === "session_expired") {
    model.expiredUntil = now + EXPIRED_MS;
    model.before = undefined;
  }
}

/**
 * Drop what has expired, and set what is to be seen and until when.
 * @param {Model} model is changed
 * @param {Hass} hass
 * @param {number} now
 */
function settle(model, hass, now) {
  const { config } = model;
  if (model.error && now >= model.error.until) model.error = null;
  if (model.keypad && !model.busy && now >= model.keypad.until) model.keypad = null;
  const before = isQuiet(model);
  const wasTyping = model.seen.view === "keypad";
  model.seen = see(model, hass, config, now);
  if (model.seen.view !== "keypad") model.keypad = null;
  const quiet = isQuiet(model);
  if (!quiet || !before) model.awake = now;
  const { look, until } = lookOf(config, quiet, model.awake, now);
  model.look = look;
  // A broken connection ends nothing.
  const ended = model.seen.view === "idle" && !before && !wasTyping;
  const spokenUntil = speak(model, hass, ended, now);
  const { error, expiredUntil, keypad } = model;
  const ends = [error?.until, expiredUntil, keypad?.until, until, spokenUntil];
  model.wake = Math.min(...ends.map((at = 0) => (at > now ? at : Infinity)));
  return model;
}

/**
 * Return whether the screen is not in use, so that the page can be loaded again.
 * @param {Model} model
 */
export const isIdle = ({ seen, busy }) =>
  !busy && (seen.view === "idle" || seen.kind === "closed");

/** @param {Model} model */
const isQuiet = ({ seen }) => seen.view === "idle" || seen.view === "trouble";

/**
 * Tell what the card speaks, and until when: a customer's language is not the next one's.
 * @param {Model} model is changed
 * @param {Hass} hass
 * @param {boolean} ended whether a session just ended
 * @param {number} now
 */
function speak(model, hass, ended, now) {
  const { languages = [], language } = model.config;
  const until = isQuiet(model) ? model.awake + LANGUAGE_MS : Infinity;
  if (ended || now >= until) model.chosen = undefined;
  model.language = model.chosen ?? languages[0] ?? language ?? hass.language;
  return model.chosen ? until : undefined;
}
