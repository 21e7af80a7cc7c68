import { pause } from '#event-store/port';
import { RequestRefused } from '#http';
import { Injectable } from '@nestjs/common';
import { MerkleError } from '#merkle';
import { LedgerError } from '../ledger-error.js';
import { PackRefused } from '../packs/pack-errors.js';
import {
  COVERED_LOOK_MS,
  COVERED_WAIT_MS,
  COVERED_WAITING_MAX,
  type ServedLedger,
} from './served-ledger.js';
import type { LedgerProblem } from './ledger-problems.http.js';

export function refusal(code: LedgerProblem, detail: string): RequestRefused {
  return new RequestRefused(code, detail);
}

/** What the ledger's routes share: the ledger, and waiting until it covers what was just written. */
@Injectable()
export class LedgerDesk {
  #waiting = 0;

  constructor(private readonly served: ServedLedger | undefined) {}

  /** @throws RequestRefused `ledger.off` */
  get ledger(): ServedLedger {
    if (!this.served) throw refusal('ledger.off', 'the ledger is switched off');
    return this.served;
  }

  /**
   * Answers what `ask` answers; while it says that no checkpoint covers it, asks again until one covers
   * all that was in the log when it was first asked. Undefined when it is not covered even then: there
   * is no such thing.
   * @throws RequestRefused `ledger.not-yet-signed` when that takes longer than {@link COVERED_WAIT_MS};
   * `ledger.rebuilding`
   */
  async whenCovered<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    const deadline = performance.now() + COVERED_WAIT_MS;
    let logged: bigint | undefined;
    this.#waiting += 1;
    try {
      for (;;) {
        // Seen before asking: what is signed in between was not missed then.
        const signed = await this.#signedSize();
        const answer = await answerOf(() => this.whenWhole(ask));
        if (answer !== NOT_COVERED) return answer;
        logged ??= await this.#loggedSize();
        if (signed >= logged) return undefined;
        if (performance.now() > deadline || this.#waiting > COVERED_WAITING_MAX) {
          throw refusal('ledger.not-yet-signed', `${signed} of ${logged} events are signed`);
        }
        await pause(COVERED_LOOK_MS, NEVER);
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Answers what `ask` answers; what it finds missing or damaged is no damage while it is made anew.
   * @throws RequestRefused `ledger.rebuilding`
   */
  async whenWhole<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    // Looked at before as well: rebuilding may end between what was missed and the look after it.
    const wasBeingRebuilt = this.ledger.isBeingRebuilt();
    try {
      return await ask();
    } catch (error) {
      if (!isDamage(error) || !(wasBeingRebuilt || this.ledger.isBeingRebuilt())) throw error;
      throw refusal('ledger.rebuilding', 'come again when the sequencer has caught up');
    }
  }

  async #signedSize(): Promise<bigint> {
    return (await this.ledger.folder.checkpoint())?.size ?? 0n;
  }

  async #loggedSize(): Promise<bigint> {
    const { eventStore } = this.ledger;
    const head = await eventStore.head();
    return head === undefined ? 0n : BigInt(await eventStore.countUpTo(head));
  }
}

const NEVER = new AbortController().signal;
const NOT_COVERED = Symbol('not covered');

function isDamage(error: unknown): boolean {
  return (
    error instanceof MerkleError ||
    (error instanceof LedgerError && error.code === 'ledger.damaged')
  );
}

async function answerOf<Answer>(ask: () => Promise<Answer>): Promise<Answer | typeof NOT_COVERED> {
  try {
    return await ask();
  } catch (error) {
    const notCovered =
      (error instanceof LedgerError && error.code === 'ledger.not-covered') ||
      (error instanceof PackRefused && error.code === 'ledger.not-yet-signed');
    if (notCovered) return NOT_COVERED;
    throw error;
  }
}
