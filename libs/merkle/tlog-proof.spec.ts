import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { policyOfLog } from './check-policy.js';
import { formatCheckpoint } from './checkpoint.js';
import { cosign } from './cosignature.js';
import { leafHash } from './hashing.js';
import { newSignerKey, verifierKeyOf } from './keys.js';
import { addSignatures, signNote } from './open-note.js';
import type { Policy } from './policy.js';
import { proveInclusion } from './prove.js';
import { TileBuilder } from './tile-builder.js';
import { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.js';

const LOG = newSignerKey('example.com/log', new Uint8Array(32).fill(1));
const WITNESS = newSignerKey('w.example/1', new Uint8Array(32).fill(3), 4);
const POLICY = policyOfLog(verifierKeyOf(LOG));
const SIZE = 13;
const INDEX = 5n;

const builder = new TileBuilder();
const leaves = Array.from({ length: SIZE }, (_, at) => builder.addEntry(Uint8Array.of(at)));
const LEAF = leafHash(Uint8Array.of(Number(INDEX)));
const [edge] = builder.rightEdge();
const PROOF: TlogProof = {
  extra: Uint8Array.of(1, 2, 3),
  index: INDEX,
  proof: await proveInclusion(
    { tile: () => Promise.resolve(edge?.bytes ?? new Uint8Array(0)) },
    INDEX,
    BigInt(SIZE),
  ),
  checkpoint: signNote(
    formatCheckpoint({
      origin: LOG.name,
      size: BigInt(SIZE),
      root: builder.root(),
      extensions: [],
    }),
    LOG,
  ),
};
const TEXT = formatTlogProof(PROOF);

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

describe('a proof file', () => {
  it('is written as C2SP tlog-proof has it', () => {
    const [header, extra, index, hash] = TEXT.split('\n');
    expect([header, extra, index]).toEqual(['c2sp.org/tlog-proof@v1', 'extra AQID', 'index 5']);
    expect(hash).toBe(Buffer.from(leaves[4] ?? []).toString('base64'));
    expect(TEXT.endsWith(`\n\n${PROOF.checkpoint}`)).toBe(true);
  });

  it('is read back as it was written', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const extras = fc.uint8Array({ minLength: 1, maxLength: 400 });
    const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(extras, index, fc.array(hash, { maxLength: 64 }), (extra, at, proof) => {
        const whole = { extra, index: at, proof, checkpoint: PROOF.checkpoint };
        expect(parseTlogProof(formatTlogProof(whole))).toEqual(whole);
        const bare = { index: at, proof, checkpoint: PROOF.checkpoint };
        expect(parseTlogProof(formatTlogProof(bare))).toEqual(bare);
        expect(parseTlogProof(Buffer.from(formatTlogProof(bare)))).toEqual(bare);
      }),
    );
  });

  it('leaves out extra data of no bytes', () => {
    const bare = { index: INDEX, proof: PROOF.proof, checkpoint: PROOF.checkpoint };
    expect(formatTlogProof({ ...bare, extra: new Uint8Array(0) })).toBe(formatTlogProof(bare));
    expect(parseTlogProof(formatTlogProof(bare))).not.toHaveProperty('extra');
  });

  it('holds an index of 64 bits, 64 hashes and two million bytes', () => {
    const largest = {
      ...PROOF,
      index: 2n ** 64n - 1n,
      proof: Array.from({ length: 64 }, () => LEAF),
    };
    expect(parseTlogProof(formatTlogProof(largest))).toEqual(largest);
    const beyond = { ...largest, proof: [...largest.proof, LEAF] };
    expect(() => formatTlogProof(beyond)).toThrow(coded('tlog-proof.malformed'));
    const padded = (size: number): string => {
      const room = size - TEXT.length;
      // Each three bytes of extra data make four letters; an origin may have any length.
      const longer = TEXT.replace('AQID', `AQID${'AAAA'.repeat(Math.floor(room / 4))}`);
      return longer.replace('\n\n', `\n\n${'o'.repeat(room % 4)}`);
    };
    expect(parseTlogProof(padded(2_000_000)).index).toBe(INDEX);
    expect(() => parseTlogProof(padded(2_000_001))).toThrow(coded('tlog-proof.malformed'));
  });

  it('tells why it refused a checkpoint', () => {
    expect(() => parseTlogProof(TEXT.slice(0, -1))).toThrow(
      expect.objectContaining({ cause: coded('note.malformed') }),
    );
  });

  it('has one spelling: whatever is read is written as it was', () => {
    const bytes = Buffer.from(TEXT);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(255), fc.nat(2), (at, byte, how) => {
        const changed = Array.from(bytes);
        if (how === 0) changed.splice(at, 0, byte);
        if (how === 1) changed.splice(at, 1, byte);
        if (how === 2) changed.splice(at, 1 + (byte % 50));
        const file = Buffer.from(changed);
        let parsed;
        try {
          parsed = parseTlogProof(file);
        } catch (error) {
          expect(error).toMatchObject({ code: 'tlog-proof.malformed' });
          return;
        }
        expect(Buffer.from(formatTlogProof(parsed))).toEqual(file);
      }),
      { numRuns: 700 },
    );
  });

  it.each([
    ['nothing', ''],
    ['another version', TEXT.replace('@v1', '@v2')],
    ['a blank line first', `\n${TEXT}`],
    ['no extra data after the word', TEXT.replace('extra AQID', 'extra ')],
    ['extra data not in base 64', TEXT.replace('AQID', 'AQI')],
    ['the word extra alone', TEXT.replace('extra AQID', 'extra')],
    ['extra data twice', TEXT.replace('extra AQID\n', 'extra AQID\nextra AQID\n')],
    ['extra data after the index', TEXT.replace('extra AQID\nindex 5', 'index 5\nextra AQID')],
    ['no index', TEXT.replace('index 5\n', '')],
    ['two indexes', TEXT.replace('index 5\n', 'index 5\nindex 5\n')],
    ['an index with a leading zero', TEXT.replace('index 5', 'index 05')],
    ['an index of 65 bits', TEXT.replace('index 5', `index ${2n ** 64n}`)],
    ['a negative index', TEXT.replace('index 5', 'index -5')],
    ['two spaces', TEXT.replace('index 5', 'index  5')],
    ['a hash cut short', TEXT.replace(/\n[^\n]{4}([^\n]{40})\n/, '\n$1\n')],
    ['65 hashes', TEXT.replace('index 5\n', `index 5\n${`${'A'.repeat(43)}=\n`.repeat(65)}`)],
    ['a carriage return', TEXT.replaceAll('\n', '\r\n')],
    ['no checkpoint', TEXT.slice(0, TEXT.indexOf('\n\n') + 2)],
    ['no blank line before the checkpoint', TEXT.replace('\n\n', '\n')],
    ['two blank lines', TEXT.replace('\n\n', '\n\n\n')],
    ['an unsigned checkpoint', TEXT.slice(0, TEXT.lastIndexOf('\n\n') + 1)],
    ['a note that is no checkpoint', TEXT.replace(`\n${SIZE}\n`, '\n')],
    ['bytes after the checkpoint', `${TEXT} `],
    ['more than two million bytes', TEXT.replace('AQID', 'AAAA'.repeat(500_000))],
  ])('with %s is refused', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(coded('tlog-proof.malformed'));
  });

  it('is not written where it could not be read', () => {
    const short = Uint8Array.of(1);
    for (const wrong of [
      { ...PROOF, index: -1n },
      { ...PROOF, index: 2n ** 64n },
      { ...PROOF, proof: [short] },
      { ...PROOF, checkpoint: '' },
      { ...PROOF, checkpoint: `\n${PROOF.checkpoint}` },
    ]) {
      expect(() => formatTlogProof(wrong)).toThrow(coded('tlog-proof.malformed'));
    }
  });
});

