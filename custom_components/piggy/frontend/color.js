/**
 * Colors of a brand, and what is readable on them. Pure.
 */

const HEX = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i;

/**
 * Return a color's parts, 0 to 255, or undefined where it is none.
 * @param {unknown} color `#rgb`, `#rrggbb`, or the list that a color selector makes
 * @returns {number[] | undefined}
 */
export function parts(color) {
  if (Array.isArray(color)) {
    const right = color.length === 3 && color.every((part) => part >= 0 && part <= 255);
    return right ? color : undefined;
  }
  const [, digits] = HEX.exec(`${color}`) ?? [];
  if (!digits) return undefined;
  const long = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map((start) => parseInt(long.slice(start, start + 2), 16));
}

/**
 * Return a color's luminance (WCAG 2.2).
 * @param {number[]} color
 */
function luminance(color) {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Return how well one color is read on another (WCAG 2.2): 1 to 21.
 * @param {number[]} one
 * @param {number[]} other
 */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];

/**
 * Return what is read best on a color: black or white, at 4.5:1 or better on any.
 * @param {number[]} color
 */
export const readableOn = (color) =>
  contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK;

/** @param {number[]} color */
export const css = (color) => `rgb(${color.join(", ")})`;
