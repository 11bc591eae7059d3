// The 2×2 world explained in five chapters, one on the screen at a time; what a learner changes is kept from one to the next.

import { Cards, glossary } from "./widgets/cards.js";
import { FacesAndNoise } from "./chapters/chapter1.js";
import { DiscriminatorByHand } from "./chapters/chapter2.js";
import { GeneratorByHand } from "./chapters/chapter3.js";
import { ErrorAndSlope } from "./chapters/chapter4.js";
import { Training } from "./chapters/chapter5.js";
import { Desk } from "./desk.js";
import { el } from "./dom.js";

/** @typedef {import("../page/run.js").Run} Run */
/** @typedef {import("./desk.js").Chapter} Chapter */

/** The explainer and its table of chapters. */
export class Explainer {
  /** @type {Run["ready"]} the worker that was told of the learner's own faces */
  toldReady = null;
  toldFaces = "";
  /** @type {unknown} settings that the links hold */
  addressed = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./desk.js").Actions} actions
   * @param {(chapter: number) => void} onChapter told of the chapter that was chosen, from 1 on
   * @param {(chapter: number) => string} addressOf a chapter
   */
  constructor(root, actions, onChapter, addressOf) {
    this.desk = new Desk(actions, () => this.#draw());
    this.onChapter = onChapter;
    this.addressOf = addressOf;
    /** @type {Chapter[]} */
    this.chapters = [new FacesAndNoise(this.desk), new DiscriminatorByHand(this.desk), new GeneratorByHand(this.desk), new ErrorAndSlope(this.desk), new Training(this.desk)];
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
    this.cards = new Cards(root, this.desk);
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

  /**
   * @param {() => number} target index of the chapter it leads to
   * @returns {HTMLAnchorElement}
   */
  #link(target) {
    const link = el("a");
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab or window
      event.preventDefault();
      this.#choose(target());
    };
    return link;
  }

  /** Links lead to the run as it is set now. */
  #address() {
    this.links.forEach((link, i) => (link.href = this.addressOf(i + 1)));
    this.back.href = this.addressOf(Math.max(1, this.at));
    this.next.href = this.addressOf(Math.min(this.chapters.length, this.at + 2));
  }

  /** @param {number} at */
  #choose(at) {
    this.open(at + 1);
    this.onChapter(this.at + 1);
    this.title.focus({ preventScroll: true });
    this.title.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  /** @param {Run} run on the screen */
  show(run) {
    this.desk.run = run;
    const { world } = this.desk;
    if (world.builtIn.length === 0 && run.real) world.take(run.real.samples);
    this.#tellFaces(run);
    this.#draw();
  }

  /** @param {Run} run trains on the learner's faces, also after a reset */
  #tellFaces(run) {
    if (!run.ready || this.desk.world.builtIn.length === 0) return;
    const { faces, ownFaces } = this.desk.world;
    const told = JSON.stringify(faces);
    const isFresh = run.ready !== this.toldReady;
    if (isFresh ? ownFaces.length > 0 : told !== this.toldFaces) void run.ask({ kind: "samples", samples: Float32Array.from(faces.flat()) });
    this.toldReady = run.ready;
    this.toldFaces = told;
  }

  #draw() {
    const { run } = this.desk;
    if (run) this.#tellFaces(run);
    if (run && run.settings !== this.addressed) this.#address();
    this.addressed = run?.settings ?? null;
    this.chapters[this.at].show(this.desk);
  }
}
