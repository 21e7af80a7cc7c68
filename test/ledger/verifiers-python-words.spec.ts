import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { verifyLedger, type PackFile } from '#evidence';
import {
  addSignatures,
  cosign,
  formatVerifierKey,
  newSignerKey,
  parsePolicy,
  verifierKeyOf,
  type SignerKey,
} from '#merkle';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { serverSuite } from '../servers/offered.js';
import { ScriptedServer } from './scripted-server.js';
import {
  pythonOffer,
  run,
  VERIFIER,
  verifiedByPython,
  VerifiersGround,
  type Ran,
} from './verifiers-ground.js';

jest.setTimeout(300_000);

const LOG = testSigner();
const EVENTS = complaintHistory({ events: 300, streams: 30 });
const vkeyOf = (key: SignerKey) => formatVerifierKey(verifierKeyOf(key));

let ground: VerifiersGround;
beforeAll(() => {
  ground = new VerifiersGround();
});
afterAll(() => ground.remove());

serverSuite('verify.py under a policy with a quorum', pythonOffer(), () => {
  const witnesses = [1, 2].map((at) =>
    newSignerKey(`w.example/${at}`, new Uint8Array(32).fill(40 + at), 4),
  );
  const [vkeyA = '', vkeyB = ''] = witnesses.map(vkeyOf);
  const policyWith = (quorum: string) =>
    `log ${vkeyOf(LOG)}\nwitness a ${vkeyA}\nwitness b ${vkeyB}\n${quorum}\n`;
  const BOTH = policyWith('group all-of-them all a b\nquorum all-of-them');
  const NOBODY = policyWith('quorum none');
  const ledger = signedLedger({ events: EVENTS }, LOG);
  const noteOf = (size: number) => signedLedger({ events: EVENTS.slice(0, size) }, LOG).note;
  const forked = signedLedger({ events: complaintHistory({ events: 200, streams: 9, seed: 'f' }) });
  const cosigned = (note: string, by = witnesses) =>
    addSignatures(
      note,
      by
        .map((key) => cosign(note.slice(0, note.lastIndexOf('\n\n') + 1), key, 1_700_000_000n))
        .join(''),
    );
  const ledgerWith = (beside: string | undefined, checkpoint = ledger.note) => {
    const copy = ledger.clone();
    if (beside !== undefined) copy.files.set('cosigned', Buffer.from(beside));
    copy.files.set('checkpoint', Buffer.from(checkpoint));
    return copy;
  };
  const young = cosigned(noteOf(200));
  const whole = cosigned(ledger.note);
  const later = { ok: true, size: 200, checked: 200, notCosignedYet: 100 };
  const all = { ok: true, size: 300, checked: 300, notCosignedYet: 0 };
  const nothing = { ok: false, size: 300, checked: 300, notCosignedYet: 300 };

  it.each([
    ['the latest is not cosigned yet', ledgerWith(young), BOTH, later],
    ['the latest is cosigned too', ledgerWith(young, whole), BOTH, all],
    ['the latest is the one beside', ledgerWith(whole), BOTH, all],
    ['nobody is asked', ledgerWith(young), NOBODY, all],
    ['none lies beside', ledgerWith(undefined), BOTH, nothing],
    ['too few cosigned', ledgerWith(cosigned(noteOf(200), witnesses.slice(1))), BOTH, nothing],
    ['an empty log was cosigned', ledgerWith(cosigned(noteOf(0))), BOTH, { ok: true, size: 0 }],
    ['another log was cosigned', ledgerWith(cosigned(forked.note)), BOTH, nothing],
  ])('speaks of as many entries as ours does where %s', async (_, files, policy, expected) => {
    const { ok, size, checked, notCosignedYet } = await verifyLedger(files, {
      policy: parsePolicy(Buffer.from(policy)),
    });
    expect({ ok, size, checked, notCosignedYet }).toMatchObject(expected);
    const folder = ground.writeLedger(`quorum-${size}-${files.files.size}`, files);
    const args = [folder, '--policy', ground.write('policy-quorum', policy)];
    expect(await verifiedByPython(args)).toMatchObject({ ok, size, checked, notCosignedYet });
  });

  it('says in words what is not cosigned yet, of a folder and of a URL', async () => {
    const folder = ground.writeLedger('in-words', ledgerWith(young));
    const policy = ['--policy', ground.write('policy-quorum', BOTH)];
    const url = `${await ground.serve()}/in-words`;
    for (const target of [folder, url]) {
      const { status, out } = await run('python3', [VERIFIER, target, ...policy]);
      expect([status, out]).toEqual([0, expect.stringContaining('200 events in a log of 200')]);
      expect(out).toContain('the last 100 of 300 entries: signed and checked, and not cosigned');
      const verdict = await verifiedByPython([target, ...policy]);
      expect(verdict).toMatchObject({ ...later, cosigners: ['a', 'b'] });
    }
  });

  it('takes no kept file for what lies in the ledger, whatever its name', async () => {
    ground.write('cosigned', young);
    const folder = ground.writeLedger('kept-only', ledgerWith(undefined));
    const args = [folder, '--policy', ground.write('policy-quorum', BOTH), '--kept', 'cosigned'];
    const { status, out } = await run('python3', [VERIFIER, ...args], ground.directory);
    expect([status, out]).toEqual([1, expect.stringContaining('what=cosignature')]);
  });
});

