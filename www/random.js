// Seeded random numbers for what is no part of training: noise to look at, latents to time. (What trains draws from the core's streams.)

/**
 * mulberry32, by Tommy Ettinger (public domain): numbers that are the same for everyone.
 * @param {number} seed
 * @returns {() => number} from 0 to 1
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
 * Standard normal numbers (Box and Muller).
 * @param {() => number} uniform from 0 to 1
 * @returns {() => number}
 */
export function normals(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
