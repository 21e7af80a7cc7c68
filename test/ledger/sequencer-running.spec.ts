import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { StoreUnavailable } from '#event-store/port';
import {
  LedgerError,
  LedgerFolder,
  sequenceOnce,
  startSequencer,
  type Sequencer,
  type SequencerOptions,
  type SequencerPhase,
} from '#ledger';
import { cosign, newSignerKey, openCheckpoint, verifierKeyOf, verifyConsistency } from '#merkle';
import { appendEvents, LedgerGround, ledgerEvent, inTime, until } from './sequencer-ground.js';

jest.setTimeout(30_000);

let ground: LedgerGround;
let running: Sequencer[] = [];

beforeEach(() => {
  ground = new LedgerGround();
});

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  ground.remove();
});

function start(more: Partial<SequencerOptions> = {}): Sequencer {
  const sequencer = startSequencer(ground.options(more));
  running.push(sequencer);
  return sequencer;
}

async function phase(sequencer: Sequencer, wanted: SequencerPhase): Promise<void> {
  await until(() => sequencer.state.phase === wanted);
}

async function append(count = 1): Promise<string> {
  await appendEvents(ground.store, count);
  return (await ground.store.head()) ?? '';
}

describe('a running sequencer', () => {
  it('signs an empty log, then what comes', async () => {
    const sequencer = start();
    await phase(sequencer, 'signing');
    expect(sequencer.latest?.size).toBe(0n);
    const first = await sequencer.settled(await append(3), inTime());
    expect(await ground.signedSize(first.note)).toBe(3n);
    const second = await sequencer.settled(await append(600), inTime());
    expect(await ground.signedSize(second.note)).toBe(603n);
    expect(await ground.noteInFolder()).toBe(second.note);
    expect(await ground.noteInMark()).toBe(second.note);
    expect(sequencer.state).toMatchObject({
      phase: 'signing',
      size: 603,
      unsigned: 0,
      root: Buffer.from(second.root).toString('hex'),
      signedAt: '2026-11-22T10:00:00.000Z',
      outsideFaults: [],
    });
    expect(sequencer.state.code).toBeUndefined();
  });

  it('signs many in one checkpoint', async () => {
    const sequencer = start({ times: { batchWindowMs: 300 } });
    await phase(sequencer, 'signing');
    const revision = (await ground.store.readMark('ledger'))?.revision ?? 0;
    let position = '';
    for (let count = 0; count < 40; count += 1) position = await append();
    await sequencer.settled(position, inTime());
    expect(((await ground.store.readMark('ledger'))?.revision ?? 0) - revision).toBeLessThan(10);
  });

  it('answers at once for what is signed already', async () => {
    const sequencer = start();
    const position = await append(2);
    const published = await sequencer.settled(position, inTime());
    const again = await sequencer.settled('0', AbortSignal.abort());
    expect(again).toBe(published);
  });

  it('waits no longer than its caller', async () => {
    const sequencer = start();
    await phase(sequencer, 'signing');
    const ending = new AbortController();
    const waiting = sequencer.settled('99', ending.signal);
    ending.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('signs what the log has before it ends, and goes on from there', async () => {
    const first = start({ times: { batchWindowMs: 60_000 } });
    await phase(first, 'signing');
    await append(10);
    await first.stop();
    expect(first.state.phase).toBe('stopped');
    expect(await ground.signedSize(await ground.noteInFolder())).toBe(10n);
    await expect(first.settled('99', inTime())).rejects.toMatchObject({ code: 'ledger.stopped' });
    const second = start();
    const { note } = await second.settled(await append(), inTime());
    expect(await ground.signedSize(note)).toBe(11n);
  });

  it('never signs backwards: every checkpoint is consistent with the one before', async () => {
    const notes: string[] = [];
    const outside = {
      read: async () => notes.at(-1),
      write: async (note: string) => void notes.push(note),
    };
    const sequencer = start({ outside, times: { batchWindowMs: 1 } });
    for (let round = 0; round < 20; round += 1) {
      await sequencer.settled(await append(1 + round * 7), inTime());
    }
    await sequencer.stop();
    const sizes = await Promise.all(notes.map((note) => ground.signedSize(note)));
    expect(sizes.length).toBeGreaterThan(5);
    expect(sizes).toEqual([...sizes].toSorted((a, b) => Number(a - b)));
  });
});

describe('a fault', () => {
  it.each(['tiles', 'sign', 'mark', 'checkpoint', 'state'] as const)(
    'of the disk before %s is waited out',
    async (step) => {
      const sequencer = start({
        beforeStep: (one) => {
          if (one !== ground.failAt) return;
          ground.failAt = undefined;
          throw new LedgerError('ledger.folder-unavailable', 'no space left');
        },
      });
      await phase(sequencer, 'signing');
      ground.failAt = step;
      const { note } = await sequencer.settled(await append(5), inTime());
      expect(await ground.signedSize(note)).toBe(5n);
      await until(() => ground.failAt === undefined && sequencer.state.phase === 'signing');
      expect(ground.faults).toMatchObject([{ code: 'ledger.folder-unavailable' }]);
    },
  );

  it('of the store is waited out', async () => {
    let faults = 3;
    const { store } = ground;
    const faulty = new MemoryEventStore({ log: ground.log });
    jest.spyOn(faulty, 'writeMark').mockImplementation(async (...args) => {
      faults -= 1;
      if (faults >= 0) throw new StoreUnavailable('away');
      return await store.writeMark(...args);
    });
    const sequencer = start({ eventStore: faulty });
    await phase(sequencer, 'waiting');
    expect(sequencer.state).toMatchObject({ code: 'store.unavailable', problem: 'away' });
    const { note } = await sequencer.settled(await append(2), inTime());
    expect(await ground.signedSize(note)).toBe(2n);
    await faulty.close();
  });

  it('of the place outside at the start keeps it from signing, and passes', async () => {
    ground.outside.away = new LedgerError('ledger.outside-unavailable', 'away');
    const sequencer = start({ outside: ground.outside });
    await phase(sequencer, 'waiting');
    const position = await append(2);
    expect(await ground.noteInFolder()).toBeUndefined();
    ground.outside.away = undefined;
    const { note } = await sequencer.settled(position, inTime());
    await until(() => ground.outside.note === note);
  });

  it('of the place outside later is told, and signing goes on', async () => {
    const sequencer = start({ outside: ground.outside });
    await phase(sequencer, 'signing');
    ground.outside.away = new LedgerError('ledger.outside-unavailable', 'away');
    const { note } = await sequencer.settled(await append(2), inTime());
    await until(() => sequencer.state.outsideFaults.length > 0);
    expect(sequencer.state).toMatchObject({
      phase: 'signing',
      outsideFaults: ['ledger.outside-unavailable'],
    });
    expect(await ground.noteInFolder()).toBe(note);
    ground.outside.away = undefined;
    const next = await sequencer.settled(await append(2), inTime());
    await until(() => ground.outside.note === next.note);
    expect(sequencer.state.outsideFaults).toEqual([]);
  });

  it('that somebody must look at refuses, loudly and for good', async () => {
    await appendEvents(ground.store, 20);
    await sequenceOnce(ground.parts());
    await rm(ground.keyFile);
    const sequencer = start();
    await phase(sequencer, 'refused');
    const position = await append(2);
    await expect(sequencer.settled(position, inTime())).rejects.toMatchObject({
      code: 'ledger.key-missing',
    });
    expect(sequencer.state).toMatchObject({ phase: 'refused', code: 'ledger.key-missing' });
    expect(ground.faults).toMatchObject([{ code: 'ledger.key-missing' }]);
    await sequencer.stop();
    expect(sequencer.state.phase).toBe('refused');
  });

  it('of one event is told, and what comes before it is signed', async () => {
    const sequencer = start();
    await append(5);
    const odd = { ...ledgerEvent(), metadata: ledgerEvent().data };
    await ground.store.append('sample-odd', 'no-stream', [odd]);
    await append(5);
    await phase(sequencer, 'refused');
    expect(sequencer.state.code).toBe('ledger.event-malformed');
    expect(await ground.signedSize(await ground.noteInFolder())).toBe(5n);
  });
});

describe('two sequencers', () => {
  it('sign one history', async () => {
    const times = { batchWindowMs: 5, standbyLookMs: 5, takeOverAfterMs: 600_000 };
    const one = start({ times });
    await phase(one, 'signing');
    const elsewhere = new LedgerFolder(join(ground.directory, 'elsewhere'));
    const other = start({ folder: elsewhere, times });
    for (let round = 0; round < 10; round += 1) {
      const position = await append(3);
      const mark = async () => (await ground.store.readMark('ledger'))?.value ?? '';
      await until(async () => (await mark()).includes(`"position":"${position}"`));
      expect(await ground.signedSize(await ground.noteInMark())).toBe(BigInt(3 * (round + 1)));
    }
    // Two who sign the very same text at once are both right; who is beaten by another text stands by.
    for (const { state } of [one, other]) expect(['signing', 'standby']).toContain(state.phase);
    for (const folder of [ground.folder, elsewhere]) {
      const note = Buffer.from((await folder.read('checkpoint')) ?? []).toString();
      expect(await ground.signedSize(note)).toBeLessThanOrEqual(30n);
    }
    expect(ground.faults).toEqual([]);
  });

  it('take over from each other when one is gone', async () => {
    const one = start();
    await phase(one, 'signing');
    const elsewhere = new LedgerFolder(join(ground.directory, 'elsewhere'));
    const other = start({ folder: elsewhere });
    await phase(other, 'signing');
    await until(async () => {
      await append();
      return [one, other].some(({ state }) => state.phase === 'standby');
    });
    const [signing, standing] = one.state.phase === 'standby' ? [other, one] : [one, other];
    await signing.stop();
    const position = await append(300);
    const { note, size } = await standing.settled(position, inTime());
    expect(await ground.signedSize(note)).toBe(size);
    expect(standing.state.phase).toBe('signing');
  });
});

describe('witnesses', () => {
  const witness = newSignerKey('witness.test', new Uint8Array(32).fill(9), 4);

  it('cosign what was published, with a proof from what they knew', async () => {
    let known = { size: 0n, root: new Uint8Array(32) };
    const sequencer = start({
      cosigners: {
        cosign: async (note, prove) => {
          const { checkpoint, text } = openCheckpoint(note, [await ground.verifierKey()]);
          const proof = await prove(known.size);
          const { size, root } = checkpoint;
          const isConsistent =
            known.size === 0n ||
            verifyConsistency({
              size1: known.size,
              size2: size,
              root1: known.root,
              root2: root,
              proof,
            });
          if (!isConsistent) throw new Error('not consistent');
          known = { size, root: new Uint8Array(root) };
          return [cosign(text, witness, 1_700_000_000n).trimEnd()];
        },
      },
    });
    for (const count of [300, 1, 700]) {
      const { size } = await sequencer.settled(await append(count), inTime());
      await until(async () => {
        const note = (await ground.noteInFolder()) ?? '';
        return note.includes('witness.test') && (await ground.signedSize(note)) === size;
      });
    }
    const keys = [await ground.verifierKey(), verifierKeyOf(witness)];
    const opened = openCheckpoint((await ground.noteInFolder()) ?? '', keys);
    expect(opened.verified).toHaveLength(2);
    expect(opened.checkpoint.size).toBe(1_001n);
    expect(Buffer.from((await ground.folder.read('cosigned')) ?? []).toString()).toBe(
      await ground.noteInFolder(),
    );
    expect(sequencer.latest?.note).toBe(await ground.noteInFolder());
  });

  it('that are slow hold nothing up, and the cosigned note is kept apart', async () => {
    let release = (_: readonly string[]): void => undefined;
    let asked: string | undefined;
    const sequencer = start({
      cosigners: {
        cosign: (note) => {
          if (asked !== undefined) return Promise.resolve([]);
          asked = note;
          return new Promise((resolve) => {
            release = resolve;
          });
        },
      },
    });
    const first = await sequencer.settled(await append(3), inTime());
    await until(() => asked !== undefined);
    const second = await sequencer.settled(await append(3), inTime());
    const { text } = openCheckpoint(asked ?? '', [await ground.verifierKey()]);
    release([cosign(text, witness, 1_700_000_000n).trimEnd()]);
    await until(async () => (await ground.folder.read('cosigned')) !== undefined);
    const cosigned = Buffer.from((await ground.folder.read('cosigned')) ?? []).toString();
    expect(await ground.signedSize(cosigned)).toBeLessThanOrEqual(first.size);
    expect(cosigned).toContain('witness.test');
    expect(await ground.noteInFolder()).toBe(second.note);
  });

  it('that fail are told of, and asked again', async () => {
    let count = 0;
    const sequencer = start({
      cosigners: {
        cosign: () => {
          count += 1;
          return Promise.reject(new Error('witness away'));
        },
      },
    });
    await sequencer.settled(await append(3), inTime());
    await until(() => count > 0 && sequencer.state.outsideFaults.length > 0);
    expect(sequencer.state.phase).toBe('signing');
  });
});

describe('time tokens', () => {
  it('are had over the very bytes of the note, and kept beside it', async () => {
    await appendEvents(ground.store, 3);
    const { note } = await sequenceOnce(ground.parts());
    const stamped: string[] = [];
    const stamp = async (bytes: Uint8Array) => {
      stamped.push(Buffer.from(bytes).toString());
      return Buffer.from(`token ${stamped.length}`);
    };
    const sequencer = start({ timestamps: { everyMs: 10, stamp } });
    await until(async () => (await ground.folder.read('time/3.tsr')) !== undefined);
    expect(stamped).toEqual([note]);
    expect(Buffer.from((await ground.folder.read('time/3.note')) ?? []).toString()).toBe(note);
    const next = await sequencer.settled(await append(2), inTime());
    await until(async () => (await ground.folder.read('time/5.tsr')) !== undefined);
    expect(stamped).toEqual([note, next.note]);
    await sequencer.stop();
    const again = start({ timestamps: { everyMs: 10, stamp } });
    await again.settled(await append(1), inTime());
    await until(async () => (await ground.folder.read('time/6.tsr')) !== undefined);
    expect(stamped).toHaveLength(3);
  });

  it('that cannot be had are told of, and signing goes on', async () => {
    const stamp = () => Promise.reject(new Error('authority away'));
    await appendEvents(ground.store, 3);
    const sequencer = start({ timestamps: { everyMs: 10, stamp } });
    await until(() => sequencer.state.outsideFaults.length > 0);
    await sequencer.settled(await append(2), inTime());
    expect(sequencer.state.phase).toBe('signing');
  });
});
