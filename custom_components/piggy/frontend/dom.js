/** Small makers of elements. */

/**
 * Return an element: properties by name, attributes where a name has a dash or is `role`.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | false | null | undefined | 0)} children what is falsy is left out
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, `${value}`);
    else Object.assign(element, { [name]: value });
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** Return an image that says nothing to who cannot see it. */
export const picture = (className = "") =>
  Object.assign(document.createElement("img"), {
    alt: "",
    className,
    draggable: false,
  });

/** @param {string} name */
export const icon = (name) => el("ha-icon", { icon: name, "aria-hidden": "true" });

/**
 * @param {Node} content
 * @param {string} [kind]
 */
export const disc = (content, kind = "") =>
  el("div", { className: `disc ${kind}`, "aria-hidden": "true" }, content);

/**
 * @param {string} action what a click does
 * @param {string} label
 * @param {Record<string, unknown>} [properties]
 */
export const button = (action, label, properties = {}) =>
  el("button", {
    type: "button",
    textContent: label,
    "data-action": action,
    ...properties,
  });

/**
 * Return the top of a view.
 * @param {string} title
 * @param {string} [text]
 * @param {string} [over]
 */
export const head = (title, text, over) =>
  el(
    "div",
    { className: "head" },
    over &&
      el("p", { className: "over", textContent: over, "data-part": "subheading" }),
    el("h2", { textContent: title, "data-part": "heading" }),
    text && el("p", { textContent: text, "data-part": "text" }),
  );
