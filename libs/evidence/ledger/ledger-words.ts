import type { FaultList } from '../verdict.js';
import { cosignersInWords, type Trusted } from './trust.js';

type TrustedCheckpoint = Extract<Trusted, { readonly ok: true }>;

type Findings = {
  readonly trusted: TrustedCheckpoint;
  /** The checkpoint that meets the policy's quorum, if one does; often the same. */
  readonly cosigned: TrustedCheckpoint | undefined;
  /** Sizes of the kept checkpoints that the log was found to extend. */
  readonly kept: readonly number[];
  /** Whether there were kept checkpoints to hold against it at all. */
  readonly isKeptGiven: boolean;
  /** Signed checkpoints that lie in the ledger beside the latest one. */
  readonly besideCount: number;
  readonly streams: number | undefined;
  readonly hasEvents: boolean;
  /** Whether entries and tiles were all there and led to the signed root. */
  readonly isTreeSigned: boolean;
  readonly faults: Pick<FaultList, 'has'>;
};

/** What was checked and held, in the order it was: nothing that a fault speaks against. */
export function checksInWords(findings: Findings): readonly string[] {
  const { trusted, cosigned, kept, besideCount, streams, hasEvents } = findings;
  const { isTreeSigned, faults } = findings;
  const cosigners = cosigned ? cosignersInWords(cosigned) : '';
  const areLeavesRight = isTreeSigned && !faults.has('leaf');
  const isBesideRight = !faults.has('checkpoint', 'time-token');
  return [
    `the checkpoint of ${trusted.size} leaves: signed by ${trusted.log.name} (${trusted.log.keyId})`,
    ...(cosigners === '' ? [] : [`${cosigned?.size ?? 0} leaves: cosigned by ${cosigners}`]),
    ...(isTreeSigned
      ? [
          'every entry against its leaf hash, every tile against the one above, up to the signed root',
        ]
      : []),
    ...(areLeavesRight ? ['that each leaf names this log and its own index'] : []),
    ...(areLeavesRight && streams !== undefined
      ? [`completeness: no gap in the revisions of ${streams} streams`]
      : []),
    ...(hasEvents && isTreeSigned && !faults.has('event')
      ? ['every event of the store against its leaf: data, metadata, place and order']
      : []),
    ...(besideCount === 0 || !isBesideRight
      ? []
      : [
          `that the log extends what it signed earlier: ${besideCount} checkpoints that lie beside`,
        ]),
    ...kept.map((size) => `that the log extends the kept checkpoint of ${size} leaves`),
  ];
}

/** What none of the checks can show (ledger.md, rule 6); said with every verdict, good or bad. */
export function notProvedInWords(findings: Findings): readonly string[] {
  const { trusted, cosigned, kept, isKeptGiven, streams, hasEvents } = findings;
  const witnessed = cosigned && cosigned.cosigners.length > 0 ? cosigned.size : NOT_COVERED;
  const later = cosigned ? trusted.size - cosigned.size : 0;
  return [
    ...(later === 0
      ? []
      : [
          `the last ${later} of the ${trusted.size} leaves: signed by the log and checked, and not cosigned yet; by the policy this verdict is about the ${trusted.size - later} before them`,
        ]),
    ...rewriteInWords({ coveredSize: Math.max(witnessed, ...kept), isKeptGiven }, trusted.size),
    'that what was recorded is true, or that nothing was kept out before it was recorded',
    ...(hasEvents ? [] : ['the contents of the events: a leaf binds them by their hash']),
    ...(streams === undefined ? ['that no stream has a gap: some leaves could not be read'] : []),
  ];
}

/** No kept checkpoint, and no cosignature. */
export const NOT_COVERED = -1;

/** What was given of memory outside the house. */
type Memory = {
  /** Leaves that a kept checkpoint or a witness vouches for; {@link NOT_COVERED} */
  readonly coveredSize: number;
  /** Whether there were kept checkpoints, though none may vouch for anything. */
  readonly isKeptGiven: boolean;
};

/** What can have been rewritten in spite of the outside memory that was given. */
export function rewriteInWords(
  { coveredSize, isKeptGiven }: Memory,
  size: number,
): readonly string[] {
  if (coveredSize >= size) return [];
  if (coveredSize === NOT_COVERED) {
    const given = isKeptGiven ? 'what was given does not' : 'none was given';
    return [
      `that the log was not rewritten as a whole and signed anew with its own key: only a checkpoint kept outside the house, a witness or a time token shows that, and ${given}`,
    ];
  }
  return [
    `that what came after the first ${coveredSize} leaves was not rewritten before this checkpoint was signed: no kept checkpoint and no witness covers it`,
  ];
}
