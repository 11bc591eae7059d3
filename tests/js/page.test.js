import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WWW = new URL("../../www/", import.meta.url);
const HTML = readFileSync(new URL("index.html", WWW), "utf8");

test("the security policy carries the hash of the import map", () => {
  const map = /<script type="importmap">(.*?)<\/script>/s.exec(HTML)?.[1] ?? "";
  assert.ok(HTML.includes(`'sha256-${createHash("sha256").update(map).digest("base64")}'`));
});

test("the policy comes before everything it is to govern", () => {
  assert.ok(HTML.indexOf("Content-Security-Policy") < HTML.indexOf("<link"));
  assert.ok(HTML.indexOf("Content-Security-Policy") < HTML.indexOf("<script"));
});

test("nothing on the page points to another host or to the root of this one", () => {
  const files = readdirSync(WWW, { recursive: true, encoding: "utf8" }).filter((name) => /^(?!vendor|data).*\.(html|css|js)$/.test(name));
  assert.ok(files.length > 10);
  for (const name of files) {
    const text = readFileSync(new URL(name, WWW), "utf8");
    assert.doesNotMatch(text, /https?:\/\/|["'(]\/\//, name);
    assert.doesNotMatch(text, /(src|href|from|import\()\s*=?\s*["']\//, name);
  }
});

test("the figures of the contract are all there, once each", () => {
  const metrics = [
    "step", "epoch", "loss-d", "loss-g", "score-real", "score-fake", "steps-per-second", "backend", "dataset",
    "logit-real", "logit-fake", "penalty", "gradient-norm", "fd", "confident", "agreement", "diversity", "seconds", "class-share",
  ];
  for (const metric of metrics) {
    assert.equal(HTML.split(`data-metric="${metric}"`).length, 2, metric);
  }
  for (const view of ["samples", "real", "drawn"]) assert.equal(HTML.split(`data-view="${view}"`).length, 2, view);
});
