import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CsvReader } from '#complaints/intake/cfpb';
import { figure, inTurn, perSecond, type Benchmark } from './figure.js';

const ROWS = 28_000;
const ROUNDS = 3;
const CHUNK_BYTES = 65_536;
const DAY_MS = 86_400_000;
const COMMAND_LINE = fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url));
const HEADING =
  'Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,' +
  'Date sent to company,Company response,Timely response?,Consumer disputed?';
const PRODUCTS = ['Mortgage', 'Credit card', 'Debt collection'];
const ANSWERS = [
  'Closed with explanation,Yes,',
  'Closed with explanation,Yes,Yes',
  'Closed with monetary relief,Yes,No',
  'In progress,Yes,',
];

/** An export of the shape that the CFPB publishes, made up; about 3.5 events a row. */
function exportFile(): string {
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const received = new Date(Date.UTC(2015, 0, 1) + (row % 80) * DAY_MS)
      .toISOString()
      .slice(0, 10);
    const product = PRODUCTS[row % PRODUCTS.length];
    const answer = ANSWERS[row % ANSWERS.length];
    return `${row + 1},${product},,Billing,"Fees, twice",TX,7${1_000 + (row % 9_000)},${received},${received},${answer}`;
  });
  return [HEADING, ...rows, ''].join('\n');
}

/** Rows a second from the file to the read models, the program's start included. */
function importFile(file: string, dataDir: string): number {
  const startedAtMs = performance.now();
  const words = [COMMAND_LINE, 'import', 'cfpb', file, '--data-dir', dataDir, '--json'];
  const done = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the import ended with ${done.status}: ${done.stderr}`);
  return perSecond(ROWS, startedAtMs);
}

function readOnly(file: string): number {
  const bytes = readFileSync(file);
  const startedAtMs = performance.now();
  const reader = new CsvReader();
  let rows = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    rows += reader.feed(bytes.subarray(at, at + CHUNK_BYTES)).length;
  }
  rows += reader.end().length;
  return perSecond(rows, startedAtMs);
}

export const importBenchmark: Benchmark = {
  name: 'import',
  about: 'imports a CSV export into an empty store until projected, by only reading the rows',
  run: async ({ directory }) => {
    const file = join(directory, 'export.csv');
    writeFileSync(file, exportFile());
    let round = 0;
    const [ours, reading] = await inTurn(
      ROUNDS,
      () => Promise.resolve(importFile(file, join(directory, `store-${round++}`))),
      () => Promise.resolve(readOnly(file)),
    );
    return [figure('import', ours, 'rows/s', { name: 'only reading the rows', value: reading })];
  },
};
