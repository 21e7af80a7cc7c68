import type { Instant } from '#kernel';
import type { Channel, Outcome, SourceDefect } from '../../complaint/complaint.vocabulary.js';
import { instantOfDate } from './cfpb.dates.js';
import type { CfpbColumn, CfpbHeader } from './cfpb.header.js';

/** A row of the export, understood. Absent or undefined members stand for blank or absent columns. */
export type CfpbRow = {
  readonly id: string;
  readonly product: string;
  readonly subProduct?: string;
  readonly issue?: string;
  readonly subIssue?: string;
  readonly narrative?: string;
  readonly company?: string;
  readonly state?: string;
  readonly postalCode?: string;
  readonly needs: readonly string[];
  readonly channel: Channel;
  readonly receivedAt: Instant;
  readonly sentAt?: Instant;
  /** What the company answered; absent while it is in progress. */
  readonly outcome?: Outcome;
  readonly timely?: boolean;
  readonly disputed?: boolean;
  readonly defects: readonly SourceDefect[];
  readonly labels: Readonly<Record<string, string>>;
};

export type RowRefused = { readonly refused: string };

/** As the CFPB's field reference lists them; what is not here is kept as a label. */
const CHANNEL_OF: Readonly<Record<string, Channel>> = {
  web: 'web',
  'web referral': 'partner',
  referral: 'partner',
  phone: 'phone',
  'postal mail': 'post',
  email: 'e-mail',
  fax: 'post',
};

/** "Closed with relief" and "Closed without relief" are the words in use until June 2012. */
const OUTCOME_OF: Readonly<Record<string, Outcome | undefined>> = {
  'closed with monetary relief': 'monetary-relief',
  'closed with relief': 'monetary-relief',
  'closed with non-monetary relief': 'non-monetary-relief',
  'closed with explanation': 'explanation',
  closed: 'no-relief',
  'closed without relief': 'no-relief',
  'untimely response': 'not-stated',
};
const UNDECIDED = new Set(['in progress', '', 'n/a']);

const YES_NO: Readonly<Record<string, boolean>> = { yes: true, no: false };
const UNSAID = new Set(['', 'n/a']);

const ID = /^[A-Za-z0-9-]{1,40}$/;
const POSTAL_CODE_LENGTH = 5;
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Understands one row, or says in a sentence why it cannot. Never guesses a missing value. The
 * sentence names the column and never what stands there: a shifted row has a narrative anywhere.
 */
export function readRow(header: CfpbHeader, fields: readonly string[]): CfpbRow | RowRefused {
  const text = (column: CfpbColumn): string => fields[header.place[column] ?? -1]?.trim() ?? '';
  const refused = refusalOf(text, fields);
  if (refused !== undefined) return { refused };
  const receivedAt = instantOfDate(text('receivedOn'));
  if (receivedAt === undefined) return badDate('Date received', text('receivedOn'));
  const sentAt = instantOfDate(text('sentOn'));
  if (text('sentOn') !== '' && sentAt === undefined) return badDate('Date sent', text('sentOn'));
  const response = text('response').toLowerCase();
  return {
    id: text('id'),
    product: text('product'),
    subProduct: told(text('subProduct')),
    issue: told(text('issue')),
    subIssue: told(text('subIssue')),
    narrative: told(text('narrative')),
    company: told(text('company')),
    state: told(text('state')),
    postalCode: told(text('postalCode')),
    needs: text('tags') === '' ? [] : text('tags').split(/\s*,\s*/),
    channel: CHANNEL_OF[text('submittedVia').toLowerCase()] ?? 'import',
    receivedAt,
    sentAt,
    outcome: OUTCOME_OF[response],
    timely: YES_NO[text('timely').toLowerCase()],
    disputed: YES_NO[text('disputed').toLowerCase()],
    defects: defectsOf(text),
    labels: labelsOf(header, text, fields),
  };
}

type Text = (column: CfpbColumn) => string;

function refusalOf(text: Text, fields: readonly string[]): string | undefined {
  if (text('id') === '') return 'Complaint ID is missing';
  if (!ID.test(text('id'))) return 'Complaint ID is not a number or plain word';
  if (fields.some((field) => field.includes(REPLACEMENT_CHARACTER))) return 'not UTF-8';
  if (text('product') === '') return 'Product is missing';
  const response = text('response').toLowerCase();
  if (!UNDECIDED.has(response) && OUTCOME_OF[response] === undefined) {
    return 'Company response is unknown';
  }
  for (const [column, heading] of YES_NO_COLUMNS) {
    const word = text(column).toLowerCase();
    if (YES_NO[word] === undefined && !UNSAID.has(word)) {
      return `${heading} is neither Yes nor No`;
    }
  }
  if (text('disputed').toLowerCase() in YES_NO && UNDECIDED.has(response)) {
    return 'Consumer disputed? is answered before there is a company response';
  }
  return undefined;
}

const YES_NO_COLUMNS = [
  ['timely', 'Timely response?'],
  ['disputed', 'Consumer disputed?'],
] as const;

function badDate(heading: string, value: string): RowRefused {
  return {
    refused: value === '' ? `${heading} is missing` : `${heading} is no date`,
  };
}

function told(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** Dirt that is kept and named: 2,368 ZIP codes of the 2015 file lost their leading zeros. */
function defectsOf(text: Text): readonly SourceDefect[] {
  const defects: SourceDefect[] = [];
  const postalCode = text('postalCode');
  if (postalCode === '') defects.push('postal-code-blank');
  else if (/X/i.test(postalCode)) defects.push('postal-code-masked');
  else if (postalCode.length < POSTAL_CODE_LENGTH) defects.push('postal-code-short');
  if (text('state') === '') defects.push('region-blank');
  if (text('subProduct') === '') defects.push('sub-product-blank');
  if (text('issue') === '') defects.push('issue-blank');
  return defects;
}

/** What has no field in the events, word for word under the column's own heading. */
function labelsOf(
  header: CfpbHeader,
  text: Text,
  fields: readonly string[],
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  const keep = (name: string, value: string): void => {
    if (value !== '') labels[name] = value;
  };
  keep('Company response', text('response'));
  keep('Company public response', text('publicResponse'));
  keep('Consumer consent provided?', text('consent'));
  keep('Submitted via', text('submittedVia'));
  for (const { name, index } of header.others) keep(name, fields[index]?.trim() ?? '');
  return labels;
}
