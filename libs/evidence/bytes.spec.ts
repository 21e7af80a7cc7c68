import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstDifference } from './bytes.js';

describe('comparing bytes', () => {
  it('finds the first difference, wherever it is and however the bytes lie in memory', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 1_100 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(bytes, changes, fc.nat(5), fc.nat(3), (a, changed, spare, cut) => {
        const room = new Uint8Array(spare + a.length);
        room.set(a, spare);
        const b = room.subarray(spare, Math.max(spare, room.length - cut));
        for (const [at, flip] of changed) {
          const place = at % a.length;
          if (place < b.length) b[place] = (b[place] ?? 0) ^ flip;
        }
        const places = Array.from({ length: a.length }, (_, at) => at);
        const expected = places.find((at) => a[at] !== b[at]);
        expect([firstDifference(a, b), firstDifference(b, a)]).toEqual([expected, expected]);
      }),
    );
  });
});
