/**
 * The buttons of the start view: session types, and languages.
 *
 * @import { SessionType } from "./config.js"
 * @import { Words } from "./words.js"
 */
import { button, disc, el, icon } from "./dom.js";
import { TYPES } from "./tables.js";
import { languageName } from "./words.js";

/** Buttons a row, by how many there are: in a wide card and in a tall one. */
const COLUMNS = {
  wide: [1, 1, 2, 3, 2, 3, 3, 4],
  tall: [1, 1, 1, 1, 2, 2, 2, 2],
};

/**
 * Return what a session's type is called.
 * @param {Words} words
 * @param {string | undefined} type
 */
export const purposeOf = (words, type) =>
  Object.hasOwn(TYPES, type ?? "")
    ? words[/** @type {SessionType} */ (type)]
    : words.session;

/**
 * @param {string[]} types
 * @param {string | null | undefined} busy
 * @param {Words} words
 */
export function typeButtons(types, busy, words) {
  const [several, packed] = [
    types.length > 2 && "several",
    types.length > 5 && "packed",
  ];
  const list = el("div", {
    className: ["types", several, packed].filter(Boolean).join(" "),
    role: "group",
    "aria-label": words.choose,
  });
  const starts = types.map((type) =>
    el(
      "button",
      {
        type: "button",
        "data-action": "start",
        "data-type": type,
        disabled: Boolean(busy),
        className: busy === type ? "busy" : "",
      },
      disc(icon(TYPES[/** @type {SessionType} */ (type)].icon)),
      el("span", {
        textContent: busy === type ? words.starting : purposeOf(words, type),
      }),
    ),
  );
  list.append(...starts);
  layOut(list, starts, "wide");
  layOut(list, starts, "tall");
  return list;
}

/**
 * @param {string[]} languages
 * @param {Words} words
 */
export const languageButtons = (languages, words) =>
  el(
    "div",
    { className: "languages", role: "group", "aria-label": words.languages },
    ...languages.map((tag) =>
      button("language", tag.toUpperCase(), {
        className: "plain",
        "aria-label": `${tag.toUpperCase()}, ${languageName(tag)}`,
        lang: tag,
        "data-key": tag,
      }),
    ),
  );

/**
 * Have the last row's buttons fill it: a row is divided by what both kinds need.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} starts
 * @param {"wide" | "tall"} shape
 */
function layOut(list, starts, shape) {
  const columns = COLUMNS[shape][starts.length];
  const inLast = starts.length % columns || columns;
  list.style.setProperty(`--${shape}`, `${columns}`);
  list.style.setProperty(`--${shape}-last`, `${inLast}`);
  list.style.setProperty(`--${shape}-rows`, `${Math.ceil(starts.length / columns)}`);
  for (const last of starts.slice(-inLast)) last.classList.add(`last-${shape}`);
}
