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

/** A label's name is a key of canonical JSON, which begins with a letter. */
const LABEL = /^[A-Za-z][^\p{Cc}]{0,79}$/u;

export type CfpbHeader = {
  readonly place: Readonly<Partial<Record<CfpbColumn, number>>>;
  /** Columns that a later export may add: kept word for word as labels of the source. */
  readonly others: readonly { readonly name: string; readonly index: number }[];
};

export type HeaderRefused = { readonly refused: string };

/** Reads the heading line; a file with another one is refused whole, before anything is written. */
export function readHeader(headings: readonly string[]): CfpbHeader | HeaderRefused {
  const place: Partial<Record<CfpbColumn, number>> = {};
  const others: { readonly name: string; readonly index: number }[] = [];
  for (const [index, heading] of headings.entries()) {
    const name = heading.trim();
    const column = COLUMN_OF_HEADING[name.toLowerCase()];
    if (column) {
      if (place[column] !== undefined) return { refused: `column "${name}" stands there twice` };
      place[column] = index;
    } else if (LABEL.test(name)) {
      others.push({ name, index });
    }
  }
  const missing = REQUIRED.filter(([column]) => place[column] === undefined);
  if (missing.length === 0) return { place, others };
  const names = missing.map(([, heading]) => `"${heading}"`).join(', ');
  return { refused: `not a CFPB export: column ${names} is missing` };
}
