// All that is known of the processes, kept up to date by events.

import { processes } from "./format.js";
import { extend } from "./history.js";

/** How long it is told what became of an action, in milliseconds. */
export const LASTS = { ok: 6000, idle: 6000, error: 30_000 };

const byName = new Intl.Collator("en", { numeric: true });
const seconds = () => performance.now() / 1000;

/** The processes, by namespec. */
export class Store {
  /** namespec → process, with `history` and `bornAt` (when its uptime was 0, on our clock). */
  processes = new Map();
  statename = "RUNNING";
  /** What became of the last action: namespec or `group:*` → `{kind, text}`. */
  results = new Map();
  #serverNow = { at: 0, seen: 0 };
  #changed;
  #ranksAreStale = true;

  /** `changed()` is called after each change. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** The daemon's time in Unix seconds. */
  now() {
    return this.#serverNow.at + seconds() - this.#serverNow.seen;
  }

  /** Takes an event of `/api/v1/events`. */
  take(name, data) {
    this.#serverNow = { at: data.now, seen: seconds() };
    switch (name) {
      case "snapshot":
        this.statename = data.statename;
        this.#replace(data.processes);
        break;
      case "process":
        this.#put(data.process, data.from);
        break;
      case "group-added":
        data.processes.forEach((process) => this.#put(process));
        break;
      case "group-removed":
        this.#remove((process) => process.group === data.group);
        break;
      case "supervisor":
        this.statename = data.statename;
        break;
      case "usage":
        for (const [namespec, usage] of Object.entries(data.usage)) {
          const process = this.processes.get(namespec);
          if (process) process.usage = usage;
        }
    }
    this.#changed();
  }

  #replace(processes) {
    const there = new Set(processes.map((process) => process.namespec));
    this.#remove((process) => !there.has(process.namespec));
    processes.forEach((process) => this.#put(process));
  }

  /** A change tells from which state; whoever tells all of a process tells its history, too. */
  #put(process, from) {
    const before = this.processes.get(process.namespec);
    process.bornAt = seconds() - process.uptime;
    process.history ??= before?.history ?? [];
    if (from) extend(process.history, from, process.statename, this.now());
    process.rank = before?.rank ?? 0;
    this.#ranksAreStale ||= !before;
    this.processes.set(process.namespec, process);
  }

  #remove(isGone) {
    for (const process of this.processes.values()) {
      if (!isGone(process)) continue;
      this.processes.delete(process.namespec);
      this.results.delete(process.namespec);
    }
  }

  /** Every process, each with its place by group and name as `rank`. */
  ranked() {
    const all = [...this.processes.values()];
    if (this.#ranksAreStale) {
      all.sort((a, b) => byName.compare(a.group, b.group) || byName.compare(a.name, b.name));
      all.forEach((process, rank) => (process.rank = rank));
      this.#ranksAreStale = false;
    }
    return all;
  }

  /** Notes what becomes of an action, for a while. */
  tell(keys, kind, text) {
    const result = { kind, text };
    for (const key of keys) this.results.set(key, result);
    if (kind in LASTS) setTimeout(() => this.#forget(keys, result), LASTS[kind]);
    this.#changed();
  }

  #forget(keys, result) {
    for (const key of keys) if (this.results.get(key) === result) this.results.delete(key);
    this.#changed();
  }
}

/** What became of an action, with a sign that needs no colour. */
export const resultText = ({ kind, text }) => `${{ busy: "…", ok: "✓", idle: "–", error: "✖" }[kind]} ${text}`;

/** Seconds since a process was started; 0 where there is none. */
export const uptime = (process) => (process.pid ? seconds() - process.bornAt : 0);

/** What is to be said of a process beside its state, pid and uptime. */
export function describe(process) {
  if (process.statename !== "RUNNING") return process.description;
  return process.usage?.processes > 1 ? processes(process.usage.processes) : "";
}

/** Whether there is a child to stop. */
export const isUp = (process) => ["STARTING", "RUNNING", "BACKOFF"].includes(process.statename);

/** How supervisorctl calls a process. */
export const namespec = (group, name) => (group === name ? name : `${group}:${name}`);
