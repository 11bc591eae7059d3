// The address describes the run.

import { expect, test } from "./playground.js";

test("a link brings its mode, preset, seed and rates", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=mnist&preset=mnist-keras&seed=11&batch=8&lrD=0.0003&backend=cpu");
  await playground.isReady();
  await expect(page.getByLabel("Preset")).toHaveValue("mnist-keras");
  await expect(page.getByLabel("Seed")).toHaveValue("11");
  await expect(page.getByLabel("Batch size")).toHaveValue("8");
  await expect(page.getByLabel("Discriminator learning rate")).toHaveValue("0.0003");
  await expect(playground.status).toContainText("You chose the CPU");
  await expect(page.getByText("1,493,520")).toBeVisible(); // what Keras' summary says of the same generator (docs/training.md, presets)
  await expect(page.getByText("533,505").first()).toBeVisible();
});

test("bad values in a link are told, and the defaults used", async ({ playground }) => {
  await playground.open("#mode=cats&preset=mnist-fast&seed=abc&batch=100000&colour=red");
  await playground.isReady();
  await expect(playground.tab("MNIST")).toHaveAttribute("aria-selected", "true");
  for (const words of ["mode=cats", "Seed must be a whole number", "Batch size must be", "“colour”"]) await expect(playground.alert).toContainText(words);
  await expect(playground.page.getByLabel("Seed")).toHaveValue("42");
  await expect(playground.page.getByLabel("Batch size")).toHaveValue("64");
  await playground.step("Step", 1);
});

test("a changed address is followed", async ({ playground }) => {
  const { page } = playground;
  await playground.open("#mode=toy");
  await playground.isReady();
  await page.evaluate(() => (location.hash = "#mode=toy&seed=5&train=1"));
  await playground.reachesStep(5);
  await expect(page.getByLabel("Seed")).toHaveValue("5");
  await page.evaluate(() => (location.hash = "#mode=mnist"));
  await expect(playground.tab("MNIST")).toHaveAttribute("aria-selected", "true");
  await playground.isReady();
});

test("Copy link copies what reproduces the run", async ({ playground, context }) => {
  const { page } = playground;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await playground.open("#mode=toy&seed=5");
  await playground.isReady();
  const rate = page.getByLabel("Generator learning rate");
  await rate.fill("0.05");
  await rate.press("Enter");
  await playground.button("Copy link").click();
  await expect(playground.status).toContainText("link is copied");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${playground.site}#mode=toy&seed=5&lrG=0.05`);
  await playground.step("Step", 1);
  // The step above was taken at the changed rate too, so the link's own first step is the same one.
  const losses = await playground.losses();
  await page.goto("about:blank");
  await page.goto(link);
  await playground.isReady();
  await playground.step("Step", 1);
  expect(await playground.losses()).toBe(losses);
});
