import { sha256, sha256Hex } from '#merkle';
import { base64urlOf, maybeTextOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';
import { documentHashesOf } from './documents.js';
import { payloadText } from './payload.js';

export const LEAF_VERSION = 1;

/** An entry is preceded by its length in two bytes (C2SP tlog-tiles, Log entries). */
export const LEAF_SIZE_MAX_BYTES = 65_535;

/** What a leaf salt is derived under, so that the hash serves nothing else. */
const SALT_LABEL = 'redress leaf salt v1\n';
const SALT_SIZE_BYTES = 16;

/**
 * The record of an event in the log, version {@link LEAF_VERSION}: a stored format. Its entry is the
 * canonical JSON (RFC 8785) of exactly these members; the leaf hash is SHA-256(0x00 ‖ entry)
 * (RFC 6962 §2.1). The payload lies beside it, bound by its hash.
 */
export type Leaf = {
  /** Id of who acted. */
  readonly actor: string;
  readonly causationId?: string;
  readonly correlationId: string;
  /** Hashes of the documents that the event names, sorted, each once. */
  readonly documents: readonly string[];
  /** Id of the event, a UUID in lower case. */
  readonly id: string;
  /** Its place in the log: the dense ordinal of the event. */
  readonly index: number;
  /** Name of the log. */
  readonly origin: string;
  /** SHA-256 of {@link payloadOf} in lower-case hexadecimal. */
  readonly payloadSha256: string;
  readonly recordedAt: string;
  readonly revision: number;
  /**
   * 128 bits that blind the leaf's hash in other people's proofs. Derived one way from the salt that
   * blinds the payload, so that a leaf shown without its payload never tells that one.
   */
  readonly salt: string;
  readonly schemaVersion: number;
  readonly stream: string;
  readonly type: string;
  readonly v: typeof LEAF_VERSION;
};

/** Where an event lies in which log. */
export type LeafPlace = { readonly origin: string; readonly index: number };

/**
 * The entry of an event: its leaf record in canonical JSON, at most {@link LEAF_SIZE_MAX_BYTES}.
 * @throws EvidenceError `event.malformed` when the metadata is not what every event carries,
 *   `leaf.too-large`.
 */
export function leafEntryOf(event: EventRecord, place: LeafPlace): Uint8Array {
  const entry = utf8(leafText(leafOf(event, place)));
  if (entry.length > LEAF_SIZE_MAX_BYTES) {
    throw new EvidenceError(
      'leaf.too-large',
      `event ${event.id}: its leaf has ${entry.length} bytes, at most ${LEAF_SIZE_MAX_BYTES}`,
    );
  }
  return entry;
}

/** As {@link leafEntryOf}, before it is written. @throws EvidenceError `event.malformed` */
export function leafOf(event: EventRecord, { origin, index }: LeafPlace): Leaf {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new EvidenceError('event.malformed', `event ${event.id}: ${index} is no index of a leaf`);
  }
  const { actor, causationId, correlationId, recordedAt, salt, schemaVersion } = metadataOf(event);
  // A plain literal: with a spread in it this took as long as both hashes (decision 13).
  const leaf: Leaf = {
    actor,
    correlationId,
    documents: documentHashesOf(event.data),
    id: event.id,
    index,
    origin,
    payloadSha256: sha256Hex(payloadText(event)),
    recordedAt,
    revision: event.revision,
    salt: leafSaltOf(salt),
    schemaVersion,
    stream: event.stream,
    type: event.type,
    v: LEAF_VERSION,
  };
  return causationId === undefined ? leaf : { ...leaf, causationId };
}

/** The salt that a leaf shows for the salt in its event's metadata. */
export function leafSaltOf(salt: string): string {
  return base64urlOf(sha256(utf8(SALT_LABEL + salt)).subarray(0, SALT_SIZE_BYTES));
}

type LeafMetadata = {
  readonly actor: string;
  readonly causationId: string | undefined;
  readonly correlationId: string;
  readonly recordedAt: string;
  readonly salt: string;
  readonly schemaVersion: number;
};

