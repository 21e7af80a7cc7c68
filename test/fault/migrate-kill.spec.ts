import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventLine, type Copied } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { sha256Hex } from '#kernel';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { eventOfSize, readAfter } from '#testing/event-store';

const SCRIPT = new URL('./migrate.child.ts', import.meta.url);
/** For each of two ways to send: twenty in all. */
const KILLS = 10;
const EVENTS = 3_000;
const STREAMS = 170;
const EVENT_SIZE_BYTES = 500;
const TIMEOUT_MS = 120_000;

let directory: string;
let children: TypescriptChild[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redress-migrate-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

const places = () => ({ from: join(directory, 'from'), to: join(directory, 'to') });

/** A log in which streams take turns, now and then with two events of one in a row. */
async function fillSource(): Promise<readonly string[]> {
  const store = await SqliteEventStore.open({ directory: places().from, mode: 'write' });
  const appends = Array.from({ length: EVENTS / 3 }, (_, index) => {
    const stream = (offset: number) => `sample-${(index * 7 + offset) % STREAMS}`;
    const events = Array.from({ length: 3 }, () => eventOfSize(EVENT_SIZE_BYTES));
    return [
      store.append(stream(0), 'any', events.slice(0, 2)),
      store.append(stream(1), 'any', events.slice(2)),
    ];
  });
  await Promise.all(appends.flat());
  const lines = (await readAfter(store, undefined)).map(eventLine);
  await store.close();
  return lines;
}

function start(appendsTogetherMax: number, fileSizeMaxKib?: number): TypescriptChild {
  const { from, to } = places();
  const child = spawnTypescript({
    script: SCRIPT,
    args: [from, `sqlite:${to}`, String(appendsTogetherMax)],
    ...(fileSizeMaxKib === undefined ? {} : { fileSizeMaxKib }),
  });
  children.push(child);
  return child;
}

async function linesOf(child: TypescriptChild): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of child.lines) lines.push(line);
  return lines;
}

async function targetLines(): Promise<readonly string[]> {
  const store = await SqliteEventStore.open({ directory: places().to, mode: 'write' });
  expect(await store.integrity()).toEqual([]);
  const lines = (await readAfter(store, undefined)).map(eventLine);
  await store.close();
  return lines;
}

const finished = (expected: readonly string[]) => ({
  events: EVENTS,
  streams: STREAMS,
  verified: true,
  sha256: sha256Hex(expected.join('')),
  isBehind: false,
});

describe('kill -9 of a migration', () => {
  it.each([1, 1_000])(
    'at any time, %i appends at once: run again it goes on, and the copy is the same',
    async (appendsTogetherMax) => {
      const expected = await fillSource();
      let copiedBefore = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const child = start(appendsTogetherMax);
        let copying = 0;
        for await (const line of child.lines) {
          // Each round gets a little further than what it found, at another place of its work.
          if (line.startsWith('copying')) copying += 1;
          if (copying > kill % 5) child.process.kill('SIGKILL');
        }
        expect(await child.ended).toMatchObject({ signal: 'SIGKILL', errorText: '' });
        const kept = await targetLines();
        expect(kept).toEqual(expected.slice(0, kept.length));
        expect(kept.length).toBeGreaterThan(copiedBefore);
        copiedBefore = kept.length;
      }
      expect(copiedBefore).toBeLessThan(EVENTS);
      const last = start(appendsTogetherMax);
      const copied = JSON.parse((await linesOf(last)).at(-1) ?? '') as Copied;
      expect(copied).toEqual({ ...finished(expected), copied: EVENTS - copiedBefore });
      expect(await targetLines()).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});

describe('a disk that is full', () => {
  it.each([1, 1_000])(
    'ends a migration with %i appends at once; with room again it goes on',
    async (appendsTogetherMax) => {
      const expected = await fillSource();
      const lines = await linesOf(start(appendsTogetherMax, 700));
      expect(lines.at(-1)).toMatch(/^failed store\.(?:unavailable|append-unknown)$/);
      const kept = await targetLines();
      expect(kept).toEqual(expected.slice(0, kept.length));
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.length).toBeLessThan(EVENTS);
      const copied = JSON.parse((await linesOf(start(1_000))).at(-1) ?? '') as Copied;
      expect(copied).toEqual({ ...finished(expected), copied: EVENTS - kept.length });
      expect(await targetLines()).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});
