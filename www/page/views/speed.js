// "Which is faster here?": the button, the answer, and the way to the faster device.

import { element, setText } from "../../dom.js";
import { DEVICE_NAMES } from "../speeds.js";

/** @typedef {import("../comparison.js").Comparison} Comparison */
/** @typedef {import("../run.js").Run} Run */

/** Stands beside the choice of device. The page's status line says the same to screen readers. */
export class SpeedView {
  /**
   * @param {() => void} toggle starts the comparison, or stops it
   * @param {() => void} switchDevice takes the faster one
   */
  constructor(toggle, switchDevice) {
    this.button = element("speed", HTMLButtonElement);
    this.switch = element("speed-switch", HTMLButtonElement);
    this.result = element("speed-result", HTMLElement);
    this.button.onclick = toggle;
    this.switch.onclick = () => {
      element("backend", HTMLSelectElement).focus(); // The button pressed goes away.
      switchDevice();
    };
  }

  /**
   * @param {Comparison} comparison
   * @param {Run} run
   */
  show({ phase, text, faster }, { ready, device, phase: runPhase }) {
    setText(this.button, phase === "idle" ? "Which is faster here?" : "Stop measuring");
    this.button.disabled = !ready || runPhase === "dead";
    setText(this.result, text);
    const offered = faster !== null && device !== null && faster !== device.backend && !device.awaits;
    this.switch.hidden = !offered;
    if (offered) setText(this.switch, `Switch to ${DEVICE_NAMES[faster]} and start anew`);
  }
}
