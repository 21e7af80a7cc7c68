// Gets a checkout ready (install, build) and runs it. Plain Node, because nothing is installed yet
// when it starts. `node deploy/run.mjs demo|serve|test|bench …arguments`.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_WANTED = { major: 20, minor: 19 };
/** What the build reads; a change in any of it makes dist stale. */
const SOURCES = [
  'apps',
  'libs',
  'test/bench',
  'package.json',
  'package-lock.json',
  'nest-cli.json',
];
const SOURCE_SETTINGS = ['tsconfig.base.json', 'tsconfig.json', 'tsconfig.build.json'];
const BUILT_MARK = join(ROOT, 'dist', '.built');
const INSTALLED_MARK = join(ROOT, 'node_modules', '.package-lock.json');
/** Deeper than any source folder lies; ends a walk that a link would make endless. */
const DEPTH_MAX = 16;
const USAGE_ERROR = 2;

/** Ends with a clear line when this Node is too old to run what follows. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const { major: wanted, minor: wantedMinor } = NODE_WANTED;
  if (major > wanted || (major === wanted && minor >= wantedMinor)) return;
  fail(`Redress needs Node ${wanted}.${wantedMinor} or later; this is ${process.versions.node}.`);
}

/** Installs the locked dependencies when they are absent or older than the lock file. */
export function ensureInstalled() {
  const lock = modifiedAt(join(ROOT, 'package-lock.json'));
  if (modifiedAt(INSTALLED_MARK) >= lock) return;
  say('Installing dependencies (npm ci) …');
  run(npm(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed');
  // npm leaves the mark as old as its own work; a lock file written later would look newer for ever.
  const now = new Date();
  if (existsSync(INSTALLED_MARK)) utimesSync(INSTALLED_MARK, now, now);
}

/** Builds when there is no build, or a source is newer than it. */
export function ensureBuilt() {
  const built = modifiedAt(BUILT_MARK);
  if (built > 0 && built >= newestSource()) return;
  say('Building …');
  const startedAt = new Date();
  run(
    process.execPath,
    [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'],
    'build failed',
  );
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(BUILT_MARK, `${startedAt.toISOString()}\n`);
  // A source saved while the compiler was reading must count as newer than this build.
  utimesSync(BUILT_MARK, startedAt, startedAt);
}

/** Everything that must have happened before a program from dist can run. */
export function prepare() {
  checkNode();
  ensureInstalled();
  ensureBuilt();
}

function newestSource() {
  let newest = 0;
  for (const source of [...SOURCES, ...SOURCE_SETTINGS]) {
    newest = Math.max(newest, newestUnder(join(ROOT, source), 0));
  }
  return newest;
}

function newestUnder(path, depth) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status || depth > DEPTH_MAX) return 0;
  if (!status.isDirectory()) return path.endsWith('.spec.ts') ? 0 : status.mtimeMs;
  let newest = 0;
  for (const name of readdirSync(path)) {
    newest = Math.max(newest, newestUnder(join(path, name), depth + 1));
  }
  return newest;
}

function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function npm() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

/** Runs a step quietly; what it printed is shown only when it fails. */
function run(command, args, failure) {
  const done = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command.endsWith('.cmd'),
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status === 0) return;
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}\n`);
  fail(`${failure} (see above).`);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(USAGE_ERROR);
}

/** Runs a Node program in this terminal and ends with its exit status. */
function hand(args) {
  const done = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  process.exit(done.status ?? 1);
}

/** In this very process, so that Ctrl-C and kill reach the server without a go-between. */
async function redress(args) {
  const entry = join(ROOT, 'dist/apps/cli/main.js');
  process.argv = [process.argv[0] ?? 'node', entry, ...args];
  await import(pathToFileURL(entry).href);
}

const COMMANDS = {
  demo: (args) => redress(['demo', ...args]),
  serve: (args) => redress(['serve', ...args]),
  test: (args) =>
    hand([
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      ...args,
    ]),
  bench: (args) => hand([join(ROOT, 'dist/test/bench/main.js'), ...args]),
};

function version() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

async function main([name, ...args]) {
  const command = COMMANDS[name];
  if (!command) {
    fail(`redress ${version()}: node deploy/run.mjs ${Object.keys(COMMANDS).join('|')} …arguments`);
  }
  prepare();
  await command(args);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
