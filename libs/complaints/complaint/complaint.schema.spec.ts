import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, type Recorded } from '#kernel';
import { anyHistory, PERSONAL_MARK } from '#testing/complaints';
import { complaintRegister } from '../projections/complaint-register.projection.js';
import { dailyStatistics } from '../projections/daily-statistics.projection.js';
import type { ComplaintEvent, ComplaintEventType } from './complaint.events.js';
import { EVENT_SCHEMAS, fieldPaths } from './complaint.schema.js';

const TYPES = Object.keys(EVENT_SCHEMAS) as readonly ComplaintEventType[];
const RUNS = 400;

type Leaf = { readonly path: string; readonly value: unknown };

/** Every path of a value, containers first; items of lists share one path. */
function pathsOf(value: unknown, path: string): readonly Leaf[] {
  const own = path === '' ? [] : [{ path, value }];
  if (Array.isArray(value)) {
    return [...own, ...value.flatMap((item) => pathsOf(item, `${path}[]`))];
  }
  if (typeof value !== 'object' || value === null) return own;
  const prefix = path === '' ? '' : `${path}.`;
  const isLabels = path === 'source.labels';
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, member]) =>
      pathsOf(member, `${prefix}${isLabels ? '*' : name}`),
    ),
  ];
}

function pathsIn(event: Recorded<ComplaintEvent>): readonly Leaf[] {
  return pathsOf(event.data, '');
}

describe('the schema of events', () => {
  it('declares what the deciders write, and nothing that they never write', () => {
    const seen = new Map<string, Set<string>>(TYPES.map((type) => [type, new Set()]));
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const event of history) {
          for (const { path } of pathsIn(event)) seen.get(event.type)?.add(path);
        }
      }),
      { numRuns: RUNS, seed: 7 },
    );
    for (const type of TYPES) {
      const declared = fieldPaths(type).map(({ path }) => path);
      expect({ type, paths: [...(seen.get(type) ?? [])].toSorted() }).toEqual({
        type,
        paths: declared.toSorted(),
      });
    }
  });

  it('declares every field personal that holds personal data', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const event of history) {
          const personal = new Set(
            fieldPaths(event.type).flatMap(({ path, field }) => (field.personal ? [path] : [])),
          );
          const leaking = pathsIn(event).filter(
            ({ path, value }) =>
              typeof value === 'string' && value.startsWith(PERSONAL_MARK) && !personal.has(path),
          );
          expect(leaking).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('lets no personal data into the register and the statistics', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const projection of [complaintRegister, dailyStatistics]) {
          const row = history.reduce<object | undefined>(
            (document, event) => projection.evolve(document as never, event),
            undefined,
          );
          expect(canonicalJson(row)).not.toContain(PERSONAL_MARK);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('says of every event what it is, which clause it serves and since when', () => {
    for (const type of TYPES) {
      expect(EVENT_SCHEMAS[type]).toMatchObject({
        summary: expect.stringMatching(/^[A-Z].*\.$/),
        clause: expect.stringMatching(/^7\.[1-9]$/),
        since: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      });
    }
  });
});
