import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  formatCheckpoint,
  formatTlogProof,
  formatVerifierKey,
  newSignerKey,
  parsePolicy,
  parseTlogProof,
  proveInclusion,
  signNote,
  TileBuilder,
  type TileId,
  tilePath,
  verifierKeyOf,
  verifyTlogProof,
} from './index.js';

const log = newSignerKey('example.com/log', new Uint8Array(32).fill(1));
const vkey = formatVerifierKey(verifierKeyOf(log));
const entry = new TextEncoder().encode('an entry');
const tiles = new Map<string, Uint8Array>();
const source = {
  tile: (id: TileId) => Promise.resolve(tiles.get(tilePath(id)) ?? new Uint8Array(0)),
};

describe('the README', () => {
  it('shows code that works', async () => {
    // region example
    const builder = new TileBuilder();
    const leaf = builder.addEntry(entry);
    for (const tile of [...builder.takeFullTiles(), ...builder.rightEdge()]) {
      tiles.set(tilePath(tile.id), tile.bytes);
    }
    const head = { origin: log.name, size: builder.size, root: builder.root(), extensions: [] };
    const note = signNote(formatCheckpoint(head), log);
    const proof = await proveInclusion(source, 0n, builder.size);
    const file = formatTlogProof({ index: 0n, proof, checkpoint: note });

    const policy = parsePolicy(`log ${vkey}\nquorum none\n`);
    const { checkpoint } = verifyTlogProof(parseTlogProof(file), leaf, policy);
    // endregion
    expect(checkpoint).toEqual(head);
  });

  it('shows that code and no other', () => {
    const directory = new URL('.', import.meta.url);
    const read = (name: string): string => readFileSync(new URL(name, directory), 'utf8');
    const shown = read('README.md').matchAll(/```ts\n(.*?)```/gs);
    const code = [...shown].map(([, block = '']) => block).join('');
    const [, region = ''] =
      /\/\/ region example\n(.*?)\n *\/\/ endregion/s.exec(read('readme.spec.ts')) ?? [];
    expect(code.trim()).toBe(region.replaceAll(/^ {4}/gm, '').trim());
  });
});
