import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { canonicalJson, InvariantBroken, type CanonicalJson } from '#kernel';
import {
  AppendUnknown,
  EventTooLarge,
  MARK_SIZE_MAX_BYTES,
  WrongExpectedRevision,
} from '#event-store/port';
import type { Bench, CommitFault, EventStoreHarness } from './harness.js';
import { freshStream, readAfter, sampleEvent, sampleEvents } from './samples.js';

const WRITERS_COUNT = 8;

/** A mark that nobody has written. */
function freshMark(): string {
  return `sample-${randomUUID()}`;
}

function valueOf(size: number): CanonicalJson {
  return canonicalJson({ note: 'line\n\u2014 name é\n', size });
}

export function markContract({ commitFaults }: EventStoreHarness, bench: Bench): void {
  describe('marks', () => {
    casContract(bench);
    besideTheLogContract(bench);
    limitContract(bench);
    if ('offered' in commitFaults) {
      describe.each(['before-effect', 'after-effect'] as const)(
        'written by a commit that errs, %s',
        (fault) => unknownContract(fault, bench),
      );
    }
  });
}

function casContract(bench: Bench): void {
  it('are read as they were last written, byte for byte, and counted by writes', async () => {
    const { store } = bench;
    const name = freshMark();
    expect(await store.readMark(name)).toBeUndefined();
    expect(await store.writeMark(name, valueOf(1), 'no-mark')).toBe(0);
    expect(await store.writeMark(name, valueOf(2), 0)).toBe(1);
    expect(await store.readMark(name)).toEqual({ value: valueOf(2), revision: 1 });
    expect(await store.readMark(freshMark())).toBeUndefined();
  });

  it('are refused to who believes them elsewhere, and stay as they were', async () => {
    const { store } = bench;
    const name = freshMark();
    await expect(store.writeMark(name, valueOf(1), 0)).rejects.toMatchObject({
      stream: name,
      expected: 0,
      actual: undefined,
    });
    await store.writeMark(name, valueOf(1), 'no-mark');
    await store.writeMark(name, valueOf(2), 0);
    for (const expected of ['no-mark', 0, 2] as const) {
      const writing = store.writeMark(name, valueOf(3), expected);
      await expect(writing).rejects.toBeInstanceOf(WrongExpectedRevision);
      await expect(writing).rejects.toMatchObject({ stream: name, expected, actual: 1 });
    }
    expect(await store.readMark(name)).toEqual({ value: valueOf(2), revision: 1 });
  });

  it('answer the same write again as the first time', async () => {
    const { store } = bench;
    const name = freshMark();
    await store.writeMark(name, valueOf(1), 'no-mark');
    expect(await store.writeMark(name, valueOf(1), 'no-mark')).toBe(0);
    expect(await store.writeMark(name, valueOf(2), 0)).toBe(1);
    expect(await store.writeMark(name, valueOf(2), 0)).toBe(1);
    await expect(store.writeMark(name, valueOf(1), 'no-mark')).rejects.toBeInstanceOf(
      WrongExpectedRevision,
    );
  });

  it('let one of many through who write at once', async () => {
    const { store } = bench;
    const name = freshMark();
    const writers = Array.from({ length: WRITERS_COUNT }, (_, size) => valueOf(size));
    const outcomes = await Promise.allSettled(
      writers.map((value) => store.writeMark(name, value, 'no-mark')),
    );
    const winners = writers.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(await store.readMark(name)).toEqual({ value: winners[0], revision: 0 });
  });
}

function besideTheLogContract(bench: Bench): void {
  it('are no part of the log', async () => {
    const { store } = bench;
    const start = await store.head();
    const { position } = await store.append(freshStream(), 'no-stream', [sampleEvent()]);
    const count = await store.countUpTo(position);
    const name = freshMark();
    await store.writeMark(name, valueOf(1), 'no-mark');
    await store.writeMark(name, valueOf(2), 0);
    expect(await store.head()).toBe(position);
    expect(await readAfter(store, start)).toHaveLength(1);
    const next = await store.append(freshStream(), 'no-stream', [sampleEvent()]);
    expect(await store.countUpTo(next.position)).toBe(count + 1);
  });

  it('are written among appends, each of which takes effect', async () => {
    const { store } = bench;
    const start = await store.head();
    const name = freshMark();
    const [revision] = await Promise.all([
      store.writeMark(name, valueOf(1), 'no-mark'),
      ...Array.from({ length: 20 }, () =>
        store.append(freshStream(), 'no-stream', sampleEvents(2)),
      ),
    ]);
    expect(revision).toBe(0);
    expect(await readAfter(store, start)).toHaveLength(40);
  });

  it('are there after opening again, and for who reads beside the writer', async () => {
    const name = freshMark();
    await bench.store.append(freshStream(), 'no-stream', [sampleEvent()]);
    const reader = await bench.space.openReader();
    expect(await reader.readMark(name)).toBeUndefined();
    await bench.store.writeMark(name, valueOf(1), 'no-mark');
    expect(await reader.readMark(name)).toEqual({ value: valueOf(1), revision: 0 });
    await bench.store.close();
    bench.store = await bench.space.open();
    expect(await bench.store.readMark(name)).toEqual({ value: valueOf(1), revision: 0 });
    expect(await bench.store.writeMark(name, valueOf(2), 0)).toBe(1);
  });
}

function limitContract(bench: Bench): void {
  it('hold as much as they may, and no more', async () => {
    const { store } = bench;
    const name = freshMark();
    const frameBytes = Buffer.byteLength(canonicalJson({ note: '' }));
    const full = canonicalJson({ note: 'x'.repeat(MARK_SIZE_MAX_BYTES - frameBytes) });
    const over = canonicalJson({ note: 'x'.repeat(MARK_SIZE_MAX_BYTES - frameBytes + 1) });
    await expect(store.writeMark(name, over, 'no-mark')).rejects.toBeInstanceOf(EventTooLarge);
    await store.writeMark(name, full, 'no-mark');
    expect(await store.readMark(name)).toEqual({ value: full, revision: 0 });
  });

  it.each(['', 'Upper', '$system', 'a/b'])('have no name like %j', async (name) => {
    const { store } = bench;
    await expect(store.readMark(name)).rejects.toBeInstanceOf(InvariantBroken);
    await expect(store.writeMark(name, valueOf(1), 'no-mark')).rejects.toBeInstanceOf(
      InvariantBroken,
    );
  });

  it('hold objects only', async () => {
    const writing = bench.store.writeMark(freshMark(), canonicalJson('text'), 'no-mark');
    await expect(writing).rejects.toBeInstanceOf(InvariantBroken);
  });
}

function unknownContract(fault: CommitFault, bench: Bench): void {
  it('are unknown, and written once when tried again', async () => {
    const name = freshMark();
    await bench.store.writeMark(name, valueOf(1), 'no-mark');
    bench.space.failNextCommit(fault);
    await expect(bench.store.writeMark(name, valueOf(2), 0)).rejects.toBeInstanceOf(AppendUnknown);
    await bench.store.close();
    bench.store = await bench.space.open();
    const [value, revision] = fault === 'after-effect' ? [valueOf(2), 1] : [valueOf(1), 0];
    expect(await bench.store.readMark(name)).toEqual({ value, revision });
    expect(await bench.store.writeMark(name, valueOf(2), 0)).toBe(1);
    expect(await bench.store.readMark(name)).toEqual({ value: valueOf(2), revision: 1 });
  });
}
