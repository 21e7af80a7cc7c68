import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { canonicalJson } from '#kernel';
import { proveEvent, sequenceOnce, tileSourceOf, type PublishStep } from '#ledger';
import {
  EMPTY_ROOT,
  leafHash,
  parseTlogProof,
  policyOfLog,
  rootOf,
  tilePath,
  tilesOf,
  verifyTlogProof,
} from '#merkle';
import { appendEvents, LedgerGround, ORIGIN, sizeOf } from './sequencer-ground.js';

let ground: LedgerGround;

beforeEach(() => {
  ground = new LedgerGround();
});

afterEach(() => ground.remove());

const STEPS: readonly PublishStep[] = [
  'tiles',
  'sign',
  'mark',
  'checkpoint',
  'state',
  'superseded',
];

describe('signing a log', () => {
  it('signs an empty one', async () => {
    const { size, root, note } = await sequenceOnce(ground.parts());
    expect(size).toBe(0n);
    expect(root).toEqual(EMPTY_ROOT);
    expect(await ground.noteInFolder()).toBe(note);
    expect(await ground.signedSize(note)).toBe(0n);
  });

  it.each([1, 255, 256, 257, 700])('signs %d events, with every tile', async (count) => {
    await appendEvents(ground.store, count);
    const { note, size } = await sequenceOnce(ground.parts({ outside: ground.outside }));
    expect(await ground.signedSize(note)).toBe(BigInt(count));
    expect(await ground.noteInMark()).toBe(note);
    expect(ground.outside.note).toBe(note);
    expect(await ground.noteInFolder()).toBe(note);
    for (const id of tilesOf(size)) {
      expect((await ground.folder.read(tilePath(id)))?.length).toBe(id.width * 32);
    }
    const files = await ground.files();
    expect(files).toContain('checkpoints/2026-11-22');
    expect(files.filter((path) => path.endsWith('.new'))).toEqual([]);
  });

  it('makes the key once, for the owner only', async () => {
    await sequenceOnce(ground.parts());
    const { mode } = await stat(ground.keyFile);
    expect(mode & 0o777).toBe(0o600);
    const line = await readFile(ground.keyFile, 'utf8');
    expect(line).toMatch(/^PRIVATE\+KEY\+redress\.test\/ledger\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\n$/);
    await appendEvents(ground.store, 1);
    await sequenceOnce(ground.parts());
    expect(await readFile(ground.keyFile, 'utf8')).toBe(line);
  });

  it('makes one key, also for two who sign at once', async () => {
    const [one, other] = await Promise.allSettled([
      sequenceOnce(ground.parts()),
      sequenceOnce(ground.parts()),
    ]);
    expect([one.status, other.status]).toContain('fulfilled');
    expect(await ground.signedSize(await ground.noteInMark())).toBe(0n);
    const { note } = await sequenceOnce(ground.parts());
    expect(note).toBe(await ground.noteInMark());
  });

  it('goes on where it ended, without reading the log again', async () => {
    await appendEvents(ground.store, 300);
    await sequenceOnce(ground.parts());
    await appendEvents(ground.store, 300);
    const read: string[] = [];
    const { store } = ground;
    const watched = new Proxy(store, {
      get: (target, member: keyof typeof store) => {
        if (member !== 'readAll') {
          const value: unknown = Reflect.get(target, member);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return (options: Parameters<typeof store.readAll>[0]) => {
          read.push(JSON.stringify(options));
          return target.readAll(options);
        };
      },
    });
    const published = await sequenceOnce(ground.parts({ eventStore: watched }));
    expect(await ground.signedSize(published.note)).toBe(600n);
    expect(read).toEqual([
      JSON.stringify({ from: '299', to: '299', pageSize: 1 }),
      JSON.stringify({ after: '299', pageSize: 256 }),
    ]);
  });

  it('goes on as well where its tiles were made anew, at no earlier size', async () => {
    await appendEvents(ground.store, 100);
    const { note } = await sequenceOnce(ground.parts());
    ground.clock.instant = '2026-11-23T00:00:00.000Z';
    await appendEvents(ground.store, 50);
    await sequenceOnce(ground.parts());
    await ground.folder.writePublic([{ path: 'cosigned', bytes: Buffer.from(note) }]);
    await rm(join(ground.directory, 'ledger', 'tile'), { recursive: true });
    await sequenceOnce(ground.parts());
    const reads = jest.spyOn(ground.store, 'readAll');
    await sequenceOnce(ground.parts());
    expect(reads.mock.calls).toEqual([
      [{ from: '149', to: '149', pageSize: 1 }],
      [{ after: '149', pageSize: 256 }],
    ]);
  });

  it('signs nothing anew when nothing was added', async () => {
    await appendEvents(ground.store, 5);
    const first = await sequenceOnce(ground.parts());
    ground.steps.length = 0;
    const again = await sequenceOnce(ground.parts());
    expect(again).toMatchObject({ size: first.size, note: first.note, position: '4' });
    expect(ground.steps).not.toContain('sign');
    expect((await ground.store.readMark('ledger'))?.revision).toBe(0);
  });

  it('takes partial tiles away once the full one is there, and not before', async () => {
    await appendEvents(ground.store, 200);
    await sequenceOnce(ground.parts());
    await appendEvents(ground.store, 20);
    await sequenceOnce(ground.parts());
    const partial = (files: readonly string[]) => files.filter((path) => path.includes('.p/'));
    expect(partial(await ground.files())).toEqual([
      'tile/0/000.p/200',
      'tile/0/000.p/220',
      'tile/entries/000.p/200',
      'tile/entries/000.p/220',
    ]);
    await appendEvents(ground.store, 60);
    await sequenceOnce(ground.parts());
    expect(partial(await ground.files())).toEqual([
      'tile/0/001.p/24',
      'tile/1/000.p/1',
      'tile/entries/001.p/24',
    ]);
  });

  it('keeps the last note of each day', async () => {
    await appendEvents(ground.store, 1);
    const first = await sequenceOnce(ground.parts());
    ground.clock.instant = '2026-11-23T00:00:00.000Z';
    await appendEvents(ground.store, 1);
    const second = await sequenceOnce(ground.parts());
    expect(await ground.folder.days()).toEqual(['2026-11-22', '2026-11-23']);
    const text = async (day: string) =>
      Buffer.from((await ground.folder.read(`checkpoints/${day}`)) ?? []).toString();
    expect(await text('2026-11-22')).toBe(first.note);
    expect(await text('2026-11-23')).toBe(second.note);
  });

  it('refuses an event that has no leaf, and names it', async () => {
    await appendEvents(ground.store, 2);
    await ground.store.append('sample-odd', 'no-stream', [
      {
        id: '6f9619ff-8b86-4011-b42d-00c04fc964ff',
        type: 'Odd',
        data: canonicalJson({}),
        metadata: canonicalJson({ v: 1 }),
      },
    ]);
    await expect(sequenceOnce(ground.parts())).rejects.toMatchObject({
      code: 'ledger.event-malformed',
      message: expect.stringContaining('6f9619ff-8b86-4011-b42d-00c04fc964ff'),
    });
  });
});

describe('an event', () => {
  it('is proved by the last checkpoint that was cosigned, where that covers it', async () => {
    const [early = ''] = await appendEvents(ground.store, 2);
    const cosigned = await sequenceOnce(ground.parts());
    await ground.folder.writePublic([{ path: 'cosigned', bytes: Buffer.from(cosigned.note) }]);
    const [late = ''] = await appendEvents(ground.store, 2);
    const latest = await sequenceOnce(ground.parts());
    expect((await proveEvent(ground.folder, early)).checkpoint.note).toBe(cosigned.note);
    expect((await proveEvent(ground.folder, late)).checkpoint.note).toBe(latest.note);
  });

  it('is proved by its id, also where the index was lost or is of an earlier size', async () => {
    const ids = [...(await appendEvents(ground.store, 300))];
    await sequenceOnce(ground.parts());
    ids.push(...(await appendEvents(ground.store, 300)));
    await sequenceOnce(ground.parts());
    const key = await ground.verifierKey();
    const prove = async (at: number) => {
      const proved = await proveEvent(ground.folder, ids[at] ?? '');
      expect(proved.index).toBe(BigInt(at));
      expect(Buffer.from(proved.entry).toString()).toContain(`"id":"${ids[at]}"`);
      const parsed = parseTlogProof(proved.tlogProof);
      expect(verifyTlogProof(parsed, leafHash(proved.entry), policyOfLog(key)).log.name).toBe(
        ORIGIN,
      );
    };
    for (const at of [0, 255, 256, 299, 300, 599]) await prove(at);
    await rm(join(ground.directory, 'ledger', 'ids'), { recursive: true });
    await rm(join(ground.directory, 'ledger', 'state.json'));
    for (const at of [0, 299, 599]) await prove(at);
    await sequenceOnce(ground.parts());
    expect(await ground.folder.ids.find(ids[599] ?? '')).toEqual([599]);
  });

  it('that is not signed yet is not proved', async () => {
    await appendEvents(ground.store, 3);
    await sequenceOnce(ground.parts());
    const [id = ''] = await appendEvents(ground.store, 1);
    await expect(proveEvent(ground.folder, id)).rejects.toMatchObject({
      code: 'ledger.not-covered',
    });
  });
});

describe('a crash', () => {
  describe.each(STEPS)('before the step %s', (step) => {
    it.each([0, 200])('of the checkpoint after one of size %d changes nothing', async (before) => {
      const outside = ground.outside;
      if (before > 0) {
        await appendEvents(ground.store, before);
        await sequenceOnce(ground.parts({ outside }));
      }
      await appendEvents(ground.store, 100);
      ground.failAt = step;
      await expect(sequenceOnce(ground.parts({ outside }))).rejects.toThrow('cut off');
      // Whatever anybody may have seen is part of the log.
      for (const note of [await ground.noteInFolder(), await ground.noteInMark(), outside.note]) {
        if (note === undefined) continue;
        expect([0, before, before + 100]).toContain(Number(await ground.signedSize(note)));
      }
      const seen = await ground.noteInMark();
      const seenSize = seen === undefined ? 0n : await ground.signedSize(seen);
      const published = await sequenceOnce(ground.parts({ outside }));
      expect(sizeOf(published)).toBe(before + 100);
      expect(published.size).toBeGreaterThanOrEqual(seenSize);
      for (const note of [await ground.noteInFolder(), await ground.noteInMark(), outside.note]) {
        expect(note).toBe(published.note);
      }
      expect(await rootOf(tileSourceOf(ground.folder), published.size)).toEqual(published.root);
    });

    it('between two events is found again by events that follow', async () => {
      await appendEvents(ground.store, 250);
      ground.failAt = step;
      await expect(sequenceOnce(ground.parts())).rejects.toThrow('cut off');
      await appendEvents(ground.store, 250);
      const published = await sequenceOnce(ground.parts());
      expect(await ground.signedSize(published.note)).toBe(500n);
    });
  });
});
