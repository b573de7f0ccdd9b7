// The page: brings its parts together and keeps them up to date.

import { Actions, API, buttons, menuKeys, openMenu, VERBS } from "./actions.js";
import { counts, total } from "./arrange.js";
import { Connection } from "./connection.js";
import { $, copy, h, remember, remembered, setAttribute, setText } from "./dom.js";
import { bytes, number, percent, processes, STATES } from "./format.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { Panel } from "./panel.js";
import { SharedStream } from "./shared.js";
import { Store } from "./store.js";

const NO_PROCESSES = "No programs to manage. Add a [program:x] section to the configuration, then run supervisorctl update.";

/** What is sorted from its least at first, states from the worst; of all else the most matters. */
const ASCENDING = ["name", "state"];

const root = document.documentElement;
let list = null;

const view = {
  filter: "",
  states: new Set(),
  sort: remembered("sort", "name"),
  descending: remembered("descending", false),
  grouped: remembered("grouped", true),
  folded: new Set(remembered("folded", [])),
};

let frame = 0;
/** Updates once per frame, however much happens. */
function changed() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    connection.update(store.statename);
    if (list) update();
  });
}

const store = new Store(changed);
const actions = new Actions(store);
const panel = new Panel(store, actions);

const page = {
  get mayAct() {
    return root.dataset.role !== "reader";
  },
  switchTheme,
  /** Shows everything again, with nothing selected. */
  forget() {
    view.filter = $("filter").value = "";
    view.states.clear();
    list.pickAll(false);
  },
};

const told = {
  open() {
    connection.found();
    panel.log?.goOn();
  },
  lost(error, wait) {
    root.classList.remove("is-coming");
    connection.lost(error, wait);
  },
  event(name, data) {
    store.take(name, data);
    if (name === "snapshot") begin();
  },
};
const stream = new SharedStream(`${API}/events`, told, { isShared: true });

const connection = new Connection(() => stream.open(), changed);

/** The first snapshot brings the live page in place of the plain one. */
function begin() {
  lookAtSupervisor();
  if (list) return;
  const message = document.querySelector(".message")?.textContent ?? "";
  $("main").replaceChildren(copy("live"));
  actions.say(message);
  // A message is told once.
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  root.classList.remove("is-coming");
  root.classList.add("is-live");
  list = new List(store, view, actions, (name, tab) => panel.open(name, tab));
  new Keys(list, panel, actions, page);
  listen();
  update();
  panel.follow();
}

/** Who we are to the daemon, and what it warns of; after an upgrade the page itself is another. */
async function lookAtSupervisor() {
  const response = await fetch(`${API}/supervisor`).catch(() => null);
  if (!response?.ok) return;
  const supervisor = await response.json();
  if (supervisor.version !== root.dataset.version) return location.reload();
  root.dataset.role = supervisor.user.role;
  setText($("identifier"), supervisor.identifier);
  const warning = ({ text }) =>
    h("p", { class: "warning", role: "alert" }, h("span", {}, h("strong", {}, "⚠ Open to everyone: "), text));
  $("warnings").replaceChildren(...supervisor.warnings.map(warning));
}

function listen() {
  $("filter").addEventListener("input", (event) => {
    view.filter = event.target.value;
    changed();
  });
  $("filter").addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") list.focus();
    if (event.key !== "Escape" || !view.filter) return;
    event.preventDefault();
    view.filter = event.target.value = "";
    changed();
  });
  $("sort").addEventListener("change", (event) => sortBy(event.target.value, false));
  $("order").addEventListener("click", () => sortBy(view.sort, !view.descending));
  for (const header of document.querySelectorAll("[data-sort]")) {
    const key = header.dataset.sort;
    header.addEventListener("click", () => sortBy(key, key === view.sort ? !view.descending : !ASCENDING.includes(key)));
  }
  $("grouped").addEventListener("click", () => choose("grouped", !view.grouped));
  $("fold").addEventListener("click", foldAll);
  $("grid").addEventListener("fold", () => choose("folded", view.folded));
  $("grid").addEventListener("selection", changed);
  $("pick-all").addEventListener("change", (event) => list.pickAll(event.target.checked));
  $("unselect").addEventListener("click", () => list.pickAll(false));
  const onMany = (verb) => actions.run(verb, list.bulk);
  const menu = (verbs) => (event) =>
    openMenu(event.currentTarget, verbs.map((verb) => [VERBS[verb].label, () => onMany(verb)]));
  $("all").addEventListener("click", menu(Object.keys(VERBS)));
  $("bulk-menu").addEventListener("click", menu(["signal", "clear-logs"]));
  $("bulk").append(...buttons(["start", "restart", "stop"], onMany));
  $("view").addEventListener("click", () => setAttribute($("view"), "aria-expanded", $("view").ariaExpanded !== "true"));
  $("nothing").lastElementChild.addEventListener("click", page.forget);
  menuKeys($("menu"));
  addEventListener("scroll", () => list.show(), { passive: true });
  addEventListener("resize", () => list.show(), { passive: true });
}

