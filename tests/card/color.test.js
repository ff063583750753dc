import assert from "node:assert/strict";
import { test } from "node:test";

import {
  contrast,
  css,
  parts,
  readableOn,
} from "../../custom_components/piggy/frontend/color.js";

test("colors are read as a brand kit and the color selector write them", () => {
  assert.deepEqual(parts("#0F766e"), [15, 118, 110]);
  assert.deepEqual(parts("#fa0"), [255, 170, 0]);
  assert.deepEqual(parts([1, 2, 3]), [1, 2, 3]);
  for (const color of [
    "red",
    "#12",
    "#12345",
    "0f766e",
    "",
    null,
    [1, 2],
    [0, 0, 256],
  ]) {
    assert.equal(parts(color), undefined);
  }
  assert.equal(css([15, 118, 110]), "rgb(15, 118, 110)");
});

test("contrast is that of WCAG", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([255, 0, 0], [255, 0, 0]), 1);
  assert.equal(contrast([119, 119, 119], [255, 255, 255]).toFixed(2), "4.48");
});

test("text on any color has a contrast of 4.5 or better", () => {
  for (let red = 0; red < 256; red += 5) {
    for (let green = 0; green < 256; green += 5) {
      for (let blue = 0; blue < 256; blue += 5) {
        const color = [red, green, blue];
        assert.ok(contrast(color, readableOn(color)) >= 4.5, css(color));
      }
    }
  }
});
