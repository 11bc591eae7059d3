// Data that are late, broken, missing or somebody's own.

import { gzipSync as gzipBuffer } from "node:zlib";
import { expect, test } from "./playground.js";

/**
 * @param {Buffer} bytes
 * @returns {Buffer}
 */
const gzipSync = (bytes) => gzipBuffer(Uint8Array.from(bytes));

/**
 * @param {number} count
 * @param {number} side pixels
 * @returns {Buffer} an idx3-ubyte file of grey pictures
 */
function idx(count, side = 28) {
  const bytes = Buffer.alloc(16 + count * side * side, 200);
  [0x803, count, side, side].forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

test("broken shards are told, the others train, and Retry brings them", async ({ playground }) => {
  const { page } = playground;
  await page.route("**/train-1.bin.gz", (route) => route.fulfill({ status: 404, body: "not found" }));
  await page.route("**/train-3.bin.gz", async (route) => {
    const body = await (await route.fetch()).body();
    await route.fulfill({ body: body.subarray(0, 100_000) });
  });
  await playground.open("#mode=mnist&train=1");
  await expect(playground.metric("dataset")).toHaveText("MNIST, 40,000 of 60,000 images");
  await expect(playground.alert).toContainText("train-1.bin.gz: the server answered 404");
  await expect(playground.alert).toContainText("train-3.bin.gz: is truncated");
  const step = await playground.figure("step");
  await playground.reachesStep(step + 2);

  await page.unrouteAll();
  /** @type {string[]} */
  const fetched = [];
  page.on("request", (request) => fetched.push(request.url()));
  await playground.button("Retry").click();
  await expect(playground.metric("dataset")).toHaveText("MNIST, 60,000 of 60,000 images");
  await expect(playground.alert).toBeEmpty();
  const shards = () => fetched.filter((url) => url.includes("train-")).map((url) => url.slice(-14));
  await expect.poll(shards, "only what was missing").toEqual(["train-1.bin.gz", "train-3.bin.gz"]);
  await playground.reachesStep((await playground.figure("step")) + 1);
});

test("an altered shard is noticed", async ({ playground }) => {
  const { page } = playground;
  await page.route("**/train-2.bin.gz", async (route) => {
    const body = await (await route.fetch()).body();
    body[body.length >> 1] ^= 1;
    await route.fulfill({ body });
  });
  await playground.open();
  await expect(playground.alert).toContainText(/train-2\.bin\.gz: .*corrupted/);
  await playground.step("Step", 1);
});

test("without its first shard it trains on the others", async ({ playground }) => {
  await playground.page.route("**/train-0.bin.gz", (route) => route.abort());
  await playground.open("#mode=mnist&train=1");
  await expect(playground.alert).toContainText("train-0.bin.gz: could not be fetched");
  await playground.reachesStep(2);
  await expect(playground.metric("dataset")).toHaveText("MNIST, 50,000 of 60,000 images");
});

test("without any data the page says so and lives on", async ({ playground }) => {
  const { page } = playground;
  await page.route("**/index.json", (route) => route.fulfill({ status: 404, body: "" }));
  await playground.open();
  await expect(playground.alert).toContainText("index.json: the server answered 404");
  await playground.button("Train").click();
  await expect(playground.status).toContainText("Waiting for the first images");
  await page.unrouteAll();
  await playground.button("Retry").click();
  await playground.reachesStep(1);
  await expect(playground.alert).toBeEmpty();
});

test("training starts after the first shard, with the rest behind a progress bar", async ({ playground }) => {
  const { page } = playground;
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/train-1.bin.gz", async (route) => {
    await held;
    await route.continue();
  });
  await playground.open("#mode=mnist&train=1");
  await playground.reachesStep(3);
  await expect(playground.metric("dataset")).toHaveText("MNIST, 10,000 of 60,000 images");
  await expect(page.getByRole("progressbar", { name: "Loading MNIST" })).toBeVisible();
  release();
  await expect(playground.metric("dataset")).toHaveText("MNIST, 60,000 of 60,000 images");
  await expect(page.getByRole("progressbar")).toBeHidden();
});

test("people's own idx files are trained on, and bad ones refused in words", async ({ playground }) => {
  const { page } = playground;
  const chooser = page.getByLabel("Open your own images");
  await playground.open("#mode=mnist&preset=mnist-fast&train=1");
  await playground.reachesStep(2);
  const mnist = await playground.pixels("real");

  for (const [name, buffer, words] of /** @type {[string, Buffer, RegExp][]} */ ([
    ["holiday.jpg", Buffer.from("\xff\xd8\xff\xe0 not an idx file at all", "latin1"), /holiday\.jpg: begins with 0xffd8ffe0/],
    ["short-idx3-ubyte", idx(10).subarray(0, 500), /short-idx3-ubyte: is truncated/],
    ["big-idx3-ubyte", idx(2, 32), /big-idx3-ubyte: holds 32×32 images, expected 28×28/],
    ["half.gz", gzipSync(idx(10)).subarray(0, 30), /half\.gz: is truncated or corrupted/],
  ])) {
    await chooser.setInputFiles({ name, mimeType: "application/octet-stream", buffer });
    await expect(playground.alert).toContainText(words);
    await expect(playground.metric("dataset")).toHaveText(/^MNIST, /);
  }

  const step = await playground.figure("step");
  await chooser.setInputFiles({ name: "grey-idx3-ubyte.gz", mimeType: "application/gzip", buffer: gzipSync(idx(1234)) });
  await expect(playground.metric("dataset")).toHaveText("grey-idx3-ubyte.gz, 1,234 of 1,234 images");
  await expect(playground.alert).toBeEmpty();
  await expect.poll(() => playground.pixels("real")).not.toBe(mnist);
  await playground.reachesStep(step + 2);

  await playground.button("Back to MNIST").click();
  await expect(playground.metric("dataset")).toHaveText(/^MNIST, /);
  await expect.poll(() => playground.pixels("real")).toBe(mnist);
  await playground.reachesStep((await playground.figure("step")) + 1);
});

test("a file can be dropped on the page", async ({ playground }) => {
  await playground.open("#mode=mnist&preset=mnist-fast");
  await playground.isReady();
  const transfer = await playground.page.evaluateHandle((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], "dropped-idx3-ubyte"));
    return data;
  }, [...idx(70)]);
  await playground.page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  await expect(playground.metric("dataset")).toHaveText("dropped-idx3-ubyte, 70 of 70 images");
});
