import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Names that distributions give to a browser of Chromium's family. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** @returns {string} path of the browser: CHROMIUM, or the first one on PATH */
function findChromium() {
  const { CHROMIUM, PATH = "" } = process.env;
  if (CHROMIUM) return CHROMIUM;
  for (const folder of PATH.split(delimiter)) {
    for (const name of NAMES) if (folder && existsSync(join(folder, name))) return join(folder, name);
  }
  throw new Error("no Chromium found: install one (e.g. `apt-get install chromium`) or name its path in CHROMIUM");
}

export default defineConfig({
  testDir: "tests/e2e",
  testMatch: "*.spec.js",
  outputDir: "test-results",
  // Training takes all the CPU there is: side by side, tests would only slow each other down.
  workers: 1,
  // These limits end a test that fails and cost one that passes nothing: on a machine that is busy with other things all of it takes several times as long.
  timeout: 300_000,
  expect: { timeout: 90_000, toPass: { timeout: 90_000 } },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    launchOptions: {
      executablePath: findChromium(),
      // Chromium's sandbox does not work as root, which is what containers run as.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
    trace: "retain-on-failure",
  },
});
