// Making elements, and keeping small choices.

/**
 * An element with attributes, listeners (`onclick`) and children. Text is always text, never HTML.
 * Attributes that are false, null or undefined are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function drawn(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** One of the page's own signs. It says nothing: what it stands for is said beside it. */
export function glyph(name) {
  const sign = drawn("svg", { class: "glyph", "aria-hidden": "true" });
  sign.append(drawn("use", { href: `#i-${name}` }));
  return sign;
}

/** The element of an id. */
export const $ = (id) => document.getElementById(id);

/** A copy of a template's content. */
export const copy = (id) => $(id).content.cloneNode(true);

/** Sets a text only where it differs, so that nothing is laid out for nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute only where it differs; null removes it. */
export function setAttribute(element, name, value) {
  if (value == null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** A choice of the user, kept in this browser. */
export function remembered(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a choice. */
export function remember(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage is forbidden or full: the choice lasts as long as the page.
  }
}
