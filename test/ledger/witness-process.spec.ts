import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WitnessedLog } from './witnessed-log.js';

jest.setTimeout(120_000);

const LOADER = new URL('../../libs/testing/child-process/typescript-loader.mjs', import.meta.url)
  .href;
const MAIN = fileURLToPath(new URL('../../apps/witness/main.ts', import.meta.url));
const CLI = fileURLToPath(new URL('./redress.child.ts', import.meta.url));

type Started = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  /** Resolves with the address once the witness has told it. */
  readonly address: () => Promise<string>;
};

let folder: string;
let log: WitnessedLog;
let children: Started[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-witness-process-'));
  log = new WitnessedLog('redress.test/process');
  children = [];
});

afterEach(async () => {
  for (const { child } of children) child.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, ['--import', LOADER, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = async (): Promise<string> => {
    for (;;) {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (found !== undefined) return found;
      const more = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
      await more;
      if (child.exitCode !== null) throw new Error(`ended: ${output}`);
    }
  };
  const started = { child, ended, output: () => output, address };
  children.push(started);
  return started;
}

function fromVariables(changes: Readonly<Record<string, string>> = {}): Started {
  return start([MAIN], {
    REDRESS_WITNESS_NAME: 'witness.test/process',
    REDRESS_WITNESS_DIR: join(folder, 'state'),
    REDRESS_WITNESS_LOGS: log.vkey,
    PORT: '0',
    ...changes,
  });
}

function fromCommandLine(...more: readonly string[]): Started {
  const policy = join(folder, 'logs');
  writeFileSync(policy, `# the logs\nlog ${log.vkey}\nquorum none\n`);
  const named = ['--name', 'witness.test/process', '--state', join(folder, 'state')];
  const args = ['ledger', 'witness', ...named, '--logs', policy, '--port', '0', ...more];
  return start([CLI, ...args]);
}

async function submit(address: string, from: number, to: number): Promise<number> {
  const body = log.request(from, to);
  const answer = await fetch(`${address}/add-checkpoint`, { method: 'POST', body });
  await answer.text();
  return answer.status;
}

describe('the process of a witness', () => {
  it('does by variables what it does by the command line, on the same folder', async () => {
    const first = fromVariables();
    expect(await submit(await first.address(), 0, 5)).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = fromCommandLine('--json');
    const address = await second.address();
    expect(await submit(address, 0, 9)).toBe(409);
    expect(await submit(address, 5, 9)).toBe(200);
    const vkey = (await (await fetch(`${address}/vkey`)).text()).trimEnd();
    expect(JSON.parse(second.output())).toEqual({ address, vkey });
    expect(first.output()).toContain(vkey);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  it('is refused a folder that another process has (3), naming it', async () => {
    const first = fromVariables();
    const address = await first.address();
    const others = [fromVariables(), fromCommandLine()];
    for (const other of others) {
      expect(await other.ended).toBe(3);
      expect(other.output()).toContain('store.locked');
      expect(other.output()).toContain(`process ${first.child.pid} `);
    }
    expect(await submit(address, 0, 5)).toBe(200);
  });

  it('does not start from damaged state (3), and leaves it as it is', async () => {
    const first = fromVariables();
    await submit(await first.address(), 0, 5);
    first.child.kill('SIGTERM');
    await first.ended;
    const origins = join(folder, 'state', 'origins');
    writeFileSync(origins, 'x');
    for (const other of [fromVariables(), fromCommandLine()]) {
      expect(await other.ended).toBe(3);
      expect(other.output()).toContain('witness.state-damaged');
    }
    expect(readFileSync(origins, 'utf8')).toBe('x');
  });

  it('tells of a fork as a line of its log', async () => {
    const witness = fromVariables();
    const address = await witness.address();
    await submit(address, 0, 9);
    const body = log.forkedAt(3).request(9, 9);
    const answer = await fetch(`${address}/add-checkpoint`, { method: 'POST', body });
    expect(answer.status).toBe(422);
    const line = witness.output().trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      what: 'witness.fork',
      origin: log.origin,
      refused: log.forkedAt(3).note(9),
    });
  });

  it.each([
    ['no name', { REDRESS_WITNESS_NAME: '' }, 'REDRESS_WITNESS_NAME'],
    ['no folder', { REDRESS_WITNESS_DIR: '' }, 'REDRESS_WITNESS_DIR'],
    ['no log', { REDRESS_WITNESS_LOGS: ' ' }, 'REDRESS_WITNESS_POLICY_FILE'],
    ['no such policy', { REDRESS_WITNESS_POLICY_FILE: 'missing' }, 'ENOENT'],
    ['a log that is none', { REDRESS_WITNESS_LOGS: 'x' }, 'usage.logs-refused'],
    [
      'a name that no key has',
      { REDRESS_WITNESS_NAME: 'a b' },
      'configuration.witness-key-refused',
    ],
    ['a port that is none', { PORT: '70000' }, 'PORT'],
  ])('is not started with %s (2)', async (_what, changes, told) => {
    const witness = fromVariables(changes);
    expect(await witness.ended).toBe(2);
    expect(witness.output()).toContain(told);
  });
});
