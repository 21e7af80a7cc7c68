import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLog } from '#event-store/memory';
import { until } from '#testing/notices';
import { expectProblem, LODGING, startApi, type Api } from './api-server.js';

jest.setTimeout(120_000);

let place: string;
let outside: string;
let environment: Readonly<Record<string, string>>;
let memoryLog: MemoryLog;
let api: Api;
let receipt: string;
let reference: string;

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'redress-rebuild-'));
  outside = join(place, 'outside');
  mkdirSync(outside);
  environment = {
    REDRESS_LEDGER_DIR: join(place, 'ledger'),
    REDRESS_LEDGER_KEY_FILE: join(place, 'ledger.key'),
    REDRESS_LEDGER_OUTSIDE: outside,
  };
  memoryLog = new MemoryLog();
  api = await startApi({ environment, memoryLog });
  ({ receipt, reference } = (await api.post('/v1/complaints', LODGING)).body);
  expect((await api.get(receipt)).status).toBe(200);
});
afterEach(async () => {
  await api.close();
  rmSync(place, { recursive: true });
});

const ask = () => api.post('/ledger/packs', { reference });

/** Checkpoints and the key are left: so a restore leaves it. */
function loseTiles(): void {
  for (const name of ['tile', 'state.json', 'ids']) {
    rmSync(join(place, 'ledger', name), { recursive: true, force: true });
  }
}

describe('a ledger whose files are gone', () => {
  it('asks to come again as long as they are being made anew, and then has them', async () => {
    await api.close();
    loseTiles();
    // Nothing is rebuilt before it is known what was signed, and that stands outside as well.
    renameSync(outside, `${outside}-away`);
    api = await startApi({ environment, memoryLog });
    for (const answer of [
      await api.get(receipt),
      await ask(),
      await api.get('/ledger/tile/0/000'),
    ]) {
      expectProblem(answer, 503, 'ledger.rebuilding');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(api.log.join('')).not.toContain('is missing');

    renameSync(`${outside}-away`, outside);
    await until(async () => (await api.get(receipt)).status === 200);
    expect((await ask()).status).toBe(200);
    expectProblem(await api.get('/ledger/tile/0/000'), 404, 'ledger.unknown-file');
  });

  it('has failed when nobody makes them anew', async () => {
    loseTiles();
    for (const answer of [await api.get(receipt), await ask()]) {
      expectProblem(answer, 500, 'internal.error');
    }
    expect(api.log.join('')).toContain('is missing');
  });
});
