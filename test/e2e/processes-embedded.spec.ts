import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, ensureBuilt, startCli } from './run-cli.js';
import { healthWhen, startProcess } from './server-processes.js';

jest.setTimeout(120_000);

const PRELOAD = new URL('./loaded-modules.mjs', import.meta.url).href;
/** Packages that only speak to servers. */
const DRIVER =
  /node_modules\/(@eventstore\/db-client|@grpc\/grpc-js|mongodb|bson|bullmq|ioredis)\//;

let folder: string;
beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-embedded-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function driversIn(file: string): ReadonlySet<string> {
  const modules = readFileSync(file, 'utf8').split('\n');
  // What the hook must have seen, or else it has seen nothing at all.
  expect(modules.some((url) => url.includes('dist/libs/wiring/'))).toBe(true);
  return new Set(modules.flatMap((url) => DRIVER.exec(url)?.[1] ?? []));
}

describe('embedded stores', () => {
  it('are served without loading a driver of any server', async () => {
    const file = join(folder, 'standalone.txt');
    const standalone = await startProcess(
      'standalone',
      { REDRESS_DATA_DIR: join(folder, 'store'), LOADED_MODULES_FILE: file },
      ['--import', PRELOAD],
    );
    await healthWhen(standalone, 200);
    expect(await standalone.stop()).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/node_modules\/@photostructure\/sqlite\//);
    expect(driversIn(file)).toEqual(new Set());
  });

  it('are read from the command line without any, either', async () => {
    const file = join(folder, 'cli.txt');
    const environment = {
      REDRESS_DATA_DIR: join(folder, 'store'),
      LOADED_MODULES_FILE: file,
      NODE_OPTIONS: `--import ${PRELOAD}`,
    };
    expect(await endOf(startCli(['status'], { environment }))).toMatchObject({ status: 0 });
    // It may find a read model that was not made yet when the server was stopped.
    const { stdout } = await endOf(startCli(['doctor'], { environment }));
    expect(stdout).toContain('✓ log');
    expect(driversIn(file)).toEqual(new Set());
  });

  it('are told from servers by the same means', async () => {
    const file = join(folder, 'api.txt');
    const api = await startProcess(
      'api',
      {
        REDRESS_STORES: 'servers',
        EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
        MONGODB_URL: 'mongodb://127.0.0.1:1',
        LOADED_MODULES_FILE: file,
      },
      ['--import', PRELOAD],
    );
    expect(await api.stop()).toBe(0);
    const drivers = driversIn(file);
    expect(drivers).toContain('@eventstore/db-client');
    expect(drivers).toContain('mongodb');
    expect(drivers).not.toContain('bullmq');
  });

  it.each(['api', 'projector', 'worker'] as const)('are no business of the %s', async (name) => {
    const start = startProcess(name, { REDRESS_DATA_DIR: join(folder, 'store') });
    await expect(start).rejects.toThrow('configuration.invalid: REDRESS_STORES');
  });
});
