// Reads gzip'd image shards and their index.json. Every length is checked before it is believed: a file that is missing, cut short,
// altered or larger than promised ends in a DataError that names it, and never in a wrong image or a full memory.
//
// A shard, before gzip: "GANSHARD" (8 bytes), version 1, a zero byte, width, height and count as u16 little-endian, then `count`
// label bytes, then the images: `count * width * height` bytes, 0 to 255, row-major.

const MAGIC = "GANSHARD";
const HEADER_BYTES = 16;
const VERSION = 1;
/** Shards an index may list; MNIST has 6. */
const MAX_SHARDS = 64;
/** Bytes of an index.json; MNIST's has about 2,000. */
const MAX_INDEX_BYTES = 100_000;

/**
 * @typedef {object} ShardEntry
 * @property {string} file name beside index.json
 * @property {number} count images
 * @property {number} gzipBytes
 * @property {number} bytes after gunzip
 * @property {string} sha256 of the bytes after gunzip, in hex
 */

/**
 * @typedef {object} ShardIndex
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {string[]} classes
 * @property {ShardEntry[]} shards
 */

/**
 * @typedef {object} LabelledImages
 * @property {Uint8Array | null} labels one class for each image
 * @property {Uint8Array} images [count, height, width], each byte a grey from 0 to 255
 */

/** A file that cannot be used. The message names the file, what is wrong and what to do. */
export class DataError extends Error {
  /**
   * @param {string} file
   * @param {string} wrong
   * @param {string} todo
   */
  constructor(file, wrong, todo) {
    super(`${file}: ${wrong}. ${todo}`);
    this.name = "DataError";
    this.file = file;
  }
}

/**
 * @param {string} url of index.json
 * @param {{width: number, height: number}} expected shape the network is built for
 * @param {RequestCache} cache
 * @returns {Promise<ShardIndex>}
 */
export async function fetchIndex(url, expected, cache) {
  const file = url.slice(url.lastIndexOf("/") + 1);
  const response = await fetchBody(url, file, cache);
  const bytes = await readAtMost(response, MAX_INDEX_BYTES, file);
  let json;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new DataError(file, "is not JSON", "Check that the server gives the data folder as it is, then press Retry.");
  }
  return checkIndex(json, expected, file);
}

/**
 * @param {ReturnType<typeof JSON.parse>} json what index.json holds
 * @param {{width: number, height: number}} expected
 * @param {string} file name for messages
 * @returns {ShardIndex}
 */
export function checkIndex(json, expected, file) {
  /**
   * @param {boolean} right
   * @param {string} wrong
   */
  const demand = (right, wrong) => {
    if (!right) throw new DataError(file, wrong, "Make the data folder anew with `cargo xtask data`.");
  };
  demand(typeof json?.name === "string", "has no name");
  demand(json.width === expected.width && json.height === expected.height,
    `lists ${json.width}×${json.height} images, expected ${expected.width}×${expected.height}`);
  demand(Array.isArray(json.shards) && json.shards.length > 0 && json.shards.length <= MAX_SHARDS, `must list 1 to ${MAX_SHARDS} shards`);
  for (const entry of json.shards) {
    demand(typeof entry?.file === "string" && /^[\w.-]+$/.test(entry.file), "names a shard file in a way that is not a plain file name");
    demand(Number.isInteger(entry.count) && entry.count > 0 && entry.count < 65536, `gives ${entry.file} a count of ${entry.count}`);
    demand(entry.bytes === HEADER_BYTES + entry.count * (1 + json.width * json.height),
      `gives ${entry.file} ${entry.bytes} bytes, which is not what ${entry.count} images take`);
    demand(typeof entry.sha256 === "string" && /^[0-9a-f]{64}$/.test(entry.sha256), `has no sha256 of ${entry.file}`);
  }
  return json;
}

/**
 * Fetches and checks one shard.
 * @param {string} url
 * @param {ShardEntry} entry
 * @param {ShardIndex} index
 * @param {RequestCache} cache
 * @param {(fraction: number) => void} onProgress called with the share of the shard that has arrived
 * @returns {Promise<LabelledImages>}
 */
export async function fetchShard(url, entry, index, cache, onProgress) {
  return readShard(await fetchBody(url, entry.file, cache), entry, index, onProgress);
}

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body gzip'd, or already gunzipped by the browser because of a Content-Encoding header
 * @param {ShardEntry} entry
 * @param {ShardIndex} index
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<LabelledImages>}
 */
