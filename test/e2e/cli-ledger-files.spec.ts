import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Fault, Leaf } from '#evidence';
import { readKeyFile } from '#ledger';
import { formatCheckpoint, newSignerKey, sha256, signNote, type SignerKey } from '#merkle';
import { ensureBuilt, endOf, jsonLinesOf, jsonOf, runCli, startCli } from './run-cli.js';

jest.setTimeout(300_000);

const ORIGIN = 'redress.local/default';

type Verdict = {
  readonly ok: boolean;
  readonly size: number;
  readonly faults: readonly Fault[];
  readonly notProved: readonly string[];
  readonly leaf?: Leaf;
};

type Head = { readonly size: number; readonly vkey: string };

let folder: string;
let store: string;
let size: number;
let policy: string;
let vkey: string;
let eventId: string;
let reference: string;
let key: SignerKey;

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-cli-files-'));
  store = join(folder, 'store');
  await jsonOf('demo', '--complaints', '4', '--seed', 'files', '--exit', '--data-dir', store);
  const head = await jsonOf<Head>('ledger', 'checkpoint', '--data-dir', store);
  ({ size, vkey } = head);
  policy = write('policy', `log ${vkey}\nquorum none\n`);
  const database = new DatabaseSync(join(store, 'log.sqlite'), { readOnly: true });
  const row = database.prepare('SELECT lower(hex(id)) AS id FROM events LIMIT 1').get();
  database.close();
  const hex = String((row as { readonly id: string }).id);
  eventId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const [listed] = await jsonLinesOf<{ readonly reference: string }>('list', '--data-dir', store);
  reference = listed?.reference ?? '';
  const signer = await readKeyFile(join(store, 'ledger.key'), ORIGIN);
  if (!signer) throw new Error('there is a key');
  key = signer;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A checkpoint of a tree that never was. */
function forkAt(leaves: number, signer: SignerKey = key): string {
  const root = sha256(Buffer.from('another tree'));
  const head = { origin: signer.name, size: BigInt(leaves), root, extensions: [] };
  return signNote(formatCheckpoint(head), signer);
}

async function verify(...args: readonly string[]): Promise<Verdict & { readonly status: number }> {
  const { status, stdout, stderr } = await runCli('ledger', 'verify', ...args, '--json');
  if (stdout === '') throw new Error(`verify ended with ${status}: ${stderr}`);
  return { ...(JSON.parse(stdout) as Verdict), status: status ?? -1 };
}

/** A copy of the store with files put into its ledger. */
function storeWith(files: Readonly<Record<string, string>>): string {
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(store, copy, { recursive: true });
  mkdirSync(join(copy, 'ledger', 'time'), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    writeFileSync(join(copy, 'ledger', path), content);
  }
  return copy;
}

describe('what lies in a ledger beside its checkpoint', () => {
  it.each([
    ['a fork of the genuine key', 'checkpoints/2026-01-01', () => forkAt(3)],
    [
      "a stranger's note",
      'checkpoints/2026-01-01',
      () => forkAt(3, newSignerKey(ORIGIN, Buffer.alloc(32, 9))),
    ],
    ['one later than the latest', 'checkpoints/2026-01-01', () => forkAt(9_999)],
    ['a fork that waits for its token', 'time/3.note', () => forkAt(3)],
    ['garbage', 'cosigned', () => 'garbage'],
  ])('is judged: %s in %s', async (_what, path, note) => {
    const copy = storeWith({ [path]: note() });
    for (const target of [copy, join(copy, 'ledger')]) {
      const { status, faults } = await verify(target, '--policy', policy);
      expect(status).toBe(1);
      expect(faults).toEqual([expect.objectContaining({ path })]);
    }
  });

  it('is no checkpoint when it is a file half written', async () => {
    const copy = storeWith({ 'checkpoints/2026-01-01.0f9d.new': '', 'time/3.note.0f9d.new': '' });
    expect(await verify(copy, '--policy', policy)).toMatchObject({ ok: true, status: 0 });
  });

  it('is a fault when it is a time token without its note', async () => {
    const copy = storeWith({ 'time/3.tsr': 'a token' });
    const { status, faults } = await verify(copy, '--policy', policy);
    expect({ status, faults }).toMatchObject({
      status: 1,
      faults: [{ what: 'time-token', index: 3, path: 'time/3.tsr' }],
    });
  });
});

