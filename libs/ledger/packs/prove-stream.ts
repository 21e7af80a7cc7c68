import { parseLeaf, payloadOf, type Leaf } from '#evidence';
import type { StoredEvent } from '#kernel';
import { sha256 } from '#merkle';
import { LedgerError } from '../ledger-error.js';
import { proveEvent, type EventProof } from '../prove-event.js';
import type { SignedCheckpoint } from '../signed-checkpoint.js';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import { PackRefused } from './pack-errors.js';

/** An event of the stream with what proves it. */
export type ProvedEvent = {
  readonly event: StoredEvent;
  readonly payload: Uint8Array;
  readonly leaf: Leaf;
  readonly proof: EventProof;
};

/**
 * Proves each event of a stream, and holds it against what was signed: a pack that would not verify
 * is not made.
 * @throws PackRefused `ledger.not-yet-signed`, `ledger.event-differs`; LedgerError `ledger.damaged`
 */
export async function proveStream(
  folder: LedgerFolder,
  events: readonly StoredEvent[],
  checkpoint: SignedCheckpoint,
): Promise<readonly ProvedEvent[]> {
  const proved: ProvedEvent[] = [];
  for (const event of events) proved.push(await proveOne(folder, event, checkpoint));
  return proved;
}

async function proveOne(
  folder: LedgerFolder,
  event: StoredEvent,
  checkpoint: SignedCheckpoint,
): Promise<ProvedEvent> {
  const proof = await proofOf(folder, event, checkpoint);
  const leaf = parseLeaf(proof.entry);
  const payload = payloadOf(event);
  const isSame =
    leaf.payloadSha256 === Buffer.from(sha256(payload)).toString('hex') &&
    leaf.stream === event.stream &&
    leaf.revision === event.revision &&
    leaf.type === event.type;
  if (isSame) return { event, payload, leaf, proof };
  throw new PackRefused(
    'ledger.event-differs',
    `event ${event.id} (revision ${event.revision}, leaf ${proof.index}) is not as it was signed; ` +
      'see `redress ledger verify`',
  );
}

async function proofOf(
  folder: LedgerFolder,
  { id, revision }: StoredEvent,
  checkpoint: SignedCheckpoint,
): Promise<EventProof> {
  try {
    return await proveEvent(folder, id, { checkpoint });
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'ledger.not-covered') throw error;
    throw new PackRefused(
      'ledger.not-yet-signed',
      `event ${id} (revision ${revision}) is not among the ${checkpoint.size} leaves that are signed`,
    );
  }
}
