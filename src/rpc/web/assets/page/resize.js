// The edge of the panel, by which it is made wider or narrower.

import { $, remember, remembered, setAttribute } from "./dom.js";

/** Shares of the window, in percent. */
const NARROWEST = 20;
const WIDEST = 70;
const USUAL = 36;
const STEP = 2;

/** Makes the edge work: by the mouse, by a finger, and by the arrow keys. */
export function resizable() {
  const edge = $("panel-edge");
  let share = remembered("panel", USUAL);
  const set = (wanted) => {
    share = Math.min(WIDEST, Math.max(NARROWEST, wanted));
    document.documentElement.style.setProperty("--panel", `${share}vw`);
    setAttribute(edge, "aria-valuenow", Math.round(share));
    remember("panel", share);
  };
  set(share);
  edge.addEventListener("pointerdown", (event) => edge.setPointerCapture(event.pointerId));
  edge.addEventListener("pointermove", (event) => {
    if (edge.hasPointerCapture(event.pointerId)) set(100 - (event.clientX / innerWidth) * 100);
  });
  edge.addEventListener("dblclick", () => set(USUAL));
  edge.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    set(share + step);
  });
}
