import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteEventStore } from '#event-store/sqlite';
import { sha256Hex } from '#kernel';
import { sampleEvents } from '#testing/event-store';
import { ensureBuilt, jsonOf, runCli } from './run-cli.js';

const TIMEOUT_MS = 120_000;

type Migrated = {
  readonly events: number;
  readonly streams: number;
  readonly copied: number;
  readonly verified: boolean;
  readonly sha256: string;
  readonly seconds: number;
};

let folder: string;
let from: string;
let to: string;

beforeAll(ensureBuilt, TIMEOUT_MS);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-migrate-'));
  [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const store = await SqliteEventStore.open({ directory: from, mode: 'write' });
  for (const stream of ['sample-a', 'sample-b', 'sample-a']) {
    await store.append(stream, 'any', sampleEvents(3));
  }
  await store.close();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `redress export events` prints. */
async function exported(dataDir: string): Promise<string> {
  const { stdout, status } = await runCli('export', 'events', '--data-dir', dataDir);
  expect(status).toBe(0);
  return stdout;
}

describe('redress migrate', () => {
  it(
    'copies a log, says what it copied, and finds nothing to do when run again',
    async () => {
      const first = await jsonOf<Migrated>('migrate', '--from', from, '--to', `sqlite:${to}`);
      expect(first).toMatchObject({ events: 9, streams: 2, copied: 9, verified: true });
      expect(first.seconds).toBeGreaterThan(0);
      const events = await exported(to);
      expect(events).toBe(await exported(from));
      // As docs/operations.md says, the SHA-256 is that of the export without its positions.
      expect(first.sha256).toBe(sha256Hex(events.replaceAll(/"position":"\d+",/g, '')));

      const again = await runCli('migrate', '--from', from, '--to', to);
      expect(again).toMatchObject({ status: 0 });
      expect(again.stdout).toContain('9 events of 2 streams');
      expect(again.stdout).toContain('0 of them copied now');
      expect(again.stdout).toContain(`SHA-256 ${first.sha256}`);
      expect(again.stdout).toContain('redress rebuild');
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a target that is another log, with status 2, and leaves it as it is',
    async () => {
      const store = await SqliteEventStore.open({ directory: to, mode: 'write' });
      await store.append('sample-z', 'no-stream', sampleEvents(1));
      await store.close();
      const before = await exported(to);
      const refused = await runCli('migrate', '--from', from, '--to', to);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/event 0 is .*sample-a.*\[migrate\.target-not-a-prefix\]/);
      expect(await exported(to)).toBe(before);
    },
    TIMEOUT_MS,
  );

  it(
    'copies nothing while somebody writes to the source, or when there is none',
    async () => {
      const server = await SqliteEventStore.open({ directory: from, mode: 'write' });
      const locked = await runCli('migrate', '--from', from, '--to', to);
      await server.close();
      expect(locked.status).toBe(3);
      expect(locked.stderr).toContain('[store.locked]');

      mkdirSync(join(folder, 'empty'));
      const none = await runCli('migrate', '--from', join(folder, 'empty'), '--to', to);
      expect(none.status).toBe(3);
      expect(none.stderr).toContain('there is no event log in');
    },
    TIMEOUT_MS,
  );

  it(
    'gives a server that was never there up after some seconds, and prints no password',
    async () => {
      const url = 'esdb://admin:secret@127.0.0.1:9?tls=false';
      const { status, stderr } = await runCli('migrate', '--from', from, '--to', url);
      expect(status).toBe(3);
      expect(stderr).toMatch(
        /EventStoreDB at 127\.0\.0\.1:9 did not answer.*\[store\.unavailable\]/,
      );
      expect(stderr).not.toContain('secret');
    },
    TIMEOUT_MS,
  );

  it.each([
    [['--from', 'a'], 'usage.invalid'],
    [['--from', 'a', '--to', 'a'], 'usage.same-store'],
    [['--from', 'a', '--to', 'sqlite:'], 'configuration.invalid'],
    [['--from', 'postgres://secret@host/', '--to', 'a'], 'configuration.invalid'],
    [['--from', 'env:NOT_SET_ANYWHERE', '--to', 'a'], 'configuration.invalid'],
  ])(
    'refuses %j as wrong use, and prints no secret',
    async (args, code) => {
      const { status, stderr } = await runCli('migrate', ...args);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(code) });
      expect(stderr).not.toContain('secret');
    },
    TIMEOUT_MS,
  );
});

describe('where a log lies', () => {
  it('may be told by a file that a variable names, so that no password is on a command line', async () => {
    const { logPlaceOf } = await import('#wiring');
    const file = join(folder, 'url');
    writeFileSync(file, 'esdb://admin:secret@store:2113?tls=true\n');
    expect(logPlaceOf('env:EVENTSTORE_URL', { EVENTSTORE_URL_FILE: file })).toEqual({
      kind: 'eventstoredb',
      url: 'esdb://admin:secret@store:2113?tls=true',
    });
  });
});
