import { NOT_COVERED, rewriteInWords } from '../ledger/ledger-words.js';
import { cosignersInWords, type Trusted } from '../ledger/trust.js';
import type { PackScope } from './pack-format.js';

/** What a verifier found in a pack besides faults. */
export type PackFound = {
  /** Revisions whose leaf is proved. */
  readonly checked: number;
  readonly earlier: readonly number[];
  readonly kept: readonly number[];
  readonly timeTokens: number;
  readonly documents: number;
  readonly documentsMissing: number;
  readonly hasPdf: boolean;
};

type PackFacts = {
  readonly scope: PackScope;
  readonly trusted: Extract<Trusted, { readonly ok: true }>;
  readonly found: PackFound;
};

/** What was checked, in the order it was; with the verdict's faults, what was found. */
export function packChecksInWords({ scope, trusted, found }: PackFacts): readonly string[] {
  const { events, withheld } = scope;
  const cosigned = cosignersInWords(trusted);
  return [
    'every byte of the zip, and the hash of every file in it',
    `the checkpoint of ${trusted.size} leaves: signed by ${trusted.log.name} (${trusted.log.keyId})`,
    ...(cosigned === '' ? [] : [`cosigned by ${cosigned}`]),
    `a proof for each of the revisions 0 to ${events - 1} of ${scope.stream}: no gap among them`,
    `${events - withheld.length} events against their leaves: data, metadata and place`,
    ...(withheld.length === 0
      ? []
      : [`that ${withheld.length} events are in the log whose content is withheld`]),
    ...(found.documents === 0
      ? []
      : [`${found.documents} documents by the hash that an event names`]),
    ...found.earlier.map((size) => `that the log extends the earlier checkpoint of ${size} leaves`),
    ...found.kept.map((size) => `that the log extends the kept checkpoint of ${size} leaves`),
    'that chronology.html is made of these events',
  ];
}

/** What none of the checks can show (ledger.md, rules 6 and 8); said with every verdict. */
export function packNotProvedInWords({ scope, trusted, found }: PackFacts): readonly string[] {
  const witnessed = trusted.cosigners.length > 0 ? trusted.size : NOT_COVERED;
  return [
    ...rewriteInWords(Math.max(witnessed, ...found.kept), trusted.size),
    `that the stream had no event after revision ${scope.events - 1}: only the whole log shows that`,
    'that what was recorded is true, or that nothing was kept out before it was recorded',
    'README.txt, bag-info.txt and the name of the program in scope.json: nobody signs them, and whoever hands on a pack can rewrite them',
    ...(scope.withheld.length === 0
      ? []
      : [
          `what the ${scope.withheld.length} withheld events say; still shown of each are its id and index, its type, the id of who acted, when it was recorded, what it belongs to and what caused it (correlation, causation), and the hashes of the documents and letters that it names`,
        ]),
    ...(found.documentsMissing === 0
      ? []
      : [`${found.documentsMissing} documents that events name: they are not in the pack`]),
    ...(found.hasPdf
      ? ['chronology.pdf: only the manifest vouches for it; read chronology.html']
      : []),
    ...(found.timeTokens === 0
      ? []
      : [
          `by the pack alone, the signatures of ${found.timeTokens} time tokens: the certificates of their authority come from elsewhere`,
        ]),
  ];
}
