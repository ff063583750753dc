/**
 * The card's options: what each may be, and its field in the visual editor. Pure.
 *
 * @import { Words } from "./words.js"
 *
 * @typedef {object} Option
 * @property {(words: Words) => object} selector
 * @property {(value: any) => boolean} accepts
 * @property {"config_text" | "config_bool" | "config_number" | "config_list" | "config_choice" | "config_images" | "config_image" | "config_color" | "config_background"} wrong
 * @property {string[]} [values] those that are accepted
 */
import { ALL_TYPES, withOptionalAmount } from "./config.js";
import { fill } from "./format.js";
import { DOMAIN } from "./hub.js";
import { parts } from "./color.js";
import { isImage } from "./media.js";
import { TYPES } from "./tables.js";
import { LANGUAGES, languageName } from "./words.js";

/** What can be started without an amount. */
const scannable = ALL_TYPES.filter((type) => TYPES[type].amount !== "required");

/** @typedef {(value: string, words: Words) => string} Label */

/** @type {Label} */
const typeLabel = (type, words) =>
  words[/** @type {import("./config.js").SessionType} */ (type)];

/** @type {Label} */
const showLabel = (value, words) => words[/** @type {"show_code"} */ (`show_${value}`)];

/**
 * @param {string[]} values
 * @param {Label} label
 * @param {Words} words
 */
const choices = (values, label, words) =>
  values.map((value) => ({ value, label: label(value, words) }));

/**
 * @param {string[]} values
 * @param {Label} label
 * @returns {Option}
 */
const oneOf = (values, label) => ({
  selector: (words) => ({
    select: { mode: "dropdown", options: choices(values, label, words) },
  }),
  accepts: (value) => values.includes(value),
  wrong: "config_choice",
  values,
});

/**
 * @param {string[]} values
 * @param {Label} label
 * @returns {Option}
 */
const listOf = (values, label) => ({
  selector: (words) => ({
    select: { multiple: true, reorder: true, options: choices(values, label, words) },
  }),
  accepts: (value) =>
    Array.isArray(value) && value.every((part) => values.includes(part)),
  wrong: "config_list",
  values,
});

/**
 * @param {object} selector
 * @returns {Option}
 */
const textOf = (selector) => ({
  selector: () => selector,
  accepts: (value) => typeof value === "string",
  wrong: "config_text",
});

const MEDIA = { accept: ["image/*"], image_upload: true };

/** @type {Option} */
const images = {
  selector: () => ({ media: { ...MEDIA, multiple: true } }),
  accepts: (value) => Array.isArray(value) && value.every(isImage),
  wrong: "config_images",
};

const media = () => ({ media: MEDIA });
/** @param {unknown} value */
const isColor = (value) => parts(value) !== undefined;

/** @type {Option} */
const flag = {
  selector: () => ({ boolean: {} }),
  accepts: (value) => typeof value === "boolean",
  wrong: "config_bool",
};

/** @type {Option} */
const minutes = {
  selector: () => ({
    number: { min: 0, max: 120, mode: "box", unit_of_measurement: "min" },
  }),
  accepts: (value) => typeof value === "number" && value >= 0,
  wrong: "config_number",
};

/** @type {Record<string, Option>} */
const OPTIONS = {
  device_id: textOf({ device: { filter: [{ integration: DOMAIN }] } }),
  title: textOf({ text: {} }),
  message: textOf({ text: { multiline: true } }),
  images,
  logo: { selector: media, accepts: isImage, wrong: "config_image" },
  color: {
    selector: () => ({ color_rgb: {} }),
    accepts: isColor,
    wrong: "config_color",
  },
  background: {
    selector: media,
    accepts: (value) => isColor(value) || isImage(value),
    wrong: "config_background",
  },
  session_types: listOf(ALL_TYPES, typeLabel),
  ask_amount: listOf(withOptionalAmount, typeLabel),
  scan: oneOf(scannable, typeLabel),
  language: oneOf(LANGUAGES, languageName),
  languages: listOf(LANGUAGES, languageName),
  show: oneOf(["code", "page", "both"], showLabel),
  show_link: flag,
  hide_name: flag,
  hide_cancel: flag,
  kiosk: flag,
  dim_after: minutes,
};

/**
 * Throw what is wrong with a configuration; one without a screen is only unfinished.
 * @param {Record<string, unknown>} config
 * @param {Words} words
 */
export function assertConfig(config, words) {
  for (const [key, { accepts, wrong, values = [] }] of Object.entries(OPTIONS)) {
    if (config[key] != null && !accepts(config[key])) {
      throw new Error(fill(words[wrong], { key, values: values.join(", ") }));
    }
  }
}

/**
 * Return the card's form in the visual editor.
 * @param {Words} words
 */
export function configForm(words) {
  /** @type {Record<string, string | undefined>} */
  const texts = words;
  return {
    schema: Object.entries(OPTIONS).map(([name, { selector }]) => ({
      name,
      selector: selector(words),
      ...(name === "device_id" && { required: true }),
    })),
    computeLabel: (/** @type {{ name: string }} */ { name }) =>
      texts[`label_${name}`] ?? name,
    computeHelper: (/** @type {{ name: string }} */ { name }) =>
      texts[`helper_${name}`],
    assertConfig: (/** @type {Record<string, unknown>} */ config) =>
      assertConfig(config, words),
  };
}
