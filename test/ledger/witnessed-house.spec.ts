import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import type { EventStore } from '#event-store/port';
import { verifyLedger } from '#evidence';
import { COSIGNED_PATH, LedgerFolder } from '#ledger';
import {
  formatSignerKey,
  formatVerifierKey,
  newSignerKey,
  parsePolicy,
  verifierKeyOf,
  type Policy,
  type SignerKey,
} from '#merkle';
import { until } from '#testing/notices';
import { readConfiguration } from '#wiring';
import { runLedger, type RunningLedger } from '../../apps/contexts/index.js';
import { appendEvents, SystemRandom, TurnedClock } from './sequencer-ground.js';
import { witnessGround, type WitnessGround } from './witness-ground.js';

jest.setTimeout(120_000);

const ORIGIN = 'house.test/log';

let folder: string;
let key: SignerKey;
let witnesses: readonly WitnessGround[];
let running: RunningLedger[];
let told: unknown[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-witnessed-'));
  key = newSignerKey(ORIGIN, randomBytes(32));
  writeFileSync(join(folder, 'ledger.key'), `${formatSignerKey(key)}\n`, { mode: 0o600 });
  const vkeys = [formatVerifierKey(verifierKeyOf(key))];
  witnesses = [witnessGround(vkeys), witnessGround(vkeys), witnessGround(vkeys)];
  await Promise.all(witnesses.map((one, at) => one.start({ name: `witness.test/w${at}` })));
  const lines = witnesses.map((one, at) => {
    const { vkey, host, port } = one.running();
    return `witness w${at} ${vkey} http://${host}:${port}`;
  });
  const quorum = ['group both 2 w0 w1 w2', 'quorum both', ''];
  writeFileSync(join(folder, 'policy'), [`log ${vkeys[0]}`, ...lines, ...quorum].join('\n'));
  running = [];
  told = [];
});

afterEach(async () => {
  await Promise.all(running.map((ledger) => ledger.stop()));
  await Promise.all(witnesses.map((one) => one.remove()));
  rmSync(folder, { recursive: true, force: true });
});

async function runOver(eventStore: EventStore, dataDir: string): Promise<RunningLedger> {
  const configuration = readConfiguration(
    {
      REDRESS_ORIGIN: ORIGIN,
      REDRESS_LEDGER_KEY_FILE: join(folder, 'ledger.key'),
      REDRESS_LEDGER_POLICY_FILE: join(folder, 'policy'),
    },
    { dataDir },
  );
  const stores = { eventStore, clock: new TurnedClock(), randomness: new SystemRandom() };
  const ledger = await runLedger(configuration, stores, (error) => told.push(error));
  if (!ledger) throw new Error('the ledger is on unless told otherwise');
  running.push(ledger);
  return ledger;
}

async function signedUpTo(ledger: RunningLedger, store: EventStore): Promise<void> {
  const head = await store.head();
  if (head === undefined) throw new Error('the log holds events');
  await ledger.settled(head, AbortSignal.timeout(30_000));
}

describe('a house whose log is witnessed', () => {
  it('has its quorum with one witness gone, and says which is missing', async () => {
    await witnesses[2]?.stop();
    const store = new MemoryEventStore();
    await appendEvents(store, 300);
    const ledger = await runOver(store, join(folder, 'data'));
    await signedUpTo(ledger, store);
    // Stopping waits for what is being cosigned.
    await ledger.stop();
    const files = new LedgerFolder(join(folder, 'data', 'ledger'));
    expect(await files.read(COSIGNED_PATH)).toBeDefined();
    const policy = policyOfHouse();
    expect(await verifyLedger(files, { policy })).toMatchObject({
      ok: true,
      size: 300,
      checked: 300,
    });
    expect(ledger.witnessesMissing).toBe(1);
    expect(told).toContainEqual(expect.objectContaining({ code: 'witness.unreachable' }));
  });

  it('has a witness cosign that comes back while nothing happens', async () => {
    const [, , third] = witnesses;
    const { port = 0 } = third?.running() ?? {};
    await third?.stop();
    const store = new MemoryEventStore();
    await appendEvents(store, 3);
    const ledger = await runOver(store, join(folder, 'data'));
    await signedUpTo(ledger, store);
    await until(() => ledger.witnessesMissing === 1);
    expect(ledger.state.outsideFaults).toEqual(['witness.unreachable']);
    expect(String(told[0])).toContain('w2 [witness.unreachable]');
    await third?.start({ name: 'witness.test/w2', port });
    const cosigned = async () =>
      Buffer.from((await ledger.folder.read(COSIGNED_PATH)) ?? []).toString();
    await until(async () => (await cosigned()).includes('witness.test/w2'));
    for (const at of [0, 1, 2]) {
      expect((await cosigned()).split(`witness.test/w${at} `)).toHaveLength(2);
    }
    expect(ledger.witnessesMissing).toBe(0);
    expect(ledger.state.outsideFaults).toEqual([]);
  });

  it('is told that its log was rolled back, though nothing in the house remembers', async () => {
    const store = new MemoryEventStore();
    await appendEvents(store, 20);
    const first = await runOver(store, join(folder, 'data'));
    await signedUpTo(first, store);
    await first.stop();
    expect(told).toEqual([]);

    const older = new MemoryEventStore();
    await appendEvents(older, 7);
    // The sizes that the house remembers of its witnesses are lost together with all the rest.
    const second = await runOver(older, join(folder, 'other'));
    await signedUpTo(second, older);
    await second.stop();
    expect(second.witnessesMissing).toBe(3);
    expect(told).toContainEqual(expect.objectContaining({ code: 'witness.ahead' }));
    const policy = policyOfHouse();
    const verdict = await verifyLedger(new LedgerFolder(join(folder, 'other', 'ledger')), {
      policy,
    });
    expect(verdict).toMatchObject({ ok: false });
    expect(verdict.faults[0]).toMatchObject({ what: 'cosignature' });
  });

  it('starts with what it has when a witness is named by no address', async () => {
    const whole = readFileSync(join(folder, 'policy'), 'utf8');
    writeFileSync(join(folder, 'policy'), whole.replaceAll(/ http:\S+/g, ''));
    const store = new MemoryEventStore();
    await appendEvents(store, 3);
    const ledger = await runOver(store, join(folder, 'data'));
    await signedUpTo(ledger, store);
    expect(ledger.state.size).toBe(3);
  });
});

function policyOfHouse(): Policy {
  return parsePolicy(readFileSync(join(folder, 'policy'), 'utf8'));
}
