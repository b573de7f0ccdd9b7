// The line of a process's states over the last hour: stretches `{from, statename, changes}` as the
// daemon remembers them, oldest first, and what the page has seen since. Before the first nothing is
// known. Several changes in one stretch are short states put together, of which it names the worst.

import { drawn } from "./dom.js";
import { moment, number } from "./format.js";

/** How far back the line goes, in seconds. */
export const WINDOW = 3600;

/** So many stretches are kept. */
const MOST = 64;

/** The height of the line. */
const TALL = 16;

/** Height of a state in the line, so that it needs no colour: up is high, down is low. */
const HEIGHT = {
  RUNNING: 14,
  STARTING: 9,
  STOPPING: 9,
  BACKOFF: 6,
  FATAL: 4,
  EXITED: 2,
  STOPPED: 2,
  UNKNOWN: 4,
};

/** From bad to good. */
const WORST = ["FATAL", "BACKOFF", "UNKNOWN", "EXITED", "STOPPED", "STOPPING", "STARTING", "RUNNING"];

/** Adds a change of state that was told, unless the history has it already. */
export function extend(history, from, statename, now) {
  const last = history.at(-1);
  if (from === statename || (last && last.statename !== from)) return;
  history.push({ from: now, statename, changes: 1 });
  if (history.length > MOST) putTogether(history);
}

/** Makes one of the two neighbours that lasted shortest; the first and the last stay as they are. */
function putTogether(history) {
  let at = 1;
  const lasted = (place) => history[place + 1].from - history[place].from;
  for (let place = 1; place < history.length - 2; place += 1) if (lasted(place) < lasted(at)) at = place;
  const [one, other] = history.slice(at, at + 2);
  const statename = WORST.find((state) => [one.statename, other.statename].includes(state));
  history.splice(at, 2, { from: one.from, statename, changes: one.changes + other.changes });
}

/** Draws the line into an svg element: nothing but a dashed ground where nothing is known. */
export function draw(svg, history, now) {
  const share = (time) => Math.min(100, Math.max(0, ((time - now + WINDOW) / WINDOW) * 100));
  const parts = [ground(share(history[0]?.from ?? now))];
  history.forEach(({ from, statename, changes }, at) => {
    const end = share(history[at + 1]?.from ?? now);
    const isLast = at === history.length - 1;
    if (end === 0) return;
    const begin = Math.min(share(from), 99);
    const width = Math.max(isLast ? 1 : 0.4, end - begin);
    if (changes > 1) parts.push(bar(statename, begin, width, HEIGHT.RUNNING, "changing"));
    parts.push(bar(statename, begin, width, HEIGHT[statename]));
  });
  svg.replaceChildren(...parts);
}

const ground = (end) => drawn("line", { class: "unknown-past", x1: 0, x2: end.toFixed(2), y1: TALL - 1, y2: TALL - 1 });

const bar = (state, x, width, height, more = "") =>
  drawn("rect", { class: `${state.toLowerCase()} ${more}`, x: x.toFixed(2), width: width.toFixed(2), y: TALL - height, height });

/** An empty line, to be drawn into. */
export const line = () =>
  drawn("svg", { class: "line-of-states", viewBox: `0 0 100 ${TALL}`, preserveAspectRatio: "none", role: "img" });

/** The line in words. */
export function inWords(history, now) {
  const begin = now - WINDOW;
  const changes = history.filter(({ from }) => from > begin).reduce((sum, one) => sum + one.changes, 0);
  const isMore = history[0]?.from <= begin && history[0].changes > 1;
  const since = history[0]?.from > begin ? `; nothing is known of the time before ${moment(history[0].from)}` : "";
  const state = history.at(-1)?.statename ?? "UNKNOWN";
  return `${state} now; ${isMore ? "at least " : ""}${number(changes)} change${changes === 1 ? "" : "s"} in the last hour${since}`;
}

/** Whether a process was started again by itself within the hour. */
export const hasRestarted = (history, now) =>
  history.some(({ from, statename, changes }, at) => {
    const before = history[at - 1]?.statename;
    const isAgain = changes > 1 || (statename === "STARTING" && ["EXITED", "BACKOFF"].includes(before));
    return isAgain && from > now - WINDOW;
  });
