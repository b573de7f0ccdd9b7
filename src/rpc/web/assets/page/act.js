// Actions as requests, few of which are waited for to their end.

import { answer } from "./stream.js";

/** So many answers are waited for at once: browsers open six connections to a server. */
const MOST_WAITING = 2;

let waiting = 0;
/** Who wants to wait and can't yet. */
const queue = [];

/**
 * POSTs an action: `{results, wait}`. Where too many wait already it is not waited for the end;
 * a restart, which can't be asked for like that, waits for its turn.
 */
export async function act(url, order) {
  if (waiting >= MOST_WAITING) {
    if (order.action !== "restart") return { results: await post(url, order, false), wait: false };
    await new Promise((resolve) => queue.push(resolve));
  }
  waiting += 1;
  try {
    return { results: await post(url, order, true), wait: true };
  } finally {
    waiting -= 1;
    queue.shift()?.();
  }
}

async function post(url, order, wait) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...order, wait }),
  });
  return (await answer(response)).results;
}
