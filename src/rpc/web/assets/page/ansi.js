// What terminals make of text: ANSI escape sequences (ECMA-48) to styled pieces of it. Pure.

const BASIC = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

// CSI with its parameters and final byte; OSC up to its end; other short escapes; control characters.
const ESCAPE = /\x1b\[([0-9;:?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~]|[\x00-\x08\x0b-\x1f\x7f]/g;

const PLAIN = { color: null, background: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

/** Reads texts one after the other; the style goes on from one to the next. */
export class Ansi {
  #style = { ...PLAIN };

  /** The pieces of a text: `{text, style}`; a style is null where it is plain. */
  pieces(text) {
    const pieces = [];
    let from = 0;
    const push = (to) => {
      if (to > from) pieces.push({ text: text.slice(from, to), style: this.#current() });
    };
    for (const escape of text.matchAll(ESCAPE)) {
      push(escape.index);
      from = escape.index + escape[0].length;
      if (escape[2] === "m") this.#select(escape[1]);
    }
    push(text.length);
    return pieces;
  }

  #current() {
    return Object.values(this.#style).some(Boolean) ? { ...this.#style } : null;
  }

  /** Select Graphic Rendition: parameters by semicolons; a colour may have its own by colons. */
  #select(parameters) {
    const all = parameters.split(";");
    for (let at = 0; at < all.length; at += 1) {
      const [code, ...parts] = all[at].split(":");
      if (code !== "38" && code !== "48") {
        this.#set(Number(code), parts);
        continue;
      }
      const [color, length] = parts.length ? [withColons(parts), 0] : extended(all.slice(at + 1));
      this.#style[code === "38" ? "color" : "background"] = color;
      at += length;
    }
  }

  #set(code, [kind]) {
    const style = this.#style;
    if (code === 0) Object.assign(style, PLAIN);
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = kind !== "0";
    else if (code === 7) style.inverse = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 23) style.italic = false;
    else if (code === 24) style.underline = false;
    else if (code === 27) style.inverse = false;
    else if (code >= 30 && code <= 37) style.color = BASIC[code - 30];
    else if (code === 39) style.color = null;
    else if (code >= 40 && code <= 47) style.background = BASIC[code - 40];
    else if (code === 49) style.background = null;
    else if (code >= 90 && code <= 97) style.color = BASIC[code - 90];
    else if (code >= 100 && code <= 107) style.background = BASIC[code - 100];
  }
}

/** `5;n` is one of 256 colours, `2;r;g;b` any; and how many parameters that took. */
function extended([kind, ...rest]) {
  if (kind === "5") return [palette(Number(rest[0])), 2];
  if (kind === "2") return [rgb(rest.slice(0, 3).map(Number)), 4];
  return [null, 0];
}

/** The same with colons (ISO 8613-6), where `2:` may name a colour space first, which may be empty. */
function withColons([kind, ...rest]) {
  if (kind === "2" && rest.length > 3) rest.shift();
  return extended([kind, ...rest])[0];
}

function palette(index) {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return BASIC[index % 8];
  if (index >= 232) return rgb([8, 8, 8].map((base) => base + (index - 232) * 10));
  const level = (step) => (step ? 55 + step * 40 : 0);
  const cube = index - 16;
  return rgb([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

function rgb(parts) {
  if (parts.length < 3 || !parts.every((part) => part >= 0 && part <= 255)) return null;
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Marks that make text run the other way, so that it does not read as it is. */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text in which nothing lies hidden. */
export const frank = (text) => text.replace(TURNS, (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

/** A text without styles. */
export const plain = (text) => new Ansi().pieces(frank(text)).map((piece) => piece.text).join("");
