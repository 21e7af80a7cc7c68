import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openCheckpoint, parseVerifierKey } from '#merkle';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { WitnessedLog } from './witnessed-log.js';

/** Set higher for a long run; each round is one kill -9. */
const ROUNDS = Number(process.env['REDRESS_FAULT_ROUNDS'] ?? '6');
const SCRIPT = new URL('./witness.child.ts', import.meta.url);
const FORKED_AT = 5;
/** More than a start and two checkpoints take. */
const STEPS_MAX = 200;
const STEPS_AT_ONCE = 4;

jest.setTimeout(600_000);

let folder: string;
let log: WitnessedLog;
let children: TypescriptChild[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-witness-kill-'));
  log = new WitnessedLog('redress.test/killed');
  children = [];
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

type Witness = {
  readonly child: TypescriptChild;
  /** Undefined when it was killed before it listened. */
  readonly told: { readonly address: string; readonly vkey: string } | undefined;
  readonly lines: AsyncIterator<string>;
};

async function start(state: string, killedBefore = 0): Promise<Witness> {
  const args = [state, log.vkey, String(killedBefore)];
  const child = spawnTypescript({ script: SCRIPT, args });
  children.push(child);
  const lines = child.lines[Symbol.asyncIterator]();
  const first = await lines.next();
  const [address = '', vkey = ''] = first.done === true ? [] : first.value.split(' ');
  return { child, told: address === '' ? undefined : { address, vkey }, lines };
}

type Answer = { readonly status: number; readonly text: string };

/** Undefined when the witness went away meanwhile. */
async function submit(address: string, body: string): Promise<Answer | undefined> {
  try {
    const answer = await fetch(`${address}/add-checkpoint`, { method: 'POST', body });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}

/** The size that a witness holds, as it tells whoever asks from a size that it cannot have. */
async function heldBy(address: string): Promise<number> {
  const answer = await submit(address, log.request(999, 1_000));
  expect(answer?.status).toBe(409);
  return Number(answer?.text);
}

function expectCosigned(note: string, lines: string, vkey: string): void {
  expect(openCheckpoint(note + lines, [parseVerifierKey(vkey)]).cosigned).toHaveLength(1);
}

describe('a witness that kills itself before any one step at the disk', () => {
  /** Starts, and has two checkpoints cosigned; answers how far it was told. */
  async function live(state: string, killedBefore: number) {
    const witness = await start(state, killedBefore);
    let answered = 0;
    for (const [from, to] of [
      [0, 5],
      [5, 9],
    ] as const) {
      if (witness.told === undefined) break;
      const answer = await submit(witness.told.address, log.request(from, to));
      if (answer === undefined) break;
      expect(answer.status).toBe(200);
      expectCosigned(log.note(to), answer.text, witness.told.vkey);
      answered = to;
    }
    return { ...witness, answered };
  }

  async function expectNothingForgotten(killedBefore: number): Promise<void> {
    const state = join(folder, String(killedBefore));
    const { child, told, answered } = await live(state, killedBefore);
    // Some of the steps are those of a clean end.
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
    const again = await start(state);
    if (again.told === undefined) throw new Error((await again.child.ended).errorText);
    // A key that was told to anybody is kept.
    if (told) expect(again.told.vkey).toBe(told.vkey);
    const held = await heldBy(again.told.address);
    // What was kept but not answered may be there; what was answered must.
    expect([answered, answered === 0 ? 5 : 9]).toContain(held);
    const more = await submit(again.told.address, log.request(held, 12));
    expect(more?.status).toBe(200);
    again.child.process.kill('SIGKILL');
    await again.child.ended;
  }

  it('starts again each time, and never forgets what it answered', async () => {
    const { child, answered, lines } = await live(join(folder, 'whole'), 0);
    expect(answered).toBe(9);
    child.process.kill('SIGTERM');
    const { value } = await lines.next();
    const steps = Number(value);
    // Two files of six steps and one more checkpoint at the least, or nothing was counted.
    expect(steps).toBeGreaterThan(18);
    expect(steps).toBeLessThan(STEPS_MAX);
    const all = Array.from({ length: steps }, (_, index) => index + 1);
    for (let index = 0; index < all.length; index += STEPS_AT_ONCE) {
      await Promise.all(all.slice(index, index + STEPS_AT_ONCE).map(expectNothingForgotten));
    }
  });
});

describe('kill -9 of a witness under load', () => {
  it('never has it cosign two histories, nor forget one', async () => {
    const fork = log.forkedAt(FORKED_AT);
    const cosigned: { readonly of: WitnessedLog; readonly size: number }[] = [];
    let keys = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { child, told } = await start(folder);
      if (told === undefined) throw new Error((await child.ended).errorText);
      const { address, vkey } = told;
      keys = keys.add(vkey);
      const largest = Math.max(0, ...cosigned.map(({ size }) => size));
      const held = await heldBy(address);
      expect(held).toBeGreaterThanOrEqual(largest);
      let answers = 0;
      const killAfter = 5 + ((round * 7) % 20);
      const client = async (of: WitnessedLog, step: number): Promise<void> => {
        for (let known = held; known < 900;) {
          const to = known + step;
          const answer = await submit(address, of.request(known, to));
          if (answer === undefined) return;
          answers += 1;
          if (answers === killAfter) child.process.kill('SIGKILL');
          if (answer.status === 422) return;
          if (answer.status === 200) {
            expectCosigned(of.note(to), answer.text, vkey);
            cosigned.push({ of, size: to });
          }
          known = answer.status === 200 ? to : Number(answer.text);
        }
      };
      await Promise.all([client(log, 1), client(fork, 2), client(log, 3), client(fork, 1)]);
      child.process.kill('SIGKILL');
      expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    expect(keys.size).toBe(1);
    const sizes = cosigned.map(({ size }) => size);
    expect(sizes.length).toBeGreaterThan(ROUNDS);
    expect(new Set(sizes).size).toBe(sizes.length);
    const beyond = new Set(cosigned.filter(({ size }) => size > FORKED_AT).map(({ of }) => of));
    expect(beyond.size).toBe(1);
  });
});
