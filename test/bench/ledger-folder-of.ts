import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { leafEntryOf, type EventRecord } from '#evidence';
import {
  encodeEntries,
  entriesPath,
  formatCheckpoint,
  newSignerKey,
  signNote,
  TILE_WIDTH,
  TileBuilder,
  tilePath,
  verifierKeyOf,
  type VerifierKey,
} from '#merkle';
import { canonicalJson } from '#kernel';

const ORIGIN = 'redress.example/bench';
const EVENTS_A_STREAM = 4;

/** Writes a signed ledger of so many events into a folder; answers its key. */
export function writeLedgerFolder(directory: string, size: number): VerifierKey {
  const signer = newSignerKey(ORIGIN, new Uint8Array(32).fill(3));
  const builder = new TileBuilder();
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  };
  let entries: Uint8Array[] = [];
  for (let index = 0; index < size; index += 1) {
    const entry = leafEntryOf(benchEvent(index), { origin: ORIGIN, index });
    builder.addEntry(entry);
    entries.push(entry);
    if (entries.length < TILE_WIDTH && index + 1 < size) continue;
    const bundle = BigInt(Math.floor(index / TILE_WIDTH));
    write(entriesPath({ index: bundle, width: entries.length }), encodeEntries(entries));
    for (const { id, bytes } of builder.takeFullTiles()) write(tilePath(id), bytes);
    entries = [];
  }
  for (const { id, bytes } of builder.rightEdge()) write(tilePath(id), bytes);
  const head = { origin: ORIGIN, size: builder.size, root: builder.root(), extensions: [] };
  write('checkpoint', Buffer.from(signNote(formatCheckpoint(head), signer)));
  return verifierKeyOf(signer);
}

/** An event of which nothing matters but that its leaf is as long as those of real ones. */
export function benchEvent(index: number): EventRecord {
  const stream = Math.floor(index / EVENTS_A_STREAM);
  const commandId = uuid(`command ${index}`);
  return {
    id: uuid(`event ${index}`),
    stream: `complaint-${uuid(`stream ${stream}`)}`,
    revision: index % EVENTS_A_STREAM,
    type: 'ComplaintClassified',
    data: canonicalJson({ product: 'Mortgage', issue: `Number ${index}` }),
    metadata: canonicalJson({
      v: 1,
      actor: { id: 'importer', role: 'importer', via: 'import' },
      recordedAt: new Date(1_767_225_600_000 + index).toISOString(),
      commandId,
      correlationId: commandId,
      schemaVersion: 1,
      salt: Buffer.from(commandId.slice(0, 16)).toString('base64url'),
      $correlationId: commandId,
    }),
  };
}

function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
