import {
  bagOf,
  chronologyHtml,
  documentPath,
  earlierCheckpointPath,
  earlierConsistencyPath,
  eventPath,
  formatScope,
  leafEntryOf,
  PACK_PATHS,
  parseLeaf,
  payloadOf,
  proofPath,
  storedZip,
  type EventRecord,
  type PackFile,
} from '#evidence';
import { formatTlogProof, proveConsistency, proveInclusion } from '#merkle';
import type { MemoryLedger } from './memory-ledger.js';

export type SamplePack = {
  readonly ledger: MemoryLedger;
  /** The whole log, in order. */
  readonly events: readonly EventRecord[];
  readonly stream: string;
  readonly subject?: string;
  readonly withheld?: readonly number[];
  /** Ledgers of the same log when it was younger; their checkpoints are linked. */
  readonly earlier?: readonly MemoryLedger[];
  readonly documents?: readonly PackFile[];
};

/** The files of a pack under `data/`, as the product's own builder lays them. */
export async function samplePackFiles(pack: SamplePack): Promise<readonly PackFile[]> {
  const { ledger, events, stream, subject = 'C-1', withheld = [], earlier = [] } = pack;
  const [origin = '', sizeLine = ''] = ledger.note.split('\n');
  const size = Number(sizeLine);
  const files: PackFile[] = [];
  const chronology = [];
  for (const [index, event] of events.entries()) {
    if (event.stream !== stream) continue;
    const entry = leafEntryOf(event, { origin, index });
    const isWithheld = withheld.includes(event.revision);
    chronology.push({ leaf: parseLeaf(entry), ...(isWithheld ? {} : { content: event }) });
    if (!isWithheld) files.push({ path: eventPath(event.revision), bytes: payloadOf(event) });
    files.push({
      path: proofPath(event.revision),
      bytes: textFile(
        formatTlogProof({
          extra: entry,
          index: BigInt(index),
          proof: await proveInclusion(ledger, BigInt(index), BigInt(size)),
          checkpoint: ledger.note,
        }),
      ),
    });
  }
  for (const younger of earlier) files.push(...(await earlierFiles(younger, ledger, size)));
  const scope = { events: chronology.length, origin, size, stream, subject, withheld };
  files.push(
    { path: PACK_PATHS.checkpoint, bytes: textFile(ledger.note) },
    { path: PACK_PATHS.scope, bytes: formatScope({ ...scope, generator: 'a test', v: 1 }) },
    {
      path: PACK_PATHS.chronologyHtml,
      bytes: textFile(chronologyHtml({ ...scope, events: chronology })),
    },
    ...(pack.documents ?? []).map(({ path, bytes }) => ({ path: documentPath(path), bytes })),
  );
  return files;
}

async function earlierFiles(
  younger: MemoryLedger,
  ledger: MemoryLedger,
  size: number,
): Promise<readonly PackFile[]> {
  const then = Number(younger.note.split('\n')[1]);
  const proof = await proveConsistency(ledger, BigInt(then), BigInt(size));
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return [
    { path: earlierCheckpointPath(then), bytes: textFile(younger.note) },
    { path: earlierConsistencyPath(then), bytes: textFile(lines) },
  ];
}

/** The zip of these files, with manifests and checksums that fit them. */
export function samplePackZip(payload: readonly PackFile[], subject = 'C-1'): Uint8Array {
  const info = [
    { label: 'External-Identifier', value: subject },
    { label: 'Bagging-Date', value: '2026-01-02' },
  ];
  return storedZip(bagOf({ subject, info, readme: 'Read chronology.html first.\n', payload }));
}

function textFile(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
