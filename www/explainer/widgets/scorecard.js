// The scorecard of a rule: every picture, its sum, what the rule says of it, its probability, and whether that is right.

import { el, setText } from "../../dom.js";
import { num } from "../numerals.js";
import { scrollTable } from "./tables.js";
import { tile } from "./tiles.js";

/** @typedef {import("../world.js").Verdict} Verdict */

/** A table, and one sentence that sums it up. */
export class Scorecard {
  constructor() {
    this.summary = el("p", { class: "summary", "aria-live": "polite" });
    this.rows = el("tbody");
    this.element = scrollTable({ name: "Scorecard", head: ["Picture", "Sum", "The rule says", "p", ""], body: this.rows, look: "scorecard" });
  }

  /**
   * @param {readonly Verdict[]} verdicts
   * @param {readonly string[]} names of their pictures
   * @param {readonly number[]} scores their probabilities
   */
  show(verdicts, names, scores) {
    const misses = verdicts.filter(({ miss }) => miss).length;
    const called = `${calledAmong(verdicts, true)} faces and ${calledAmong(verdicts, false)} noise pictures`;
    setText(this.summary, `Called a face: ${called}. ${misses === 1 ? "1 miss" : `${misses} misses`}.`);
    this.rows.replaceChildren(...verdicts.map(({ picture, sum, called: isCalled, miss }, i) => el(
      "tr", miss ? { class: "miss" } : {},
      el("th", { scope: "row" }, el("span", { class: "named" }, tile(picture, names[i], "tiny"), names[i])),
      el("td", {}, num(sum, 2)), el("td", {}, isCalled ? "face" : "no face"), el("td", {}, num(scores[i], 3)), el("td", {}, miss ? "✗ miss" : "✓"),
    )));
  }
}

/**
 * @param {readonly Verdict[]} verdicts
 * @param {boolean} isFace
 * @returns {string} how many of the faces, or of the noise pictures, are called a face
 */
function calledAmong(verdicts, isFace) {
  const among = verdicts.filter((verdict) => verdict.isFace === isFace);
  return `${among.filter(({ called }) => called).length} of ${among.length}`;
}
