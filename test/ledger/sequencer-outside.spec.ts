import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outsideAt, sequenceOnce, type LedgerParts } from '#ledger';
import { ledgerChecks } from '../../apps/cli/checks/ledger.js';
import { appendEvents, LedgerGround, ORIGIN } from './sequencer-ground.js';

const FILE = 'redress.test+ledger.checkpoint';

let ground: LedgerGround;
let place: string;

beforeEach(async () => {
  ground = new LedgerGround();
  place = join(ground.directory, 'outside');
  await mkdir(place);
});
afterEach(() => ground.remove());

function parts(): LedgerParts {
  return ground.parts({ outside: outsideAt(place, ORIGIN) });
}

async function noteOutside(): Promise<string> {
  return await readFile(join(place, FILE), 'utf8');
}

describe('a place outside that is empty', () => {
  it('is no obstacle to a log that signed nothing yet', async () => {
    await appendEvents(ground.store, 3);
    const { note } = await sequenceOnce(parts());
    expect(await noteOutside()).toBe(note);
  });

  it('is no obstacle to a log that was signed without any event', async () => {
    await sequenceOnce(ground.parts());
    expect((await sequenceOnce(parts())).size).toBe(0n);
    await rm(join(place, FILE));
    await appendEvents(ground.store, 3);
    const { note } = await sequenceOnce(parts());
    expect(await noteOutside()).toBe(note);
  });

  it.each(['mark and folder', 'mark', 'folder'])('is believed no more than the %s', async (who) => {
    await appendEvents(ground.store, 300);
    const { note } = await sequenceOnce(parts());
    const backup = ground.copyOfLog();
    await appendEvents(ground.store, 5);
    await sequenceOnce(parts());
    // As when its disk is not mounted, and the log was put back as it once was.
    await rename(place, `${place}-mounted`);
    await mkdir(place);
    ground.openLog(backup);
    await appendEvents(ground.store, 7);
    if (who === 'folder') ground.log.marks.clear();
    await rm(join(ground.directory, 'ledger'), { recursive: true });
    if (who !== 'mark') {
      await ground.folder.writePublic([{ path: 'checkpoint', bytes: Buffer.from(note) }]);
    }
    ground.steps.length = 0;
    await expect(sequenceOnce(parts())).rejects.toMatchObject({
      code: 'ledger.outside-empty',
      isPassing: true,
      message: expect.stringContaining(FILE),
    });
    expect(ground.steps).toEqual([]);
    await rm(place, { recursive: true });
    await rename(`${place}-mounted`, place);
    await expect(sequenceOnce(parts())).rejects.toMatchObject({
      code: 'ledger.log-does-not-extend',
    });
  });

  it('is confirmed to be new by copying the checkpoint there', async () => {
    await appendEvents(ground.store, 3);
    await sequenceOnce(ground.parts());
    await expect(sequenceOnce(parts())).rejects.toMatchObject({ code: 'ledger.outside-empty' });
    await copyFile(join(ground.directory, 'ledger', 'checkpoint'), join(place, FILE));
    await appendEvents(ground.store, 3);
    const { note, size } = await sequenceOnce(parts());
    expect(size).toBe(6n);
    expect(await noteOutside()).toBe(note);
  });
});

describe('a doctor', () => {
  it.each([
    [0, true, 'no checkpoint is there yet'],
    [3, false, '3 events are signed, and no checkpoint is there: is the place mounted?'],
  ])('finds an empty place outside, with %d events signed', async (count, ok, detail) => {
    await appendEvents(ground.store, count);
    await sequenceOnce(ground.parts());
    const ledger = {
      kind: 'on',
      directory: join(ground.directory, 'ledger'),
      keyFile: ground.keyFile,
      outside: place,
      timeEveryHours: 1,
    } as const;
    const checks = await ledgerChecks({ ledger, origin: ORIGIN }, ground.store);
    expect(checks).toContainEqual({ name: 'ledger outside', ok, detail });
  });
});
