import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from './api-server.js';

jest.setTimeout(60_000);

const HALF =
  'a81cdd79-b393-5995-942b-3e948ef6225e.eml.0f8b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d.partial';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-outbox-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a start', () => {
  it('clears the outbox of letters that a killed process had half written', async () => {
    const outbox = join(folder, 'outbox');
    mkdirSync(outbox);
    writeFileSync(join(outbox, HALF), 'To: somebody');
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(join(outbox, HALF), yesterday, yesterday);
    const api = await startApi({ environment: { REDRESS_OUTBOX_DIR: outbox } });
    await api.close();
    expect(readdirSync(outbox)).toEqual([]);
    expect(api.log).toEqual([]);
  });

  it('is not hindered by an outbox that is none, and tells of it', async () => {
    const outbox = join(folder, 'in-the-way');
    writeFileSync(outbox, '');
    const api = await startApi({ environment: { REDRESS_OUTBOX_DIR: outbox } });
    await api.close();
    expect(api.log.join('')).toContain(
      'NoticesUnavailable: the outbox cannot be cleared of half letters (ENOTDIR)',
    );
  });
});
