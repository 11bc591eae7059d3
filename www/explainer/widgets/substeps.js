// One step of training, piece by piece: what happens, who is locked, which numbers moved.

import { caption, changesOf, PIECE_NAMES } from "./captions.js";
import { button, el, fixed, hint, num, p } from "../dom.js";
import { DiscriminatorDrawing, GeneratorDrawing, markMoved } from "./drawings.js";
import { thirteen } from "../world.js";

/** @typedef {import("../desk.js").Desk} Desk */
/** @typedef {import("../../protocol.d.ts").Substep} Substep */

/** The player who learns in a piece. */
const LEARNER = /** @type {const} */ ({ learnFace: "discriminator", learnFake: "discriminator", learnGenerator: "generator" });
/** Pieces in which a player is at work. */
const AT_WORK = { generator: ["latent", "fake", "learnGenerator"], discriminator: ["judgeFace", "judgeFake", "learnFace", "learnFake"] };

/** The pieces of a step, taken one at a time. */
export class Substeps {
  /** @type {Substep | null} */
  last = null;
  /** What the last piece belongs to; after a reset it is another. */
  ready = /** @type {unknown} */ (null);
  pending = Promise.resolve();

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.nextButton = button("Next sub-step", () => this.advance(), "primary");
    this.list = el("ol", { class: "pieces", "aria-label": "Sub-steps" });
    this.caption = el("p", { class: "caption", "aria-live": "polite" });
    this.own = el("input", { type: "checkbox", id: "own-z" });
    this.ownZ = el("input", { type: "number", id: "own-z-value", min: "0", max: "1", step: "any", value: "0.5", "aria-label": "My z" });
    this.ownZ.disabled = true;
    this.own.onchange = () => (this.ownZ.disabled = !this.own.checked);
    this.players = {
      generator: playerBox("Generator", new GeneratorDrawing(null, "The generator of now")),
      discriminator: playerBox("Discriminator", new DiscriminatorDrawing(null, "The discriminator of now")),
    };
    this.changes = el("div", { class: "changes" });
    this.element = el(
      "section", { class: "substeps", "aria-label": "One step, piece by piece" },
      el(
        "div", { class: "buttons" }, this.nextButton, button("One epoch", () => desk.actions.step("epoch")),
        el("span", { class: "tick-line" }, this.own, el("label", { for: "own-z" }, "my own z"), this.ownZ),
      ),
      hint("→ does the same while the focus is in this part. The buttons at the top of the page take whole steps: Step completes the step you are in."),
      this.list, this.caption,
      el("div", { class: "side-by-side" }, this.players.generator.element, this.players.discriminator.element),
      this.changes,
    );
    this.element.addEventListener("keydown", (event) => {
      const isField = event.target instanceof Element && event.target.matches("input:not([type=checkbox]), select, [role=slider]");
      if (event.key !== "ArrowRight" || isField) return;
      event.preventDefault();
      this.advance();
    });
  }

  advance() {
    this.pending = this.pending.then(() => this.#advance());
  }

  async #advance() {
    const { run } = this.desk;
    if (!run?.ready || run.phase === "dead") return;
    this.desk.actions.say("");
    const z = this.ownZ.valueAsNumber;
    const given = this.own.checked && z >= 0 && z <= 1 ? Float32Array.of(z) : null;
    const done = await run.move({ kind: "substep", latent: given });
    if (!done) return;
    this.last = done;
    this.ready = run.ready;
    this.#showDone(done);
    this.show();
  }

  show() {
    const { run, isReady } = this.desk;
    if (!run || !isReady || !run.frame) return;
    const { last } = this;
    if (last && (this.ready !== run.ready || run.frame.step > last.step)) this.forget(); // Others have moved on since.
    this.#showPieces(run.frame.next);
    this.#showPlayers();
  }

  /** The last piece no longer says what is. */
  forget() {
    this.last = null;
    this.caption.textContent = "";
    this.changes.replaceChildren();
  }

  /** @param {import("../../protocol.d.ts").SubstepName | null} next */
  #showPieces(next) {
    const { last } = this;
    const order = last?.order ?? this.#order();
    const done = last ? order.indexOf(last.name) : -1;
    const key = `${order.join()} ${done} ${next}`;
    if (this.list.dataset.key === key) return;
    this.list.dataset.key = key;
    this.list.replaceChildren(...order.map((name, i) => el(
      "li", { class: i < done ? "done" : i === done ? "now" : "", ...(i === done ? { "aria-current": "step" } : {}) }, PIECE_NAMES[name],
    )));
    if (!last) this.caption.textContent = `Press “Next sub-step” to begin a step: ${PIECE_NAMES[order[0]]}.`;
  }

  /** @returns {import("../../protocol.d.ts").SubstepName[]} */
  #order() {
    const names = /** @type {import("../../protocol.d.ts").SubstepName[]} */ (Object.keys(PIECE_NAMES));
    const isFaceFirst = this.desk.run?.ready?.config.order === "realThenFakeSameLatents";
    return isFaceFirst ? names : [...names.slice(3), ...names.slice(0, 3)];
  }

  #showPlayers() {
    const { last, desk } = this;
    const { run } = desk;
    const { v, c, w, b } = thirteen(last?.after ?? run?.frame?.parameters ?? []);
    const onFace = last?.name === "face" || last?.name === "judgeFace" || last?.name === "learnFace";
    // After D has learned its old score is history: the picture stays, the score goes.
    const learned = last !== null && last.name in LEARNER && last.name !== "learnGenerator";
    const score = learned ? null : onFace ? last?.scoreFace : last?.scoreFake;
    this.players.generator.drawing.show({ z: last?.latent?.[0] ?? NaN, weights: v, biases: c, pixels: last?.name === "learnGenerator" ? null : (last?.fake ?? null) });
    this.players.discriminator.drawing.show({ pixels: (onFace ? last?.face : last?.fake) ?? null, weights: w, bias: b, score: score ?? null });
    for (const role of /** @type {const} */ (["generator", "discriminator"])) this.#showState(role);
  }

  /** @param {"generator" | "discriminator"} role */
  #showState(role) {
    const { last } = this;
    const { element, state, drawing } = this.players[role];
    const learner = last ? LEARNER[/** @type {keyof typeof LEARNER} */ (last.name)] : undefined;
    const { all, changed } = last ? changesOf(last, role) : { all: 0, changed: [] };
    const count = `${changed.length} of ${all} changed`;
    const text = !last ? "" : learner === role ? `learns: ${count}` : learner ? `locked: ${count}` : AT_WORK[role].includes(last.name) ? "at work" : "waits";
    if (state.textContent !== text) state.textContent = text;
    markMoved(drawing, changed.map(({ sign }) => sign));
    element.classList.toggle("learns", learner === role);
    element.classList.toggle("locked", learner !== undefined && learner !== role);
    element.classList.toggle("works", text === "at work");
  }

  /** @param {Substep} done */
  #showDone(done) {
    this.caption.textContent = caption(done);
    const learner = LEARNER[/** @type {keyof typeof LEARNER} */ (done.name)];
    if (!learner) {
      this.changes.replaceChildren(...(done.name === "judgeFace" || done.name === "judgeFake" ? [this.#scoreLine(done)] : []));
      return;
    }
    const { changed, all } = changesOf(done, learner);
    const head = ["", "before", "slope", `−${done.learningRate} × slope`, "after"].map((text) => el("th", { scope: "col" }, text));
    const rows = changed.map(({ sign, before, after, slope }) => el(
      "tr", {}, el("th", { scope: "row" }, sign), el("td", {}, num(before, 6)), el("td", {}, num(slope ?? NaN, 6)),
      el("td", {}, num(-(done.learningRate ?? 0) * (slope ?? NaN), 6)), el("td", {}, el("strong", {}, num(after, 6))),
    ));
    const name = learner === "generator" ? "Changed numbers of G" : "Changed numbers of D";
    const still = all - changed.length;
    this.changes.replaceChildren(
      el(
        "div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": name },
        el("table", { class: "slopes" }, el("caption", {}, name), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)),
      ),
      ...(still > 0 ? [hint(`${still} of its ${all} numbers stayed: their slope is 0 here, or too small a step for f32 to hold.`)] : []),
    );
  }

  /**
   * @param {Substep} done
   * @returns {HTMLElement}
   */
  #scoreLine(done) {
    const isFace = done.name === "judgeFace";
    const score = (isFace ? done.scoreFace : done.scoreFake) ?? NaN;
    const pixels = [...((isFace ? done.face : done.fake) ?? [])].map((value) => fixed(value, 4)).join(", ");
    return p(`D(${pixels}) = `, num(score, 6));
  }
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
