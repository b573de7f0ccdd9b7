// What can be done with processes: the verbs, the buttons, the requests and what becomes of them.

import { $, glyph, h, setText } from "./dom.js";
import { number, processes } from "./format.js";
import { act } from "./shared.js";
import { isUp, LASTS, namespec } from "./store.js";
import { reason } from "./stream.js";

/** Absolute and without the name and password that the page's own address may have in it. */
export const API = new URL("api/v1", location.origin + location.pathname).href;
const SUCCESS = 80;

/** So many names are told where somebody is asked. */
const MOST_NAMES = 5;

/** `idle` is the fault of those who are already as they are wanted. */
export const VERBS = {
  start: { label: "Start", doing: "starting", done: "started", idle: "ALREADY_STARTED" },
  stop: { label: "Stop", doing: "stopping", done: "stopped", asks: true, idle: "NOT_RUNNING" },
  restart: { label: "Restart", doing: "restarting", done: "restarted", asks: true },
  signal: { label: "Signal…", doing: "signalling", done: "signalled", asks: false },
  "clear-logs": { label: "Clear logs", doing: "clearing logs", done: "logs cleared", asks: true },
};

/** Faults in words. */
const WORDS = {
  ALREADY_STARTED: "already started",
  NOT_RUNNING: "not running",
  SPAWN_ERROR: "spawn error",
  ABNORMAL_TERMINATION: "abnormal termination",
  NO_FILE: "no such file",
  NOT_EXECUTABLE: "file not executable",
  BAD_SIGNAL: "no such signal",
  BAD_NAME: "no such process",
  SHUTDOWN_STATE: "supervisord is shutting down",
};

const codeOf = (text) => text.split(":")[0];
const inWords = (text) => WORDS[codeOf(text)] ?? text;

/** What became of several: `3 stopped, 1 not running, 2 refused`. */
function inSum(verb, told, ok, idle, error) {
  if (ok.length === 1 && !idle.length && !error.length) return told;
  const why = error.length === 1 ? ` (${inWords(error[0].description)})` : "";
  const parts = [
    ok.length && `${number(ok.length)} ${told}`,
    idle.length && `${number(idle.length)} ${WORDS[VERBS[verb].idle]}`,
    error.length && `${number(error.length)} refused${why}`,
  ];
  return parts.filter(Boolean).join(", ") || "nothing to do";
}

/** The verbs that make sense for a process now. */
export function verbsFor(process) {
  if (process.statename === "STOPPING") return ["signal", "clear-logs"];
  return isUp(process) ? ["restart", "stop", "signal", "clear-logs"] : ["start", "clear-logs"];
}

/**
 * Whom an action is for: what to call them, how the API names them, the keys of the rows that show
 * what becomes of it, and the names of the processes with how many of them are not shown.
 */
export const target = {
  process: (name) => ({ name, targets: [name], keys: [name], names: [name], hidden: 0 }),
  group: (group, names, hidden) => ({
    name: `group ${group}`,
    targets: [`${group}:*`],
    keys: [`${group}:*`, ...names],
    names,
    hidden,
  }),
  selection: (names, hidden) => ({ name: processes(names.length), targets: names, keys: names, names, hidden }),
  all: (names, hidden) => ({ name: `all ${processes(names.length)}`, targets: ["*"], keys: [], names, hidden }),
};

/** Carries actions out. */
export class Actions {
  #store;
  #saying = 0;

  constructor(store) {
    this.#store = store;
  }

  /** Asks what is to be asked, then does it. */
  async run(verb, whom) {
    if (document.documentElement.classList.contains("is-lost")) return this.say("There is no connection: nothing was sent.");
    let signal = null;
    if (verb === "signal" && !(signal = await askSignal(whom))) return;
    if (whom.names.length > 1 && VERBS[verb].asks && !(await confirmed(verb, whom))) return;
    const { doing } = VERBS[verb];
    this.#store.tell(whom.keys, "busy", `${doing}…`);
    this.say(`${whom.name}: ${doing}…`, "busy");
    try {
      const order = { action: verb, targets: whom.targets, ...(signal && { signal }) };
      this.#done(verb, whom, await act(`${API}/actions`, order));
    } catch (error) {
      const text = inWords(reason(error));
      this.#store.tell(whom.keys, "error", text);
      this.say(`${whom.name}: ${text}`);
    }
  }

