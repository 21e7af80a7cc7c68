import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { verifyPack } from '#evidence';
import { sha256Hex } from '#kernel';
import { parseVerifierKey, policyOfLog } from '#merkle';
import { ensureBuilt, jsonLinesOf, jsonOf, runCli } from '../e2e/run-cli.js';

jest.setTimeout(300_000);

let folder: string;
let into: readonly string[];
let reference: string;
const letter = Buffer.from('Dear complainant');

const HEADING =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
const ROW =
  '0,1000,Current account,,A fee charged twice,,NY,10001,1/5/2015,2/1/2015,Closed with explanation,Yes,No';

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-pack-cli-'));
  const dataDir = join(folder, 'store');
  into = ['--data-dir', dataDir];
  const csv = join(folder, 'rows.csv');
  writeFileSync(csv, `${HEADING}\n${ROW}\n`);
  expect((await runCli('import', 'cfpb', csv, ...into)).status).toBe(0);
  const [listed] = await jsonLinesOf<{ readonly reference: string }>('list', ...into);
  reference = listed?.reference ?? '';
  mkdirSync(join(dataDir, 'documents'));
  writeFileSync(join(dataDir, 'documents', sha256Hex(letter)), letter);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function policy() {
  const { vkey } = await jsonOf<{ readonly vkey: string }>('ledger', 'checkpoint', ...into);
  return policyOfLog(parseVerifierKey(vkey));
}

describe('redress ledger pack', () => {
  it('signs what is not signed yet, and writes a pack that verifies', async () => {
    const file = join(folder, 'pack.zip');
    const made = await jsonOf('ledger', 'pack', reference, '-o', file, ...into);
    const verdict = verifyPack(readFileSync(file), { policy: await policy() });
    expect(verdict).toMatchObject({ ok: true, subject: reference, withheld: [] });
    expect(made).toMatchObject({
      file,
      events: verdict.checked,
      documents: 0,
      // The hash of an imported row names no document: the row lies open elsewhere.
      missingDocuments: [],
    });
  });

  it('withholds what it is told to, and links to what was kept', async () => {
    const kept = join(folder, 'kept');
    const { note } = await jsonOf<{ readonly note: string }>('ledger', 'checkpoint', ...into);
    writeFileSync(kept, note);
    const file = join(folder, 'part.zip');
    const options = ['--withhold', 'ComplaintLodged', '--kept', kept, '-o', file];
    const told = await runCli('ledger', 'pack', reference, ...options, ...into);
    expect(told.status).toBe(0);
    expect(told.stdout).toContain('1 of them withheld');
    const zip = readFileSync(file);
    expect(zip.includes('A fee charged twice')).toBe(false);
    const verdict = verifyPack(zip, { policy: await policy(), kept: [note] });
    expect(verdict).toMatchObject({ ok: true, withheld: [0] });
  });

  it.each([
    [['C-26-0000-0000-0'], 'complaint.not-lodged'],
    [['REF', '--withhold', 'ComplaintLogded'], 'ledger.unknown-scope'],
    [['REF', '--only', '99'], 'ledger.unknown-scope'],
    [['REF', '--kept', 'no-such-file'], 'usage.unreadable'],
  ])('refuses %j', async (args, code) => {
    const file = join(folder, 'none.zip');
    const words = args.map((word) => (word === 'REF' ? reference : word));
    const told = await runCli('ledger', 'pack', ...words, '-o', file, ...into);
    expect({ status: told.status, code: told.stderr.includes(`[${code}]`) }).toEqual({
      status: 2,
      code: true,
    });
  });
});
