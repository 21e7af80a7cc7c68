import {
  MerkleError,
  parseCheckpoint,
  parseNote,
  parseSignatureLine,
  verifyCosignature,
  type NoteSignature,
  type VerifierKey,
} from '#merkle';
import { formatAddCheckpoint } from './add-checkpoint.js';
import type { ProveConsistency } from './cosign.js';
import { postBytes, PostFailed, type PostAnswer } from './post-bytes.js';

/** Why a witness did not cosign. Written once, never changed. */
export type CosignFault =
  /** No whole answer. */
  | 'witness.unreachable'
  /** No answer in time, or none yet to an earlier checkpoint. */
  | 'witness.slow'
  /** It says no: the log is unknown to it, or the proof does not hold against what it cosigned. */
  | 'witness.refused'
  /** It cosigned a larger checkpoint of this log than we have: somebody rolled the log back. */
  | 'witness.ahead'
  /** What it answers is no answer, or no signature of its key over this checkpoint. */
  | 'witness.lying'
  /** We could not ask: no proof could be made. */
  | 'witness.not-asked';

/** One witness did not cosign; the others are not touched by it. */
export class CosignRefused extends Error {
  override readonly name = 'CosignRefused';

  constructor(
    readonly code: CosignFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type Asking = {
  readonly note: string;
  readonly prove: ProveConsistency;
  /** Size that the witness is believed to have; it says so when it has another. */
  readonly known: bigint;
  /** For one request. */
  readonly timeoutMs: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal | undefined;
};

const STATUS_OK = 200;
const STATUS_CONFLICT = 409;
/** Signature lines of one witness; one of ML-DSA-44 has 3.3 kB. */
const ANSWER_SIZE_MAX_BYTES = 65_536;
const SIZE_LINE = /^(?:0|[1-9][0-9]{0,19})\n?$/;

/**
 * Has one witness cosign a checkpoint (C2SP tlog-witness, "add-checkpoint"): once with the size that
 * it is believed to have, and once more with the size that it names.
 *
 * @returns its signature line with newline, which verifies under its key.
 * @throws CosignRefused; what `prove` throws.
 */
export async function askWitness(
  { url, key }: { readonly url: string; readonly key: VerifierKey },
  { note, prove, known, timeoutMs, signal }: Asking,
): Promise<string> {
  const { text } = parseNote(note);
  const { size } = parseCheckpoint(text);
  const address = `${url.replace(/\/+$/, '')}/add-checkpoint`;
  const ask = async (oldSize: bigint): Promise<PostAnswer> => {
    const proof = oldSize === 0n || oldSize === size ? [] : await prove(oldSize);
    return await post(address, formatAddCheckpoint({ oldSize, proof, note }), {
      timeoutMs,
      signal,
    });
  };
  // What is remembered can be of another folder; no larger one is claimed than there is.
  let answer = await ask(known < size ? known : size);
  if (answer.status === STATUS_CONFLICT) {
    const held = sizeIn(answer.body);
    if (held > size) {
      const message = `it cosigned ${held}, and the log has ${size}: it was rolled back`;
      throw new CosignRefused('witness.ahead', message);
    }
    answer = await ask(held);
  }
  if (answer.status === STATUS_OK) return lineOf(answer.body, text, key);
  throw new CosignRefused('witness.refused', `it answers with status ${answer.status}`);
}

async function post(
  address: string,
  body: string,
  ending: Pick<Asking, 'timeoutMs' | 'signal'>,
): Promise<PostAnswer> {
  try {
    const options = { mediaType: 'text/plain', sizeMaxBytes: ANSWER_SIZE_MAX_BYTES, ...ending };
    return await postBytes(address, Buffer.from(body), options);
  } catch (cause) {
    if (!(cause instanceof PostFailed)) throw cause;
    throw new CosignRefused('witness.unreachable', cause.message, { cause });
  }
}

function sizeIn(body: Uint8Array): bigint {
  const line = Buffer.from(body).toString('latin1');
  if (SIZE_LINE.test(line)) return BigInt(line.trimEnd());
  throw new CosignRefused('witness.lying', 'it says that it has another size, but none');
}

/** Lines of keys that are not known are ignored: a witness may have further ones. */
function lineOf(body: Uint8Array, text: string, key: VerifierKey): string {
  const lines = Buffer.from(body).toString('utf8').split('\n').slice(0, -1);
  for (const line of lines) {
    const signature = signatureIn(line);
    if (signature.name !== key.name || signature.keyId !== key.keyId) continue;
    const unixSeconds = verifyCosignature(text, signature, key);
    if (unixSeconds !== undefined && unixSeconds > 0n) return `${line}\n`;
    throw new CosignRefused('witness.lying', 'its signature is not over this checkpoint');
  }
  throw new CosignRefused('witness.lying', 'it answers without a signature of its key');
}

function signatureIn(line: string): NoteSignature {
  try {
    return parseSignatureLine(line);
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    throw new CosignRefused('witness.lying', 'it answers no signature line', { cause });
  }
}
