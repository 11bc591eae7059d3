// One step of training, substep by substep: which one is done, what it did, who is locked, which numbers moved.

import { el, hint, p, setText } from "../../dom.js";
import { thirteen } from "../numbers.js";
import { fixed, num } from "../numerals.js";
import { changesOf, SUBSTEPS } from "../substeps.js";
import { DiscriminatorDrawing, GeneratorDrawing, markMoved } from "./drawings.js";
import { numberRow, scrollTable } from "./tables.js";

/** @typedef {import("../../protocol.d.ts").Substep} Substep */
/** @typedef {import("../../protocol.d.ts").SubstepName} SubstepName */
/** @typedef {import("../../protocol.d.ts").Values} Values */
/** @typedef {import("../../../src/types.d.ts").Role} Role */

const ROLES = /** @type {const} */ (["generator", "discriminator"]);

/**
 * @typedef {object} Moment
 * @property {Substep | null} last the substep that was done last; null: none of this step
 * @property {readonly SubstepName[]} order of the substeps in a step
 * @property {SubstepName | null} next
 * @property {readonly Values[]} held the present numbers
 */

/** The list of substeps, the last one in words, both players at work, and the numbers that changed. */
export class SubstepView {
  /** @type {Substep | null} the substep whose changes are shown */
  #changesOf = null;

  constructor() {
    this.list = el("ol", { class: "substep-list", "aria-label": "Substeps" });
    this.caption = el("p", { class: "caption", "aria-live": "polite" });
    this.players = {
      generator: playerBox("Generator", new GeneratorDrawing(null, "The generator of now")),
      discriminator: playerBox("Discriminator", new DiscriminatorDrawing(null, "The discriminator of now")),
    };
    this.changes = el("div", { class: "changes" });
    this.elements = [
      this.list, this.caption,
      el("div", { class: "side-by-side" }, this.players.generator.element, this.players.discriminator.element),
      this.changes,
    ];
  }

  /** @param {Moment} moment */
  show({ last, order, next, held }) {
    this.#showList(last, order, next);
    setText(this.caption, last ? SUBSTEPS[last.name].caption(last) : `Press “Next substep” to begin a step: ${SUBSTEPS[order[0]].title}.`);
    this.#showDrawings(last, last?.after ?? held);
    for (const role of ROLES) this.#showState(last, role);
    this.#showChanges(last);
  }

  /** Forgets the last substep at once, while there may be nothing to show in its place yet. */
  clear() {
    this.caption.textContent = "";
    this.#showChanges(null);
  }

  /**
   * @param {Substep | null} last
   * @param {readonly SubstepName[]} order
   * @param {SubstepName | null} next
   */
  #showList(last, order, next) {
    const done = last ? order.indexOf(last.name) : -1;
    const key = `${order.join()} ${done} ${next}`;
    if (this.list.dataset.key === key) return;
    this.list.dataset.key = key;
    this.list.replaceChildren(...order.map((name, i) => el(
      "li", { class: i < done ? "done" : i === done ? "now" : "", ...(i === done ? { "aria-current": "step" } : {}) }, SUBSTEPS[name].title,
    )));
  }

  /**
   * @param {Substep | null} last
   * @param {readonly Values[]} held
   */
  #showDrawings(last, held) {
    const { v, c, w, b } = thirteen(held);
    const { generator, discriminator } = this.players;
    const kind = last && SUBSTEPS[last.name];
    const onFace = kind?.about === "face";
    // A score from before D learned is history: the picture stays, the score goes. So it is with G and its picture.
    const score = kind?.learns && kind.role === "discriminator" ? null : onFace ? last?.scoreFace : last?.scoreFake;
    const made = kind?.learns && kind.role === "generator" ? null : last?.fake;
    generator.drawing.show({ z: last?.latent?.[0] ?? NaN, weights: v, biases: c, pixels: made ?? null });
    discriminator.drawing.show({ pixels: (onFace ? last?.face : last?.fake) ?? null, weights: w, bias: b, score: score ?? null });
  }

  /**
   * @param {Substep | null} last
   * @param {Role} role
   */
  #showState(last, role) {
    const { element, state, drawing } = this.players[role];
    const { all, changed } = last ? changesOf(last, role) : { all: 0, changed: [] };
    const duty = dutyOf(last, role);
    setText(state, duty === "learns" || duty === "locked" ? `${duty}: ${changed.length} of ${all} changed` : duty);
    markMoved(drawing, changed.map(({ sign }) => sign));
    element.classList.toggle("learns", duty === "learns");
    element.classList.toggle("locked", duty === "locked");
    element.classList.toggle("works", duty === "at work");
  }

  /** @param {Substep | null} last */
  #showChanges(last) {
    if (last === this.#changesOf) return;
    this.#changesOf = last;
    this.changes.replaceChildren(...(last ? changesShown(last) : []));
  }
}

/**
 * @param {Substep | null} last
 * @param {Role} role
 * @returns {"learns" | "locked" | "at work" | "waits" | ""} what that player does in the substep
 */
function dutyOf(last, role) {
  if (!last) return "";
  const kind = SUBSTEPS[last.name];
  if (kind.learns) return kind.role === role ? "learns" : "locked";
  return kind.role === role ? "at work" : "waits";
}

/**
 * @param {Substep} done
 * @returns {HTMLElement[]} the numbers that it changed, or the score that it gave
 */
function changesShown(done) {
  const { role, learns, about } = SUBSTEPS[done.name];
  if (!role) return [];
  if (learns) return changesTable(done, role);
  return role === "discriminator" ? [scoreLine(done, about)] : [];
}

/**
 * @param {Substep} done
 * @param {Role} learner
 * @returns {HTMLElement[]}
 */
function changesTable(done, learner) {
  const { changed, all } = changesOf(done, learner);
  const rows = changed.map(({ sign, before, after, slope }) => numberRow(
    sign, num(before, 6), num(slope, 6), num(-(done.learningRate ?? 0) * slope, 6), el("strong", {}, num(after, 6)),
  ));
  const table = scrollTable({
    name: learner === "generator" ? "Changed numbers of G" : "Changed numbers of D",
    head: ["", "before", "slope", `−${done.learningRate} × slope`, "after"], body: el("tbody", {}, ...rows), caption: "seen",
  });
  const still = all - changed.length;
  if (still === 0) return [table];
  return [table, hint(`${still} of its ${all} numbers stayed: their slope is 0 here, or too small a step for f32 to hold.`)];
}

/**
 * @param {Substep} done
 * @param {"face" | "fake"} about
 * @returns {HTMLElement}
 */
function scoreLine(done, about) {
  const [picture, score] = about === "face" ? [done.face, done.scoreFace] : [done.fake, done.scoreFake];
  const pixels = [...(picture ?? [])].map((value) => fixed(value, 4)).join(", ");
  return p(`D(${pixels}) = `, num(score ?? NaN, 6));
}

/**
 * @template {{element: Element}} T
 * @param {string} name
 * @param {T} drawing
 * @returns {{element: HTMLElement, drawing: T, state: HTMLElement}}
 */
function playerBox(name, drawing) {
  const state = el("span", { class: "state" });
  return { element: el("div", { class: "player" }, el("h4", {}, name, " ", state), drawing.element), drawing, state };
}
