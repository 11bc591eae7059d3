// The substeps of a step, by update order: the worker takes a step apart so, and the explainer shows them before there is one.

/** @typedef {import("../../src/types.d.ts").UpdateOrder} UpdateOrder */
/** @typedef {import("../protocol.d.ts").SubstepName} SubstepName */

/** @type {SubstepName[]} */
const ON_FACE = ["face", "judgeFace", "learnFace"];
/** @type {SubstepName[]} */
const ON_FAKE = ["latent", "fake", "judgeFake", "learnFake", "learnGenerator"];

/**
 * Null where an update looks at several things at once, so that the step cannot be taken apart.
 * @type {Record<UpdateOrder, SubstepName[] | null>}
 */
const SUBSTEPS = {
  realThenFakeSameLatents: [...ON_FACE, ...ON_FAKE],
  fakeThenGeneratorThenReal: [...ON_FAKE, ...ON_FACE],
  joint: null,
  kerasTwoUpdates: null,
  sumSameZ: null,
};

/**
 * @param {UpdateOrder} updateOrder
 * @returns {SubstepName[] | null} the substeps of a step, in order; null: its updates look at several things at once
 */
export function substepsOf(updateOrder) {
  return SUBSTEPS[updateOrder];
}
