import { millisOf, type Clock } from '#kernel';
import {
  addSignatures,
  cosign,
  EMPTY_ROOT,
  formatNote,
  MerkleError,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
  type Checkpoint,
  type SignerKey,
  type VerifierKey,
} from '#merkle';
import { parseAddCheckpoint, type AddCheckpoint } from './add-checkpoint.js';
import { originHashOf, type CosignedCheckpoint } from './cosigned-checkpoint.js';
import type { Misbehaviour } from './misbehaviour.js';
import { Turns } from './turns.js';
import type { WitnessFolder } from './witness-folder.js';

/** What the witness says to a checkpoint; the numbers are those of C2SP tlog-witness. */
export type WitnessAnswer =
  /** Signature lines, each with its newline. */
  | { readonly status: 200; readonly lines: string }
  /** Size of the checkpoint that was cosigned last. */
  | { readonly status: 409; readonly size: bigint }
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: string };

export type WitnessParts = {
  /** Of type 0x04. */
  readonly key: SignerKey;
  /** The keys of the logs that are witnessed; the name of a key is the origin of its log. */
  readonly logs: readonly VerifierKey[];
  readonly folder: WitnessFolder;
  readonly clock: Clock;
  /** Told before the refusal is; must not throw. */
  readonly onMisbehaviour: (found: Misbehaviour) => Promise<void>;
};

/** A checkpoint that a log which is trusted here has signed. */
type Submitted = {
  readonly request: AddCheckpoint;
  readonly checkpoint: Checkpoint;
  /** The note with the signatures of the log alone. */
  readonly note: string;
  readonly text: string;
};

type Refused = Exclude<WitnessAnswer, { readonly status: 200 }>;

const MILLIS_OF_SECOND = 1_000;

/**
 * Remembers of each log the last checkpoint, and cosigns those only that extend it (C2SP
 * tlog-witness). What it cosigned is durable before anybody sees it.
 */
export class Witness {
  readonly #turns = new Turns();
  readonly #keysOf: ReadonlyMap<string, readonly VerifierKey[]>;

  constructor(private readonly parts: WitnessParts) {
    this.#keysOf = keysByOrigin(parts.logs);
  }

  /**
   * Answers a request to cosign. Asked again for what it cosigned already, it cosigns it again with
   * the time of now.
   *
   * @throws WitnessStateDamaged, WitnessBusy, LedgerError (the folder); nothing was cosigned then.
   */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    const submitted = this.submittedIn(body);
    if ('status' in submitted) return submitted;
    const { origin } = submitted.checkpoint;
    // Comparing and remembering are one step for each log: else a smaller checkpoint that was found
    // good before a larger one could be written after it (C2SP tlog-witness, end of add-checkpoint).
    return await this.#turns.take(origin, () => this.compareAndCosign(submitted));
  }

  /** The last checkpoint of a log that was cosigned here, by the hash of its origin. */
  checkpointOf(originHash: string): string | undefined {
    return this.parts.folder.latest(originHash)?.note;
  }

  /** What needs no memory: the form, whether the log is known, its signature. */
  private submittedIn(body: Uint8Array): Submitted | Refused {
    const request = parseAddCheckpoint(body);
    if (!request) return refused(400, 'the body is no old size, proof and checkpoint');
    try {
      const { text, signatures } = parseNote(request.note);
      const { origin } = parseCheckpoint(text);
      const keys = this.#keysOf.get(origin);
      if (!keys) return refused(404, 'a log of this origin is not known here');
      const { checkpoint, verified } = openCheckpoint(request.note, keys);
      const own = verified.flatMap(
        ({ name, keyId }) =>
          signatures.find((one) => one.name === name && one.keyId === keyId) ?? [],
      );
      if (request.oldSize > checkpoint.size) {
        return refused(400, 'the old size is larger than the checkpoint');
      }
      return { request, checkpoint, text, note: formatNote({ text, signatures: own }) };
    } catch (error) {
      if (!(error instanceof MerkleError)) throw error;
      if (error.code === 'note.unsigned' || error.code === 'note.signature-invalid') {
        return refused(403, 'the log has not signed this checkpoint');
      }
      return refused(400, 'the checkpoint is malformed');
    }
  }

  private async compareAndCosign(submitted: Submitted): Promise<WitnessAnswer> {
    const { request, checkpoint } = submitted;
    const { folder } = this.parts;
    const held = await folder.latestOnDisk(originHashOf(checkpoint.origin));
    const size = held?.size ?? 0n;
    if (request.oldSize !== size) return { status: 409, size };
    const reason = inconsistency(submitted, held);
    if (reason !== undefined) {
      await this.parts.onMisbehaviour(misbehaviourOf(submitted, held));
      return refused(422, reason);
    }
    const lines = cosign(submitted.text, this.parts.key, this.timeAfter(held));
    await folder.keep(addSignatures(submitted.note, lines));
    return { status: 200, lines };
  }

  /** Never before an earlier cosignature: that one said it was the largest tree at its time. */
  private timeAfter(held: CosignedCheckpoint | undefined): bigint {
    const now = BigInt(Math.floor(millisOf(this.parts.clock.now()) / MILLIS_OF_SECOND));
    const last = held?.unixSeconds ?? 0n;
    return now > last ? now : last;
  }
}

/** A log may have several keys, as when it takes a new one. */
function keysByOrigin(logs: readonly VerifierKey[]): ReadonlyMap<string, readonly VerifierKey[]> {
  const keysOf = new Map<string, readonly VerifierKey[]>();
  for (const key of logs) keysOf.set(key.name, [...(keysOf.get(key.name) ?? []), key]);
  return keysOf;
}

/** Why the checkpoint is not known to extend what was cosigned; undefined when it does. */
function inconsistency(
  { request: { oldSize, proof }, checkpoint: { size, root } }: Submitted,
  held: CosignedCheckpoint | undefined,
): string | undefined {
  if (size === 0n && !Buffer.from(EMPTY_ROOT).equals(root)) {
    return 'a tree without leaves has another root';
  }
  if (held === undefined || oldSize === 0n) {
    return proof.length === 0 ? undefined : 'there is no proof from the size 0';
  }
  if (oldSize === size && !Buffer.from(held.root).equals(root)) {
    return 'another checkpoint of this size was cosigned';
  }
  const claim = { size1: oldSize, root1: held.root, size2: size, root2: root, proof };
  return verifyConsistency(claim) ? undefined : 'the consistency proof does not verify';
}

function misbehaviourOf(
  { checkpoint: { origin, size, root }, note }: Submitted,
  held: CosignedCheckpoint | undefined,
): Misbehaviour {
  const isFork = held?.size === size && !Buffer.from(held.root).equals(root);
  return {
    kind: isFork ? 'fork' : 'unproved',
    origin,
    cosigned: held?.note,
    refused: note,
    refusedSize: size,
  };
}

function refused(status: 400 | 403 | 404 | 422, reason: string): Refused {
  return { status, reason };
}
