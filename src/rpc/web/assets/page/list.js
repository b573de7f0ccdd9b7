// The rows on the screen. Only those that can be seen exist, and only what has changed is written.

import { buttons, fillButtons, openMenu, target, verbsFor, VERBS } from "./actions.js";
import { arrange, counts, total } from "./arrange.js";
import { $, glyph, h, setAttribute, setText } from "./dom.js";
import { bytes, duration, number, percent, short, STATES } from "./format.js";
import { draw, hasRestarted, inWords, line } from "./history.js";
import { describe, resultText, uptime } from "./store.js";

/** Rows that are kept above and below what can be seen. */
const MARGIN = 8;
/** How often a history line is drawn anew though nothing has happened, in seconds. */
const REDRAW = 20;

const COLUMNS = ["pick", "name", "state", "pid", "uptime", "exit", "cpu", "memory", "restarts", "history", "description", "actions"];
/** States that somebody should look at. */
const FAILING = ["FATAL", "BACKOFF", "UNKNOWN"];
/** Names that are longer are cut in the middle where there is no room, so that their ends can be seen. */
const LONG = 20;
const END = 9;

export class List {
  /** What was arranged last. */
  rows = [];
  shown = [];
  selection = new Set();
  /** The key of the row that the keyboard is at. */
  current = null;
  #store;
  #view;
  #actions;
  #open;
  #body = $("rows");
  /** key → row on the screen. */
  #there = new Map();
  #places = new Map();

  /** `open(namespec, tab)` shows a process. */
  constructor(store, view, actions, open) {
    this.#store = store;
    this.#view = view;
    this.#actions = actions;
    this.#open = open;
    $("grid").addEventListener("focusin", (event) => {
      const row = event.target.closest("[data-key]");
      if (row) this.#setCurrent(row.dataset.key);
    });
  }

  /** Arranges everything anew and shows it. */
  update() {
    const place = this.#places.get(this.current) ?? 0;
    const { rows, shown } = arrange(this.#store.ranked(), this.#view);
    this.rows = rows;
    this.shown = shown;
    this.#places = new Map(rows.map((row, place) => [row.key, place]));
    for (const key of this.selection) if (!this.#store.processes.has(key)) this.selection.delete(key);
    if (!this.#places.has(this.current)) this.current = rows[Math.min(place, rows.length - 1)]?.key ?? null;
    this.#body.style.height = `calc(var(--row) * ${rows.length})`;
    setAttribute($("grid"), "aria-rowcount", rows.length + 1);
    this.show();
  }

  /** Shows the rows that can be seen. */
  show() {
    const height = Number.parseFloat(getComputedStyle(this.#body).getPropertyValue("--row")) || 36;
    const top = -this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / height) - MARGIN);
    const last = Math.min(this.rows.length, Math.ceil((top + innerHeight) / height) + MARGIN);
    const wanted = [];
    for (let place = first; place < last; place += 1) wanted.push(place);
    // The row with the focus stays, or the focus would be lost.
    const kept = this.#places.get(this.current);
    if (kept < first) wanted.unshift(kept);
    else if (kept >= last) wanted.push(kept);
    this.#put(wanted, height);
  }

  #put(wanted, height) {
    const focused = document.activeElement;
    const hasFocus = () => this.#body.contains(document.activeElement);
    const hadFocus = hasFocus();
    const keys = new Set(wanted.map((place) => this.rows[place].key));
    for (const [key, row] of this.#there) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#there.delete(key);
    }
    wanted.forEach((place, at) => {
      const row = this.#row(this.rows[place]);
      row.element.style.transform = `translateY(${place * height}px)`;
      setAttribute(row.element, "aria-rowindex", place + 2);
      const there = this.#body.children[at];
      if (there !== row.element) this.#body.insertBefore(row.element, there ?? null);
    });
    if (!hadFocus || hasFocus()) return;
    // What had the focus has been moved, or is gone with its row.
    const next = this.#body.contains(focused) ? focused : this.#heir;
    next.focus({ preventScroll: true });
  }

  /** What takes the focus for want of another: the current row, or without any the filter. */
  get #heir() {
    return this.#there.get(this.current)?.element ?? $("filter");
  }

  #row(data) {
    const kind = data.group ? "group" : "process";
    let row = this.#there.get(data.key);
    if (row?.kind !== kind) {
      row?.element.remove();
      row = this.#make(kind, data);
      this.#there.set(data.key, row);
    }
    row.data = data;
    setAttribute(row.element, "tabindex", data.key === this.current ? 0 : -1);
    row.element.classList.toggle("current", data.key === this.current);
    if (kind === "group") this.#fillGroup(row);
    else this.#fillProcess(row);
    // Tab goes through the controls of the current row only.
    for (const control of row.element.querySelectorAll(".actions button")) {
      setAttribute(control, "tabindex", data.key === this.current ? 0 : -1);
    }
    return row;
  }

