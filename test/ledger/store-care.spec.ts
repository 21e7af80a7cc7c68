import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseLeaf } from '#evidence';
import {
  leafHash,
  openCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  policyOfLog,
  verifyTlogProof,
} from '#merkle';
import { LODGING } from '../e2e/api-server.js';
import { endOf, ensureBuilt, startCli, type Ran } from '../e2e/run-cli.js';
import { eventually, healthWhen, metricOf, startProcess } from '../e2e/server-processes.js';

jest.setTimeout(300_000);

const HEADING =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
const UNKNOWN_ID = '4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80';
const DAY = /^\d{4}-\d{2}-\d{2}$/;

type Checkpoint = { readonly size: number; readonly note: string; readonly vkey: string };
type Status = {
  readonly events: number;
  readonly ledger: { readonly size: number; readonly lag: number; readonly root: string | null };
};
type Checks = {
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
};

let folder: string;
let store: string;
let outside: string;
/** Made when the log held the first rows only. */
let oldBackup: string;
/** Made when everything was signed. */
let backup: string;
/** As the status was before the last rows were signed. */
let unsigned: Status;
let first: Checkpoint;
let latest: Checkpoint;

function redressWith(
  environment: Readonly<Record<string, string>>,
  directory: string,
  args: readonly string[],
): Promise<Ran> {
  return endOf(startCli([...args, '--data-dir', directory], { environment }));
}

/** `redress …` on a data directory, with the one place outside for all of them. */
function redress(directory: string, ...args: readonly string[]): Promise<Ran> {
  return redressWith({ REDRESS_LEDGER_OUTSIDE: outside }, directory, args);
}

