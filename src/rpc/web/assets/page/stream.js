// Server-sent events over fetch: unlike EventSource it tells why it was refused, waits longer and
// longer between attempts, and notices a connection that has silently died.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
// The server says something every five seconds at least.
const SILENCE = 10_000;

/** What the server refused, with its own words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The refusal that an answer is, from its problem document where there is one. */
export async function refusal(response) {
  const problem = await response.json().catch(() => null);
  return new Refused(response.status, problem?.detail ?? response.statusText);
}

/** What an answer says, or its refusal as an error. */
export async function answer(response) {
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** An error in words; browsers have none for a server that can't be reached. */
export const reason = (error) => (error instanceof TypeError ? "there is no connection" : error.message);

/** Whether to ask for the same again is of no use. */
const isFinal = ({ status }) => status >= 400 && status < 500 && ![408, 429].includes(status);

/** Splits a text that comes in pieces into events. */
export class Parser {
  #pending = "";

  /** The events that this piece completes, as `{id, name, data}`. */
  push(piece) {
    const seam = this.#pending.at(-1) === "\n" ? "\n" : "";
    const isWhole = (seam + piece).includes("\n\n");
    this.#pending += piece;
    if (!isWhole) return [];
    const blocks = this.#pending.split("\n\n");
    this.#pending = blocks.pop();
    return blocks.map(parse).filter((event) => event.name);
  }
}

function parse(block) {
  const event = {};
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    else if (line.startsWith("id: ")) event.id = line.slice(4);
    else if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6));
  }
  return event;
}

/** A stream that is opened again whenever it ends, until it is closed. */
export class Stream {
  #url;
  #on;
  #abort = null;
  #lastId = null;
  #failures = 0;
  #pause = 0;

  /**
   * `on.open()`, `on.event(name, data, id)`, `on.lost({status, message}, seconds until the next
   * attempt)`, or null where there will be none. A `lastId` is the place behind which to begin.
   */
  constructor(url, on, lastId = null) {
    this.#url = url;
    this.#on = on;
    this.#lastId = lastId;
  }

  get isOpen() {
    return this.#abort !== null;
  }

  /** Whether it was lost and its next attempt is still to come. */
  get isWaiting() {
    return this.#pause !== 0;
  }

  /** Opens it, or tries again at once. */
  open() {
    this.close();
    const abort = new AbortController();
    this.#abort = abort;
    this.#read(abort).catch((error) => {
      if (this.#abort === abort) this.#lose(error);
    });
  }

  close() {
    clearTimeout(this.#pause);
    this.#pause = 0;
    this.#abort?.abort();
    this.#abort = null;
  }

  async #read(abort) {
    let watch = 0;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(new Error("supervisord is silent")), SILENCE);
    };
    heard();
    try {
      const headers = this.#lastId ? { "Last-Event-ID": this.#lastId } : {};
      const response = await fetch(this.#url, { headers, signal: abort.signal, cache: "no-store" });
      if (!response.ok) throw await refusal(response);
      this.#on.open();
      const parser = new Parser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the connection was closed");
        heard();
        for (const event of parser.push(value)) {
          this.#failures = 0;
          this.#lastId = event.id ?? this.#lastId;
          this.#on.event(event.name, event.data, event.id);
        }
      }
    } finally {
      clearTimeout(watch);
    }
  }

  #lose(error) {
    const lost = { status: error.status, message: reason(error) };
    if (isFinal(error)) {
      this.close();
      return this.#on.lost(lost, null);
    }
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures += 1;
    // Many pages that lost the same server don't come back at the same moment.
    const wait = pause * (0.75 + Math.random() / 2);
    this.#pause = setTimeout(() => this.open(), wait);
    this.#on.lost(lost, Math.ceil(wait / 1000));
  }
}
