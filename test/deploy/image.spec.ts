import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
const TIMEOUT_MS = 30_000;

describe('the entry of the image', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-image-'));
    mkdirSync(join(folder, 'deploy'));
    cpSync(join(DEPLOY, 'enter.mjs'), join(folder, 'deploy/enter.mjs'));
    mkdirSync(join(folder, 'dist/apps/worker'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const program = 'process.stdout.write(JSON.stringify([process.pid, process.argv.slice(2)]));';
    writeFileSync(join(folder, 'dist/apps/worker/main.js'), program);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const enter = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(folder, 'deploy/enter.mjs'), ...args], { encoding: 'utf8' });

  it('runs a program in its own process, with its arguments', () => {
    const { pid, stdout, status } = enter('worker', '--some', 'words');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([pid, ['--some', 'words']]);
  });

  it.each([[], ['workers'], ['../worker'], ['__proto__']])('refuses %j', (...args) => {
    const { status, stderr } = enter(...args);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining(
        'one of api, projector, worker, sequencer, witness, standalone, cli',
      ),
    });
  });
});

describe('the probe of the image', () => {
  let server: Server;
  let answer: number;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    answer = 200;
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(answer).end('{"ready":false}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Not spawnSync: this process is the one that answers. */
  const probe = (...args: readonly string[]) =>
    new Promise<{ readonly status: number | null; readonly stderr: string }>((resolve) => {
      const { port } = server.address() as AddressInfo;
      const env = { PATH: process.env['PATH'], PORT: String(port) };
      const child = spawn(process.execPath, [join(DEPLOY, 'probe.mjs'), ...args], { env });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.once('close', (status) => resolve({ status, stderr }));
    });

  it(
    'asks what it is told to ask, and is content with 200',
    async () => {
      expect(await probe('/health/ready')).toEqual({ status: 0, stderr: '' });
      expect(await probe()).toEqual({ status: 0, stderr: '' });
      expect(asked).toEqual(['/health/ready', '/health/live']);
    },
    TIMEOUT_MS,
  );

  it(
    'fails and says why when the server is not ready, not there, or the question is none',
    async () => {
      answer = 503;
      const unready = await probe('/health/ready');
      expect(unready).toEqual({ status: 1, stderr: expect.stringContaining('answered 503') });
      expect(await probe('/etc')).toMatchObject({ status: 1 });
      server.closeAllConnections();
      const { port } = server.address() as AddressInfo;
      await new Promise((resolve) => server.close(resolve));
      const env = { PATH: process.env['PATH'], PORT: String(port) };
      const gone = spawnSync(process.execPath, [join(DEPLOY, 'probe.mjs')], {
        env,
        encoding: 'utf8',
      });
      expect(gone).toMatchObject({ status: 1, stderr: expect.stringContaining('did not answer') });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    },
    TIMEOUT_MS,
  );
});
