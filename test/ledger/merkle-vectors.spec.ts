import { expect, it } from '@jest/globals';
import {
  decodeEntries,
  EMPTY_ROOT,
  type Hash,
  leafHash,
  MerkleError,
  nodeHash,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  proveConsistency,
  proveInclusion,
  rootOf,
  sha256,
  SIGNATURE_TYPES,
  TileBuilder,
  type TileId,
  TreeHead,
  verifyConsistency,
  verifyInclusion,
} from '#merkle';
import { readVectors, vectorFiles, vectorSuite } from './merkle-vectors.js';

const PROOFS = ['transparency-dev-merkle', 'testdata'] as const;

type ProofVector = {
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
};
type InclusionVector = ProofVector & {
  readonly leafIdx: string;
  readonly treeSize: string;
  readonly root: string;
  readonly leafHash: string;
};
type ConsistencyVector = ProofVector & {
  readonly size1: string;
  readonly size2: string;
  readonly root1: string;
  readonly root2: string;
};

function base64(text: string | null): Uint8Array {
  return Uint8Array.from(Buffer.from(text ?? '', 'base64'));
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function proofOf({ proof }: ProofVector): readonly Hash[] {
  return (proof ?? []).map(base64);
}

/** So that a folder that lost its files does not pass for one that was checked. */
function countsAre(kind: string, total: number, mustFail: number): void {
  it(`are ${total}, of which ${mustFail} must fail`, () => {
    const all = vectorFiles(...PROOFS, kind).map((file) =>
      readVectors<ProofVector>(...PROOFS, kind, file),
    );
    expect(all).toHaveLength(total);
    expect(all.filter(({ wantErr }) => wantErr)).toHaveLength(mustFail);
  });
}

vectorSuite('inclusion proofs of transparency-dev/merkle', () => {
  countsAre('inclusion', 98, 92);

  it.each(vectorFiles(...PROOFS, 'inclusion'))('%s', (file) => {
    const vector = readVectors<InclusionVector>(...PROOFS, 'inclusion', file);
    const verified = verifyInclusion({
      index: BigInt(vector.leafIdx),
      size: BigInt(vector.treeSize),
      leafHash: base64(vector.leafHash),
      proof: proofOf(vector),
      root: base64(vector.root),
    });
    expect(verified).toBe(!vector.wantErr);
  });
});

vectorSuite('consistency proofs of transparency-dev/merkle', () => {
  countsAre('consistency', 98, 92);

  it.each(vectorFiles(...PROOFS, 'consistency'))('%s', (file) => {
    const vector = readVectors<ConsistencyVector>(...PROOFS, 'consistency', file);
    const verified = verifyConsistency({
      size1: BigInt(vector.size1),
      size2: BigInt(vector.size2),
      root1: base64(vector.root1),
      root2: base64(vector.root2),
      proof: proofOf(vector),
    });
    expect(verified).toBe(!vector.wantErr);
  });
});

type Reference = {
  readonly hashes: readonly {
    readonly desc: string;
    readonly op: 'emptyRoot' | 'leaf' | 'node';
    readonly dataHex?: string;
    readonly leftHex?: string;
    readonly rightHex?: string;
    readonly want: string;
  }[];
  readonly referenceTree: {
    readonly leafInputsHex: readonly string[];
    readonly rootHexBySize: readonly string[];
  };
  readonly goldenRoots: { readonly rootBase64BySize: Readonly<Record<string, string>> };
};

vectorSuite('hashes of RFC 6962 in the Go reference', () => {
  const { hashes, referenceTree, goldenRoots } = readVectors<Reference>(
    'rfc6962',
    'rfc6962-reference.json',
  );
  const golden = Object.entries(goldenRoots.rootBase64BySize);

  it('are 24', () => {
    expect(hashes.length + referenceTree.rootHexBySize.length + golden.length).toBe(24);
  });

  it.each(hashes)('of $desc', ({ op, dataHex = '', leftHex = '', rightHex = '', want }) => {
    const hash = { emptyRoot: () => EMPTY_ROOT, leaf: leafOf, node: nodeOf }[op]();
    function leafOf(): Hash {
      return leafHash(hex(dataHex));
    }
    function nodeOf(): Hash {
      return nodeHash(hex(leftHex), hex(rightHex));
    }
    expect(hash).toEqual(hex(want));
  });

  it.each(referenceTree.rootHexBySize.map((want, size) => ({ size, want })))(
    'of the classic tree of $size leaves',
    ({ size, want }) => {
      const head = new TreeHead();
      for (const entry of referenceTree.leafInputsHex.slice(0, size)) head.addEntry(hex(entry));
      expect(head.root()).toEqual(hex(want));
    },
  );

  it('of golden trees of up to 65,535 leaves', () => {
    const head = new TreeHead();
    const roots = new Map<string, Hash>();
    for (let at = 0; at < 65_535; at += 1) {
      head.addEntry(Uint8Array.of(at & 0xff, at >> 8));
      roots.set(
        `${at + 1}`,
        golden.some(([size]) => size === `${at + 1}`) ? head.root() : EMPTY_ROOT,
      );
    }
    expect(golden).toHaveLength(11);
    for (const [size, want] of golden) expect(roots.get(size)).toEqual(base64(want));
  });
});

type TestLog = {
  readonly vkey: string;
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly level0TilesBase64: Readonly<Record<string, string>>;
  readonly entryBundlesBase64: Readonly<Record<string, string>>;
};

vectorSuite("checkpoints of Tessera's test log", () => {
  const log = readVectors<TestLog>('tessera-testlog', 'tessera-testlog.json');
  const key = parseVerifierKey(log.vkey);
  const notes = Object.entries(log.checkpoints);
  const source = {
    tile: (id: TileId) => Promise.resolve(base64(log.level0TilesBase64[id.width] ?? '')),
  };

  it('are 16', () => {
    expect(notes).toHaveLength(16);
  });

  it.each(notes)(
    'of size %s is signed, and its root follows from the tiles',
    async (size, note) => {
      const { checkpoint, verified } = openCheckpoint(note, [key]);
      expect(verified).toEqual([key]);
      expect(checkpoint.origin).toBe(key.name);
      expect(checkpoint.size).toBe(BigInt(size));
      expect(await rootOf(source, checkpoint.size)).toEqual(checkpoint.root);
    },
  );

  it.each(Object.entries(log.entryBundlesBase64))(
    'of size %s has the leaves of its entries, and the tiles that we would build',
    (size, bundle) => {
      const entries = decodeEntries(base64(bundle));
      const builder = new TileBuilder();
      const hashes = entries.map((entry) => builder.addEntry(entry));
      const tile = base64(log.level0TilesBase64[size] ?? '');
      expect(Buffer.concat(hashes)).toEqual(Buffer.from(tile));
      expect(builder.rightEdge()).toEqual([
        { id: { level: 0, index: 0n, width: Number(size) }, bytes: tile },
      ]);
      expect(builder.root()).toEqual(parseCheckpoint(textOf(log.checkpoints[size])).root);
    },
  );

  it('prove every leaf in every size, and every size from every earlier one', async () => {
    const head = (size: bigint): Hash => parseCheckpoint(textOf(log.checkpoints[`${size}`])).root;
    const leaves = decodeEntries(base64(log.entryBundlesBase64['15'] ?? '')).map(leafHash);
    for (let size = 1n; size <= 15n; size += 1n) {
      for (let index = 0n; index < size; index += 1n) {
        const proof = await proveInclusion(source, index, size);
        const leaf = leaves[Number(index)] ?? EMPTY_ROOT;
        const claim = { index, size, leafHash: leaf, proof, root: head(size) };
        expect(verifyInclusion(claim)).toBe(true);
      }
      for (let size1 = 1n; size1 <= size; size1 += 1n) {
        const proof = await proveConsistency(source, size1, size);
        const claim = { size1, size2: size, root1: head(size1), root2: head(size), proof };
        expect(verifyConsistency(claim)).toBe(true);
      }
    }
  });

  function textOf(note: string | undefined): string {
    return parseNote(note ?? '').text;
  }
});

type NoteExamples = {
  readonly examples: readonly {
    readonly desc: string;
    readonly note: string;
    readonly vkey?: string;
    readonly wantOrigin?: string;
    readonly wantSize?: string;
    readonly wantCosignatureTime?: string;
  }[];
};

vectorSuite("notes of C2SP's pages", () => {
  const { examples } = readVectors<NoteExamples>('c2sp-spec-examples', 'notes.json');
  const signed = examples.filter(({ vkey }) => vkey !== undefined);
  const checkpoints = examples.filter(({ wantSize }) => wantSize !== undefined);

  it('are one to verify and one to read', () => {
    expect([signed.length, checkpoints.length]).toEqual([1, 1]);
  });

  it.each(signed)('$desc', ({ note, vkey = '' }) => {
    const key = parseVerifierKey(vkey);
    expect(openNote(note, [key]).verified).toEqual([key]);
    const other = note.replace('example message', 'example massage');
    expect(() => openNote(other, [key])).toThrow(
      expect.objectContaining({ code: 'note.signature-invalid' }),
    );
  });

  it.each(checkpoints)('$desc', ({ note, wantOrigin, wantSize, wantCosignatureTime }) => {
    const { text, signatures } = parseNote(note);
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint.origin).toBe(wantOrigin);
    expect(`${checkpoint.size}`).toBe(wantSize);
    const { bytes } = signatures[1] ?? { bytes: new Uint8Array(8) };
    expect(`${Buffer.from(bytes).readBigUInt64BE(0)}`).toBe(wantCosignatureTime);
  });
});

