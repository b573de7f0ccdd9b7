// Sets the chosen theme before the first paint; without a choice the browser's preference counts.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden; the preference counts.
}
