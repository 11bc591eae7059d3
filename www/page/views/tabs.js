// The modes as tabs, after the ARIA pattern: one stop for Tab, arrows to move, the panel follows.

import { button } from "../../dom.js";

/** @typedef {import("../../protocol.d.ts").Mode} Mode */

/** A tablist whose tabs all show the one panel. */
export class TabsView {
  /**
   * @param {HTMLElement} list role="tablist"
   * @param {HTMLElement} panel role="tabpanel"
   * @param {readonly Mode[]} modes
   * @param {(mode: Mode) => void} onChoose
   */
  constructor(list, panel, modes, onChoose) {
    this.panel = panel;
    this.modes = modes;
    this.tabs = modes.map((mode) => {
      const tab = button(mode.label, () => onChoose(mode), "");
      tab.role = "tab";
      tab.id = `tab-${mode.id}`;
      tab.setAttribute("aria-controls", panel.id);
      return tab;
    });
    list.replaceChildren(...this.tabs);
    list.onkeydown = (event) => {
      const to = this.#target(event.key);
      if (to === null) return;
      event.preventDefault();
      this.tabs[to].focus();
      onChoose(modes[to]);
    };
  }

  /**
   * @param {string} key
   * @returns {number | null} the tab a key leads to from the chosen one
   */
  #target(key) {
    const at = this.tabs.findIndex((tab) => tab.ariaSelected === "true");
    const { length } = this.tabs;
    if (key === "ArrowRight") return (at + 1) % length;
    if (key === "ArrowLeft") return (at + length - 1) % length;
    if (key === "Home") return 0;
    if (key === "End") return length - 1;
    return null;
  }

  /** @param {Mode} mode */
  show(mode) {
    this.tabs.forEach((tab, i) => {
      const chosen = this.modes[i] === mode;
      tab.ariaSelected = String(chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) this.panel.setAttribute("aria-labelledby", tab.id);
    });
  }
}
