import assert from "node:assert/strict";
import { test } from "node:test";

import {
  UNKNOWN,
  learn,
  left,
  read,
} from "../../custom_components/piggy/frontend/clock.js";

const HUB = Date.parse("2026-11-02T10:00:00Z");

/** @param {string} [last_updated] */
const state = (last_updated) => ({ state: "any", attributes: {}, last_updated });

for (const minutes of [-10, 0, 10]) {
  const tablet = HUB + minutes * 60_000;

  test(`a tablet that is ${minutes} minutes off learns from a change`, () => {
    const before = { status: state("2026-11-02T09:59:00Z"), type: state() };
    const after = { status: state("2026-11-02T10:00:00Z"), type: state() };
    const clock = learn(UNKNOWN, before, after, tablet);
    assert.deepEqual(clock, { offset: HUB - tablet, known: true });
    const { time } = left(clock, HUB - 60_000, HUB + 60_000, tablet + 15_000);
    assert.equal(time, 45_000);
  });

  test(`a tablet that is ${minutes} minutes off learns from a header`, () => {
    const date = "Mon, 02 Nov 2026 10:00:00 GMT";
    const clock = read(UNKNOWN, date, tablet, tablet + 1000);
    assert.deepEqual(clock, { offset: HUB - tablet, known: true });
  });
}

test("nothing is learned from what did not change, is new or has no time", () => {
  const same = state("2026-11-02T10:00:00Z");
  assert.equal(learn(UNKNOWN, { a: same }, { a: same }, HUB), UNKNOWN);
  assert.equal(learn(UNKNOWN, {}, { a: same }, HUB), UNKNOWN);
  assert.equal(learn(UNKNOWN, { a: same }, { a: undefined }, HUB), UNKNOWN);
  assert.equal(learn(UNKNOWN, { a: same }, { a: state() }, HUB), UNKNOWN);
});

test("the newest of several changes counts", () => {
  const before = { a: state(), b: state() };
  const after = { a: state("2026-11-02T10:00:00Z"), b: state("2026-11-02T09:00:00Z") };
  assert.equal(learn(UNKNOWN, before, after, HUB).offset, 0);
});

test("a change that was under way for long tells nothing, but raises a doubt", () => {
  const clock = { offset: 0, known: true };
  const seen = (/** @type {number} */ late) =>
    learn(clock, { a: state() }, { a: state("2026-11-02T10:00:00Z") }, HUB + late);
  assert.equal(seen(5000), clock);
  assert.deepEqual(seen(5001), { offset: 0, known: false });
  assert.deepEqual(seen(-1), { offset: 1, known: true });
});

test("an answer without a time tells nothing", () => {
  assert.equal(read(UNKNOWN, null, HUB, HUB), UNKNOWN);
  assert.equal(read(UNKNOWN, "soon", HUB, HUB), UNKNOWN);
});

test("the bar is the share that is left", () => {
  const share = (/** @type {number | undefined} */ begun, /** @type {number} */ now) =>
    left(UNKNOWN, begun, HUB, now).share;
  assert.equal(share(HUB - 100_000, HUB - 25_000), 0.25);
  assert.equal(share(HUB - 100_000, HUB - 200_000), 1);
  assert.equal(share(HUB - 100_000, HUB + 1), 0);
  assert.equal(share(undefined, HUB - 1), 0);
  assert.equal(share(HUB, HUB - 1), 0);
});

test("the next second begins when the shown one is over", () => {
  const next = (/** @type {number} */ ms) => left(UNKNOWN, 0, HUB, HUB - ms).next;
  assert.equal(next(61_250), 250);
  assert.equal(next(61_000), 1000);
  assert.equal(next(1), 1);
  assert.equal(next(0), undefined);
  assert.equal(left(UNKNOWN, 0, HUB, HUB + 5).time, 0);
});
