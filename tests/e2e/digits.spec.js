// Networks that are told the classes: the grid by classes, "Draw me a …", the judge, and what becomes of own files. On the CPU.

import axe from "axe-core";
import { expect, expectToFit, settled, test } from "./playground.js";

const GARMENTS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/**
 * @param {import("@playwright/test").Page} page
 * @returns {import("@playwright/test").Locator}
 */
const drawGroup = (page) => page.getByRole("group", { name: "Draw me a …" });

/**
 * @param {number} count
 * @param {ReadonlyArray<number> | null} labels in turn; null: none
 * @returns {{name: string, mimeType: string, buffer: Buffer}[]} idx files of grey pictures
 */
function ownFiles(count, labels) {
  const images = Buffer.alloc(16 + count * 784, 200);
  [0x803, count, 28, 28].forEach((value, i) => images.writeUInt32BE(value, 4 * i));
  const files = [{ name: "mine-idx3-ubyte", mimeType: "", buffer: images }];
  if (!labels) return files;
  const names = Buffer.alloc(8 + count);
  [0x801, count].forEach((value, i) => names.writeUInt32BE(value, 4 * i));
  for (let i = 0; i < count; i++) names[8 + i] = labels[i % labels.length];
  return [...files, { name: "mine-idx1-ubyte", mimeType: "", buffer: names }];
}

test("MNIST shows a column for each class, and says what labels change", async ({ playground, page }) => {
  await playground.open();
  await playground.isReady();
  await expect(page.getByLabel("Preset")).toHaveValue("mnist-digits");
  const canvas = page.getByRole("img", { name: /^80 generated samples: a column for each class, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; a row for each random input$/ });
  await expect(canvas).toBeVisible();
  const ratio = await canvas.evaluate((/** @type {HTMLCanvasElement} */ { width, height }) => width / height);
  expect(ratio).toBeCloseTo(10 / 8, 2);
  await expect(page.getByText("Both networks are told the classes")).toBeVisible();
  for (const step of ["Step", "Discriminator step", "Generator step"]) await playground.step(step, step === "Step" ? 1 : 0);
  await expect(playground.metric("step")).toHaveText("2");
});

test("psi changes the pictures alone, stands in the link, and is not offered without labels", async ({ playground, page }) => {
  await playground.open("#mode=mnist&batch=8&seed=3");
  await playground.isReady();
  for (let i = 0; i < 3; i++) await playground.step("Step", 1);
  const [usual, losses] = [await playground.pixels("samples"), await playground.losses()];
  const psi = page.getByRole("slider", { name: "Imagination" });
  await expect(psi).toHaveValue("0.8");
  await psi.fill("0.3");
  await expect.poll(() => playground.pixels("samples")).not.toBe(usual);
  await expect(page).toHaveURL(/psi=0\.3/);
  await expect(page).toHaveURL(/preset=mnist-digits/);
  await psi.fill("0.8");
  await expect.poll(() => playground.pixels("samples")).toBe(usual);
  expect(await playground.losses()).toBe(losses);
  await page.getByLabel("Preset").selectOption("mnist-digits-unlabelled");
  await playground.isReady();
  await expect(psi).toBeHidden();
  await expect(drawGroup(page)).toBeHidden();
  await expect(page.getByText("Nobody tells these networks the classes")).toBeVisible();
});

test("Draw me a 7 gives a fresh picture with D's score and the judge's opinion, paused and while it trains, by keyboard", async ({ playground, page }) => {
  await playground.open("#mode=mnist");
  await playground.isReady();
  const words = page.locator("#drawn-words");
  const drawn = page.locator("canvas[data-view=drawn]");
  await expect(drawn).toBeHidden();
  const seven = drawGroup(page).getByRole("button", { name: "7", exact: true });
  await seven.focus();
  await page.keyboard.press("Enter");
  const told = /^You asked for a 7\. D .*: score [01]\.\d\d\. The judge sees an? \d( too)?, (more than )?\d+ % sure\.$/;
  await expect(words).toHaveText(told);
  await expect(words).toHaveAttribute("aria-live", "polite");
  const digest = () => drawn.evaluate((element) => /** @type {HTMLCanvasElement} */ (element).toDataURL());
  await expect(drawn).toBeVisible();
  const first = await digest();
  await page.keyboard.press("Enter");
  await expect.poll(digest, { message: "another press draws another one" }).not.toBe(first);
  await playground.button("Train").click();
  await playground.reachesStep(5);
  const before = await digest();
  await seven.click();
  await expect.poll(digest).not.toBe(before);
  await expect(words).toHaveText(told);
  await expect(playground.button("Pause")).toBeVisible();
});

