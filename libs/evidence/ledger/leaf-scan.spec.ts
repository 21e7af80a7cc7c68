import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { complaintHistory } from '#testing/evidence';
import { leafEntryOf, parseLeaf } from '../leaf/leaf.js';
import { LeafScan, maybeLeaf, type ScannedLeaf } from './leaf-scan.js';

const ORIGIN = 'redress.example/test';
const ENTRIES = complaintHistory({ events: 12, streams: 3 }).flatMap((event, index) => {
  const caused = event.metadata.replace('"commandId"', '"causationId":"because","commandId"');
  return [event, { ...event, metadata: caused }].map((one) =>
    leafEntryOf(one, { origin: ORIGIN, index }),
  );
});

const nameOf = ({ stream: { bytes, start, end } }: ScannedLeaf): string =>
  Buffer.from(bytes.subarray(start, end)).toString();

describe('reading leaves quickly', () => {
  it('gives what parsing gives', () => {
    for (const entry of ENTRIES) {
      const { index, revision, stream } = parseLeaf(entry);
      const scanned = new LeafScan(ORIGIN).leaf(entry);
      expect(scanned).toMatchObject({ index, revision, isOfOrigin: true });
      expect(scanned && nameOf(scanned)).toBe(stream);
      expect(new LeafScan('another.example').leaf(entry)?.isOfOrigin).toBe(false);
    }
  });

  it('reads a leaf where it lies among others, and nothing beside it', () => {
    const whole = Buffer.concat(ENTRIES);
    let start = 0;
    for (const entry of ENTRIES) {
      const end = start + entry.length;
      const { index, revision, stream } = parseLeaf(entry);
      const scanned = new LeafScan(ORIGIN).leaf(whole, start, end);
      expect(scanned).toMatchObject({ index, revision, isOfOrigin: true });
      expect(scanned && nameOf(scanned)).toBe(stream);
      for (const [from, to] of [
        [start, end - 1],
        [start, end - 5],
        [start, end + 1],
        [start + 1, end],
        [Math.max(0, start - 1), end + (start === 0 ? 1 : 0)],
      ] as const) {
        if (to <= whole.length) expect(new LeafScan(ORIGIN).leaf(whole, from, to)).toBeUndefined();
      }
      start = end;
    }
  });

  it('takes nothing that parsing refuses, whatever byte is changed, added or cut off', () => {
    const change = fc.record({
      entry: fc.constantFrom(...ENTRIES),
      at: fc.nat(700),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0x22, 0x5c, 0x30, 0x2c, 0x7d, 0x5d)),
      kind: fc.constantFrom('change', 'insert', 'cut'),
    });
    fc.assert(
      fc.property(change, ({ entry, at, byte, kind }) => {
        const place = at % entry.length;
        const changed = Buffer.concat([
          entry.subarray(0, place),
          ...(kind === 'cut' ? [] : [Uint8Array.of(byte)]),
          ...(kind === 'insert' ? [entry.subarray(place)] : [entry.subarray(place + 1)]),
        ]);
        const parsed = maybeLeaf(changed);
        const scanned = new LeafScan(ORIGIN).leaf(changed);
        expect(scanned === undefined).toBe(parsed === undefined);
        if (!parsed || !scanned) return;
        const { index, revision } = parsed;
        expect(scanned).toMatchObject({ index, revision, isOfOrigin: parsed.origin === ORIGIN });
      }),
      { numRuns: 3_000 },
    );
  });
});