describe('a receipt', () => {
  let receipt: string;
  beforeAll(async () => {
    receipt = join(folder, 'receipt.tlog-proof');
    await jsonOf('ledger', 'prove', eventId, '-o', receipt, '--data-dir', store);
  });

  it('is verified by itself, and told', async () => {
    const verdict = await verify(receipt, '--vkey', vkey);
    expect(verdict).toMatchObject({ ok: true, status: 0, size, leaf: { id: eventId, index: 0 } });
    expect(verdict.notProved.join()).toContain('rewritten as a whole');
    const { stdout } = await runCli('ledger', 'verify', receipt, '--policy', policy);
    expect(stdout).toMatch(/^VERIFIED: 1 leaf of /);
    for (const told of [eventId, verdict.leaf?.type ?? '-', verdict.leaf?.recordedAt ?? '-']) {
      expect(stdout).toContain(told);
    }
    expect(await runCli('ledger', 'verify', receipt)).toMatchObject({ status: 2, stdout: '' });
  });

  it('is found out when it is changed, of another log, or of a fork', async () => {
    const text = readFileSync(receipt, 'utf8');
    const moved = write('moved', text.replace('index 0\n', 'index 1\n'));
    expect(await verify(moved, '--policy', policy)).toMatchObject({
      status: 1,
      faults: [{ what: 'proof', path: moved }],
    });
    const cut = write('cut.tlog-proof', text.slice(1));
    expect(await verify(cut, '--policy', policy)).toMatchObject({ status: 1 });
    const kept = write('fork', forkAt(size));
    expect(await verify(receipt, '--policy', policy, '--kept', kept)).toMatchObject({
      status: 1,
      faults: [{ what: 'kept', index: size, path: kept }],
    });
  });

  it('is asked for of an event that there is', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    const { status, stderr } = await runCli('ledger', 'prove', unknown, '--data-dir', store);
    expect(status).toBe(2);
    expect(stderr).toContain('it has none with this id');
  });
});

describe('a pack whose maker chose its names', () => {
  it('commands no terminal', async () => {
    const output = join(folder, 'whole.zip');
    await jsonOf('ledger', 'pack', reference, '-o', output, '--data-dir', store);
    const zip = Buffer.from(readFileSync(output));
    for (let at = zip.indexOf('chronology.html'); at >= 0; at = zip.indexOf('chronology.html')) {
      zip.write('\u001b[2Jnology.html', at, 'latin1');
    }
    const { status, stdout } = await runCli(
      ...['ledger', 'verify', write('escape.zip', zip), '--policy', policy],
    );
    expect(status).toBe(1);
    expect(stdout).toContain('\\u{1b}[2Jnology');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('wrong use', () => {
  it.each([
    ['a policy without a log', () => ['--policy', write('nobody', 'quorum none\n')], 'bad-policy'],
    ['a file of no kind', () => [policy, '--policy', policy], 'usage.bad-target'],
    [
      'a kept checkpoint that is none',
      () => ['--data-dir', store, '--kept', write('none', 'garbage')],
      'usage.bad-kept',
    ],
    ['certificates that are not there', () => ['--time-ca', '/none'], 'usage.unreadable'],
  ])('is %s', async (_what, args, code) => {
    const { status, stderr } = await runCli('ledger', 'verify', ...args());
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(code) });
  });

  it('is told of a key that is gone, and not that nothing was signed', async () => {
    const copy = storeWith({});
    rmSync(join(copy, 'ledger.key'));
    const { status, stderr } = await runCli('ledger', 'verify', '--data-dir', copy);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('key is gone'),
    });
  });

  it('is a place where no file can be written, found before a pack is made', async () => {
    for (const output of [join(folder, 'missing', 'pack.zip'), store]) {
      const args = ['ledger', 'pack', reference, '-o', output, '--data-dir', store];
      const { status, stderr } = await runCli(...args);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('[usage.output]'),
      });
      expect(existsSync(`${output}.partial`)).toBe(false);
    }
  });
});

describe('a pack that is to be linked to what was kept', () => {
  it.each([
    ['a fork', () => forkAt(3), 1, 'ledger.kept-differs'],
    ['a later one', () => forkAt(9_999), 2, 'ledger.kept-unusable'],
    [
      "another log's",
      () => forkAt(3, newSignerKey('x', Buffer.alloc(32, 9))),
      2,
      'ledger.kept-unusable',
    ],
    ['garbage', () => 'garbage', 2, 'usage.bad-kept'],
  ])('is refused for %s', async (_what, note, status, code) => {
    const output = join(folder, 'refused.zip');
    const args = ['ledger', 'pack', reference, '-o', output, '--kept', write('kept-now', note())];
    const ran = await runCli(...args, '--data-dir', store);
    expect(ran).toMatchObject({ status, stderr: expect.stringContaining(`[${code}]`) });
    expect(existsSync(output)).toBe(false);
  });
});

describe('a reader that goes away', () => {
  it('leaves the status as it is: what was found is not passed over', async () => {
    const bad = join(storeWith({ cosigned: 'garbage' }), 'ledger');
    const child = startCli(['ledger', 'verify', bad, '--policy', policy]);
    child.stdout?.destroy();
    expect((await endOf(child)).status).toBe(1);
    const good = startCli(['ledger', 'verify', join(store, 'ledger'), '--policy', policy]);
    good.stdout?.destroy();
    expect((await endOf(good)).status).toBe(0);
  });
});