test("a number is written in one style or in many, and what is none is refused in words", async ({ playground, page }) => {
  await playground.open("#mode=mnist&batch=8");
  await playground.isReady();
  for (let i = 0; i < 2; i++) await playground.step("Step", 1);
  const number = page.getByLabel("or a number");
  const words = page.locator("#drawn-words");
  await number.fill("2026");
  await number.press("Enter");
  await expect(words).toHaveText(/^You asked for 2026\. D’s scores are (\d\.\d\d, ){4}\d\.\d\d on average\. The judge reads \d{4}(, too)?\.$/);
  // In one style equal digits are one and the same picture.
  const equal = () => page.locator("canvas[data-view=drawn]").evaluate((element) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (element);
    const context = /** @type {CanvasRenderingContext2D} */ (/** @type {HTMLCanvasElement} */ (element).getContext("2d"));
    const [first, second] = [0, width / 2].map((left) => context.getImageData(left, 0, width / 2, height).data);
    return first.every((value, i) => value === second[i]);
  });
  await number.fill("88");
  await number.press("Enter");
  await expect(words).toContainText("You asked for 88.");
  await expect.poll(equal).toBe(true);
  await page.getByLabel("in many").check();
  await playground.button("Write").click();
  await expect.poll(equal).toBe(false);
  await number.fill("seven");
  await number.press("Enter");
  await expect(page.getByText("“seven” is not made of digits only")).toBeVisible();
  await expect(number).toHaveAttribute("aria-invalid", "true");
  await expect(words).toContainText("You asked for 88.");
});

test("Fashion-MNIST draws garments by name, and no numbers", async ({ playground, page }) => {
  await playground.open("#mode=fashion");
  await playground.isReady();
  await expect(page.getByLabel("Preset")).toHaveValue("fashion-clothes");
  await expect(drawGroup(page).getByRole("button")).toHaveText(GARMENTS);
  await expect(page.getByLabel("or a number")).toBeHidden();
  await drawGroup(page).getByRole("button", { name: "Ankle boot" }).click();
  await expect(page.locator("#drawn-words")).toHaveText(/^You asked for an ankle boot\. .*The judge sees an? [a-z]/);
});

test("the judge's figures appear with those of real images, and agree with recomputation", async ({ playground, page }) => {
  /** @type {string[]} */
  const fetched = [];
  page.on("request", (request) => fetched.push(request.url()));
  await playground.open("#mode=mnist&seed=11&batch=16&backend=cpu");
  await playground.isReady();
  await expect(page.getByText("It looks for the first time after two seconds of training.")).toBeVisible();
  expect(fetched.filter((url) => url.includes("/judge/")), "nothing of it is loaded before it looks").toEqual([]);
  await playground.button("Train").click();
  await expect.poll(() => playground.figure("fd")).toBeGreaterThan(0);
  await playground.pause();
  const step = await playground.figure("step");
  await expect(page.locator("#judge-step")).toHaveText(`step ${step.toLocaleString("en")}`); // It looks again at rest.
  await expect(page.locator("#real-fd")).toHaveText(/^real: \d+\.\d$/);
  const shares = (await playground.metric("class-share").getByRole("listitem").allTextContents()).map(parseFloat);
  expect(shares).toHaveLength(10);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  for (const name of ["confident", "agreement"]) expect(await playground.metric(name).textContent()).toMatch(/^\d+\.\d %$/);
  const read = async (/** @type {string} */ name) => parseFloat((await playground.metric(name).textContent()) ?? "");
  const shown = { fd: await read("fd"), confident: await read("confident"), agreement: await read("agreement"), diversity: await read("diversity") };
  expect(await read("seconds")).toBeGreaterThanOrEqual(2);
  expect(fetched.filter((url) => url.endsWith("/judge/mnist.bin"))).toHaveLength(1);

  // The same run once more, without the page: its networks after as many steps, and all samples judged at once.
  const count = Number(/^Of ([\d,]+) fresh pictures/.exec((await page.locator("#judge-distance").textContent()) ?? "")?.[1].replace(",", ""));
  const recomputed = await page.evaluate(recompute, { site: playground.site, step, seed: 11, batch: 16, count });
  expect(Math.abs(recomputed.fd - shown.fd)).toBeLessThan(0.01);
  expect(Math.abs(100 * recomputed.confident - shown.confident)).toBeLessThan(0.06);
  expect(Math.abs(100 * recomputed.agreement - shown.agreement)).toBeLessThan(0.06);
  expect(Math.abs(recomputed.diversity - shown.diversity)).toBeLessThan(0.006);
  recomputed.classShare.forEach((share, label) => expect(Math.abs(100 * share - shares[label])).toBeLessThan(0.06));
});

