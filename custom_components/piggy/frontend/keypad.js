/**
 * The keypad: an amount, cents last, or the staff's PIN.
 *
 * @import { Seen } from "./seen.js"
 * @import { Words } from "./words.js"
 */
import { button, el, icon } from "./dom.js";
import { MIN_PIN } from "./touch.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"];
const TITLES = /** @type {const} */ ({
  pin: "pin",
  required: "amount",
  optional: "purchase",
  none: "purchase",
});

/**
 * Return the keypad's elements.
 * @param {Seen} seen
 * @param {Words} words
 */
export const keypad = ({ busy, asks = "none" }, words) => [
  el(
    "div",
    { className: "aside" },
    el("h2", { textContent: words[TITLES[asks]] }),
    el("p", {
      className: asks === "pin" ? "amount dots" : "amount",
      role: "status",
      "data-part": "amount",
    }),
    el(
      "div",
      { className: "choice" },
      button("back", words.cancel, { className: "plain", disabled: Boolean(busy) }),
      asks === "optional" &&
        button("skip", words.skip, { className: "plain", disabled: Boolean(busy) }),
      button("confirm", busy ? words.starting : words.confirm, {
        className: "primary",
      }),
    ),
  ),
  el(
    "div",
    { className: "keys" },
    ...DIGITS.map((key) =>
      asks === "pin" && key === "00"
        ? el("span")
        : button("digit", key, { "data-key": key, disabled: Boolean(busy) }),
    ),
    el(
      "button",
      {
        type: "button",
        "data-action": "delete",
        "aria-label": words.delete,
        disabled: Boolean(busy),
      },
      icon("mdi:backspace-outline"),
    ),
  ),
];

/**
 * Show what was typed so far: an amount, or a dot for each digit of a PIN.
 * @param {ParentNode} root
 * @param {Seen} seen
 * @param {(cents: number) => string} money
 */
export function drawTyped(root, { asks, digits = "", busy }, money) {
  const isPin = asks === "pin";
  const ready = isPin ? digits.length >= MIN_PIN : Number(digits) > 0;
  const amount = root.querySelector("[data-part=amount]");
  const confirm = root.querySelector("[data-action=confirm]");
  if (amount) {
    amount.textContent = isPin ? "●".repeat(digits.length) : money(Number(digits));
  }
  confirm?.toggleAttribute("disabled", Boolean(busy) || !ready);
}

/**
 * Return what a key does on the keypad, or undefined where it is not the keypad's.
 * @param {string} key
 * @param {boolean} onButton whether a button has the focus
 * @returns {{ action: string, key?: string } | undefined}
 */
export function keyAction(key, onButton) {
  if (/^\d$/.test(key)) return { action: "digit", key };
  if (key === "Backspace") return { action: "delete" };
  if (key === "Delete") return { action: "clear" };
  if (key === "Escape") return { action: "back" };
  return key === "Enter" && !onButton ? { action: "confirm" } : undefined;
}