async function jsonFrom<Value>(directory: string, ...args: readonly string[]): Promise<Value> {
  const { stdout, stderr, status } = await redress(directory, ...args, '--json');
  if (stdout === '') throw new Error(`redress ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Value;
}

async function importRows(directory: string, from: number): Promise<void> {
  const file = join(folder, `rows-${from}.csv`);
  const rows = Array.from({ length: 5 }, (_, n) => {
    return `${n},${from + n},Product,,Issue,,NY,10001,1/5/2015,2/1/2015,Closed with explanation,Yes,No`;
  });
  writeFileSync(file, `${[HEADING, ...rows].join('\n')}\n`);
  expect(await redress(directory, 'import', 'cfpb', file)).toMatchObject({ status: 0 });
}

/** A copy of the store to do harm to. */
function storeCopy(name: string): string {
  const directory = join(folder, name);
  cpSync(store, directory, { recursive: true });
  return directory;
}

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
}

/** A new data directory with a backup in it, and with the key, which a backup does not hold. */
async function restored(source: string, name: string): Promise<string> {
  const directory = join(folder, name);
  expect(await redress(directory, 'restore', source)).toMatchObject({ status: 0 });
  copyFileSync(join(store, 'ledger.key'), join(directory, 'ledger.key'));
  return directory;
}

async function checksOf(directory: string): Promise<Readonly<Record<string, boolean>>> {
  const { checks } = await jsonFrom<Checks>(directory, 'doctor');
  const ofLedger = checks.filter(({ name }) => name.startsWith('ledger'));
  return Object.fromEntries(ofLedger.map(({ name, ok }) => [name, ok]));
}

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-store-care-'));
  store = join(folder, 'store');
  outside = join(folder, 'outside');
  oldBackup = join(folder, 'old-backup');
  mkdirSync(outside);
  await importRows(store, 1_000);
  first = await jsonFrom<Checkpoint>(store, 'ledger', 'checkpoint');
  expect(await redress(store, 'backup', oldBackup)).toMatchObject({ status: 0 });
  await importRows(store, 2_000);
  unsigned = await jsonFrom<Status>(store, 'status');
  latest = await jsonFrom<Checkpoint>(store, 'ledger', 'checkpoint');
  backup = join(folder, 'backup');
  expect(await redress(store, 'backup', backup)).toMatchObject({ status: 0 });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('status', () => {
  it('tells how many events are signed, and how many not yet', async () => {
    expect(unsigned.ledger.size).toBe(first.size);
    expect(unsigned.ledger.lag).toBe(unsigned.events - first.size);
    expect(unsigned.ledger.lag).toBeGreaterThan(0);
    const after = await jsonFrom<Status>(store, 'status');
    expect(after.ledger).toMatchObject({ size: after.events, lag: 0 });
    expect(latest.size).toBe(after.events);
  });
});

describe('ledger checkpoint', () => {
  it('signs what stands, in the folder and outside, with a key that only its owner reads', async () => {
    const key = parseVerifierKey(latest.vkey);
    expect(Number(openCheckpoint(latest.note, [key]).checkpoint.size)).toBe(latest.size);
    expect(readFileSync(join(store, 'ledger', 'checkpoint'), 'utf8')).toBe(latest.note);
    expect(readdirSync(outside)).toEqual(['redress.local+default.checkpoint']);
    expect(readFileSync(join(outside, 'redress.local+default.checkpoint'), 'utf8')).toBe(
      latest.note,
    );
    expect(statSync(join(store, 'ledger.key')).mode & 0o777).toBe(0o600);
  });

  it('signs nothing twice', async () => {
    expect(await jsonFrom<Checkpoint>(store, 'ledger', 'checkpoint')).toEqual(latest);
  });

  it('shows beside a server what that one signed', async () => {
    const copy = storeCopy('served');
    const server = await startProcess('standalone', { REDRESS_DATA_DIR: copy });
    try {
      await healthWhen(server, 200);
      const { status, stdout, stderr } = await redress(copy, 'ledger', 'checkpoint', '--json');
      expect(status).toBe(0);
      expect(stderr).toContain('a server holds the store');
      expect(JSON.parse(stdout)).toMatchObject({ size: latest.size, note: latest.note });
    } finally {
      await server.stop();
    }
  });
});

describe('ledger prove', () => {
  it('writes a proof that is verified without the store', async () => {
    const { stdout } = await redress(store, 'export', 'events');
    const events = stdout.trim().split('\n');
    const index = events.length - 2;
    const { id }: { readonly id: string } = JSON.parse(events[index] ?? '');
    const file = join(folder, 'one.tlog-proof');
    expect(await jsonFrom(store, 'ledger', 'prove', id, '-o', file)).toEqual({
      eventId: id,
      index,
      size: latest.size,
      file,
    });
    const proof = parseTlogProof(readFileSync(file, 'utf8'));
    const entry = proof.extra ?? new Uint8Array();
    verifyTlogProof(proof, leafHash(entry), policyOfLog(parseVerifierKey(latest.vkey)));
    expect(parseLeaf(entry)).toMatchObject({ id, index });
  });

  it.each([
    ['x', 'usage.event-id'],
    [UNKNOWN_ID, 'ledger.not-covered'],
  ])('refuses %s', async (id, code) => {
    const { status, stdout, stderr } = await redress(store, 'ledger', 'prove', id);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`[${code}]`);
  });
});

describe('ledger verify', () => {
  it('finds the own ledger where it is configured, and that of a named folder in it', async () => {
    const moved = storeCopy('moved');
    const environment = {
      REDRESS_LEDGER_DIR: join(folder, 'elsewhere'),
      REDRESS_LEDGER_KEY_FILE: join(folder, 'elsewhere.key'),
    };
    cpSync(join(moved, 'ledger'), environment.REDRESS_LEDGER_DIR, { recursive: true });
    copyFileSync(join(moved, 'ledger.key'), environment.REDRESS_LEDGER_KEY_FILE);
    rmSync(join(moved, 'ledger'), { recursive: true });
    rmSync(join(moved, 'ledger.key'));
    const verify = (...args: readonly string[]) =>
      redressWith(environment, moved, ['ledger', 'verify', ...args, '--json']);
    const own = await verify();
    expect(own.status).toBe(0);
    expect(JSON.parse(own.stdout)).toMatchObject({ ok: true, checked: latest.size });
    const named = await verify(store);
    expect(named.status).toBe(0);
    expect(JSON.parse(named.stdout)).toMatchObject({ ok: true, checked: latest.size });
    expect(await verify(moved)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('[usage.no-key]'),
    });
  });
});

describe('doctor', () => {
  const SOUND = { 'ledger key': true, ledger: true, 'ledger outside': true };

  it('finds a key and a ledger that are as they must be', async () => {
    expect(await checksOf(store)).toEqual(SOUND);
  });

  it('finds a key that others may read', async () => {
    const copy = storeCopy('open-key');
    chmodSync(join(copy, 'ledger.key'), 0o644);
    expect(await checksOf(copy)).toMatchObject({ 'ledger key': false });
  });

  it('finds a checkpoint whose key is gone', async () => {
    const copy = storeCopy('no-key');
    rmSync(join(copy, 'ledger.key'));
    expect(await checksOf(copy)).toMatchObject({ ledger: false, 'ledger outside': false });
  });

  it('finds a tile that was changed', async () => {
    const copy = storeCopy('changed-tile');
    const tile = join(copy, 'ledger', 'tile', '0', '000.p', String(latest.size));
    const bytes = readFileSync(tile);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    writeFileSync(tile, bytes);
    expect(await checksOf(copy)).toMatchObject({ ledger: false });
  });

  it('finds that the log is older than what was signed outside', async () => {
    const directory = await restored(oldBackup, 'doctored');
    expect(await checksOf(directory)).toEqual({ ...SOUND, 'ledger outside': false });
  });
});

describe('backup', () => {
  it('holds the signed checkpoints, and neither the key nor what the log gives again', () => {
    const [day] = readdirSync(join(store, 'ledger', 'checkpoints')).filter((name) =>
      DAY.test(name),
    );
    expect(filesUnder(backup).toSorted()).toEqual(
      ['backup.json', 'ledger/checkpoint', `ledger/checkpoints/${day}`, 'log.sqlite'].toSorted(),
    );
    // Base 64 has plus signs, too: the secret is what stands behind the fourth.
    const line = readFileSync(join(store, 'ledger.key'), 'utf8').trim();
    const secret = line.split('+').slice(4).join('+');
    const seed = Buffer.from(secret, 'base64').subarray(1);
    expect(seed).toHaveLength(32);
    for (const file of filesUnder(backup)) {
      const bytes = readFileSync(join(backup, file));
      expect([file, bytes.includes(secret), bytes.includes(seed)]).toEqual([file, false, false]);
    }
  });

  it('is put back and signed on, under the key that was kept apart', async () => {
    const directory = join(folder, 'put-back');
    expect(await redress(directory, 'restore', backup)).toMatchObject({ status: 0 });
    expect(existsSync(join(directory, 'ledger.key'))).toBe(false);
    const refused = await redress(directory, 'ledger', 'checkpoint');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('[ledger.key-missing]');
    expect(existsSync(join(directory, 'ledger.key'))).toBe(false);
    copyFileSync(join(store, 'ledger.key'), join(directory, 'ledger.key'));
    expect(await jsonFrom<Checkpoint>(directory, 'ledger', 'checkpoint')).toEqual(latest);
    expect(await redress(directory, 'ledger', 'verify')).toMatchObject({ status: 0 });
  });
});

describe('an old backup, with a newer checkpoint outside', () => {
  it('is refused by the command that signs', async () => {
    const directory = await restored(oldBackup, 'refused');
    const { status, stdout, stderr } = await redress(directory, 'ledger', 'checkpoint');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('[ledger.log-does-not-extend]');
    expect(readFileSync(join(directory, 'ledger', 'checkpoint'), 'utf8')).toBe(first.note);
  });

  it('can begin another ledger, under another name and key, for all to see', async () => {
    const directory = await restored(oldBackup, 'declared');
    const anew = join(folder, 'anew');
    const migrated = await endOf(startCli(['migrate', '--from', directory, '--to', anew]));
    expect(migrated).toMatchObject({ status: 0 });
    const environment = { REDRESS_LEDGER_OUTSIDE: outside, REDRESS_ORIGIN: 'redress.local/anew' };
    const args = ['ledger', 'checkpoint', '--json'];
    const { status, stdout } = await redressWith(environment, anew, args);
    expect(status).toBe(0);
    const { size, note, vkey }: Checkpoint = JSON.parse(stdout);
    expect(size).toBe(first.size);
    expect(vkey).not.toBe(first.vkey);
    expect(note.split('\n')[0]).toBe('redress.local/anew');
  });

  it('is signed no more by a server, which says so loudly and handles complaints', async () => {
    const directory = await restored(oldBackup, 'refused-server');
    const server = await startProcess('standalone', {
      REDRESS_DATA_DIR: directory,
      REDRESS_LEDGER_OUTSIDE: outside,
    });
    try {
      const lodged = await fetch(`${server.address}/v1/complaints`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(LODGING),
      });
      expect([201, server.log()]).toContain(lodged.status);
      const health = await eventually(async () => {
        const { ready, checks } = await healthWhen(server, 200);
        return checks['ledger']?.ok === false ? { ready, ledger: checks['ledger'] } : undefined;
      });
      expect(health).toMatchObject({
        ready: true,
        ledger: { ok: false, phase: 'refused', code: 'ledger.log-does-not-extend' },
      });
      expect(await metricOf(server, 'redress_ledger_refused')).toBe(1);
      const told = server.lines().filter(({ what }) => what === 'ledger');
      expect(told).toMatchObject([
        { level: 'error', stack: expect.stringContaining('an old backup') },
      ]);
      const { receipt } = (await lodged.json()) as { readonly receipt: string };
      // Nothing is proved: neither is it covered, nor has the backup any tiles.
      expect((await fetch(server.address + receipt)).status).toBeGreaterThanOrEqual(500);
      const shown = await fetch(`${server.address}/ledger/checkpoint`);
      expect(await shown.text()).toBe(first.note);
    } finally {
      expect(await server.stop()).toBe(0);
    }
    expect(readFileSync(join(outside, 'redress.local+default.checkpoint'), 'utf8')).toBe(
      latest.note,
    );
  });
});
