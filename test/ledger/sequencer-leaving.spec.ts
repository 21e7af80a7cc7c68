import { copyFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  LedgerError,
  sequenceOnce,
  startSequencer,
  type OutsidePlace,
  type Sequencer,
  type SequencerOptions,
} from '#ledger';
import { cosign, newSignerKey, openCheckpoint } from '#merkle';
import { appendEvents, LedgerGround, inTime, until } from './sequencer-ground.js';

jest.setTimeout(60_000);

const FIRST = newSignerKey('first.test', new Uint8Array(32).fill(8), 4);
const SECOND = newSignerKey('second.test', new Uint8Array(32).fill(9), 4);

let grounds: LedgerGround[];
let ground: LedgerGround;
let running: Sequencer[];

beforeEach(() => {
  ground = new LedgerGround();
  grounds = [ground];
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  for (const one of grounds) one.remove();
});

function start(more: Partial<SequencerOptions> = {}, on = ground): Sequencer {
  const sequencer = startSequencer(on.options(more));
  running.push(sequencer);
  return sequencer;
}

async function append(count = 1, on = ground): Promise<string> {
  await appendEvents(on.store, count);
  return (await on.store.head()) ?? '';
}

/** Another house with the same key and the same events so far, as a copy of the machine has them. */
async function copyOfHouse(): Promise<LedgerGround> {
  const copy = new LedgerGround();
  grounds.push(copy);
  await copyFile(ground.keyFile, copy.keyFile);
  copy.openLog(ground.copyOfLog());
  return copy;
}

describe('a place outside that two copies of a house share', () => {
  it('stops the one that comes after, and keeps what the other put there', async () => {
    const { outside } = ground;
    const one = start({ outside });
    await one.settled(await append(5), inTime());
    await until(async () => outside.note === (await ground.noteInFolder()));
    const copy = await copyOfHouse();
    const other = start({ outside }, copy);
    await other.settled(await append(2, copy), inTime());
    await until(async () => outside.note === (await copy.noteInFolder()));
    const theirs = outside.note;

    await append(1);
    await until(() => one.state.phase === 'refused');
    expect(one.state).toMatchObject({
      code: 'ledger.forked',
      outsideFaults: expect.arrayContaining(['ledger.forked']),
    });
    expect(outside.note).toBe(theirs);
    const signed = await ground.noteInFolder();
    const position = await append(3);
    await expect(one.settled(position, inTime())).rejects.toMatchObject({ code: 'ledger.forked' });
    await one.stop();
    expect(await ground.noteInFolder()).toBe(signed);
    expect(other.state.phase).toBe('signing');
  });

  it.each([
    ['smaller', 1],
    ['of the same size', 2],
    ['larger', 3],
  ])('is not written over with what is no part of it: %s', async (_, theirs) => {
    const { outside } = ground;
    await append(5);
    await sequenceOnce(ground.parts({ outside }));
    const copy = await copyOfHouse();
    await append(theirs, copy);
    const { note } = await sequenceOnce(copy.parts());
    await append(2);
    // Put there after it was looked at for signing, and before it is written.
    const looks = [outside.note, note];
    const read = () => Promise.resolve(looks.shift());
    const write = jest.fn<OutsidePlace['write']>();
    await expect(sequenceOnce(ground.parts({ outside: { read, write } }))).rejects.toMatchObject({
      code: 'ledger.forked',
    });
    expect(write).not.toHaveBeenCalled();
  });

  it('is left alone when a later checkpoint of this very log is there', async () => {
    const { outside } = ground;
    await append(5);
    await sequenceOnce(ground.parts({ outside }));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let looks = 0;
    const read = async () => {
      looks += 1;
      // Once for signing, then for bringing it outside.
      if (looks === 2) await released;
      return await outside.read();
    };
    const times = { ...ground.options().times, batchWindowMs: 60_000 };
    const slow = start({ outside: { ...outside, read }, times });
    await until(() => looks === 2);
    await append(5);
    const { note } = await sequenceOnce(ground.parts({ outside }));
    release();
    await slow.stop();
    expect(outside.note).toBe(note);
    expect(ground.faults).toEqual([]);
    expect(slow.state.phase).toBe('stopped');
  });

  it('that holds what nobody signed is not written over, and told of', async () => {
    const { outside } = ground;
    const sequencer = start({ outside });
    await sequencer.settled(await append(3), inTime());
    await until(async () => outside.note === (await ground.noteInFolder()));
    outside.note = 'something else';
    const { note } = await sequencer.settled(await append(3), inTime());
    await until(() => sequencer.state.outsideFaults.length > 0);
    expect(sequencer.state.outsideFaults).toEqual(['ledger.checkpoint-malformed']);
    expect(outside.note).toBe('something else');
    expect(await ground.noteInFolder()).toBe(note);
  });

  it('that has become empty is not written to, and told of', async () => {
    const { outside } = ground;
    const sequencer = start({ outside });
    await sequencer.settled(await append(3), inTime());
    await until(async () => outside.note === (await ground.noteInFolder()));
    outside.forget();
    await sequencer.settled(await append(3), inTime());
    await until(() => sequencer.state.outsideFaults.length > 0);
    expect(sequencer.state).toMatchObject({
      phase: 'signing',
      outsideFaults: ['ledger.outside-empty'],
    });
    expect(outside.note).toBeUndefined();
  });
});

