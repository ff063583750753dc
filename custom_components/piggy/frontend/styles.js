/**
 * How the card looks.
 *
 * `--u` is a hundredth of the view's shorter side: type and space grow with the screen.
 * The code's plate is white and left alone by themes, dark modes and forced colors.
 *
 * Old tablets get a plain gray where they cannot mix colors, and the rest as it is.
 */
import { LAYOUT } from "./layout.js";

export const STYLES = `
:host {
  display: block;
  height: 100%;
  --piggy-surface: var(--ha-card-background, var(--card-background-color, #fff));
  --piggy-text: var(--primary-text-color, #141414);
  --piggy-quiet: var(--secondary-text-color, #5e5e5e);
  --piggy-primary: var(--primary-color, #009ac7);
  --piggy-on-primary: var(--text-primary-color, #fff);
  --piggy-success: var(--success-color, #43a047);
  --piggy-error: var(--error-color, #db4437);
  --piggy-tint: rgba(127, 127, 127, .16);
  --piggy-hover: rgba(127, 127, 127, .24);
  --piggy-pressed: rgba(127, 127, 127, .32);
  --piggy-edge: var(--piggy-quiet);
}
@supports (color: color-mix(in srgb, red, blue)) {
  :host {
    --piggy-tint: color-mix(in srgb, var(--piggy-primary) 13%, transparent);
    --piggy-hover: color-mix(in srgb, var(--piggy-primary) 20%, transparent);
    --piggy-pressed: color-mix(in srgb, var(--piggy-primary) 28%, transparent);
    --piggy-edge: color-mix(in srgb, var(--piggy-text) 45%, transparent);
  }
}
:host(.wall) { position: fixed; inset: 0; z-index: 100; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
ha-card { display: flex; height: 100%; overflow: hidden;
  min-height: min(360px, 100dvh - var(--header-height, 56px));
  color: var(--piggy-text); }
.frame { flex: 1; position: relative; display: flex; flex-direction: column; min-width: 0; container-type: size; }
.screen { flex: 1; min-height: 0; position: relative; container-type: size; }
.view {
  --u: max(3.2px, 1cqmin);
  --pad: calc(var(--u) * 5);
  display: flex; flex-direction: column; align-items: center;
  justify-content: center; justify-content: safe center; gap: calc(var(--u) * 3.5);
  width: 100%; height: 100%; padding: var(--pad);
  text-align: center; outline: none; overflow: hidden auto;
}
h2, p { margin: 0; overflow-wrap: break-word; max-width: 100%; }
h2 { font-size: max(24px, calc(var(--u) * 7)); line-height: 1.12; font-weight: 700;
  letter-spacing: -0.015em; }
p { font-size: max(16px, calc(var(--u) * 3.4)); line-height: 1.35; color: var(--piggy-quiet); }
.head { display: flex; flex-direction: column; gap: calc(var(--u) * 1.2); align-items: center;
  max-width: 100%; }
.over { font-weight: 600; color: var(--piggy-text); opacity: .72; }

button {
  font: inherit; font-weight: 600; color: inherit; cursor: pointer;
  border: 2px solid transparent; border-radius: calc(var(--u) * 2.6);
  min-height: max(48px, calc(var(--u) * 8.5)); padding: calc(var(--u) * 1.4) calc(var(--u) * 4);
  font-size: max(16px, calc(var(--u) * 3.3)); line-height: 1.2;
  background: var(--piggy-tint);
  touch-action: manipulation; -webkit-tap-highlight-color: transparent;
  -webkit-user-select: none; user-select: none;
}
button:focus-visible { outline: max(3px, calc(var(--u) * .5)) solid var(--piggy-text);
  outline-offset: 3px; }
button:active { background: var(--piggy-pressed); }
button:disabled { cursor: default; opacity: .45; }
button.primary { background: var(--piggy-primary); color: var(--piggy-on-primary);
  font-size: max(19px, calc(var(--u) * 3.3)); font-weight: 700; }
button.primary:active { filter: brightness(.9); }
button.plain { background: transparent; border-color: var(--piggy-edge); }
@media (hover: hover) {
  button:not(:disabled, .primary):hover { background: var(--piggy-hover); }
}

.types { flex: 0 1 calc(var(--tall-rows) * var(--u) * 34); min-height: min-content;
  display: grid; grid-auto-rows: 1fr; gap: calc(var(--u) * 2.4); width: 100%;
  grid-template-columns: repeat(calc(var(--tall) * var(--tall-last)), minmax(0, 1fr)); }
.types button { grid-column: span var(--tall-last); }
.types button.last-tall { grid-column: span var(--tall); }
.types button {
  display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: calc(var(--u) * 2.2); padding: calc(var(--u) * 2) calc(var(--u) * 2);
  min-height: max(64px, calc(var(--u) * 21)); border-radius: calc(var(--u) * 4);
  font-size: max(16px, calc(var(--u) * 3.7)); overflow-wrap: break-word; -webkit-hyphens: auto; hyphens: auto;
}
.types span { min-width: 0; max-width: 100%; overflow-wrap: anywhere; }
.disc { display: grid; place-items: center; flex: none; border-radius: 50%;
  width: max(40px, calc(var(--u) * 11)); height: max(40px, calc(var(--u) * 11));
  --mdc-icon-size: max(22px, calc(var(--u) * 6));
  background: var(--piggy-primary); color: var(--piggy-on-primary); }
.disc.large { --mdc-icon-size: max(56px, calc(var(--u) * 15));
  width: max(96px, calc(var(--u) * 26)); height: max(96px, calc(var(--u) * 26)); }
.unreachable { width: 55%; }
.unreachable path { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; }
.disc.success { background: var(--piggy-success); color: #fff; }
.disc.trouble { background: var(--piggy-tint); color: var(--piggy-quiet); }

.code { gap: calc(var(--u) * 2.5); }
.stage { flex: 0 1 calc(100cqw - 2 * var(--pad)); align-self: stretch; min-height: 120px; min-width: 0;
  container-type: size; display: grid; place-items: center; }
.plate {
  display: grid; place-items: center; width: min(100cqw, 100cqh); aspect-ratio: 1;
  padding: 1.5%; border-radius: 3%; background: #fff; color: #333;
  forced-color-adjust: none; color-scheme: only light; filter: none;
  box-shadow: 0 0 0 1px rgba(0, 0, 0, .1), 0 4px 24px rgba(0, 0, 0, .08);
}
.plate > * { grid-area: 1 / 1; }
.plate p { color: #333; padding: 8%; }
.plate img { display: block; width: 100%; height: 100%; object-fit: contain;
  image-rendering: pixelated; background: #fff; filter: none; }
.aside { display: contents; }
.foot { display: flex; align-items: center; justify-content: space-between;
  gap: calc(var(--u) * 3); width: 100%; }
.foot > button:only-child { margin: 0 auto; }
.time { text-align: start; min-width: 0; }
.time span { display: block; font-size: max(14px, calc(var(--u) * 2.6));
  color: var(--piggy-quiet); }
.time b { display: block; font-size: max(22px, calc(var(--u) * 5.6)); line-height: 1.15;
  font-variant-numeric: tabular-nums; }
.bar { height: max(4px, calc(var(--u) * .7)); width: 100%; flex: none; overflow: hidden;
  border-radius: 99px; background: var(--piggy-tint); }
.bar i { display: block; height: 100%; background: var(--piggy-primary);
  transform-origin: left; border-radius: inherit; }
@supports selector(:dir(rtl)) { :dir(rtl) .bar i { transform-origin: right; } }
.link { font-family: var(--ha-font-family-code, monospace); overflow-wrap: anywhere;
  font-size: max(13px, calc(var(--u) * 2)); }
:host(:not(.wall)) .link { -webkit-user-select: text; user-select: text; }

.sum { display: flex; flex-direction: column; gap: calc(var(--u) * .8); max-width: 100%; }

.happened h2 { font-size: max(32px, calc(var(--u) * 10)); }
.happened .line { font-size: max(22px, calc(var(--u) * 6)); line-height: 1.2;
  font-weight: 600; color: var(--piggy-text); }

.keypad { gap: calc(var(--u) * 2.5); --key-gap: calc(var(--u) * 1.8); }
.keypad .choice { order: 1; }
.keypad h2 { font-size: max(18px, calc(var(--u) * 4.2)); }
.amount { font-size: max(34px, calc(var(--u) * 11)); line-height: 1.1; min-height: 1.1em; font-weight: 700;
  color: var(--piggy-text); font-variant-numeric: tabular-nums; white-space: nowrap; }
.dots { font-size: max(24px, calc(var(--u) * 6)); letter-spacing: .1em; text-indent: .1em; }
.keys { flex: 1 1 0; min-height: 200px; width: 100%; max-width: calc(var(--u) * 110);
  display: grid; grid: repeat(4, minmax(0, 1fr)) / repeat(3, minmax(0, 1fr));
  gap: var(--key-gap); }
.keys button { min-height: 0; padding: 0; font-size: max(22px, calc(var(--u) * 5.5));
  --mdc-icon-size: max(24px, calc(var(--u) * 6)); display: grid; place-items: center; }
.choice { display: flex; flex-wrap: wrap; gap: var(--key-gap); width: 100%; max-width: calc(var(--u) * 110); }
.choice button { flex: 1; }

.languages { position: sticky; bottom: 0; background: var(--piggy-surface); display: flex; flex-wrap: wrap; justify-content: center; gap: calc(var(--u) * 1.6); }
.languages button { min-height: 40px; min-width: 48px; padding: 0; }

.backdrop, .backdrop img { position: absolute; inset: 0; width: 100%; height: 100%; }
.backdrop img { object-fit: cover; opacity: 0; }
.backdrop img.on { opacity: 1; }
.logo { flex: 0 1 auto; max-width: 60%; max-height: calc(var(--u) * 16); min-height: 24px; object-fit: contain; }
.backed .screen { margin: calc(1cqmin * 2); border-radius: calc(1cqmin * 3); overflow: hidden; }
.backed .view:not(.idle) { background: var(--piggy-surface); }
:is(.backed, .pictured) .idle > * { background: var(--piggy-surface); padding: calc(var(--u) * 2.4);
  border-radius: calc(var(--u) * 4); }

.frame::after { content: ""; position: absolute; inset: 0; pointer-events: none;
  background: #000; opacity: 0; }
.frame.dim::after { opacity: .7; }

.error { --u: max(3.2px, 1cqmin); flex: none; display: flex; align-items: center;
  gap: calc(var(--u) * 2.5); max-height: 50%; overflow: auto;
  margin: 0 calc(var(--u) * 3) calc(var(--u) * 3); padding: calc(var(--u) * 2.5);
  border-radius: calc(var(--u) * 2.6); border: 2px solid var(--piggy-error);
  background: var(--card-background-color, #fff);
  --mdc-icon-size: max(28px, calc(var(--u) * 6)); }
.error > div { flex: 1; min-width: 0; }
.error p { color: var(--piggy-text); font-size: max(15px, calc(var(--u) * 2.7)); }
.error p:first-child { font-weight: 700; }
.error ha-icon { color: var(--piggy-error); flex: none; }
.error button { flex: none; background: transparent; border-color: var(--piggy-error);
  padding-inline: max(12px, calc(var(--u) * 2)); }
.announcer { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }

${LAYOUT}
@supports (text-wrap: balance) {
  h2, p:not(.link, .error p) { text-wrap: balance; }
}
@media (forced-colors: active) {
  button, .error { border-color: ButtonText; }
  button.primary { border-color: Highlight; }
  .disc { background: none; color: CanvasText; }
  .bar { border: 1px solid CanvasText; }
  .bar i { background: CanvasText; forced-color-adjust: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .bar i { transition: transform 1s linear; }
  .frame::after { transition: opacity 1s; }
  .backdrop img { transition: opacity 2s; }
  button { transition: background-color .12s; }
  .frame:not(.both) .view:not(.code) { animation: appear .25s ease-out; }
  .happened .disc { animation: pop .45s cubic-bezier(.2, 1.4, .4, 1); }
  .busy .disc { animation: pulse 1s .4s ease-in-out infinite alternate; }
}
@keyframes appear { from { opacity: 0; } }
@keyframes pop { from { transform: scale(.4); } }
@keyframes pulse { to { transform: scale(.85); } }
`;
