// Which rows are shown in which order. Pure.

import { uptime } from "./store.js";

/** Worst first. */
const SEVERITY = ["FATAL", "BACKOFF", "UNKNOWN", "EXITED", "STOPPING", "STARTING", "STOPPED", "RUNNING"];

const KEYS = {
  name: (process) => process.rank,
  state: (process) => SEVERITY.indexOf(process.statename),
  pid: (process) => process.pid,
  uptime,
  exit: (process) => process.exitstatus,
  cpu: (process) => process.usage?.cpu ?? -1,
  memory: (process) => process.usage?.memory ?? -1,
  restarts: (process) => process.restarts,
};

/** Whether a process has every word of a filter in what is told of it. */
function fits(process, words) {
  if (!words.length) return true;
  const text = `${process.namespec} ${process.group} ${process.statename} ${process.pid} ${process.description}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * The rows of a view (`filter`, `states`, `sort`, `descending`, `grouped`, `folded`):
 * `{rows: [{key, group, members} | {key, process, level}], shown: [process]}`.
 */
export function arrange(processes, view) {
  const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = (process) =>
    (!view.states.size || view.states.has(process.statename)) && fits(process, words);
  const key = KEYS[view.sort];
  const direction = view.descending ? -1 : 1;
  const order = (a, b) => direction * (key(a) - key(b)) || a.rank - b.rank;
  const shown = processes.filter(isWanted).sort(order);
  const rows = view.grouped ? inGroups(shown, view.folded) : shown.map((process) => single(process, 1));
  return { rows, shown };
}

const single = (process, level) => ({ key: process.namespec, process, level });

/** Groups stand where their first process does; a program that is its own group needs no head. */
function inGroups(shown, folded) {
  const groups = Map.groupBy(shown, (process) => process.group);
  const rows = [];
  for (const [group, members] of groups) {
    if (members.length === 1 && members[0].name === group) {
      rows.push(single(members[0], 1));
      continue;
    }
    const isFolded = folded.has(group);
    rows.push({ key: `${group}:*`, group, members, isFolded });
    if (!isFolded) rows.push(...members.map((process) => single(process, 2)));
  }
  return rows;
}

/** How many processes are in each state, worst first. */
export function counts(processes) {
  const counted = new Map();
  for (const { statename } of processes) counted.set(statename, (counted.get(statename) ?? 0) + 1);
  return SEVERITY.filter((state) => counted.has(state)).map((state) => [state, counted.get(state)]);
}

/** What processes take together; null where nothing is known. */
export function total(processes, what) {
  let sum = null;
  for (const { usage } of processes) if (usage?.[what] != null) sum = (sum ?? 0) + usage[what];
  return sum;
}
