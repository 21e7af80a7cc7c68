import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeWriterLock } from '#event-store/sqlite';
import { Clock, instantFromMillis, Randomness, type Instant } from '#kernel';
import { startWitness, type Misbehaviour, type RunningWitness } from '#ledger/witness';
import { openCheckpoint, parseVerifierKey, type OpenedCheckpoint } from '#merkle';

export class TurnedClock extends Clock {
  millis = Date.parse('2026-11-22T12:00:00.000Z');

  override now(): Instant {
    return instantFromMillis(this.millis);
  }
}

class RealRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

export type Answered = {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
};

/** A witness in this process, over a folder of its own. */
export type WitnessGround = {
  readonly folder: string;
  readonly clock: TurnedClock;
  readonly misbehaviour: Misbehaviour[];
  readonly faults: unknown[];
  readonly running: () => RunningWitness;
  readonly start: (changes?: {
    readonly name?: string;
    readonly vkeys?: readonly string[];
    readonly port?: number;
  }) => Promise<RunningWitness>;
  readonly stop: () => Promise<void>;
  readonly submit: (body: string | Uint8Array) => Promise<Answered>;
  readonly get: (path: string, method?: string) => Promise<Answered>;
  readonly remove: () => Promise<void>;
};

export const WITNESS_NAME = 'witness.test/w1';

export function witnessGround(vkeys: readonly string[]): WitnessGround {
  const folder = mkdtempSync(join(tmpdir(), 'redress-witness-'));
  const clock = new TurnedClock();
  const misbehaviour: Misbehaviour[] = [];
  const faults: unknown[] = [];
  let witness: RunningWitness | undefined;
  const running = (): RunningWitness => {
    if (witness === undefined) throw new Error('no witness runs');
    return witness;
  };
  const stop = async (): Promise<void> => {
    await witness?.close();
    witness = undefined;
  };
  const call = async (path: string, init: RequestInit): Promise<Answered> => {
    const { host, port } = running();
    const answer = await fetch(`http://${host}:${port}${path}`, init);
    const mediaType = answer.headers.get('content-type') ?? '';
    return { status: answer.status, mediaType, text: await answer.text() };
  };
  return {
    folder,
    clock,
    misbehaviour,
    faults,
    running,
    stop,
    start: async (changes = {}) => {
      witness = await startWitness({
        name: changes.name ?? WITNESS_NAME,
        folder,
        logs: (changes.vkeys ?? vkeys).map((vkey) => parseVerifierKey(vkey)),
        host: '127.0.0.1',
        port: changes.port ?? 0,
        lock: takeWriterLock,
        clock,
        randomness: new RealRandomness(),
        onMisbehaviour: (found) => misbehaviour.push(found),
        onFault: (error) => faults.push(error),
      });
      return witness;
    },
    submit: (body) => call('/add-checkpoint', { method: 'POST', body }),
    get: (path, method = 'GET') => call(path, { method }),
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function hashOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

/** A note with the lines that a witness answered, opened with the witness's key. */
export function opened(note: string, lines: string, vkey: string): OpenedCheckpoint {
  return openCheckpoint(note + lines, [parseVerifierKey(vkey)]);
}
