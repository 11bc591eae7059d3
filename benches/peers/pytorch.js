// PyTorch on the digits-… workloads: a process of pytorch.py beside the browser, which is sent the same inputs as the pages.

import { spawn } from "node:child_process";
import { openAsBlob, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { countedColumns, inputsOf, rateAt, withLabels, workloadOf } from "./networks.js";
import { realsOf } from "./reals.js";
import * as random from "../../www/random.js";
import { checkIndex, readShard } from "../../www/worker/data/shards.js";

const DATA = new URL("../../www/data/mnist/", import.meta.url);

/**
 * @param {string} python interpreter that has torch and numpy
 * @returns what compare.js trains; rejects where the interpreter or its packages are missing
 */
export async function openPyTorch(python) {
  const child = spawn(python, [fileURLToPath(new URL("pytorch.py", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`pytorch.py ended with ${code}; PYTHON must name an interpreter that has torch and numpy`)));
  });
  ended.catch(() => {}); // Whoever waits for an answer hears of it.
  child.stdin.on("error", () => {}); // The same: its end says more.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await Promise.race([lines.next(), ended])).value ?? (await ended));
  const ask = (request, arrays) => {
    child.stdin.write(`${JSON.stringify({ ...request, arrays: Object.fromEntries(Object.entries(arrays).map(([key, { shape }]) => [key, shape])) })}\n`);
    for (const { data } of Object.values(arrays)) child.stdin.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return answer();
  };

  const { name } = await answer();
  let queueStep = null;
  return {
    name,
    async init(workloadName, seed) {
      const workload = workloadOf(workloadName);
      if (workload.classes === 0) throw new Error("pytorch.py knows the digits-… workloads only");
      const inputs = inputsOf(workloadName, seed, await realsOf(workloadName, firstShard), random);
      const weights = Object.entries(inputs.weights).flatMap(([network, tensors]) =>
        Object.entries(tensors).map(([key, tensor]) => [`${network}.${key}`, tensor]));
      await ask({ workload: { r1: workload.r1, adam: workload.adam } }, Object.fromEntries(weights));
      const { batch, classes } = workload;
      const rows = (values) => ({ shape: [batch, values.length / batch], data: values });
      let updates = 0;
      queueStep = () => {
        const real = rows(inputs.nextReal());
        const realColumns = rows(countedColumns(inputs.nextLabels(), classes));
        const labelled = (suffix) => {
          const z = inputs.nextZ();
          const labels = inputs.nextFakeLabels();
          return { [`z${suffix}`]: rows(withLabels(labels, classes, z)), [`columns${suffix}`]: rows(countedColumns(labels, classes)) };
        };
        updates++;
        return ask({ rate: rateAt(workload, updates) }, { real, realColumns, ...labelled(1), ...labelled(2) });
      };
    },
    /** @returns {Promise<{ms: number, losses: object}>} the time that Python took, without the transfer of the inputs */
    step: () => queueStep(),
    async close() {
      child.stdin.end();
    },
  };
}

async function firstShard(shape) {
  const index = checkIndex(JSON.parse(readFileSync(new URL("index.json", DATA), "utf8")), shape, "index.json");
  const blob = await openAsBlob(fileURLToPath(new URL(index.shards[0].file, DATA)));
  return readShard(blob.stream(), index.shards[0], index);
}
