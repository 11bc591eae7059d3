// Answers to what the page asks about small networks: looks, moves, and what the next steps are taken with.

import { unreachable } from "../errors.js";

/** @typedef {import("../protocol.d.ts").Answers} Answers */
/** @typedef {import("../protocol.d.ts").Question} Question */

/**
 * @typedef {object} WorkerRun what the worker has once it is ready
 * @property {import("../../src/types.d.ts").GanModule} module
 * @property {import("../../src/types.d.ts").Session} session
 * @property {import("./data/dataset.js").Dataset} dataset
 * @property {import("./training.js").Training} training
 * @property {import("./toy-training.js").ToyTraining | null} toy how its steps are taken apart; null: they cannot be
 * @property {import("./drawing.js").Drawer} drawer draws on demand
 * @property {import("./judge.js").JudgeWatch | null} judge null: none knows the mode's data
 * @property {Promise<import("./looks.js").Looks> | null} looks what looks at its networks; null: nobody has looked yet
 */

/**
 * Tells which questions move the run, so that its loop must rest.
 * @type {Record<Question["kind"], boolean>}
 */
const MOVES = { substep: true, load: true, replay: true, judge: false, derive: false, sweep: false, samples: false, pace: false, draw: false };

/**
 * @param {Question} question
 * @returns {question is import("../protocol.d.ts").Move}
 */
export function isMove(question) {
  return MOVES[question.kind];
}

/**
 * @param {WorkerRun} run
 * @param {Question} question
 * @returns {Promise<Answers[keyof Answers]>}
 */
export async function answer(run, question) {
  const { toy, session, dataset } = run;
  switch (question.kind) {
    case "substep":
      return toy && toy.substep(question.latent);
    case "load": {
      const { loadAll } = await import("./looks.js");
      loadAll(session, question.parameters);
      if (toy && question.latents) toy.substeps.given = question.latents;
      return null;
    }
    case "replay":
      return toy && { milliseconds: await toy.replay(question.steps), parameters: await session.parameters() };
    case "samples":
      dataset.replace(question.samples);
      return null;
    case "pace":
      if (toy) toy.pace = question.stepsPerSecond;
      return null;
    case "draw":
      return run.drawer.draw(question);
    case "judge":
    case "derive":
    case "sweep":
      run.looks ??= openLooks(run);
      return (await run.looks).answer(question);
    default:
      return unreachable(question);
  }
}

/**
 * @param {WorkerRun} run
 * @returns {Promise<import("./looks.js").Looks>} with a second session of the same configuration
 */
async function openLooks({ module, session }) {
  const { Looks } = await import("./looks.js");
  const { seed, backend } = session.info();
  return new Looks(await module.createSession(session.config(), seed, backend), session);
}
