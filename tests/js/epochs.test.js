import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT_EPOCHS, KEPT_PICTURES, keepLatest } from "../../www/page/epochs.js";
import { EpochMeans, wholeEpochs } from "../../www/worker/epochs.js";

/** @typedef {import("../../www/protocol.d.ts").EpochRow} EpochRow */

/**
 * @param {number} epoch
 * @param {boolean} [picture]
 * @returns {EpochRow}
 */
const row = (epoch, picture = true) => ({ epoch, step: epoch, lossD: 1, lossG: 1, picture: picture ? new Float32Array(1) : null });

test("an epoch has the plain means of its steps", () => {
  const means = new EpochMeans();
  assert.equal(means.add({ step: 1, lossD: 1, lossG: 4 }, 0.5), null);
  assert.deepEqual(means.add({ step: 2, lossD: 3, lossG: 8 }, 1), { epoch: 1, step: 2, lossD: 2, lossG: 6, picture: null });
  assert.equal(means.add({ step: 3, lossD: 7, lossG: 7 }, 1.5), null);
  assert.deepEqual(means.add({ step: 4, lossD: 9, lossG: 9 }, 2.1), { epoch: 2, step: 4, lossD: 8, lossG: 8, picture: null });
});

test("a player that took no step has no mean, and one step over several epochs is one row", () => {
  const means = new EpochMeans();
  assert.deepEqual(means.add({ step: 0, lossD: 5, lossG: null }, 3.2), { epoch: 3, step: 0, lossD: 5, lossG: null, picture: null });
});

test("sums of fractions are whole epochs in spite of their rounding", () => {
  let epoch = 0;
  for (let i = 0; i < 10; i++) epoch += 0.1;
  assert.ok(epoch < 1);
  assert.equal(wholeEpochs(epoch), 1);
});

test("the latest epochs are kept, and of these the latest pictures", () => {
  /** @type {EpochRow[]} */
  let rows = [];
  for (let epoch = 1; epoch <= 500; epoch++) rows = keepLatest(rows, [row(epoch, epoch % 2 === 0)]);
  assert.equal(rows.length, KEPT_EPOCHS);
  assert.deepEqual([rows[0].epoch, rows.at(-1)?.epoch], [301, 500]);
  assert.equal(rows.filter(({ picture }) => picture).length, KEPT_PICTURES);
  assert.equal(rows.find(({ picture }) => picture)?.epoch, 500 - 2 * (KEPT_PICTURES - 1));
});

test("a row that stays as it is stays the same object, so that its card is not drawn again", () => {
  const rows = [row(1), row(2)];
  assert.ok(keepLatest(rows, [row(3)]).slice(0, 2).every((kept, i) => kept === rows[i]));
});
