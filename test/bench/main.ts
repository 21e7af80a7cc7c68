import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchContext, Benchmark, Figure } from './figure.js';
import { httpBenchmarks } from './http.bench.js';
import { importBenchmark } from './import.bench.js';
import { ledgerBenchmarks } from './ledger.bench.js';
import { logBenchmarks } from './log.bench.js';
import { merkleBenchmarks } from './merkle.bench.js';
import { millionBenchmarks } from './million.bench.js';
import { mongodbBenchmark } from './mongodb.bench.js';
import { packBenchmark } from './pack.bench.js';
import { partitionBenchmarks } from './partitions.bench.js';
import { projectionBenchmarks } from './projection.bench.js';
import { serverBenchmarks } from './servers.bench.js';
import { verifyBenchmark } from './verify.bench.js';

const MILLION = 1_000_000;

const BENCHMARKS: readonly Benchmark[] = [
  ...logBenchmarks,
  ...projectionBenchmarks,
  importBenchmark,
  ...httpBenchmarks,
  ...millionBenchmarks,
  ...partitionBenchmarks,
  packBenchmark,
  ...serverBenchmarks,
  mongodbBenchmark,
  verifyBenchmark,
  ...merkleBenchmarks,
  ...ledgerBenchmarks,
];

function help(): string {
  const rows = BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`);
  return [
    'npm run bench -- [name …] [--json] [--million N] [--keep DIR]',
    'Each prints the figure and, from the same run, the bound it is compared with.',
    'Stores of a million complaints take minutes to fill; --keep leaves them in DIR for next time.',
    ...rows,
  ].join('\n');
}

function rowOf({ name, value, unit, reference, ratio }: Figure): string {
  const bound = `${reference.name} ${reference.value}`;
  return `${name.padEnd(24)} ${`${value} ${unit}`.padStart(22)}   ${`${ratio}`.padStart(7)} of ${bound}`;
}

type Asked = Omit<BenchContext, 'say' | 'directory'>;

async function runOne(benchmark: Benchmark, asked: Asked): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'redress-bench-'));
  const say = (line: string): void => {
    process.stderr.write(`${benchmark.name}: ${line}\n`);
  };
  try {
    say(benchmark.about);
    return await benchmark.run({ ...asked, directory, say });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function wrongUse(problem: string): number {
  process.stderr.write(`${problem}\n${help()}\n`);
  return 2;
}

async function runAll(
  chosen: readonly Benchmark[],
  asked: Asked,
  show: (one: Figure) => string,
): Promise<number> {
  for (const benchmark of chosen) {
    for (const one of await runOne(benchmark, asked)) process.stdout.write(`${show(one)}\n`);
  }
  return 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      million: { type: 'string', default: String(MILLION) },
      keep: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${help()}\n`);
    return 0;
  }
  const unknown = positionals.find((name) => !BENCHMARKS.some((one) => one.name === name));
  if (unknown !== undefined) return wrongUse(`no benchmark is called ${unknown}`);
  const million = Number(values.million);
  if (!Number.isSafeInteger(million) || million < 10) return wrongUse('--million wants a number');
  const chosen = BENCHMARKS.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const keep = values.keep ?? mkdtempSync(join(tmpdir(), 'redress-bench-keep-'));
  try {
    return await runAll(chosen, { keep, million }, values.json ? JSON.stringify : rowOf);
  } finally {
    if (values.keep === undefined) rmSync(keep, { recursive: true, force: true });
  }
}

process.exitCode = await main();
