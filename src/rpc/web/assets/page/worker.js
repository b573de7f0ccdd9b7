// Runs once for all tabs of a browser, which opens six connections to a server and no more: tabs
// that kept streams of their own would starve each other. Here one stream of events serves all
// tabs, few logs are followed at once, and few answers are waited for.

import { act } from "./act.js";
import { reason, Stream } from "./stream.js";

/** So many logs are followed at once: those that were looked at last. */
const MOST_LOGS = 2;

/** The stream of events, and those who listen: `tell(what, ...)` reaches a stream of a tab. */
let feed = null;
const listeners = new Set();

/** The logs that somebody wants to follow, as `{stream, tell}`; the one looked at last is the last. */
const logs = [];

/** What a stream is to do with what it hears. */
const on = (tell) => Object.fromEntries(["open", "event", "lost"].map((what) => [what, (...rest) => tell(what, ...rest)]));

const tellAll = (...said) => listeners.forEach((tell) => tell(...said));

/** A newcomer must know how everything is, so the stream begins anew for all. */
function listen(url, tell) {
  feed ??= new Stream(url, on(tellAll));
  listeners.add(tell);
  feed.open();
  return {
    open: () => feed.open(),
    close() {
      listeners.delete(tell);
      if (!listeners.size) feed.close();
    },
  };
}

function follow(url, tell, lastId) {
  const log = { stream: new Stream(url, on(tell), lastId), tell };
  const leave = () => logs.splice(logs.indexOf(log) >>> 0, 1);
  const open = () => {
    leave();
    logs.push(log);
    setAside();
  };
  open();
  return {
    open,
    close() {
      leave();
      log.stream.close();
      setAside();
    },
  };
}

/** Opens the logs that were looked at last, at once where they wait to be tried again, and no others. */
function setAside() {
  logs.forEach(({ stream, tell }, at) => {
    const isWanted = at >= logs.length - MOST_LOGS;
    if (isWanted && (!stream.isOpen || stream.isWaiting)) stream.open();
    if (isWanted || !stream.isOpen) return;
    stream.close();
    tell("aside");
  });
}

/** A tab has come. Its streams and actions have ids. */
onconnect = ({ ports: [port] }) => {
  const streams = new Map();
  const verbs = {
    open({ id, url, isShared, lastId }) {
      const there = streams.get(id);
      if (there) return there.open();
      const tell = (what, ...rest) => port.postMessage({ id, what, rest });
      streams.set(id, (isShared ? listen : follow)(url, tell, lastId));
    },
    close({ id }) {
      streams.get(id)?.close();
      streams.delete(id);
    },
    act({ id, url, order }) {
      act(url, order).then(
        (done) => port.postMessage({ id, done }),
        (error) => port.postMessage({ id, refused: { status: error.status, message: reason(error) } }),
      );
    },
  };
  port.onmessage = ({ data }) => verbs[data.verb](data);
};
