import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../tidy/repository.js';

const LINT_TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 16_000_000;
const DECIDER = 'libs/complaints/features/a/pure.decide.ts';
const run = promisify(execFile);

/** A rule of .oxlintrc.json, a file, and a text in it that breaks this rule and no other. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-explicit-any', 'libs/a/any.ts', 'export const f = (x: any): unknown => x as unknown;'],
  ['no-non-null-assertion', 'libs/a/non-null.ts', 'export const f = (x?: string) => x!.length;'],
  [
    'no-floating-promises',
    'libs/a/floating.ts',
    'declare function g(): Promise<void>;\nexport function f(): void { g(); }',
  ],
  [
    'no-misused-promises',
    'libs/a/misused.ts',
    'declare function g(): Promise<boolean>;\nexport function f(): number { return g() ? 1 : 2; }',
  ],
  [
    'switch-exhaustiveness-check',
    'libs/a/switch.ts',
    "export function f(x: 'a' | 'b'): void { switch (x) { case 'a': return; } }",
  ],
  ['no-default-export', 'libs/a/default.ts', 'export default 1;'],
  ['only-throw-error', 'libs/a/throws.ts', "export function f(): void { throw 'text'; }"],
  ['no-console', 'libs/a/console.ts', "export const f = (): void => console.log('a');"],
  [
    'no-empty',
    'libs/a/empty.ts',
    'export function f(g: () => void): void { try { g(); } catch {} }',
  ],
  [
    'max-params',
    'libs/a/parameters.ts',
    'export const f = (a: 1, b: 2, c: 3, d: 4, e: 5) => [a, b, c, d, e];',
  ],
  ['max-lines', 'libs/a/long.ts', 'export const a = 1;\n'.padEnd(440, '\n')],
  [
    'max-lines-per-function',
    'libs/a/long-function.ts',
    `export function f(g: () => void): void {\n${'g();\n'.repeat(75)}}`,
  ],
  [
    'complexity',
    'libs/a/complex.ts',
    `export function f(x: number): number {\n${'if (x > 1) return 2;\n'.repeat(16)}return 1; }`,
  ],
  ['no-restricted-globals', DECIDER, "export const f = (): unknown => process.env['HOME'];"],
  [
    'no-restricted-properties',
    'libs/complaints/projections/pure.projection.ts',
    'export const f = (): number => Math.random();',
  ],
];

type Report = {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
};

let directory = '';
let found: ReadonlyMap<string, ReadonlySet<string>> = new Map();

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), `${text}\n`);
}

/** Oxlint exits with 1 when it finds something; that is an answer, not a failure. */
async function lint(): Promise<Report> {
  const program = join(ROOT, 'node_modules/oxlint/bin/oxlint');
  const options = { cwd: directory, timeout: LINT_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  const args = [program, '--type-aware', '--format', 'json', 'libs'];
  const ran = run(process.execPath, args, options).then(({ stdout }) => stdout);
  const text = await ran.catch((error: unknown) => (error as { readonly stdout: string }).stdout);
  return JSON.parse(text) as Report;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'redress-lint-'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'dir');
  for (const name of ['.oxlintrc.json', 'tsconfig.base.json', 'tsconfig.json']) {
    await cp(join(ROOT, name), join(directory, name));
  }
  for (const [, file, text] of VIOLATIONS) await write(file, text);
  await write('libs/a/clean.ts', 'export const clean = (text: string): number => text.length;');
  const rules = new Map<string, Set<string>>();
  for (const { code, filename } of (await lint()).diagnostics) {
    const rule = /\(([^)]+)\)/.exec(code)?.[1] ?? code;
    rules.set(filename, (rules.get(filename) ?? new Set()).add(rule));
  }
  found = rules;
}, LINT_TIMEOUT_MS);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('the linter catches what it forbids', () => {
  it.each(VIOLATIONS)('%s in %s', (rule, file) => {
    expect([...(found.get(file) ?? [])]).toEqual([rule]);
  });

  it('and says nothing of a clean file', () => {
    expect(found.has('libs/a/clean.ts')).toBe(false);
    expect(found.size).toBe(VIOLATIONS.length);
  });
});