  #done(verb, whom, { results, wait }) {
    const told = wait ? VERBS[verb].done : `${VERBS[verb].doing}…`;
    const kindOf = ({ status, description }) =>
      status === SUCCESS ? "ok" : codeOf(description) === VERBS[verb].idle ? "idle" : "error";
    const { ok = [], idle = [], error = [] } = Object.groupBy(results, kindOf);
    const keys = (list) => list.map(({ group, name }) => namespec(group, name));
    // Rows about which nothing was said had nothing to do.
    this.#store.tell(whom.keys, "idle", "nothing to do");
    this.#store.tell(keys(ok), "ok", told);
    for (const result of [...idle, ...error]) this.#store.tell(keys([result]), kindOf(result), inWords(result.description));
    const kind = error.length ? "error" : ok.length ? "ok" : "idle";
    const text = results.length === 1 && !ok.length ? inWords(results[0].description) : inSum(verb, told, ok, idle, error);
    if (whom.keys[0]?.endsWith(":*")) this.#store.tell([whom.keys[0]], kind, text);
    this.say(`${whom.name}: ${text}`, kind);
  }

  /** Tells what concerns no row alone, for a while. */
  say(text, kind = "error") {
    clearTimeout(this.#saying);
    setText($("outcome"), text);
    if (kind in LASTS) this.#saying = setTimeout(() => setText($("outcome"), ""), LASTS[kind]);
  }
}

/** A dialog's answer: the value of the button that closed it; empty when it was left. */
function answer(dialog) {
  dialog.returnValue = "";
  dialog.querySelector(".cancel").onclick = () => dialog.close();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

async function askSignal(whom) {
  const dialog = $("signal");
  $("signal-title").textContent = `Send a signal to ${whom.name}`;
  $("signal-whom").textContent = whom.names.length > 1 ? inNames(whom) : "";
  const input = dialog.querySelector("input");
  input.value ||= "HUP";
  const sent = await answer(dialog);
  return sent ? input.value.trim().toUpperCase() : null;
}

async function confirmed(verb, whom) {
  const { label } = VERBS[verb];
  $("confirm-title").textContent = `${label} ${whom.name}?`.replace("logs all", "the logs of all");
  $("confirm-whom").textContent = inNames(whom);
  $("confirm-yes").textContent = label;
  $("confirm-yes").classList.toggle("danger", verb !== "restart");
  return (await answer($("confirm"))) === "yes";
}

/** Whom an action concerns: some of the names, and what nobody would see. */
function inNames({ names, hidden }) {
  const more = names.length - MOST_NAMES;
  const told = names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${number(more)} more` : "");
  return `${told}.${hidden ? ` ${number(hidden)} of them ${hidden === 1 ? "is" : "are"} not shown.` : ""}`;
}

/**
 * Buttons for verbs; `chosen(verb)` is called with the one that was pressed. Where a name is given
 * they are signs only, and the name is told to those who can't see whom they stand beside.
 */
export const buttons = (verbs, chosen, name = "") =>
  verbs.map((verb) => {
    const { label } = VERBS[verb];
    const bare = name && { class: "bare", "aria-label": `${label.replace("…", "")} ${name}`, title: label };
    const attributes = { type: "button", "data-verb": verb, onclick: () => chosen(verb), ...bare };
    return h("button", attributes, glyph(verb), name ? null : label);
  });

/** Makes the buttons in an element those for the verbs; what is there stays, and keeps the focus. */
export function fillButtons(element, verbs, chosen, name) {
  const there = [...element.children];
  if (there.map((button) => button.dataset.verb).join() === verbs.join()) return;
  const focused = there.find((button) => button === document.activeElement);
  const kept = (verb) => there.find((button) => button.dataset.verb === verb);
  element.replaceChildren(...verbs.map((verb) => kept(verb) ?? buttons([verb], chosen, name)[0]));
  if (focused) (focused.isConnected ? focused : (element.firstElementChild ?? element.nextElementSibling))?.focus();
}

/** Opens the menu of further things below a button: `items` are `[label, what to do]`. */
export function openMenu(button, items) {
  const menu = $("menu");
  const item = ([label, act]) =>
    h("button", { type: "button", role: "menuitem", tabindex: -1, onclick: () => (menu.hidePopover(), act()) }, label);
  menu.replaceChildren(...items.map(item));
  menu.showPopover();
  const at = button.getBoundingClientRect();
  const fits = at.bottom + menu.offsetHeight < innerHeight;
  menu.style.top = `${fits ? at.bottom + 4 : Math.max(0, at.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(0, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.firstElementChild.focus();
}

/** Arrows go through the menu. */
export function menuKeys(menu) {
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length].focus();
  });
}
