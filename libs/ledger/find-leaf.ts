import { timingSafeEqual } from 'node:crypto';
import { parseLeaf, type Leaf } from '#evidence';
import { TILE_WIDTH } from '#merkle';
import type { LedgerFolder } from './tiles/ledger-folder.js';
import { readBundle, readEntry } from './tiles/tile-source.js';

export type WantedLeaf = {
  readonly eventId: string;
  /** What the leaf must show as its salt; undefined when whoever asks may see any leaf. */
  readonly leafSalt: string | undefined;
};

/**
 * The index of an event's leaf in a tree of this size; undefined when there is none, or none with that
 * salt. The index by id says where; what it has not yet is looked for among the last leaves.
 * @throws EvidenceError, MerkleError when a file is none; LedgerError
 */
export async function findLeaf(
  folder: LedgerFolder,
  wanted: WantedLeaf,
  size: bigint,
): Promise<bigint | undefined> {
  const { eventId, leafSalt } = wanted;
  const hinted = (await folder.ids.find(eventId)).map(BigInt).filter((one) => one < size);
  for (const index of hinted) {
    const leaf = parseLeaf(await readEntry(folder, index, size));
    if (isWanted(leaf, wanted)) return index;
  }
  if (hinted.length === 0 && leafSalt !== undefined && size > 0n) {
    // As much is read as for one that is there: the time it takes tells nobody which ids there are.
    parseLeaf(await readEntry(folder, someIndex(eventId, size), size));
  }
  return await findUnindexed(folder, wanted, size);
}

/** Any leaf, the same each time for the same id. */
function someIndex(eventId: string, size: bigint): bigint {
  return BigInt(`0x${eventId.replaceAll('-', '')}`) % size;
}

function isWanted({ id, salt }: Leaf, { eventId, leafSalt }: WantedLeaf): boolean {
  if (id !== eventId) return false;
  if (leafSalt === undefined) return true;
  const [shown, asked] = [Buffer.from(salt), Buffer.from(leafSalt)];
  return shown.length === asked.length && timingSafeEqual(shown, asked);
}

/**
 * Looks through the leaves that the index may not have. Whoever signs holds the ids of the last ones in
 * memory, so that nothing is left to be looked through there.
 */
async function findUnindexed(
  folder: LedgerFolder,
  wanted: WantedLeaf,
  size: bigint,
): Promise<bigint | undefined> {
  const { held } = folder.ids;
  const state = await folder.state();
  const indexed = state?.indexedSize ?? 0;
  const gaps = [
    { from: indexed, to: Math.min(held.from, Number(size)) },
    { from: Math.max(held.to, indexed), to: Number(size) },
  ];
  for (const { from, to } of gaps) {
    const found = await findAmong(folder, wanted, { from, to, size });
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findAmong(
  folder: LedgerFolder,
  wanted: WantedLeaf,
  { from, to, size }: { readonly from: number; readonly to: number; readonly size: bigint },
): Promise<bigint | undefined> {
  if (from >= to) return undefined;
  const text = Buffer.from(`"id":"${wanted.eventId}"`);
  for (let bundle = Math.floor(from / TILE_WIDTH); bundle * TILE_WIDTH < to; bundle += 1) {
    const entries = await readBundle(folder, BigInt(bundle), size);
    const at = entries.findIndex(
      (entry) => Buffer.from(entry).includes(text) && isWanted(parseLeaf(entry), wanted),
    );
    if (at >= 0) return BigInt(bundle * TILE_WIDTH + at);
  }
  return undefined;
}