  #make(kind, { key, process, group }) {
    const cells = Object.fromEntries(COLUMNS.map((name) => [name, h("div", { role: "gridcell", class: name })]));
    const element = h("div", { role: "row", class: `row ${kind}`, "data-key": key }, ...Object.values(cells));
    const row = { kind, element, cells };
    cells.pick.classList.add("operator");
    row.pick = h("input", { type: "checkbox", tabindex: -1, "aria-label": `Select ${process?.namespec ?? `group ${group}`}` });
    row.pick.addEventListener("change", () => this.pick(key, row.pick.checked));
    cells.pick.append(row.pick);
    row.result = h("span", { class: "result" });
    cells.description.append(row.result);
    if (kind === "process") this.#makeProcess(row, process);
    else this.#makeGroup(row, group);
    return row;
  }

  #makeProcess(row, { namespec }) {
    const { cells } = row;
    row.name = h("a", { href: `#/process/${encodeURIComponent(namespec)}`, tabindex: -1, title: namespec });
    cells.name.append(row.name);
    row.icon = h("span", { class: "icon", "aria-hidden": "true" });
    row.word = h("span");
    cells.state.append(row.icon, row.word);
    row.line = line();
    cells.history.append(row.line);
    row.brief = h("span", { class: "brief" });
    row.sorted = h("span", { class: "sorted" });
    cells.description.append(row.brief, row.sorted);
    row.buttons = h("span", { class: "buttons operator" });
    row.more = this.#more(`More for ${namespec}`, (button) => openMenu(button, this.#menu(row.data.process)));
    cells.actions.append(row.buttons, row.more);
  }

  #makeGroup(row, group) {
    row.fold = h("button", { type: "button", class: "fold", tabindex: -1, onclick: () => this.fold(group) }, glyph("down"), h("span", {}, group));
    row.cells.name.append(row.fold);
    row.states = h("span", { class: "counts" });
    row.cells.description.append(row.states);
    const act = (verb) => this.#actions.run(verb, this.#group(group));
    row.buttons = h("span", { class: "buttons operator" }, ...buttons(["start", "restart", "stop"], act, `group ${group}`));
    row.more = this.#more(`More for group ${group}`, (button) =>
      openMenu(button, Object.keys(VERBS).map((verb) => [VERBS[verb].label, () => act(verb)])),
    );
    row.more.classList.add("operator");
    row.cells.actions.append(row.buttons, row.more);
  }

  #more(label, open) {
    return h("button", { type: "button", class: "more bare", "aria-label": label, title: "More", "aria-haspopup": "menu", onclick: (event) => open(event.currentTarget) }, glyph("more"));
  }

  /** Everything that can be done with a process. */
  #menu({ namespec }) {
    const process = this.#store.processes.get(namespec);
    const looks = [
      ["Details", () => this.#open(namespec)],
      ["Log of stdout", () => this.#open(namespec, "stdout")],
      ["Log of stderr", () => this.#open(namespec, "stderr")],
    ];
    if (!process || document.documentElement.dataset.role === "reader") return looks;
    const act = (verb) => [VERBS[verb].label, () => this.#actions.run(verb, target.process(namespec))];
    return [...verbsFor(process).map(act), ...looks];
  }

  #fillProcess(row) {
    const { process, level } = row.data;
    const { cells } = row;
    const { usage, statename: state } = process;
    const isUp = process.pid > 0;
    setAttribute(row.element, "aria-level", level);
    setAttribute(row.element, "aria-selected", this.selection.has(process.namespec));
    row.element.classList.toggle("member", level === 2);
    row.pick.checked = this.selection.has(process.namespec);
    this.#fillName(row, level === 2 ? process.name : process.namespec);
    if (row.state !== state) {
      row.state = state;
      setText(row.icon, STATES[state]);
      setText(row.word, state);
      cells.state.className = `state ${state.toLowerCase()}`;
      row.element.classList.toggle("failing", FAILING.includes(state));
      const verbs = verbsFor(process).filter((verb) => verb !== "signal" && verb !== "clear-logs");
      const act = (verb) => this.#actions.run(verb, target.process(process.namespec));
      fillButtons(row.buttons, verbs, act, process.namespec);
    }
    const up = uptime(process);
    setText(cells.pid, isUp ? String(process.pid) : "");
    setText(cells.uptime, isUp ? short(up) : "");
    setAttribute(cells.uptime, "title", isUp ? duration(up) : null);
    setText(cells.exit, exitOf(process));
    setText(cells.cpu, usage ? percent(usage.cpu) : "");
    setText(cells.memory, usage ? bytes(usage.memory) : "");
    setText(cells.restarts, number(process.restarts));
    setText(row.brief, isUp ? `${short(up)} · pid ${process.pid}` : "");
    setText(row.sorted, this.#sorted(process));
    this.#fillResult(row, describe(process));
    this.#drawHistory(row, process);
  }

  /** The end of a long name tells more than its middle. */
  #fillName(row, name) {
    if (row.shown === name) return;
    row.shown = name;
    setAttribute(row.name, "aria-label", row.data.process.namespec);
    const parts = name.length > LONG ? [name.slice(0, -END), name.slice(-END)] : [name];
    row.name.replaceChildren(...parts.map((part) => h("span", {}, part)));
  }

  /** Where there are no columns: that by which the rows are sorted, or what is asked for most. */
  #sorted({ usage, restarts }) {
    const { sort } = this.#view;
    if (sort === "restarts") return `${number(restarts)} restart${restarts === 1 ? "" : "s"}`;
    if (!usage) return "";
    if (sort === "cpu") return percent(usage.cpu);
    if (sort === "memory") return bytes(usage.memory);
    return `${percent(usage.cpu)} · ${bytes(usage.memory)}`;
  }

  #drawHistory(row, { history }) {
    const now = this.#store.now();
    const mark = `${history.length} ${history.at(-1)?.from} ${Math.floor(now / REDRAW)}`;
    if (row.drawn === mark) return;
    row.drawn = mark;
    draw(row.line, history, now);
    setAttribute(row.line, "aria-label", inWords(history, now));
    const { restarts } = row.cells;
    const rose = hasRestarted(history, now);
    restarts.classList.toggle("rose", rose);
    setAttribute(restarts, "title", rose ? "Restarted within the last hour" : null);
  }

  #fillGroup(row) {
    const { group, members, isFolded } = row.data;
    const { cells } = row;
    setAttribute(row.element, "aria-level", 1);
    setAttribute(row.element, "aria-expanded", !isFolded);
    setAttribute(row.fold, "aria-label", `${isFolded ? "Unfold" : "Fold"} group ${group}`);
    const picked = members.filter((process) => this.selection.has(process.namespec)).length;
    row.pick.checked = picked === members.length;
    row.pick.indeterminate = picked > 0 && picked < members.length;
    const memory = total(members, "memory");
    const cpu = total(members, "cpu");
    setText(cells.cpu, cpu === null ? "" : percent(cpu));
    setText(cells.memory, memory === null ? "" : bytes(memory));
    setText(cells.restarts, number(members.reduce((sum, process) => sum + process.restarts, 0)));
    this.#fillResult(row, "");
    row.states.hidden = row.result.textContent !== "";
    this.#fillStates(row, counts(members));
  }

  #fillStates(row, inStates) {
    const mark = inStates.join();
    if (row.counted === mark) return;
    row.counted = mark;
    const part = ([state, count]) =>
      h("span", { title: state },
        h("span", { class: `icon ${state.toLowerCase()}`, "aria-hidden": "true" }, STATES[state]),
        number(count), h("span", { class: "word" }, ` ${state}`));
    row.states.replaceChildren(...inStates.map(part));
  }

  /** What becomes of an action stands where the description was, until it is old news. */
  #fillResult(row, description) {
    const result = this.#store.results.get(row.data.key);
    const text = result ? resultText(result) : description;
    setText(row.result, text);
    setAttribute(row.result, "class", result ? `result ${result.kind}` : "result");
    setAttribute(row.result, "title", text);
  }

  #setCurrent(key) {
    if (key === this.current) return;
    const before = this.#there.get(this.current);
    this.current = key;
    for (const row of [before, this.#there.get(key)]) if (row) this.#row(row.data);
  }

  /**
   * Moves the focus by so many rows, or to the first or the last by ±Infinity; where no row has it,
   * to the current one.
   */
  move(step) {
    const at = this.#places.get(this.current) ?? 0;
    const next = Math.min(this.rows.length - 1, Math.max(0, this.focusedRow ? at + step : at));
    if (next < 0) return;
    this.#setCurrent(this.rows[next].key);
    this.focus();
  }

  /** Gives the current row the focus, and brings it into view; without any, the filter. */
  focus() {
    this.show();
    const heir = this.#heir;
    heir.scrollIntoView({ block: "nearest" });
    heir.focus({ preventScroll: true });
  }

  get currentRow() {
    return this.rows[this.#places.get(this.current)];
  }

  /** The row that has the focus, or has something in it that does. */
  get focusedRow() {
    return this.#body.contains(document.activeElement) ? this.currentRow : null;
  }

  /** How many rows are a page. */
  get page() {
    return Math.max(1, Math.floor(innerHeight / 2 / (this.#there.values().next().value?.element.offsetHeight || 36)));
  }

  /** Selects a process or all of a group, or takes it back. */
  pick(key, isPicked) {
    const row = this.rows[this.#places.get(key)];
    const names = row?.members?.map((process) => process.namespec) ?? [key];
    for (const name of names) {
      if (isPicked) this.selection.add(name);
      else this.selection.delete(name);
    }
    $("grid").dispatchEvent(new CustomEvent("selection"));
  }

  pickAll(isPicked) {
    this.selection = new Set(isPicked ? this.shown.map((process) => process.namespec) : []);
    $("grid").dispatchEvent(new CustomEvent("selection"));
  }

  isPicked(key) {
    const row = this.rows[this.#places.get(key)];
    const names = row?.members?.map((process) => process.namespec) ?? [key];
    return names.every((name) => this.selection.has(name));
  }

  /** Folds a group, or unfolds it. */
  fold(group, isFolded = !this.#view.folded.has(group)) {
    if (isFolded) this.#view.folded.add(group);
    else this.#view.folded.delete(group);
    $("grid").dispatchEvent(new CustomEvent("fold"));
  }

  /** The selection; without one, everything. */
  get bulk() {
    if (this.selection.size) return target.selection([...this.selection], this.hidden);
    const all = this.#store.ranked();
    return target.all(all.map((process) => process.namespec), all.length - this.shown.length);
  }

  /** How many are selected and not shown. */
  get hidden() {
    if (!this.selection.size) return 0;
    const shown = this.shown.filter((process) => this.selection.has(process.namespec));
    return this.selection.size - shown.length;
  }

  /** Whom the keys act on: the selection, or else the row that has the focus. */
  get target() {
    if (this.selection.size) return this.bulk;
    const row = this.focusedRow;
    if (!row) return null;
    return row.group ? this.#group(row.group) : target.process(row.key);
  }

  /** A group with all its processes, whether they are shown or not. */
  #group(group) {
    const isMember = (process) => process.group === group;
    const names = this.#store.ranked().filter(isMember).map((process) => process.namespec);
    return target.group(group, names, names.length - this.shown.filter(isMember).length);
  }
}

/** How the last child ended, where there is none now. */
const exitOf = ({ pid, stop, signal, exitstatus }) => (stop && !(pid > 0) ? String(signal ?? exitstatus) : "");
