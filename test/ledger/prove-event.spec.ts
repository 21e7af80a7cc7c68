import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLeaf } from '#evidence';
import { proveEvent, sequenceOnce, startSequencer, type LedgerFolder } from '#ledger';
import { parseTlogProof, policyOfLog, verifyTlogProof, leafHash } from '#merkle';
import { until } from '#testing/notices';
import { appendEvents, LedgerGround } from './sequencer-ground.js';

jest.setTimeout(120_000);

/** Three bundles of entries, the last one a part of one. */
const EVENTS = 600;

let ground: LedgerGround;
beforeEach(() => {
  ground = new LedgerGround();
});
afterEach(() => ground.remove());

/** Flips a bit of a byte in the one file of a folder of the ledger. */
async function garble(folder: string, at: number): Promise<void> {
  const directory = join(ground.directory, 'ledger', 'tile', folder);
  const [name = ''] = await readdir(directory);
  const bytes = await readFile(join(directory, name));
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(join(directory, name), bytes);
}

function readsOfEntries(folder: LedgerFolder): () => number {
  const read = jest.spyOn(folder, 'read');
  return () => read.mock.calls.filter(([path]) => path.startsWith('tile/entries/')).length;
}

describe('a proof', () => {
  it.each([
    ['a hash of a tile', '0/000.p', 40],
    ['what an entry says', 'entries/000.p', 30],
    ['how long an entry is', 'entries/000.p', 0],
  ])('is not handed out when %s was changed', async (_, folder, at) => {
    const [id = ''] = await appendEvents(ground.store, 20);
    await sequenceOnce(ground.parts());
    expect((await proveEvent(ground.folder, id)).index).toBe(0n);
    await garble(folder, at);
    await expect(proveEvent(ground.folder, id)).rejects.toMatchObject({ code: 'ledger.damaged' });
  });

  it('is handed out for the salt of the leaf, and for no other', async () => {
    const ids = await appendEvents(ground.store, EVENTS);
    await sequenceOnce(ground.parts());
    const policy = policyOfLog(await ground.verifierKey());
    for (const id of [ids[0] ?? '', ids[300] ?? '', ids[599] ?? '']) {
      const { entry } = await proveEvent(ground.folder, id);
      const { salt: leafSalt } = parseLeaf(entry);
      const { tlogProof } = await proveEvent(ground.folder, id, { leafSalt });
      verifyTlogProof(parseTlogProof(tlogProof), leafHash(entry), policy);
      for (const wrong of [randomBytes(16).toString('base64url'), leafSalt.slice(1), '']) {
        await expect(proveEvent(ground.folder, id, { leafSalt: wrong })).rejects.toMatchObject({
          code: 'ledger.not-covered',
        });
      }
    }
  });
});

describe('an id that no event has', () => {
  const leafSalt = randomBytes(16).toString('base64url');
  const NOT_COVERED = { code: 'ledger.not-covered' };

  it('is looked for in no entries by the process that signs, which knows all ids', async () => {
    const folder = ground.folder;
    const ids = await appendEvents(ground.store, EVENTS);
    const sequencer = startSequencer(ground.options({ folder }));
    await until(async () => sequencer.state.size === EVENTS);
    const reads = readsOfEntries(folder);
    await expect(proveEvent(folder, randomUUID())).rejects.toMatchObject(NOT_COVERED);
    expect(reads()).toBe(0);
    // With a salt as many as for an event that is there with another one, so that time tells nothing.
    await expect(proveEvent(folder, randomUUID(), { leafSalt })).rejects.toMatchObject(NOT_COVERED);
    const ofUnknown = reads();
    await expect(proveEvent(folder, ids[7] ?? '', { leafSalt })).rejects.toMatchObject(NOT_COVERED);
    expect([ofUnknown, reads() - ofUnknown]).toEqual([1, 1]);
    expect((await proveEvent(folder, ids[599] ?? '')).index).toBe(599n);
    await sequencer.stop();
  });

  it('is looked for among the last leaves by any other process', async () => {
    const ids = await appendEvents(ground.store, EVENTS);
    const sequencer = startSequencer(ground.options());
    await until(async () => sequencer.state.size === EVENTS);
    const folder = ground.folder;
    const reads = readsOfEntries(folder);
    await expect(proveEvent(folder, randomUUID())).rejects.toMatchObject(NOT_COVERED);
    expect(reads()).toBe(3);
    expect((await proveEvent(folder, ids[599] ?? '')).index).toBe(599n);
    await sequencer.stop();
  });
});
