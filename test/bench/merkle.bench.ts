import { hash } from 'node:crypto';
import {
  HASH_SIZE_BYTES,
  type InclusionClaim,
  proveInclusion,
  TileBuilder,
  type TileId,
  tilePath,
  verifyInclusion,
} from '#merkle';
import { type Benchmark, figure, inTurn, perSecond } from './figure.js';

const LEAVES = 200_000;
/** What a leaf record has, about. */
const ENTRY_SIZE_BYTES = 600;
const PROOFS = 4_000;
const NODE_SIZE_BYTES = 1 + 2 * HASH_SIZE_BYTES;
const ROUNDS = 5;

function entriesOf(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const entry = new Uint8Array(ENTRY_SIZE_BYTES).fill(at & 0xff);
    new DataView(entry.buffer).setUint32(0, at);
    return entry;
  });
}

/** Every byte that a tree must hash, hashed in the fastest way that Node has; nothing is kept. */
function hashBare(entries: readonly Uint8Array[]): number {
  const leaf = new Uint8Array(1 + ENTRY_SIZE_BYTES);
  const node = new Uint8Array(NODE_SIZE_BYTES).fill(1);
  const startedAtMs = performance.now();
  for (const entry of entries) {
    leaf.set(entry, 1);
    hash('sha256', leaf, 'binary');
    hash('sha256', node, 'binary');
  }
  return perSecond(entries.length, startedAtMs);
}

function buildTree(entries: readonly Uint8Array[]): number {
  const builder = new TileBuilder();
  const startedAtMs = performance.now();
  for (const entry of entries) {
    builder.addEntry(entry);
    builder.takeFullTiles();
  }
  builder.rightEdge();
  builder.root();
  return perSecond(entries.length, startedAtMs);
}

const treeBenchmark: Benchmark = {
  name: 'merkle-tree',
  about: 'entries of 600 bytes into tree, tiles and root, by bare SHA-256 over the same bytes',
  run: async () => {
    const entries = entriesOf(LEAVES);
    const [ours, bare] = await inTurn(
      ROUNDS,
      () => Promise.resolve(buildTree(entries)),
      () => Promise.resolve(hashBare(entries)),
    );
    const reference = { name: 'bare SHA-256, leaves/s', value: bare };
    return [figure('merkle-tree', ours, 'leaves/s', reference)];
  },
};

async function claimsOf(entries: readonly Uint8Array[]): Promise<readonly InclusionClaim[]> {
  const builder = new TileBuilder();
  const hashes = entries.map((entry) => builder.addEntry(entry));
  const tiles = new Map(
    [...builder.takeFullTiles(), ...builder.rightEdge()].map(({ id, bytes }) => [
      tilePath(id),
      bytes,
    ]),
  );
  const source = {
    tile: (id: TileId) => Promise.resolve(tiles.get(tilePath(id)) ?? new Uint8Array(0)),
  };
  const [root, size] = [builder.root(), builder.size];
  const claims: InclusionClaim[] = [];
  for (let at = 0; at < PROOFS; at += 1) {
    const index = Math.floor((at * LEAVES) / PROOFS);
    const leafHash = hashes[index];
    if (!leafHash) continue;
    const proof = await proveInclusion(source, BigInt(index), size);
    claims.push({ index: BigInt(index), size, leafHash, proof, root });
  }
  return claims;
}

function verifyAll(claims: readonly InclusionClaim[]): number {
  const startedAtMs = performance.now();
  const refused = claims.filter((claim) => !verifyInclusion(claim));
  const speed = perSecond(claims.length, startedAtMs);
  if (refused.length > 0) throw new Error(`${refused.length} good proofs were refused`);
  return speed;
}

function hashNodes(claims: readonly InclusionClaim[]): number {
  const node = new Uint8Array(NODE_SIZE_BYTES).fill(1);
  const startedAtMs = performance.now();
  for (const { proof } of claims) {
    for (let at = 0; at < proof.length; at += 1) hash('sha256', node, 'binary');
  }
  return perSecond(claims.length, startedAtMs);
}

const verifyBenchmark: Benchmark = {
  name: 'merkle-verify',
  about: 'inclusion proofs in a tree of 200,000 leaves, by bare SHA-256 over as many nodes',
  run: async () => {
    const claims = await claimsOf(entriesOf(LEAVES));
    const [ours, bare] = await inTurn(
      ROUNDS,
      () => Promise.resolve(verifyAll(claims)),
      () => Promise.resolve(hashNodes(claims)),
    );
    const reference = { name: 'bare SHA-256, proofs/s', value: bare };
    return [figure('merkle-verify', ours, 'proofs/s', reference)];
  },
};

export const merkleBenchmarks: readonly Benchmark[] = [treeBenchmark, verifyBenchmark];