export async function readShard(body, entry, index, onProgress = () => {}) {
  const bytes = new Uint8Array(entry.bytes);
  let length = 0;
  for await (const chunk of chunks(await gunzipIfNeeded(body), entry.file)) {
    if (length + chunk.length > bytes.length) {
      throw new DataError(entry.file, `holds more than the ${entry.bytes} bytes its index promises`, AGAIN);
    }
    bytes.set(chunk, length);
    length += chunk.length;
    onProgress(length / entry.bytes);
  }
  checkHeader(bytes, length, entry, index);
  if (length < entry.bytes) throw new DataError(entry.file, `is truncated: ${length} of ${entry.bytes} bytes arrived`, AGAIN);
  await checkSha256(bytes, entry);
  return { labels: bytes.subarray(HEADER_BYTES, HEADER_BYTES + entry.count), images: bytes.subarray(HEADER_BYTES + entry.count) };
}

const AGAIN = "Press Retry to fetch it again.";

/**
 * @param {Uint8Array} bytes
 * @param {number} length bytes that arrived
 * @param {ShardEntry} entry
 * @param {ShardIndex} index
 */
function checkHeader(bytes, length, entry, index) {
  if (length < HEADER_BYTES) throw new DataError(entry.file, `is truncated: ${length} of ${entry.bytes} bytes arrived`, AGAIN);
  const magic = String.fromCharCode(...bytes.subarray(0, 8));
  if (magic !== MAGIC) {
    const page = magic.trimStart().startsWith("<");
    throw new DataError(entry.file, page ? "is a web page, not a shard" : "does not begin with GANSHARD, so it is not a shard", AGAIN);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getUint8(8);
  if (version !== VERSION) throw new DataError(entry.file, `has format version ${version}, expected ${VERSION}`, AGAIN);
  const [width, height, count] = [view.getUint16(10, true), view.getUint16(12, true), view.getUint16(14, true)];
  if (width !== index.width || height !== index.height) {
    throw new DataError(entry.file, `holds ${width}×${height} images, expected ${index.width}×${index.height}`, AGAIN);
  }
  if (count !== entry.count) throw new DataError(entry.file, `holds ${count} images, expected ${entry.count}`, AGAIN);
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {ShardEntry} entry
 */
async function checkSha256(bytes, entry) {
  // Browsers have no crypto.subtle on pages without TLS away from localhost; the gzip checksum has to do there.
  if (!globalThis.crypto?.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== entry.sha256) throw new DataError(entry.file, "is corrupted: its sha256 is not the one in the index", AGAIN);
}

/**
 * @param {string} url
 * @param {string} file
 * @param {RequestCache} cache
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
 */
async function fetchBody(url, file, cache) {
  let response;
  try {
    response = await fetch(url, { cache });
  } catch {
    throw new DataError(file, "could not be fetched: the network or the server did not answer", "Check the connection, then press Retry.");
  }
  if (!response.ok || !response.body) {
    throw new DataError(file, `the server answered ${response.status}`, "Check that the data folder is on the server, then press Retry.");
  }
  return response.body;
}

/**
 * Gunzips a stream if its first two bytes are gzip's, else gives the same bytes.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
 */
export async function gunzipIfNeeded(body) {
  const reader = body.getReader();
  let head = new Uint8Array(0);
  /** @type {{error: unknown} | null} */
  let broken = null;
  try {
    for (let done = false; head.length < 2 && !done;) {
      const chunk = await reader.read();
      done = chunk.done;
      if (chunk.value) head = Uint8Array.from([...head, ...chunk.value]);
    }
  } catch (error) {
    broken = { error };
  }
  /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */
  const whole = new ReadableStream({
    start(controller) {
      if (broken) controller.error(broken.error);
      else if (head.length > 0) controller.enqueue(head);
    },
    async pull(controller) {
      const chunk = await reader.read();
      if (chunk.done) controller.close();
      else controller.enqueue(chunk.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  return gzip ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

/**
 * The chunks of a stream. A connection that breaks or a broken gzip stream ends in a DataError; leaving the loop early cancels the download.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {string} file
 * @yields {Uint8Array<ArrayBuffer>}
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
async function* chunks(stream, file) {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      let chunk;
      try {
        chunk = await reader.read();
      } catch {
        finished = true;
        throw new DataError(file, "is truncated or corrupted: it could not be read or gunzipped to its end", "Choose or fetch it again.");
      }
      if (chunk.done) {
        finished = true;
        return;
      }
      yield chunk.value;
    }
  } finally {
    if (!finished) void reader.cancel().catch(() => {}); // The download is given up; how it ends is of no interest.
  }
}

/**
 * Reads all bytes of a stream; rejects with a DataError as soon as there are more than `limit`.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {number} limit bytes
 * @param {string} file
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readAtMost(stream, limit, file) {
  const read = [];
  let length = 0;
  for await (const chunk of chunks(stream, file)) {
    length += chunk.length;
    if (length > limit) throw new DataError(file, `holds more than ${limit.toLocaleString("en")} bytes`, "Choose a smaller file.");
    read.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of read) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
