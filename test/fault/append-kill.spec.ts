import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '#kernel';
import { StoreLocked } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { readAfter } from '#testing/event-store';

/** Set higher for a long run; each round is one kill -9. */
const ROUNDS = Number(process.env['REDRESS_FAULT_ROUNDS'] ?? '6');
const ROUND_TIMEOUT_MS = 20_000;
const SCRIPT = new URL('./append-writer.child.ts', import.meta.url);
const APPENDS_ENDLESS = '1000000000';

let directory: string;
let children: TypescriptChild[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redress-kill-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

function startWriter(
  seed: string,
  inFlight: number,
  appendsMax = APPENDS_ENDLESS,
): TypescriptChild {
  const args = [directory, seed, String(inFlight), appendsMax];
  const child = spawnTypescript({ script: SCRIPT, args });
  children.push(child);
  return child;
}

/** Kills the child once it has written so many lines; answers all lines that came whole. */
async function killAfter(child: TypescriptChild, count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of child.lines) {
    lines.push(line);
    if (lines.length === count) child.process.kill('SIGKILL');
  }
  const { signal, errorText } = await child.ended;
  expect({ signal, errorText }).toEqual({ signal: 'SIGKILL', errorText: '' });
  return lines;
}

type Acknowledged = { readonly stream: string; readonly position: string };

function acknowledgedIn(lines: readonly string[]): readonly Acknowledged[] {
  return lines.flatMap((line) => {
    // A line cut short by the kill acknowledged nothing to anybody.
    const match = /^(?<stream>sample-\S+) (?<position>\d+) (?:true|false)$/.exec(line);
    const { stream, position } = match?.groups ?? {};
    return stream !== undefined && position !== undefined ? [{ stream, position }] : [];
  });
}

function expectWhole(stored: readonly StoredEvent[]): void {
  expect(stored.map(({ position }) => Number(position))).toEqual([...stored.keys()]);
  const ids = new Set(stored.map(({ id }) => id));
  expect(ids.size).toBe(stored.length);
  const streams = new Map<string, StoredEvent[]>();
  for (const event of stored) {
    streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
  }
  for (const [stream, events] of streams) {
    expect(events.map(({ revision }) => revision)).toEqual([...events.keys()]);
    // One append wrote each stream, so that all of it is there or none.
    expect(events).toHaveLength(1 + (Number(stream.split('-').at(-1)) % 3));
  }
}

describe('kill -9 of a writer', () => {
  it(
    'loses nothing that was acknowledged and doubles nothing, again and again',
    async () => {
      const acknowledged: Acknowledged[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const inFlight = [1, 64, 7][round % 3] ?? 1;
        const child = startWriter(`round${round}`, inFlight);
        acknowledged.push(...acknowledgedIn(await killAfter(child, 2 + ((round * 97) % 400))));
        // No waiting: the lock went with the process.
        const store = await SqliteEventStore.open({ directory, mode: 'write' });
        const stored = await readAfter(store, undefined);
        expectWhole(stored);
        const lastPositions = new Map(stored.map((event) => [event.stream, event.position]));
        for (const { stream, position } of acknowledged) {
          expect(lastPositions.get(stream)).toBe(position);
        }
        expect(await store.integrity()).toEqual([]);
        await store.close();
      }
      expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS);
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );

  it(
    'is made good by the same work run again: each event once',
    async () => {
      const lines = await killAfter(startWriter('same', 16), 150);
      const again = startWriter('same', 16, '400');
      const repeated: string[] = [];
      for await (const line of again.lines) if (line.endsWith('true')) repeated.push(line);
      expect(await again.ended).toMatchObject({ status: 0, errorText: '' });
      expect(repeated.length).toBeGreaterThanOrEqual(acknowledgedIn(lines).length);
      const store = await SqliteEventStore.open({ directory, mode: 'read' });
      const stored = await readAfter(store, undefined);
      await store.close();
      expectWhole(stored);
      expect(new Set(stored.map(({ stream }) => stream)).size).toBeGreaterThanOrEqual(400);
    },
    2 * ROUND_TIMEOUT_MS,
  );
});

describe('the lock of the one writer', () => {
  it(
    'names the process that holds it, and goes with it',
    async () => {
      const child = startWriter('holder', 1);
      const lines = child.lines[Symbol.asyncIterator]();
      expect(await lines.next()).toEqual({ done: false, value: 'open' });
      const opening = SqliteEventStore.open({ directory, mode: 'write' });
      await expect(opening).rejects.toBeInstanceOf(StoreLocked);
      const holder = new RegExp(`process ${child.process.pid} writes to this store since 2`);
      await expect(opening).rejects.toThrow(holder);
      const reader = await SqliteEventStore.open({ directory, mode: 'read' });
      await reader.head();
      child.process.kill('SIGKILL');
      await child.ended;
      const writer = await SqliteEventStore.open({ directory, mode: 'write' });
      await writer.close();
      await reader.close();
    },
    ROUND_TIMEOUT_MS,
  );

  it(
    'holds against a second process while this one writes, and after a refused attempt here',
    async () => {
      const writer = await SqliteEventStore.open({ directory, mode: 'write' });
      const opening = SqliteEventStore.open({ directory, mode: 'write' });
      await expect(opening).rejects.toThrow(`process ${process.pid} writes to this store`);
      const refused = startWriter('second', 1, '1');
      const { status, errorText } = await refused.ended;
      expect(status).toBe(1);
      expect(errorText).toContain('StoreLocked');
      expect(errorText).toContain(`process ${process.pid} writes to this store`);
      await writer.close();
      const accepted = startWriter('third', 1, '1');
      expect(await accepted.ended).toMatchObject({ status: 0, errorText: '' });
    },
    2 * ROUND_TIMEOUT_MS,
  );
});
