// Keeps the latest of the epochs that a worker has reported. Pure.

/** @typedef {import("../protocol.d.ts").EpochRow} EpochRow */

/** Epochs whose mean losses are kept. */
export const KEPT_EPOCHS = 200;
/** Epochs whose pictures are kept, the latest of those that have one. */
export const KEPT_PICTURES = 50;

/**
 * @param {readonly EpochRow[]} rows oldest first
 * @param {readonly EpochRow[]} fresh
 * @returns {EpochRow[]} the latest of all; older ones without their pictures
 */
export function keepLatest(rows, fresh) {
  const all = [...rows, ...fresh].slice(-KEPT_EPOCHS);
  let pictures = 0;
  for (let i = all.length - 1; i >= 0; i--) {
    if (all[i].picture && ++pictures > KEPT_PICTURES) all[i] = { ...all[i], picture: null };
  }
  return all;
}
