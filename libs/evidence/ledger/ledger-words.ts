import { cosignersInWords, type Trusted } from './trust.js';

type TrustedCheckpoint = Extract<Trusted, { readonly ok: true }>;

type Findings = {
  readonly trusted: TrustedCheckpoint;
  /** The checkpoint that meets the policy's quorum, if one does; often the same. */
  readonly cosigned: TrustedCheckpoint | undefined;
  /** Sizes of the kept checkpoints that were held against the log. */
  readonly kept: readonly number[];
  /** Signed checkpoints that lie in the ledger beside the latest one. */
  readonly besideCount: number;
  readonly streams: number | undefined;
  readonly hasEvents: boolean;
};

/** What was checked, in the order it was; with the verdict's faults, what was found. */
export function checksInWords(findings: Findings): readonly string[] {
  const { trusted, cosigned, kept, besideCount, streams, hasEvents } = findings;
  const cosigners = cosigned ? cosignersInWords(cosigned) : '';
  return [
    `the checkpoint of ${trusted.size} leaves: signed by ${trusted.log.name} (${trusted.log.keyId})`,
    ...(cosigners === '' ? [] : [`${cosigned?.size ?? 0} leaves: cosigned by ${cosigners}`]),
    'every entry against its leaf hash, every tile against the one above, up to the signed root',
    'that each leaf names this log and its own index',
    ...(streams === undefined
      ? []
      : [`completeness: no gap in the revisions of ${streams} streams`]),
    ...(hasEvents
      ? ['every event of the store against its leaf: data, metadata, place and order']
      : []),
    ...(besideCount === 0
      ? []
      : [
          `that the log extends what it signed earlier: ${besideCount} checkpoints that lie beside`,
        ]),
    ...kept.map((size) => `that the log extends the kept checkpoint of ${size} leaves`),
  ];
}

/** What none of the checks can show (ledger.md, rule 6); said with every verdict, good or bad. */
export function notProvedInWords(findings: Findings): readonly string[] {
  const { trusted, cosigned, kept, streams, hasEvents } = findings;
  const witnessed = cosigned && cosigned.cosigners.length > 0 ? cosigned.size : NOT_COVERED;
  const later = cosigned ? trusted.size - cosigned.size : 0;
  return [
    ...(later === 0
      ? []
      : [
          `the last ${later} of the ${trusted.size} leaves: signed by the log and checked, and not cosigned yet; by the policy this verdict is about the ${trusted.size - later} before them`,
        ]),
    ...rewriteInWords(Math.max(witnessed, ...kept), trusted.size),
    'that what was recorded is true, or that nothing was kept out before it was recorded',
    ...(hasEvents ? [] : ['the contents of the events: a leaf binds them by their hash']),
    ...(streams === undefined ? ['that no stream has a gap: some leaves could not be read'] : []),
  ];
}

/** No kept checkpoint, and no cosignature. */
export const NOT_COVERED = -1;

/**
 * What can have been rewritten in spite of the outside memory that was given.
 * @param coveredSize leaves that a kept checkpoint or a witness vouches for; {@link NOT_COVERED}
 */
export function rewriteInWords(coveredSize: number, size: number): readonly string[] {
  if (coveredSize >= size) return [];
  if (coveredSize === NOT_COVERED) {
    return [
      'that the log was not rewritten as a whole and signed anew with its own key: only a checkpoint kept outside the house, a witness or a time token shows that, and none was given',
    ];
  }
  return [
    `that what came after the first ${coveredSize} leaves was not rewritten before this checkpoint was signed: no kept checkpoint and no witness covers it`,
  ];
}
