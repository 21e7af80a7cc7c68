/** A record of a CSV file (RFC 4180), or what stands there instead of one. */
export type CsvRecord = CsvRow | CsvFault;

export type CsvRow = {
  readonly kind: 'row';
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The record as it stands in the file, without its line end. */
  readonly raw: string;
};

export type CsvFault = { readonly kind: 'fault'; readonly line: number; readonly reason: string };

/** A longer record is not a complaint but a quote that somebody forgot to close. */
export const RECORD_LENGTH_MAX_CHARACTERS = 262_144;

type Scanned = { readonly fields: readonly string[]; readonly end: number };
type Stopped = 'incomplete' | { readonly fault: string };

/**
 * Reads records from bytes, in pages. After a broken record it goes on with the very next line, so
 * that a quote left open costs its own row and not, as with csv-parse 7, the rows up to the next
 * quote, or all of them.
 * Takes a byte-order mark, CRLF and line breaks inside quotes. Memory: one chunk and one record.
 */
export class CsvReader {
  #text = '';
  #line = 1;
  /** Columns that every record must have; known once the first record, the header, was read. */
  #columns: number | undefined;
  /** A record too long to keep is being passed over up to its first line end. */
  #passing = false;
  readonly #decoder = new TextDecoder('utf-8');

  /** The records that end in what was fed so far. */
  feed(chunk: Uint8Array): readonly CsvRecord[] {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    return this.#take('more to come');
  }

  /** The records that the end of the file completes. */
  end(): readonly CsvRecord[] {
    this.#text += this.#decoder.decode();
    return this.#take('at the end');
  }

  #take(state: 'more to come' | 'at the end'): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    let from = this.#passing ? this.#passOver() : 0;
    // Every turn moves `from` ahead by a line at least, or ends.
    while (from < this.#text.length) {
      const scanned = scan(this.#text, from, state === 'at the end');
      if (scanned === 'incomplete' && this.#text.length - from <= RECORD_LENGTH_MAX_CHARACTERS) {
        break;
      }
      const taken = this.#recordOf(scanned, from);
      if (taken.record) records.push(taken.record);
      from = taken.next;
    }
    this.#text = this.#text.slice(from);
    return records;
  }

  #recordOf(
    scanned: Scanned | Stopped,
    from: number,
  ): { readonly record: CsvRecord | undefined; readonly next: number } {
    const line = this.#line;
    if (typeof scanned === 'string' || 'fault' in scanned) {
      const reason =
        typeof scanned === 'string' ? 'a quote is opened and not closed' : scanned.fault;
      return { record: { kind: 'fault', line, reason }, next: this.#nextLine(from) };
    }
    const raw = withoutLineEnd(this.#text.slice(from, scanned.end));
    if (raw.trim() === '') return { record: undefined, next: this.#nextLine(from) };
    const count = scanned.fields.length;
    this.#columns ??= count;
    if (count !== this.#columns) {
      const reason = `${count} columns where the header has ${this.#columns}`;
      return { record: { kind: 'fault', line, reason }, next: this.#nextLine(from) };
    }
    this.#line += countLines(this.#text, from, scanned.end);
    return { record: { kind: 'row', line, fields: scanned.fields, raw }, next: scanned.end };
  }

  #nextLine(from: number): number {
    const end = this.#text.indexOf('\n', from);
    if (end < 0) {
      this.#passing = true;
      return this.#text.length;
    }
    this.#line += 1;
    return end + 1;
  }

  #passOver(): number {
    const end = this.#text.indexOf('\n');
    if (end < 0) return this.#text.length;
    this.#passing = false;
    this.#line += 1;
    return end + 1;
  }
}

function scan(text: string, from: number, atEnd: boolean): Scanned | Stopped {
  const fields: string[] = [];
  let at = from;
  // Bounded by the text: every turn passes one field and its delimiter.
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at, atEnd) : plainField(text, at, atEnd);
    if (typeof field === 'string' || 'fault' in field) return field;
    fields.push(field.value);
    if (field.end >= text.length) return { fields, end: text.length };
    at = field.end + 1;
    if (text[field.end] === '\n') return { fields, end: at };
  }
}

/** A field's value and the place of the delimiter that ends it (the text's length at the end). */
type FieldFound = { readonly value: string; readonly end: number };

function plainField(text: string, from: number, atEnd: boolean): FieldFound | Stopped {
  let end = from;
  for (; end < text.length; end += 1) {
    const character = text.charCodeAt(end);
    if (character === COMMA || character === LINE_FEED) break;
    if (character === QUOTE)
      return { fault: 'a quote inside a field that does not begin with one' };
  }
  if (end === text.length && !atEnd) return 'incomplete';
  const isLast = end === text.length || text.charCodeAt(end) === LINE_FEED;
  const valueEnd = isLast && text.charCodeAt(end - 1) === RETURN && end > from ? end - 1 : end;
  return { value: text.slice(from, valueEnd), end };
}

function quotedField(text: string, from: number, atEnd: boolean): FieldFound | Stopped {
  let doubled = false;
  let close = text.indexOf('"', from + 1);
  for (; close >= 0 && text.charCodeAt(close + 1) === QUOTE; close = text.indexOf('"', close + 2)) {
    doubled = true;
  }
  if (close < 0) return atEnd ? { fault: 'a quote is opened and not closed' } : 'incomplete';
  const end = endOfQuoted(text, close, atEnd);
  if (typeof end !== 'number') return end;
  const value = text.slice(from + 1, close);
  return { value: doubled ? value.replaceAll('""', '"') : value, end };
}

/** What follows a closing quote decides; it may come with the next chunk. */
function endOfQuoted(text: string, close: number, atEnd: boolean): number | Stopped {
  const isReturn = text.charCodeAt(close + 1) === RETURN;
  const end = isReturn && text.charCodeAt(close + 2) !== COMMA ? close + 2 : close + 1;
  if (end >= text.length) return atEnd ? end : 'incomplete';
  const after = text.charCodeAt(end);
  if (after === COMMA || after === LINE_FEED) return end;
  return { fault: 'text follows a closing quote' };
}

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

function withoutLineEnd(text: string): string {
  if (!text.endsWith('\n')) return text;
  return text.slice(0, text.endsWith('\r\n') ? -2 : -1);
}

function countLines(text: string, from: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}
