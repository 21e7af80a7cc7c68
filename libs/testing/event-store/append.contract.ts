import { expect, it, describe } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, EVENT_SIZE_MAX_BYTES, InvariantBroken, type NewEvent } from '#kernel';
import {
  APPEND_COUNT_MAX,
  APPEND_SIZE_MAX_BYTES,
  EventTooLarge,
  WrongExpectedRevision,
  type ExpectedRevision,
} from '#event-store/port';
import type { Bench } from './harness.js';
import {
  eventOfSize,
  freshStream,
  idsOf,
  readAfter,
  sampleEvent,
  sampleEvents,
  storableObjects,
  turns,
} from './samples.js';

const SHAPES: readonly {
  readonly stored: number;
  readonly expected: ExpectedRevision;
  readonly taken: boolean;
}[] = [
  { stored: 0, expected: 'no-stream', taken: true },
  { stored: 0, expected: 'any', taken: true },
  { stored: 0, expected: 'stream-exists', taken: false },
  { stored: 0, expected: 0, taken: false },
  { stored: 0, expected: 7, taken: false },
  { stored: 2, expected: 'no-stream', taken: false },
  { stored: 2, expected: 'any', taken: true },
  { stored: 2, expected: 'stream-exists', taken: true },
  { stored: 2, expected: 0, taken: false },
  { stored: 2, expected: 1, taken: true },
  { stored: 2, expected: 2, taken: false },
];

