// Runs the end-to-end tests again and again on a machine that is busy: beside a process for each core that does nothing but compute.
//   npm run e2e:busy [runs, 10 by default] [what else `playwright test` takes, e.g. a file]
// Says of each run how it ended, and everything that a failed one printed. Fails if one of them did.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/** Computes until the process that started it is gone, however that ended. */
const BURNER = "const parent = process.ppid; while (process.ppid === parent);";
const PLAYWRIGHT = fileURLToPath(import.meta.resolve("@playwright/test/cli"));

const [count = "10", ...rest] = process.argv.slice(2);
const runs = Number(count);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`the number of runs is ${count}, expected a whole number from 1 on`);

const burners = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ["-e", BURNER], { stdio: "ignore" }));
/** @type {import("node:child_process").ChildProcess | undefined} */
let tests;
process.on("exit", () => {
  tests?.kill();
  burners.forEach((burner) => burner.kill("SIGKILL"));
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => process.exit(1));
console.log(`${runs} runs beside ${burners.length} busy processes`);

let failed = 0;
for (let run = 1; run <= runs; run++) {
  const start = Date.now();
  const { code, output } = await runTests(rest);
  if (code !== 0) {
    failed += 1;
    console.log(output);
  }
  const counts = [...output.matchAll(/^ +(\d+ (?:passed|failed|flaky|skipped|did not run))/gm)].map(([, words]) => words).join(", ");
  const alive = burners.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).length;
  console.log(`run ${run} of ${runs}: ${code === 0 ? "passed" : "FAILED"} (${counts}) in ${Math.round((Date.now() - start) / 1000)} s, beside ${alive} busy processes`);
}
console.log(`${runs - failed} of ${runs} runs passed`);
process.exit(failed > 0 ? 1 : 0);

/**
 * @param {string[]} args
 * @returns {Promise<{code: number | null, output: string}>}
 */
function runTests(args) {
  const child = spawn(process.execPath, [PLAYWRIGHT, "test", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  tests = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