/**
 * Runs in the page, with modules of the site but none of its worker's loop.
 * @param {{site: string, step: number, seed: number, batch: number, count: number}} run
 * @returns {Promise<{fd: number, confident: number, agreement: number, diversity: number, classShare: number[]}>}
 */
async function recompute({ site, step, seed, batch, count }) {
  const [{ loadCore }, { ImageSource }, { fetchShard }, latents] = await Promise.all(
    ["core/core.js", "worker/data/source.js", "worker/data/shards.js", "worker/latents.js"].map((file) => import(site + file)),
  );
  const { core } = await loadCore("cpu");
  const config = { ...core.preset("mnist-digits"), batchSize: batch };
  const session = await core.createSession(config, seed, "cpu");
  const index = await (await fetch(`${site}data/mnist/index.json`)).json();
  const counts = index.shards.map((/** @type {{count: number}} */ entry) => entry.count);
  const source = new ImageSource("MNIST", config.shape, counts, (/** @type {number} */ n) => session.permutation(n), index.classes);
  const shards = Math.ceil((step * batch) / index.shards[0].count);
  for (let shard = 0; shard < Math.min(shards, index.shards.length); shard++) {
    const entry = index.shards[shard];
    const { images, labels } = await fetchShard(`${site}data/mnist/${entry.file}`, entry, index, "default", () => {});
    source.add(shard, images, labels);
  }
  for (let i = 0; i < step; i++) {
    const { samples, labels } = source.nextBatch(batch);
    session.step(samples, labels);
    if (i % 50 === 0) await session.readMetrics();
  }
  await session.readMetrics();
  const labels = latents.inTurn(latents.allClasses(10), count);
  const drawn = latents.take(latents.latentStream("normal", seed, "judge"), count * session.info().latentDim);
  const samples = await session.generate(drawn, true, labels);
  const judge = await core.openJudge(new Uint8Array(await (await fetch(`${site}judge/mnist.bin`)).arrayBuffer()), "cpu");
  return judge.score(samples, labels);
}

test("the judge knows neither own images nor the toy, and one that cannot be fetched is told", async ({ playground, page }) => {
  await page.route("**/judge/mnist.bin", (route) => route.fulfill({ status: 404, body: "" }));
  await playground.open("#mode=mnist&batch=8");
  await playground.isReady();
  await drawGroup(page).getByRole("button", { name: "3", exact: true }).click();
  await expect(page.getByText(/The judge could not look \(.*mnist\.bin: the server answered 404\)/)).toBeVisible();
  await expect(page.locator("#drawn-words")).toContainText("You asked for a 3.");
  await page.unrouteAll();
  await page.getByLabel("Open your own images").setInputFiles(ownFiles(64, [0, 1, 2]));
  await expect(playground.metric("dataset")).toHaveText("mine-idx3-ubyte, 64 of 64 images");
  await expect(page.getByText("There is no judge for your own images: it knows MNIST only.")).toBeVisible();
  await playground.step("Step", 1);
  await playground.openTab("2×2 faces");
  await expect(page.getByText(/^There is no judge for the faces of this mode/)).toBeVisible();
});

test("own files with labels train networks that are told classes; those without are refused in words, with a way on", async ({ playground, page }) => {
  const chooser = page.getByLabel("Open your own images");
  await playground.open("#mode=mnist&batch=8");
  await playground.isReady();
  await playground.step("Step", 1);
  await chooser.setInputFiles(ownFiles(64, [3, 8]));
  await expect(playground.metric("dataset")).toHaveText("mine-idx3-ubyte, 64 of 64 images");
  await playground.step("Step", 1);
  await expect(playground.metric("step")).toHaveText("2");
  await playground.button("Back to MNIST").click();
  await expect(playground.metric("dataset")).toHaveText(/^MNIST/);

  await chooser.setInputFiles(ownFiles(64, [0, 12]));
  await expect(playground.alert).toContainText("mine-idx3-ubyte: has labels up to 12, but there are 10 classes, 0 to 9");
  await chooser.setInputFiles(ownFiles(64, null));
  await expect(playground.alert).toContainText("mine-idx3-ubyte: came without labels. These networks are told the class of each image.");
  await expect(playground.metric("dataset")).toHaveText(/^MNIST/);
  await playground.step("Step", 1);
  await expect(playground.metric("step")).toHaveText("3"); // Nothing that was trained is lost.
  await playground.button("Start anew with mnist-digits-unlabelled").click();
  await expect(playground.metric("dataset")).toHaveText("mine-idx3-ubyte, 64 of 64 images");
  await expect(page.getByLabel("Preset")).toHaveValue("mnist-digits-unlabelled");
  await expect(playground.alert).toBeEmpty();
  await playground.step("Step", 1);
  await expect(playground.metric("step")).toHaveText("1");
});