serverSuite('what verify.py says', pythonOffer(), () => {
  const ledger = signedLedger({ events: EVENTS }, LOG);
  let files: readonly PackFile[];
  let policy: readonly string[];
  beforeAll(async () => {
    policy = ['--policy', ground.policyFor(LOG)];
    const stream = EVENTS[2]?.stream ?? '';
    files = await samplePackFiles({ ledger, events: EVENTS, stream });
    ground.writeLedger('ledger', ledger);
  });

  const NOT_IN_WORDS =
    /NoneType|subscript|object|Errno|Error|Expecting|codec|Traceback|Invalid|urlopen|attribute|argument/;
  /** What it printed, where none of it is Python's own. */
  async function said(...args: readonly string[]): Promise<Ran> {
    const ran = await run('env', ['LEDGER_TOKEN=', 'python3', VERIFIER, ...args]);
    expect(`${ran.out}${ran.err}`).not.toMatch(NOT_IN_WORDS);
    return ran;
  }
  const faultsOf = ({ out }: Ran) => out.split('\n').filter((line) => line.startsWith('FAULT'));
  const textOf = (path: string) =>
    Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString();
  const packWith = (path: string, change: (text: string) => string) =>
    ground.write(
      'changed.zip',
      samplePackZip(
        files.map((file) =>
          file.path === path ? { path, bytes: Buffer.from(change(textOf(path))) } : file,
        ),
      ),
    );

  it('names a wrong key as one, and nothing besides', async () => {
    const stranger = ['--vkey', vkeyOf(testSigner('stranger.example/log', 9))];
    const receipt = ground.write('receipt', textOf('data/proofs/000000.tlog-proof'));
    for (const target of [packWith('', String), ground.path('ledger'), receipt]) {
      const ran = await said(target, ...stranger);
      expect(ran.status).toBe(1);
      const reason = 'what=checkpoint reason=not signed by the key of a log in the policy';
      expect(faultsOf(ran)).toEqual([expect.stringContaining(reason)]);
    }
  });

  it.each<readonly [string, (text: string) => string, RegExp]>([
    ['its size', (text) => text.replace('\n300\n', '\n301\n'), /signature of .* does not hold/],
    ['its base64', (text) => text.replace('\n300\n', '\n300\n!'), /not the base64/],
    ['its form', (text) => text.replace('\n300\n', '\nmany\n'), /of the form that it must have/],
    ['its signature', (text) => text.replace(/— .*/, '— x'), /of the form that it must have/],
    ['all of it', () => '', /missing, or not a checkpoint/],
  ])('names a checkpoint as the checkpoint where %s was changed', async (_, change, reason) => {
    const kept = ['--kept', ground.write('kept', ledger.note)];
    const ran = await said(packWith('data/checkpoint', change), ...policy, ...kept);
    expect(ran.status).toBe(1);
    expect(faultsOf(ran)).toEqual([expect.stringMatching(reason)]);
    expect(faultsOf(ran)[0]).toMatch(/what=checkpoint .*path=checkpoint/);
  });

  it.each<readonly [string, (text: string) => string, string, RegExp]>([
    ['its entry', (text) => text.replace(/(extra .{40})./, '$1A'), 'proof', /one of them was/],
    ['its index', (text) => text.replace('index ', 'index x'), 'proof', /of the form that it/],
    ['a hash', (text) => text.replace(/(index \d+\n)./, '$1!'), 'proof', /not the base64/],
    ['its end', (text) => text.slice(0, 200), 'checkpoint', /missing, or not a checkpoint/],
    ['its first line', (text) => `x${text}`, 'file', /neither an evidence pack nor a receipt/],
  ])('says of a receipt what was changed: %s', async (_, change, what, reason) => {
    const receipt = change(textOf('data/proofs/000000.tlog-proof'));
    const ran = await said(ground.write('changed-receipt', receipt), ...policy);
    expect(ran.status).toBe(1);
    expect(faultsOf(ran)).toEqual([expect.stringMatching(reason)]);
    expect(faultsOf(ran)[0]).toContain(`what=${what} `);
  });

  it('ends with 2 on what was given wrongly, and names it', async () => {
    const ledgerFolder = ground.path('ledger');
    const garbage = ground.write('garbage', Buffer.from([0x6c, 0x6f, 0x67, 0x20, 0xff, 0xfe]));
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [[ledgerFolder], 'either --policy or --vkey'],
      [['', ...policy], 'give what to verify'],
      [[ground.path('nowhere.zip'), ...policy], 'nowhere.zip is not there'],
      [[ledgerFolder, '--policy', ground.path('nope')], 'nope is not there'],
      [
        [ledgerFolder, ...policy, '--kept', ground.path('lost')],
        'lost is not what it should be: missing',
      ],
      [[ledgerFolder, ...policy, '--time-ca', ground.path('ca')], 'ca is not there'],
      [[ledgerFolder, '--policy', garbage], 'garbage is not what it should be'],
      [[ledgerFolder, '--policy', ledgerFolder], 'ledger cannot be read'],
      [[ledgerFolder, '--vkey', 'garbage'], 'not a verifier key: garbage'],
      [[ledgerFolder, ...policy, '--kept', ledgerFolder], 'ledger cannot be read'],
    ];
    for (const [args, reason] of wrong) {
      const { status, out, err } = await said(...args);
      const last = err.trimEnd().split('\n').at(-1);
      expect([status, out, last]).toEqual([2, '', expect.stringContaining(reason)]);
    }
  });

  it('ends with 3 where a server does not answer, and names the token that one wants', async () => {
    const unanswered = await said('http://127.0.0.1:1/ledger', ...policy);
    expect([unanswered.status, unanswered.err]).toEqual([
      3,
      expect.stringContaining('http://127.0.0.1:1/ledger/cosigned cannot be read'),
    ]);
    const house = await ScriptedServer.start((response) => response.writeHead(401).end());
    try {
      const { status, err } = await said(house.url, ...policy);
      expect([status, err]).toEqual([3, expect.stringMatching(/answers 401.*LEDGER_TOKEN/)]);
    } finally {
      await house.stop();
    }
  });

  it('names the openssl that is not there', async () => {
    const { out: python } = await run('python3', ['-c', 'import sys; print(sys.executable)']);
    const args = ['PATH=/nowhere', python.trim(), VERIFIER, ground.path('ledger'), ...policy];
    const { status, err } = await run('env', args);
    expect([status, err]).toEqual([3, expect.stringMatching(/^verify.py: openssl .*not there\n$/)]);
  });
});