function metadataOf({ id, metadata }: EventRecord): LeafMetadata {
  const members = parseObject(metadata);
  const actor = members?.['actor'];
  const actorId = isObject(actor) ? actor['id'] : undefined;
  const { causationId, correlationId, recordedAt, salt, schemaVersion } = members ?? {};
  if (
    typeof actorId !== 'string' ||
    (causationId !== undefined && typeof causationId !== 'string') ||
    typeof correlationId !== 'string' ||
    typeof recordedAt !== 'string' ||
    typeof salt !== 'string' ||
    !isOrdinal(schemaVersion)
  ) {
    throw new EvidenceError('event.malformed', `event ${id}: its metadata is not of an event`);
  }
  return { actor: actorId, causationId, correlationId, recordedAt, salt, schemaVersion };
}

/**
 * The canonical text of a leaf. Members stand in order of code units, as RFC 8785 §3.2.3 has it, and
 * `JSON.stringify` keeps that order, leaves out what is undefined, and writes strings and integers as
 * its §3.2.2 does.
 */
export function leafText(leaf: Leaf): string {
  return JSON.stringify({
    actor: leaf.actor,
    causationId: leaf.causationId,
    correlationId: leaf.correlationId,
    documents: leaf.documents,
    id: leaf.id,
    index: leaf.index,
    origin: leaf.origin,
    payloadSha256: leaf.payloadSha256,
    recordedAt: leaf.recordedAt,
    revision: leaf.revision,
    salt: leaf.salt,
    schemaVersion: leaf.schemaVersion,
    stream: leaf.stream,
    type: leaf.type,
    v: leaf.v,
  });
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const SALT = /^[A-Za-z0-9_-]{22}$/;

/**
 * The leaf of an entry. Strict: what is accepted is exactly what {@link leafText} writes.
 * @throws EvidenceError `leaf.malformed`
 */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const text = bytes.length > LEAF_SIZE_MAX_BYTES ? undefined : maybeTextOf(bytes);
  if (text === undefined) throw malformed('it is too long or no UTF-8');
  const members = parseObject(text);
  if (!members || !isLeaf(members)) throw malformed('a member is missing or of another kind');
  if (leafText(members) !== text) throw malformed('it is not written canonically');
  return members;
}

function isLeaf(members: object): members is Leaf {
  const leaf: Readonly<Record<keyof Leaf, unknown>> = { ...NOTHING, ...members };
  const { actor, correlationId, origin, recordedAt, stream, type } = leaf;
  return (
    [actor, correlationId, origin, recordedAt, stream, type].every(isText) &&
    [leaf.index, leaf.revision, leaf.schemaVersion].every(isOrdinal) &&
    (leaf.causationId === undefined || isText(leaf.causationId)) &&
    isHashList(leaf.documents) &&
    matches(UUID, leaf.id) &&
    matches(SHA256_HEX, leaf.payloadSha256) &&
    matches(SALT, leaf.salt) &&
    leaf.v === LEAF_VERSION
  );
}

const NOTHING = {
  actor: undefined,
  causationId: undefined,
  correlationId: undefined,
  documents: undefined,
  id: undefined,
  index: undefined,
  origin: undefined,
  payloadSha256: undefined,
  recordedAt: undefined,
  revision: undefined,
  salt: undefined,
  schemaVersion: undefined,
  stream: undefined,
  type: undefined,
  v: undefined,
};

/** Half of a surrogate pair is no text: RFC 8785 §3.2.2.2 refuses it, and so do other programs. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isOrdinal(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0;
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isHashList(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const hashes: readonly unknown[] = value;
  return hashes.every(
    (hash, at) => matches(SHA256_HEX, hash) && (at === 0 || String(hashes[at - 1]) < String(hash)),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function malformed(problem: string): EvidenceError {
  return new EvidenceError('leaf.malformed', `an entry is no leaf record: ${problem}`);
}
