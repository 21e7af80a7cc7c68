import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sequenceOnce, startSequencer } from '#ledger';
import { appendEvents, LedgerGround } from './sequencer-ground.js';

const EVENTS = 300;

let ground: LedgerGround;
let ids: readonly string[];

beforeEach(async () => {
  ground = new LedgerGround();
  ids = await appendEvents(ground.store, EVENTS);
  await sequenceOnce(ground.parts());
});
afterEach(() => ground.remove());

function fileOf(id: string): string {
  return join(ground.directory, 'ledger', 'ids', id.slice(0, 2));
}

async function expectAllFound(): Promise<void> {
  const { folder } = ground;
  for (const [index, id] of ids.entries()) expect(await folder.ids.find(id)).toEqual([index]);
}

describe('the index by id', () => {
  it('knows every event', expectAllFound);

  it.each([
    ['a file of it is lost', async (file: string) => await rm(file)],
    ['a file of it is cut', async (file: string) => await truncate(file, 0)],
    ['a record of it is half written', async (file: string) => await truncate(file, 23)],
    [
      'records are in it twice',
      async (file: string) => {
        const bytes = await readFile(file);
        await writeFile(file, Buffer.concat([bytes, bytes]));
      },
    ],
    [
      'all of it is lost',
      async () => await rm(join(ground.directory, 'ledger', 'ids'), { recursive: true }),
    ],
  ])('is made anew when %s', async (_, lose) => {
    await lose(fileOf(ids[7] ?? ''));
    await sequenceOnce(ground.parts());
    await expectAllFound();
  });

  it('is left as it is when nothing is wrong with it', async () => {
    const file = fileOf(ids[7] ?? '');
    const bytes = Buffer.from(await readFile(file)).fill(0xee);
    await writeFile(file, bytes);
    await sequenceOnce(ground.parts());
    expect(await readFile(file)).toEqual(bytes);
  });

  it('that cannot be made anew is waited for', async () => {
    await rm(join(ground.directory, 'ledger'), { recursive: true });
    await writeFile(join(ground.directory, 'ledger'), 'a file where the folder was');
    await expect(sequenceOnce(ground.parts())).rejects.toMatchObject({
      code: 'ledger.folder-unavailable',
    });
  });

  it('is as the state says after a run that ended', async () => {
    const sequencer = startSequencer(ground.options());
    const more = await appendEvents(ground.store, 20);
    await sequencer.settled((await ground.store.head()) ?? '', AbortSignal.timeout(20_000));
    await sequencer.stop();
    ids = [...ids, ...more];
    expect((await ground.folder.state())?.indexedSize).toBe(EVENTS + 20);
    expect(ground.folder.ids.repair()).toBe(EVENTS + 20);
    await expectAllFound();
  });
});
