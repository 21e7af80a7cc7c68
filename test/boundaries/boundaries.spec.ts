import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLEAN_TREE, SUPPORTING_FILES, VIOLATIONS } from './violations.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CRUISE_TIMEOUT_MS = 120_000;
const OUTPUT_BYTES_MAX = 64_000_000;

type Cruise = {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly rule: { readonly name: string };
    }[];
    readonly totalCruised: number;
  };
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly module: string; readonly resolved: string }[];
  }[];
};

const run = promisify(execFile);

/** Violations make the cruiser exit with their number, so its answer is read either way. */
async function cruise(directory: string, folders: readonly string[]): Promise<Cruise> {
  const config = join(directory, '.dependency-cruiser.cjs');
  const args = [CRUISER, '--config', config, '--output-type', 'json', ...folders];
  const options = { cwd: directory, timeout: CRUISE_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  const { stdout } = await run(process.execPath, args, options);
  return JSON.parse(stdout) as Cruise;
}

async function treeOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'redress-boundaries-'));
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), source);
  }
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json']) {
    await cp(join(ROOT, name), join(directory, name));
  }
  return directory;
}

function rulesByFile(result: Cruise): ReadonlyMap<string, readonly string[]> {
  const rules = new Map<string, string[]>();
  for (const { from, rule } of result.summary.violations) {
    const known = rules.get(from) ?? [];
    if (!known.includes(rule.name)) rules.set(from, [...known, rule.name]);
  }
  return rules;
}

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

describe('the one-way rule catches what it forbids', () => {
  let found: ReadonlyMap<string, readonly string[]> = new Map();

  beforeAll(async () => {
    const violating = Object.fromEntries(VIOLATIONS.map(({ file, source }) => [file, source]));
    const directory = await treeOf({ ...CLEAN_TREE, ...SUPPORTING_FILES, ...violating });
    directories.push(directory);
    found = rulesByFile(await cruise(directory, ['libs', 'apps']));
  }, CRUISE_TIMEOUT_MS);

  it.each(VIOLATIONS)('$rule: $file', ({ rule, file }) => {
    expect(found.get(file)).toEqual([rule]);
  });

  it('names no file that keeps the rules', () => {
    const guilty = new Set([
      ...VIOLATIONS.map(({ file }) => file),
      ...Object.keys(SUPPORTING_FILES),
    ]);
    expect([...found.keys()].filter((file) => !guilty.has(file))).toEqual([]);
  });

  it('has a violation for every rule', () => {
    const config = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
      readonly forbidden: readonly { readonly name: string }[];
    };
    const proved = new Set(VIOLATIONS.map(({ rule }) => rule));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual(
      [],
    );
  });
});

describe('a tree that keeps the rules', () => {
  it(
    'passes, with every alias resolved to source although a built tree lies beside it',
    async () => {
      const directory = await treeOf(CLEAN_TREE);
      directories.push(directory);
      const result = await cruise(directory, ['libs', 'apps']);
      expect(result.summary.violations).toEqual([]);
      const aliases = result.modules
        .flatMap(({ dependencies }) => dependencies)
        .filter(({ module }) => module.startsWith('#'));
      expect(aliases.length).toBeGreaterThan(10);
      expect(aliases.filter(({ resolved }) => !/^libs\/.+\.ts$/.test(resolved))).toEqual([]);
    },
    CRUISE_TIMEOUT_MS,
  );

  it(
    'is what this repository is',
    async () => {
      const result = await cruise(ROOT, ['libs', 'apps']);
      expect([...rulesByFile(result)]).toEqual([]);
      expect(result.summary.totalCruised).toBeGreaterThan(25);
    },
    CRUISE_TIMEOUT_MS,
  );
});
