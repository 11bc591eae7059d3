// Pictures of four pixels, each with its value written on it; to look at, or to draw.

import { el, setText } from "../../dom.js";
import { fixed } from "../numerals.js";
import { PIXELS } from "../pictures.js";
import { makeSlider } from "./sliders.js";

const PAPER = [255, 253, 246];
const INK = [29, 27, 24];
/** Darker pixels carry white text. At this value black and white text both have a contrast of more than 4.5. */
export const WHITE_TEXT_FROM = 0.6;

/**
 * @param {ArrayLike<number>} values
 * @param {string} name what the picture is, for those who cannot see it
 * @param {"small" | "tiny" | ""} [size]
 * @returns {HTMLDivElement}
 */
export function tile(values, name, size = "") {
  const pixels = Array.from(values, (value) => paint(el("span"), value));
  const said = Array.from(values, (value, i) => `${PIXELS[i]} ${value.toFixed(2)}`).join(", ");
  return el("div", { class: `tile ${size}`.trim(), role: "img", "aria-label": `${name}: ${said}` }, ...pixels);
}

/**
 * One of a row of pictures that G makes along z.
 * @param {number} z
 * @param {HTMLElement} picture
 * @param {(Node | string)[]} said of it, below
 * @param {boolean} [isMiss] whether it is marked as one
 * @returns {HTMLLIElement}
 */
export function stripItem(z, picture, said, isMiss = false) {
  return el("li", isMiss ? { class: "miss" } : {}, picture, el("span", {}, `z ${fixed(z, 1)}`), el("span", {}, ...said));
}

/**
 * A picture whose pixels are sliders.
 * @param {() => number[]} get
 * @param {(values: number[]) => void} set called with the changed picture
 * @returns {{element: HTMLElement, show: () => void}}
 */
export function pixelEditor(get, set) {
  const pixels = PIXELS.map((name, i) => {
    const pixel = el("div");
    const show = makeSlider(pixel, {
      label: `Ink at ${name}`, min: 0, max: 1, step: 0.05,
      get: () => get()[i],
      set: (value) => set(get().with(i, value)),
    });
    return { pixel, show: () => (paint(pixel, get()[i]), show()) };
  });
  return {
    element: el("div", { class: "tile large", role: "group", "aria-label": "Your face" }, ...pixels.map(({ pixel }) => pixel)),
    show: () => pixels.forEach(({ show }) => show()),
  };
}

/**
 * @template {HTMLElement} T
 * @param {T} pixel
 * @param {number} value 0 to 1
 * @returns {T} the same pixel, with its value and its ink
 */
function paint(pixel, value) {
  setText(pixel, value.toFixed(2));
  pixel.style.backgroundColor = inkOf(value);
  pixel.classList.toggle("dark", value > WHITE_TEXT_FROM);
  return pixel;
}

/**
 * @param {number} value 0 to 1
 * @returns {string} a CSS colour from paper to ink
 */
export function inkOf(value) {
  const share = Math.min(1, Math.max(0, value));
  return `rgb(${PAPER.map((from, i) => Math.round(from + (INK[i] - from) * share)).join(" ")})`;
}
