import { proveConsistency, verifyConsistency, type TileSource } from '#merkle';
import type { SignedCheckpoint } from '../signed-checkpoint.js';

type Tree = Pick<SignedCheckpoint, 'size' | 'root'>;

/**
 * Whether a tree begins with an older one, by its own tiles: those of the older one need not be there,
 * as where they were made anew for this size.
 * @throws LedgerError, MerkleError when tiles are missing or none
 */
export async function extendsTree(tiles: TileSource, tree: Tree, older: Tree): Promise<boolean> {
  if (older.size === 0n) return true;
  const [size1, root1, size2, root2] = [older.size, older.root, tree.size, tree.root];
  const proof = await proveConsistency(tiles, size1, size2);
  return verifyConsistency({ size1, root1, size2, root2, proof });
}
