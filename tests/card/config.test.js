import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { amountOf, stubConfig } from "../../custom_components/piggy/frontend/config.js";
import { TYPES } from "../../custom_components/piggy/frontend/tables.js";
import {
  assertConfig,
  configForm,
} from "../../custom_components/piggy/frontend/editor.js";
import { Images, isImage } from "../../custom_components/piggy/frontend/media.js";
import { keyAction } from "../../custom_components/piggy/frontend/keypad.js";
import {
  LANGUAGES,
  languageOf,
  loadWords,
  wordsOf,
} from "../../custom_components/piggy/frontend/words.js";
import { hassOf } from "./hass.js";

const folder = new URL(
  "../../custom_components/piggy/frontend/words/",
  import.meta.url,
);
const words = JSON.parse(readFileSync(new URL("en.json", folder), "utf8"));

for (const [config, message] of /** @type {[object, string][]} */ ([
  [{ device_id: 1 }, "device_id must be text."],
  [{ title: [] }, "title must be text."],
  [{ show_link: "yes" }, "show_link must be true or false."],
  [{ hide_name: 1 }, "hide_name must be true or false."],
  [{ hide_cancel: 1 }, "hide_cancel must be true or false."],
  [{ scan: "redeem_giftcard" }, "scan must be one of: credit_reception, "],
  [{ scan: true }, "scan must be one of: "],
  [{ kiosk: "on" }, "kiosk must be true or false."],
  [{ dim_after: "5" }, "dim_after must be a number of 0 or more."],
  [{ dim_after: -1 }, "dim_after must be a number of 0 or more."],
  [{ session_types: "portal" }, "session_types must be a list of: "],
  [{ session_types: ["toString"] }, "session_types must be a list of: "],
  [{ ask_amount: ["voucher"] }, "ask_amount must be a list of: credit_reception, "],
  [{ message: 1 }, "message must be text."],
  [{ images: "/local/a.png" }, "images must be a list of images"],
  [{ images: ["https://a.example/b.png"] }, "images must be a list of images"],
  [{ show: "all" }, "show must be one of: code, page, both."],
  [{ logo: "https://a.example/b.png" }, "logo must be an image in Home Assistant."],
  [{ color: "red" }, "color must be a color such as #0f766e."],
  [{ color: [1, 2, 256] }, "color must be a color such as #0f766e."],
  [{ background: "red" }, "background must be a color such as #0f766e, or an image"],
  [{ language: "xx" }, "language must be one of: en, de, "],
  [{ languages: ["nl", "xx"] }, "languages must be a list of: en, de, "],
])) {
  test(`refused: ${JSON.stringify(config)}`, () => {
    assert.throws(
      () => assertConfig({ ...config }, words),
      (/** @type {Error} */ error) => error.message.startsWith(message),
    );
  });
}

test("all that the editor makes is accepted", () => {
  const config = { device_id: "a", title: "b", session_types: Object.keys(TYPES) };
  const switches = {
    show_link: true,
    hide_name: false,
    hide_cancel: true,
    kiosk: true,
  };
  const form = configForm(words);
  form.assertConfig({ logo: "/local/a.png", color: [15, 118, 110] });
  form.assertConfig({ background: "#fff" });
  form.assertConfig({ background: { media_content_id: "/local/a.png" } });
  form.assertConfig({ message: "Hi", images: ["/local/a.png"] });
  form.assertConfig({ ...config, ...switches, dim_after: 0, scan: "portal" });
  form.assertConfig({ ...config, ...switches, dim_after: 5, title: undefined });
  form.assertConfig({
    ask_amount: ["portal"],
    language: "nl",
    languages: ["nl", "en"],
  });
  for (const { name } of form.schema) {
    assert.notEqual(form.computeLabel({ name }), name);
    assert.equal(Boolean(form.computeHelper({ name })), name !== "device_id");
  }
  assert.equal(form.computeLabel({ name: "new" }), "new");
});

test("images are the hub's own", async () => {
  const picked = "media-source://media_source/local/a.png";
  for (const image of ["/local/a.png", picked, { media_content_id: picked }]) {
    assert.ok(isImage(image));
  }
  const foreign = ["//a.example/b.png", "/\\a.example/b.png", "data:,a"];
  for (const image of [...foreign, "https://a.example/b.png", 1, null, {}]) {
    assert.ok(!isImage(image));
  }
  const hass = {
    ...hassOf(),
    hassUrl: (/** @type {string} */ path) => `https://hub.test${path}`,
    callWS: (/** @type {any} */ { media_content_id: id }) =>
      id === picked ? Promise.resolve({ url: "/media/a" }) : Promise.reject(id),
  };
  assert.deepEqual(await found(hass, "/local/a.png"), ["https://hub.test/local/a.png"]);
  assert.deepEqual(await found(hass, { media_content_id: picked }), [
    "https://hub.test/media/a",
  ]);
  assert.deepEqual(await found(hass, "media-source://gone"), []);
  const old = { ...hassOf(), hassUrl: undefined, callWS: undefined };
  assert.deepEqual(await found(old, "/local/a.png"), ["/local/a.png"]);
  assert.deepEqual(await found(old, picked), []);
});

