import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bagOf, readStoredZip, storedZip, type PackFile } from '#evidence';
import { proveEvent, readKeyFile } from '#ledger';
import { buildPack, KEPT_FILE, VKEY_FILE, type BuiltPack } from '#ledger/packs';
import { formatCheckpoint, formatVerifierKey, sha256, signNote } from '#merkle';
import { ORIGIN, PackGround } from './pack-ground.js';

jest.setTimeout(120_000);

const TOOLS = ['unzip', 'sha256sum', 'openssl', 'python3'];
const missing = TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0);

let ground: PackGround;
let pack: BuiltPack;
let vkey: string;
let kept: string;

beforeAll(async () => {
  ground = new PackGround();
  await ground.append(5);
  kept = await ground.sign('2026-01-01');
  await ground.append(16);
  await ground.sign('2026-01-02');
  await ground.append(19);
  await ground.sign('2026-01-03');
  vkey = formatVerifierKey(await ground.key());
  pack = await buildPack(await ground.sources(), {
    stream: ground.streamOf(0),
    subject: 'C-0',
    withhold: ['3'],
  });
});

afterAll(() => ground.remove());

/** The commands as the README of the pack prints them. */
function commandsIn(zip: Uint8Array): readonly string[] {
  const readme = readStoredZip(zip).find(({ path }) => path.endsWith('/README.txt'));
  const text = Buffer.from(readme?.bytes ?? []).toString('utf8');
  const [, section = ''] = text.split(/^Then five commands/m);
  const [part = ''] = section.split(/^On a Mac/m);
  return part
    .split(/^\d\. .*$/m)
    .slice(1)
    .map((command) => command.trim());
}

type Brought = { readonly vkey: string; readonly kept?: string };

