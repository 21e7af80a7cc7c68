import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = fileURLToPath(new URL('../../apps/cli/bin/redress.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/apps/cli/main.js', import.meta.url));

/** The command line runs as built: `npm test` builds first; who runs this spec alone builds here. */
export function ensureBuilt(): void {
  if (existsSync(BUILT)) return;
  const prepare = "import { prepare } from './deploy/run.mjs'; prepare();";
  const built = spawnSync(process.execPath, ['--input-type=module', '--eval', prepare], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stderr}`);
}

export type Ran = {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type StartOptions = {
  /** An open file for the results, instead of a pipe. */
  readonly stdout?: number;
  /** JavaScript that runs before the command, to give it another clock. */
  readonly preload?: string;
  /** Variables beside the few that every command gets. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts `redress …`. */
export function startCli(
  args: readonly string[],
  { stdout, preload, environment }: StartOptions = {},
): ChildProcess {
  return spawn(process.execPath, [ENTRY, ...args], {
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ...environment,
      ...(preload === undefined
        ? {}
        : { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}` }),
    },
  });
}

/** Runs `redress …` to its end. */
export function runCli(...args: readonly string[]): Promise<Ran> {
  return endOf(startCli(args));
}

export function endOf(child: ChildProcess): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs with `--json` and reads the one object, or the lines, that it prints. */
export async function jsonOf<Value>(...args: readonly string[]): Promise<Value> {
  const { stdout, stderr, status } = await runCli(...args, '--json');
  if (stdout === '') throw new Error(`redress ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Value;
}

export async function jsonLinesOf<Value>(...args: readonly string[]): Promise<readonly Value[]> {
  const { stdout } = await runCli(...args, '--json');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Value);
}

/** What `redress count --by` prints. */
export type Counted = {
  readonly total: number;
  readonly groups: readonly { readonly key: Record<string, unknown>; readonly count: number }[];
};

/** The groups of one field, by its value. */
export function countsOf({ groups }: Counted, field: string): Readonly<Record<string, number>> {
  return Object.fromEntries(groups.map(({ key, count }) => [String(key[field]), count]));
}
