// Whether every suite that was supposed to run did: `node .ci/check-suites.mjs REPORT [ROOT]` reads
// the JSON report of the test runner and the specs that lie under ROOT. A suite that skipped itself
// for want of a server, or that a pattern left out, is a hole that looks like a success.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Every spec under these must have run. */
const FOLDERS = ['apps', 'libs', 'test'];
/** Must be there besides: the contract of each adapter, and what only servers can show. */
const NAMED = [
  'libs/event-store/memory/memory-event-store.spec.ts',
  'libs/event-store/sqlite/sqlite-event-store.spec.ts',
  'libs/read-models/memory/memory-read-models.spec.ts',
  'libs/read-models/sqlite/sqlite-read-models.spec.ts',
  'test/deploy/deploy.spec.ts',
  'test/e2e/servers-same.spec.ts',
  'test/fault/servers-connection.spec.ts',
  'test/fault/servers-projectors.spec.ts',
  'test/ledger/foreign-verifiers.spec.ts',
  'test/ledger/verifiers-guide.spec.ts',
  'test/ledger/verifiers-page.spec.ts',
  'test/ledger/verifiers-python.spec.ts',
  'test/servers/eventstoredb/contract.spec.ts',
  'test/servers/migrate.spec.ts',
  'test/servers/mongodb/mongo-contract.spec.ts',
  'test/servers/redis/bullmq-notice-queue.spec.ts',
  'test/servers/redis/redis-faults.spec.ts',
];
/** What test/servers/offered.ts writes into the title of a suite that did not run. */
const NOT_RUN = /WAS NOT RUN/;
/**
 * What a suite writes that found no published vectors: they are no part of the repository and cannot be
 * installed. Said again at the end, but no fault.
 */
const NO_DATA = /WAS NOT RUN: no vectors/;
/** Deeper than any folder of specs lies. */
const DEPTH_MAX = 16;
const USAGE_ERROR = 2;

function specsUnder(root, folder, depth = 0) {
  if (depth > DEPTH_MAX || !existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return specsUnder(root, path, depth + 1);
    return entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}

function pathOf(root, file) {
  return (isAbsolute(file) ? relative(root, file) : file).split(sep).join('/');
}

/** One line for each suite that did not run as it should. */
function faultsOf(report, root) {
  const results = new Map((report.testResults ?? []).map((one) => [pathOf(root, one.name), one]));
  const wanted = new Set([...NAMED, ...FOLDERS.flatMap((folder) => specsUnder(root, folder))]);
  return [...wanted].toSorted().flatMap((spec) => {
    const tests = results.get(spec)?.assertionResults;
    if (!tests) return [`${spec}: did not run`];
    const passed = tests.filter(({ status }) => status === 'passed').length;
    const wantedHere = tests.filter(({ title }) => !NO_DATA.test(title));
    const skipped = wantedHere.filter(
      ({ title, status }) => status !== 'passed' && NOT_RUN.test(title),
    );
    const isOfData = tests.length > 0 && wantedHere.length === 0;
    return [
      ...(passed === 0 && !isOfData ? [`${spec}: no test of it passed`] : []),
      ...skipped.map(({ title }) => `${spec}: ${title}`),
    ];
  });
}

/** One line for each test that found no vectors. */
function withoutDataOf(report, root) {
  return (report.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ title }) => NO_DATA.test(title))
      .map(({ title }) => `${pathOf(root, name)}: ${title}`),
  );
}

const [, , file, root = fileURLToPath(new URL('..', import.meta.url))] = process.argv;
if (file === undefined) {
  process.stderr.write('check-suites: node .ci/check-suites.mjs REPORT [ROOT]\n');
  process.exitCode = USAGE_ERROR;
} else {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const line of withoutDataOf(report, root)) process.stdout.write(`${line}\n`);
  const faults = faultsOf(report, root);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}