describe('verifying a proof file', () => {
  it('tells log and checkpoint of the leaf', () => {
    const checked = verifyTlogProof(parseTlogProof(TEXT), LEAF, POLICY);
    expect(checked.log).toEqual(verifierKeyOf(LOG));
    expect(checked.checkpoint.size).toBe(BigInt(SIZE));
  });

  it('refuses another leaf, index or proof', () => {
    const other = leaves[6] ?? LEAF;
    expect(() => verifyTlogProof(PROOF, other, POLICY)).toThrow(coded('tlog-proof.not-included'));
    for (const wrong of [
      { ...PROOF, index: INDEX + 1n },
      { ...PROOF, index: BigInt(SIZE) },
      { ...PROOF, proof: PROOF.proof.slice(1) },
      { ...PROOF, proof: PROOF.proof.toReversed() },
    ]) {
      expect(() => verifyTlogProof(wrong, LEAF, POLICY)).toThrow(coded('tlog-proof.not-included'));
    }
  });

  it('refuses a log that the policy does not know', () => {
    const other = policyOfLog(verifierKeyOf(newSignerKey(LOG.name, WITNESS.seed)));
    expect(() => verifyTlogProof(PROOF, LEAF, other)).toThrow(coded('note.unsigned'));
  });

  it('asks for the quorum of the policy', () => {
    const witness = { name: 'W', key: verifierKeyOf(WITNESS) };
    const quorum = { kind: 'witness', witness } as const;
    const policy: Policy = { ...POLICY, witnesses: [witness], quorum };
    expect(() => verifyTlogProof(PROOF, LEAF, policy)).toThrow(coded('policy.quorum-not-met'));
    const text = PROOF.checkpoint.slice(0, PROOF.checkpoint.lastIndexOf('\n\n') + 1);
    const checkpoint = addSignatures(PROOF.checkpoint, cosign(text, WITNESS, 9n));
    const checked = verifyTlogProof({ ...PROOF, checkpoint }, LEAF, policy);
    expect(checked.cosigners).toEqual([{ ...witness, unixSeconds: 9n }]);
  });

  it('refuses it with any byte of it changed, but for the extra data', () => {
    const bytes = Buffer.from(TEXT);
    const [from, to] = [TEXT.indexOf('AQID'), TEXT.indexOf('\nindex')];
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      try {
        verifyTlogProof(parseTlogProof(changed), LEAF, POLICY);
        accepted.push(at);
      } catch (error) {
        expect(error).toMatchObject({ name: 'MerkleError' });
      }
    }
    expect(accepted.filter((at) => at < from || at >= to)).toEqual([]);
  });
});
