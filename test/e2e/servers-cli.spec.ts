import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { groundOffer, startGround, type Ground } from '../fault/servers-ground.js';
import { serverSuite } from '../servers/offered.js';
import { endOf, ensureBuilt, startCli } from './run-cli.js';
import { cfpbFile } from './servers-inputs.js';

jest.setTimeout(600_000);

const ROWS = 300;
/**
 * Every moment is the same and every salt as well, whichever row comes first: rows are under way
 * beside each other, in an order that no seed decides. The drivers have clocks of their own.
 */
const PRELOAD = `
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
Date.now = () => Date.parse('2026-11-22T12:00:00.000Z');
crypto.randomFillSync = (bytes) => bytes.fill(7);
syncBuiltinESMExports();
`;

/** The command line in one mode. */
type House = (...args: readonly string[]) => Promise<string>;

function houseWith(environment: Readonly<Record<string, string>>, statuses: number[]): House {
  return async (...args) => {
    const ran = await endOf(startCli(args, { environment, preload: PRELOAD }));
    if (ran.status !== 0 && ran.status !== 1) {
      throw new Error(`redress ${args.join(' ')} ended with ${ran.status}: ${ran.stderr}`);
    }
    statuses.push(ran.status);
    return ran.stdout;
  };
}

/** What may differ: where events lie, and how long it took. */
function withoutPlace(text: string): string {
  return text
    .replaceAll(/"position":"\d+"/g, '"position":"…"')
    .replaceAll(/"seconds":[\d.]+/g, '"seconds":0');
}

serverSuite('the command line on servers', await groundOffer(), () => {
  let folder: string;
  let file: string;
  let ground: Ground;
  let embedded: House;
  let servers: House;
  const statuses: number[][] = [[], []];

  beforeAll(async () => {
    ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'redress-servers-cli-'));
    file = join(folder, 'complaints.csv');
    writeFileSync(file, cfpbFile(ROWS));
    ground = await startGround();
    const [ofEmbedded = [], ofServers = []] = statuses;
    embedded = houseWith({ REDRESS_DATA_DIR: join(folder, 'embedded') }, ofEmbedded);
    servers = houseWith(
      {
        REDRESS_STORES: 'servers',
        REDRESS_DATA_DIR: join(folder, 'servers'),
        EVENTSTORE_URL: ground.eventStoreUrl,
        MONGODB_URL: ground.mongoUrl,
      },
      ofServers,
    );
  });

  afterAll(async () => {
    await ground.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const both = async (...args: readonly string[]) =>
    [withoutPlace(await embedded(...args)), withoutPlace(await servers(...args))] as const;

  it('imports, exports, counts and lists the same as embedded, byte for byte', async () => {
    const [here, there] = await both('import', 'cfpb', file, '--json');
    expect(there).toBe(here);
    expect(JSON.parse(here)).toMatchObject({ rows: ROWS, events: expect.any(Number) });

    const [log, copy] = await both('export', 'events');
    const lines = log.split('\n').toSorted();
    expect(lines.length).toBeGreaterThan(2 * ROWS);
    expect(copy.split('\n').toSorted()).toEqual(lines);

    for (const field of ['product', 'channel', 'outcome', 'reply', 'timely', 'postalCodeDefect']) {
      const [counted, again] = await both('count', '--by', field, '--json');
      expect(again).toBe(counted);
    }
    // Equals stand in the order of the log, which is chance where rows are under way together.
    const [listed, relisted] = await both('list', '--limit', '1000', '--json');
    expect(relisted.split('\n').toSorted()).toEqual(listed.split('\n').toSorted());

    const [compared, recompared] = await both('rebuild', '--compare', '--json');
    expect(recompared).toBe(compared);
    expect(JSON.parse(compared)).toMatchObject({ differing: 0, eventsMissing: 0 });

    const [again, thereAgain] = await both('import', 'cfpb', file, '--json');
    expect(thereAgain).toBe(again);
    expect(JSON.parse(again)).toMatchObject({ events: 0, lodged: 0 });
    // 1 says that something was found: the two rows without a number, at each import.
    expect(statuses[1]).toEqual(statuses[0]);
  });
});
