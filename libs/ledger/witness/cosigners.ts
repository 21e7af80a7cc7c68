import {
  addSignatures,
  checkPolicy,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  verifyCosignature,
  type Note,
  type Policy,
  type PolicyWitness,
  type VerifierKey,
} from '#merkle';
import { askWitness, CosignRefused, type CosignFault } from './ask-witness.js';
import { COSIGN_TIME_MAX_MS, type Cosign } from './cosign.js';
import { WitnessSizes } from './witness-sizes.js';

export type CosignersOptions = {
  /** Its witnesses with an http or https URL are asked (the submission prefix of tlog-witness). */
  readonly policy: Policy;
  /** The key of the log whose checkpoints are cosigned. */
  readonly log: VerifierKey;
  /** Remembers how far each witness is; a hint that may be lost. */
  readonly sizesFile: string;
  readonly onRound?: (round: CosignRound) => void;
  /** Default {@link COSIGN_TIME_MAX_MS}. */
  readonly timeoutMs?: number;
};

/** How a round went; for logs, numbers and probes. */
export type CosignRound = {
  readonly size: bigint;
  /** Names of the policy's witnesses that cosigned. */
  readonly cosigned: readonly string[];
  readonly missing: readonly {
    readonly witness: string;
    readonly fault: CosignFault;
    readonly message: string;
  }[];
  /** Whether the note with these cosignatures has the policy's quorum. */
  readonly quorumMet: boolean;
};

/** The policy names a witness by an address at which nobody can be asked. */
export class CosignersRefused extends Error {
  override readonly name = 'CosignersRefused';
  readonly code = 'configuration.witness-address-refused';
}

type Reachable = PolicyWitness & { readonly url: string };
type Outcome = { readonly witness: Reachable } & (
  { readonly lines: readonly string[] } | { readonly refusal: CosignRefused }
);

/**
 * Who cosigns for a log. @throws CosignersRefused when a witness's URL is none of http or https.
 */
export function createCosigners(options: CosignersOptions): Cosign {
  const witnesses = options.policy.witnesses.filter(isReachable);
  const sizes = new WitnessSizes(options.sizesFile);
  const busy = new Set<Reachable>();
  const timeoutMs = options.timeoutMs ?? COSIGN_TIME_MAX_MS;
  return async (note, prove, signal) => {
    const parsed = parseNote(note);
    const { size } = parseCheckpoint(parsed.text);
    await sizes.load();
    const ask = async (witness: Reachable): Promise<Outcome> => {
      if (hasCosigned(parsed, witness)) return { witness, lines: [] };
      if (busy.has(witness)) return late(witness, 'it still works on an earlier checkpoint');
      busy.add(witness);
      const vkey = formatVerifierKey(witness.key);
      const known = sizes.of(vkey);
      const asking = askWitness(witness, { note, prove, known, timeoutMs, signal })
        .then((line): Outcome => {
          sizes.learn(vkey, size);
          return { witness, lines: [line] };
        })
        .catch((error: unknown): Outcome => ({ witness, refusal: refusalOf(error) }))
        .finally(() => busy.delete(witness));
      return await within(timeoutMs, asking, late(witness, `not within ${timeoutMs} ms`));
    };
    const outcomes = await Promise.all(witnesses.map(ask));
    sizes.save();
    const lines = outcomes.flatMap((one) => ('lines' in one ? one.lines : []));
    options.onRound?.(roundOf(outcomes, { size, note, lines, options }));
    return lines;
  };
}

/** Also what we could not prove, or a fault of ours, costs one cosignature and not the round. */
function refusalOf(error: unknown): CosignRefused {
  if (error instanceof CosignRefused) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CosignRefused('witness.not-asked', reason, { cause: error });
}

function late(witness: Reachable, message: string): Outcome {
  return { witness, refusal: new CosignRefused('witness.slow', message) };
}

function roundOf(
  outcomes: readonly Outcome[],
  {
    size,
    note,
    lines,
    options: { policy, log },
  }: {
    readonly size: bigint;
    readonly note: string;
    readonly lines: readonly string[];
    readonly options: CosignersOptions;
  },
): CosignRound {
  const cosigned = lines.length === 0 ? note : addSignatures(note, lines.join(''));
  return {
    size,
    cosigned: outcomes.flatMap((one) => ('lines' in one ? [one.witness.name] : [])),
    missing: outcomes.flatMap((one) =>
      'lines' in one
        ? []
        : [
            {
              witness: one.witness.name,
              fault: one.refusal.code,
              message: one.refusal.message,
            },
          ],
    ),
    quorumMet: checkPolicy({ ...policy, logs: [{ key: log }] }, cosigned).quorumMet,
  };
}

function hasCosigned({ text, signatures }: Note, { key }: Reachable): boolean {
  return signatures
    .filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
    .some((signature) => verifyCosignature(text, signature, key) !== undefined);
}

function isReachable(witness: PolicyWitness): witness is Reachable {
  if (witness.url === undefined) return false;
  const protocol = URL.canParse(witness.url) ? new URL(witness.url).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return true;
  throw new CosignersRefused(`witness ${witness.name}: its URL is none of http or https`);
}

/** What comes first; the timer does not outlive the work. */
async function within<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  instead: Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(instead), timeoutMs);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
