/** What of the card's look depends on the size and shape of its area. */
export const LAYOUT = `
@container (min-aspect-ratio: 4/3) {
  .view.code { flex-direction: row; gap: calc(var(--u) * 6); }
  .code .stage { flex: 0 0 min(100cqh - 2 * var(--pad), 60cqw); align-self: stretch; }
  .code .aside { flex: 1; min-width: 0; display: flex; flex-direction: column;
    justify-content: center; align-items: flex-start; text-align: start;
    gap: calc(var(--u) * 3.5); }
  .code .head { align-items: flex-start; }
  .code .foot { flex-direction: column; align-items: stretch; order: 1;
    gap: calc(var(--u) * 4); }
  .code .foot > button:only-child { margin: 0; }
  .code .time b { font-size: max(26px, calc(var(--u) * 9)); }
  .view.keypad { flex-direction: row; gap: var(--pad); align-items: stretch; }
  .keypad .aside { flex: 1 1 0; display: flex; flex-direction: column; min-width: 0;
    align-items: center; justify-content: center; gap: calc(var(--u) * 3); }
  .keypad .keys { height: 100%; min-height: 0; }
  .keypad .choice { margin-top: calc(var(--u) * 3); }
}
@container (min-aspect-ratio: 4/5) and (not (min-aspect-ratio: 4/3)) {
  .types.several button { flex-direction: row; text-align: start;
    min-height: max(48px, calc(var(--u) * 11)); padding-block: calc(var(--u) * 1.2);
    font-size: max(16px, calc(var(--u) * 3.3)); }
  .types.several .disc { width: max(36px, calc(var(--u) * 9)); height: max(36px, calc(var(--u) * 9)); }
  .types.packed { gap: calc(var(--u) * 1.6); }
  .types.packed button { font-size: max(16px, calc(var(--u) * 3)); }
}
@container (min-aspect-ratio: 3/5) and (not (min-aspect-ratio: 4/5)) {
  .types.packed button { flex-direction: row; text-align: start;
    min-height: max(48px, calc(var(--u) * 12)); font-size: max(16px, calc(var(--u) * 3)); }
  .types.packed .disc { width: max(36px, calc(var(--u) * 9)); height: max(36px, calc(var(--u) * 9)); }
}
@container (min-aspect-ratio: 4/3) {
  .types.packed button { font-size: max(16px, calc(var(--u) * 3)); gap: var(--u); }
  .types.packed .disc { width: max(36px, calc(var(--u) * 9)); height: max(36px, calc(var(--u) * 9)); }
}
@container (min-aspect-ratio: 4/3) and (min-width: 560px) {
  .types { flex-basis: calc(var(--wide-rows) * var(--u) * 34);
    grid-template-columns: repeat(calc(var(--wide) * var(--wide-last)), minmax(0, 1fr)); }
  .types button, .types button.last-tall { grid-column: span var(--wide-last); }
  .types button.last-wide { grid-column: span var(--wide); }
}
.portal { display: none; }
.frame { --page: min(70cqh, 100cqh - 280px); }
.frame.both { --page: min(45cqh, 100cqh - 420px); }
.paged .portal { display: block; position: absolute; inset: 0 0 auto; height: var(--page);
  background: #fff; box-shadow: 0 0 0 1px rgba(127, 127, 127, .4); }
.paged .screen { position: absolute; inset: var(--page) 0 0; }
.portal iframe { display: block; width: 100%; height: 100%; border: 0; }
.paged .error { position: absolute; inset: auto 0 0; z-index: 1; }
.view.page { --pad: calc(var(--u) * 3); gap: calc(var(--u) * 2); }
.page .foot { flex-wrap: wrap; justify-content: center; }
@container (max-height: 520px) {
  .page .foot { position: sticky; bottom: 0; background: var(--piggy-surface); }
}
.page h2 { font-size: max(18px, calc(var(--u) * 6)); }
@container (max-aspect-ratio: 4/5) {
  .view.page { gap: calc(var(--u) * 5); }
  .page .foot { flex-flow: column; align-items: stretch; gap: calc(var(--u) * 5); }
  .page .time { text-align: center; }
  .page .time b { font-size: max(26px, calc(var(--u) * 14)); }
}
@container (min-aspect-ratio: 4/3) {
  .paged .portal { inset: 0 32cqw 0 0; height: auto; }
  .paged .screen { inset: 0 0 0 68cqw; }
}
@container (max-height: 430px) or ((max-height: 560px) and (max-width: 480px)) {
  .view { --pad: calc(var(--u) * 4); gap: calc(var(--u) * 2.4); }
  .types button { flex-direction: row; min-height: max(48px, calc(var(--u) * 12));
    text-align: start; }
  .types .disc { width: 36px; height: 36px; --mdc-icon-size: 20px; }
}
@container (max-width: 600px) and (max-height: 600px) {
  .view.crowded .logo { display: none; }
}
@container (max-width: 560px) and (max-height: 560px) {
  .types button { justify-content: flex-start; padding-block: 4px; }
}
@container (max-width: 560px) and (max-height: 430px) {
  .view.crowded .head p, .link { display: none; }
  .disc.large { --mdc-icon-size: 40px; width: 72px; height: 72px; }
}
@container (max-width: 380px) {
  .types.packed { gap: 6px; }
  .types button { flex-direction: column; text-align: center; justify-content: center;
    gap: 4px; padding-inline: 4px; }
  .types .disc { width: 28px; height: 28px; --mdc-icon-size: 16px; }
}
@container (max-width: 300px) {
  .types button { font-size: 14px; }
}
@container (max-width: 420px) {
  .amount { font-size: min(11cqw, 44px); }
  .error ha-icon { display: none; }
}
@container (max-height: 520px) {
  .error { position: absolute; inset: auto 0 0; max-height: 90%; }
}
`;
