import { execFile, type ExecFileException } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DerMalformed } from './der.js';
import { parseTimeStampResponse, type TimeStampAnswer } from './time-stamp.js';

const OPENSSL_TIMEOUT_MS = 30_000;
const MILLIS_OF_SECOND = 1_000;

export type TimeTokenToVerify = {
  /** Exactly the bytes of `time/<size>.note`. */
  readonly note: Uint8Array;
  /** The bytes of `time/<size>.tsr`. */
  readonly token: Uint8Array;
  /** Roots (PEM) that the verifier trusts for time; of the verifier's own choice, never from a pack. */
  readonly caFile: string;
  /** The program, when it is not found as `openssl`. */
  readonly openssl?: string;
};

/** Verifying broke down; says nothing about the token. */
export class TimeTokenNotVerified extends Error {
  override readonly name = 'TimeTokenNotVerified';
  readonly code = 'time-token.not-verified';
}

/**
 * Verifies an authority's token by `openssl ts -verify`: signature, chain to a root of `caFile`,
 * purpose of the certificate, hash of the note. Certificates are held against the token's own time,
 * not today's, for a token outlives the certificate that made it.
 *
 * @throws TimeTokenNotVerified when `caFile` cannot be read, or openssl does not end.
 */
export async function verifyTimeToken({
  note,
  token,
  caFile,
  openssl = 'openssl',
}: TimeTokenToVerify): Promise<'valid' | 'invalid' | 'no-openssl'> {
  await access(caFile).catch((cause: unknown) => {
    throw new TimeTokenNotVerified('the file of trusted roots cannot be read', { cause });
  });
  const answer = answerIn(token);
  if (answer?.kind !== 'granted') return 'invalid';
  const folder = await mkdtemp(join(tmpdir(), 'redress-time-'));
  try {
    const files = { note: join(folder, 'note'), token: join(folder, 'token.tsr') };
    await writeFile(files.note, note);
    await writeFile(files.token, token);
    const seconds = Math.floor(answer.at.getTime() / MILLIS_OF_SECOND);
    const read = ['ts', '-verify', '-data', files.note, '-in', files.token];
    return await runOpenssl(openssl, [...read, '-CAfile', caFile, '-attime', String(seconds)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function answerIn(token: Uint8Array): TimeStampAnswer | undefined {
  try {
    return parseTimeStampResponse(token);
  } catch (error) {
    if (error instanceof DerMalformed) return undefined;
    throw error;
  }
}

function runOpenssl(
  program: string,
  args: readonly string[],
): Promise<'valid' | 'invalid' | 'no-openssl'> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: OPENSSL_TIMEOUT_MS }, (error) => {
      if (error === null) resolve('valid');
      else if (error.code === 'ENOENT') resolve('no-openssl');
      else if (hasEnded(error)) resolve('invalid');
      else reject(new TimeTokenNotVerified('openssl did not end by itself', { cause: error }));
    });
  });
}

/** A status is openssl's answer; a signal is not. */
function hasEnded({ code }: ExecFileException): boolean {
  return typeof code === 'number';
}
