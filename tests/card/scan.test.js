import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Scanner } from "../../custom_components/piggy/frontend/scan.js";

/** A page with a scanner at it, and what else listens to its keys. */
function page(type = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const { setTimeout, clearTimeout } = globalThis;
  const target = Object.assign(new EventTarget(), { setTimeout, clearTimeout }, type);
  const codes = /** @type {string[]} */ ([]);
  const heard = /** @type {string[]} */ ([]);
  const card = { isBusy: false };
  let now = 0;
  const scanner = new Scanner(/** @type {any} */ (target));
  const start = () => scanner.start((code) => !card.isBusy && codes.push(code) > 0);
  start();
  /** Press keys; return whether the last one was kept from the page. */
  const press = (/** @type {string[]} */ keys, gap = 5, repeat = false) => {
    let kept = false;
    for (const key of keys) {
      now += gap;
      const event = new Event("keydown", { cancelable: true });
      Object.assign(event, { key, repeat });
      Object.defineProperty(event, "timeStamp", { value: now });
      const stop = event.stopPropagation.bind(event);
      let stopped = false;
      event.stopPropagation = () => {
        stopped = true;
        stop();
      };
      target.dispatchEvent(event);
      if (!stopped) heard.push(key);
      kept = event.defaultPrevented;
    }
    return kept;
  };
  const wait = (/** @type {number} */ ms) => {
    now += ms;
    mock.timers.tick(ms);
  };
  return { scanner, start, card, codes, heard, press, wait };
}

test("a burst of keys that ends with Enter is a card", () => {
  const { codes, press, wait } = page();
  assert.ok(press([..."1000001", "Enter"]));
  wait(1000);
  assert.ok(press(["Shift", ..."AB-12", "Enter"], 60));
  assert.deepEqual(codes, ["1000001", "AB-12"]);
});

test("a person who types is none", () => {
  const { codes, press } = page();
  assert.ok(!press([..."1000001", "Enter"], 61));
  assert.ok(!press([..."123", "Enter"]));
  assert.ok(!press(["Enter"]));
  assert.deepEqual(codes, []);
});

test("the digits that a person types reach the page", () => {
  const { heard, press, wait } = page({ localName: "home-assistant" });
  press([..."12e3"], 61);
  assert.deepEqual(heard, ["1", "2", "3"]);
  wait(61);
  press([..."4567"]);
  assert.deepEqual(heard, ["1", "2", "3", "4"]);
});

test("a finger that rests on a key is none", () => {
  const { codes, press } = page();
  press(["0"]);
  press([..."00000"], 30, true);
  assert.ok(!press(["Enter"], 30));
  assert.deepEqual(codes, []);
});

test("the same card counts once within ten seconds, another one at once", () => {
  const { codes, press, wait } = page();
  press([..."1000001", "Enter"]);
  press([..."1000002", "Enter"]);
  wait(9000);
  assert.ok(press([..."1000001", "Enter"]));
  wait(1000);
  press([..."1000001", "Enter"]);
  assert.deepEqual(codes, ["1000001", "1000002", "1000001"]);
});

test("a card of which nothing came counts again at once", () => {
  const { scanner, card, codes, press } = page();
  card.isBusy = true;
  press([..."1000001", "Enter"]);
  card.isBusy = false;
  press([..."1000001", "Enter"]);
  scanner.forget();
  press([..."1000001", "Enter"]);
  assert.deepEqual(codes, ["1000001", "1000001"]);
});

test("letters open no dialog of the frontend, but go into fields", () => {
  for (const [type, seen] of /** @type {[any, string[]][]} */ ([
    [{ localName: "home-assistant" }, ["Enter"]],
    [{ localName: "input" }, ["e", "Enter"]],
    [{ localName: "textarea" }, ["e", "Enter"]],
    [{ localName: "div", isContentEditable: true }, ["e", "Enter"]],
  ])) {
    const { press, heard } = page(type);
    press(["e", "Enter"]);
    assert.deepEqual(heard, seen);
  }
});

test("a card that is scanned after a refusal counts once within ten seconds", () => {
  const { scanner, codes, press, wait } = page();
  press([..."1000001", "Enter"]);
  wait(6000);
  scanner.forget();
  press([..."1000001", "Enter"]);
  wait(6000);
  press([..."1000001", "Enter"]);
  assert.deepEqual(codes, ["1000001", "1000001"]);
});

test("nothing is read after the end, and nothing kept", () => {
  const { scanner, start, codes, press } = page();
  press([..."1000001", "Enter"]);
  scanner.stop();
  press([..."1000002", "Enter"]);
  start();
  start();
  press([..."1000001", "Enter"]);
  assert.deepEqual(codes, ["1000001", "1000001"]);
});