/**
 * Return the addresses that are found for an image, also when it is asked for again.
 * @param {import("../../custom_components/piggy/frontend/hub.js").Hass} hass
 * @param {any} image
 */
async function found(hass, image) {
  const images = new Images();
  const addresses = /** @type {string[]} */ ([]);
  await images.ask(hass, image, loader([]), (address) => addresses.push(address));
  images.retry(hass, 0);
  await settled();
  return addresses;
}

/**
 * Return an element that loads every image but the broken ones, and notes them.
 * @param {string[]} loaded
 * @returns {any}
 */
const loader = (loaded) => ({
  set src(/** @type {string} */ address) {
    loaded.push(address);
    if (address === "/media/broken") this.onerror();
    else this.onload();
  },
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("an image that is not there yet is asked for again now and then", async () => {
  const images = new Images();
  const answers = [
    undefined,
    { url: "" },
    { url: "/media/broken" },
    { url: "/media/a" },
    { url: "/media/b" },
  ];
  const hass = { ...hassOf(), callWS: () => Promise.resolve(answers.shift()) };
  const loaded = /** @type {string[]} */ ([]);
  const put = /** @type {string[]} */ ([]);
  images.ask(hass, "media-source://a", loader(loaded), (address) => put.push(address));
  for (const [now, left] of [
    [0, 4],
    [9_999, 3],
    [10_000, 3],
    [20_000, 2],
    [30_000, 1],
    [40_000, 1],
  ]) {
    await settled();
    assert.equal(answers.length, left);
    images.retry(hass, now);
  }
  assert.deepEqual(loaded, ["/media/broken", "/media/a"]);
  assert.deepEqual(put, ["/media/a"]);
});

test("an image that is no longer wanted is neither put nor asked for", async () => {
  const images = new Images();
  const answers = [{ url: "/media/a" }, undefined];
  let asked = 0;
  const callWS = () => {
    asked += 1;
    return Promise.resolve(answers.shift());
  };
  const hass = { ...hassOf(), callWS };
  images.ask(hass, "media-source://a", loader([]), () => assert.fail());
  images.forget();
  await settled();
  images.ask(hass, "media-source://b", loader([]), () => assert.fail());
  await settled();
  images.forget();
  images.retry(hass, 0);
  await settled();
  assert.equal(asked, 2);
});

test("the card asks for an optional amount where that is of use", () => {
  assert.equal(amountOf({}, "redeem_giftcard"), "required");
  assert.equal(amountOf({}, "credit_reception"), "optional");
  assert.equal(amountOf({}, "pay_prepaid"), "optional");
  assert.equal(amountOf({}, "portal"), "none");
  assert.equal(amountOf({ ask_amount: ["portal"] }, "portal"), "optional");
  assert.equal(amountOf({ ask_amount: [] }, "pay_prepaid"), "none");
  assert.equal(amountOf({ ask_amount: [] }, "redeem_giftcard"), "required");
  assert.equal(amountOf({}, "toString"), "none");
  assert.equal(amountOf({}, undefined), "none");
});

test("a new card has the first screen there is", () => {
  assert.equal(stubConfig(hassOf()).device_id, "till");
  assert.equal(stubConfig(hassOf(), "bar").device_id, "bar");
  assert.equal(stubConfig(undefined).device_id, "");
  assert.equal(stubConfig({ ...hassOf(), entities: undefined }).device_id, "");
});

test("what the keys of a keyboard do on the keypad", () => {
  assert.deepEqual(keyAction("7", true), { action: "digit", key: "7" });
  assert.deepEqual(keyAction("Backspace", false), { action: "delete" });
  assert.deepEqual(keyAction("Delete", false), { action: "clear" });
  assert.deepEqual(keyAction("Escape", false), { action: "back" });
  assert.deepEqual(keyAction("Enter", false), { action: "confirm" });
  assert.equal(keyAction("Enter", true), undefined);
  assert.equal(keyAction("F5", false), undefined);
});

test("each language of the folder is known", () => {
  const files = readdirSync(folder).map((name) => name.replace(".json", ""));
  assert.deepEqual([...LANGUAGES].sort(), files.sort());
  assert.equal(languageOf("de-CH"), "de");
  assert.equal(languageOf("NL"), "nl");
  assert.equal(languageOf("xx"), "en");
  assert.equal(languageOf(undefined), "en");
});

test("a language is fetched once, and until the hub answers", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = /** @type {string[]} */ ([]);
  const answers = [
    () => Promise.reject(new Error("gone")),
    () => Promise.resolve(new Response("", { status: 502 })),
    () => Promise.resolve(Response.json({ cancel: "Annuleren" })),
  ];
  /** @param {any} url */
  const get = (url) => {
    asked.push(`${url}`.split("/").at(-1) ?? "");
    return /** @type {() => Promise<Response>} */ (answers.shift())();
  };
  const first = loadWords("nl-BE", get);
  assert.equal(loadWords("nl", get), first);
  assert.equal(wordsOf("nl"), undefined);
  for (const wait of [1000, 2000]) {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    context.mock.timers.tick(wait);
  }
  assert.equal((await first).cancel, "Annuleren");
  assert.equal(wordsOf("nl-NL")?.cancel, "Annuleren");
  assert.deepEqual(asked, ["nl.json", "nl.json", "nl.json"]);
});