function sortBy(key, isDescending) {
  choose("sort", key);
  choose("descending", isDescending);
}

function choose(name, value) {
  view[name] = value;
  remember(name, value instanceof Set ? [...value] : value);
  changed();
}

function foldAll() {
  const groups = list.rows.filter((row) => row.group);
  const isFolding = groups.some((row) => !row.isFolded);
  for (const { group } of groups) {
    if (isFolding) view.folded.add(group);
    else view.folded.delete(group);
  }
  choose("folded", view.folded);
}

function update() {
  list.update();
  panel.update();
  // They keep the focus, and say why they do nothing.
  for (const button of document.querySelectorAll("[data-verb]")) setAttribute(button, "aria-disabled", connection.isLost || null);
  const all = store.ranked();
  const inStates = counts(all);
  fillSummary(all);
  fillStates(inStates);
  fillTools();
  const fatal = inStates.find(([state]) => state === "FATAL")?.[1];
  const title = `${fatal ? `✖ ${fatal} FATAL · ` : ""}${$("identifier").textContent}: Supervisor Status`;
  if (document.title !== title) document.title = title;
}

function fillSummary(all) {
  const memory = total(all, "memory");
  const parts = [
    processes(all.length),
    memory !== null && `${percent(total(all, "cpu"))} CPU`,
    memory !== null && bytes(memory),
  ];
  setText($("summary"), parts.filter(Boolean).join(" · "));
}

/** A button for each state that there is, or that is filtered by. */
function fillStates(inStates) {
  const there = new Map(inStates);
  for (const state of view.states) if (!there.has(state)) there.set(state, 0);
  const chips = new Map([...$("states").children].map((chip) => [chip.dataset.state, chip]));
  const wanted = [...there].map(([state, count]) => {
    const chip = chips.get(state) ?? stateChip(state);
    setText(chip.lastElementChild, `${number(count)} ${state}`);
    setAttribute(chip, "aria-pressed", view.states.has(state));
    return chip;
  });
  if (wanted.length !== chips.size || wanted.some((chip) => !chip.isConnected)) $("states").replaceChildren(...wanted);
}

function stateChip(state) {
  const toggle = () => {
    if (!view.states.delete(state)) view.states.add(state);
    changed();
  };
  const icon = h("span", { class: `icon ${state.toLowerCase()}`, "aria-hidden": "true" }, STATES[state]);
  return h("button", { type: "button", class: `chip ${state.toLowerCase()}`, "data-state": state, onclick: toggle }, icon, h("span"));
}

function fillTools() {
  $("sort").value = view.sort;
  setText($("order"), view.descending ? "Descending" : "Ascending");
  setAttribute($("grouped"), "aria-pressed", view.grouped);
  const groups = list.rows.filter((row) => row.group);
  hide($("fold"), !groups.length);
  setText($("fold"), groups.some((row) => !row.isFolded) ? "Fold all" : "Unfold all");
  for (const header of document.querySelectorAll("[data-sort]")) {
    const order = header.dataset.sort === view.sort ? (view.descending ? "descending" : "ascending") : null;
    setAttribute(header, "aria-sort", order);
  }
  const count = list.selection.size;
  hide($("bulk-bar"), !count);
  setText($("target"), `${number(count)} selected${list.hidden ? `, ${number(list.hidden)} hidden` : ""}`);
  const isAllPicked = list.shown.length > 0 && list.shown.every((process) => list.selection.has(process.namespec));
  $("pick-all").checked = isAllPicked;
  $("pick-all").indeterminate = count > 0 && !isAllPicked;
  const all = store.processes.size;
  $("all").disabled = !all;
  hide($("nothing"), list.rows.length > 0);
  $("nothing").lastElementChild.hidden = !all;
  setText($("nothing").firstElementChild, all ? "No process fits the filter." : NO_PROCESSES);
}

/** Hides a part or shows it; the focus does not go with it. */
function hide(part, isHidden) {
  const hadFocus = isHidden && part.contains(document.activeElement);
  part.hidden = isHidden;
  if (hadFocus) list.focus();
}

function switchTheme() {
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // It lasts as long as the page.
  }
}

$("theme").addEventListener("click", switchTheme);
$("help-button").addEventListener("click", () => $("help").showModal());

/** Uptimes go on by themselves; there is nothing to do for a page that nobody sees. */
setInterval(() => document.hidden || changed(), 1000);

stream.open();
