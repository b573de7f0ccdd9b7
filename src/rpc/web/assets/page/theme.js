// Before the first paint: the chosen theme, and no plain page for a moment where a live one comes.

const root = document.documentElement;

try {
  const theme = localStorage.getItem("theme");
  if (theme) root.dataset.theme = theme;
} catch {
  // Storage is forbidden; the browser's preference counts.
}

/** Where the live page doesn't come soon, the plain one is better than none. */
const PATIENCE = 3000;
const wait = () => root.classList.remove("is-coming");
root.classList.add("has-scripts", "is-coming");
setTimeout(wait, PATIENCE);
addEventListener("error", wait, { capture: true, once: true });
