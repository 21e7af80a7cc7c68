import type { SignatureType, VerifierKey } from './keys.js';
import { parseVerifierKey, SIGNATURE_TYPES } from './keys.js';
import { MerkleError } from './merkle-error.js';
import type { Policy, PolicyLog, PolicyWitness, Quorum } from './policy.js';
import { decimalOf, equalBytes, textOf, utf8 } from './text.js';

/** Far above the 32 logs, witnesses and groups that C2SP tlog-policy asks for. */
const POLICY_SIZE_MAX_BYTES = 1_000_000;
const DEFINITIONS_MAX = 1_000;
// oxlint-disable-next-line no-control-regex -- they are what is refused.
const FORBIDDEN_OCTET = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const NONE = 'none';

type Draft = {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  /** Witnesses and groups share one space of names. */
  readonly defined: Map<string, Quorum>;
  readonly grouped: Set<string>;
  quorum: Quorum | undefined;
};

/**
 * Reads a policy file (C2SP tlog-policy). The file is octets: names are compared as such. Throws
 * `policy.malformed`, with the key's own error as cause where a key is refused.
 */
export function parsePolicy(input: string | Uint8Array): Policy {
  const octets = octetsOf(input);
  const draft: Draft = {
    logs: [],
    witnesses: [],
    defined: new Map(),
    grouped: new Set(),
    quorum: undefined,
  };
  for (const [at, line] of octets.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items[0] === undefined || items[0].startsWith('#')) continue;
    define(draft, items, `line ${at + 1}`);
  }
  const { logs, witnesses, quorum } = draft;
  if (quorum === undefined) throw malformed('the policy has no quorum line');
  return { logs, witnesses, quorum };
}

/** The file as a string of one character for each octet. */
function octetsOf(input: string | Uint8Array): string {
  const bytes = typeof input === 'string' ? utf8(textOf(input, 'policy.malformed')) : input;
  if (bytes.length > POLICY_SIZE_MAX_BYTES) throw malformed('the policy is too long');
  const octets = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  if (FORBIDDEN_OCTET.test(octets)) throw malformed('the policy holds a control character');
  if (!octets.endsWith('\n')) throw malformed('the policy does not end in a newline');
  return octets;
}

function define(draft: Draft, items: readonly string[], where: string): void {
  const [keyword, ...rest] = items;
  const definitions = draft.logs.length + draft.defined.size;
  if (keyword !== 'quorum' && definitions >= DEFINITIONS_MAX) {
    throw malformed(`${where}: too many definitions`);
  }
  switch (keyword) {
    case 'log':
      return defineLog(draft, rest, where);
    case 'witness':
      return defineWitness(draft, rest, where);
    case 'group':
      return defineGroup(draft, rest, where);
    case 'quorum':
      return defineQuorum(draft, rest, where);
    default:
      throw malformed(`${where}: unknown keyword`);
  }
}

function defineLog(draft: Draft, items: readonly string[], where: string): void {
  const [vkey, url, ...more] = items;
  if (vkey === undefined || more.length > 0) throw malformed(`${where}: log <vkey> [<url>]`);
  const key = keyOf(vkey, SIGNATURE_TYPES.ed25519, where);
  refuseDuplicate(draft.logs, key, where);
  draft.logs.push({ key, ...urlOf(url) });
}

function defineWitness(draft: Draft, items: readonly string[], where: string): void {
  const [name, vkey, url, ...more] = items;
  if (name === undefined || vkey === undefined || more.length > 0) {
    throw malformed(`${where}: witness <name> <vkey> [<url>]`);
  }
  const key = keyOf(vkey, SIGNATURE_TYPES.cosignature, where);
  refuseDuplicate(draft.witnesses, key, where);
  const witness = { name: shown(name), key, ...urlOf(url) };
  give(draft, { name, where }, { kind: 'witness', witness });
  draft.witnesses.push(witness);
}

function defineGroup(draft: Draft, items: readonly string[], where: string): void {
  const [name, count, ...names] = items;
  if (name === undefined || count === undefined || names.length === 0) {
    throw malformed(`${where}: group <name> all|any|<k> <name>...`);
  }
  const members = names.map((member) => {
    if (draft.grouped.has(member)) throw malformed(`${where}: a member is listed twice`);
    draft.grouped.add(member);
    return definedAs(draft, member, where);
  });
  const threshold = thresholdOf(count, members.length);
  if (threshold === undefined) throw malformed(`${where}: no such number of members`);
  give(draft, { name, where }, { kind: 'group', threshold, members });
}

function defineQuorum(draft: Draft, items: readonly string[], where: string): void {
  const [name, ...more] = items;
  if (name === undefined || more.length > 0) throw malformed(`${where}: quorum <name>`);
  if (draft.quorum !== undefined) throw malformed(`${where}: a second quorum`);
  draft.quorum = name === NONE ? { kind: 'none' } : definedAs(draft, name, where);
}

function thresholdOf(count: string, members: number): number | undefined {
  if (count === 'any') return 1;
  if (count === 'all') return members;
  const threshold = decimalOf(count);
  if (threshold === undefined || threshold < 1n || threshold > BigInt(members)) return undefined;
  return Number(threshold);
}

function definedAs(draft: Draft, name: string, where: string): Quorum {
  const quorum = draft.defined.get(name);
  if (quorum === undefined) throw malformed(`${where}: a name is not defined before`);
  return quorum;
}

function give(
  draft: Draft,
  { name, where }: { readonly name: string; readonly where: string },
  meaning: Quorum,
): void {
  if (name === NONE) throw malformed(`${where}: "none" is the name of no quorum`);
  if (draft.defined.has(name)) throw malformed(`${where}: a name is defined twice`);
  draft.defined.set(name, meaning);
}

function keyOf(octets: string, type: SignatureType, where: string): VerifierKey {
  let key: VerifierKey;
  try {
    key = parseVerifierKey(textOf(bytesOf(octets), 'key.malformed'));
  } catch (cause) {
    throw new MerkleError('policy.malformed', `${where}: the key is refused`, { cause });
  }
  if (key.type !== type) throw malformed(`${where}: the key is of the wrong type`);
  return key;
}

/** Duplicates are keys with the same bytes, whatever they are called. */
function refuseDuplicate(
  before: readonly { readonly key: VerifierKey }[],
  { publicKey }: VerifierKey,
  where: string,
): void {
  if (before.some(({ key }) => equalBytes(key.publicKey, publicKey))) {
    throw malformed(`${where}: the key is listed twice`);
  }
}

function urlOf(octets: string | undefined): { readonly url?: string } {
  return octets === undefined ? {} : { url: shown(octets) };
}

/** Octets as text: as UTF-8 where they are, or else with each octet beyond ASCII as `\xNN`. */
function shown(octets: string): string {
  try {
    return textOf(bytesOf(octets), 'policy.malformed');
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    return octets.replaceAll(
      /[\u0080-\u00ff]/g,
      (octet) => `\\x${octet.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  }
}

function bytesOf(octets: string): Uint8Array {
  return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
}

function malformed(message: string): MerkleError {
  return new MerkleError('policy.malformed', message);
}
