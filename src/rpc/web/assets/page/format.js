// Numbers and times as people read them.

/** How each state looks without colour. */
export const STATES = {
  RUNNING: "●",
  STARTING: "◔",
  STOPPING: "◑",
  BACKOFF: "↻",
  FATAL: "✖",
  EXITED: "◇",
  STOPPED: "○",
  UNKNOWN: "?",
};

/** `0:00:21`, or `1 day, 2:03:04` as Supervisor says it. */
export function duration(seconds) {
  seconds = Math.max(0, Math.floor(seconds));
  const days = Math.floor(seconds / 86400);
  const two = (number) => String(number).padStart(2, "0");
  const time = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days ? `${days} day${days > 1 ? "s" : ""}, ${time}` : time;
}

/** The same in short, which changes no more often than it must: `21 s`, `3 h 12 min`. */
export function short(seconds) {
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(Math.max(0, seconds) / unit));
  if (days) return `${days} d ${hours % 24} h`;
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min` : `${Math.floor(Math.max(0, seconds))} s`;
}

/** Bytes in the unit that fits. */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${count < 10 && unit > 0 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

/** A share of one CPU. */
export const percent = (share) => (share == null ? "…" : `${share.toFixed(1)} %`);

/** A number with a grouping that the reader is used to. */
export const number = (count) => count.toLocaleString();

/** `1 process`, `2 processes`. */
export const processes = (count) => `${number(count)} process${count === 1 ? "" : "es"}`;

const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** A moment in Unix seconds as local time; with the date unless it is today. */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  const time = date.toLocaleTimeString([], { hour12: false });
  return sameDay(date, new Date()) ? time : `${date.toLocaleDateString()} ${time}`;
}