/** The status of each command, in one shell, one after the other. */
function run(zip: Uint8Array, brought: Brought = { vkey, kept }) {
  const folder = mkdtempSync(join(tmpdir(), 'redress-readme-'));
  try {
    writeFileSync(join(folder, pack.fileName), zip);
    writeFileSync(join(folder, VKEY_FILE), `${brought.vkey}\n`);
    if (brought.kept !== undefined) writeFileSync(join(folder, KEPT_FILE), brought.kept);
    const script = commandsIn(pack.zip)
      .map((command) => `${command}\necho "status $?"\n`)
      .join('');
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
    });
    const statuses = [...stdout.matchAll(/^status (\d+)$/gm)].map(([, status]) => Number(status));
    return { statuses, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Change = (text: string) => string;

/** The pack with one file changed, and zipped again as it must be; its manifests are as before. */
function changed(path: string, change: Change): Uint8Array {
  return storedZip(changedFiles(path, change));
}

/** As {@link changed}, by somebody who writes the manifests anew as well. */
function forged(path: string, change: Change): Uint8Array {
  const files = changedFiles(path, change).map(({ path: whole, bytes }) => ({
    path: whole.slice(whole.indexOf('/') + 1),
    bytes,
  }));
  const readme = files.find(({ path: one }) => one === 'README.txt');
  const payload = files.filter(({ path: one }) => one.startsWith('data/'));
  const text = Buffer.from(readme?.bytes ?? []).toString('utf8');
  return storedZip(bagOf({ subject: 'C-0', info: [], readme: text, payload }));
}

function changedFiles(path: string, change: Change): readonly PackFile[] {
  const files = readStoredZip(pack.zip);
  expect(files.filter((file) => file.path.endsWith(path))).toHaveLength(1);
  return files.map((file) => {
    if (!file.path.endsWith(path)) return file;
    const text = Buffer.from(file.bytes).toString('utf8');
    expect(change(text)).not.toBe(text);
    return { ...file, bytes: Buffer.from(change(text)) };
  });
}

const word: Change = (text) => text.replace('fehlt', 'kommt');

function whereToolsAre(): typeof describe | typeof describe.skip {
  if (missing.length === 0) return describe;
  process.stderr.write(`SKIPPED: the commands of a pack's README want ${missing.join(', ')}\n`);
  return describe.skip;
}

whereToolsAre()('the five commands of a README', () => {
  it('are five, with a snippet of at most twenty lines', () => {
    const commands = commandsIn(pack.zip);
    expect(commands).toHaveLength(5);
    for (const command of commands) {
      const lines = command.split('\n');
      expect(lines.slice(1, -1).length).toBeLessThanOrEqual(20);
    }
  });

  it('find a good pack good', () => {
    const { statuses, stdout, stderr } = run(pack.zip);
    expect({ statuses, stderr }).toEqual({ statuses: [0, 0, 0, 0, 0], stderr: '' });
    expect(stdout).toContain('Signature Verified Successfully');
    expect(stdout).toContain('20 events of complaint-');
    expect(stdout).toContain('the log of 40 entries holds all 5 that it held then');
  });

  it('find what was changed without the manifests, and with them', () => {
    expect(run(changed('events/000000.json', word)).statuses).toEqual([0, 1, 0, 1, 0]);
    expect(run(forged('events/000000.json', word)).statuses).toEqual([0, 0, 0, 1, 0]);
  });

  it.each<readonly [string, string, Change, readonly number[]]>([
    ['an event shown as another', 'events/000002.json', () => '{"data":{}}', [0, 0, 0, 1, 0]],
    ['a proof of another leaf', 'proofs/000001.tlog-proof', reindexed, [0, 0, 0, 1, 0]],
    ['a proof that is too long', 'proofs/000001.tlog-proof', lengthened, [0, 0, 0, 1, 0]],
    ['a proof that is too short', 'proofs/000001.tlog-proof', shortened, [0, 0, 0, 1, 0]],
    ['an entry that is another', 'proofs/000003.tlog-proof', retyped, [0, 0, 0, 1, 0]],
    ['a scope of another stream', 'scope.json', restreamed, [0, 0, 0, 1, 0]],
    [
      'more events than there are',
      'scope.json',
      (text) => text.replace('20', '21'),
      [0, 0, 0, 1, 0],
    ],
    ['a checkpoint of another size', 'data/checkpoint', resized, [0, 0, 1, 1, 0]],
    ['a proof from the kept one', 'earlier/5/consistency', swapped, [0, 0, 0, 0, 1]],
  ])('find %s, though the manifests fit', (_what, path, change, statuses) => {
    expect(run(forged(path, change)).statuses).toEqual(statuses);
  });

  it('find a zip that was cut, and have no more to say', () => {
    const { statuses, stderr } = run(pack.zip.subarray(0, pack.zip.length - 30));
    expect(statuses).toHaveLength(5);
    expect(statuses).not.toContain(0);
    expect(stderr).not.toContain('Traceback');
  });

  it('go on after a bad checksum in the zip, and name the event', () => {
    const zip = Buffer.from(pack.zip);
    zip.write('kommt', zip.indexOf('fehlt', zip.indexOf('/data/events/000000.json')));
    const { statuses, stderr } = run(zip);
    expect(statuses).toEqual([2, 1, 0, 1, 0]);
    expect(stderr).toContain('bad CRC');
    expect(stderr).toContain('NOT PROVED: event 0 differs');
    expect(stderr).not.toContain('Traceback');
  });

  it.each([
    ['nothing', undefined, "No such file or directory: '../kept.txt'"],
    ['something else', 'a picture', 'NOT COMPARED: '],
  ])('say in a line that %s was kept', (_what, brought, line) => {
    const { statuses, stderr } = run(pack.zip, {
      vkey,
      ...(brought === undefined ? {} : { kept: brought }),
    });
    expect(statuses).toEqual([0, 0, 0, 0, 1]);
    expect(stderr).toContain(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('trust no key but the one that the reader brought', async () => {
    const other = new PackGround();
    await other.append(5);
    await other.sign();
    const theirs = formatVerifierKey(await other.key());
    await other.remove();
    expect(run(pack.zip, { vkey: theirs, kept }).statuses).toEqual([0, 0, 1, 0, 0]);
    const renamed = theirs.replace('redress.example/packs', 'redress.example/other');
    expect(run(pack.zip, { vkey: renamed, kept }).statuses).toEqual([0, 0, 1, 0, 0]);
  });

  it('find a log that was rewritten and signed with the genuine key, by what was kept alone', async () => {
    const signer = await readKeyFile(join(ground.directory, 'ledger.key'), ORIGIN);
    if (!signer) throw new Error('there is a key');
    const text = formatCheckpoint({
      origin: ORIGIN,
      size: 5n,
      root: sha256(vkeyBytes),
      extensions: [],
    });
    const { statuses, stderr } = run(pack.zip, { vkey, kept: signNote(text, signer) });
    expect(statuses).toEqual([0, 0, 0, 0, 1]);
    expect(stderr).toContain('THE LOG IS NOT THE ONE IT WAS');
  });

  it('take a receipt as what was kept, and say which checkpoints they can compare', async () => {
    const { tlogProof } = await proveEvent(ground.folder, (await firstEvent()).id);
    const receipt = run(pack.zip, { vkey, kept: tlogProof });
    expect(receipt.statuses).toEqual([0, 0, 0, 0, 0]);
    expect(receipt.stdout).toContain('holds all 40');
    const unlinked = run(pack.zip, { vkey, kept: kept.replace('\n5\n', '\n7\n') });
    expect(unlinked.statuses).toEqual([0, 0, 0, 0, 1]);
    expect(unlinked.stderr).toContain('ask for a pack that is linked to size 7');
    const foreign = run(pack.zip, { vkey, kept: kept.replaceAll(ORIGIN, 'redress.example/other') });
    expect(foreign.stderr).toContain('kept of another log');
  });
});

const vkeyBytes = Buffer.from('another tree');

async function firstEvent() {
  const [event] = await ground.eventStore.readStream(ground.streamOf(0), { limit: 1 });
  if (!event) throw new Error('there is an event');
  return event;
}

function reindexed(proof: string): string {
  return proof.replace(/^index (\d+)$/m, (_line, index) => `index ${Number(index) + 1}`);
}

function lengthened(proof: string): string {
  return proof.replace('\n\n', `\n${Buffer.alloc(32).toString('base64')}\n\n`);
}

function shortened(proof: string): string {
  return proof.replace(/\n[^\n]+\n\n/, '\n\n');
}

/** As lenient as a forger could wish: the entry is another, and still canonical. */
function retyped(proof: string): string {
  return proof.replace(/^extra (.*)$/m, (_line, extra) => {
    const entry = Buffer.from(String(extra), 'base64').toString('utf8');
    const other = entry.replace('ComplaintClosed', 'ComplaintLodged');
    return `extra ${Buffer.from(other).toString('base64')}`;
  });
}

function restreamed(scope: string): string {
  return scope.replace(/complaint-./, 'complaint-x');
}

function resized(note: string): string {
  return note.replace('\n40\n', '\n41\n');
}

function swapped(lines: string): string {
  return lines
    .split('\n')
    .slice(0, -1)
    .toReversed()
    .map((line) => `${line}\n`)
    .join('');
}
