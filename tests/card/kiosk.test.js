import assert from "node:assert/strict";
import { test } from "node:test";

import { Kiosk, Renewal } from "../../custom_components/piggy/frontend/kiosk.js";

/** A page, as far as a kiosk uses one. */
class Page extends EventTarget {
  /** @type {boolean[]} */
  hidden = [];
  /** @type {{ released: boolean, release: () => Promise<void> }[]} */
  locks = [];
  refuses = false;
  listeners = 0;
  /** @type {Record<string, any>} */
  options = {};
  reloads = 0;
  /** @type {Map<string, string>} */
  stored = new Map();
  /** @type {() => Promise<Response>} */
  answer = () => Promise.reject(new Error("gone"));
  asked = 0;
  /** @type {(() => void)[]} */
  later = [];
  setTimeout = (/** @type {() => void} */ run) => this.later.push(run);
  isDirtyState = false;
  /** @type {boolean[]} */
  dirty = [];
  navigation = new EventTarget();
  document = Object.assign(new EventTarget(), {
    visibilityState: "visible",
    documentElement: {
      style: { touchAction: "auto", userSelect: "text", webkitUserSelect: "text" },
    },
  });

  navigator = {
    wakeLock: {
      request: async (/** @type {string} */ type) => {
        await Promise.resolve();
        if (this.refuses || type !== "screen") throw new Error("battery");
        const lock = {
          released: false,
          release: () => {
            lock.released = true;
            return Promise.resolve();
          },
        };
        this.locks.push(lock);
        return lock;
      },
    },
  };