test("with a choice of classes the other columns are marked, and it trains", async ({ playground, page }) => {
  await playground.open("#mode=mnist&batch=8&classes=3,8");
  await playground.isReady();
  await expect(page.getByText("Only 3 and 8 are trained on.")).toBeVisible();
  await expect(page.locator("#column-names .unheard")).toHaveText(["0", "1", "2", "4", "5", "6", "7", "9"]);
  for (const step of ["Step", "Generator step", "Discriminator step"]) await playground.step(step, step === "Step" ? 1 : 0);
  await page.getByRole("group", { name: "Classes" }).getByRole("button", { name: "All classes" }).click();
  await expect(page.locator("#column-names .unheard")).toHaveCount(0);
  await playground.step("Step", 1);
});

test("labels, penalties and the schedule are edited in words, and a link brings them back", async ({ playground, page }) => {
  await playground.open("#mode=mnist&preset=mnist-fast&batch=8&backend=cpu");
  await playground.isReady();
  await page.getByText("Change the networks and the training").click();
  await expect(page.locator("#edit-discriminator-count")).toHaveText("233,985 parameters"); // docs/training.md, presets
  await page.getByLabel("The networks are told the class of each picture").check();
  // A one-hot of ten beside G's 64 latents, and a weight for each class and each of D's last 128 values.
  await expect(page.locator("#edit-generator-count")).toHaveText(`${(578_704 + 10 * 128).toLocaleString("en")} parameters`);
  await expect(page.locator("#edit-discriminator-count")).toHaveText(`${(233_985 + 10 * 128).toLocaleString("en")} parameters`);
  await page.getByLabel("R1, γ, if any").fill("0.5");
  await page.getByRole("combobox", { name: "Learning rates" }).selectOption("inverseSqrt");
  await page.getByLabel("From step").fill("100");
  await playground.button("Apply: start anew with this").click();
  await expect(page).toHaveURL(/config=[\w-]+/);
  await playground.isReady();
  await expect(drawGroup(page)).toBeVisible();
  for (let i = 0; i < 2; i++) await playground.step("Step", 1);
  const losses = await playground.losses();
  expect(await playground.figure("penalty")).toBeGreaterThan(0);

  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await playground.isReady();
  for (let i = 0; i < 2; i++) await playground.step("Step", 1);
  expect(await playground.losses()).toBe(losses);
  await page.getByText("Change the networks and the training").click();
  await expect(page.getByLabel("The networks are told the class of each picture")).toBeChecked();
  await expect(page.getByLabel("R1, γ, if any")).toHaveValue("0.5");
  await expect(page.getByRole("combobox", { name: "Learning rates" })).toHaveValue("inverseSqrt");
});

test("an old link to a preset that was renamed still leads to it", async ({ playground, page }) => {
  await playground.open("#mode=mnist&preset=mnist-dcgan-classic&batch=4");
  await playground.isReady();
  await expect(page.getByLabel("Preset")).toHaveValue("mnist-dcgan-wide");
  await expect(playground.alert).toBeEmpty();
});

for (const [mode, width] of /** @type {const} */ ([["mnist", 1280], ["mnist", 390], ["fashion", 1280], ["fashion", 390]])) {
  test(`axe finds nothing serious and nothing overflows in what labels bring, ${mode}, ${width} px, light and dark`, async ({ playground, page }) => {
    await page.setViewportSize({ width, height: 800 });
    await playground.open(`#mode=${mode}&batch=8`);
    await playground.isReady();
    await playground.button("Train").click();
    await expect.poll(() => playground.figure("fd")).toBeGreaterThan(0);
    await playground.pause();
    await drawGroup(page).getByRole("button").first().click();
    await expect(page.locator("#drawn-words")).toContainText("You asked for");
    if (mode === "mnist") {
      await page.getByLabel("or a number").fill("one");
      await page.getByLabel("or a number").press("Enter");
    }
    await page.getByText("Change the networks and the training").click();
    await expect(page.locator("#edit-generator-count")).toContainText("parameters");
    await page.evaluate(axe.source);
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      const { violations } = await page.evaluate(() => /** @type {typeof axe} */ (Reflect.get(window, "axe")).run());
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
      await expectToFit(page, colorScheme);
    }
  });
}
