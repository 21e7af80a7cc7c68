import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as node from '#merkle';
import { bundled } from './merkle-browser.js';
import { readVectors, vectorSuite } from './merkle-vectors.js';

type Room = typeof node;

const { exports: browser, inputs } = await bundled<Room>('libs/merkle/index.js', 'browser');
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 600 });
const ORIGIN = 'example.com/log';
const BIG = 5_000;

/** Arrays of two realms are never equal to jest; their bytes are what matters. */
function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('the room in a browser', () => {
  it('is bundled without anything of Node', () => {
    expect(inputs).toEqual(
      expect.arrayContaining(['libs/merkle/sha256.browser.ts', 'libs/merkle/ed25519.browser.ts']),
    );
    expect(inputs).not.toContain('libs/merkle/sha256.ts');
    expect(inputs).not.toContain('libs/merkle/ed25519.ts');
  });

  it('has the same exports', () => {
    expect(Object.keys(browser).toSorted()).toEqual(Object.keys(node).toSorted());
  });

  it('hashes alike, whatever the length', () => {
    for (let size = 0; size < 200; size += 1) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 7 + size) & 0xff);
      expect(hex(browser.sha256(bytes))).toBe(hex(node.sha256(bytes)));
      expect(hex(browser.leafHash(bytes))).toBe(hex(node.leafHash(bytes)));
    }
  });

  it('hashes texts as their UTF-8, alike and as bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(node.sha256Hex(text)).toBe(hex(node.sha256(bytes)));
        expect(node.sha256Hex(bytes)).toBe(hex(node.sha256(bytes)));
        expect(browser.sha256Hex(text)).toBe(node.sha256Hex(text));
        expect(browser.sha256Hex(bytes)).toBe(node.sha256Hex(bytes));
      }),
    );
  });

  it('builds the same trees and tiles', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const [here, there] = [new node.TileBuilder(), new browser.TileBuilder()];
        for (const entry of all) expect(hex(there.addEntry(entry))).toBe(hex(here.addEntry(entry)));
        expect(hex(there.root())).toBe(hex(here.root()));
        expect(there.rightEdge().map(({ bytes }) => hex(bytes))).toEqual(
          here.rightEdge().map(({ bytes }) => hex(bytes)),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('has the same large tree', () => {
    const [here, there] = [new node.TreeHead(), new browser.TreeHead()];
    for (let at = 0; at < BIG; at += 1) {
      here.addEntry(Uint8Array.of(at & 0xff, at >> 8));
      there.addEntry(Uint8Array.of(at & 0xff, at >> 8));
    }
    expect(hex(there.root())).toBe(hex(here.root()));
  });

  it('makes the same keys and signatures, and each opens what the other signed', () => {
    fc.assert(
      fc.property(seeds, seeds, fc.nat(), (seed, witnessSeed, size) => {
        const signed = [node, browser].map((room) => {
          const log = room.newSignerKey(ORIGIN, seed);
          const witness = room.newSignerKey('w.example', witnessSeed, 4);
          const text = room.formatCheckpoint({
            origin: ORIGIN,
            size: BigInt(size),
            root: room.sha256(seed),
            extensions: [],
          });
          const note = room.addSignatures(
            room.signNote(text, log),
            room.cosign(text, witness, BigInt(size)),
          );
          return { note, keys: [log, witness].map((key) => room.formatVerifierKey(key)) };
        });
        expect(signed[1]).toEqual(signed[0]);
        const { note = '', keys = [] } = signed[0] ?? {};
        for (const room of [node, browser]) {
          expect(room.openNote(note, keys.map(room.parseVerifierKey)).verified).toHaveLength(2);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('refuses the same changed notes with the same codes', () => {
    const key = node.newSignerKey(ORIGIN, new Uint8Array(32).fill(7));
    const note = node.signNote(`${ORIGIN}\n0\n${'A'.repeat(43)}=\n`, key);
    const bytes = Buffer.from(note);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ mask;
        const codes = [node, browser].map((room) => {
          try {
            room.openCheckpoint(changed, [key]);
            return 'opened';
          } catch (error) {
            return (error as { readonly code?: unknown }).code;
          }
        });
        expect(codes[1]).toBe(codes[0]);
        expect(codes[0]).toMatch(/^(?:note|checkpoint)\./);
      }),
      { numRuns: 200 },
    );
  });
});

type Twin = {
  readonly ed25519Verify: (
    message: Uint8Array,
    signature: Uint8Array,
    publicKey: Uint8Array,
  ) => boolean;
};
type KeyCheck = { readonly checkPublicKey: (publicKey: Uint8Array) => void };
type EdgeCase = {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
};

vectorSuite('the Ed25519 twins on the edge cases of CCTV', () => {
  const cases = readVectors<readonly EdgeCase[]>('cctv-ed25519', 'ed25519vectors.json');
  const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

  it('agree wherever the key may be imported', async () => {
    const twins = 'libs/merkle/ed25519.js';
    const { ed25519Verify: here } = (await bundled<Twin>(twins, 'node')).exports;
    const { ed25519Verify: there } = (await bundled<Twin>(twins, 'browser')).exports;
    const publicKeys = await bundled<KeyCheck>('libs/merkle/public-key.js', 'browser');
    const { checkPublicKey } = publicKeys.exports;
    const importable = cases.filter(({ key }) => {
      try {
        checkPublicKey(bytesOf(key));
        return true;
      } catch {
        return false;
      }
    });
    const verdicts = importable.map(({ number, key, sig, msg }) => {
      const given = [Buffer.from(msg), bytesOf(sig), bytesOf(key)] as const;
      return { number, node: here(...given), browser: there(...given) };
    });
    expect(verdicts.length).toBeGreaterThan(300);
    expect(verdicts.filter((one) => one.node !== one.browser)).toEqual([]);
    expect(new Set(verdicts.map((one) => one.node)).size).toBe(2);
  });
});
