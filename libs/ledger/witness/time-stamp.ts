import {
  DER_TAG,
  DerMalformed,
  elementsOf,
  encodeDer,
  encodeUnsigned,
  expectTag,
  integerContent,
  readDer,
  smallInteger,
  type DerElement,
} from './der.js';

/** Object identifiers, as DER has their content. */
const OID = {
  /** 2.16.840.1.101.3.4.2.1 */
  sha256: '608648016503040201',
  /** 1.2.840.113549.1.7.2 (RFC 5652 §5.1) */
  signedData: '2a864886f70d010702',
  /** 1.2.840.113549.1.9.16.1.4 (RFC 3161 §2.4.2) */
  timeStampInfo: '2a864886f70d0109100104',
} as const;

const VERSION = Uint8Array.of(1);
const TRUE = Uint8Array.of(0xff);
/** A token is there for these two only: granted, granted with modifications (RFC 3161 §2.4.2). */
const STATUS_GRANTED_MAX = 1;

/** What a time-stamp is asked for. */
export type TimeStampAsked = {
  /** SHA-256 of what is stamped; 32 bytes. */
  readonly hash: Uint8Array;
  /** Bytes that nobody used before, so that an old answer cannot be played again; not all zero. */
  readonly nonce: Uint8Array;
};

/**
 * A TimeStampReq (RFC 3161 §2.4.1) that asks for the authority's certificate as well, so that the
 * token can be verified from itself and a root alone.
 */
export function encodeTimeStampRequest({ hash, nonce }: TimeStampAsked): Uint8Array {
  const algorithm = encodeDer(
    DER_TAG.sequence,
    encodeDer(DER_TAG.objectIdentifier, Buffer.from(OID.sha256, 'hex')),
    encodeDer(DER_TAG.null),
  );
  const imprint = encodeDer(DER_TAG.sequence, algorithm, encodeDer(DER_TAG.octetString, hash));
  return encodeDer(
    DER_TAG.sequence,
    encodeDer(DER_TAG.integer, VERSION),
    imprint,
    encodeUnsigned(nonce),
    encodeDer(DER_TAG.boolean, TRUE),
  );
}

/** What a TimeStampResp says; the authority's signature is not looked at here. */
export type TimeStampAnswer =
  | { readonly kind: 'refused'; readonly status: number }
  | {
      readonly kind: 'granted';
      /** SHA-256 of what was stamped. */
      readonly hash: Uint8Array;
      /** Undefined when the authority left it out. */
      readonly nonce: Uint8Array | undefined;
      /** When the authority says it was, to the millisecond below. */
      readonly at: Date;
    };

/**
 * Reads a TimeStampResp (RFC 3161 §2.4.2) as far as its time, hash and nonce.
 * @throws DerMalformed when it is none, is not DER, or speaks of another hash than SHA-256.
 */
export function parseTimeStampResponse(bytes: Uint8Array): TimeStampAnswer {
  const [statusInfo, token, more] = elementsOf(expectTag(readDer(bytes), DER_TAG.sequence));
  const [state] = elementsOf(expectTag(statusInfo, DER_TAG.sequence));
  const status = smallInteger(state);
  if (more !== undefined) throw new DerMalformed('elements behind the token');
  if (status > STATUS_GRANTED_MAX) return { kind: 'refused', status };
  return { kind: 'granted', ...infoOf(signedContent(expectTag(token, DER_TAG.sequence))) };
}

/** The TSTInfo inside a ContentInfo of SignedData (RFC 5652 §3, §5.1, §5.2). */
function signedContent(token: DerElement): DerElement {
  const signed = elementsOf(expectTag(explicit(token, OID.signedData), DER_TAG.sequence));
  smallInteger(signed[0]);
  expectTag(signed[1], DER_TAG.set);
  const encapsulated = expectTag(signed[2], DER_TAG.sequence);
  const { content } = expectTag(explicit(encapsulated, OID.timeStampInfo), DER_TAG.octetString);
  return expectTag(readDer(content), DER_TAG.sequence);
}

/** What stands in `SEQUENCE { type OBJECT IDENTIFIER, content [0] EXPLICIT … }` of that type. */
function explicit(element: DerElement, oid: string): DerElement {
  const [type, wrapped, more] = elementsOf(element);
  expectOid(type, oid);
  const inner = elementsOf(expectTag(wrapped, DER_TAG.explicit0));
  const [content] = inner;
  if (content === undefined || inner.length > 1 || more !== undefined) {
    throw new DerMalformed('not one element under an explicit tag');
  }
  return content;
}

function expectOid(element: DerElement | undefined, oid: string): void {
  const found = Buffer.from(expectTag(element, DER_TAG.objectIdentifier).content).toString('hex');
  if (found !== oid) throw new DerMalformed(`object identifier ${found}, expected ${oid}`);
}

/** RFC 3161 §2.4.2: version, policy, messageImprint, serialNumber, genTime, then what is optional. */
function infoOf(info: DerElement): {
  readonly hash: Uint8Array;
  readonly nonce: Uint8Array | undefined;
  readonly at: Date;
} {
  const [version, policy, imprint, serial, time, ...optional] = elementsOf(info);
  if (smallInteger(version) !== 1) throw new DerMalformed('version of the time-stamp is not 1');
  expectTag(policy, DER_TAG.objectIdentifier);
  integerContent(serial);
  const nonce = optional.find(({ tag }) => tag === DER_TAG.integer);
  return {
    hash: hashOf(expectTag(imprint, DER_TAG.sequence)),
    nonce: nonce === undefined ? undefined : integerContent(nonce),
    at: timeOf(expectTag(time, DER_TAG.generalizedTime)),
  };
}

/** RFC 5754 §2: parameters of SHA-256 are absent or NULL; both occur. */
function hashOf(imprint: DerElement): Uint8Array {
  const [algorithm, hashed, more] = elementsOf(imprint);
  const [oid, parameters, other] = elementsOf(expectTag(algorithm, DER_TAG.sequence));
  expectOid(oid, OID.sha256);
  if (parameters !== undefined && expectTag(parameters, DER_TAG.null).content.length > 0) {
    throw new DerMalformed('NULL with bytes');
  }
  if (more !== undefined || other !== undefined) throw new DerMalformed('more than a hash');
  return expectTag(hashed, DER_TAG.octetString).content;
}

const GENERALIZED_TIME =
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?:\.(?<fraction>\d*[1-9]))?Z$/;

/** DER's one form: UTC, seconds always, a fraction without trailing zeros (X.690 §11.7). */
function timeOf({ content }: DerElement): Date {
  const text = Buffer.from(content).toString('latin1');
  const groups = GENERALIZED_TIME.exec(text)?.groups;
  if (!groups) throw new DerMalformed('time is not in the form of DER');
  const { year, month, day, hour, minute, second, fraction = '' } = groups;
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}Z`;
  const at = new Date(instant);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== instant) {
    throw new DerMalformed('time that never is');
  }
  return at;
}

/** True when the answer's nonce is the one that was asked with. */
export function isSameNonce(asked: Uint8Array, answered: Uint8Array | undefined): boolean {
  if (answered === undefined) return false;
  const { content } = readDer(encodeUnsigned(asked));
  return Buffer.from(content).equals(answered);
}
