import { cosignersInWords, type Trusted } from './trust.js';

type Findings = {
  readonly trusted: Extract<Trusted, { readonly ok: true }>;
  /** Sizes of the kept checkpoints that were held against the log. */
  readonly kept: readonly number[];
  readonly streams: number | undefined;
  readonly hasEvents: boolean;
};

/** What was checked, in the order it was; with the verdict's faults, what was found. */
export function checksInWords({ trusted, kept, streams, hasEvents }: Findings): readonly string[] {
  const cosigned = cosignersInWords(trusted);
  return [
    `the checkpoint of ${trusted.size} leaves: signed by ${trusted.log.name} (${trusted.log.keyId})`,
    ...(cosigned === '' ? [] : [`cosigned by ${cosigned}`]),
    'every entry against its leaf hash, every tile against the one above, up to the signed root',
    'that each leaf names this log and its own index',
    ...(streams === undefined
      ? []
      : [`completeness: no gap in the revisions of ${streams} streams`]),
    ...(hasEvents
      ? ['every event of the store against its leaf: data, metadata, place and order']
      : []),
    ...kept.map((size) => `that the log extends the kept checkpoint of ${size} leaves`),
  ];
}

/** What none of the checks can show (ledger.md, rule 6); said with every verdict, good or bad. */
export function notProvedInWords({
  trusted,
  kept,
  streams,
  hasEvents,
}: Findings): readonly string[] {
  return [
    ...rewriteInWords(Math.max(-1, ...kept), trusted),
    'that what was recorded is true, or that nothing was kept out before it was recorded',
    ...(hasEvents ? [] : ['the contents of the events: a leaf binds them by their hash']),
    ...(streams === undefined ? ['that no stream has a gap: some leaves could not be read'] : []),
  ];
}

/** What outside memory was given, and what can have been rewritten in spite of it. */
export function rewriteInWords(
  keptSize: number,
  { cosigners }: Pick<Findings['trusted'], 'cosigners'>,
): readonly string[] {
  if (cosigners.length > 0) return [];
  if (keptSize < 0) {
    return [
      'that the log was not rewritten as a whole and signed anew with its own key: only a checkpoint kept outside the house, a witness or a time token shows that, and none was given',
    ];
  }
  return [
    `that what came after the first ${keptSize} leaves was not rewritten before this checkpoint was signed: no kept checkpoint covers it`,
  ];
}
