/**
 * What a touch, a key and the answer of a call change in the model. Pure.
 *
 * @import { Keypad, Model } from "./model.js"
 *
 * @typedef {object} Touch
 * @property {string} action
 * @property {string} [type] the session type that a button starts
 * @property {string} [key] the digits of a key, the code of a card, a language
 */
import { amountOf, isForStaff } from "./config.js";

export const MAX_DIGITS = 8; // 999,999.99; the longest PIN
export const MIN_PIN = 4; // digits
const ERROR_MS = 30_000; // the next customer must not see an error of the last one
const KEYPAD_MS = 30_000; // nor pay the last one's amount
const PIN_ERRORS = ["pin_required", "pin_wrong", "pin_locked"];

/**
 * Return the model after a touch or a key; `update` tells what is to be seen then.
 * @param {Model} model
 * @param {Touch} touch
 * @param {number} now
 * @returns {Model}
 */
export function act(model, touch, now) {
  const change = ACTIONS[touch.action]?.(model, { ...touch, now });
  return { ...model, awake: now, wake: -Infinity, ...change };
}

/** @type {Record<string, (model: Model, touch: Touch & { now: number }) => Partial<Model>>} */
const ACTIONS = {
  language: ({ chosen }, { key }) => ({ chosen: key ?? chosen }),
  start: (model, { type = "", now }) => {
    if (amountOf(model.config, type) === "none") {
      return calling(model, type, `create_${type}_session`);
    }
    const pin = model.asksPin && isForStaff(type) ? "" : undefined;
    return { error: null, keypad: { type, digits: "", pin, until: now + KEYPAD_MS } };
  },
  digit: ({ keypad }, { key, now }) => {
    const digits = `${keypad?.digits}${key}`;
    return typing(isForPin(keypad) ? digits : digits.replace(/^0+/, ""), keypad, now);
  },
  delete: ({ keypad }, { now }) => typing(keypad?.digits.slice(0, -1), keypad, now),
  clear: ({ keypad }, { now }) => typing("", keypad, now),
  back: () => ({ keypad: null, error: null }),
  confirm: (model, { now }) => {
    const { keypad } = model;
    const { digits = "", pending } = keypad ?? {};
    if (!keypad || !isForPin(keypad)) {
      return Number(digits) ? starting(model, { amount_in_cents: Number(digits) }) : {};
    }
    if (digits.length < MIN_PIN) return {};
    if (pending) return starting(model, { pin: digits });
    return { keypad: { ...keypad, digits: "", pin: digits, until: now + KEYPAD_MS } };
  },
  skip: (model) => {
    const { keypad } = model;
    const isOptional = amountOf(model.config, keypad?.type) === "optional";
    return isOptional && !isForPin(keypad) ? starting(model) : {};
  },
  scan: (model, { type = "", key }) => ({
    keypad: null,
    ...calling(model, type, `create_${type}_session`, { contact_identifier: key }),
  }),
  cancel: (model) => calling(model, "clear", "clear_session"),
  code: ({ seen }) => ({ codeOf: seen.picture?.token }),
  dismiss: () => ({ error: null }),
};

/**
 * Return whether a keypad asks for the PIN of the staff, not for an amount.
 * @param {Keypad | null} keypad
 */
export const isForPin = (keypad) => Boolean(keypad?.pending) || keypad?.pin === "";

/**
 * @param {string | undefined} digits
 * @param {Keypad | null} keypad
 * @param {number} now
 */
function typing(digits, keypad, now) {
  if (!keypad) return {};
  const kept = digits != null && digits.length <= MAX_DIGITS ? digits : keypad.digits;
  return { keypad: { ...keypad, digits: kept, until: now + KEYPAD_MS } };
}

/**
 * Start what the keypad asks the amount or the PIN for.
 * @param {Model} model
 * @param {Record<string, unknown>} [data]
 */
function starting(model, data) {
  if (!model.keypad) return {};
  const { type, pending, pin } = model.keypad;
  const action = pending?.action ?? `create_${type}_session`;
  return calling(model, type, action, {
    ...pending?.data,
    ...(pin && { pin }),
    ...data,
  });
}

/**
 * Call an action, unless one is under way.
 * @param {Model} model
 * @param {string} type
 * @param {string} action
 * @param {Record<string, unknown>} [data]
 */
function calling({ busy, call, device }, type, action, data = {}) {
  if (busy) return {};
  const number = (call?.number ?? 0) + 1;
  return {
    error: null,
    busy: { type, number },
    call: { number, action, data: { device_id: device, ...data } },
  };
}

/**
 * Return the model after a call's answer. One that is no longer waited for is dropped.
 * @param {Model} model
 * @param {number} number the call's
 * @param {{ text: string, key?: string } | undefined} failure
 * @param {number} now
 * @returns {Model}
 */
export function answered(model, number, failure, now) {
  const { busy, call, keypad } = model;
  if (busy?.number !== number || !call) return model;
  const until = now + KEYPAD_MS;
  const { key = "", text = "" } = failure ?? {};
  const data = { ...call.data };
  delete data.pin; // needed for one call only
  // Nothing of a customer's card is kept, unless the same call is made with a PIN.
  const done = { ...model, busy: null, call: { ...call, data: {} }, wake: -Infinity };
  done.error = text && key !== "pin_required" ? { text, until: now + ERROR_MS } : null;
  if (PIN_ERRORS.includes(key)) {
    const pending = { action: call.action, data };
    done.keypad = { type: busy.type, digits: "", until, pending };
  } else {
    done.keypad = failure && keypad ? { ...keypad, until } : null;
    if (done.keypad?.pending) done.keypad.digits = "";
  }
  return done;
}
