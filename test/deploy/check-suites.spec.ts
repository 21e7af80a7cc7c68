import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../.ci/check-suites.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NAMED = [...readFileSync(SCRIPT, 'utf8').matchAll(/^ {2}'([\w/.-]+\.spec\.ts)',$/gm)].map(
  ([, spec = '']) => spec,
);

type Test = { readonly title: string; readonly status: string };

let root: string;
/** The tests that the report holds, by spec. */
let reported: Map<string, readonly Test[]>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'redress-suites-'));
  reported = new Map();
  for (const spec of NAMED) add(spec, [{ title: 'works', status: 'passed' }]);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function add(spec: string, tests: readonly Test[]): void {
  mkdirSync(dirname(join(root, spec)), { recursive: true });
  writeFileSync(join(root, spec), '');
  reported.set(spec, tests);
}

function check() {
  const file = join(root, 'report.json');
  const testResults = [...reported].map(([spec, assertionResults]) => ({
    name: join(root, spec),
    assertionResults,
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, file, root], {
    encoding: 'utf8',
  });
  return { status, faults: stderr.split('\n').filter(Boolean) };
}

describe('the check that suites ran', () => {
  it('is content when each spec has a test that passed', () => {
    expect(NAMED.length).toBeGreaterThan(10);
    add('libs/kernel/ids.spec.ts', [
      { title: 'works', status: 'passed' },
      { title: 'what this store cannot show', status: 'todo' },
    ]);
    expect(check()).toEqual({ status: 0, faults: [] });
  });

  it('misses a spec that is on disk and not in the report', () => {
    add('test/servers/later.spec.ts', []);
    reported.delete('test/servers/later.spec.ts');
    expect(check()).toEqual({ status: 1, faults: ['test/servers/later.spec.ts: did not run'] });
  });

  it('misses a named suite even when its file is gone', () => {
    const [spec = ''] = NAMED;
    rmSync(join(root, spec));
    reported.delete(spec);
    expect(check()).toEqual({ status: 1, faults: [`${spec}: did not run`] });
  });

  it('says, and does not mind, that published vectors are not here', () => {
    const title = 'inclusion proofs WAS NOT RUN: no vectors; set MERKLE_VECTORS_DIR';
    add('test/ledger/vectors.spec.ts', [{ title, status: 'todo' }]);
    expect(check()).toEqual({ status: 0, faults: [] });
    add('test/ledger/vectors.spec.ts', [
      { title, status: 'todo' },
      { title: 'fails', status: 'failed' },
    ]);
    expect(check()).toEqual({
      status: 1,
      faults: ['test/ledger/vectors.spec.ts: no test of it passed'],
    });
  });

  it('finds a suite that skipped itself, and one in which nothing passed', () => {
    const skipped = 'contract on a server WAS NOT RUN: there is no server';
    add('test/servers/a.spec.ts', [
      { title: 'works', status: 'passed' },
      { title: skipped, status: 'todo' },
    ]);
    add('test/servers/b.spec.ts', [{ title: 'works', status: 'pending' }]);
    expect(check()).toEqual({
      status: 1,
      faults: [
        `test/servers/a.spec.ts: ${skipped}`,
        'test/servers/b.spec.ts: no test of it passed',
      ],
    });
  });

  it('names only specs that are there', () => {
    expect(NAMED.filter((spec) => readOrNothing(join(ROOT, spec)) === undefined)).toEqual([]);
  });
});

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not being there is the answer.
    return undefined;
  }
}
