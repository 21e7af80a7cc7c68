import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { proveEvent, sequenceOnce } from '#ledger';
import { formatCheckpoint, formatVerifierKey, parseSignerKey, signNote } from '#merkle';
import { serverSuite, type Offer } from '../servers/offered.js';
import { appendEvents, LedgerGround } from './sequencer-ground.js';
import { run, succeeds, VerifiersGround, withBitFlipped, type Ran } from './verifiers-ground.js';

const MODULE = resolve('test/ledger/foreign');
const FSCK = 'github.com/transparency-dev/tessera/cmd/fsck';
/** First so many, then so many more: the second checkpoint needs tiles of three levels. */
const FIRST = 300;
const MORE = 65_700;
/** More than the faults of a test: a worker of fsck ends with the first fault that it finds. */
const FSCK_WORKERS = 8;
/** It says every second how far it is, for as long as it hangs. */
const FSCK_MAX_MS = 120_000;

jest.setTimeout(900_000);

/** Go that can build the module as it is pinned, without changing it. */
function goOffer(): Offer {
  const isThere = succeeds('go', ['-C', MODULE, 'mod', 'download']);
  return isThere ? { offered: true } : { missing: 'Go of 1.24 or later, with its modules' };
}

serverSuite('programs that nobody here wrote', goOffer(), () => {
  const ledger = new LedgerGround();
  const ground = new VerifiersGround();
  const go = ground.path('foreign');
  let folder: string;
  let key: string;
  let receipt: string;

  beforeAll(async () => {
    await buildInto(ground);
    const [eventId = ''] = await appendEvents(ledger.store, FIRST);
    const first = await sequenceOnce(ledger.parts());
    ground.write('kept', first.note);
    await appendEvents(ledger.store, MORE);
    await sequenceOnce(ledger.parts());
    folder = resolve(ledger.directory, 'ledger');
    key = ground.write('vkey', formatVerifierKey(await ledger.verifierKey()));
    receipt = ground.write('receipt.tlog-proof', await receiptOf(eventId));
  });
  afterAll(async () => {
    ledger.remove();
    await ground.remove();
  });

  async function receiptOf(eventId: string): Promise<string> {
    const proof = await proveEvent(ledger.folder, eventId);
    return proof.tlogProof;
  }

  const byGo = (of: string, ...more: readonly string[]) =>
    run(go, ['-key', key, '-ledger', of, ...more]);

  it("accept our log: Go's sumdb", async () => {
    const { status, out, err } = await byGo(
      folder,
      '-kept',
      ground.path('kept'),
      '-proof',
      receipt,
    );
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain(`${FIRST + MORE} entries lead to`);
    expect(out).toContain(`consistent with the checkpoint of ${FIRST} entries`);
    expect(out).toContain(`entry 0 is in the log of ${FIRST + MORE} entries`);
  });

  it("accept our log: Tessera's fsck, from the folder and over HTTP", async () => {
    expect(await fsck(`file://${folder}`)).toMatch(/Successfully fsck'd log with size 66000/);
    const copy = ground.copyWith(folder, 'checkpoint', (bytes) => bytes);
    const url = `${await ground.serve()}${copy.slice(ground.directory.length)}/`;
    expect(await fsck(url)).toMatch(/Successfully fsck'd log with size 66000/);
  });

  it.each([
    ['tile/0/007', 1_000],
    ['tile/1/000', 77],
    ['tile/entries/100', 5_000],
    ['checkpoint', 30],
  ])('refuse it with one bit of %s turned over', async (file, at) => {
    const copy = ground.copyWith(folder, file, (bytes) => withBitFlipped(bytes, at));
    const { status, err } = await byGo(copy);
    expect([status, err]).toEqual([1, expect.stringContaining('REFUSED')]);
    const said = await fsck(`file://${copy}`);
    expect(said).toContain('fsck failed');
    expect(said).not.toContain('Successfully');
  });

  it('refuse a checkpoint that is of another history, and a receipt of another entry', async () => {
    // The same key signs another tree, so only the missing consistency can give it away.
    const signer = parseSignerKey((await readFile(ledger.keyFile, 'utf8')).trim());
    const head = { origin: signer.name, size: BigInt(FIRST), extensions: [] };
    const signed = (root: Uint8Array) => signNote(formatCheckpoint({ ...head, root }), signer);
    const own = ground.write('own', signed(ledger.rootOfLog(head.size)));
    expect((await byGo(folder, '-kept', own)).status).toBe(0);
    const other = ground.write('other', signed(ledger.rootOfLog(head.size - 1n)));
    const { status, err } = await byGo(folder, '-kept', other);
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(/REFUSED: kept checkpoint: invalid transparency proof/),
    ]);
    const moved = (await readFile(receipt, 'utf8')).replace('index 0\n', 'index 1\n');
    expect((await byGo(folder, '-proof', ground.write('moved', moved))).status).toBe(1);
  });

  /** It ends with 0 whatever it found, so what it said is told. */
  async function fsck(url: string): Promise<string> {
    const said = { text: '' };
    const flags = [`-N=${FSCK_WORKERS}`, '-ui=false', '-v=1', '-public_key', key];
    const child = spawn(ground.path('fsck'), [...flags, '-storage_url', url], {
      timeout: FSCK_MAX_MS,
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.text += text;
    });
    const status = await new Promise((done) => child.on('close', done));
    expect([status, status === 0 ? '' : said.text]).toEqual([0, '']);
    return said.text;
  }
});

/** Into the ground's folder: our few lines over sumdb as `foreign`, and Tessera's `fsck`. */
async function buildInto(ground: VerifiersGround): Promise<void> {
  const flags = ['build', '-mod=readonly', '-trimpath', '-o', `${ground.directory}/`];
  const built: Ran = await run('go', ['-C', MODULE, ...flags, '.', FSCK]);
  if (built.status !== 0) throw new Error(`go build failed: ${built.err}`);
}
