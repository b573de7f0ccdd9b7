// The keyboard.

import { $, h, remember, remembered } from "./dom.js";

/** What `?` shows; what is marked by `true` is of no use to who may only read. */
const HELP = [
  ["?", "These keys"],
  ["/", "Filter; in a log: search"],
  ["↑ ↓ or j k", "Go through the rows"],
  ["Home End", "First and last row"],
  ["← →", "Fold and unfold a group"],
  ["Enter", "Open a process, fold a group"],
  ["Space or x", "Select the row", true],
  ["a", "Select all that are shown, or nothing", true],
  ["l, e", "Log of stdout, of stderr"],
  ["m", "Main log"],
  ["Shift+S", "Start the selection, or the row with the focus", true],
  ["Shift+T", "Stop", true],
  ["Shift+R", "Restart", true],
  ["Shift+G", "Send a signal", true],
  ["Shift+C", "Clear logs", true],
  ["n, Shift+N", "In a log: next and previous match"],
  ["f", "In a log: follow"],
  ["Space", "In a log: pause"],
  ["d", "Light or dark"],
  ["Esc", "Empty the search or the filter; close"],
  ["Esc again", "Forget the selection", true],
];

const VERBS = { S: "start", T: "stop", R: "restart", G: "signal", C: "clear-logs" };

/** Whether keys are text where the focus is. */
const isTyping = (element) => element.matches("input:not([type=checkbox]), select, textarea");

export class Keys {
  #list;
  #panel;
  #actions;
  #page;

  constructor(list, panel, actions, page) {
    this.#list = list;
    this.#panel = panel;
    this.#actions = actions;
    this.#page = page;
    const help = ([key, what, acts]) => h("div", { class: acts && "operator" }, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what));
    $("keys").replaceChildren(...HELP.map(help));
    const single = $("single-keys");
    single.checked = remembered("keys", true);
    single.addEventListener("change", () => remember("keys", single.checked));
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], #menu:popover-open")) return;
    if (event.key === "Escape") return this.#escape();
    if (isTyping(event.target)) return;
    const isDone = this.#inGrid(event) || ($("single-keys").checked && (this.#inLog(event.key, event.target) || this.#anywhere(event)));
    if (isDone) event.preventDefault();
  }

  #escape() {
    if (this.#panel.isOpen) this.#panel.close();
    else this.#page.forget();
  }

  /** Keys of the list, where it has the focus. */
  #inGrid({ key, target }) {
    if (!target.matches("[data-key]")) return false;
    const list = this.#list;
    const row = list.currentRow;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: list.page, PageUp: -list.page, Home: -Infinity, End: Infinity };
    if (key in steps) list.move(steps[key]);
    else if (key === "Enter") row.group ? list.fold(row.group) : this.#panel.open(row.key);
    else if (key === " " && this.#page.mayAct) list.pick(row.key, !list.isPicked(row.key));
    else if (key === "ArrowLeft" && row.group) list.fold(row.group, true);
    else if (key === "ArrowRight" && row.group) list.fold(row.group, false);
    else return false;
    return true;
  }

  #inLog(key, target) {
    const log = this.#panel.log;
    if (!log) return false;
    if (key === "f") log.toggleFollow();
    else if (key === " " && !target.matches("button, a")) log.togglePause();
    else if (key === "n") log.step(1);
    else if (key === "N") log.step(-1);
    else if (key === "/") log.focusSearch();
    else return false;
    return true;
  }

  #anywhere({ key, shiftKey }) {
    const list = this.#list;
    const row = list.focusedRow;
    if (key === "?") $("help").showModal();
    else if (key === "/") $("filter").focus();
    else if (key === "j") list.move(1);
    else if (key === "k") list.move(-1);
    else if (key === "x" && row && this.#page.mayAct) list.pick(row.key, !list.isPicked(row.key));
    else if (key === "a" && this.#page.mayAct) list.pickAll(!list.selection.size);
    else if (key === "l" && row?.process) this.#panel.open(row.key, "stdout");
    else if (key === "e" && row?.process) this.#panel.open(row.key, "stderr");
    else if (key === "m") this.#panel.openMainLog();
    else if (key === "d") this.#page.switchTheme();
    else return shiftKey && this.#act(key.toUpperCase());
    return true;
  }

  /** What changes something needs Shift, which Caps Lock is not, and somebody whom it is meant for. */
  #act(key) {
    const { target } = this.#list;
    if (!Object.hasOwn(VERBS, key) || !this.#page.mayAct || !target) return false;
    this.#actions.run(VERBS[key], target);
    return true;
  }
}
