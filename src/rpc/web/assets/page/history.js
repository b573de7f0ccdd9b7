// The line of a process's states over the last hour: what the page has seen, and what the daemon
// remembers from before.

/** How far back the line goes, in seconds. */
export const WINDOW = 3600;
const MOST = 200;
const SVG = "http://www.w3.org/2000/svg";

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

/** What a process's own times let us guess: `[time, state, true]`, oldest first. */
export function known(process, now) {
  const { start, stop, statename: state } = process;
  if (!start) return [[now, state, true]];
  if (stop > start) return [[start, "RUNNING", true], [stop, state, true]];
  return stop ? [[stop, "EXITED", true], [start, state, true]] : [[start, state, true]];
}

/** What the last exits tell: each child ran from its start to its stop. */
export function ofExits(exits) {
  return exits.toReversed().flatMap(({ start, stop, reason }) => [
    [start, reason === "too_quickly" ? "STARTING" : "RUNNING"],
    [stop, { stopped: "STOPPED", too_quickly: "BACKOFF" }[reason] ?? "EXITED"],
  ]);
}

/** Adds what comes later than what is there; the last is how it is now. */
export function extend(history, entries, state, now) {
  const last = history.at(-1)?.[0] ?? -1;
  history.push(...entries.filter(([time]) => time > last));
  if (history.at(-1)?.[1] !== state) history.push([now, state]);
  if (history.length > MOST) history.splice(0, history.length - MOST);
}

/** Puts what is known of the past in the place of what was guessed of it. */
export function prepend(history, past) {
  const last = past.at(-1)?.[0] ?? -1;
  const kept = history.filter(([time, , isGuess]) => !isGuess || time > last);
  const first = kept[0]?.[0] ?? Infinity;
  history.splice(0, history.length, ...past.filter(([time]) => time < first), ...kept);
}

/** The stretches within the window: `{from, to, state}` in shares of it, 0 to 1. */
export function stretches(history, now) {
  const begin = now - WINDOW;
  const share = (time) => Math.min(1, Math.max(0, (time - begin) / WINDOW));
  return history
    .map(([time, state], at) => ({ from: share(time), to: share(history[at + 1]?.[0] ?? now), state }))
    .filter(({ from, to }, at, all) => to > from || at === all.length - 1);
}

/** Draws the line into an svg element. */
export function draw(svg, history, now) {
  const parts = stretches(history, now).map(({ from, to, state }) => {
    const part = document.createElementNS(SVG, "rect");
    part.setAttribute("class", state.toLowerCase());
    part.setAttribute("x", (Math.min(from, 0.99) * 100).toFixed(2));
    part.setAttribute("width", Math.max(1, (to - from) * 100).toFixed(2));
    part.setAttribute("y", 16 - HEIGHT[state]);
    part.setAttribute("height", HEIGHT[state]);
    return part;
  });
  svg.replaceChildren(...parts);
}

/** An empty line, to be drawn into. */
export function line() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 16");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("class", "line-of-states");
  return svg;
}

/** The line in words. */
export function inWords(history, now) {
  const recent = history.filter(([time]) => time > now - WINDOW).length;
  const state = history.at(-1)?.[1] ?? "UNKNOWN";
  const changes = Math.max(0, recent - (history.length === recent ? 1 : 0));
  return `${state} now; ${changes} change${changes === 1 ? "" : "s"} in the last hour`;
}
