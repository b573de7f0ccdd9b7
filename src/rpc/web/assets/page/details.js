// One process: how it is, what it takes, its last hour and its last exits.

import { API, fillButtons, target, verbsFor } from "./actions.js";
import { plain } from "./ansi.js";
import { h, setAttribute, setText } from "./dom.js";
import { bytes, duration, moment, number, percent, processes, STATES } from "./format.js";
import { draw, inWords, line } from "./history.js";
import { resultText, uptime } from "./store.js";
import { answer } from "./stream.js";

/** So many changes of state are told. */
const MOST_EVENTS = 30;

/** What is shown when there is nothing to show. */
const NONE = "–";

export class Details {
  #name;
  #store;
  #actions;
  #badge = h("span", { class: "state" });
  #acts = h("span", { class: "buttons operator" });
  #result = h("p", { class: "result", role: "status" });
  #facts = h("dl", { class: "facts" });
  #line = line();
  #exits = h("div");
  #events = h("ol", { class: "events" });
  /** Changes when something has happened. */
  #mark = "";
  /** The exit that was told of last. */
  #lastExit = null;
  element = h("div", { class: "details" },
    h("p", { class: "now" }, this.#badge, this.#acts), this.#result, this.#facts,
    h("h3", {}, "Last hour"), this.#line, h("p", { class: "scale", "aria-hidden": "true" }, h("span", {}, "1 h ago"), h("span", {}, "now")),
    h("h3", {}, "Last exits"), this.#exits,
    h("h3", {}, "Changes of state"), this.#events,
  );

  constructor(name, store, actions) {
    this.#name = name;
    this.#store = store;
    this.#actions = actions;
  }

  /** Writes what has changed, and leaves the rest and the focus where it is. */
  update(process) {
    const state = process.statename;
    setText(this.#badge, `${STATES[state]} ${state}`);
    setAttribute(this.#badge, "class", `state ${state.toLowerCase()}`);
    fillButtons(this.#acts, verbsFor(process), (verb) => this.#actions.run(verb, target.process(this.#name)));
    const told = this.#store.results.get(this.#name);
    setText(this.#result, told ? resultText(told) : process.spawnerr);
    setAttribute(this.#result, "class", `result ${told?.kind ?? "error"}`);
    this.#fillFacts(process);
    draw(this.#line, process.history, this.#store.now());
    setAttribute(this.#line, "aria-label", inWords(process.history, this.#store.now()));
    const mark = `${state} ${process.pid} ${process.stop}`;
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#fillEvents(process.history);
    this.#fetchExits();
  }

  #fillFacts(process) {
    const { usage } = process;
    const isUp = process.pid > 0;
    const facts = {
      PID: isUp ? process.pid : NONE,
      Uptime: isUp ? duration(uptime(process)) : NONE,
      Restarts: process.restarts,
      CPU: usage ? percent(usage.cpu) : NONE,
      Memory: usage ? `${bytes(usage.memory)}${usage.processes > 1 ? ` in ${processes(usage.processes)}` : ""}` : NONE,
      "Exit status": process.stop && !isUp ? this.#exitOf(process) : NONE,
      Started: process.start ? moment(process.start) : "never",
      Stopped: process.stop ? moment(process.stop) : "never",
      Group: process.group,
    };
    const list = this.#facts;
    if (!list.childElementCount) {
      list.append(...Object.keys(facts).map((name) => h("div", {}, h("dt", {}, name), h("dd"))));
    }
    Object.values(facts).forEach((fact, at) => setText(list.children[at].lastElementChild, String(fact)));
  }

  #exitOf({ stop, exitstatus }) {
    return this.#lastExit?.stop === stop ? howOf(this.#lastExit) : exitstatus;
  }

  #fillEvents(history) {
    this.#events.replaceChildren(...history.slice(-MOST_EVENTS).map(event).reverse());
  }

  /** What stands here already stays, open or not. */
  async #fetchExits() {
    const detail = await fetch(`${API}/processes/${encodeURIComponent(this.#name)}`).then(answer).catch(() => null);
    const process = this.#store.processes.get(this.#name);
    if (!detail || !process) return;
    this.#lastExit = detail.exits[0];
    const there = new Map([...this.#exits.children].map((one) => [one.dataset.exit, one]));
    const wanted = detail.exits.map((one) => there.get(keyOf(one)) ?? exit(one));
    if (!wanted.length) wanted.push(h("p", { class: "note" }, "None so far."));
    for (const one of [...this.#exits.children]) if (!wanted.includes(one)) one.remove();
    wanted.forEach((one, at) => {
      if (this.#exits.children[at] !== one) this.#exits.insertBefore(one, this.#exits.children[at] ?? null);
    });
    this.update(process);
  }
}

/** A change of state; of many in short time only how many they were, and what was the worst. */
function event({ from, statename: state, changes }) {
  const text = `${STATES[state]} ${state}`;
  return h("li", {},
    h("time", { datetime: new Date(from * 1000).toISOString() }, moment(from)),
    changes > 1 && h("span", {}, `${number(changes)} changes, at worst`),
    h("span", { class: `state ${state.toLowerCase()}` }, text),
    changes === 0 && h("span", { class: "note" }, "when this was first known"));
}

const keyOf = ({ pid, stop }) => `${pid} ${stop}`;

const howOf = ({ signal, exitstatus }) => signal ?? exitstatus;

/** One exit, with the last lines before it. */
function exit(one) {
  const { pid, start, stop, signal, exitstatus, reason, stdout, stderr } = one;
  const how = signal ?? `exit status ${exitstatus}`;
  const summary = h("summary", {}, `${moment(stop)}: ${how}, ${reason.replace("_", " ")}`);
  const outputs = [["stdout", stdout], ["stderr", stderr]].filter(([, text]) => text).map(([name, text]) => output(name, text));
  const past = h("details", { class: "past", "data-exit": keyOf(one) },
    summary, h("p", { class: "note" }, `pid ${pid}, ran for ${duration(stop - start)}`), ...outputs.flat());
  // The end is what matters; it has a height only when it is shown.
  past.addEventListener("toggle", () => {
    for (const text of past.querySelectorAll("pre")) text.scrollTop = text.scrollHeight;
  });
  return past;
}

const output = (name, text) => [h("h4", {}, `Last lines of ${name}`), h("pre", { tabindex: 0 }, plain(text))];
