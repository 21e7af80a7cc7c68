import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Position, StoredEvent } from '#kernel';
import { comparePositions, type NewEvent } from '#kernel';
import type { ReadStreamOptions } from '#event-store/port';
import type { Bench } from './harness.js';
import { freshStream, idsOf, readAfter, sampleEvent, sampleEvents, startAfter } from './samples.js';

const RANGES: readonly {
  readonly options: ReadStreamOptions;
  readonly revisions: readonly number[];
}[] = [
  { options: {}, revisions: [0, 1, 2, 3, 4, 5] },
  { options: { from: 2 }, revisions: [2, 3, 4, 5] },
  { options: { to: 2 }, revisions: [0, 1, 2] },
  { options: { from: 2, to: 4 }, revisions: [2, 3, 4] },
  { options: { from: 3, to: 3 }, revisions: [3] },
  { options: { from: 4, to: 2 }, revisions: [] },
  { options: { limit: 2 }, revisions: [0, 1] },
  { options: { from: 4, limit: 5 }, revisions: [4, 5] },
  { options: { from: 6 }, revisions: [] },
  { options: { limit: 0 }, revisions: [] },
  { options: { direction: 'backwards' }, revisions: [5, 4, 3, 2, 1, 0] },
  { options: { direction: 'backwards', limit: 1 }, revisions: [5] },
  { options: { direction: 'backwards', from: 3 }, revisions: [3, 2, 1, 0] },
  { options: { direction: 'backwards', to: 3 }, revisions: [5, 4, 3] },
  { options: { direction: 'backwards', from: 4, to: 2 }, revisions: [4, 3, 2] },
  { options: { direction: 'backwards', from: 4, to: 0, limit: 2 }, revisions: [4, 3] },
  { options: { direction: 'backwards', from: 100 }, revisions: [5, 4, 3, 2, 1, 0] },
  { options: { direction: 'backwards', from: 2, to: 4 }, revisions: [] },
];

export function readContract(bench: Bench): void {
  describe('readStream', () => {
    it.each(RANGES)('$options reads $revisions', async ({ options, revisions }) => {
      const { store } = bench;
      const stream = freshStream();
      await store.append(stream, 'no-stream', sampleEvents(6));
      await store.append(freshStream(), 'no-stream', sampleEvents(2));
      const events = await store.readStream(stream, options);
      expect(events.map(({ revision }) => revision)).toEqual(revisions);
    });

    it('is empty for a stream that is not there', async () => {
      expect(await bench.store.readStream(freshStream())).toEqual([]);
      const options = { direction: 'backwards', limit: 1 } as const;
      expect(await bench.store.readStream(freshStream(), options)).toEqual([]);
    });

    it('hands back all that was appended, and where it stands', async () => {
      const { store } = bench;
      const stream = freshStream();
      const event = { ...sampleEvent({ größe: '語😀' }), type: 'GrößeGemessen' };
      const { position } = await store.append(stream, 'no-stream', [event]);
      expect(await store.readStream(stream)).toEqual([{ ...event, stream, revision: 0, position }]);
    });

    it('reads what it has just written, from a second store too', async () => {
      const reader = await bench.space.openReader();
      const stream = freshStream();
      for (let revision = 0; revision < 20; revision += 1) {
        const expected = revision === 0 ? 'no-stream' : revision - 1;
        await bench.store.append(stream, expected, sampleEvents(1));
        expect(await bench.store.readStream(stream)).toHaveLength(revision + 1);
        expect(await reader.readStream(stream)).toHaveLength(revision + 1);
      }
    });
  });

  readAllContract(bench);
}

/** Ten appends to three streams, in an order that the streams alone do not tell. */
async function appendMixed({ store }: Bench): Promise<readonly NewEvent[]> {
  const streams = [freshStream(), freshStream(), freshStream()];
  const appended: NewEvent[] = [];
  for (const pick of [0, 1, 0, 2, 2, 1, 0, 2, 1, 0]) {
    const events = sampleEvents(pick + 1);
    await store.append(streams[pick] ?? '', 'any', events);
    appended.push(...events);
  }
  return appended;
}

function readAllContract(bench: Bench): void {
  describe('readAll', () => {
    let start: Position | undefined;
    let appended: readonly NewEvent[];
    let stored: readonly StoredEvent[];

    beforeEach(async () => {
      start = await bench.store.head();
      appended = await appendMixed(bench);
      stored = await readAfter(bench.store, start);
    });

    it('reads in the order of appending, positions rising', () => {
      expect(idsOf(stored)).toEqual(idsOf(appended));
      const rising = stored.every((event, index) => {
        const before = stored[index - 1];
        return !before || comparePositions(before.position, event.position) < 0;
      });
      expect(rising).toBe(true);
    });

    it.each([0, 1, 5])('reads from a position on, the one at index %s included', async (index) => {
      const from = stored[index]?.position ?? '';
      const pages: (readonly StoredEvent[])[] = [];
      for await (const page of bench.store.readAll({ from, pageSize: 3 })) pages.push(page);
      expect(pages.flat()).toEqual(stored.slice(index));
    });

    it.each([1, 2, 7, 1_000])(
      'reads the same in pages of %s, none empty or too long',
      async (pageSize) => {
        const pages: (readonly StoredEvent[])[] = [];
        for await (const page of bench.store.readAll({ ...startAfter(start), pageSize })) {
          pages.push(page);
        }
        expect(pages.flat()).toEqual(stored);
        expect(pages.filter((page) => page.length === 0 || page.length > pageSize)).toEqual([]);
      },
    );

    it('resumes after any position', async () => {
      for (const [index, event] of stored.entries()) {
        expect(await readAfter(bench.store, event.position)).toEqual(stored.slice(index + 1));
      }
    });

    it('stops at a position, inclusive', async () => {
      for (const pageSize of [1, 3, 1_000]) {
        const events: StoredEvent[] = [];
        const to = stored[6]?.position ?? '';
        for await (const page of bench.store.readAll({ ...startAfter(start), to, pageSize })) {
          events.push(...page);
        }
        expect(events).toEqual(stored.slice(0, 7));
      }
    });

    it('without an end, stops at what was stored when it was called', async () => {
      const events: StoredEvent[] = [];
      for await (const page of bench.store.readAll({ ...startAfter(start), pageSize: 3 })) {
        events.push(...page);
        await bench.store.append(freshStream(), 'no-stream', sampleEvents(5));
      }
      expect(events).toEqual(stored);
    });

    it('is empty after the head', async () => {
      expect(await readAfter(bench.store, await bench.store.head())).toEqual([]);
    });

    it('agrees with readStream event by event', async () => {
      for (const stream of new Set(stored.map((event) => event.stream))) {
        const own = stored.filter((event) => event.stream === stream);
        expect(await bench.store.readStream(stream)).toEqual(own);
      }
    });

    it('counts the events up to a position', async () => {
      const before = start === undefined ? 0 : await bench.store.countUpTo(start);
      for (const [index, event] of stored.entries()) {
        expect(await bench.store.countUpTo(event.position)).toBe(before + index + 1);
      }
    });

    it('has the last event at its head', async () => {
      expect(await bench.store.head()).toBe(stored.at(-1)?.position);
      const reader = await bench.space.openReader();
      expect(await reader.head()).toBe(stored.at(-1)?.position);
    });
  });
}
