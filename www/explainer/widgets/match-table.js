// The notebook's numbers beside ours.

import { el, p } from "../../dom.js";
import { largestDifference, TOLERANCE } from "../notebook.js";
import { num } from "../numerals.js";
import { numberRow, scrollTable } from "./tables.js";

/** @typedef {import("../notebook.js").Row} Row */

/**
 * @param {readonly Row[]} rows
 * @param {number} steps that were taken
 * @param {number} milliseconds that they took
 * @returns {HTMLElement} whether the numbers match, in one paragraph
 */
export function matchVerdict(rows, steps, milliseconds) {
  const largest = largestDifference(rows);
  return p(
    `${steps.toLocaleString("en")} steps in `, num(milliseconds / 1000, 2, { "data-notebook": "seconds" }), " s. Largest difference of ",
    `${rows.length} numbers: `, el("data", { value: String(largest), "data-notebook": "difference" }, largest.toExponential(1)),
    `, allowed ${TOLERANCE.toExponential(0)}. `, el("strong", {}, largest <= TOLERANCE ? "They match." : "They do not match: please tell us."),
  );
}

/**
 * @param {readonly Row[]} rows
 * @returns {HTMLElement}
 */
export function matchTable(rows) {
  const lines = rows.map(({ name, printed, here }) => numberRow(name, num(printed, 8), num(here, 8), (here - printed).toExponential(1)));
  return scrollTable({
    name: "The notebook’s numbers and ours", head: ["", "notebook", "here", "difference"], body: el("tbody", {}, ...lines), isTall: true,
  });
}
