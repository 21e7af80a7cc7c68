import { maybeTextOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';

/**
 * Evidence pack, version 1: a stored format. Paths within the bag's one folder. The bytes of
 * chronology.html belong to it: a page that is made otherwise takes a further version.
 */
export const PACK_VERSION = 1;

export const PACK_PATHS = {
  bagit: 'bagit.txt',
  bagInfo: 'bag-info.txt',
  manifest: 'manifest-sha256.txt',
  tagManifest: 'tagmanifest-sha256.txt',
  readme: 'README.txt',
  checkpoint: 'data/checkpoint',
  scope: 'data/scope.json',
  chronologyHtml: 'data/chronology.html',
  chronologyPdf: 'data/chronology.pdf',
} as const;

/** Revisions are written with six digits, so that names sort as revisions do. */
export const PACK_EVENTS_MAX = 1_000_000;
const REVISION_DIGITS = 6;

const digits = (revision: number): string => String(revision).padStart(REVISION_DIGITS, '0');

/** The payload of a revision; absent when it is withheld. */
export const eventPath = (revision: number): string => `data/events/${digits(revision)}.json`;
/** The proof of a revision, of every one. */
export const proofPath = (revision: number): string => `data/proofs/${digits(revision)}.tlog-proof`;
export const earlierCheckpointPath = (size: number): string => `data/earlier/${size}/checkpoint`;
export const earlierConsistencyPath = (size: number): string => `data/earlier/${size}/consistency`;
export const timeNotePath = (size: number): string => `data/time/${size}.note`;
export const timeTokenPath = (size: number): string => `data/time/${size}.tsr`;
export const documentPath = (sha256: string): string => `data/documents/${sha256}`;

/** The bag's folder, the one at the top of the archive. */
export const topFolderOf = (subject: string): string => `redress-${subject}`;

export type PackPath =
  | { readonly kind: 'event' | 'proof'; readonly revision: number }
  | {
      readonly kind: 'earlier-checkpoint' | 'earlier-consistency' | 'time-note' | 'time-token';
      readonly size: number;
    }
  | { readonly kind: 'document'; readonly sha256: string }
  | { readonly kind: keyof typeof PACK_PATHS };

const PATTERNS: readonly (readonly [RegExp, (found: string) => PackPath])[] = [
  [/^data\/events\/(\d{6})\.json$/, (found) => ({ kind: 'event', revision: Number(found) })],
  [/^data\/proofs\/(\d{6})\.tlog-proof$/, (found) => ({ kind: 'proof', revision: Number(found) })],
  [
    /^data\/earlier\/([1-9]\d{0,14})\/checkpoint$/,
    (found) => ({ kind: 'earlier-checkpoint', size: Number(found) }),
  ],
  [
    /^data\/earlier\/([1-9]\d{0,14})\/consistency$/,
    (found) => ({ kind: 'earlier-consistency', size: Number(found) }),
  ],
  [/^data\/time\/([1-9]\d{0,14})\.note$/, (found) => ({ kind: 'time-note', size: Number(found) })],
  [/^data\/time\/([1-9]\d{0,14})\.tsr$/, (found) => ({ kind: 'time-token', size: Number(found) })],
  [/^data\/documents\/([0-9a-f]{64})$/, (found) => ({ kind: 'document', sha256: found })],
];

/** What a path within the bag's folder is; undefined when a pack has no such file. */
export function parsePackPath(path: string): PackPath | undefined {
  for (const kind of FIXED_KINDS) if (PACK_PATHS[kind] === path) return { kind };
  for (const [pattern, read] of PATTERNS) {
    const found = pattern.exec(path)?.[1];
    if (found !== undefined) return read(found);
  }
  return undefined;
}

const FIXED_KINDS: readonly (keyof typeof PACK_PATHS)[] = [
  'bagit',
  'bagInfo',
  'manifest',
  'tagManifest',
  'readme',
  'checkpoint',
  'scope',
  'chronologyHtml',
  'chronologyPdf',
];

/** What a pack says it holds. All of it is held against proofs before it is believed. */
export type PackScope = {
  /** Events of the stream up to the checkpoint, at least one: revisions 0 to events − 1. */
  readonly events: number;
  /** The program that made the pack, with its version. */
  readonly generator: string;
  readonly origin: string;
  /** Tree size of the pack's checkpoint. */
  readonly size: number;
  readonly stream: string;
  /** What people call the stream, such as a complaint's reference; names the top folder too. */
  readonly subject: string;
  readonly v: typeof PACK_VERSION;
  /** Revisions whose payload is left out, ascending. */
  readonly withheld: readonly number[];
};

/** Canonical JSON (RFC 8785) of a scope. */
export function formatScope(scope: PackScope): Uint8Array {
  const text = JSON.stringify;
  return utf8(
    `{"events":${scope.events},"generator":${text(scope.generator)}` +
      `,"origin":${text(scope.origin)},"size":${scope.size},"stream":${text(scope.stream)}` +
      `,"subject":${text(scope.subject)},"v":${scope.v},"withheld":${text(scope.withheld)}}`,
  );
}

/** @throws EvidenceError `scope.malformed` unless it is exactly what {@link formatScope} writes. */
export function parseScope(bytes: Uint8Array): PackScope {
  const text = maybeTextOf(bytes);
  const scope = text === undefined ? undefined : scopeOf(text);
  if (!scope || maybeTextOf(formatScope(scope)) !== text) {
    throw new EvidenceError('scope.malformed', 'scope.json is not a scope in canonical JSON');
  }
  return scope;
}

const SUBJECT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

function scopeOf(text: string): PackScope | undefined {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { events, generator, origin, size, stream, subject, v, withheld } = value as Readonly<
    Record<string, unknown>
  >;
  if (!isCount(events) || events < 1 || events > PACK_EVENTS_MAX) return undefined;
  if (!isCount(size) || v !== PACK_VERSION) return undefined;
  if (!isText(generator) || !isText(origin) || !isText(stream)) return undefined;
  if (typeof subject !== 'string' || !SUBJECT.test(subject)) return undefined;
  if (!isAscendingBelow(withheld, events)) return undefined;
  return { events, generator, origin, size, stream, subject, v, withheld };
}

/** Without half of a surrogate pair, which is no text (RFC 8785 §3.2.2.2). */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isAscendingBelow(value: unknown, end: number): value is readonly number[] {
  if (!Array.isArray(value)) return false;
  const list: readonly unknown[] = value;
  return list.every(
    (one, at) => isCount(one) && one < end && (at === 0 || Number(list[at - 1]) < one),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
