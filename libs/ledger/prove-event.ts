import type { PublicLedger } from '#evidence';
import { formatTlogProof, leafHash, proveInclusion, verifyInclusion, type Hash } from '#merkle';
import { orDamaged } from './damage.js';
import { findLeaf } from './find-leaf.js';
import { LedgerError } from './ledger-error.js';
import { readCheckpoint, type SignedCheckpoint } from './signed-checkpoint.js';
import { CHECKPOINT_PATH, COSIGNED_PATH, LedgerFolder } from './tiles/ledger-folder.js';
import { readEntry, tileSourceOf } from './tiles/tile-source.js';

/** The proof that an event is in the log. */
export type EventProof = {
  readonly index: bigint;
  /** The leaf record of the event, as hashed. */
  readonly entry: Uint8Array;
  readonly proof: readonly Hash[];
  readonly checkpoint: SignedCheckpoint;
  /** All of it as a C2SP tlog-proof file, the entry as its extra data. */
  readonly tlogProof: string;
};

export type ProveOptions = {
  /** Unless one is given: the last that a witness cosigned, where that covers the event; else the last. */
  readonly checkpoint?: SignedCheckpoint | undefined;
  /**
   * What the leaf must show as its salt, for whoever has no other right to see it: without it an event
   * is as one that is not there, also in how long that takes to find out.
   */
  readonly leafSalt?: string | undefined;
};

/**
 * Proves an event against a checkpoint.
 * @throws LedgerError `ledger.not-covered` when no leaf under the checkpoint is this event,
 * `ledger.damaged` when the proof does not lead to what was signed, `ledger.folder-unavailable`.
 */
export async function proveEvent(
  folder: LedgerFolder,
  eventId: string,
  { checkpoint: given, leafSalt }: ProveOptions = {},
): Promise<EventProof> {
  const checkpoint = given ?? (await orDamaged(() => folder.checkpoint()));
  if (!checkpoint) throw new LedgerError('ledger.not-covered', 'nothing is signed yet');
  const { size } = checkpoint;
  const index = await orDamaged(() => findLeaf(folder, { eventId, leafSalt }, size));
  if (index === undefined) {
    throw new LedgerError(
      'ledger.not-covered',
      `no leaf of the ${size} that are signed is event ${eventId}`,
    );
  }
  const cosigned = given ? undefined : await orDamaged(() => folder.checkpoint(COSIGNED_PATH));
  // Says no less of the event than a later one does, and is worth more to whoever keeps it.
  const isWitnessed = cosigned !== undefined && cosigned.size > index;
  return await proveLeaf(folder, index, isWitnessed ? cosigned : checkpoint);
}

/**
 * Proves the leaf with this index, and verifies that before anybody gets it: a proof that proves
 * nothing is found to be none when it is needed, years later.
 * @throws LedgerError `ledger.not-covered`, `ledger.damaged`
 */
export async function proveLeaf(
  ledger: PublicLedger,
  index: bigint,
  checkpoint: SignedCheckpoint,
): Promise<EventProof> {
  const { size, root, note } = checkpoint;
  if (index < 0n || index >= size) {
    throw new LedgerError('ledger.not-covered', `leaf ${index} is beyond the ${size} signed`);
  }
  const [entry, proof] = await orDamaged(() =>
    Promise.all([
      readEntry(ledger, index, size),
      proveInclusion(tileSourceOf(ledger), index, size),
    ]),
  );
  if (!verifyInclusion({ index, size, leafHash: leafHash(entry), proof, root })) {
    throw new LedgerError('ledger.damaged', `leaf ${index} is not in the tree that was signed`);
  }
  const tlogProof = formatTlogProof({ extra: entry, index, proof, checkpoint: note });
  return { index, entry, proof, checkpoint, tlogProof };
}

/** The last published checkpoint of any ledger; undefined when there is none. */
export async function latestCheckpoint(
  ledger: PublicLedger,
): Promise<SignedCheckpoint | undefined> {
  const bytes = await ledger.read(CHECKPOINT_PATH);
  return bytes && readCheckpoint(Buffer.from(bytes).toString('utf8'));
}
