import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LedgerError, sequenceOnce, startSequencer, type Sequencer } from '#ledger';
import { Metrics } from '#http';
import { ledgerCheck, measureLedger } from '../../apps/contexts/index.js';
import { appendEvents, LedgerGround, until } from './sequencer-ground.js';

jest.setTimeout(60_000);

let ground: LedgerGround;
let running: Sequencer[];

beforeEach(async () => {
  ground = new LedgerGround();
  running = [];
  await appendEvents(ground.store, 20);
  await sequenceOnce(ground.parts({ outside: ground.outside }));
  await appendEvents(ground.store, 2);
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  ground.remove();
});

function start(): Sequencer {
  const sequencer = startSequencer(ground.options({ outside: ground.outside }));
  running.push(sequencer);
  return sequencer;
}

async function gaugesOf(sequencer: Sequencer): Promise<Readonly<Record<string, number>>> {
  const metrics = new Metrics();
  measureLedger(metrics, {
    get state() {
      return sequencer.state;
    },
    witnessesMissing: 0,
  });
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('redress_'));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value] = line.split(' ');
      return [name.replace('redress_ledger_', ''), Number(value)];
    }),
  );
}

describe('while nothing can be signed', () => {
  it('it is told how much is, and how much is not', async () => {
    ground.outside.away = new LedgerError('ledger.outside-unavailable', 'away');
    const sequencer = start();
    await until(() => sequencer.state.unsigned === 2);
    expect(sequencer.state.size).toBe(20);
    expect(await gaugesOf(sequencer)).toMatchObject({
      size: 20,
      unsigned_events: 2,
      waiting: 1,
      refused: 0,
    });
    expect(ledgerCheck(sequencer)).toMatchObject({
      waiting: true,
      code: 'ledger.outside-unavailable',
    });
    await appendEvents(ground.store, 5);
    await until(() => sequencer.state.unsigned === 7);
    ground.outside.away = undefined;
    // The size alone is also that of a mark that was written a moment before it is told of.
    await until(() => sequencer.latest?.size === 27n);
    expect(await gaugesOf(sequencer)).toMatchObject({ size: 27, unsigned_events: 0, waiting: 0 });
    expect(ledgerCheck(sequencer)).toMatchObject({ ok: true, waiting: false });
  });

  it('it is told also when it is refused', async () => {
    await rm(ground.keyFile);
    const sequencer = start();
    await until(() => sequencer.state.phase === 'refused' && sequencer.state.unsigned === 2);
    await appendEvents(ground.store, 5);
    await until(() => sequencer.state.unsigned === 7);
    expect(await gaugesOf(sequencer)).toMatchObject({ size: 20, waiting: 0, refused: 1 });
  });

  it('it is told also when the fault is met later', async () => {
    const sequencer = start();
    await until(() => sequencer.state.size === 22);
    ground.failAt = undefined;
    const broken = jest
      .spyOn(ground.store, 'writeMark')
      .mockRejectedValue(new LedgerError('ledger.folder-unavailable', 'no space left'));
    await appendEvents(ground.store, 4);
    await until(() => sequencer.state.unsigned === 4 && sequencer.state.code !== undefined);
    expect(await gaugesOf(sequencer)).toMatchObject({ size: 22, unsigned_events: 4, waiting: 1 });
    broken.mockRestore();
    await until(() => sequencer.latest?.size === 26n);
    expect(sequencer.state.code).toBeUndefined();
  });
});
