import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventStore } from '#event-store/memory';
import { Clock, type StoredEvent } from '#kernel';
import { LedgerFolder, readKeyFile, sequenceOnce, type LedgerParts } from '#ledger';
import { NO_DOCUMENTS, type PackSources } from '#ledger/packs';
import { policyOfLog, verifierKeyOf, type Policy, type VerifierKey } from '#merkle';
import { complaintHistory } from '#testing/evidence';
import { SystemRandomness } from '#wiring';

export const ORIGIN = 'redress.example/packs';

class SetClock extends Clock {
  day = '2026-01-01';

  override now(): string {
    return `${this.day}T12:00:00.000Z`;
  }
}

/** A log of complaints in memory and its ledger in a folder of its own. */
export class PackGround {
  readonly directory = mkdtempSync(join(tmpdir(), 'redress-packs-'));
  readonly folder = new LedgerFolder(join(this.directory, 'ledger'));
  readonly clock = new SetClock();
  readonly eventStore = new MemoryEventStore();
  readonly #parts: LedgerParts = {
    eventStore: this.eventStore,
    folder: this.folder,
    keyFile: join(this.directory, 'ledger.key'),
    origin: ORIGIN,
    clock: this.clock,
    randomness: new SystemRandomness(),
  };
  #logged = 0;

  /** Appends the next events of the history of these complaints. */
  async append(count: number, streams = 2): Promise<void> {
    const events = complaintHistory({ events: this.#logged + count, streams });
    for (const { stream, revision, ...event } of events.slice(this.#logged)) {
      const expected = revision === 0 ? 'no-stream' : revision - 1;
      await this.eventStore.append(stream, expected, [event as StoredEvent]);
    }
    this.#logged += count;
  }

  /** Signs what was appended; the note. */
  async sign(day = this.clock.day): Promise<string> {
    this.clock.day = day;
    return (await sequenceOnce(this.#parts)).note;
  }

  /** The stream of the n-th complaint. */
  streamOf(complaint: number, streams = 2): string {
    const [found] = complaintHistory({ events: streams, streams }).slice(complaint);
    return found?.stream ?? '';
  }

  async key(): Promise<VerifierKey> {
    const signer = await readKeyFile(this.#parts.keyFile, ORIGIN);
    if (!signer) throw new Error('nothing was signed yet');
    return verifierKeyOf(signer);
  }

  async policy(): Promise<Policy> {
    return policyOfLog(await this.key());
  }

  async sources(): Promise<PackSources> {
    return {
      eventStore: this.eventStore,
      folder: this.folder,
      documents: NO_DOCUMENTS,
      generator: 'redress 0.0.0-test',
      key: await this.key(),
    };
  }

  async remove(): Promise<void> {
    await this.eventStore.close();
    rmSync(this.directory, { recursive: true });
  }
}