type EdgeCase = { readonly key: string; readonly flags: readonly string[] | null };

vectorSuite("public keys of CCTV's Ed25519 edge cases", () => {
  const cases = readVectors<readonly EdgeCase[]>('cctv-ed25519', 'ed25519vectors.json');
  const codeOf = (key: string): string => {
    const typed = Buffer.concat([Uint8Array.of(SIGNATURE_TYPES.ed25519), hex(key)]);
    const digest = sha256(Buffer.concat([Buffer.from('example.com/log\n'), typed]));
    const keyId = Buffer.from(digest).toString('hex', 0, 4);
    try {
      parseVerifierKey(`example.com/log+${keyId}+${typed.toString('base64')}`);
      return 'accepted';
    } catch (error) {
      return error instanceof MerkleError ? error.code : 'another error';
    }
  };
  const flagged = (flag: string): readonly EdgeCase[] =>
    cases.filter(({ flags }) => flags?.includes(flag) === true);

  it('are 914, of which 526 have a key of low order', () => {
    expect([cases.length, flagged('low_order_A').length]).toEqual([914, 526]);
  });

  it('of low order are refused, every one', () => {
    const codes = new Set(flagged('low_order_A').map(({ key }) => codeOf(key)));
    expect([...codes]).toEqual(['key.low-order']);
  });

  it('that are not canonical are refused, every one', () => {
    const codes = flagged('non_canonical_A').map(({ key }) => codeOf(key));
    expect(codes).toHaveLength(226);
    expect(codes.filter((code) => code === 'accepted')).toEqual([]);
  });

  it('that are neither are accepted', () => {
    const sound = cases.filter(
      ({ flags }) => !flags?.includes('low_order_A') && !flags?.includes('non_canonical_A'),
    );
    expect(sound.length).toBeGreaterThan(300);
    expect(new Set(sound.map(({ key }) => codeOf(key)))).toEqual(new Set(['accepted']));
  });
});
