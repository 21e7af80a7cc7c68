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
 * The chronology of a pack as a web page: pure and deterministic, so that whoever has the events can
 * make it anew and compare it byte for byte. No script, no other file, no locale.
 */
export function chronologyHtml(chronology: Chronology): string {
  const { subject, stream, origin, size, events } = chronology;
  const withheld = events.filter(({ content }) => !content).length;
  return `<!doctype html>
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
<p>${events.length} ${events.length === 1 ? 'event' : 'events'} of ${isolated(stream)}, held against the log ${isolated(origin)} at ${size} entries.${withheld === 0 ? '' : ` The content of ${withheld} is withheld.`} Times are UTC.</p>
<ol>
${events.map((event) => eventHtml(event)).join('\n')}
</ol>
</main>
</body>
</html>
`;
}

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:48rem;padding:0 1rem}' +
  'li{margin:1.5rem 0}h2{font-size:1.1rem;margin:0}table{border-collapse:collapse;width:100%}' +
  'caption{text-align:left;font-weight:bold;padding-top:.5rem}' +
  'th,td{border-top:1px solid #888;padding:.25rem .5rem;text-align:left;vertical-align:top}' +
  'th{font-weight:normal;width:35%}td{overflow-wrap:anywhere;white-space:pre-wrap}';

function eventHtml({ leaf, content }: ChronologyEvent): string {
  const metadata = content ? membersOf(content.metadata) : {};
  const heading = `<h2>${escaped(inWords(leaf.type))}</h2>`;
  const recorded = `<time datetime="${escaped(leaf.recordedAt)}">${escaped(momentInWords(leaf.recordedAt))}</time>`;
  const occurred = metadata['occurredAt'];
  const when =
    typeof occurred === 'string'
      ? `<time datetime="${escaped(occurred)}">${escaped(momentInWords(occurred))}</time>, recorded ${recorded}`
      : recorded;
  const lines = [`<p>${when}, by ${whoInWords(leaf.actor, metadata['actor'])}</p>`];
  if (typeof metadata['reason'] === 'string') {
    lines.push(`<p>Reason: ${isolated(metadata['reason'])}</p>`);
  }
  lines.push(content ? dataHtml(content.data) : WITHHELD);
  const id = `revision-${leaf.revision}`;
  return `<li id="${id}" value="${leaf.revision + 1}">\n${heading}\n${lines.join('\n')}\n</li>`;
}

const WITHHELD =
  '<p><strong>Withheld.</strong> That this event is in the log, when, of what kind and by whom is proved; its content is left out of this pack.</p>';

function whoInWords(id: string, actor: unknown): string {
  const role = isObject(actor) ? actor['role'] : undefined;
  return typeof role === 'string' ? `${isolated(id)} (${escaped(inWords(role))})` : isolated(id);
}

function dataHtml(data: string): string {
  const rows = rowsOf(membersOf(data), []);
  if (rows.length === 0) return '<p>No further particulars.</p>';
  const cells = rows.map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${isolated(value)}</td></tr>`,
  );
  return `<table>\n<caption>Particulars</caption>\n${cells.join('\n')}\n</table>`;
}

type Row = readonly [name: string, value: string];

/** Every value with the words of the way to it; members of lists are numbered from 1. */
function rowsOf(value: unknown, way: readonly string[]): readonly Row[] {
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (list.length === 0) return [[way.join(', '), 'none']];
    return list.flatMap((member, at) => rowsOf(member, [...way, String(at + 1)]));
  }
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => rowsOf(member, [...way, inWords(key)]));
  }
  return [[way.join(', '), valueInWords(value)]];
}

function valueInWords(value: unknown): string {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `ComplaintLodged` as "Complaint lodged", `subProduct` as "Sub product", `case-handler` as "Case handler". */
function inWords(name: string): string {
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
