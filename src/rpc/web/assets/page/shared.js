// The streams and actions of this tab, by way of the worker that all tabs share. Where a browser has
// no such workers the tab has its own.

import { act as actAlone } from "./act.js";
import { Refused, Stream } from "./stream.js";

/** A tab that nobody sees lets go of its streams after a while, in milliseconds. */
const HIDDEN_TIME = 60_000;

let port = join();
let nextId = 1;
/** id → an open stream. */
const streams = new Map();
/** id → what is to become of an action: `{resolve, reject}`. */
const actions = new Map();

function join() {
  if (!globalThis.SharedWorker) return null;
  const worker = new SharedWorker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.port.onmessage = ({ data }) => hear(data);
  worker.onerror = goAlone;
  return worker.port;
}

function hear({ id, what, rest, done, refused }) {
  if (what) return streams.get(id)?.hear(what, rest);
  const action = actions.get(id);
  actions.delete(id);
  if (done) action?.resolve(done);
  else action?.reject(new Refused(refused.status, refused.message));
}

/** There is no worker after all. */
function goAlone() {
  port = null;
  for (const { reject } of actions.values()) reject(new Error("not sent; try again"));
  actions.clear();
  for (const stream of streams.values()) stream.open();
}

/** POSTs an action: `{results, wait}`. */
export function act(url, order) {
  if (!port) return actAlone(url, order);
  const id = nextId++;
  port.postMessage({ id, verb: "act", url, order });
  return new Promise((resolve, reject) => actions.set(id, { resolve, reject }));
}

/** A stream of this tab. Tabs share one stream of events; logs are their own. */
export class SharedStream {
  #id = nextId++;
  #url;
  #on;
  #isShared;
  #alone = null;
  #lastId = null;

  /** `on` is told as by `Stream`, and `on.aside()`: other tabs follow logs, this one waits. */
  constructor(url, on, { isShared = false } = {}) {
    this.#url = url;
    this.#on = on;
    this.#isShared = isShared;
  }

  /** Opens it, or tries again at once. */
  open() {
    streams.set(this.#id, this);
    const [url, lastId] = [this.#url, this.#lastId];
    if (port) return port.postMessage({ id: this.#id, verb: "open", url, isShared: this.#isShared, lastId });
    const on = (what) => (...rest) => this.hear(what, rest);
    this.#alone ??= new Stream(url, { open: on("open"), event: on("event"), lost: on("lost") }, lastId);
    this.#alone.open();
  }

  close() {
    streams.delete(this.#id);
    this.suspend();
  }

  /** Lets go of the connection until it is opened again. */
  suspend() {
    this.#alone?.close();
    port?.postMessage({ id: this.#id, verb: "close" });
  }

  /** What this tab shows is looked at: it goes before other tabs. */
  look() {
    if (port && !this.#isShared) this.open();
  }

  /** Takes what the worker says; what it brought last is where another stream goes on. */
  hear(what, rest) {
    if (what === "event") this.#lastId = rest[2] ?? this.#lastId;
    this.#on[what]?.(...rest);
  }
}

let hiding = 0;
let isSuspended = false;

function suspend() {
  isSuspended = true;
  for (const stream of streams.values()) stream.suspend();
}

function resume() {
  clearTimeout(hiding);
  for (const stream of streams.values()) {
    if (isSuspended) stream.open();
    else stream.look();
  }
  isSuspended = false;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiding = setTimeout(suspend, HIDDEN_TIME);
  else resume();
});
addEventListener("focus", resume);
addEventListener("pagehide", suspend);
addEventListener("pageshow", (event) => event.persisted && resume());
