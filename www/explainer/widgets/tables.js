// Tables of numbers, wider than a phone: each scrolls by itself, and can be reached and scrolled by keys.

import { el } from "../../dom.js";

/**
 * @typedef {object} TableOptions
 * @property {string} name what it is, for those who cannot see it
 * @property {readonly string[]} head texts above the columns
 * @property {HTMLTableSectionElement} body
 * @property {"slopes" | "scorecard"} [look]
 * @property {"seen" | "unseen" | "none"} [caption] whether its name stands above it, is only read aloud, or is left out
 * @property {boolean} [isTall] whether it also scrolls up and down
 */

/**
 * @param {TableOptions} options
 * @returns {HTMLDivElement}
 */
export function scrollTable({ name, head, body, look = "slopes", caption = "none", isTall = false }) {
  const row = el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)));
  const title = caption === "none" ? null : el("caption", caption === "unseen" ? { class: "unseen" } : {}, name);
  return el(
    "div", { class: isTall ? "table-scroll tall" : "table-scroll", tabindex: "0", role: "region", "aria-label": name },
    el("table", { class: look }, title, el("thead", {}, row), body),
  );
}

/**
 * @param {string} name of the row
 * @param {...(Node | string)} cells
 * @returns {HTMLTableRowElement}
 */
export function numberRow(name, ...cells) {
  return el("tr", {}, el("th", { scope: "row" }, name), ...cells.map((cell) => el("td", {}, cell)));
}
