// The panel beside the list: one process with its logs and configuration, or the main log.

import { API, buttons, target, verbsFor } from "./actions.js";
import { $, h, setText } from "./dom.js";
import { bytes, duration, moment, percent, STATES } from "./format.js";
import { draw, inWords, line, ofExits, prepend } from "./history.js";
import { LogView } from "./log.js";
import { describe, uptime } from "./store.js";
import { refusal } from "./stream.js";

const TABS = { details: "Details", stdout: "stdout", stderr: "stderr", config: "Configuration" };

export class Panel {
  /** The log that is shown, if any. */
  log = null;
  #store;
  #actions;
  /** What the address names: `{name, tab}`; the name is null for the main log. */
  #place = null;
  #fill = null;
  #came = null;
  #state = "";

  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    $("panel-close").addEventListener("click", () => this.close());
    addEventListener("hashchange", () => this.follow());
    addEventListener("resize", () => this.#cover());
    $("tabs").addEventListener("keydown", (event) => this.#tabKeys(event));
  }

  /** Goes to a process. */
  open(name, tab = "details") {
    location.hash = `/process/${encodeURIComponent(name)}${tab === "details" ? "" : `/${tab}`}`;
  }

  openMainLog() {
    location.hash = "/log";
  }

  close() {
    if (this.#place) history.pushState(null, "", location.pathname + location.search);
    this.follow();
  }

  get isOpen() {
    return this.#place !== null;
  }

  /** Shows what the address names. */
  follow() {
    const place = placeOf(location.hash);
    const wasOpen = this.isOpen;
    this.log?.close();
    this.log = this.#fill = null;
    this.#place = place;
    $("panel").hidden = !place;
    document.documentElement.classList.toggle("has-panel", Boolean(place));
    this.#cover();
    if (!place) {
      if (wasOpen && this.#came?.isConnected) this.#came.focus();
      return;
    }
    if (!wasOpen) this.#came = document.activeElement;
    this.#show(place);
    if (!wasOpen) $("panel-title").focus();
  }

  /** What lies below a panel that takes the whole screen can't be reached. */
  #cover() {
    const isCovered = this.isOpen && matchMedia("(max-width: 900px)").matches;
    for (const part of document.querySelectorAll("body > :is(.top, main, footer)")) part.inert = isCovered;
  }

  /** Writes what has changed of the process that is shown. */
  update() {
    const process = this.#store.processes.get(this.#place?.name);
    if (process && this.#fill) this.#fill(process);
  }

  #show({ name, tab }) {
    setText($("panel-title"), name ?? "Main log");
    const link = ([key, label]) =>
      h("a", { role: "tab", href: `#/process/${encodeURIComponent(name)}${key === "details" ? "" : `/${key}`}`, "aria-selected": String(key === tab), tabindex: key === tab ? 0 : -1, "aria-controls": "panel-body" }, label);
    $("tabs").hidden = name === null;
    $("tabs").replaceChildren(...(name === null ? [] : Object.entries(TABS).map(link)));
    if (name === null) this.#showLog(`${API}/supervisor/log`, "DELETE", `${API}/supervisor/log`);
    else if (tab === "details") this.#showDetails(name);
    else if (tab === "config") this.#showConfig(name);
    else {
      const process = `${API}/processes/${encodeURIComponent(name)}`;
      this.#showLog(`${process}/logs/${tab}`, "POST", `${process}/clear-logs`);
    }
  }

  #showLog(url, method, clearUrl) {
    const clear = async () => {
      const response = await fetch(clearUrl, { method });
      if (!response.ok) throw await refusal(response);
    };
    this.log = new LogView(url, { clear });
    $("panel-body").replaceChildren(this.log.element);
  }

  async #showDetails(name) {
    const facts = h("dl", { class: "facts" });
    const acts = h("p", { class: "buttons operator" });
    const svg = line();
    const result = h("p", { class: "result", role: "status" });
    const events = h("ol", { class: "events" });
    const exits = h("div");
    $("panel-body").replaceChildren(
      acts, result, facts, h("h3", {}, "Last hour"), svg,
      h("h3", {}, "Events"), events, h("h3", {}, "Last exits"), exits,
    );
    this.#state = "";
    this.#fill = (process) => {
      fillFacts(facts, process);
      const told = this.#store.results.get(name);
      setText(result, told ? `${told.kind === "error" ? "✖" : told.kind === "ok" ? "✓" : "…"} ${told.text}` : "");
      draw(svg, process.history, this.#store.now());
      svg.setAttribute("aria-label", inWords(process.history, this.#store.now()));
      const state = `${process.statename} ${process.pid} ${process.stop}`;
      if (state === this.#state) return;
      this.#state = state;
      acts.replaceChildren(...buttons(verbsFor(process), (verb) => this.#actions.run(verb, target.process(name))));
      fillEvents(events, process.history);
      this.#fetchExits(name, exits, events);
    };
    this.update();
  }

  async #fetchExits(name, element, events) {
    const detail = await this.#fetch(name);
    if (!detail || this.#place?.name !== name) return;
    const process = this.#store.processes.get(name);
    if (process) {
      prepend(process.history, ofExits(detail.exits));
      fillEvents(events, process.history);
    }
    element.replaceChildren(...(detail.exits.length ? detail.exits.map(exit) : [h("p", {}, "None so far.")]));
  }

  async #showConfig(name) {
    $("panel-body").replaceChildren(h("p", {}, "…"));
    const detail = await this.#fetch(name);
    if (!detail || this.#place?.name !== name || this.#place.tab !== "config") return;
    const { environment, stdout, stderr, ...options } = detail.config;
    const channel = (prefix, values) => Object.entries(values).map(([key, value]) => [`${prefix}_${key}`, value]);
    const rows = [...Object.entries(options), ...channel("stdout", stdout), ...channel("stderr", stderr)];
    const variables = environment.map(({ name, value }) => [name, value ?? "(secret)"]);
    $("panel-body").replaceChildren(
      h("h3", {}, "Options"), table(rows),
      h("h3", {}, "Environment"),
      h("p", { class: "note" }, "What the configuration adds; what looks like a secret is not shown."),
      variables.length ? table(variables) : h("p", {}, "Nothing."),
    );
  }

  async #fetch(name) {
    try {
      const response = await fetch(`${API}/processes/${encodeURIComponent(name)}`);
      if (!response.ok) throw await refusal(response);
      return await response.json();
    } catch (error) {
      if (this.#place?.name === name) $("panel-body").replaceChildren(h("p", { role: "alert" }, error.message));
      return null;
    }
  }

  #tabKeys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = [...$("tabs").children];
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.click();
    requestAnimationFrame(() => $("tabs").querySelector("[aria-selected=true]")?.focus());
  }
}

/** What an address names; null where it names nothing. */
function placeOf(hash) {
  if (hash === "#/log") return { name: null, tab: "log" };
  const [, kind, name, tab = "details"] = hash.split("/");
  if (kind !== "process" || !name || !(tab in TABS)) return null;
  try {
    return { name: decodeURIComponent(name), tab };
  } catch {
    return null;
  }
}

function fillFacts(list, process) {
  const { usage, statename } = process;
  const facts = {
    State: `${STATES[statename]} ${statename}`,
    Description: process.spawnerr || describe(process),
    PID: process.pid || "none",
    Uptime: process.pid ? duration(uptime(process)) : "none",
    Started: process.start ? moment(process.start) : "never",
    Stopped: process.stop ? moment(process.stop) : "never",
    "Exit status": process.stop && !process.pid ? process.exitstatus : "none",
    CPU: usage ? percent(usage.cpu) : "none",
    Memory: usage ? `${bytes(usage.memory)} in ${usage.processes} process${usage.processes === 1 ? "" : "es"}` : "none",
    Restarts: process.restarts,
    Group: process.group,
  };
  if (!list.childElementCount) {
    list.append(...Object.keys(facts).map((name) => h("div", {}, h("dt", {}, name), h("dd"))));
  }
  Object.values(facts).forEach((fact, at) => setText(list.children[at].lastElementChild, String(fact)));
}

function fillEvents(list, history) {
  const items = history.slice(-50).map(([time, state]) =>
    h("li", {}, h("time", { datetime: new Date(time * 1000).toISOString() }, moment(time)), ` ${STATES[state]} ${state}`),
  );
  list.replaceChildren(...items.reverse());
}

/** One exit, with the last lines before it. */
function exit({ pid, start, stop, exitstatus, signal, reason, stdout, stderr }) {
  const how = signal ?? `exit status ${exitstatus}`;
  const summary = h("summary", {}, `${moment(stop)}: ${how}, ${reason.replace("_", " ")}`);
  const lines = [["stdout", stdout], ["stderr", stderr]].filter(([, text]) => text);
  const output = lines.flatMap(([name, text]) => [h("h4", {}, `Last lines of ${name}`), h("pre", { tabindex: 0 }, plain(text))]);
  return h("details", { class: "past" }, summary, h("p", {}, `pid ${pid}, ran for ${duration(stop - start)}`), ...output);
}

/** Without colours. */
const plain = (text) => text.replace(/\x1b\[[0-9;:?]*[ -/]*[@-~]/g, "");

function table(rows) {
  const row = ([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text(value)));
  return h("table", { class: "values" }, h("tbody", {}, ...rows.map(row)));
}

const text = (value) => (value === null ? "none" : Array.isArray(value) ? value.join(", ") : String(value));
