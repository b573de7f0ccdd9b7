// Tells whether the page is up to date, and when it will be.

import { $, setText } from "./dom.js";

export class Connection {
  /** When the next attempt is made, on the clock of `performance.now()`; 0 where there is none. */
  #next = 0;
  #isLost = false;
  #retry;
  #changed;

  /** `retry()` tries again at once; `changed()` is called when the connection is lost or found. */
  constructor(retry, changed) {
    this.#retry = retry;
    this.#changed = changed;
    $("try-now").addEventListener("click", () => this.#tryNow());
  }

  get isLost() {
    return this.#isLost;
  }

  found() {
    this.#set(false, "");
  }

  /** `wait` is in seconds; null where nothing is tried any more. */
  lost({ status, message }, wait) {
    this.#next = wait && performance.now() + wait * 1000;
    const why = status ? `refused (${status}: ${message})` : "lost";
    this.#set(true, `✖ The connection is ${why}. What you see may be old.`);
    this.#count();
  }

  /** Goes on counting; where there is nothing worse to tell, that supervisord is about to end. */
  update(statename) {
    if (this.#isLost) return this.#count();
    setText($("connection-text"), statename === "RUNNING" ? "" : `⚠ supervisord is in state ${statename}.`);
  }

  #set(isLost, text) {
    this.#isLost = isLost;
    document.documentElement.classList.toggle("is-lost", isLost);
    const hadFocus = document.activeElement === $("try-now");
    $("try-now").hidden = !isLost;
    // A panel that covers the list has it instead.
    if (hadFocus && !isLost) ($("main").inert ? $("panel-title") : $("main")).focus({ preventScroll: true });
    setText($("connection-text"), text);
    if (!isLost) setText($("countdown"), "");
    this.#changed();
  }

  #count() {
    const left = Math.ceil((this.#next - performance.now()) / 1000);
    setText($("countdown"), left > 0 ? `Trying again in ${left} s.` : this.#next ? "Trying…" : "");
  }

  #tryNow() {
    this.#next = performance.now();
    this.#count();
    this.#retry();
  }
}
