/** Columns of the CFPB's export that the importer knows by name. */
export type CfpbColumn =
  | 'id'
  | 'product'
  | 'subProduct'
  | 'issue'
  | 'subIssue'
  | 'narrative'
  | 'publicResponse'
  | 'company'
  | 'state'
  | 'postalCode'
  | 'tags'
  | 'consent'
  | 'submittedVia'
  | 'receivedOn'
  | 'sentOn'
  | 'response'
  | 'timely'
  | 'disputed';

/**
 * Headings of the export over the years. 18 columns since 2015; 16 in the summer of 2015, before
 * Tags and Consumer consent, and again in exports of today without consent and dispute; 14 before
 * narratives were published; 13 in extracts without company and channel. So columns are found by
 * name, in any order. Fields: https://cfpb.github.io/api/ccdb/fields.html
 */
const COLUMN_OF_HEADING: Readonly<Record<string, CfpbColumn>> = {
  'complaint id': 'id',
  product: 'product',
  'sub-product': 'subProduct',
  issue: 'issue',
  'sub-issue': 'subIssue',
  'consumer complaint narrative': 'narrative',
  'company public response': 'publicResponse',
  company: 'company',
  state: 'state',
  'zip code': 'postalCode',
  tags: 'tags',
  'consumer consent provided?': 'consent',
  'submitted via': 'submittedVia',
  'date received': 'receivedOn',
  'date sent to company': 'sentOn',
  'company response': 'response',
  'company response to consumer': 'response',
  'timely response?': 'timely',
  'consumer disputed?': 'disputed',
};

/** Without these a file is not the CFPB's export, whatever else it holds. */
const REQUIRED: readonly (readonly [CfpbColumn, string])[] = [
  ['id', 'Complaint ID'],
  ['product', 'Product'],
  ['issue', 'Issue'],
  ['receivedOn', 'Date received'],
  ['sentOn', 'Date sent to company'],
  ['response', 'Company response'],
  ['timely', 'Timely response?'],
];

/** The names that a label of an event's source may have; the schema of the events refuses others. */
const LABEL_NAME = /^[A-Za-z][A-Za-z0-9 _?-]{0,63}$/;
const LABEL_NAME_LENGTH_MAX = 64;
/** The columns that a row keeps as labels besides its fields. */
const LABELS_OF_COLUMNS = [
  'Company response',
  'Company public response',
  'Consumer consent provided?',
  'Submitted via',
];

export type CfpbHeader = {
  readonly place: Readonly<Partial<Record<CfpbColumn, number>>>;
  /** Columns that a later export may add: kept as labels of the source, named by {@link readHeader}. */
  readonly others: readonly { readonly name: string; readonly index: number }[];
};

export type HeaderRefused = { readonly refused: string };

/**
 * Reads the heading line; a file with another one is refused whole, before anything is written.
 * A column it does not know becomes a label under its heading, where that is a label's name. Else
 * what a name cannot hold becomes a space, as `Company legal name` from `Company (legal name)`; a
 * heading with no letter left is `Column 7`, by its place. Of two alike the later has its place
 * behind it. A column without a heading is left out.
 */
export function readHeader(headings: readonly string[]): CfpbHeader | HeaderRefused {
  const place: Partial<Record<CfpbColumn, number>> = {};
  const others: { readonly name: string; readonly index: number }[] = [];
  const taken = new Set(LABELS_OF_COLUMNS);
  for (const [index, heading] of headings.entries()) {
    const name = heading.trim();
    const column = COLUMN_OF_HEADING[name.toLowerCase()];
    if (column) {
      if (place[column] !== undefined) return { refused: `column "${name}" stands there twice` };
      place[column] = index;
    } else if (name !== '') {
      others.push({ name: freeName(labelNameOf(name, index), index, taken), index });
    }
  }
  const missing = REQUIRED.filter(([column]) => place[column] === undefined);
  if (missing.length === 0) return { place, others };
  const names = missing.map(([, heading]) => `"${heading}"`).join(', ');
  return { refused: `not a CFPB export: column ${names} is missing` };
}

function labelNameOf(heading: string, index: number): string {
  if (LABEL_NAME.test(heading)) return heading;
  const words = heading
    .replaceAll(/[^A-Za-z0-9 _?-]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .replace(/^[^A-Za-z]+/, '');
  return words.slice(0, LABEL_NAME_LENGTH_MAX).trim() || `Column ${index + 1}`;
}

/** One label a column: two under one name would leave only the later one's text. */
function freeName(name: string, index: number, taken: Set<string>): string {
  const place = ` ${index + 1}`;
  const free = taken.has(name)
    ? `${name.slice(0, LABEL_NAME_LENGTH_MAX - place.length)}${place}`
    : name;
  taken.add(free);
  return free;
}
