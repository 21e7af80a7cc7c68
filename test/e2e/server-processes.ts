import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
/** Far more than it takes on a machine that is busy; a test that waits for it has failed. */
const WAIT_MAX_MS = 60_000;
const LOOK_EVERY_MS = 50;

export type ProcessName = 'api' | 'projector' | 'worker' | 'sequencer' | 'standalone';

export type StartedProcess = {
  readonly address: string;
  readonly pid: number;
  /** All that it wrote to standard error so far: its log. */
  readonly log: () => string;
  /** The lines of its log that are JSON. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  /** By SIGTERM; answers its exit status. */
  readonly stop: () => Promise<number | null>;
  /** By SIGKILL. */
  readonly kill: () => Promise<void>;
};

/** Starts a process as it was built; resolves when it listens. */
export async function startProcess(
  name: ProcessName,
  environment: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<StartedProcess> {
  const main = fileURLToPath(new URL(`dist/apps/${name}/main.js`, ROOT));
  const child = spawn(process.execPath, [...nodeOptions, main], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  let isGone = false;
  const ended = once(child, 'close').then(([status]) => {
    isGone = true;
    return status as number | null;
  });
  const listening = () => / listens on (http:\S+)/.exec(log)?.[1];
  const address = await eventually(() => Promise.resolve(listening() ?? (isGone ? '' : undefined)));
  if (address === '') throw new Error(`the ${name} did not start:\n${log}`);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  return {
    address,
    pid: child.pid ?? -1,
    log: () => log,
    lines: () => linesOf(log),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}

function linesOf(log: string): readonly Readonly<Record<string, unknown>>[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** Asks until there is an answer. */
export async function eventually<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  const deadline = performance.now() + WAIT_MAX_MS;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`not within ${WAIT_MAX_MS} ms`);
}

export type Health = {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok?: boolean; readonly code?: string }>>;
};

/** The answer to the readiness probe, as soon as it has this status. */
export function healthWhen({ address }: StartedProcess, status: 200 | 503): Promise<Health> {
  return eventually(async () => {
    const answer = await fetch(`${address}/health/ready`);
    const health = (await answer.json()) as Health;
    return answer.status === status ? health : undefined;
  });
}

/** The value of one line of the metrics. */
export async function metricOf({ address }: StartedProcess, name: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}
