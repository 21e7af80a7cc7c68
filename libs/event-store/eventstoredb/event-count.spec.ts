import { describe, expect, it } from '@jest/globals';
import { EventCount, type Mark } from './event-count.js';

type Place = { readonly position: string; readonly isOurs: boolean };

/** A log of which every third place is the server's own; counts how many places were read. */
function logOf(length: number) {
  const all: Place[] = Array.from({ length }, (_, index) => ({
    position: String(1_000 + index * 10),
    isOurs: index % 3 !== 2,
  }));
  const reads: number[] = [];
  const reader = {
    async *places(after: string | undefined) {
      const first =
        after === undefined ? 0 : all.findIndex((place) => place.position === after) + 1;
      reads.push(0);
      for (let index = first; index < all.length; index += 4) {
        const batch = all.slice(index, index + 4);
        reads[reads.length - 1] = (reads.at(-1) ?? 0) + batch.length;
        yield batch;
      }
    },
  };
  return { all, reader, reads };
}

function marksWith(kept: Mark | undefined) {
  const written: Mark[] = [];
  return {
    written,
    read: async () => kept,
    write: async (mark: Mark) => void written.push(mark),
  };
}

const { signal } = new AbortController();

describe('EventCount', () => {
  it('counts events up to any position, those of the server left out', async () => {
    const { all, reader } = logOf(60);
    const count = new EventCount(reader, marksWith(undefined), { signal, markEvery: 7 });
    for (const index of [59, 3, 40, 0, 41, 2, 58]) {
      const expected = all.slice(0, index + 1).filter(({ isOurs }) => isOurs).length;
      expect(await count.upTo(all[index]?.position ?? '')).toBe(expected);
    }
    expect(await count.upTo('999999')).toBe(40);
    expect(await count.upTo('1')).toBe(0);
  });

  it('reads only what is new', async () => {
    const { all, reader, reads } = logOf(60);
    const count = new EventCount(reader, marksWith(undefined), { signal, markEvery: 7 });
    await count.upTo(all[45]?.position ?? '');
    await Promise.all([count.upTo(all[45]?.position ?? ''), count.upTo(all[48]?.position ?? '')]);
    await count.upTo(all[49]?.position ?? '');
    expect(reads[0]).toBe(48);
    expect(Math.max(...reads.slice(1))).toBeLessThanOrEqual(8);
  });

  it('keeps a mark every so many events, and goes on from one that was kept', async () => {
    const { all, reader, reads } = logOf(60);
    const marks = marksWith(undefined);
    await new EventCount(reader, marks, { signal, markEvery: 7 }).upTo(all[59]?.position ?? '');
    expect(marks.written.map((mark) => mark.count)).toEqual([7, 14, 21, 28, 35]);
    const kept = marks.written.at(-1);
    const later = new EventCount(reader, marksWith(kept), { signal, markEvery: 7 });
    expect(await later.upTo(all[59]?.position ?? '')).toBe(40);
    expect(reads.at(-1)).toBeLessThanOrEqual(8);
    // What lies before the mark is counted from the start.
    expect(await later.upTo(all[10]?.position ?? '')).toBe(8);
  });
});
