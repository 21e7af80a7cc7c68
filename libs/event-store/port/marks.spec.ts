import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { canonicalJson } from '#kernel';
import { sampleEvents } from '#testing/event-store';
import { copyLog } from './copy-log.js';
import { judgeMark } from './marks.js';

const [old, value] = [canonicalJson({ size: 1 }), canonicalJson({ size: 2 })];

describe('a write of a mark', () => {
  it.each([
    ['no-mark', undefined, 'write'],
    ['no-mark', { revision: 0, value }, 'repeated'],
    ['no-mark', { revision: 0, value: old }, 'conflict'],
    ['no-mark', { revision: 1, value }, 'conflict'],
    [0, undefined, 'conflict'],
    [0, { revision: 0, value }, 'write'],
    [0, { revision: 1, value }, 'repeated'],
    [0, { revision: 1, value: old }, 'conflict'],
    [1, { revision: 0, value }, 'conflict'],
  ] as const)('expecting %j of %j is a %s', (expected, current, judgement) => {
    expect(judgeMark(expected, value, current)).toBe(judgement);
  });
});

describe('a copy of a log', () => {
  // A mark is what one house has signed of one store; its position is of that store alone.
  it('holds no marks', async () => {
    const [source, target] = [new MemoryEventStore(), new MemoryEventStore()];
    await source.append('sample-one', 'no-stream', sampleEvents(3));
    await source.writeMark('ledger', value, 'no-mark');
    const sha256 = () => {
      const hash = createHash('sha256');
      return { add: (text: string) => hash.update(text), hex: () => hash.digest('hex') };
    };
    await copyLog({
      source: { store: source, faultsMax: 0 },
      target: { store: target, faultsMax: 0, appendsTogetherMax: 1 },
      sha256,
    });
    expect(await target.countUpTo((await target.head()) ?? '0')).toBe(3);
    expect(await target.readMark('ledger')).toBeUndefined();
  });
});
