import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteEventStore } from '#event-store/sqlite';
import { spawnTypescript } from '#testing/child-process';
import { readAfter } from '#testing/event-store';

const SCRIPT = new URL('./append-writer.child.ts', import.meta.url);
const APPENDS = 20_000;
const TIMEOUT_MS = 60_000;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redress-full-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

type Run = {
  readonly acknowledged: readonly { readonly stream: string; readonly repeated: boolean }[];
  readonly failures: readonly string[];
  readonly status: number | null;
};

async function run(options: {
  readonly inFlight: number;
  readonly appends: number;
  readonly fileSizeMaxKib?: number;
}): Promise<Run> {
  const { inFlight, appends, ...limit } = options;
  const args = [directory, 'disk', String(inFlight), String(appends)];
  const child = spawnTypescript({ script: SCRIPT, args, ...limit });
  const lines: string[] = [];
  for await (const line of child.lines) lines.push(line);
  const { status, errorText } = await child.ended;
  expect(errorText).toBe('');
  return {
    acknowledged: lines
      .filter((line) => line.startsWith('sample-'))
      .map((line) => ({ stream: line.split(' ')[0] ?? '', repeated: line.endsWith('true') })),
    failures: lines.filter((line) => line.startsWith('failed ')).map((line) => line.slice(7)),
    status,
  };
}

describe('a disk that is full', () => {
  it.each([
    { inFlight: 1, fileSizeMaxKib: 700 },
    { inFlight: 64, fileSizeMaxKib: 1_500 },
    { inFlight: 500, fileSizeMaxKib: 3_001 },
  ])(
    'with $inFlight in flight and $fileSizeMaxKib KiB: nothing lost, nothing doubled',
    async (options) => {
      const full = await run({ ...options, appends: APPENDS });
      expect(full.status).toBe(1);
      expect(full.failures.length).toBeGreaterThan(0);
      expect(['AppendUnknown', 'StoreUnavailable']).toEqual(
        expect.arrayContaining([...new Set(full.failures)]),
      );
      expect(full.acknowledged.length).toBeGreaterThan(0);

      const store = await SqliteEventStore.open({ directory, mode: 'write' });
      expect(await store.integrity()).toEqual([]);
      const kept = new Set((await readAfter(store, undefined)).map(({ stream }) => stream));
      await store.close();
      expect(full.acknowledged.filter(({ stream }) => !kept.has(stream))).toEqual([]);

      // With room again, the same work repeats what is there and writes what is not.
      const appends = full.acknowledged.length + 2 * options.inFlight;
      const again = await run({ inFlight: options.inFlight, appends });
      expect(again).toMatchObject({ status: 0, failures: [] });
      for (const { stream, repeated } of again.acknowledged)
        expect(repeated).toBe(kept.has(stream));
      const reader = await SqliteEventStore.open({ directory, mode: 'read' });
      const stored = await readAfter(reader, undefined);
      expect(await reader.integrity()).toEqual([]);
      await reader.close();
      expect(new Set(stored.map(({ id }) => id)).size).toBe(stored.length);
      expect(new Set(stored.map(({ stream }) => stream)).size).toBe(appends);
    },
    TIMEOUT_MS,
  );
});
