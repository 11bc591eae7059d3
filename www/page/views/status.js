// The one line in words under the buttons.

import { setText } from "../../dom.js";
import { statusText } from "../status.js";

/** @typedef {import("../run.js").Run} Run */

/** A pause that takes longer is worth a word, ms. */
const SLOW_PAUSE_MS = 500;

/** The page's role="status". */
export class StatusView {
  /** @type {{run: Run, remark: string} | null} what was last to be shown */
  #latest = null;

  /** @param {HTMLElement} line */
  constructor(line) {
    this.line = line;
  }

  /**
   * @param {Run} run
   * @param {string} remark said instead of the usual
   */
  show(run, remark) {
    this.#latest = { run, remark };
    if (isPausing(run)) setTimeout(() => this.#tellOfSlowPause(run), SLOW_PAUSE_MS);
    else setText(this.line, statusText(run, remark));
  }

  /** @param {Run} run that was pausing a while ago */
  #tellOfSlowPause(run) {
    if (this.#latest?.run === run && isPausing(run)) setText(this.line, statusText(run, this.#latest.remark));
  }
}

/**
 * @param {Run} run
 * @returns {boolean}
 */
function isPausing({ phase }) {
  return phase === "pausing" || phase === "settling";
}
