// The README and the other documents: links and paths that lead somewhere, and a README that a newcomer reads to its end.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "www/data/README.md", "tests/fixtures/README.md",
  ...readdirSync(join(ROOT, "docs")).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
];
/** Words of the README at most, counted as `wc -w` counts them. */
const MOST_WORDS = 1500;

/**
 * @param {string} file relative to the repository
 * @returns {string} its text without blocks of code, whose brackets are no links
 */
function textOf(file) {
  return readFileSync(join(ROOT, file), "utf8").replace(/^```[^]*?^```$/gm, "");
}

/**
 * @param {string} text of a document
 * @returns {Set<string>} anchors of its headings, as GitHub makes them
 */
function anchorsOf(text) {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return new Set(headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-")));
}

test("every relative link of the documents leads to a file and a heading", () => {
  const broken = DOCUMENTS.flatMap((document) => {
    const targets = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    return targets.filter((target) => !/^[a-z]+:/.test(target)).filter((target) => {
      const [path, anchor] = target.split("#");
      const file = path ? resolve(ROOT, dirname(document), path) : join(ROOT, document);
      if (relative(ROOT, file).startsWith("..") || !existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, "utf8")).has(anchor);
    }).map((target) => `${document}: ${target}`);
  });
  assert.deepEqual(broken, []);
});

test("every path that the documents name exists", () => {
  const paths = DOCUMENTS.flatMap((document) => {
    const named = [...textOf(document).matchAll(/`((?:src|www|tests|docs|xtask|quality|benches)\/[\w./-]+)`/g)];
    return named.map(([, path]) => ({ document, path }));
  });
  assert.ok(paths.length > 50, "paths are found");
  // What is built or installed, or is a module with or without a folder, need not be here under that very name.
  const exists = (/** @type {string} */ path) => path.startsWith("www/vendor") || [path, `${path}.rs`].some((name) => existsSync(join(ROOT, name)));
  assert.deepEqual(paths.filter(({ path }) => !exists(path)).map(({ document, path }) => `${document}: ${path}`), []);
});

test("nothing outside the repository is referred to", () => {
  const outside = DOCUMENTS.filter((document) => /\.\.\/shared|BENCH\.md|DESIGN\.md|STYLE\.md|FEATURES\.md/.test(textOf(document)));
  assert.deepEqual(outside, []);
});

test("the README is short enough to be read", () => {
  const words = readFileSync(join(ROOT, "README.md"), "utf8").split(/\s+/).filter(Boolean);
  assert.ok(words.length <= MOST_WORDS, `${words.length} words, expected at most ${MOST_WORDS}`);
});