export function appendContract(bench: Bench): void {
  describe('append: expected revision', () => {
    it.each(SHAPES)(
      'with $stored events stored and $expected expected, is taken: $taken',
      async ({ stored, expected, taken }) => {
        const { store } = bench;
        const stream = freshStream();
        if (stored > 0) await store.append(stream, 'no-stream', sampleEvents(stored));
        const events = sampleEvents(3);
        const appending = store.append(stream, expected, events);
        if (taken) {
          expect(await appending).toMatchObject({ revision: stored + 2, repeated: false });
        } else {
          const actual = stored === 0 ? undefined : stored - 1;
          await expect(appending).rejects.toBeInstanceOf(WrongExpectedRevision);
          await expect(appending).rejects.toMatchObject({ stream, expected, actual });
        }
        const found = await store.readStream(stream);
        expect(found.map(({ revision }) => revision)).toEqual(
          Array.from({ length: taken ? stored + 3 : stored }, (_, revision) => revision),
        );
      },
    );

    it('answers the revision and position of the last event', async () => {
      const { store } = bench;
      const stream = freshStream();
      const appended = await store.append(stream, 'no-stream', sampleEvents(3));
      const last = (await store.readStream(stream)).at(-1);
      const { position } = last ?? {};
      expect(appended).toMatchObject({ revision: 2, position, repeated: false });
      expect(await store.head()).toBe(appended.position);
    });

    it('lets one of many rivals win, and fails nobody else', async () => {
      const { store } = bench;
      const contested = freshStream();
      const rivals = Array.from({ length: 16 }, () => sampleEvent());
      const bystanders = Array.from({ length: 16 }, freshStream);
      const outcomes = await Promise.allSettled(
        rivals.flatMap((rival, index) => [
          store.append(contested, 'no-stream', [rival]),
          store.append(bystanders[index] ?? '', 'no-stream', sampleEvents(1)),
        ]),
      );
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused).toHaveLength(15);
      expect(refused.every((error) => error instanceof WrongExpectedRevision)).toBe(true);
      const [winner, ...others] = await store.readStream(contested);
      expect(idsOf(rivals)).toContain(winner?.id);
      expect(others).toEqual([]);
      for (const stream of bystanders) expect(await store.readStream(stream)).toHaveLength(1);
    });
  });

  describe('append: the same event ids again', () => {
    const REPEATS: readonly {
      readonly name: string;
      readonly again: (a: NewEvent, b: NewEvent) => readonly NewEvent[];
      readonly expected: ExpectedRevision;
      /** Revision that answers, or what happens instead. */
      readonly outcome: number | 'written' | 'refused';
    }[] = [
      { name: 'all of it', again: (a, b) => [a, b], expected: 'no-stream', outcome: 1 },
      { name: 'its beginning', again: (a) => [a], expected: 'no-stream', outcome: 0 },
      { name: 'its end', again: (_, b) => [b], expected: 0, outcome: 1 },
      {
        name: 'it and more',
        again: (a, b) => [a, b, sampleEvent()],
        expected: 'no-stream',
        outcome: 'refused',
      },
      {
        name: 'half of it',
        again: (a) => [a, sampleEvent()],
        expected: 'no-stream',
        outcome: 'refused',
      },
      { name: 'another order', again: (a, b) => [b, a], expected: 'no-stream', outcome: 'refused' },
      { name: 'all of it, any', again: (a, b) => [a, b], expected: 'any', outcome: 1 },
      { name: 'its end, any', again: (_, b) => [b], expected: 'any', outcome: 1 },
      {
        name: 'all of it, stream exists',
        again: (a, b) => [a, b],
        expected: 'stream-exists',
        outcome: 1,
      },
      {
        name: 'it and more, any',
        again: (a, b) => [a, b, sampleEvent()],
        expected: 'any',
        outcome: 'refused',
      },
      {
        name: 'something new first, any',
        again: (a) => [sampleEvent(), a],
        expected: 'any',
        outcome: 'written',
      },
      { name: 'at the current revision', again: (a, b) => [a, b], expected: 1, outcome: 'written' },
    ];

    it.each(REPEATS)('$name: $outcome', async ({ again, expected, outcome }) => {
      const { store } = bench;
      const stream = freshStream();
      const [a, b] = [sampleEvent(), sampleEvent()];
      await store.append(stream, 'no-stream', [a, b]);
      const before = await store.readStream(stream);
      const events = again(a, b);
      const appending = store.append(stream, expected, events);
      if (outcome === 'refused') {
        await expect(appending).rejects.toBeInstanceOf(WrongExpectedRevision);
      } else if (outcome === 'written') {
        expect(await appending).toMatchObject({ revision: 3, repeated: false });
      } else {
        const position = before[outcome]?.position;
        expect(await appending).toEqual({ revision: outcome, position, repeated: true });
      }
      const stored = outcome === 'written' ? [a, b, ...events] : [a, b];
      expect(idsOf(await store.readStream(stream))).toEqual(idsOf(stored));
    });

    it('answers as the first time after the stream has moved on, and after reopening', async () => {
      const stream = freshStream();
      const events = sampleEvents(2);
      const { revision, position } = await bench.store.append(stream, 'no-stream', events);
      const second = await bench.store.append(stream, 1, [sampleEvent()]);
      expect(await bench.store.append(stream, 'no-stream', events)).toEqual({
        revision,
        position,
        repeated: true,
      });
      await bench.store.close();
      bench.store = await bench.space.open();
      expect(await bench.store.append(stream, 'no-stream', events)).toEqual({
        revision,
        position,
        repeated: true,
      });
      expect(await bench.store.head()).toBe(second.position);
    });

    it('writes once when both copies are under way together', async () => {
      const { store } = bench;
      const stream = freshStream();
      const events = sampleEvents(3);
      const [one, other] = await Promise.all([
        store.append(stream, 'no-stream', events),
        store.append(stream, 'no-stream', events),
      ]);
      expect([one.repeated, other.repeated].toSorted()).toEqual([false, true]);
      expect(other.position).toBe(one.position);
      expect(await store.readStream(stream)).toHaveLength(3);
    });

    it('stores an id again in another stream, and twice in one append', async () => {
      const { store } = bench;
      const [one, other] = [freshStream(), freshStream()];
      const event = sampleEvent();
      await store.append(one, 'no-stream', [event]);
      const twice = await store.append(other, 'no-stream', [event, event]);
      expect(twice).toMatchObject({ revision: 1, repeated: false });
      expect(await store.append(other, 'no-stream', [event, event])).toEqual({
        revision: twice.revision,
        position: twice.position,
        repeated: true,
      });
      expect(idsOf(await store.readStream(other))).toEqual([event.id, event.id]);
    });
  });

  describe('append: all or nothing', () => {
    it('shows no reader a part of an append', async () => {
      const reader = await bench.space.openReader();
      const stream = freshStream();
      const seen: number[] = [];
      let writing = true;
      const watching = (async () => {
        while (writing) {
          seen.push((await reader.readStream(stream)).length);
          await turns(1);
        }
      })();
      await bench.store.append(stream, 'no-stream', sampleEvents(40));
      for (let round = 1; round < 10; round += 1) {
        await bench.store.append(stream, round * 40 - 1, sampleEvents(40));
      }
      writing = false;
      await watching;
      expect(seen.filter((count) => count % 40 !== 0)).toEqual([]);
      expect(await reader.readStream(stream)).toHaveLength(400);
    });

    it('gives the events of one append neighbouring places', async () => {
      const { store } = bench;
      const before = await store.head();
      const batches = Array.from({ length: 8 }, () => sampleEvents(5));
      await Promise.all(batches.map((batch) => store.append(freshStream(), 'no-stream', batch)));
      const stored = idsOf(await readAfter(store, before));
      for (const batch of batches) {
        const start = stored.indexOf(batch[0]?.id ?? '');
        expect(stored.slice(start, start + 5)).toEqual(idsOf(batch));
      }
    });
  });

  describe('append: limits', () => {
    it.each(['x', 'é', '語', '😀'])('counts bytes of UTF-8, not characters: %s', async (filler) => {
      const { store } = bench;
      const stream = freshStream();
      const largest = eventOfSize(EVENT_SIZE_MAX_BYTES, filler);
      const appending = store.append(stream, 'no-stream', [
        sampleEvent(),
        eventOfSize(EVENT_SIZE_MAX_BYTES + 1, filler),
      ]);
      await expect(appending).rejects.toBeInstanceOf(EventTooLarge);
      await expect(appending).rejects.toMatchObject({
        size: 60_001,
        sizeMax: 60_000,
        unit: 'bytes',
      });
      expect(await store.readStream(stream)).toEqual([]);
      await store.append(stream, 'no-stream', [largest]);
      expect(await store.readStream(stream)).toMatchObject([largest]);
    });

    it('takes the largest number of events and refuses one more', async () => {
      const { store } = bench;
      const stream = freshStream();
      const appending = store.append(stream, 'no-stream', sampleEvents(APPEND_COUNT_MAX + 1));
      await expect(appending).rejects.toMatchObject({
        size: 1_001,
        sizeMax: 1_000,
        unit: 'events',
      });
      expect(await store.readStream(stream)).toEqual([]);
      await store.append(stream, 'no-stream', sampleEvents(APPEND_COUNT_MAX));
      expect(await store.readStream(stream)).toHaveLength(APPEND_COUNT_MAX);
    });

    it('takes the largest append and refuses one byte more', async () => {
      const { store } = bench;
      const stream = freshStream();
      const parts = Array.from({ length: 19 }, () => eventOfSize(50_000));
      const rest = APPEND_SIZE_MAX_BYTES - 19 * 50_000;
      const appending = store.append(stream, 'no-stream', [...parts, eventOfSize(rest + 1)]);
      await expect(appending).rejects.toMatchObject({
        sizeMax: APPEND_SIZE_MAX_BYTES,
        unit: 'bytes',
      });
      expect(await store.readStream(stream)).toEqual([]);
      await store.append(stream, 'no-stream', [...parts, eventOfSize(rest)]);
      expect(await store.readStream(stream)).toHaveLength(20);
    });

    it('takes what no store can hold for a broken program', async () => {
      const { store } = bench;
      const [stream, event] = [freshStream(), sampleEvent()];
      const broken = [
        store.append(stream, 'any', []),
        store.append('', 'any', [event]),
        store.append(stream, -1, [event]),
        store.append(stream, 0.5, [event]),
        store.append(stream, 'any', [{ ...event, id: 'not-a-uuid' }]),
        store.append(stream, 'any', [{ ...event, id: event.id.toUpperCase() }]),
        store.append(stream, 'any', [{ ...event, type: '' }]),
      ];
      for (const appending of await Promise.allSettled(broken)) {
        expect(appending).toMatchObject({
          status: 'rejected',
          reason: expect.any(InvariantBroken),
        });
      }
      expect(await store.readStream(stream)).toEqual([]);
    });
  });

  describe('append: bytes', () => {
    it('hands back data and metadata byte for byte, as canonical JSON', async () => {
      const { store } = bench;
      const contents = fc.array(fc.tuple(storableObjects(), storableObjects()), {
        minLength: 1,
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(contents, async (pairs) => {
          const stream = freshStream();
          const events = pairs.map(([data, metadata]) => ({
            ...sampleEvent(),
            data: canonicalJson(data),
            metadata: canonicalJson(metadata),
          }));
          await store.append(stream, 'no-stream', events);
          const stored = await store.readStream(stream);
          expect(
            stored.map(({ id, type, data, metadata }) => ({ id, type, data, metadata })),
          ).toEqual(events);
          for (const { data, metadata } of stored) {
            expect(canonicalJson(JSON.parse(data))).toBe(data);
            expect(canonicalJson(JSON.parse(metadata))).toBe(metadata);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
