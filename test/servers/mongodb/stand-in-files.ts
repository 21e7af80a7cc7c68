import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The folder of the sources, from where they were built to as well: benchmarks run built. */
const HERE = fileURLToPath(new URL('.', import.meta.url)).replace(/([\\/])dist\1(?=test\1)/, '$1');
/** Ignored by git; one folder for each state of the sources, so that no stale one is ever run. */
const CACHE = join(HERE, '.stand-in');
const SOURCES = [
  'java/Launcher.java',
  'java/de/bwaldvogel/mongo/backend/ValueComparator.java',
  'java/de/bwaldvogel/mongo/backend/aggregation/stage/GroupStage.java',
];
const FETCH_TIMEOUT_MS = 300_000;
const COMPILE_TIMEOUT_MS = 120_000;
const TOOL_TIMEOUT_MS = 60_000;

const run = promisify(execFile);

/** The class path of the stand-in, or what is missing to have one. */
export type StandInFiles = { readonly classPath: string } | { readonly missing: string };

let files: Promise<StandInFiles> | undefined;

/** Has Maven fetch the libraries and compiles the launcher, once for each state of the sources. */
export function standInFiles(): Promise<StandInFiles> {
  files ??= prepare();
  return files;
}

async function prepare(): Promise<StandInFiles> {
  const folder = join(CACHE, await stateOfSources());
  if (!(await answers('java', ['-version']))) return { missing: 'there is no java' };
  if (!existsSync(folder)) {
    if (!(await answers('javac', ['-version']))) return { missing: 'there is no javac' };
    if (!(await answers('mvn', ['-v']))) return { missing: 'there is no mvn to fetch libraries' };
    try {
      await build(folder);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { missing: `the stand-in cannot be built: ${reason.slice(0, 500)}` };
    }
  }
  // Our own classes first: some of them stand in front of the library's.
  return { classPath: [join(folder, 'classes'), join(folder, 'lib', '*')].join(delimiter) };
}

/** Built apart and moved into place: several suites may build at once, and one may be killed. */
async function build(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const apart = await mkdtemp(join(CACHE, 'building-'));
  try {
    const lib = join(apart, 'lib');
    const fetched = ['dependency:copy-dependencies', `-DoutputDirectory=${lib}`];
    const maven = ['-q', '-B', '-f', join(HERE, 'pom.xml'), ...fetched];
    await run('mvn', maven, { timeout: FETCH_TIMEOUT_MS });
    const sources = SOURCES.map((name) => join(HERE, name));
    const target = ['-d', join(apart, 'classes'), '-cp', join(lib, '*')];
    await run('javac', ['-Xlint:all', '-Werror', ...target, ...sources], {
      timeout: COMPILE_TIMEOUT_MS,
    });
    await rename(apart, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(apart, { recursive: true, force: true });
  }
}

async function stateOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['pom.xml', ...SOURCES]) hash.update(await readFile(join(HERE, name)));
  return hash.digest('hex').slice(0, 16);
}

async function answers(tool: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(tool, [...args], { timeout: TOOL_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}