describe('witnesses that did not cosign', () => {
  it('are asked again while the log is at rest, and count until they have', async () => {
    let isAway = true;
    let rounds = 0;
    let missing: readonly Error[] = [];
    const sequencer = start({
      cosigners: {
        get missing() {
          return missing;
        },
        cosign: async (note) => {
          rounds += 1;
          const { text } = openCheckpoint(note, [await ground.verifierKey()]);
          missing = isAway ? [new LedgerError('ledger.unreachable', 'second.test')] : [];
          const by = note.includes('first.test') ? [] : [FIRST];
          const all = isAway ? by : [...by, SECOND];
          return all.map((key) => cosign(text, key, 1_700_000_000n));
        },
      },
    });
    const { size } = await sequencer.settled(await append(3), inTime());
    await until(() => rounds >= 3);
    expect(sequencer.state.outsideFaults).toEqual(['ledger.unreachable']);
    isAway = false;
    const cosigned = async () =>
      Buffer.from((await ground.folder.read('cosigned')) ?? []).toString();
    await until(async () => (await cosigned()).includes('second.test'));
    expect(await ground.signedSize(await cosigned())).toBe(size);
    expect((await cosigned()).match(/first\.test/g)).toHaveLength(1);
    await until(() => sequencer.state.outsideFaults.length === 0);
  });
});

describe('the end of a sequencer', () => {
  const never = new Promise<never>(() => undefined);

  it.each(['outside', 'witnesses', 'clock'])('is not held up by the %s for ever', async (who) => {
    const given: AbortSignal[] = [];
    const hang = (signal: AbortSignal | undefined) => {
      if (signal) given.push(signal);
      return never;
    };
    const hanging: Readonly<Record<string, Partial<SequencerOptions>>> = {
      outside: { outside: { read: async () => undefined, write: (_, signal) => hang(signal) } },
      witnesses: { cosigners: { cosign: (_note, _prove, signal) => hang(signal) } },
      clock: { timestamps: { everyMs: 10, stamp: (_, signal) => hang(signal) } },
    };
    // Signed already, so that what hangs keeps nothing from being signed.
    if (who !== 'outside') await append(3);
    await sequenceOnce(ground.parts());
    const times = { ...ground.options().times, endGraceMs: 20 };
    const sequencer = start({ ...hanging[who], times });
    await until(() => given.length > 0);
    await sequencer.stop();
    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(ground.faults).toMatchObject([{ code: 'ledger.stopped' }]);
  });

  it('gives what is under way its time', async () => {
    let release = (): void => undefined;
    const { outside } = ground;
    await sequenceOnce(ground.parts());
    const sequencer = start({
      outside: {
        read: async () => undefined,
        write: async (note) => {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          outside.note = note;
        },
      },
      times: { ...ground.options().times, endGraceMs: 30_000 },
    });
    await until(() => sequencer.state.phase === 'signing');
    const stopping = sequencer.stop();
    await until(() => {
      release();
      return outside.note !== undefined;
    });
    await stopping;
    expect(outside.note).toBe(await ground.noteInFolder());
    expect(ground.faults).toEqual([]);
  });
});
