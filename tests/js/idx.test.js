import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { MAX_OWN_IMAGES, readIdxImages, readOwnFiles } from "../../www/worker/data/idx.js";

const SHAPE = { width: 28, height: 28 };

/**
 * @param {number} count
 * @param {{magic?: number, width?: number, height?: number, promised?: number}} [changes]
 * @returns {Uint8Array<ArrayBuffer>} an idx3-ubyte file, big-endian, as http://yann.lecun.com/exdb/mnist lays it out
 */
function images(count, { magic = 0x803, width = 28, height = 28, promised = count } = {}) {
  const bytes = new Uint8Array(16 + count * width * height).map((_, i) => i % 251);
  const view = new DataView(bytes.buffer);
  [magic, promised, height, width].forEach((value, i) => view.setUint32(4 * i, value));
  return bytes;
}

/**
 * @param {number} count
 * @returns {Uint8Array<ArrayBuffer>} an idx1-ubyte file
 */
function labels(count) {
  const bytes = new Uint8Array(8 + count).map((_, i) => i % 10);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x801);
  view.setUint32(4, count);
  return bytes;
}

/**
 * @param {Uint8Array<ArrayBuffer> | Buffer} bytes
 * @param {string} name
 * @returns {File}
 */
const file = (bytes, name) => /** @type {File} */ (new File([Uint8Array.from(bytes)], name));

test("an idx file is read, gzip'd or not, with or without labels, in any order", async () => {
  for (const files of [
    [file(images(3), "mine")],
    [file(gzipSync(images(3)), "mine")],
    [file(images(3), "mine"), file(labels(3), "names")],
    [file(gzipSync(labels(3)), "names"), file(images(3), "mine")],
  ]) {
    const own = await readOwnFiles(files, SHAPE);
    assert.equal(own.name, "mine");
    assert.deepEqual(own.images, images(3).subarray(16));
    assert.equal(own.labels?.length, files.length === 2 ? 3 : undefined);
  }
});

for (const [what, bytes, message] of /** @type {[string, Uint8Array<ArrayBuffer>, RegExp][]} */ ([
  ["an empty file", new Uint8Array(0), /truncated: 0 bytes/],
  ["a file of text", new TextEncoder().encode("this is not an idx file"), /begins with 0x74686973, expected 0x00000803/],
  ["a little-endian magic", images(1, { magic: 0x03080000 }), /begins with 0x03080000/],
  ["a truncated file", images(2).subarray(0, 1000), /truncated: 1000 of 1584 bytes/],
  ["a file longer than its header says", images(3, { promised: 2 }), /2368 bytes long, but its header promises 1584/],
  ["images of another size", images(1, { width: 32, height: 32 }), /32×32 images, expected 28×28/],
  ["no image at all", images(0), /holds 0 images/],
  ["more images than the cap", images(1, { promised: MAX_OWN_IMAGES + 1 }), /holds 100001 images, expected 1 to 100000/],
  ["a count that would overflow 32 bits", images(1, { promised: 0xffffffff }), /4294967295 images/],
])) {
  test(`${what} is refused in words`, async () => {
    await assert.rejects(readOwnFiles([file(bytes, "mine")], SHAPE), (error) => {
      assert.match(String(error), message);
      assert.match(String(error), /mine: .*Choose/);
      return true;
    });
  });
}

test("a truncated gzip is refused", async () => {
  await assert.rejects(readOwnFiles([file(gzipSync(images(3)).subarray(0, 200), "mine.gz")], SHAPE), /mine\.gz: is truncated or corrupted/);
});

test("a gzip bomb is given up at the cap", async () => {
  const bomb = gzipSync(new Uint8Array(16 + 784 * MAX_OWN_IMAGES + 1));
  await assert.rejects(readOwnFiles([file(bomb, "bomb.gz")], SHAPE), /bomb\.gz: holds more than/);
});

test("labels that do not belong to the images are refused", async () => {
  await assert.rejects(readOwnFiles([file(images(3), "mine"), file(labels(4), "names")], SHAPE), /names: holds 4 labels for 3 images/);
  await assert.rejects(readOwnFiles([file(images(3), "mine"), file(labels(3).subarray(0, 9), "names")], SHAPE), /names: is 9 bytes long, expected 11/);
});

test("labels alone, two files of images, or three files are refused", async () => {
  await assert.rejects(readOwnFiles([file(labels(3), "names")], SHAPE), /names: holds labels only/);
  await assert.rejects(readOwnFiles([file(images(1), "a"), file(images(1), "b")], SHAPE), /b: is a second file of images/);
  await assert.rejects(readOwnFiles([1, 2, 3].map((i) => file(images(1), String(i))), SHAPE), /too many/);
});

test("a file that is a view into a larger buffer is read at its own place", () => {
  const padded = new Uint8Array(100 + images(1).length);
  padded.set(images(1), 100);
  assert.deepEqual(readIdxImages(padded.subarray(100), SHAPE, "mine"), images(1).subarray(16));
});
