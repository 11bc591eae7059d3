// A step taken apart: the substeps of an update order that updates on one thing after the other, each done by the session. Together they
// leave, bit for bit, what the whole step leaves.

/** @typedef {import("../../src/types.d.ts").Session} Session */
/** @typedef {import("../../src/types.d.ts").Update} Update */
/** @typedef {import("../protocol.d.ts").Substep} Substep */
/** @typedef {import("../protocol.d.ts").SubstepName} SubstepName */

/** Takes steps substep by substep, on one real sample and one latent. */
export class Substeps {
  /** How many substeps of the step under way are done. */
  done = 0;
  /** @type {Float32Array | null} */
  face = null;
  /** @type {Float32Array | null} */
  latent = null;
  /** @type {Float32Array | null} */
  fake = null;
  /** @type {number | null} */
  scoreFace = null;
  /** @type {number | null} */
  scoreFake = null;
  /** @type {Float32Array | null} latents that come before any that are drawn */
  given = null;

  /**
   * @param {Session} session
   * @param {SubstepName[]} order all substeps of a step, in their order
   */
  constructor(session, order) {
    this.session = session;
    this.order = order;
    this.latentDim = session.info().latentDim;
  }

  /** @returns {SubstepName} the substep that comes next */
  get next() {
    return this.order[this.done];
  }

  /** @returns {boolean} whether a step was begun and is not complete */
  get underWay() {
    return this.done > 0;
  }

  /** @returns {Update[]} the updates of a whole step, in order */
  get updates() {
    return this.order.map(updateOf).filter((update) => update !== null);
  }

  /** @returns {Float32Array} one latent, given or drawn */
  draw() {
    const { given, latentDim } = this;
    if (!given || given.length < latentDim) return this.session.drawLatents(1);
    this.given = given.subarray(latentDim);
    return given.slice(0, latentDim);
  }

  /**
   * Does the next substep.
   * @param {() => Float32Array} nextFace gives the next real sample
   * @param {Float32Array | null} latent instead of a drawn one
   * @returns {Promise<Omit<Substep, "step">>} without its loss, which is among the records that are yet to be read
   */
  async advance(nextFace, latent) {
    const name = this.next;
    if (!this.underWay) this.face = this.latent = this.fake = this.scoreFace = this.scoreFake = null;
    const before = await this.session.parameters();
    let gradients = null;
    const update = updateOf(name);
    if (update) {
      const input = known(update === "real" ? this.face : this.latent);
      gradients = await this.session.gradients(update, input);
      this.session.update(update, input);
    } else {
      await this.#look(name, nextFace, latent);
    }
    this.done = (this.done + 1) % this.order.length;
    const { order, face, fake, scoreFace, scoreFake } = this;
    const config = this.session.config();
    const player = update === "generated" ? config.generator : config.discriminator;
    return {
      name, order, face, fake, scoreFace, scoreFake, latent: this.latent, loss: null, before, gradients,
      after: await this.session.parameters(), learningRate: update ? player.learningRate : null,
    };
  }

  /**
   * Does a substep in which nothing is updated.
   * @param {SubstepName} name
   * @param {() => Float32Array} nextFace
   * @param {Float32Array | null} latent
   */
  async #look(name, nextFace, latent) {
    const { session } = this;
    if (name === "face") this.face = nextFace();
    else if (name === "latent") this.latent = latent ?? this.draw();
    else if (name === "fake") this.fake = await session.generate(known(this.latent), false);
    else if (name === "judgeFace") [this.scoreFace] = await session.scores(known(this.face));
    else [this.scoreFake] = await session.scores(known(this.fake));
  }
}

/**
 * @param {SubstepName} name
 * @returns {Update | null} the update that it makes; null: it is none
 */
function updateOf(name) {
  if (name === "learnFace") return "real";
  if (name === "learnFake") return "fake";
  return name === "learnGenerator" ? "generated" : null;
}

/**
 * @param {Float32Array | null} values
 * @returns {Float32Array}
 */
function known(values) {
  if (!values) throw new TypeError("a substep came before the one it builds on");
  return values;
}
