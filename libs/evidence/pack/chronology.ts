import { concat, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';
import type { Leaf } from '../leaf/leaf.js';

/** An event of the chronology: what its leaf says, and its contents unless they are withheld. */
export type ChronologyEvent = {
  readonly leaf: Leaf;
  readonly content?: Pick<EventRecord, 'data' | 'metadata'>;
};

export type Chronology = {
  /** What people call the stream, such as a complaint's reference. */
  readonly subject: string;
  readonly stream: string;
  readonly origin: string;
  /** Tree size of the checkpoint that the events were held against. */
  readonly size: number;
  /** In order of revision. */
  readonly events: readonly ChronologyEvent[];
};

/**
 * A chronology is written whole into a pack up to here. No event of this product makes so large a
 * page; keys repeat in every row, so a few that are very long could.
 */
export const CHRONOLOGY_CHARACTERS_MAX = 256_000_000;

/**
 * The chronology of a pack as a web page: pure and deterministic, so that whoever has the events can
 * make it anew and compare it byte for byte. No script, no other file, no locale.
 *
 * For packs whose scope has `v` 1. Every byte of it is a stored format: verifiers that were handed out
 * compare with what they make themselves, so one other word here breaks every pack that there is. A
 * change takes a further `v` of the scope ({@link PACK_VERSION}), with this renderer kept for packs of
 * the old one; `test/ledger/pack-chronology.spec.ts` holds a page that was made in 2026.
 * @throws EvidenceError `chronology.too-large`
 */
export function chronologyHtml(
  chronology: Chronology,
  charactersMax: number = CHRONOLOGY_CHARACTERS_MAX,
): string {
  const pieces: string[] = [];
  let length = 0;
  for (const piece of chronologyPieces(chronology)) {
    length += piece.length;
    if (length > charactersMax) {
      const reason = `the chronology has more than ${charactersMax} characters`;
      throw new EvidenceError('chronology.too-large', reason);
    }
    pieces.push(piece);
  }
  return pieces.join('');
}

/**
 * The same a piece at a time, none larger than what one value of an event makes: a page may be much
 * larger than its events, so who compares should stop where it differs.
 */
function* chronologyPieces(chronology: Chronology): Iterable<string> {
  const { subject, stream, origin, size, events } = chronology;
  const withheld = events.filter(({ content }) => !content).length;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(subject)}: chronology</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Chronology of ${isolated(subject)}</h1>
<p>${events.length} ${events.length === 1 ? 'event' : 'events'} of ${isolated(stream)}, held against the log ${isolated(origin)} at ${size} entries.${withheld === 0 ? '' : ` The content of ${withheld} is withheld.`} It shows what was recorded, not that it is true. Times are UTC.</p>
<ol>
`;
  for (const event of events) yield* eventPieces(event);
  yield `</ol>
</main>
</body>
</html>
`;
}

/**
 * The page as it lies in a pack, up to the first piece that ends beyond so many bytes: a page that is
 * longer than another differs from it, however it goes on.
 */
export function chronologyStart(chronology: Chronology, sizeBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const piece of chronologyPieces(chronology)) {
    const bytes = utf8(piece);
    parts.push(bytes);
    length += bytes.length;
    if (length > sizeBytes) break;
  }
  return concat(parts);
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:48rem;padding:0 1rem}' +
  'li{margin:1.5rem 0}h2{font-size:1.1rem;margin:0}table{border-collapse:collapse;width:100%}' +
  'caption{text-align:left;font-weight:bold;padding-top:.5rem}' +
  'th,td{border-top:1px solid #888;padding:.25rem .5rem;text-align:left;vertical-align:top}' +
  'th{font-weight:normal;width:35%}td{overflow-wrap:anywhere;white-space:pre-wrap}';

function* eventPieces({ leaf, content }: ChronologyEvent): Iterable<string> {
  const metadata = content ? membersOf(content.metadata) : {};
  const recorded = momentHtml(leaf.recordedAt);
  const { occurredAt, reason } = metadata;
  const when =
    typeof occurredAt === 'string' ? `${momentHtml(occurredAt)}, recorded ${recorded}` : recorded;
  yield `<li id="revision-${leaf.revision}" value="${leaf.revision + 1}">
<h2>${escaped(typeInWords(leaf.type))}</h2>
<p>${when}, by ${whoInWords(leaf.actor, metadata['actor'])}</p>
`;
  if (typeof reason === 'string') yield `<p>Reason: ${isolated(reason)}</p>\n`;
  if (content) yield* dataPieces(content.data);
  else yield WITHHELD;
  yield '</li>\n';
}

function momentHtml(instant: string): string {
  return `<time datetime="${escaped(instant)}">${escaped(momentInWords(instant))}</time>`;
}

const WITHHELD =
  '<p><strong>Withheld.</strong> It is proved that this event is in the log, and that the type, the time and the id of who acted stand there as they were recorded. What it says is left out of this pack.</p>\n';

function whoInWords(id: string, actor: unknown): string {
  const role = isObject(actor) ? actor['role'] : undefined;
  return typeof role === 'string'
    ? `${isolated(id)} (${escaped(roleInWords(role))})`
    : isolated(id);
}

function* dataPieces(data: string): Iterable<string> {
  const members = membersOf(data);
  if (Object.keys(members).length === 0) {
    yield '<p>No further particulars.</p>\n';
    return;
  }
  yield '<table>\n<caption>Particulars</caption>\n';
  for (const [name, value] of rowsOf(members, [])) {
    yield `<tr><th scope="row">${escaped(name)}</th><td>${isolated(value)}</td></tr>\n`;
  }
  yield '</table>\n';
}

type Row = readonly [name: string, value: string];

/**
 * Every value with the words of the way to it; members of lists are numbered from 1. What is walked
 * has as many levels as canonical JSON has at most.
 */
function* rowsOf(value: unknown, way: readonly string[]): Iterable<Row> {
  const members = membersInWords(value);
  if (!members) yield [way.join(', '), valueInWords(value)];
  else if (members.length === 0) yield [way.join(', '), 'none'];
  else for (const [name, member] of members) yield* rowsOf(member, [...way, name]);
}

/** The members of a list or an object; undefined for any other value. */
function membersInWords(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.map((member, at) => [String(at + 1), member]);
  }
  if (!isObject(value)) return undefined;
  return Object.entries(value).map(([key, member]) => [keyInWords(key), member]);
}

function valueInWords(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const [KEY, TYPE, ROLE] = [
  /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)*$/,
  /^(?:[A-Z][a-z0-9]+)+$/,
  /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
] as const;

// Names as words, where each name has words of its own; any other name stands as it is, quoted, so
// that two names never look the same.

/** `subProduct` as "Sub product". */
const keyInWords = (key: string): string => inWords(key, KEY);
/** `ComplaintLodged` as "Complaint lodged". */
const typeInWords = (type: string): string => inWords(type, TYPE);
/** `case-handler` as "Case handler". */
const roleInWords = (role: string): string => inWords(role, ROLE);

function inWords(name: string, pattern: RegExp): string {
  if (!pattern.test(name)) return JSON.stringify(name);
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** `2026-01-02T03:04:05.678Z` as "2026-01-02 03:04:05.678"; any other text as it is. */
function momentInWords(instant: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z$/.exec(instant);
  return parts ? `${parts[1] ?? ''} ${parts[2] ?? ''}` : instant;
}

/** Text from outside, kept apart so that its direction of writing changes nothing around it. */
function isolated(text: string): string {
  return `<bdi>${escaped(text)}</bdi>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

function membersOf(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