  sessionStorage = {
    getItem: (/** @type {string} */ key) => this.stored.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) =>
      this.stored.set(key, value),
  };

  location = {
    reload: () => {
      this.reloads += 1;
    },
  };

  constructor() {
    super();
    this.addEventListener("hass-kiosk-mode", (event) => {
      this.hidden.push(/** @type {CustomEvent} */ (event).detail?.enable);
    });
    this.addEventListener("dirty-state-changed", () => {
      this.dirty.push(this.isDirtyState);
    });
    for (const target of [this, this.document, this.navigation]) {
      const { addEventListener: add, removeEventListener: remove } = target;
      target.addEventListener = (...given) => {
        this.listeners += 1;
        this.options[given[0]] = given[2];
        add.apply(target, given);
      };
      target.removeEventListener = (...given) => {
        this.listeners -= 1;
        remove.apply(target, given);
      };
    }
  }

  fetch = (/** @type {any[]} */ ...given) => {
    const [address, options] = given;
    // One that the frontend's worker has not kept.
    assert.match(address, /^\/\?\d+$/);
    assert.deepEqual(options, { cache: "no-store" });
    this.asked += 1;
    return this.answer();
  };

  /** Return whether a page's own handling of an event is refused. */
  refused(/** @type {string} */ type, properties = {}) {
    const event = Object.assign(new Event(type, { cancelable: true }), properties);
    this.dispatchEvent(event);
    return event.defaultPrevented;
  }

  /** Run what waits for its time. */
  pass() {
    for (const run of this.later.splice(0)) run();
  }

  get held() {
    return this.locks.filter((lock) => !lock.released).length;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

function started({ hidden = false, page = new Page() } = {}) {
  let touches = 0;
  const kiosk = new Kiosk(/** @type {any} */ (page));
  // It listens for who hides the menus, for as long as there is the page.
  page.listeners = 0;
  const wall = {
    onTouch: () => {
      touches += 1;
    },
  };
  kiosk.follow(wall, hidden);
  const stop = () => {
    kiosk.stop(wall);
    page.pass();
  };
  return { page, kiosk, wall, stop, touches: () => touches };
}

test("menus, selection, context menu and zoom are off, and on again afterwards", () => {
  const { page, kiosk, wall, stop } = started();
  kiosk.follow(wall, false);
  assert.deepEqual(page.hidden, [true]);
  const { style } = page.document.documentElement;
  assert.equal(style.touchAction, "pan-x pan-y");
  assert.deepEqual([style.userSelect, style.webkitUserSelect], ["none", "none"]);
  assert.ok(page.refused("contextmenu"));
  assert.ok(page.refused("gesturestart"));
  assert.ok(page.refused("wheel", { ctrlKey: true }));
  assert.ok(page.refused("touchmove", { touches: [1, 2] }));
  assert.ok(!page.refused("wheel"));
  assert.ok(!page.refused("touchmove", { touches: [1] }));
  stop();
  stop();
  assert.deepEqual(page.hidden, [true, false]);
  assert.equal(style.touchAction, "auto");
  assert.deepEqual([style.userSelect, style.webkitUserSelect], ["text", "text"]);
  assert.ok(!page.refused("contextmenu"));
  assert.equal(page.listeners, 0);
});

test("a card that takes another one's place leaves the page as it is", async () => {
  const { page, kiosk, wall, touches } = started();
  await settled();
  let others = 0;
  const next = { onTouch: () => (others += 1) };
  kiosk.stop(wall);
  kiosk.follow(next, true);
  kiosk.stop(wall);
  page.pass();
  assert.deepEqual([page.hidden, page.dirty], [[true], [true]]);
  page.dispatchEvent(new Event("pointerdown"));
  assert.deepEqual([touches(), others], [0, 1]);
  assert.equal(page.held, 1);
  kiosk.stop(next);
  kiosk.stop(next);
  page.pass();
  assert.deepEqual(
    [page.hidden, page.dirty],
    [
      [true, false],
      [true, false],
    ],
  );
  // What the card of a view that is shown again knows is old.
  kiosk.follow(next, true);
  assert.deepEqual(page.hidden, [true, false, true]);
});

test("menus that come back are hidden again", () => {
  const { page, kiosk, wall, stop } = started();
  const detail = { enable: false };
  page.dispatchEvent(new CustomEvent("hass-kiosk-mode", { detail }));
  page.dispatchEvent(new CustomEvent("hass-kiosk-mode"));
  kiosk.follow(wall, true);
  assert.deepEqual(page.hidden, [true, false, undefined, true]);
  stop();
  assert.equal(page.hidden.at(-1), false);
});

test("the frontend loads no update as long as there is a wall", () => {
  const { page, kiosk, wall, stop } = started();
  assert.deepEqual(page.dirty, [true]);
  // One of the frontend's own dialogs was closed.
  page.isDirtyState = false;
  kiosk.follow(wall, true);
  assert.ok(page.isDirtyState);
  stop();
  assert.deepEqual(page.dirty, [true, true, false]);
  const other = new Page();
  other.isDirtyState = true;
  started({ page: other }).stop();
  assert.ok(other.isDirtyState);
  assert.deepEqual(other.dirty, []);
});

test("what the frontend has to say is closed instead of shown", () => {
  const { page, stop } = started();
  const shown = () => {
    const detail = { message: "Connection lost", duration: -1 };
    page.dispatchEvent(new CustomEvent("hass-notification", { detail }));
    return detail.duration;
  };
  assert.equal(shown(), 0);
  page.dispatchEvent(new CustomEvent("hass-notification"));
  stop();
  assert.equal(shown(), -1);
});

test("menus that were hidden before stay hidden", () => {
  const { page, kiosk, wall, stop } = started({ hidden: true });
  kiosk.follow(wall, false);
  stop();
  assert.deepEqual(page.hidden, []);
});

test("nothing on the page hides an event, and the browser waits for what is refused", () => {
  const { options } = started().page;
  for (const type of ["contextmenu", "gesturestart", "wheel", "touchmove"])
    assert.deepEqual(options[type], { passive: false, capture: true }, type);
  for (const type of ["pointerdown", "keydown"])
    assert.equal(options[type], true, type);
});

test("every touch and key wakes", () => {
  const { page, stop, touches } = started();
  page.dispatchEvent(new Event("pointerdown"));
  page.dispatchEvent(new Event("keydown"));
  assert.equal(touches(), 2);
  stop();
  page.dispatchEvent(new Event("pointerdown"));
  assert.equal(touches(), 2);
});

test("the screen is kept on, also after another tab was shown", async () => {
  const { page, stop } = started();
  const { document } = page;
  await settled();
  assert.equal(page.held, 1);
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(page.locks.length, 1);
  document.visibilityState = "hidden";
  page.locks[0].released = true;
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(page.held, 0);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(page.held, 1);
  stop();
  assert.equal(page.held, 0);
});

test("a second request for the screen leaves no lock behind", async () => {
  const { page, stop } = started();
  page.document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(page.locks.length, 2);
  assert.equal(page.held, 1);
  stop();
  assert.equal(page.held, 0);
});

test("the frontend's own load of the page waits for the wall", () => {
  const { page, stop } = started();
  const refused = (/** @type {string} */ navigationType, sameDocument = false) => {
    const given = { navigationType, destination: { sameDocument } };
    const event = Object.assign(new Event("navigate", { cancelable: true }), given);
    page.navigation.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.ok(refused("replace"));
  assert.ok(!refused("replace", true));
  for (const type of ["push", "reload", "traverse"]) assert.ok(!refused(type));
  stop();
  assert.ok(!refused("replace"));
  assert.equal(page.listeners, 0);
  const without = new Page();
  Reflect.deleteProperty(without, "navigation");
  started({ page: without }).stop();
});

test("a browser may have no wake lock, or refuse it, or give it late", async () => {
  const without = new Page();
  Reflect.deleteProperty(without.navigator, "wakeLock");
  started({ page: without }).stop();
  const { page, stop } = started();
  stop();
  await settled();
  assert.equal(page.locks.length, 1);
  assert.equal(page.held, 0);
  const refusing = new Page();
  refusing.refuses = true;
  const other = started({ page: refusing });
  await settled();
  assert.equal(refusing.held, 0);
  refusing.refuses = false;
  refusing.document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(refusing.held, 1);
  other.stop();
});

const card = (/** @type {string} */ digest) =>
  `/piggy_static/${digest}/piggy-screen-card.js`;
const pageWith = (/** @type {string} */ digest) => () =>
  Promise.resolve(new Response(`<script>import("${card(digest)}")</script>`));

function renewed() {
  const page = new Page();
  const renewal = new Renewal(/** @type {any} */ (page), `http://hub${card("aa")}`);
  const version = { version: "1" };
  const on = { connected: true, config: version };
  return { page, renewal, on, off: { connected: false, config: version } };
}

test("an idle page whose hub went nowhere asks for nothing", async () => {
  const { page, renewal, on } = renewed();
  await renewal.follow(on, true);
  await renewal.follow({ ...on, config: undefined }, true);
  assert.equal(page.asked, 0);
});

test("a hub that comes back with the same card is left alone", async () => {
  const { page, renewal, on, off } = renewed();
  page.answer = pageWith("aa");
  await renewal.follow(on, true);
  await renewal.follow(off, false);
  await renewal.follow(on, true);
  await renewal.follow(on, true);
  assert.equal(page.asked, 1);
  assert.equal(page.reloads, 0);
});

test("another card is loaded once the screen is idle, and once only", async () => {
  const { page, renewal, on, off } = renewed();
  page.answer = pageWith("bb");
  await renewal.follow(off, false);
  await renewal.follow(on, false);
  assert.equal(page.asked, 0);
  await renewal.follow(on, true);
  assert.equal(page.reloads, 1);
  await renewal.follow(off, false);
  await renewal.follow(on, true);
  assert.equal(page.reloads, 1);
  page.answer = pageWith("cc");
  await renewal.follow(off, false);
  await renewal.follow(on, true);
  assert.equal(page.reloads, 2);
});

test("a screen that is used while the hub is asked is loaded when it is idle", async () => {
  const { page, renewal, on, off } = renewed();
  page.answer = pageWith("bb");
  await renewal.follow(off, false);
  const asked = renewal.follow(on, true);
  await renewal.follow(on, false);
  await asked;
  assert.equal(page.reloads, 0);
  await renewal.follow(on, true);
  assert.equal(page.reloads, 1);
});

test("another version of Home Assistant is loaded with the same card", async () => {
  const { page, renewal, on, off } = renewed();
  page.answer = pageWith("aa");
  await renewal.follow(on, true);
  await renewal.follow(off, false);
  await renewal.follow(on, true);
  const newer = { connected: true, config: { version: "2" } };
  await renewal.follow(newer, true);
  assert.equal(page.reloads, 1);
  await renewal.follow(newer, true);
  assert.equal(page.reloads, 1);
});

for (const [name, answer] of /** @type {[string, () => Promise<Response>][]} */ ([
  ["does not answer", () => Promise.reject(new Error("gone"))],
  ["fails", () => Promise.resolve(new Response(card("bb"), { status: 502 }))],
  ["has no card yet", () => Promise.resolve(new Response("starting"))],
])) {
  test(`a page that works is kept while the hub ${name}`, async () => {
    const { page, renewal, on, off } = renewed();
    page.answer = answer;
    await renewal.follow(off, false);
    await renewal.follow(on, true);
    await renewal.follow(on, true);
    assert.equal(page.asked, 1);
    assert.equal(page.reloads, 0);
    page.answer = pageWith("bb");
    page.pass();
    await renewal.follow(on, true);
    assert.equal(page.reloads, 1);
  });
}

test("a newer frontend that waits takes over before the page is loaded", async () => {
  const { page, renewal, off, on } = renewed();
  page.answer = pageWith("bb");
  /** @type {any[]} */
  const told = [];
  const newer = Object.assign(new EventTarget(), {
    state: "installing",
    postMessage: (/** @type {any} */ message) => told.push(message),
  });
  const update = () => Promise.resolve();
  let registration = /** @type {any} */ ({ update, installing: newer, waiting: null });
  const worker = Object.assign(new EventTarget(), {
    getRegistration: () => Promise.resolve(registration),
  });
  Object.assign(page.navigator, { serviceWorker: worker });
  const renew = async () => {
    await renewal.follow(off, false);
    const renewing = renewal.follow(on, true);
    await settled();
    return renewing;
  };
  const renewing = renew();
  await settled();
  assert.deepEqual([told, page.reloads], [[], 0]);
  newer.state = "installed";
  registration = { update, installing: null, waiting: newer };
  newer.dispatchEvent(new Event("statechange"));
  await settled();
  assert.deepEqual([told, page.reloads], [[{ type: "skipWaiting" }], 0]);
  worker.dispatchEvent(new Event("controllerchange"));
  await renewing;
  assert.equal(page.reloads, 1);
  // One that does not answer is not waited for.
  page.answer = pageWith("cc");
  const late = renew();
  await settled();
  page.pass();
  await late;
  assert.equal(page.reloads, 2);
  for (const [digest, answer] of /** @type {[string, () => Promise<any>][]} */ ([
    ["dd", () => Promise.resolve(undefined)],
    ["ee", () => Promise.resolve({ update, installing: null, waiting: null })],
    ["ff", () => Promise.reject(new Error("SecurityError"))],
  ])) {
    page.answer = pageWith(digest);
    worker.getRegistration = answer;
    await renew();
  }
  assert.equal(page.reloads, 5);
  // Somebody came while the worker was asked.
  page.answer = pageWith("gg");
  worker.getRegistration = () => Promise.resolve(registration);
  const used = renew();
  await settled();
  await renewal.follow(on, false);
  worker.dispatchEvent(new Event("controllerchange"));
  await used;
  assert.equal(page.reloads, 5);
});
