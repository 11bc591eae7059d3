// The 2×2 world explained in five chapters, one on the screen at a time; what a learner changes is kept from one to the next.

import { DiscriminatorByHand } from "./chapters/discriminator-by-hand.js";
import { ErrorAndSlope } from "./chapters/error-and-slope.js";
import { FacesAndNoise } from "./chapters/faces-and-noise.js";
import { GeneratorByHand } from "./chapters/generator-by-hand.js";
import { Training } from "./chapters/training.js";
import { Desk } from "./desk.js";
import { el } from "../dom.js";
import { SYMBOLS } from "./symbols.js";
import { Cards, glossary } from "./widgets/cards.js";

/** @typedef {import("../page/run.js").Run} Run */

/**
 * @typedef {object} Chapter
 * @property {string} title
 * @property {string} short its title in the table of chapters
 * @property {HTMLElement} element
 * @property {() => void} show called while it is open, when something it may show has changed
 */

const CHAPTERS = [FacesAndNoise, DiscriminatorByHand, GeneratorByHand, ErrorAndSlope, Training];

/** The explainer and its table of chapters. */
export class Explainer {
  /** @type {unknown} settings that the links hold */
  addressed = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./desk.js").Actions} actions
   * @param {(chapter: number) => void} onChapter called with the chapter that was chosen, from 1 on
   * @param {(chapter: number) => string} addressOf gives the address of a chapter, from 1 on
   */
  constructor(root, actions, onChapter, addressOf) {
    this.desk = new Desk(actions, () => this.#draw());
    this.onChapter = onChapter;
    this.addressOf = addressOf;
    /** @type {Chapter[]} */
    this.chapters = CHAPTERS.map((OneChapter) => new OneChapter(this.desk));
    this.at = 0;
    this.links = this.chapters.map(({ title, short }, i) => {
      const link = this.#link(() => i);
      link.textContent = `${i + 1}. ${short}`;
      link.setAttribute("aria-label", `${i + 1}. ${title}`);
      return link;
    });
    this.title = el("h2", { tabindex: "-1", id: "chapter-title" });
    this.back = this.#link(() => this.at - 1);
    this.next = this.#link(() => this.at + 1);
    this.next.className = "primary";
    root.replaceChildren(
      el("nav", { "aria-label": "Chapters" }, el("ol", { class: "chapters" }, ...this.links.map((link) => el("li", {}, link)))),
      el("div", { class: "chapter" }, this.title, ...this.chapters.map(({ element }) => element)),
      el("div", { class: "buttons turn" }, this.back, this.next), glossary(),
    );
    this.cards = new Cards(root, (name) => SYMBOLS[name].value(this.desk));
    this.open(1);
  }

  /** @param {number} chapter from 1 on */
  open(chapter) {
    this.at = Math.min(this.chapters.length, Math.max(1, chapter)) - 1;
    this.chapters.forEach(({ element }, i) => (element.hidden = i !== this.at));
    this.links.forEach((link, i) => (i === this.at ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current")));
    this.title.textContent = `${this.at + 1}. ${this.chapters[this.at].title}`;
    const [before, after] = [this.chapters[this.at - 1], this.chapters[this.at + 1]];
    this.back.hidden = !before;
    this.next.hidden = !after;
    this.back.textContent = before ? `Back: ${before.title}` : "";
    this.next.textContent = after ? `Next: ${after.title}` : "";
    this.addressed = null;
    this.#draw();
  }

  /** @param {Run} run on the screen */
  show(run) {
    this.desk.follow(run);
    this.#draw();
  }

  /**
   * @param {() => number} target index of the chapter it leads to
   * @returns {HTMLAnchorElement}
   */
  #link(target) {
    const link = el("a");
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return; // The browser opens a new tab or window.
      event.preventDefault();
      this.#choose(target());
    };
    return link;
  }

  /** @param {number} at index of a chapter */
  #choose(at) {
    this.open(at + 1);
    this.onChapter(this.at + 1);
    this.title.focus({ preventScroll: true });
    this.title.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #draw() {
    const settings = this.desk.run?.settings ?? null;
    if (settings && settings !== this.addressed) this.#address();
    this.addressed = settings;
    this.chapters[this.at].show();
  }

  /** Makes the links lead to the run as it is set now. */
  #address() {
    this.links.forEach((link, i) => (link.href = this.addressOf(i + 1)));
    this.back.href = this.addressOf(Math.max(1, this.at));
    this.next.href = this.addressOf(Math.min(this.chapters.length, this.at + 2));
  }
}
