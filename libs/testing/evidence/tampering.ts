// What the tamper suites share: what to change, in the same way in every run.

/** `TAMPER=full` takes every byte there is, which takes minutes; else as many as fit into seconds. */
export const TAMPERS_FULLY = process.env['TAMPER'] === 'full';

/** Whole numbers below a bound, the same ones in every run. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // Numerical Recipes' generator: chance enough to choose bytes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One of the 255 other values; which one follows from the place. */
export function otherByte(byte: number, place: number): number {
  return byte ^ (1 + ((place * 131) % 255));
}

/** Changes one byte, any byte to any other value. Answers its place. */
export function changeByte(bytes: Uint8Array, random: (below: number) => number): number {
  const place = random(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
  return place;
}

/** A line of figures, which Jest would else bury under where it was printed. */
export function printTampering(line: string): void {
  process.stdout.write(`tamper: ${line}\n`);
}
