import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { timeNotePath, timeTokenPath, verifyLedger, verifyPack, type PackFile } from '#evidence';
import { buildPack } from '#ledger/packs';
import { requestTimeToken } from '#ledger/witness';
import { formatVerifierKey, parsePolicy } from '#merkle';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { SystemRandomness } from '#wiring';
import { serverSuite } from '../servers/offered.js';
import { vectorsFolder, vectorSuite } from './merkle-vectors.js';
import { PackGround } from './pack-ground.js';
import { startTestAuthority, type TestAuthority } from './time-stamping.js';
import {
  pythonOffer,
  run,
  VERIFIER,
  verifiedByPython,
  VerifiersGround,
  withBitFlipped,
  type PythonVerdict,
} from './verifiers-ground.js';

const LINES_MAX = 300;
const NAIVE_EVENTS = 600;

jest.setTimeout(300_000);

let ground: VerifiersGround;
beforeAll(() => {
  ground = new VerifiersGround();
});
afterAll(() => ground.remove());

const whatsOf = ({ faults }: PythonVerdict) => faults.map(({ what }) => what);

describe('verify.py, as it is written', () => {
  it(`has at most ${LINES_MAX} lines, and imports Python's standard library only`, async () => {
    const text = await readFile(VERIFIER, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(LINES_MAX);
    expect(text).not.toMatch(/^\s*from \S+ import|__import__|importlib/m);
    const imported = [...text.matchAll(/^import (.*)$/gm)].flatMap(([, names = '']) =>
      names.split(', '),
    );
    expect(imported.toSorted()).toEqual([
      ...['argparse', 'base64', 'contextlib', 'datetime', 'hashlib', 'json', 'os', 'pathlib'],
      ...['re', 'struct', 'subprocess', 'sys', 'tempfile', 'urllib.request', 'zlib'],
    ]);
  });
});

serverSuite('verify.py on what a naive generator makes', pythonOffer(), () => {
  const naive = (name: string) => ground.path('naive', name);
  const policy = (name = 'policy') => ['--policy', naive(name)];
  beforeAll(() => ground.makeNaive(NAIVE_EVENTS));

  it.each([
    ['ledger', NAIVE_EVENTS],
    ['pack.zip', 120],
    ['redacted.zip', 120],
    ['receipt.tlog-proof', 1],
  ])('accepts %s', async (name, checked) => {
    const verdict = await verifiedByPython([naive(name), ...policy()]);
    expect(verdict).toMatchObject({ ok: true, size: NAIVE_EVENTS, checked, faults: [] });
    expect(verdict.notProved.join()).toContain('nothing was kept out');
  });

  it('verifies the same ledger over HTTP by a verifier key, with the token that entries want', async () => {
    const url = `${await ground.serve('a-token')}/naive/ledger`;
    const args = ['python3', VERIFIER, url, '--vkey', await readFile(naive('vkey'), 'utf8')];
    const { status, out } = await run('env', ['LEDGER_TOKEN=a-token', ...args]);
    expect([status, out]).toEqual([0, expect.stringContaining('VERIFIED: 600 events')]);
    expect((await run('env', ['LEDGER_TOKEN=', ...args])).status).toBe(3);
  });

  it('asks for the quorum of the policy, and for a log that the policy knows', async () => {
    const two = await verifiedByPython([naive('pack.zip'), ...policy('policy-2-of-3')]);
    expect(two).toMatchObject({ ok: true, cosigners: expect.arrayContaining(['w0', 'w1']) });
    const three = await verifiedByPython([naive('ledger'), ...policy('policy-3-of-3')]);
    expect(whatsOf(three)).toEqual(['cosignature']);
    const stranger = await verifiedByPython([naive('ledger'), ...policy('policy-stranger')]);
    expect(whatsOf(stranger)).toEqual(['checkpoint']);
  });

  it.each(['kept/1', 'kept/300', 'receipt.tlog-proof', 'receipt-old.tlog-proof'])(
    'holds the ledger against %s, which somebody kept',
    async (kept) => {
      const args = [naive('ledger'), ...policy(), '--kept', naive(kept)];
      expect(await verifiedByPython(args)).toMatchObject({ ok: true });
    },
  );

  it.each(['kept/forked', 'kept/newer'])('finds that %s is of another history', async (kept) => {
    const args = [naive('ledger'), ...policy(), '--kept', naive(kept)];
    expect(whatsOf(await verifiedByPython(args))).toEqual(['kept']);
    const pack = [naive('pack.zip'), ...policy(), '--kept', naive(kept)];
    expect(whatsOf(await verifiedByPython(pack))).toEqual(['kept']);
  });

  it('ends with 2 for wrong use and with 3 for what cannot be reached', async () => {
    const statusOf = async (...args: string[]) =>
      (await run('python3', [VERIFIER, ...args])).status;
    expect(await statusOf(naive('pack.zip'))).toBe(2);
    expect(await statusOf(naive('missing.zip'), ...policy())).toBe(2);
    expect(await statusOf('http://127.0.0.1:1/ledger', ...policy())).toBe(3);
  });

  it.each([
    ['tile/entries/001', 300, 'leaf', 256],
    ['tile/0/001', 4_000, 'leaf', 256 + 125],
    ['tile/1/000.p/2', 40, 'tile', 1],
    ['tile/entries/002.p/88', 0, 'entries', 2],
    ['checkpoint', 25, 'checkpoint', undefined],
  ])('names what one bit of %s breaks', async (file, at, what, index) => {
    const copy = ground.copyWith(naive('ledger'), file, (bytes) => withBitFlipped(bytes, at));
    const verdict = await verifiedByPython([copy, ...policy()]);
    expect(verdict.ok).toBe(false);
    const named = verdict.faults.map((fault) => [fault.what, fault.index]);
    expect(named).toContainEqual([what, index ?? null]);
  });
});

serverSuite('verify.py beside our own verifier', pythonOffer(), () => {
  const signer = testSigner();
  const events = complaintHistory({ events: 300, streams: 30 });
  const ledger = signedLedger({ events });
  const younger = signedLedger({ events: events.slice(0, 200) });
  const stream = events[2]?.stream ?? '';
  let files: readonly PackFile[];
  let policyFile: string;
  let authority: TestAuthority;
  beforeAll(async () => {
    policyFile = ground.policyFor(signer);
    files = await samplePackFiles({ ledger, events, stream, earlier: [younger] });
    authority = await startTestAuthority();
  });
  afterAll(() => authority.stop());

  /** Both verdicts must agree; Python's is told. */
  async function verdictOf(pack: Uint8Array, kept: readonly string[] = []): Promise<PythonVerdict> {
    const policy = parsePolicy(await readFile(policyFile));
    const ours = verifyPack(pack, { policy, kept });
    const keptFiles = kept.map((note, at) => ground.write(`kept-${at}`, note));
    const args = keptFiles.flatMap((file) => ['--kept', file]);
    const path = ground.write('pack.zip', pack);
    const verdict = await verifiedByPython([path, '--policy', policyFile, ...args]);
    expect({ ok: verdict.ok }).toEqual({ ok: ours.ok });
    return verdict;
  }

  it('accepts a pack and a redacted one as ours does, with what an auditor kept', async () => {
    const kept = [younger.note];
    expect(await verdictOf(samplePackZip(files), kept)).toMatchObject({ ok: true, checked: 10 });
    const withheld = [0, 4];
    const redacted = await samplePackFiles({ ledger, events, stream, withheld });
    expect(await verdictOf(samplePackZip(redacted))).toMatchObject({ ok: true, checked: 10 });
  });

  it('accepts what the product itself makes: signed folder, pack with PDF, chain of kept heads', async () => {
    const real = new PackGround();
    try {
      await real.append(40);
      const first = await real.sign('2026-01-01');
      await real.append(300);
      await real.sign('2026-01-02');
      const request = { stream: real.streamOf(0), subject: 'C-26-REAL-1', kept: [first] };
      const { zip } = await buildPack(await real.sources(), request);
      const vkey = ['--vkey', formatVerifierKey(await real.key())];
      const kept = ['--kept', ground.write('first', first)];
      const pack = await verifiedByPython([ground.write('real.zip', zip), ...vkey, ...kept]);
      expect(pack).toMatchObject({ ok: true, size: 340, checked: 170, faults: [] });
      const folder = await verifiedByPython([real.folder.directory, ...vkey, ...kept]);
      expect(folder).toMatchObject({ ok: true, size: 340, checked: 340, faults: [] });
    } finally {
      await real.remove();
    }
  });

  const path = (revision: number, kind: 'events' | 'proofs') =>
    `data/${kind}/00000${revision}.${kind === 'events' ? 'json' : 'tlog-proof'}`;
  const changed = (name: string, change: (text: string) => string) =>
    files.map((file) =>
      file.path === name
        ? { path: name, bytes: Buffer.from(change(Buffer.from(file.bytes).toString())) }
        : file,
    );
  const swapped = (a: string, b: string) =>
    files.map((file) => {
      const other = file.path === a ? b : file.path === b ? a : file.path;
      return { path: other, bytes: file.bytes };
    });
  const without = (...names: readonly string[]) => files.filter((one) => !names.includes(one.path));
  const CORRUPTIONS: readonly (readonly [string, () => readonly PackFile[], string])[] = [
    [
      'an event changed',
      () => changed(path(3, 'events'), (text) => text.replace('{', '{ ')),
      'event',
    ],
    ['two events swapped', () => swapped(path(3, 'events'), path(4, 'events')), 'event'],
    ['two proofs swapped', () => swapped(path(3, 'proofs'), path(4, 'proofs')), 'proof'],
    ['an event taken away', () => without(path(5, 'events')), 'file'],
    ['the last revision taken away', () => without(path(9, 'events'), path(9, 'proofs')), 'file'],
    ['a proof taken away', () => without(path(5, 'proofs')), 'file'],
    ['the checkpoint taken away', () => without('data/checkpoint'), 'checkpoint'],
    ['the scope taken away', () => without('data/scope.json'), 'file'],
    [
      'fewer events said',
      () => changed('data/scope.json', (text) => text.replace('"events":10', '"events":9')),
      'file',
    ],
    [
      'an event said to be withheld',
      () => changed('data/scope.json', (text) => text.replace('[]', '[2]')),
      'file',
    ],
    [
      'another size said',
      () => changed('data/scope.json', (text) => text.replace('"size":300', '"size":299')),
      'file',
    ],
    [
      'another index in a proof',
      () => changed(path(2, 'proofs'), (text) => text.replace(/index \d+/, 'index 7')),
      'proof',
    ],
    [
      'a proof cut short',
      () => changed(path(2, 'proofs'), (text) => text.replace(/(index \d+\n)[^\n]+\n/, '$1')),
      'proof',
    ],
    [
      'another root signed by nobody',
      () => changed('data/checkpoint', (text) => text.replace(/\n300\n./, '\n300\nA')),
      'checkpoint',
    ],
    [
      'a consistency proof changed',
      () =>
        changed('data/earlier/200/consistency', (text) => text.split('\n').toReversed().join('\n')),
      'checkpoint',
    ],
    [
      'an earlier checkpoint of another size',
      () => swapped('data/earlier/200/checkpoint', 'data/checkpoint'),
      'checkpoint',
    ],
    [
      'a document that no event names',
      () => [...files, { path: `data/documents/${'0'.repeat(64)}`, bytes: Buffer.from('x') }],
      'document',
    ],
    [
      'a file of no kind',
      () => [...files, { path: 'data/other', bytes: Buffer.from('x') }],
      'file',
    ],
  ];

  it.each(CORRUPTIONS)('finds %s, though zip and manifests fit it', async (_, make, what) => {
    expect(whatsOf(await verdictOf(samplePackZip(make())))).toContain(what);
  });

  it('leaves to ours whether the chronology is made of the events', async () => {
    const lying = changed('data/chronology.html', (text) =>
      text.replace('</body>', '<p>x</p></body>'),
    );
    const pack = samplePackZip(lying);
    const policy = parsePolicy(await readFile(policyFile));
    expect(verifyPack(pack, { policy }).ok).toBe(false);
    const args = [ground.write('lying.zip', pack), '--policy', policyFile];
    const verdict = await verifiedByPython(args);
    expect(verdict.ok).toBe(true);
    expect(verdict.notProved.join()).toContain('chronology');
  });

  it('finds one bit anywhere in a pack, where ours finds it', async () => {
    const pack = samplePackZip(files);
    const step = Math.floor(pack.length / 25);
    for (let at = 3; at < pack.length; at += step) {
      const verdict = await verdictOf(withBitFlipped(pack, at));
      expect([at, verdict.ok]).toEqual([at, false]);
    }
    expect((await verdictOf(pack.subarray(0, pack.length - 1))).ok).toBe(false);
    expect((await verdictOf(Buffer.concat([pack, Buffer.from('x')]))).ok).toBe(false);
  });

  it('finds a log rewritten with the genuine key by one kept checkpoint, and not without', async () => {
    const others = complaintHistory({ events: 300, streams: 30, seed: 'b' });
    const rewritten = signedLedger({ events: others });
    const theirs = others[2]?.stream ?? '';
    const pack = samplePackZip(
      await samplePackFiles({ ledger: rewritten, events: others, stream: theirs }),
    );
    expect((await verdictOf(pack)).ok).toBe(true);
    expect(whatsOf(await verdictOf(pack, [ledger.note]))).toEqual(['kept']);
    const folder = ground.writeLedger('rewritten', rewritten);
    const kept = ground.write('kept', younger.note);
    const args = [folder, '--policy', policyFile, '--kept', kept];
    expect(whatsOf(await verifiedByPython(args))).toEqual(['kept']);
  });

  it('verifies our ledger folder, and finds in it what ours finds', async () => {
    const folder = ground.writeLedger('ours', ledger);
    const policy = parsePolicy(await readFile(policyFile));
    const good = await verifiedByPython([folder, '--policy', policyFile]);
    expect(good).toMatchObject({ ok: true, size: 300, checked: 300 });
    for (const [file, bytes] of ledger.files) {
      const broken = ledger.clone();
      broken.files.set(file, withBitFlipped(bytes, Math.floor(bytes.length / 3)));
      const ours = await verifyLedger(broken, { policy });
      const copy = ground.writeLedger(`broken/${file}`, broken);
      const theirs = await verifiedByPython([copy, '--policy', policyFile]);
      expect([file, theirs.ok, ours.ok]).toEqual([file, false, false]);
    }
  });

  it("holds a time token against the authority that the auditor's own file names", async () => {
    const { url, rootFile, otherRootFile } = authority;
    const note = Buffer.from(ledger.note);
    const { response } = await requestTimeToken(note, { url, randomness: new SystemRandomness() });
    const stamped = [
      ...files,
      { path: timeNotePath(300), bytes: note },
      { path: timeTokenPath(300), bytes: response },
    ];
    const pack = ground.write('stamped.zip', samplePackZip(stamped));
    const with_ = async (...ca: string[]) =>
      verifiedByPython([pack, '--policy', policyFile, ...ca]);
    expect((await with_()).times).toMatchObject([{ trusted: false }]);
    expect((await with_('--time-ca', rootFile)).times).toMatchObject([{ trusted: true }]);
    expect(whatsOf(await with_('--time-ca', otherRootFile))).toEqual(['time-token']);
  });
});

vectorSuite('verify.py and the published vectors', () => {
  it('agrees with all of them', async () => {
    const check = 'test/ledger/verifiers/check_vectors.py';
    const { out } = await run('python3', [check, vectorsFolder()]);
    expect(JSON.parse(out)).toEqual({
      inclusion: { cases: 98, wrong: 0 },
      consistency: { cases: 98, wrong: 0 },
      keys: { low: 14, lowTaken: 0, good: 8, goodRefused: 0 },
      tesseraCheckpoints: 16,
    });
  });
});
