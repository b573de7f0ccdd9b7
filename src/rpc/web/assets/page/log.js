// A log as it grows: follow, pause, search, colours, download.

import { Ansi, frank } from "./ansi.js";
import { copy, h, remember, remembered, setText } from "./dom.js";
import { bytes, number } from "./format.js";
import { SharedStream } from "./shared.js";
import { LASTS } from "./store.js";
import { reason } from "./stream.js";

const MOST_LINES = 5000;
const LONGEST_LINE = 20_000;
const TAIL = 128 * 1024;
const CLEARED = "Cleared.";

/** Highlights matches within lines, where the browser can. */
const highlight = globalThis.Highlight && CSS.highlights ? new Highlight() : null;
if (highlight) CSS.highlights.set("match", highlight);

/** The view of one log. `url` is the log's resource; `clear()` empties it or fails. */
export class LogView {
  element = h("div", { class: "log-view" });
  #parts;
  #lines;
  #stream;
  #ansi = new Ansi();
  /** Text that has come and is not shown yet. */
  #waiting = "";
  /** The last line, while its end is still to come. */
  #open = null;
  #openText = "";
  #frame = 0;
  #settling = 0;
  /** How far it was scrolled last. */
  #top = 0;
  #isFollowing = true;
  #isPaused = false;
  #isRefused = false;
  #isWaiting = false;
  #current = null;

