// Real batches of the benchmark, with their labels.

import { addressOf } from "../site.js";
import { fetchIndex, fetchShard } from "../worker/data/shards.js";

/**
 * Gives real batches: of MNIST's first shard in a seeded order, or of the toy's faces in theirs.
 * @param {import("../../src/types.d.ts").GanModule} core
 * @param {import("../../src/types.d.ts").GanConfig} config
 * @param {import("../../src/types.d.ts").Session} session
 * @returns {Promise<{nextReal: () => Float32Array, nextLabels: (() => Uint8Array) | null}>} `nextLabels`: of the latest batch
 */
export async function realBatches(core, config, session) {
  const dim = config.shape.width * config.shape.height;
  const isToy = config.name === "toy-2x2";
  const { samples, labels } = isToy ? { samples: core.toyFaces(), labels: null } : await firstShard(config.shape);
  const count = samples.length / dim;
  const order = isToy ? Uint32Array.from({ length: count }, (_, i) => i) : session.permutation(count);
  let at = 0;
  return {
    nextReal() {
      const batch = new Float32Array(config.batchSize * dim);
      for (let row = 0; row < config.batchSize; row++, at++) {
        const from = order[at % count] * dim;
        batch.set(samples.subarray(from, from + dim), row * dim);
      }
      return batch;
    },
    nextLabels: labels && (() => Uint8Array.from({ length: config.batchSize }, (_, row) => labels[order[(at - config.batchSize + row) % count]])),
  };
}

/**
 * @param {import("../../src/types.d.ts").SampleShape} shape
 * @returns {Promise<{samples: Float32Array, labels: Uint8Array | null}>} MNIST's first images, in [-1, 1], and the class of each
 */
async function firstShard(shape) {
  const base = addressOf("data/mnist/index.json");
  const index = await fetchIndex(base, shape, "default");
  const { images, labels } = await fetchShard(new URL(index.shards[0].file, base).href, index.shards[0], index, "default", () => {});
  return { samples: Float32Array.from(images, (value) => value / 127.5 - 1), labels };
}
