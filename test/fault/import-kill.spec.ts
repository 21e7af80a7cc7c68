import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { StoredEvent } from '#kernel';
import { StoreUnavailable } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { endOf, ensureBuilt, jsonOf, runCli, startCli } from '../e2e/run-cli.js';

/** Set to 100 for the long run; each is one kill -9 of an importing process. */
const KILLS = Number(process.env['REDRESS_IMPORT_KILLS'] ?? '4');
/** Rows to import a kill, so that most kills find work under way. */
const ROWS_PER_KILL = 120;
const ROWS = Math.max(1_200, KILLS * ROWS_PER_KILL);
/** A process that is killed later than this was not writing any more. */
const KILL_DELAY_MAX_MS = 400;
const TIMEOUT_MS = 120_000 + KILLS * 30_000;

jest.setTimeout(TIMEOUT_MS);

const HEADING =
  'Complaint ID,Product,Issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';

function csv(): string {
  const rows = Array.from({ length: ROWS }, (_, n) => {
    const [response, disputed] = n % 5 === 0 ? ['In progress', ''] : ['Closed', DISPUTED[n % 3]];
    return `${n},Product ${n % 7},Issue,NY,10001,1/5/2015,1/6/2015,${response},Yes,${disputed}`;
  });
  return `${[HEADING, ...rows].join('\n')}\n`;
}

const DISPUTED = ['Yes', 'No', 'N/A'];

let folder: string;
let file: string;

beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-import-kill-'));
  file = join(folder, 'complaints.csv');
  writeFileSync(file, csv());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function logOf(directory: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  let eventStore: SqliteEventStore;
  try {
    eventStore = await SqliteEventStore.open({ directory, mode: 'read' });
  } catch (error) {
    // Killed before there was a log.
    if (error instanceof StoreUnavailable) return events;
    throw error;
  }
  for await (const page of eventStore.readAll()) events.push(...page);
  await eventStore.close();
  return events;
}

/** What an event says, wherever it lies in the log and whenever it was recorded. */
function contentOf(events: readonly StoredEvent[]): readonly string[] {
  return events
    .map(({ stream, revision, id, type, data }) => `${stream} ${revision} ${id} ${type} ${data}`)
    .toSorted();
}

/** Imports and kills at a random moment after writing began; answers what could be read just before. */
async function importAndKill(directory: string): Promise<readonly StoredEvent[]> {
  const importing = startCli(['import', 'cfpb', file, '--data-dir', directory]);
  const ended = endOf(importing);
  const before = (await logOf(directory)).length;
  // Starting takes a while; a kill then would find nothing under way. Bounded by the process.
  while (importing.exitCode === null && (await logOf(directory)).length === before) await pause(5);
  await pause(Math.random() * KILL_DELAY_MAX_MS);
  const visible = await logOf(directory);
  importing.kill('SIGKILL');
  await ended;
  return visible;
}

describe('kill -9 of an import', () => {
  it('ends, run again, as if it had never been interrupted', async () => {
    const whole = join(folder, 'whole');
    const killed = join(folder, 'killed');
    expect((await runCli('import', 'cfpb', file, '--data-dir', whole)).status).toBe(0);
    const expected = await logOf(whole);
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const visible = await importAndKill(killed);
      const survived = await logOf(killed);
      // What anybody could read was committed, and so was all that was acknowledged.
      expect(survived.slice(0, visible.length)).toEqual(visible);
      if (survived.length < expected.length) interrupted += 1;
      // Once all is there, another kill would only find repeated rows: begin again.
      else if (kill < KILLS - 1) rmSync(killed, { recursive: true, force: true });
    }
    const finished = await jsonOf('import', 'cfpb', file, '--data-dir', killed);
    expect(finished).toMatchObject({ rows: ROWS, rejected: [] });
    const log = await logOf(killed);
    expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
    expect(contentOf(log)).toEqual(contentOf(expected));
    const compared = await jsonOf('rebuild', '--compare', '--data-dir', killed);
    expect(compared).toMatchObject({ events: expected.length, differing: 0, eventsMissing: 0 });
    const counts = ['count', '--by', 'status', '--by', 'outcome', '--data-dir'];
    expect(await jsonOf(...counts, killed)).toEqual(await jsonOf(...counts, whole));
    // A test that only ever killed finished imports would prove nothing.
    expect(interrupted).toBeGreaterThan(0);
  });
});
