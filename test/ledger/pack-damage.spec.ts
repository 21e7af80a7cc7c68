import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPack, type PackSources } from '#ledger/packs';
import { failureOf } from '../../apps/cli/exit-status.js';
import { PackGround } from './pack-ground.js';

jest.setTimeout(120_000);

let ground: PackGround;
let sources: PackSources;

beforeAll(async () => {
  ground = new PackGround();
  await ground.append(6);
  await ground.sign('2026-01-01');
  await ground.append(6);
  await ground.sign('2026-01-02');
  sources = await ground.sources();
});

afterAll(() => ground.remove());

const pack = () => buildPack(sources, { stream: ground.streamOf(0), subject: 'C-0' });

function fileIn(folder: string): string {
  const directory = join(ground.directory, 'ledger', folder);
  const [name = ''] = readdirSync(directory).toSorted();
  return join(directory, name);
}

describe('no pack is made of a ledger of which was changed', () => {
  it.each<readonly [what: string, file: () => string, at: number]>([
    ['an entry that is none any more', () => fileIn('tile/entries/000.p'), 2],
    ['a word of an entry', () => fileIn('tile/entries/000.p'), 30],
    ['a hash', () => fileIn('tile/0/000.p'), 40],
    ['the checkpoint of a day', () => fileIn('checkpoints'), 25],
    ['the checkpoint', () => join(ground.directory, 'ledger', 'checkpoint'), 22],
  ])('%s', async (_, file, at) => {
    const path = file();
    const whole = readFileSync(path);
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x80, at);
    writeFileSync(path, changed);
    const failed = await pack().catch(failureOf);
    writeFileSync(path, whole);
    expect(failed).toMatchObject({ status: 1, code: 'ledger.damaged' });
    expect(failed).not.toHaveProperty('unexpected');
    expect((await pack()).eventCount).toBe(6);
  });
});
