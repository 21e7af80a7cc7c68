import { randomUUID } from 'node:crypto';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sequenceOnce, startSequencer } from '#ledger';
import { appendEvents, LedgerGround } from './sequencer-ground.js';

let ground: LedgerGround;

beforeEach(async () => {
  ground = new LedgerGround();
  await appendEvents(ground.store, 3);
  await sequenceOnce(ground.parts());
});
afterEach(() => ground.remove());

/** A file as a killed process leaves it, or another one beside it. */
function left(name: string, ageSeconds: number): string {
  const path = join(ground.directory, name);
  writeFileSync(path, 'half of it');
  const at = new Date(Date.parse(ground.clock.now()) - ageSeconds * 1_000);
  utimesSync(path, at, at);
  return path;
}

it('takes away what was left half written, and nothing else', async () => {
  const half = () => `${randomUUID()}.new`;
  const names = [
    'ledger/checkpoint',
    'ledger/state.json',
    'ledger/checkpoints/2026-11-22',
    'ledger/tile/entries/000.p/3',
    'ledger.key',
  ];
  const old = names.map((name) => left(`${name}.${half()}`, 61));
  const kept = [
    ...names.map((name) => left(`${name}.${half()}`, 59)),
    left(`tokens.json.${half()}`, 61),
    left('ledger/checkpoint.new', 61),
    left(`ledger/${randomUUID()}`, 61),
  ];
  const sequencer = startSequencer(ground.options());
  await sequencer.stop();
  expect(old.filter(existsSync)).toEqual([]);
  expect(kept.filter(existsSync)).toEqual(kept);
  for (const name of names) expect(existsSync(join(ground.directory, name))).toBe(true);
  expect(ground.faults).toEqual([]);
});
