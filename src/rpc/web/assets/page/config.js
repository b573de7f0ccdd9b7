// The configuration of a process as people write it.

import { API } from "./actions.js";
import { h } from "./dom.js";
import { bytes, number } from "./format.js";
import { answer } from "./stream.js";

/** What the page says elsewhere. */
const ELSEWHERE = ["group", "name", "inuse", "command"];

/** Signals by their numbers on Linux. */
const SIGNALS = { 1: "HUP", 2: "INT", 3: "QUIT", 6: "ABRT", 9: "KILL", 10: "USR1", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 17: "CHLD", 18: "CONT", 19: "STOP", 28: "WINCH" };

/** The elements that tell the configuration of a process. */
export async function configuration(name) {
  const { config } = await fetch(`${API}/processes/${encodeURIComponent(name)}`).then(answer);
  const { environment, stdout, stderr, ...options } = config;
  for (const key of ELSEWHERE) delete options[key];
  const channel = (prefix, values) => Object.entries(values).map(([key, value]) => [`${prefix}_${key}`, value]);
  const rows = [...Object.entries(options), ...channel("stdout", stdout), ...channel("stderr", stderr)];
  const variables = environment.map(({ name, value }) => [name, value ?? "(secret)"]);
  return [
    h("h3", {}, "Command"), h("pre", { class: "command", tabindex: 0 }, config.command),
    h("h3", {}, "Options"), table(rows),
    h("h3", {}, "Environment"),
    h("p", { class: "note" }, "What the configuration adds; what looks like a secret is not shown."),
    ...(variables.length ? [table(variables)] : [h("p", {}, "Nothing.")]),
  ];
}

function table(rows) {
  const row = ([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, text(name, value)));
  return h("table", { class: "values" }, h("tbody", {}, ...rows.map(row)));
}

function text(name, value) {
  if (value === null) return "none";
  if (name === "stopsignal") return SIGNALS[value] ?? String(value);
  if (name.endsWith("_maxbytes") && value > 0) return `${bytes(value)} (${number(value)} bytes)`;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
