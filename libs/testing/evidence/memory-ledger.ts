import { leafEntryOf, type EventRecord, type PublicLedger } from '#evidence';
import {
  encodeEntries,
  entriesPath,
  formatCheckpoint,
  newSignerKey,
  policyOfLog,
  signNote,
  TILE_WIDTH,
  TileBuilder,
  tilePath,
  verifierKeyOf,
  type Policy,
  type SignerKey,
  type Tile,
  type TileSource,
} from '#merkle';

export function testSigner(name = 'redress.example/test', seed = 7): SignerKey {
  return newSignerKey(name, new Uint8Array(32).fill(seed));
}

/** A ledger as files in memory. Tests change the files as they please. */
export class MemoryLedger implements PublicLedger, TileSource {
  constructor(
    readonly files: Map<string, Uint8Array>,
    readonly policy: Policy,
  ) {}

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.files.get(path);
  }

  async tile(id: Tile['id']): Promise<Uint8Array> {
    return this.files.get(tilePath(id)) ?? new Uint8Array();
  }

  get note(): string {
    return new TextDecoder().decode(this.files.get('checkpoint'));
  }

  /** The same files, each a copy. */
  clone(): MemoryLedger {
    const files = [...this.files].map(([path, bytes]) => [path, new Uint8Array(bytes)] as const);
    return new MemoryLedger(new Map(files), this.policy);
  }
}

/** The ledger of these entries, or of these events, signed. */
export function signedLedger(
  content:
    { readonly events: readonly EventRecord[] } | { readonly entries: readonly Uint8Array[] },
  signer: SignerKey = testSigner(),
): MemoryLedger {
  const entries =
    'entries' in content
      ? content.entries
      : content.events.map((event, index) => leafEntryOf(event, { origin: signer.name, index }));
  const files = new Map<string, Uint8Array>();
  const builder = new TileBuilder();
  for (const entry of entries) builder.addEntry(entry);
  for (const { id, bytes } of [...builder.takeFullTiles(), ...builder.rightEdge()]) {
    files.set(tilePath(id), bytes);
  }
  for (let at = 0; at < entries.length; at += TILE_WIDTH) {
    const bundle = entries.slice(at, at + TILE_WIDTH);
    const id = { index: BigInt(at / TILE_WIDTH), width: bundle.length };
    files.set(entriesPath(id), encodeEntries(bundle));
  }
  const head = { origin: signer.name, size: builder.size, root: builder.root(), extensions: [] };
  const note = signNote(formatCheckpoint(head), signer);
  files.set('checkpoint', new TextEncoder().encode(note));
  return new MemoryLedger(files, policyOfLog(verifierKeyOf(signer)));
}
