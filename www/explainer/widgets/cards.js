// Cards of the symbols: a press on any symbol opens one; Escape, its button, or a press elsewhere closes it.

import { button, el } from "../../dom.js";
import { SYMBOLS } from "../symbols.js";

/** @typedef {import("../symbols.js").SymbolName} SymbolName */

/** Distance of a card from the edges of the window, px. */
const MARGIN = 8;

/** Names of the lines of a card, from top to bottom. */
const LINES = /** @type {const} */ ([["meaning", "What it is"], ["formula", "Formula"], ["value", "Now"], ["raise", "Raising it"]]);

/**
 * @param {SymbolName} name
 * @param {string} [text] the symbol's sign by default
 * @returns {HTMLButtonElement} a symbol in a text, which opens its card
 */
export function symbol(name, text = SYMBOLS[name].sign) {
  const attributes = { type: "button", class: "symbol", "data-symbol": name, "aria-haspopup": "dialog", "aria-label": `${text}: ${SYMBOLS[name].name}` };
  return el("button", attributes, text);
}

/** The one card on the page. */
export class Cards {
  /**
   * @param {HTMLElement} root in which symbols are pressed
   * @param {(name: SymbolName) => string} valueOf the symbol's present value, in words
   */
  constructor(root, valueOf) {
    this.valueOf = valueOf;
    this.title = el("h3", { id: "card-title" });
    this.lines = LINES.map(([key, name]) => ({ key, name: el("dt", {}, name), text: el("dd") }));
    this.close = button("Close", () => this.hide());
    this.card = el(
      "div", { id: "card", role: "dialog", "aria-labelledby": "card-title", popover: "auto" },
      this.title, el("dl", {}, ...this.lines.flatMap(({ name, text }) => [name, text])), this.close,
    );
    root.append(this.card);
    this.hasPopovers = "showPopover" in this.card; // An older browser shows the card by its `hidden` attribute.
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
    const entry = SYMBOLS[name];
    this.title.textContent = `${entry.sign}, ${entry.name}`;
    for (const { key, text } of this.lines) text.textContent = key === "value" ? this.valueOf(name) : entry[key];
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

  /** @param {HTMLElement} opener the card appears beside it, wherever there is room */
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
