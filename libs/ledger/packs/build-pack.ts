import {
  bagOf,
  documentPath,
  eventPath,
  formatScope,
  PACK_PATHS,
  PACK_VERSION,
  parsePackPath,
  proofPath,
  storedZip,
  topFolderOf,
  type PackFile,
  type PackScope,
} from '#evidence';
import type { EventStore } from '#event-store/port';
import type { StoredEvent } from '#kernel';
import { sha256, type Policy, type VerifierKey } from '#merkle';
import { orDamaged } from '../damage.js';
import { LedgerError } from '../ledger-error.js';
import { latestCheckpoint, proveEvent } from '../prove-event.js';
import type { SignedCheckpoint } from '../signed-checkpoint.js';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import { chooseCheckpoint } from './choose-checkpoint.js';
import { chronologyFiles } from './chronology-files.js';
import type { DocumentSource } from './document-source.js';
import { earlierFiles } from './earlier-checkpoints.js';
import { PACK_CONTENT_MAX_BYTES, PACK_EVENTS_MAX_HERE } from './pack-bounds.js';
import { PackRefused } from './pack-errors.js';
import { packReadme } from './pack-readme.js';
import { proveStream, type ProvedEvent } from './prove-stream.js';
import { withheldRevisions, type ScopeFilter } from './withheld-revisions.js';

/** What packs are made from. */
export type PackSources = {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly folder: LedgerFolder;
  readonly documents: DocumentSource;
  /** The program with its version, as the pack names it. */
  readonly generator: string;
  /** Of the log; needed to take checkpoints that somebody kept. */
  readonly key?: VerifierKey | undefined;
  /** Whose quorum the pack's checkpoint should meet, where one does. */
  readonly policy?: Policy | undefined;
};

export type PackRequest = ScopeFilter & {
  readonly stream: string;
  /** What people call the stream, such as a complaint's reference: letters, digits, `.`, `_`, `-`. */
  readonly subject: string;
  /** Signed notes that somebody kept: the pack links each to its own checkpoint. */
  readonly kept?: readonly string[];
};

export type BuiltPack = {
  /** `redress-<subject>.zip`, as its README calls it. */
  readonly fileName: string;
  readonly zip: Uint8Array;
  readonly origin: string;
  /** Tree size of its checkpoint. */
  readonly size: number;
  readonly eventCount: number;
  readonly withheld: readonly number[];
  readonly documentCount: number;
  /** Hashes of documents that shown events name and that are not at hand. */
  readonly missingDocuments: readonly string[];
};

/**
 * An evidence pack of one stream: each event with its proof under one signed checkpoint, what links
 * that to earlier ones, and how anybody verifies it. The same events, ledger and request give the
 * same bytes. Everything is held against what was signed before it goes in.
 *
 * @throws PackRefused; LedgerError `ledger.damaged`, `ledger.forked`, `ledger.folder-unavailable`;
 * StoreUnavailable
 */
export async function buildPack(sources: PackSources, request: PackRequest): Promise<BuiltPack> {
  const { eventStore, folder, policy } = sources;
  const events = await readEvents(eventStore, request.stream);
  const withheld = withheldRevisions(events, request);
  const checkpoint = await checkpointFor(folder, events, policy);
  const proved = await proveStream(folder, events, checkpoint);
  const scope: PackScope = {
    events: events.length,
    generator: sources.generator,
    origin: checkpoint.origin,
    size: Number(checkpoint.size),
    stream: request.stream,
    subject: request.subject,
    v: PACK_VERSION,
    withheld,
  };
  const shown = proved.filter(({ event }) => !withheld.includes(event.revision));
  const documents = await documentFiles(sources.documents, shown);
  const payload: readonly PackFile[] = [
    { path: PACK_PATHS.checkpoint, bytes: Buffer.from(checkpoint.note) },
    { path: PACK_PATHS.scope, bytes: formatScope(scope) },
    ...shown.map(({ event, payload: bytes }) => ({ path: eventPath(event.revision), bytes })),
    ...proved.map(proofFile),
    ...(await orDamaged(() =>
      earlierFiles({
        folder,
        checkpoint,
        ...beginningOf(proved),
        kept: request.kept ?? [],
        key: sources.key,
      }),
    )),
    ...documents.files,
    ...(await chronologyFiles(scope, proved)),
  ];
  return assemble(scope, payload, documents.missing);
}

