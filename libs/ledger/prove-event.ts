import { parseLeaf, type PublicLedger } from '#evidence';
import { formatTlogProof, proveInclusion, TILE_WIDTH, type Hash } from '#merkle';
import { LedgerError } from './ledger-error.js';
import { readCheckpoint, type SignedCheckpoint } from './signed-checkpoint.js';
import { CHECKPOINT_PATH, LedgerFolder } from './tiles/ledger-folder.js';
import { readBundle, readEntry, tileSourceOf } from './tiles/tile-source.js';

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

/**
 * Proves an event against a checkpoint: the last published one unless another is given.
 * @throws LedgerError `ledger.not-covered` when no leaf under the checkpoint is this event,
 * `ledger.damaged`, `ledger.folder-unavailable`.
 */
export async function proveEvent(
  folder: LedgerFolder,
  eventId: string,
  given?: SignedCheckpoint,
): Promise<EventProof> {
  const checkpoint = given ?? (await folder.checkpoint());
  if (!checkpoint) throw new LedgerError('ledger.not-covered', 'nothing is signed yet');
  const index = await indexOf(folder, eventId, checkpoint.size);
  if (index === undefined) {
    throw new LedgerError(
      'ledger.not-covered',
      `no leaf of the ${checkpoint.size} that are signed is event ${eventId}`,
    );
  }
  return await proveLeaf(folder, index, checkpoint);
}

/** Proves the leaf with this index. @throws LedgerError `ledger.not-covered`, `ledger.damaged` */
export async function proveLeaf(
  ledger: PublicLedger,
  index: bigint,
  checkpoint: SignedCheckpoint,
): Promise<EventProof> {
  const { size, note } = checkpoint;
  if (index < 0n || index >= size) {
    throw new LedgerError('ledger.not-covered', `leaf ${index} is beyond the ${size} signed`);
  }
  const [entry, proof] = await Promise.all([
    readEntry(ledger, index, size),
    proveInclusion(tileSourceOf(ledger), index, size),
  ]);
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

/** The index says where; what is not in it yet is looked for among the last leaves. */
async function indexOf(
  folder: LedgerFolder,
  eventId: string,
  size: bigint,
): Promise<bigint | undefined> {
  for (const index of await folder.ids.find(eventId)) {
    if (index < size && (await isEvent(folder, BigInt(index), { eventId, size }))) {
      return BigInt(index);
    }
  }
  const state = await folder.state();
  return await findAmong(folder, eventId, { from: BigInt(state?.indexedSize ?? 0), size });
}

async function isEvent(
  folder: LedgerFolder,
  index: bigint,
  { eventId, size }: { readonly eventId: string; readonly size: bigint },
): Promise<boolean> {
  return parseLeaf(await readEntry(folder, index, size)).id === eventId;
}

async function findAmong(
  folder: LedgerFolder,
  eventId: string,
  { from, size }: { readonly from: bigint; readonly size: bigint },
): Promise<bigint | undefined> {
  const width = BigInt(TILE_WIDTH);
  const wanted = Buffer.from(`"id":"${eventId}"`);
  for (let bundle = from / width; bundle * width < size; bundle += 1n) {
    const entries = await readBundle(folder, bundle, size);
    const at = entries.findIndex(
      (entry) => Buffer.from(entry).includes(wanted) && parseLeaf(entry).id === eventId,
    );
    if (at >= 0) return bundle * width + BigInt(at);
  }
  return undefined;
}
