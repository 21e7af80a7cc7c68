import { NOT_COVERED, rewriteInWords } from '../ledger/ledger-words.js';
import { cosignersInWords, type Trusted } from '../ledger/trust.js';
import type { FaultList } from '../verdict.js';
import type { PackScope } from './pack-format.js';

/** What a verifier found in a pack besides faults. */
export type PackFound = {
  /** Revisions whose leaf is proved. */
  readonly checked: number;
  readonly earlier: readonly number[];
  /** Sizes of the kept checkpoints that the log is proved to extend. */
  readonly kept: readonly number[];
  /** Whether there were kept checkpoints to hold against it at all. */
  readonly isKeptGiven: boolean;
  readonly timeTokens: number;
  readonly documents: number;
  readonly documentsMissing: number;
  readonly hasPdf: boolean;
};

type PackFacts = {
  readonly scope: PackScope;
  readonly trusted: Extract<Trusted, { readonly ok: true }>;
  readonly found: PackFound;
  readonly faults: Pick<FaultList, 'has'>;
};

/** What was checked and held, in the order it was: nothing of the kind of a fault that was found. */
export function packChecksInWords({ scope, trusted, found, faults }: PackFacts): readonly string[] {
  const { events, withheld } = scope;
  const cosigned = cosignersInWords(trusted);
  const areEventsRight = !faults.has('event', 'proof');
  return [
    ...(faults.has('file') ? [] : ['every byte of the zip, and the hash of every file in it']),
    `the checkpoint of ${trusted.size} leaves: signed by ${trusted.log.name} (${trusted.log.keyId})`,
    ...(cosigned === '' || faults.has('cosignature') ? [] : [`cosigned by ${cosigned}`]),
    ...(faults.has('proof')
      ? []
      : [
          `a proof for each of the revisions 0 to ${events - 1} of ${scope.stream}: no gap among them`,
        ]),
    ...(areEventsRight
      ? [`${events - withheld.length} events against their leaves: data, metadata and place`]
      : []),
    ...(withheld.length === 0 || !areEventsRight
      ? []
      : [`that ${withheld.length} events are in the log whose content is withheld`]),
    ...(found.documents === 0 || faults.has('document')
      ? []
      : [`${found.documents} documents by the hash that an event names`]),
    ...found.earlier.map((size) => `that the log extends the earlier checkpoint of ${size} leaves`),
    ...found.kept.map((size) => `that the log extends the kept checkpoint of ${size} leaves`),
    ...(areEventsRight && !faults.has('file')
      ? ['that chronology.html is made of these events']
      : []),
  ];
}

/** What none of the checks can show (ledger.md, rules 6 and 8); said with every verdict. */
export function packNotProvedInWords({ scope, trusted, found }: PackFacts): readonly string[] {
  const witnessed = trusted.cosigners.length > 0 ? trusted.size : NOT_COVERED;
  const { isKeptGiven } = found;
  const coveredSize = Math.max(witnessed, ...found.kept);
  return [
    ...rewriteInWords({ coveredSize, isKeptGiven }, trusted.size),
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