async function readEvents(
  eventStore: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<readonly StoredEvent[]> {
  const events = await eventStore.readStream(stream, { limit: PACK_EVENTS_MAX_HERE + 1 });
  if (events.length === 0) throw new PackRefused('ledger.unknown-stream', `${stream}: no events`);
  if (events.length > PACK_EVENTS_MAX_HERE) {
    throw tooLarge(`${stream} has more than ${PACK_EVENTS_MAX_HERE} events`);
  }
  const bytes = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
  if (bytes > PACK_CONTENT_MAX_BYTES) throw tooLarge(`${stream} holds ${bytes} bytes`);
  return events;
}

/** The last event's index says how large a tree must be to cover all of them. */
async function checkpointFor(
  folder: LedgerFolder,
  events: readonly StoredEvent[],
  policy: Policy | undefined,
): Promise<SignedCheckpoint> {
  const latest = await orDamaged(() => latestCheckpoint(folder));
  const last = events.at(-1);
  if (!latest || !last) throw notYetSigned(0n);
  try {
    const { index } = await proveEvent(folder, last.id, { checkpoint: latest });
    return (await orDamaged(() => chooseCheckpoint(folder, index + 1n, policy))) ?? latest;
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'ledger.not-covered') throw error;
    throw notYetSigned(latest.size);
  }
}

function notYetSigned(size: bigint): PackRefused {
  return new PackRefused(
    'ledger.not-yet-signed',
    `the last event is not among the ${size} that are signed`,
  );
}

function tooLarge(problem: string): PackRefused {
  return new PackRefused(
    'ledger.pack-too-large',
    `${problem}; a pack holds at most ${PACK_EVENTS_MAX_HERE} events and ${PACK_CONTENT_MAX_BYTES} bytes`,
  );
}

function beginningOf([first]: readonly ProvedEvent[]): {
  readonly firstIndex: bigint;
  readonly firstDay: string;
} {
  if (!first) throw notYetSigned(0n);
  return { firstIndex: first.proof.index, firstDay: first.leaf.recordedAt.slice(0, 10) };
}

function proofFile({ event, proof }: ProvedEvent): PackFile {
  return { path: proofPath(event.revision), bytes: Buffer.from(proof.tlogProof) };
}

/** Documents that shown events name. What only withheld events name would tell of them. */
async function documentFiles(
  documents: DocumentSource,
  shown: readonly ProvedEvent[],
): Promise<{ readonly files: readonly PackFile[]; readonly missing: readonly string[] }> {
  const hashes = [...new Set(shown.flatMap(({ leaf }) => leaf.documents))].toSorted();
  const files: PackFile[] = [];
  const missing: string[] = [];
  let left = PACK_CONTENT_MAX_BYTES;
  for (const hash of hashes) {
    const bytes = await documents(hash);
    // A file that is not what its name says is not the document that the event names.
    const isIt = bytes && Buffer.from(sha256(bytes)).toString('hex') === hash;
    if (isIt) files.push({ path: documentPath(hash), bytes });
    else missing.push(hash);
    left -= isIt ? bytes.length : 0;
    if (left < 0) throw tooLarge(`its ${hashes.length} documents are larger`);
  }
  return { files, missing };
}

function assemble(
  scope: PackScope,
  payload: readonly PackFile[],
  missingDocuments: readonly string[],
): BuiltPack {
  const paths = payload.map(({ path }) => parsePackPath(path));
  const sizesOf = (kind: 'earlier-checkpoint' | 'time-token'): readonly number[] =>
    paths.flatMap((path) => (path?.kind === kind ? [path.size] : [])).toSorted((a, b) => a - b);
  const documentCount = paths.filter((path) => path?.kind === 'document').length;
  const name = topFolderOf(scope.subject);
  const { origin, size, events, withheld, subject, stream, generator } = scope;
  const readme = packReadme({
    subject,
    stream,
    origin,
    size,
    eventCount: events,
    withheld,
    earlierSizes: sizesOf('earlier-checkpoint'),
    timeSizes: sizesOf('time-token'),
    documentCount,
    missingDocuments,
    name,
  });
  const info = [
    { label: 'External-Identifier', value: subject },
    { label: 'Internal-Sender-Identifier', value: stream },
    { label: 'Bag-Software-Agent', value: generator },
  ];
  return {
    fileName: `${name}.zip`,
    zip: storedZip(bagOf({ subject, info, readme, payload })),
    origin,
    size,
    eventCount: events,
    withheld,
    documentCount,
    missingDocuments,
  };
}
