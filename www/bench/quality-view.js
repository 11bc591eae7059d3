// Time to quality on the benchmark page: which preset, and a row for each distance.

import { LEVELS } from "../config/judging.js";
import { el, element, headerCell } from "../dom.js";
import { messageOf } from "../errors.js";
import { passedLimits } from "./time-to-quality.js";
import { PRESETS } from "./trainee.js";

/** @typedef {import("./time-to-quality.js").Check} Check */

/**
 * Fills the list of presets, and lets the button measure the chosen one.
 * @param {import("./bench.js").Bench} bench
 * @param {(text: string) => void} say
 * @param {(isBusy: boolean) => void} setBusy keeps the page's other measurements away meanwhile
 * @param {() => void} onResult called when there is something to copy
 * @returns {{button: HTMLButtonElement}}
 */
export function showQuality(bench, say, setBusy, onResult) {
  const button = element("quality", HTMLButtonElement);
  const preset = element("preset", HTMLSelectElement);
  const body = element("quality-results", HTMLTableElement).tBodies[0];
  preset.append(...PRESETS.map((name) => el("option", { value: name }, name)));

  const measure = async () => {
    button.disabled = preset.disabled = true;
    setBusy(true);
    /** @type {Check[]} */
    const checks = [];
    const show = (/** @type {number | null} */ preparation) => body.replaceChildren(...rowsOf(checks, preparation));
    show(null);
    say(`Training ${preset.value} …`);
    try {
      const report = await bench.timeToQuality({
        preset: preset.value,
        onCheck(check) {
          checks.push(check);
          show(null);
          say(`Training ${preset.value}: FD ${check.fd.toFixed(1)} after ${check.step} steps in ${check.seconds.toFixed(1)} s.`);
        },
      });
      show(report.preparationSeconds);
      const real = report.realFd === null ? "" : `; as many real images have FD ${report.realFd.toFixed(1)}`;
      say(`${preset.value}, batch ${report.batch}: ${report.stepsPerSecond.toPrecision(3)} steps a second${real}.`);
      onResult();
    } catch (error) {
      say(`It stopped: ${messageOf(error)}`);
    }
    setBusy(false);
    button.disabled = preset.disabled = false;
  };
  button.addEventListener("click", () => void measure());
  return { button };
}

/**
 * @param {readonly Check[]} checks so far
 * @param {number | null} preparation seconds before the first step; null: not known
 * @returns {HTMLTableRowElement[]}
 */
function rowsOf(checks, preparation) {
  return passedLimits(checks, LEVELS).map(({ fd, check }) => {
    const figures = check
      ? [check.step, check.seconds.toFixed(1), preparation === null ? "–" : (preparation + check.seconds).toFixed(1), `${Math.round(100 * check.confident)} %`]
      : ["–", "–", "–", "–"];
    return el("tr", {}, headerCell(String(fd), "row"), ...figures.map((figure) => el("td", {}, String(figure))));
  });
}
