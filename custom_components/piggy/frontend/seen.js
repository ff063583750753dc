/**
 * What is to be seen of a model. Pure.
 *
 * @import { Settings } from "./config.js"
 * @import { Amounts, Hass, Picture } from "./hub.js"
 * @import { Model } from "./model.js"
 *
 * @typedef {object} Outcome a transaction that completed a session
 * @property {string} kind
 * @property {number} [credits]
 * @property {number} [amount_in_cents]
 * @property {string} [voucher_name]
 *
 * @typedef {object} Seen what is to be seen, as plain data
 * @property {"idle" | "keypad" | "code" | "page" | "identified" | "completed" | "expired" | "trouble"} view
 * @property {string} [heading]
 * @property {string} [over] the screen's name
 * @property {string} [message] an invitation
 * @property {string[]} [types] what the buttons start
 * @property {string | null} [busy] the action that is being called
 * @property {string} [digits] what was typed so far
 * @property {"pin" | "required" | "optional" | "none"} [asks] what the keypad asks for
 * @property {string[]} [languages] what customers can choose
 * @property {string} [type] the type of the session, also of one to be started
 * @property {Picture} [picture]
 * @property {string} [page] the address of the session's page
 * @property {boolean} [both] whether the code stands beside the page
 * @property {number} [begun]
 * @property {number} [expires]
 * @property {string} [link]
 * @property {Amounts} [amounts]
 * @property {boolean} [cancel] whether the customer may leave
 * @property {Outcome[]} [outcome]
 * @property {"unset" | "offline" | "missing" | "unavailable" | "closed"} [kind]
 */
import { ALL_TYPES, USUAL_TYPES, amountOf } from "./config.js";
import { amountsOf, known, moment, pictureOf } from "./hub.js";
import { isForPin } from "./touch.js";

/**
 * Return what is to be seen.
 * @param {Model} model
 * @param {Hass} hass
 * @param {Settings} config
 * @param {number} now the tablet's time
 * @returns {Seen}
 */
export function see(model, hass, config, now) {
  const kind = trouble(model, hass);
  if (kind) return { view: "trouble", kind };
  const device = hass.devices?.[model.device];
  const name = device?.name_by_user || device?.name || "";
  const over = config.company ? config.title || name : undefined;
  if (model.status !== "idle") return { over, ...session(model, hass, config) };
  if (now < model.expiredUntil) return { view: "expired", over };
  return keypad(model) ?? idle(model, config, name, device?.model || name);
}

/**
 * @param {Model} model
 * @returns {Seen | undefined}
 */
function keypad({ keypad: open, busy, config }) {
  if (!open) return undefined;
  const { type, digits } = open;
  const asks = isForPin(open) ? "pin" : amountOf(config, type);
  return { view: "keypad", type, digits, asks, busy: busy?.type ?? null };
}

/**
 * @param {Model} model
 * @param {Hass} hass
 * @param {Settings} config
 * @returns {Seen}
 */
function session(model, hass, config) {
  const { status, screen, told } = model;
  const { attributes = {} } = screen["sensor.session_status"] ?? {};
  const amounts = amountsOf(attributes);
  const type = known(screen["sensor.session_type"])?.state;
  const seen = { type, amounts, cancel: !config.hide_cancel };
  if (status === "completed") {
    const { outcome } = attributes;
    const listed = Array.isArray(outcome) && outcome.length > 0;
    return {
      view: "completed",
      ...seen,
      outcome: listed ? outcome : told ? [told] : [],
    };
  }
  const shown = {
    ...seen,
    picture: pictureOf(hass, screen["image.qr_code"]),
    begun: moment(screen["image.qr_code"]),
    expires: moment(screen["sensor.session_expires"]),
  };
  const url = known(screen["sensor.session_url"])?.state;
  const page = pageOf(model, url, shown.picture);
  if (page) return { view: "page", ...shown, ...page };
  // The code stays for the customer's next giftcard until all is paid.
  const unpaid = amounts && amounts.paid > 0 && amounts.remaining > 0;
  if (status === "identified" && scanned(model) && !unpaid) {
    return { view: "identified", ...seen };
  }
  return { view: "code", ...shown, link: config.show_link ? url : undefined };
}

/**
 * Return the session's page, unless its code is to be shown.
 * @param {Model} model
 * @param {string | undefined} url
 * @param {Picture | undefined} picture
 */
function pageOf({ config: { show }, codeOf }, url = "", picture) {
  const wanted = show === "page" || show === "both";
  const turned = codeOf !== undefined && picture?.token === codeOf;
  if (!wanted || turned || !/^https?:/i.test(url)) return undefined;
  return { page: url, both: show === "both" };
}

/**
 * Return why the screen cannot be shown, or undefined.
 * @param {Model} model
 * @param {Hass} hass
 */
function trouble({ device, entities, status, stale }, hass) {
  const owner = hass.user?.is_admin !== false;
  if (!device) return owner ? "unset" : "closed";
  if (!hass.connected || stale) return "offline";
  if (hass.devices?.[device] && entities["sensor.session_status"]) {
    return status ? undefined : "unavailable";
  }
  return owner ? "missing" : "closed";
}

/**
 * @param {Model} model
 * @param {Settings} config
 * @param {string} name
 * @param {string} shop
 * @returns {Seen}
 */
function idle({ busy, screen }, config, name, shop) {
  const types = [...new Set(config.session_types ?? USUAL_TYPES)];
  // The screen's buttons, of which some may be disabled, can work or cannot together.
  const dead = ALL_TYPES.some(
    (type) => screen[`button.${type}`]?.state === "unavailable",
  );
  if (dead && types.length > 0) return { view: "trouble", kind: "closed" };
  const heading = config.title || shop;
  const over = heading === name || config.hide_name ? undefined : name;
  const { languages = [] } = config;
  return {
    view: "idle",
    heading,
    over,
    message: config.message,
    types,
    busy: busy?.type ?? null,
    languages: languages.length > 1 ? [...new Set(languages)] : undefined,
  };
}

/**
 * Return whether the customer has the session at hand. One that was opened for a known
 * customer is identified, but the code was not scanned.
 * @param {Model} model
 */
function scanned({ event }) {
  const type = event?.attributes.event_type;
  return Boolean(type) && !`${type}`.startsWith("session_");
}
