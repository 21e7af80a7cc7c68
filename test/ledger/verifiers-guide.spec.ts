import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formatVerifierKey, verifierKeyOf } from '#merkle';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { serverSuite, type Offer } from '../servers/offered.js';
import { pythonOffer, run, succeeds, VERIFIER, VerifiersGround } from './verifiers-ground.js';

const PAGE = 'docs/verify-it-yourself.md';
const HOUSE = 'https://complaints.example.org';
const COMMANDS = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(
  ([, command = '']) => command.trim(),
);

jest.setTimeout(900_000);

const ground = new VerifiersGround();
let house: string;

/** What an auditor has on the table: the key, the pack, a copy of the ledger, a receipt. */
beforeAll(async () => {
  const signer = testSigner();
  const events = complaintHistory({ events: 600, streams: 60 });
  const ledger = signedLedger({ events });
  const stream = events[0]?.stream ?? '';
  const files = await samplePackFiles({ ledger, events, stream });
  ground.write('pack.zip', samplePackZip(files));
  const receipt = files.find(({ path }) => path.endsWith('000000.tlog-proof'));
  ground.write('receipt.tlog-proof', receipt?.bytes ?? '');
  ground.write('vkey.txt', `${formatVerifierKey(verifierKeyOf(signer))}\n`);
  ground.writeLedger('ledger', ledger);
  copyFileSync(VERIFIER, ground.path('verify.py'));
  symlinkSync(resolve('.'), ground.path('redress'));
  house = await ground.serve();
});
afterAll(() => ground.remove());

async function typed(command: string): Promise<string> {
  const script = command.replaceAll(HOUSE, house);
  const { status, out, err } = await run(
    'bash',
    ['-euo', 'pipefail', '-c', script],
    ground.directory,
  );
  expect([command, status, err]).toEqual([command, 0, '']);
  return out;
}

const shellOffer = (): Offer => {
  const python = pythonOffer();
  if ('missing' in python) return python;
  const isThere = succeeds('bash', ['-c', 'command -v curl unzip']);
  return isThere ? { offered: true } : { missing: 'curl or unzip' };
};
const isForeign = (command: string) => /^(?:go|\.\/foreign|\.\/fsck) /.test(command);

describe(PAGE, () => {
  it('holds the commands that are run here', () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(11);
    expect(COMMANDS.filter(isForeign)).toHaveLength(3);
  });
});

serverSuite(`${PAGE}: what an auditor types`, shellOffer(), () => {
  it.each(COMMANDS.filter((command) => !isForeign(command)))('%s', async (command) => {
    const out = await typed(command);
    if (command.startsWith('python3')) expect(out).toMatch(/^VERIFIED/);
  });
});

const goOffer = (): Offer => {
  const isThere = succeeds('go', ['-C', 'test/ledger/foreign', 'mod', 'download']);
  return isThere ? { offered: true } : { missing: 'Go of 1.24 or later, with its modules' };
};

serverSuite(`${PAGE}: programs that nobody here wrote`, goOffer(), () => {
  it('verify the same folder as they are typed', async () => {
    ground.write('kept', readFileSync(ground.path('ledger', 'checkpoint')));
    const [build = '', byGo = '', byTessera = ''] = COMMANDS.filter(isForeign);
    await typed(build);
    expect(await typed(byGo)).toContain('600 entries lead to');
    expect(await typed(byTessera)).toContain("Successfully fsck'd log with size 600");
  });
});
