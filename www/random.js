// Seeded random numbers for what no training depends on: noise to look at, latents to time. Training draws from the core's own streams.

/**
 * Uniform numbers by mulberry32 of Tommy Ettinger (public domain). The same seed gives everyone the same numbers.
 * @param {number} seed
 * @returns {() => number} the next number, at least 0 and below 1
 */
export function uniforms(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Standard normal numbers by the formula of Box and Muller.
 * @param {() => number} uniform the next number, at least 0 and below 1
 * @returns {() => number} the next normal number
 */
export function normals(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
