import type { Position, StoredEvent } from '#kernel';
import { appendInOrder, type CopyTarget } from './copy-append.js';
import { CopyReader, type CopySide, type OnFault, type ReadRange } from './copy-reader.js';
import { CopyRefused } from './copy-refused.js';

/** SHA-256 of text that comes piece by piece; given from outside, for a port imports no crypto. */
export type RunningHash = { readonly add: (text: string) => void; readonly hex: () => string };

export type CopyPhase = 'comparing' | 'copying' | 'verifying';

export type CopyOptions = {
  readonly source: CopySide;
  readonly target: CopyTarget;
  readonly sha256: () => RunningHash;
  /** Events so far of this phase. */
  readonly onProgress?: (phase: CopyPhase, events: number) => void;
  readonly onFault?: OnFault;
};

export type Copied = {
  /** Events of the source up to the last one copied. */
  readonly events: number;
  readonly streams: number;
  /** Events that this run wrote; the others were there before. */
  readonly copied: number;
  readonly verified: boolean;
  /** Of all events of the target, each as {@link eventLine}. */
  readonly sha256: string;
  /** In words, the first event in which target and source differ; only when not verified. */
  readonly firstDiffering?: string;
  /** The source went on growing while it was copied: there is more to copy. */
  readonly isBehind: boolean;
};

/** Rounds in which a source that grows is followed; each copies what came during the one before. */
const ROUNDS_MAX = 100;

/**
 * Copies a log event by event: ids, streams, revisions, types, data, metadata and the order of all
 * of them stay; positions are the target's own. Then reads both again and compares every event.
 * Run again after it was interrupted, it goes on: what the target holds must be how the source starts.
 *
 * @throws CopyRefused nothing was changed by that; StoreUnavailable, AppendUnknown when a store stays
 * away longer than its side waits.
 */
export async function copyLog(options: CopyOptions): Promise<Copied> {
  const start = await compareStart(options);
  const { copied, last } = await copyRest(options, start);
  const verified = await verify(options, last);
  const isBehind = (await readerOf(options, 'source', { after: last }).available()) > 0;
  return { ...verified, copied, isBehind };
}

/** The line of an event in the running hash: that of `redress export events` without the position. */
export function eventLine({ stream, revision, id, type, data, metadata }: StoredEvent): string {
  const head = JSON.stringify({ stream, revision, id, type });
  return `${head.slice(0, -1)},"data":${data},"metadata":${metadata}}\n`;
}

/** Whether the target is how the source starts; answers the last event of the source that it holds. */
async function compareStart(options: CopyOptions): Promise<Position | undefined> {
  let last: Position | undefined;
  const difference = await walkTogether(options, {}, 'comparing', (wanted) => {
    last = wanted.position;
  });
  // A target that is not whole yet is what a copy is for.
  if (!difference?.found) return last;
  throw new CopyRefused(
    'migrate.target-not-a-prefix',
    `the target is not how the source starts: ${describe(difference)}`,
  );
}

async function copyRest(
  options: CopyOptions,
  start: Position | undefined,
): Promise<{ readonly copied: number; readonly last: Position | undefined }> {
  let last = start;
  let copied = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = copied;
    const source = readerOf(options, 'source', { after: last });
    for (let count = await source.available(); count > 0; count = await source.available()) {
      const events = source.take(count);
      await appendInOrder(options.target, events, onFaultOf(options));
      last = events.at(-1)?.position;
      copied += events.length;
      options.onProgress?.('copying', copied);
    }
    if (copied === before) break;
  }
  return { copied, last };
}

type Verified = Omit<Copied, 'copied' | 'isBehind'>;

async function verify(options: CopyOptions, last: Position | undefined): Promise<Verified> {
  const hash = options.sha256();
  // Compared already: a source without events has a target without events.
  if (last === undefined) return { events: 0, streams: 0, verified: true, sha256: hash.hex() };
  let events = 0;
  let streams = 0;
  const difference = await walkTogether(options, { to: last }, 'verifying', (_wanted, found) => {
    events += 1;
    if (found.revision === 0) streams += 1;
    hash.add(eventLine(found));
  });
  return {
    events,
    streams,
    verified: difference === undefined,
    sha256: hash.hex(),
    ...(difference ? { firstDiffering: describe(difference) } : {}),
  };
}

/** Where two logs part; one of them may have ended there. */
type Difference = {
  readonly index: number;
  readonly wanted: StoredEvent | undefined;
  readonly found: StoredEvent | undefined;
};

/** Reads both logs side by side and visits what is the same in both, up to where they part. */
async function walkTogether(
  options: CopyOptions,
  sourceRange: ReadRange,
  phase: CopyPhase,
  visit: (wanted: StoredEvent, found: StoredEvent) => void,
): Promise<Difference | undefined> {
  const source = readerOf(options, 'source', sourceRange);
  const target = readerOf(options, 'target', {});
  let index = 0;
  for (;;) {
    const [inSource, inTarget] = [await source.available(), await target.available()];
    if (inSource === 0 && inTarget === 0) return undefined;
    const count = Math.max(1, Math.min(inSource, inTarget));
    const [wantedEvents, foundEvents] = [source.take(count), target.take(count)];
    for (let offset = 0; offset < count; offset += 1, index += 1) {
      const [wanted, found] = [wantedEvents[offset], foundEvents[offset]];
      if (!wanted || !found || !isSame(wanted, found)) return { index, wanted, found };
      visit(wanted, found);
    }
    options.onProgress?.(phase, index);
  }
}

function isSame(a: StoredEvent, b: StoredEvent): boolean {
  return (
    a.id === b.id &&
    a.stream === b.stream &&
    a.revision === b.revision &&
    a.type === b.type &&
    a.data === b.data &&
    a.metadata === b.metadata
  );
}

function readerOf(options: CopyOptions, side: 'source' | 'target', range: ReadRange): CopyReader {
  return new CopyReader(options[side], range, onFaultOf(options));
}

function onFaultOf({ onFault }: CopyOptions): OnFault {
  return onFault ?? (() => undefined);
}

/** By ids and places only: data may hold what is personal. */
function describe({ index, wanted, found }: Difference): string {
  return `event ${index} is ${nameOf(wanted)} in the source and ${nameOf(found)} in the target`;
}

function nameOf(event: StoredEvent | undefined): string {
  if (!event) return 'not there';
  return `${event.type} ${event.id} at ${event.stream} revision ${event.revision}`;
}
