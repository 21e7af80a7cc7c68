import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#event-store/memory';
import type { Fold } from '#read-models/port';
import { MemoryReadModels } from '#read-models/memory';
import { appendSample, decodeSample, samples } from '#testing/read-models';
import { BulkFold } from './bulk-fold.js';
import { foldUpTo } from './fold-up-to.js';

const source = { projection: samples, decode: decodeSample };

describe('folding a whole log', () => {
  it('writes each row once, as following the log would have left it, however few streams it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(5),
        async (streams, streamsHeldMax, pageSize, beyond) => {
          const eventStore = new MemoryEventStore();
          const readModels = new MemoryReadModels();
          const made = new Set<number>();
          for (const [size, stream] of streams.entries()) {
            const type = made.has(stream) ? 'SampleChanged' : 'SampleMade';
            made.add(stream);
            await appendSample(eventStore, stream, { type, data: { size } });
          }
          const to = (await eventStore.head()) ?? '';
          for (let n = 0; n < beyond; n += 1) {
            await appendSample(eventStore, n, { type: 'SampleMade', data: { size: -1 } });
          }
          const build = await readModels.rebuild(samples);
          const filled: Fold[] = [];
          const fill = build.fill.bind(build);
          build.fill = (folds) => {
            filled.push(...folds);
            return fill(folds);
          };
          const options = { to, streamsHeldMax, pageSize };
          const checkpoint = await new BulkFold(eventStore, [{ source, build }], options).run();
          await build.complete(checkpoint);
          await build.switchOver();

          const followed = new MemoryReadModels();
          const writer = await followed.writer(samples);
          await foldUpTo(eventStore, source, { writer, to });
          const wanted = await followed.find(samples, { limit: 100 });
          expect(await readModels.find(samples, { limit: 100 })).toEqual(wanted);
          expect(checkpoint).toEqual(await writer.checkpoint());
          expect(checkpoint).toEqual({
            position: to,
            eventsSeen: streams.length,
            eventsMissing: 0,
          });
          expect(filled.map(({ id }) => id)).toHaveLength(made.size);
          const positions = filled.map(({ firstPosition }) => Number(firstPosition));
          expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 100 },
    );
  });
});
