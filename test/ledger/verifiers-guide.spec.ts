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
import { ensureBuilt, jsonLinesOf, jsonOf, runCli } from '../e2e/run-cli.js';
import { serverSuite, type Offer } from '../servers/offered.js';
import {
  pythonOffer,
  run,
  succeeds,
  VERIFIER,
  VerifiersGround,
  type Ran,
} from './verifiers-ground.js';

const PAGE = 'docs/verify-it-yourself.md';
const HOUSE = 'https://complaints.example.org';
const REDRESS = `node ${resolve('apps/cli/bin/redress.js')}`;
const COMMANDS = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(
  ([, command = '']) => command.trim(),
);

jest.setTimeout(900_000);

const ground = new VerifiersGround();
let house: string;

/** What an auditor has on the table: the key, the pack, a copy of the ledger, a receipt. */
beforeAll(async () => {
  ensureBuilt();
  const signer = testSigner();
  const events = complaintHistory({ events: 600, streams: 60 });
  const ledger = signedLedger({ events });
  const stream = events[0]?.stream ?? '';
  const files = await samplePackFiles({ ledger, events, stream, subject: 'REF' });
  ground.write('redress-REF.zip', samplePackZip(files, 'REF'));
  const receipt = files.find(({ path }) => path.endsWith('000000.tlog-proof'));
  ground.write('receipt.tlog-proof', receipt?.bytes ?? '');
  ground.write('vkey.txt', `${formatVerifierKey(verifierKeyOf(signer))}\n`);
  ground.writeLedger('ledger', ledger);
  copyFileSync(VERIFIER, ground.path('verify.py'));
  symlinkSync(resolve('.'), ground.path('redress'));
  house = await ground.serve();
});
afterAll(() => ground.remove());

function ran(command: string, folder = ground.directory): Promise<Ran> {
  const script = command.replaceAll(HOUSE, house).replaceAll('npx redress', REDRESS);
  return run('bash', ['-euo', 'pipefail', '-c', script], folder);
}

async function typed(command: string, folder = ground.directory): Promise<string> {
  const { status, out, err } = await ran(command, folder);
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
const isOfHouse = (command: string) => command.startsWith('npx redress ledger pack ');

describe(PAGE, () => {
  it('holds the commands that are run here', () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(13);
    expect(COMMANDS.filter(isForeign)).toHaveLength(3);
    expect(COMMANDS.filter(isOfHouse)).toHaveLength(1);
  });
});

serverSuite(`${PAGE}: what an auditor types`, shellOffer(), () => {
  const ofAuditor = COMMANDS.filter((command) => !isForeign(command) && !isOfHouse(command));

  it.each(ofAuditor)('%s', async (command) => {
    const out = await typed(command);
    if (command.startsWith('python3')) expect(out).toMatch(/^VERIFIED/);
  });

  it('asks for a pack made with what was kept, of a log that has grown since', async () => {
    const reference = await grownHouse();
    const folder = ground.path('house');
    copyFileSync(VERIFIER, ground.path('house', 'verify.py'));
    const here = (command: string) => command.replaceAll('REF', reference);
    const [trust = ''] = COMMANDS;
    const pack = `${here(COMMANDS.find(isOfHouse) ?? '')} --data-dir store`;
    const verify = here(
      COMMANDS.find((command) => command.includes('verify.py redress-REF')) ?? '',
    );
    await typed(trust, folder);
    await typed(pack, folder);
    expect(await typed(verify, folder)).toMatch(/^VERIFIED/);
    const readme = await typed(here("unzip -p redress-REF.zip '*/README.txt'"), folder);
    expect(readme).toContain(here(' redress-REF.zip'));
    expect(readme).toContain('  kept.txt  ');
    await typed(pack.replace('--kept kept.txt ', ''), folder);
    expect((await ran(verify, folder)).out).toContain('leads from this size');
  });
});

const HEADING =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
const ROW =
  'Current account,,A fee charged twice,,NY,10001,1/5/2015,2/1/2015,Closed with explanation,Yes,No';

/** A house, whose checkpoint was kept between two complaints; the reference of the first. */
async function grownHouse(): Promise<string> {
  const into = ['--data-dir', ground.path('house', 'store')];
  const lodged = async (id: number) => {
    const csv = ground.write(`house/${id}.csv`, `${HEADING}\n0,${id},${ROW}\n`);
    expect(await runCli('import', 'cfpb', csv, ...into)).toMatchObject({ status: 0 });
  };
  type Signed = { readonly note: string; readonly vkey: string };
  const signed = async () => jsonOf<Signed>('ledger', 'checkpoint', ...into);
  await lodged(1000);
  const { note, vkey } = await signed();
  ground.write('house/kept.txt', note);
  ground.write('house/vkey.txt', `${vkey}\n`);
  const [first] = await jsonLinesOf<{ readonly reference: string }>('list', ...into);
  await lodged(1001);
  expect((await signed()).note).not.toBe(note);
  return first?.reference ?? '';
}

const goOffer = (): Offer => {
  const isThere = succeeds('go', ['-C', 'test/ledger/foreign', 'mod', 'download']);
  return isThere ? { offered: true } : { missing: 'Go of 1.24 or later, with its modules' };
};

serverSuite(`${PAGE}: programs that nobody here wrote`, goOffer(), () => {
  it('verify the same folder as they are typed', async () => {
    ground.write('kept.txt', readFileSync(ground.path('ledger', 'checkpoint')));
    const [build = '', byGo = '', byTessera = ''] = COMMANDS.filter(isForeign);
    await typed(build);
    expect(await typed(byGo)).toContain('600 entries lead to');
    expect(await typed(byTessera)).toContain("Successfully fsck'd log with size 600");
  });
});
