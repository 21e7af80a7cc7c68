import { verifierKeyOf, type VerifierKey } from '#merkle';
import { readKeyFile } from '../key-file.js';
import { LedgerError } from '../ledger-error.js';
import { openOwnCheckpoint, type SignedCheckpoint } from '../signed-checkpoint.js';
import { tileSourceOf } from '../tiles/tile-source.js';
import { extendsTree } from './extends-tree.js';
import { checkpointInMark, forked, outsideEmpty } from './known-checkpoints.js';
import { LEDGER_MARK, type LedgerParts } from './ledger-parts.js';
import type { OutsidePlace } from './outside.js';

export type OutsideKeeperParts = Pick<
  LedgerParts,
  'eventStore' | 'folder' | 'keyFile' | 'origin'
> & { readonly outside: OutsidePlace };

/**
 * Brings signed checkpoints to the place outside, over those only that they extend: what lies there is
 * the one thing by which two copies of a house that sign with the same key come to know of each other.
 */
export class OutsideKeeper {
  #key: VerifierKey | undefined;
  #written: string | undefined;

  constructor(private readonly parts: OutsideKeeperParts) {}

  /**
   * @throws LedgerError `ledger.forked` when the place has one that no log can have with this one,
   * `ledger.outside-empty` when it lost what it had, `ledger.outside-unavailable`,
   * `ledger.checkpoint-malformed`, `ledger.key-changed`: nothing is written then.
   */
  async put(published: SignedCheckpoint, signal?: AbortSignal): Promise<void> {
    const { outside, origin } = this.parts;
    const { note, size } = published;
    const found = await outside.read(signal);
    // It has had one since before the first signature; over no events there is nothing to forget.
    if (found === undefined && size > 0n) throw outsideEmpty(origin);
    if (found === note) return;
    const isOurs = found === undefined || found === this.#written;
    if (!isOurs && !(await this.#extends(published, found))) return;
    await outside.write(note, signal);
    this.#written = note;
  }

  /** False when another sequencer of this very log has been there with a later one. */
  async #extends(published: SignedCheckpoint, found: string): Promise<boolean> {
    const { folder, eventStore } = this.parts;
    const there = openOwnCheckpoint(found, await this.#ownKey(), 'outside');
    if (there.size > published.size) {
      const mark = await eventStore.readMark(LEDGER_MARK);
      if (mark && checkpointInMark(mark).size >= there.size) return false;
    } else if (await extendsTree(tileSourceOf(folder), published, there)) {
      return true;
    }
    throw forked({ ...published, place: 'folder' }, { ...there, place: 'outside' });
  }

  async #ownKey(): Promise<VerifierKey> {
    const { keyFile, origin } = this.parts;
    if (this.#key) return this.#key;
    const signer = await readKeyFile(keyFile, origin);
    if (!signer) throw new LedgerError('ledger.key-missing', 'the key that signed is gone');
    this.#key = verifierKeyOf(signer);
    return this.#key;
  }
}
