/**
 * What a touch or a key means.
 *
 * @import { Model } from "./model.js"
 * @import { Touch } from "./touch.js"
 *
 * @typedef {object} Input
 * @property {Touch} touch
 * @property {string} [focus] what has the focus afterwards
 */
import { amountOf } from "./config.js";
import { keyAction } from "./keypad.js";

const TYPING = ["digit", "delete", "clear"];

/** What has the focus after an action, where it is not what had it before. */
/** @type {Record<string, (model: Model) => string>} */
const FOCUS = {
  back: ({ keypad }) => `[data-type=${keypad?.type}]`,
  // Their buttons are disabled while the hub is asked.
  confirm: () => ".view",
  skip: () => ".view",
  dismiss: () => ".view",
};

/**
 * Return what an event of the card means, or undefined where it means nothing.
 * @param {Event} event
 * @param {Model} model
 */
export const inputOf = (event, model) =>
  event instanceof KeyboardEvent ? ofKey(event, model) : ofClick(event, model);

/**
 * @param {Event & { detail?: number }} event
 * @param {Model} model
 * @returns {Input | undefined}
 */
function ofClick({ target, detail = 0 }, model) {
  const found = target instanceof Element ? target.closest("[data-action]") : null;
  if (!(found instanceof HTMLElement)) return undefined;
  const { action = "", type, key } = found.dataset;
  const typing = TYPING.includes(action);
  // The second click of a double click belongs to what stood there before.
  if (detail > 1 && !typing) return undefined;
  // A key that was touched is not what Enter is meant for, nor is a button that went.
  const leaves = (typing && detail > 0) || amountOf(model.config, type) !== "none";
  const focus = leaves ? ".view" : FOCUS[action]?.(model);
  return { touch: { action, type, key }, focus };
}

/**
 * @param {KeyboardEvent} event
 * @param {Model} model
 * @returns {Input | undefined}
 */
function ofKey(event, model) {
  const { seen, error, busy } = model;
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const onButton = target instanceof Element && target.closest("button") !== null;
  const onKeypad = seen.view === "keypad" && !busy;
  const touch =
    key === "Escape" && error
      ? { action: "dismiss" }
      : onKeypad
        ? keyAction(key, onButton)
        : undefined;
  if (!touch) return undefined;
  event.preventDefault();
  event.stopPropagation();
  return { touch, focus: FOCUS[touch.action]?.(model) };
}
