// The panel beside the list: one process with its logs and configuration, or the main log.

import { API } from "./actions.js";
import { configuration } from "./config.js";
import { Details } from "./details.js";
import { $, h, setText } from "./dom.js";
import { LogView } from "./log.js";
import { resizable } from "./resize.js";
import { reason, refusal } from "./stream.js";

const TABS = { details: "Details", stdout: "stdout", stderr: "stderr", config: "Configuration" };

export class Panel {
  /** The log that is shown, if any. */
  log = null;
  #store;
  #actions;
  /** What the address names: `{name, tab}`; the name is null for the main log. */
  #place = null;
  /** Whether the process that the address names was there when it was looked at last. */
  #isThere = true;
  #pid = 0;
  #details = null;
  #came = null;

  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    $("panel-close").addEventListener("click", () => this.close());
    addEventListener("hashchange", () => this.follow());
    addEventListener("resize", () => this.#cover());
    $("tabs").addEventListener("keydown", (event) => this.#tabKeys(event));
    resizable();
  }

  /** Goes to a process. */
  open(name, tab = "details") {
    location.hash = hashOf(name, tab);
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
    this.#place = place;
    $("panel").hidden = !place;
    document.documentElement.classList.toggle("has-panel", Boolean(place));
    this.#cover();
    if (!wasOpen && place) this.#came = document.activeElement;
    this.#show();
    if (!wasOpen && place) $("panel-title").focus();
    else if (wasOpen && !place && this.#came?.isConnected) this.#came.focus();
  }

  /** What lies below a panel that takes the whole screen can't be reached. */
  #cover() {
    const isCovered = this.isOpen && matchMedia("(max-width: 900px)").matches;
    for (const part of document.querySelectorAll("body > :is(.top, main, footer)")) part.inert = isCovered;
  }

  /** Writes what has changed of the process that is shown. */
  update() {
    const name = this.#place?.name;
    if (!name) return;
    const process = this.#store.processes.get(name);
    if (Boolean(process) !== this.#isThere) return this.#show();
    if (!process) return;
    this.#details?.update(process);
    if (process.pid !== this.#pid) this.log?.lookAgain();
    this.#pid = process.pid;
  }

  #show() {
    this.log?.close();
    this.log = this.#details = null;
    if (!this.#place) return;
    const { name, tab } = this.#place;
    const wasThere = this.#isThere && $("panel-title").textContent === name;
    this.#isThere = name === null || this.#store.processes.has(name);
    setText($("panel-title"), name ?? "Main log");
    this.#fillTabs(name, tab);
    if (!this.#isThere) return this.#put(h("p", { role: "status" }, `There is no process ${name}${wasThere ? " any more" : ""}.`));
    if (name === null) return this.#showLog(`${API}/supervisor/log`, "DELETE", `${API}/supervisor/log`);
    const process = `${API}/processes/${encodeURIComponent(name)}`;
    if (tab === "details") this.#showDetails(name);
    else if (tab === "config") this.#showConfiguration(this.#place);
    else this.#showLog(`${process}/logs/${tab}`, "POST", `${process}/clear-logs`);
  }

  #fillTabs(name, tab) {
    const isOf = name !== null && this.#isThere;
    const link = ([key, label]) =>
      h("a", { role: "tab", href: `#${hashOf(name, key)}`, "aria-selected": String(key === tab), tabindex: key === tab ? 0 : -1, "aria-controls": "panel-body" }, label);
    $("tabs").hidden = !isOf;
    $("tabs").replaceChildren(...(isOf ? Object.entries(TABS).map(link) : []));
  }

  #put(...elements) {
    $("panel-body").replaceChildren(...elements);
    $("panel-body").scrollTop = 0;
  }

  #showLog(url, method, clearUrl) {
    const clear = async () => {
      const response = await fetch(clearUrl, { method });
      if (!response.ok) throw await refusal(response);
    };
    this.log = new LogView(url, { clear });
    this.#put(this.log.element);
  }

  #showDetails(name) {
    this.#details = new Details(name, this.#store, this.#actions);
    this.#put(this.#details.element);
    this.update();
  }

  async #showConfiguration(place) {
    this.#put();
    const elements = await configuration(place.name).catch((error) => [h("p", { role: "alert" }, reason(error))]);
    if (this.#place === place) this.#put(...elements);
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

const hashOf = (name, tab) => `/process/${encodeURIComponent(name)}${tab === "details" ? "" : `/${tab}`}`;

/** What an address names; null where it names nothing. */
function placeOf(hash) {
  if (hash === "#/log") return { name: null, tab: "log" };
  const [, kind, name, tab = "details"] = hash.split("/");
  if (kind !== "process" || !name || !Object.hasOwn(TABS, tab)) return null;
  try {
    return { name: decodeURIComponent(name), tab };
  } catch {
    return null;
  }
}
