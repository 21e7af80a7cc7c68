import { KEPT_FILE, packCommands, VKEY_FILE } from './pack-commands.js';

/** What a README tells of its pack. */
export type PackFacts = {
  readonly subject: string;
  readonly stream: string;
  readonly origin: string;
  /** Of the pack's checkpoint. */
  readonly size: number;
  readonly eventCount: number;
  readonly withheld: readonly number[];
  /** Sizes of the earlier checkpoints that are linked to it, ascending. */
  readonly earlierSizes: readonly number[];
  readonly timeSizes: readonly number[];
  readonly documentCount: number;
  /** Hashes of documents that events name and that are not in the pack. */
  readonly missingDocuments: readonly string[];
  /** The bag's folder, and the zip without its ending. */
  readonly name: string;
};

/** README.txt of a pack: what it is, how anybody checks it, and what it does not prove. */
export function packReadme(facts: PackFacts): string {
  return [
    ...opening(facts),
    ...commands(facts.name),
    ...notProved(facts),
    ...contents(facts),
    '',
  ].join('\n');
}

function opening(facts: PackFacts): readonly string[] {
  const { subject, stream, origin, size, eventCount, withheld } = facts;
  const shown = eventCount - withheld.length;
  return [
    `EVIDENCE PACK ${subject}`,
    '',
    `The ${eventCount} events of ${stream}, revisions 0 to ${eventCount - 1}, with the proof that each is`,
    `in the log "${origin}" at a size of ${size} entries. Read data/chronology.html or .pdf first.`,
    ...(withheld.length === 0
      ? ['Every event is shown.']
      : [
          `${shown} events are shown. Of ${withheld.length} the content is withheld, and the proof that they are`,
          `there is not: ${rangesOf(withheld)}.`,
          'Still shown of each: its id and index in the log, its type, the id of who acted, when it was',
          'recorded, what it belongs to and what caused it (correlation, causation), and the hashes of the',
          'documents and letters that it names.',
        ]),
    '',
  ];
}

function commands(name: string): readonly string[] {
  return [
    'HOW TO CHECK IT, WITHOUT OUR SOFTWARE AND WITHOUT US',
    '',
    'You need a shell with unzip, sha256sum, openssl (1.1.1 or later) and python3. Name the zip',
    `${name}.zip, and put beside it what you got from elsewhere, never from this pack:`,
    '',
    `  ${VKEY_FILE}   the verifier key of the log, one line: from an auditor, a publication, a witness's policy,`,
    '             or from us on another day and by another way;',
    `  ${KEPT_FILE}   a checkpoint of the log that you or somebody you trust kept, or a .tlog-proof receipt.`,
    `             When command 5 asks for a pack that is linked to it, nothing is wrong yet: send`,
    `             ${KEPT_FILE} to us and ask for a pack made with it. Without the file, leave out command 5.`,
    '',
    'Then five commands, one after the other, in one shell, from the folder of the zip; the first moves into',
    'the bag, and the others run there. Each ends with status 0 when all is well, and says what is wrong',
    'otherwise.',
    ...packCommands(name).flatMap(({ title, lines }, at) => [
      '',
      `${at + 1}. ${title}`,
      '',
      ...lines,
    ]),
    '',
    'On a Mac, write shasum -a 256 for sha256sum. Copy all lines of a command, as they stand.',
    '',
    'redress ledger verify, verify.py and the offline page check all this and more: cosignatures, time',
    'tokens, documents, the chronology, and that not one byte of the zip was changed.',
    '',
  ];
}

function notProved({ eventCount }: PackFacts): readonly string[] {
  return [
    'WHAT IS NOT PROVED',
    '',
    '- That what was recorded is true: not what happened, nor when, nor who did it. Proved is that it was',
    '  recorded so, and not changed since.',
    '- That nothing was left unrecorded, or was told before it was recorded.',
    `- That nothing followed: an event after revision ${eventCount - 1} shows only in the log itself, or in a later`,
    '  pack. That none before it is missing is proved, for revisions have no gaps.',
    '- When it happened. Times are what the house wrote; a time token or a cosignature in this pack proves',
    '  that the log of that size was there by then, and nothing of the time before.',
    '- Against the house itself, without command 5: who holds the key can write the whole log anew and sign',
    '  it. Only memory outside shows that: a checkpoint kept, a time token, a witness.',
    '- That the PDF says what the events say. The manifest alone vouches for it; our verifiers derive the',
    '  HTML from the events anew and compare.',
    '',
  ];
}

function contents(facts: PackFacts): readonly string[] {
  const { earlierSizes, timeSizes, documentCount, missingDocuments } = facts;
  return [
    'WHAT IS IN IT',
    '',
    'A BagIt 1.0 bag (RFC 8493); formats by C2SP (c2sp.org) and RFC 6962, 9162, 3161, 8785.',
    '',
    'data/checkpoint             the signed checkpoint that all proofs lead to (C2SP signed note)',
    'data/events/NNNNNN.json     the content of revision NNNNNN, byte for byte as it was hashed',
    'data/proofs/NNNNNN.tlog-proof   its leaf (after "extra") and inclusion proof (C2SP tlog-proof)',
    'data/scope.json             which stream, how many events, which are withheld',
    'data/chronology.html, .pdf  the same to read',
    `data/earlier/SIZE/          ${earlierSizes.length} earlier checkpoints, each with a consistency proof to data/checkpoint`,
    ...(earlierSizes.length === 0 ? [] : [`  sizes: ${earlierSizes.join(', ')}`]),
    `data/time/SIZE.note, .tsr   ${timeSizes.length} RFC 3161 time tokens over checkpoints`,
    `data/documents/SHA256       ${documentCount} documents that events name by this hash`,
    ...missingDocuments.map((sha256) => `  not here: ${sha256}`),
  ];
}

/** `1, 3-5`: what is withheld may be most of a long stream. */
export function rangesOf(ascending: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const one of ascending) {
    const last = ranges.at(-1);
    if (last && one === last[1] + 1) last[1] = one;
    else ranges.push([one, one]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