  constructor(url, { clear } = {}) {
    this.element.append(copy("log"));
    const part = (name) => this.element.querySelector(`.${name}`);
    this.#parts = Object.fromEntries(
      ["follow", "pause", "wrap", "find", "hits", "previous", "next", "download", "clear", "told", "log"].map(
        (name) => [name, part(name)],
      ),
    );
    this.#lines = this.#parts.log;
    this.#parts.download.href = `${url}?download=true`;
    this.#listen(clear);
    this.#stream = new SharedStream(`${url}/follow?tail=${TAIL}`, {
      open: () => this.#lose(null),
      aside: () => this.#setAside(),
      lost: (error, wait) => this.#lose(error, wait),
      event: (name, data) => this.#take(name, data),
    });
    this.#stream.open();
  }

  close() {
    this.#stream.close();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#settling);
    highlight?.clear();
  }

  /** Asks again for a log that was not there: its process has changed. */
  lookAgain() {
    if (this.#isRefused) this.#stream.open();
  }

  /** Waits no longer for the next attempt: supervisord is back. */
  goOn() {
    if (this.#isWaiting) this.#stream.open();
  }

  #setAside() {
    this.#isWaiting = false;
    this.#tell("Other tabs follow their logs; this one goes on when you come back to it.");
  }

  #lose(error, wait) {
    this.#isRefused = error !== null && wait === null;
    this.#isWaiting = error !== null && wait !== null;
    if (!error) this.#tell("");
    else if (error.status === 404) this.#tell("There is no such log.");
    else this.#tell(`${sentence(error.message)}${this.#isWaiting ? " Trying again…" : ""}`);
  }

  toggleFollow() {
    this.#follow(!this.#isFollowing);
  }

  togglePause() {
    this.#isPaused = !this.#isPaused;
    this.#parts.pause.setAttribute("aria-pressed", this.#isPaused);
    this.#flush();
  }

  focusSearch() {
    this.#parts.find.focus();
  }

  #listen(clear) {
    const { follow, pause, wrap, find, previous, next } = this.#parts;
    follow.addEventListener("click", () => this.toggleFollow());
    pause.addEventListener("click", () => this.togglePause());
    wrap.addEventListener("click", () => this.#wrap(!this.#lines.classList.contains("wrapped")));
    this.#wrap(remembered("wrap", true));
    find.addEventListener("input", () => this.#search());
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
      // What is searched for goes before the panel does.
      if (event.key !== "Escape" || !find.value) return;
      event.preventDefault();
      find.value = "";
      this.#search();
    });
    previous.addEventListener("click", () => this.step(-1));
    next.addEventListener("click", () => this.step(1));
    this.#parts.clear.hidden = !clear;
    this.#parts.clear.addEventListener("click", () => this.#empty(clear));
    this.#lines.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#isFollowing && this.#toEnd()).observe(this.#lines);
  }

  async #empty(clear) {
    try {
      await clear();
      this.#lines.replaceChildren();
      this.#open = null;
      this.#waiting = this.#openText = "";
      this.#search();
      this.#tell(CLEARED);
      setTimeout(() => this.#parts.told.textContent === CLEARED && this.#tell(""), LASTS.ok);
    } catch (error) {
      this.#tell(sentence(reason(error)));
    }
  }

  #tell(text) {
    setText(this.#parts.told, text);
  }

  #wrap(isWrapped) {
    this.#lines.classList.toggle("wrapped", isWrapped);
    this.#parts.wrap.setAttribute("aria-pressed", isWrapped);
    remember("wrap", isWrapped);
  }

  #follow(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#parts.follow.setAttribute("aria-pressed", isFollowing);
    if (isFollowing) this.#toEnd();
  }

  /** Lines have their true height only once they are seen, so the end may move away at first. */
  #toEnd() {
    this.#lines.scrollTop = this.#lines.scrollHeight;
    this.#top = this.#lines.scrollTop;
    cancelAnimationFrame(this.#settling);
    this.#settling = requestAnimationFrame(() => {
      this.#scrolled();
      if (this.#isFollowing && !this.#isAtEnd()) this.#toEnd();
    });
  }

  #isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.#lines;
    return scrollTop + clientHeight >= scrollHeight - 4;
  }

  /** Who scrolls up wants to read; who scrolls to the end wants to follow. */
  #scrolled() {
    const isUp = this.#lines.scrollTop < this.#top;
    this.#top = this.#lines.scrollTop;
    if (this.#isAtEnd()) this.#isFollowing = true;
    else if (isUp) this.#isFollowing = false;
    this.#parts.follow.setAttribute("aria-pressed", this.#isFollowing);
  }

  #take(name, data) {
    this.#waiting += name === "output" ? data.text : this.#note(name, data);
    // While paused no more is kept than is ever shown.
    const most = MOST_LINES * 200;
    if (this.#waiting.length > most * 2) this.#waiting = this.#waiting.slice(-most);
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  /** A line that tells what has become of the log; that it begins anew is news only below old lines. */
  #note(name, data) {
    const isEmpty = !this.#waiting && !this.#lines.childElementCount;
    if (isEmpty && name !== "skipped") return "";
    const isAtStart = this.#waiting ? this.#waiting.endsWith("\n") : this.#open === null;
    const note = name === "skipped" ? `${bytes(data.bytes)} left out` : name;
    return `${isAtStart ? "" : "\n"}\x1b[2m— ${note} —\x1b[0m\n`;
  }

  /** Shows what has come. */
  #flush() {
    this.#frame = 0;
    if (this.#isPaused) {
      const lines = this.#waiting.split("\n").length - 1;
      return setText(this.#parts.pause, lines ? `Paused: ${number(lines)} new` : "Paused");
    }
    setText(this.#parts.pause, "Pause");
    const lines = this.#waiting.split("\n");
    this.#waiting = "";
    const last = lines.pop();
    const added = lines.slice(-MOST_LINES).map((text) => this.#line(text));
    if (last) {
      // A line without end is shown by its end.
      this.#openText = (this.#openText + last).slice(-LONGEST_LINE);
      this.#open ??= h("div", { class: "line" });
      this.#open.replaceChildren(...render(new Ansi(), shown(this.#openText)));
      added.push(this.#open);
    }
    this.#lines.append(...added);
    for (let extra = this.#lines.childElementCount - MOST_LINES; extra > 0; extra -= 1) {
      this.#lines.firstElementChild.remove();
    }
    if (this.#isFollowing) this.#toEnd();
    if (this.#parts.find.value) this.#search(added);
  }

  /** A line that is complete; it takes the place of the one that was open. */
  #line(text) {
    const element = this.#open ?? h("div", { class: "line" });
    const whole = this.#openText + text;
    this.#open = null;
    this.#openText = "";
    element.replaceChildren(...render(this.#ansi, shown(whole)));
    return element;
  }

  /** Marks the lines that match: all, or those that were added. */
  #search(added = null) {
    const wanted = this.#parts.find.value.toLowerCase();
    if (!added) {
      highlight?.clear();
      this.#mark(null);
    }
    for (const line of added ?? this.#lines.children) {
      const isHit = wanted !== "" && line.textContent.toLowerCase().includes(wanted);
      line.classList.toggle("hit", isHit);
      if (isHit && highlight) ranges(line, wanted).forEach((range) => highlight.add(range));
    }
    this.#count();
  }

  /** Tells how many lines match, and which of them is the current one. */
  #count() {
    const hits = this.#hits();
    const at = hits.indexOf(this.#current);
    const lines = `${number(hits.length)} line${hits.length === 1 ? "" : "s"}`;
    setText(this.#parts.hits, !this.#parts.find.value ? "" : at < 0 ? lines : `${number(at + 1)} of ${lines}`);
  }

  #hits() {
    return [...this.#lines.querySelectorAll(".hit")];
  }

  /** Goes to the next match, or to the previous one; at first to the last that can be seen. */
  step(direction) {
    const hits = this.#hits();
    if (!hits.length) return;
    const at = hits.indexOf(this.#current);
    const next = at < 0 ? this.#lastSeen(hits) : (at + direction + hits.length) % hits.length;
    this.#mark(hits[next]);
    this.#follow(false);
    this.#current.scrollIntoView({ block: "center" });
    this.#count();
  }

  #lastSeen(hits) {
    const end = this.#lines.getBoundingClientRect().bottom;
    return Math.max(0, hits.findLastIndex((line) => line.getBoundingClientRect().top < end));
  }

  #mark(line) {
    this.#current?.classList.remove("current");
    this.#current = line;
    line?.classList.add("current");
  }
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What a terminal would show of a line: after a carriage return it begins anew. */
function shown(text) {
  const line = text.replace(/\r+$/, "");
  return line.slice(line.lastIndexOf("\r") + 1, LONGEST_LINE + line.lastIndexOf("\r") + 1);
}

function render(ansi, text) {
  return ansi.pieces(frank(text)).map(({ text, style }) => (style ? styled(text, style) : document.createTextNode(text)));
}

function styled(text, style) {
  const span = h("span", {}, text);
  for (const name of ["bold", "dim", "italic", "underline", "inverse"]) {
    if (style[name]) span.classList.add(name);
  }
  paint(span, style.color, "color", "ink");
  paint(span, style.background, "backgroundColor", "paper");
  return span;
}

/** One of the eight colours has a name, which fits light and dark; others are as they are. */
function paint(span, color, property, prefix) {
  if (!color) return;
  if (color.startsWith("#")) span.style[property] = color;
  else span.classList.add(`${prefix}-${color}`);
}

/** Where a text is found in a line. */
function ranges(line, wanted) {
  const found = [];
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.toLowerCase();
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, Math.min(node.length, at + wanted.length));
      found.push(range);
    }
  }
  return found;
}
