import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import type { Condition, FindQuery, FoldBatch, ReadModels, Row } from '#read-models/port';
import { fold, samples, type Sample } from '#testing/read-models';
import { mongoSuite } from './mongo-suite.js';

const RUNS = 20;
const QUERIES = 8;
const PAGES_MAX = 100;
const RUN_TIMEOUT_MS = 300_000;

/** Few values, so that there are ties, and those that stores tend to order in ways of their own. */
const colour = fc.constantFrom(null, '', 'Red', 'red', 'é', '\uFFFD', '\u{1F600}', '$size', 'a.b');
const size = fc.constantFrom(null, -1, 0, 2, 2 ** 31, Number.MAX_SAFE_INTEGER, -(2 ** 40));
const open = fc.constantFrom(null, true, false);
const dueAt = fc.constantFrom(null, '2026-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z');
const day = fc.constantFrom(null, '2026-01-01', '1999-12-31');
const key = fc.constantFrom('a', 'z', '$gt', '$ref', '$id', 'a.b', 'a%2Eb', 'x\0y', 'toBSON');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, min: -2, max: 2 }),
    size,
    open,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const sample = fc.record({
  colour,
  size,
  open,
  dueAt,
  day,
  weight: size,
  rank: size,
  notes: fc.array(json, { maxLength: 3 }),
}) as fc.Arbitrary<Sample>;

const STREAMS = 12;
const change = fc.record({
  stream: fc.nat({ max: STREAMS - 1 }),
  /** Behind what may be stored already, so that stale rows come up. */
  back: fc.nat({ max: 3 }),
  document: fc.option(sample, { freq: 8, nil: undefined }),
});
const batches = fc.array(fc.array(change, { minLength: 1, maxLength: 10 }), {
  minLength: 1,
  maxLength: 6,
});

function batchAt(
  step: number,
  changes: readonly (typeof change extends fc.Arbitrary<infer One> ? One : never)[],
): FoldBatch {
  const folds = new Map(
    changes.map(({ stream, back, document }) => {
      const at = Math.max(0, step - back);
      const base = fold(stream, stream);
      return [
        stream,
        { ...base, revision: at, position: String(stream + at * STREAMS), document },
      ] as const;
    }),
  );
  const position = String((step + 1) * STREAMS - 1);
  return {
    changes: [...folds.values()].map((after) => ({ before: undefined, after })),
    checkpoint: { position, eventsSeen: Number(position) + 1, eventsMissing: 0 },
  };
}

const is = fc.constantFrom('eq', 'lt', 'lte', 'gt', 'gte');
const condition = fc.oneof(
  fc.record({ field: fc.constant('colour'), is, value: colour }),
  fc.record({ field: fc.constant('size'), is, value: size }),
  fc.record({ field: fc.constant('dueAt'), is, value: dueAt }),
  fc.record({ field: fc.constant('open'), is: fc.constant('eq'), value: open }),
) as fc.Arbitrary<Condition>;
// Ranges of the empty value are refused before any adapter is asked.
const where = fc.array(
  condition.filter(({ is: how, value }) => how === 'eq' || value !== null),
  { maxLength: 3 },
);
const sort = fc.record({
  field: fc.constantFrom('size', 'dueAt', 'rank'),
  direction: fc.constantFrom('ascending', 'descending'),
});
const query = fc.record({ where, sort, limit: fc.integer({ min: 1, max: 9 }) });
const by = fc.uniqueArray(fc.constantFrom('colour', 'size', 'open', 'day', 'weight'), {
  minLength: 1,
  maxLength: 4,
});
const bounds = fc
  .uniqueArray(fc.integer({ min: -5, max: 2 ** 32 }), { minLength: 1, maxLength: 6 })
  .map((all) => all.toSorted((a, b) => a - b));

async function allPages(readModels: ReadModels, asked: FindQuery): Promise<readonly string[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const found = await readModels.find(samples, {
      ...asked,
      ...(after === undefined ? {} : { after }),
    });
    rows.push(...found.rows);
    if (found.next === undefined) return rows.map(canonicalJson);
    after = found.next;
  }
  throw new Error('the pages do not end');
}

mongoSuite('read models in MongoDB and in memory', (inSpace) => {
  it(
    'answer the same, byte by byte, whatever is folded and asked',
    async () => {
      const queries = fc.array(fc.tuple(query, by, bounds), {
        minLength: QUERIES,
        maxLength: QUERIES,
      });
      const property = fc.asyncProperty(batches, queries, async (written, asked) => {
        await inSpace(async (space) => {
          const both: readonly ReadModels[] = [new MemoryReadModels(), await space.open()];
          const answers: unknown[] = [];
          for (const readModels of both) {
            const writer = await readModels.writer(samples);
            for (const [step, changes] of written.entries()) {
              await writer.store(batchAt(step, changes));
            }
            const ids = Array.from({ length: STREAMS }, (_, n) => fold(n, n).id);
            const loaded = [...(await writer.load(ids)).values()];
            const given: unknown[] = [loaded.map(canonicalJson).toSorted()];
            given.push(await readModels.status(samples));
            for (const [find, groups, upTo] of asked) {
              given.push(await allPages(readModels, find));
              given.push(await readModels.count(samples, find.where));
              given.push(await readModels.group(samples, { by: groups, where: find.where }));
              const histogram = { field: 'weight', bounds: upTo, where: find.where };
              given.push(await readModels.histogram(samples, histogram));
            }
            answers.push(given);
          }
          expect(answers[1]).toEqual(answers[0]);
        })();
      });
      await fc.assert(property, { numRuns: RUNS });
    },
    RUN_TIMEOUT_MS,
  );
});
