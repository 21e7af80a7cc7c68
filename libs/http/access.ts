import { sha256Hex, type Actor } from '#kernel';
import { RequestRefused } from './problem.js';

/** What a request wants to do: `submit` opens something new, `write` changes what is there. */
export type Right = 'submit' | 'write' | 'read';

/** What each role may do. A complainant reads nothing: their own door shows them their own case. */
export const ROLE_RIGHTS = {
  complainant: ['submit'],
  'case-handler': ['submit', 'write', 'read'],
  'team-lead': ['submit', 'write', 'read'],
  'compliance-officer': ['submit', 'write', 'read'],
  administrator: ['submit', 'write', 'read'],
  analyst: ['read'],
  auditor: ['read'],
} as const satisfies { readonly [role: string]: readonly Right[] };

export type Role = keyof typeof ROLE_RIGHTS;

/** Who holds a token. The token itself is nowhere: only its SHA-256, the key of the entry. */
export type TokenHolder = { readonly actorId: string; readonly role: Role };

/** The content of `tokens.json`: from a token's SHA-256 in lower-case hexadecimal to its holder. */
export type TokenFile = { readonly [sha256: string]: TokenHolder };

/** `open` lets a request without a token act as {@link LOCAL_ACTOR}; a loopback address only. */
export type AccessOptions = { readonly mode: 'open' | 'tokens'; readonly tokens: TokenFile };

/** Who acts in open mode when nobody said who. */
export const LOCAL_ACTOR: Actor = { id: 'local', role: 'case-handler', via: 'http' };

/** Holders in one file; more than that wants an identity provider. */
export const TOKENS_MAX = 10_000;

const SHA256 = /^[0-9a-f]{64}$/;
const ACTOR_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const BEARER = /^Bearer ([\x21-\x7e]{1,500})$/i;

/** `tokens.json` cannot be used. The message names the entry by its place, not by its content. */
export class TokensInvalid extends Error {
  override readonly name = 'TokensInvalid';
  readonly code = 'configuration.tokens-invalid';
}

/** Reads the content of `tokens.json`. @throws TokensInvalid */
export function parseTokens(text: string): TokenFile {
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new TokensInvalid('tokens.json: must be an object from SHA-256 to {actorId, role}');
  }
  const entries = Object.entries(parsed);
  if (entries.length > TOKENS_MAX) {
    throw new TokensInvalid(`tokens.json: at most ${TOKENS_MAX} entries`);
  }
  entries.forEach(([sha256, holder], index) => {
    if (!SHA256.test(sha256)) {
      throw new TokensInvalid(
        `tokens.json: entry ${index}: the key must be a SHA-256 in hexadecimal`,
      );
    }
    if (!isHolder(holder)) {
      const roles = Object.keys(ROLE_RIGHTS).join(', ');
      throw new TokensInvalid(`tokens.json: entry ${index}: wants actorId and role (${roles})`);
    }
  });
  return Object.fromEntries(entries) as TokenFile;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TokensInvalid('tokens.json: not JSON', { cause });
  }
}

function isHolder(value: unknown): value is TokenHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { actorId, role } = value as { readonly actorId?: unknown; readonly role?: unknown };
  return (
    typeof actorId === 'string' &&
    ACTOR_ID.test(actorId) &&
    typeof role === 'string' &&
    Object.hasOwn(ROLE_RIGHTS, role)
  );
}

/**
 * Who acts, from the `Authorization` header.
 * @throws RequestRefused `access.token-missing`, `access.token-unknown`, `access.forbidden`.
 */
export function authorise(
  { mode, tokens }: AccessOptions,
  authorization: string | undefined,
  right: Right,
): Actor {
  if (authorization === undefined && mode === 'open') return LOCAL_ACTOR;
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    throw new RequestRefused('access.token-missing', 'send Authorization: Bearer <token>');
  }
  const holder = holderOf(tokens, token);
  if (!holder) throw new RequestRefused('access.token-unknown', 'the token is not known');
  const { actorId, role } = holder;
  const rights: readonly Right[] = ROLE_RIGHTS[role];
  if (!rights.includes(right)) {
    throw new RequestRefused('access.forbidden', `the role ${role} has no right to ${right}`);
  }
  return { id: actorId, role, via: 'http' };
}

/**
 * Looked up by hash: how long that takes depends on the hash, of which a guess of the token tells
 * nothing. Comparing the token itself would need constant time.
 */
function holderOf(tokens: TokenFile, token: string): TokenHolder | undefined {
  const hash = sha256Hex(token);
  return Object.hasOwn(tokens, hash) ? tokens[hash] : undefined;
}
