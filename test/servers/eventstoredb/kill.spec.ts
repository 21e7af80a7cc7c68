import { execSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Position, StoredEvent } from '#kernel';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { followUntil, readAfter } from '#testing/event-store';
import { GIVEN_URL, startServer, type EventStoreServer } from './offer.js';

const PROCESS_KILLS = GIVEN_URL === undefined ? 20 : 10;
const SERVER_KILLS = 10;
const ROUND_TIMEOUT_MS = 30_000;
const SCRIPT = new URL('./append-and-follow.child.ts', import.meta.url);
/** How a server that is not ours is killed and started; both are commands for the shell. */
const KILL_COMMAND = process.env['EVENTSTORE_KILL_COMMAND'];
const START_COMMAND = process.env['EVENTSTORE_START_COMMAND'];

let server: EventStoreServer;
let store: EventStoreDbEventStore;
let directory: string;
let file: string;
let start: Position | undefined;
let children: TypescriptChild[];

beforeEach(async () => {
  server = await startServer();
  store = await EventStoreDbEventStore.open({ url: server.url, appendTimeoutMs: 30_000 });
  directory = mkdtempSync(join(tmpdir(), 'redress-kill-'));
  file = join(directory, 'handled');
  writeFileSync(file, '');
  start = await store.head();
  children = [];
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  await store.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function startChild(inFlight: number): TypescriptChild {
  const args = [server.url, file, start ?? 'start', randomUUID(), String(inFlight)];
  const child = spawnTypescript({ script: SCRIPT, args });
  children.push(child);
  return child;
}

type Acknowledged = { readonly stream: string; readonly position: string };

/** A line cut short by a kill acknowledged nothing to anybody. */
function acknowledgedIn(line: string): readonly Acknowledged[] {
  const { stream, position } = /^(?<stream>sample-\S+) (?<position>\d+)$/.exec(line)?.groups ?? {};
  return stream !== undefined && position !== undefined ? [{ stream, position }] : [];
}

/** Kills the child once it has written so many lines; answers what it had acknowledged. */
async function killAfter(child: TypescriptChild, count: number): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  let lines = 0;
  for await (const line of child.lines) {
    acknowledged.push(...acknowledgedIn(line));
    lines += 1;
    if (lines === count) child.process.kill('SIGKILL');
  }
  const { signal, errorText } = await child.ended;
  expect({ signal, errorText }).toEqual({ signal: 'SIGKILL', errorText: '' });
  // A page of handled events that was cut short is handled again.
  const handled = readFileSync(file, 'utf8');
  writeFileSync(file, handled.slice(0, handled.lastIndexOf('\n') + 1));
  return acknowledged;
}

/** All that was acknowledged is there, whole and once, and the follower saw each event once. */
async function expectNothingLost(acknowledged: readonly Acknowledged[]): Promise<void> {
  const stored = await readAfter(store, start);
  const streams = new Map<string, StoredEvent[]>();
  for (const event of stored) {
    const events = streams.get(event.stream);
    if (events) events.push(event);
    else streams.set(event.stream, [event]);
  }
  for (const [stream, events] of streams) {
    expect(events.map(({ revision }) => revision)).toEqual([...events.keys()]);
    expect(events).toHaveLength(1 + (Number(stream.split('-').at(-1)) % 3));
  }
  expect(new Set(stored.map(({ id }) => id)).size).toBe(stored.length);
  for (const { stream, position } of acknowledged) {
    expect(streams.get(stream)?.at(-1)?.position).toBe(position);
  }
  const handled = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const [checkpoint] = handled.at(-1)?.split(' ') ?? [];
  const count = stored.length - handled.length;
  const rest =
    count > 0 ? await followUntil(store, { after: checkpoint ?? start, count }) : { events: [] };
  const seen = [...handled, ...rest.events.map(({ position, id }) => `${position} ${id}`)];
  expect(seen).toEqual(stored.map(({ position, id }) => `${position} ${id}`));
}

describe('kill -9 of a process that appends and follows', () => {
  it(
    `loses and doubles nothing in ${PROCESS_KILLS} kills`,
    async () => {
      const acknowledged: Acknowledged[] = [];
      for (let round = 0; round < PROCESS_KILLS; round += 1) {
        const child = startChild([1, 64, 7][round % 3] ?? 1);
        acknowledged.push(...(await killAfter(child, 2 + ((round * 97) % 300))));
      }
      await expectNothingLost(acknowledged);
      expect(acknowledged.length).toBeGreaterThanOrEqual(PROCESS_KILLS);
    },
    PROCESS_KILLS * ROUND_TIMEOUT_MS,
  );
});

describe('kill -9 of the server under load', () => {
  const commands =
    KILL_COMMAND === undefined || START_COMMAND === undefined
      ? undefined
      : { kill: KILL_COMMAND, start: START_COMMAND };
  if (GIVEN_URL !== undefined && !commands) {
    const missing =
      'the server WAS NOT KILLED: set EVENTSTORE_KILL_COMMAND and EVENTSTORE_START_COMMAND';
    process.stderr.write(`${missing}\n`);
    it.todo(missing);
    return;
  }

  const restart = async () => {
    if (server.double) {
      await server.double.kill();
      await server.double.start();
    } else if (commands) {
      execSync(commands.kill, { stdio: 'ignore' });
      execSync(commands.start, { stdio: 'ignore' });
    }
  };

  it(
    `loses and doubles nothing in ${SERVER_KILLS} kills, and the process goes on`,
    async () => {
      const child = startChild(64);
      const acknowledged: Acknowledged[] = [];
      let kills = 0;
      for await (const line of child.lines) {
        acknowledged.push(...acknowledgedIn(line));
        if (acknowledged.length < (kills + 1) * 200) continue;
        if (kills === SERVER_KILLS) child.process.kill('SIGKILL');
        else await restart();
        kills += 1;
      }
      const { signal, errorText } = await child.ended;
      expect({ signal, errorText }).toEqual({ signal: 'SIGKILL', errorText: '' });
      const handled = readFileSync(file, 'utf8');
      writeFileSync(file, handled.slice(0, handled.lastIndexOf('\n') + 1));
      await expectNothingLost(acknowledged);
    },
    SERVER_KILLS * ROUND_TIMEOUT_MS,
  );
});
