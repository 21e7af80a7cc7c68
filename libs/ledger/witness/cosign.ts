/** Proof of RFC 6962 §2.1.2 from a smaller tree to the one being cosigned; hashes of 32 bytes. */
export type ProveConsistency = (oldSize: bigint) => Promise<readonly Uint8Array[]>;

/**
 * Asks everybody whom a policy names to cosign a signed checkpoint.
 *
 * Answers signature lines, each with its newline, that verify under the policy's keys over this very
 * note, in the policy's order; none when nobody answered. `addSignatures(note, lines.join(''))` adds
 * them. Never rejects because of a witness; bounded in time by {@link COSIGN_TIME_MAX_MS}. The note is
 * signed already and may be published before, so that no witness holds it up. One call at a time: a
 * witness that still works on an earlier checkpoint is left out, and so is one whose cosignature is on
 * the note. Requests under way are given up when the signal aborts.
 */
export type Cosign = (
  note: string,
  prove: ProveConsistency,
  signal?: AbortSignal,
) => Promise<readonly string[]>;

/** A whole round takes no longer, however many witnesses are slow. */
export const COSIGN_TIME_MAX_MS = 10_000;
