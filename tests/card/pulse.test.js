import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Pulse } from "../../custom_components/piggy/frontend/pulse.js";
import { hassOf } from "./hass.js";

/** Follow a hub whose answers are in the test's hands. */
function followed(/** @type {() => Promise<unknown>} */ ping) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const reconnect = mock.fn();
  const asked = mock.fn(ping);
  const pulse = new Pulse(/** @type {any} */ (globalThis));
  const hass = { ...hassOf(), connection: { ping: asked, reconnect } };
  pulse.follow(hass);
  const wait = async (/** @type {number} */ seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      mock.timers.tick(1000);
      await Promise.resolve();
    }
  };
  return { pulse, hass, asked: () => asked.mock.callCount(), reconnect, wait };
}

test("a hub that answers is asked twice a minute, and left alone", async () => {
  const { pulse, hass, asked, reconnect, wait } = followed(() => Promise.resolve());
  await wait(29);
  assert.equal(asked(), 0);
  await wait(1);
  assert.equal(asked(), 1);
  pulse.follow(hass);
  await wait(90);
  assert.equal(asked(), 4);
  assert.equal(reconnect.mock.callCount(), 0);
  pulse.stop();
  mock.timers.reset();
});

test("a hub that does not answer is connected to anew", async () => {
  const { pulse, reconnect, wait } = followed(() => new Promise(() => undefined));
  await wait(44);
  assert.equal(reconnect.mock.callCount(), 0);
  await wait(1);
  assert.deepEqual(reconnect.mock.calls[0].arguments, [true]);
  pulse.stop();
  mock.timers.reset();
});

test("a hub that refuses answers, too", async () => {
  const { pulse, reconnect, wait } = followed(() => Promise.reject(new Error("no")));
  await wait(60);
  assert.equal(reconnect.mock.callCount(), 0);
  pulse.stop();
  mock.timers.reset();
});

test("nothing is asked without a connection, nor afterwards", async () => {
  const { pulse, hass, asked, reconnect, wait } = followed(
    () => new Promise(() => undefined),
  );
  pulse.follow({ ...hass, connected: false });
  await wait(60);
  pulse.follow({ ...hass, connection: undefined });
  await wait(60);
  assert.equal(asked(), 0);
  pulse.follow(hass);
  await wait(30);
  pulse.stop();
  await wait(300);
  assert.equal(asked(), 1);
  pulse.follow(hass);
  await wait(30);
  pulse.stop();
  // On the page again, before the answer of then was due.
  pulse.follow(hass);
  await wait(29);
  assert.equal(asked(), 2);
  assert.equal(reconnect.mock.callCount(), 0);
  pulse.stop();
  mock.timers.reset();
});
