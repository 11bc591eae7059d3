// Real samples that all libraries are given, in the page and in Node alike.

const FACES = [1, 0, 0, 1, 0.9, 0.1, 0.2, 0.8, 0.9, 0.2, 0.1, 0.8, 0.8, 0.1, 0.2, 0.9, 0.8, 0.2, 0.1, 0.9];

/**
 * @param {string} workload
 * @param {(shape: object) => Promise<{images: Uint8Array, labels: Uint8Array}>} firstShard of MNIST
 * @returns {Promise<{reals: Float32Array, labels: Uint8Array}>} rows in the range of the networks, and a label for each where they have some
 */
export async function realsOf(workload, firstShard) {
  if (workload === "toy-2x2") return { reals: Float32Array.from(FACES), labels: new Uint8Array(0) };
  const { images, labels } = await firstShard({ width: 28, height: 28, range: [-1, 1] });
  return { reals: Float32Array.from(images, (value) => value / 127.5 - 1), labels };
}
