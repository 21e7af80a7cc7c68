import { leafEntryOf } from '#evidence';
import { PositionUnknown } from '#event-store/port';
import { InvariantBroken, type Position, type StoredEvent } from '#kernel';
import { leafHash, MerkleError, TILE_WIDTH, TileBuilder, type TileSource } from '#merkle';
import { LedgerError } from '../ledger-error.js';
import { GrowingTree } from '../tiles/growing-tree.js';
import { readBundle, readEntry, tileSourceOf } from '../tiles/tile-source.js';
import { extendsTree } from './extends-tree.js';
import { isSameRoot, type Known, type KnownCheckpoint } from './known-checkpoints.js';
import type { LedgerParts } from './ledger-parts.js';

/** A tree that goes on where the files stand. */
export type ResumedTree = {
  readonly tree: GrowingTree;
  readonly peaks: readonly Uint8Array[];
  /** Of the last leaf's event. */
  readonly position: Position;
};

/**
 * The tree as the folder holds it, at the largest remembered checkpoint that its files bear out and
 * whose last leaf is the event that the log has there; undefined when there is none. Reads the right
 * edge only, whatever the size.
 */
export async function resumeTree(
  parts: LedgerParts,
  { checkpoints }: Known,
): Promise<ResumedTree | undefined> {
  const tried = new Set<bigint>();
  for (const checkpoint of checkpoints) {
    if (checkpoint.size === 0n || tried.has(checkpoint.size)) continue;
    tried.add(checkpoint.size);
    const smaller = checkpoints.filter(({ size }) => size < checkpoint.size);
    const resumed = await resumeAt(parts, checkpoint, smaller);
    if (resumed) return resumed;
  }
  return undefined;
}

async function resumeAt(
  parts: LedgerParts,
  checkpoint: KnownCheckpoint,
  smaller: readonly KnownCheckpoint[],
): Promise<ResumedTree | undefined> {
  const position = await positionOf(parts, checkpoint);
  if (position === undefined) return undefined;
  try {
    return await verifiedTree(parts, { checkpoint, smaller, position });
  } catch (error) {
    // Missing or damaged files are what rebuilding is for.
    if (error instanceof MerkleError) return undefined;
    if (error instanceof LedgerError && error.code === 'ledger.damaged') return undefined;
    throw error;
  }
}

/** Kept with the checkpoint in the mark, or in the folder's own state. */
async function positionOf(
  { folder }: LedgerParts,
  { position, size }: KnownCheckpoint,
): Promise<Position | undefined> {
  if (position !== undefined) return position;
  const state = await folder.state();
  return state && BigInt(state.size) === size ? state.position : undefined;
}

async function verifiedTree(
  parts: LedgerParts,
  {
    checkpoint: { size, root },
    smaller,
    position,
  }: {
    readonly checkpoint: KnownCheckpoint;
    readonly smaller: readonly KnownCheckpoint[];
    readonly position: Position;
  },
): Promise<ResumedTree | undefined> {
  const tiles = tileSourceOf(parts.folder);
  const builder = await TileBuilder.resume(size, tiles);
  if (!isSameRoot(builder.root(), root)) return undefined;
  const entries = await lastEntries(parts, size);
  if (!(await areLeaves(entries, tiles, size))) return undefined;
  for (const one of smaller) {
    if (!(await extendsTree(tiles, { size, root }, one))) return undefined;
  }
  const last = await readEntry(parts.folder, size - 1n, size);
  const event = await eventAt(parts, position);
  if (!event || !isLeafOf(parts, event, { index: Number(size - 1n), entry: last })) {
    return undefined;
  }
  return { tree: new GrowingTree(builder, entries), peaks: builder.peaks(), position };
}

/** The entries of the bundle that the next leaf goes into; none when it begins one. */
async function lastEntries({ folder }: LedgerParts, size: bigint): Promise<readonly Uint8Array[]> {
  const width = BigInt(TILE_WIDTH);
  return size % width === 0n ? [] : await readBundle(folder, size / width, size);
}

async function areLeaves(
  entries: readonly Uint8Array[],
  tiles: TileSource,
  size: bigint,
): Promise<boolean> {
  if (entries.length === 0) return true;
  const index = size / BigInt(TILE_WIDTH);
  const tile = await tiles.tile({ level: 0, index, width: entries.length });
  return isSameRoot(Buffer.concat(entries.map(leafHash)), tile);
}

function isLeafOf(
  { origin }: LedgerParts,
  event: StoredEvent,
  { index, entry }: { readonly index: number; readonly entry: Uint8Array },
): boolean {
  return isSameRoot(leafEntryOf(event, { origin, index }), entry);
}

async function eventAt(
  { eventStore }: LedgerParts,
  position: Position,
): Promise<StoredEvent | undefined> {
  try {
    for await (const [event] of eventStore.readAll({ from: position, to: position, pageSize: 1 })) {
      return event?.position === position ? event : undefined;
    }
    return undefined;
  } catch (error) {
    // The position is another store's: the log was moved, and is read from its start.
    if (error instanceof PositionUnknown || error instanceof InvariantBroken) return undefined;
    throw error;
  }
}
