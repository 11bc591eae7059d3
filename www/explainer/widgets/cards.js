// Cards of the symbols: a press on any symbol opens one; Escape, its button, or a press elsewhere closes it.

import { button, el } from "../dom.js";
import { SYMBOLS } from "./symbols.js";

/** @typedef {import("./symbols.js").SymbolName} SymbolName */

/** Distance of a card from the edges of the window, px. */
const MARGIN = 8;

/**
 * @param {SymbolName} name
 * @param {string} [text] its sign by default
 * @returns {HTMLButtonElement} a symbol in a text, which opens its card
 */
export function symbol(name, text = SYMBOLS[name].sign) {
  return el("button", { type: "button", class: "symbol", "data-symbol": name, "aria-haspopup": "dialog", "aria-label": `${text}: ${SYMBOLS[name].name}` }, text);
}

/** The one card on the page. */
export class Cards {
  /**
   * @param {HTMLElement} root in which symbols are pressed
   * @param {import("../desk.js").Desk} desk
   */
  constructor(root, desk) {
    this.desk = desk;
    this.title = el("h3", { id: "card-title" });
    this.lines = ["meaning", "formula", "value", "raise"].map(() => el("dd"));
    const names = ["What it is", "Formula", "Now", "Raising it"];
    this.close = button("Close", () => this.hide());
    this.card = el(
      "div", { id: "card", role: "dialog", "aria-labelledby": "card-title", popover: "auto" },
      this.title, el("dl", {}, ...names.flatMap((name, i) => [el("dt", {}, name), this.lines[i]])), this.close,
    );
    root.append(this.card);
    this.hasPopovers = "showPopover" in this.card; // Older browsers show it by an attribute.
    this.card.hidden = !this.hasPopovers;
    /** @type {HTMLElement | null} */
    this.opener = null;
    root.addEventListener("click", (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("[data-symbol]") : null;
      if (pressed instanceof HTMLElement) this.#open(/** @type {SymbolName} */ (pressed.dataset.symbol), pressed);
    });
    this.card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
      event.stopPropagation();
    });
  }

  /**
   * @param {SymbolName} name
   * @param {HTMLElement} opener
   */
  #open(name, opener) {
    const { sign, name: words, meaning, formula, raise, value } = SYMBOLS[name];
    this.title.textContent = `${sign}, ${words}`;
    [meaning, formula, value(this.desk), raise].forEach((text, i) => (this.lines[i].textContent = text));
    this.opener = opener;
    if (this.hasPopovers) this.card.showPopover();
    else this.card.hidden = false;
    this.#place(opener);
    this.close.focus();
  }

  hide() {
    if (this.hasPopovers) this.card.hidePopover();
    else this.card.hidden = true;
    this.opener?.focus();
  }

  /** @param {HTMLElement} opener beside which it appears, wherever there is room */
  #place(opener) {
    const [anchor, box] = [opener.getBoundingClientRect(), this.card.getBoundingClientRect()];
    const left = Math.max(MARGIN, Math.min(anchor.left, innerWidth - box.width - MARGIN));
    const below = anchor.bottom + MARGIN;
    const top = below + box.height + MARGIN <= innerHeight ? below : Math.max(MARGIN, anchor.top - box.height - MARGIN);
    this.card.style.left = `${left}px`;
    this.card.style.top = `${top}px`;
  }
}

/** @returns {HTMLElement} all symbols, to look them up */
export function glossary() {
  const names = /** @type {SymbolName[]} */ (Object.keys(SYMBOLS));
  return el(
    "section", { class: "glossary", "aria-label": "All symbols" },
    el("h3", {}, "All symbols"),
    el("ul", {}, ...names.map((name) => el("li", {}, symbol(name), ` ${SYMBOLS[name].name}`))),
  );
}

