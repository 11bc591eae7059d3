// A library in a page of the browser: ours on the benchmark page, the others on peer.html.

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {string} address
 * @returns what compare.js trains
 */
export async function openPage(browser, address) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`${address}: ${error}`));
  await page.goto(address);
  await page.waitForFunction(() => "bench" in window);
  return {
    name: await page.evaluate(() => window.bench.name),
    init: (workload, seed) => page.evaluate(prepare, { workload, seed, isSample: workload.startsWith("sample") }),
    step: () => page.evaluate(once),
    close: () => page.close(),
  };
}

/** Runs in the page: gives every library the same start. */
async function prepare({ workload, seed, isSample }) {
  const { inputsOf } = await import("/peers/networks.js");
  const { realsOf } = await import("/peers/reals.js");
  const { fetchIndex, fetchShard } = await import("/worker/data/shards.js");
  const data = await realsOf(workload, async (shape) => {
    const base = new URL("/data/mnist/index.json", location.href).href;
    const index = await fetchIndex(base, shape, "default");
    return fetchShard(new URL(index.shards[0].file, base).href, index.shards[0], index, "default", () => {});
  });
  await window.bench.init(workload, seed, inputsOf(workload, seed, data, await import("/random.js")));
  window.once = () => (isSample ? window.bench.sample(64) : window.bench.step());
}

/** Runs in the page: times a step, and returns its losses. */
async function once() {
  const start = performance.now();
  const result = await window.once();
  const ms = performance.now() - start;
  return { ms, losses: result instanceof Float32Array ? { first: result[0] } : result };
}
