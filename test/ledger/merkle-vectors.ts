import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from '@jest/globals';

/**
 * Where the published vectors lie, which are not ours to copy: transparency-dev/merkle, Tessera's
 * test log, C2SP's examples and CCTV's Ed25519 set, as `docs/ledger.md` lists them.
 */
const DIRECTORY = resolve(process.env['MERKLE_VECTORS_DIR'] ?? '../shared/data/merkle-vectors');

/** A suite over published vectors; where they are missing it is skipped, loudly and as a todo. */
export function vectorSuite(name: string, suite: () => void): void {
  if (existsSync(DIRECTORY)) {
    describe(name, suite);
    return;
  }
  const skipped = `${name} WAS NOT RUN: no vectors; set MERKLE_VECTORS_DIR`;
  process.stderr.write(`${skipped}\n`);
  it.todo(skipped);
}

const INTEGER_MEMBERS = /"(leafIdx|treeSize|size1|size2)": ([0-9]+)/g;

/** One file of JSON; integers of up to 64 bits come as strings, since numbers would round them. */
export function readVectors<Shape>(...path: readonly string[]): Shape {
  const text = readFileSync(join(DIRECTORY, ...path), 'utf8');
  // The cast says what shape the file has; a wrong one fails the tests over it.
  return JSON.parse(text.replaceAll(INTEGER_MEMBERS, '"$1": "$2"')) as Shape;
}

/** The JSON files below a folder, each by its path from there. */
export function vectorFiles(...path: readonly string[]): readonly string[] {
  return readdirSync(join(DIRECTORY, ...path), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .toSorted();
}

/** For programs that read the vectors themselves. */
export const vectorsFolder = (): string => DIRECTORY;
