import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Figure } from './figure.js';
import { httpBenchmarks } from './http.bench.js';
import { logBenchmarks } from './log.bench.js';
import { projectionBenchmarks } from './projection.bench.js';

const MILLION = 1_000_000;

const BENCHMARKS: readonly Benchmark[] = [
  ...logBenchmarks,
  ...projectionBenchmarks,
  ...httpBenchmarks,
];

function help(): string {
  const rows = BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`);
  return [
    'npm run bench -- [name …] [--json] [--million N]',
    'Each prints the figure and, from the same run, the bound it is compared with.',
    ...rows,
  ].join('\n');
}

function rowOf({ name, value, unit, reference, ratio }: Figure): string {
  const bound = `${reference.name} ${reference.value}`;
  return `${name.padEnd(28)} ${`${value} ${unit}`.padStart(20)}   ${`${ratio}`.padStart(6)} of ${bound}`;
}

async function runOne(benchmark: Benchmark, million: number): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'redress-bench-'));
  const say = (line: string): void => {
    process.stderr.write(`${benchmark.name}: ${line}\n`);
  };
  try {
    say(benchmark.about);
    return await benchmark.run({ directory, say, million });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function main(words: readonly string[]): Promise<number> {
  const json = words.includes('--json');
  const million = words.includes('--million')
    ? Number(words[words.indexOf('--million') + 1])
    : MILLION;
  const names = words.filter((word) => !word.startsWith('--') && word !== String(million));
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (words.includes('--help') || unknown !== undefined || !Number.isSafeInteger(million)) {
    process.stderr.write(`${unknown === undefined ? '' : `unknown: ${unknown}\n`}${help()}\n`);
    return words.includes('--help') ? 0 : 2;
  }
  for (const benchmark of BENCHMARKS) {
    if (names.length > 0 && !names.includes(benchmark.name)) continue;
    for (const one of await runOne(benchmark, million)) {
      process.stdout.write(`${json ? JSON.stringify(one) : rowOf(one)}\n`);
    }
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
