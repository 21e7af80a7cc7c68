import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '#wiring';
import { accessOf } from '../../apps/process/index.js';
import { endOf, ensureBuilt, startCli } from './run-cli.js';

jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-tokens-'));
  mkdirSync(join(folder, 'tokens.json'));
  writeFileSync(join(folder, 'none.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));

const accessBy = (tokensFile: string | undefined, dataDir: string) =>
  accessOf(
    readConfiguration(
      { REDRESS_AUTH: 'tokens', REDRESS_TOKENS_FILE: tokensFile },
      { dataDir: join(folder, dataDir) },
    ),
  );

describe('the file of tokens', () => {
  it('need not be there unless it was named', () => {
    expect(accessBy(undefined, 'empty')).toEqual({ mode: 'tokens', tokens: {} });
    expect(accessBy(join(folder, 'none.json'), 'empty')).toEqual({ mode: 'tokens', tokens: {} });
    const refused = expect.objectContaining({
      code: 'configuration.invalid',
      variable: 'REDRESS_TOKENS_FILE',
    });
    const named = join(folder, 'empty', 'tokens.json');
    expect(() => accessBy(named, 'empty')).toThrow(refused);
    expect(() => accessBy(named, 'empty')).toThrow('(ENOENT)');
  });

  it('can be read when it is there', () => {
    expect(() => accessBy(undefined, '.')).toThrow('REDRESS_TOKENS_FILE');
  });

  it('keeps the server from starting, with status 2, when it was named and is not there', async () => {
    const server = startCli(['serve', '--port', '0', '--data-dir', join(folder, 'store')], {
      environment: {
        REDRESS_AUTH: 'tokens',
        REDRESS_TOKENS_FILE: join(folder, 'mistyped.json'),
      },
    });
    // One that starts all the same says so, and would be waited for without end.
    server.stdout?.once('data', () => server.kill('SIGKILL'));
    const { status, stderr } = await endOf(server);
    expect(stderr).toContain('REDRESS_TOKENS_FILE');
    expect(stderr).toContain('[configuration.invalid]');
    expect(status).toBe(2);
  });
});
