import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CsvReader, RECORD_LENGTH_MAX_CHARACTERS, type CsvRecord } from './csv-records.js';

/** Reads the text in chunks of so many bytes. */
function read(text: string | Uint8Array, chunkSize = 1_000_000): readonly CsvRecord[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const reader = new CsvReader();
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    records.push(...reader.feed(bytes.subarray(at, at + chunkSize)));
  }
  return [...records, ...reader.end()];
}

function fieldsOf(records: readonly CsvRecord[]): readonly (readonly string[] | string)[] {
  return records.map((one) => (one.kind === 'row' ? one.fields : `${one.line}: ${one.reason}`));
}

describe('CSV records', () => {
  it('takes quotes, doubled quotes, line breaks in quotes, CRLF, a byte-order mark and blank lines', () => {
    const text = '\uFEFFa,b\r\n1,"two, ""2""\r\nand more"\r\n\r\n"",last';
    expect(fieldsOf(read(text))).toEqual([
      ['a', 'b'],
      ['1', 'two, "2"\r\nand more'],
      ['', 'last'],
    ]);
  });

  it('tells the line on which each record begins, and the record as it stands in the file', () => {
    const records = read('a,b\n1,"x\ny"\n2,z\n');
    expect(records.map(({ line }) => line)).toEqual([1, 2, 4]);
    expect(records[1]).toMatchObject({ raw: '1,"x\ny"' });
  });

  it('gives the same records however the bytes are cut, also within a character', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '😀', ' ') });
    const rows = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (values, chunkSize) => {
        const quoted = values.map((row) =>
          row.map((v) => `"${v.replaceAll('"', '""')}"`).join(','),
        );
        const records = read(`"x","y"\n${quoted.join('\n')}\n`, chunkSize);
        expect(fieldsOf(records)).toEqual([['x', 'y'], ...values]);
      }),
    );
  });

  it('loses only the row whose quote is never closed', () => {
    expect(fieldsOf(read('a,b\n1,"open\n2,x\n3,"y"\n4,z\n', 3))).toEqual([
      ['a', 'b'],
      '2: text follows a closing quote',
      ['2', 'x'],
      ['3', 'y'],
      ['4', 'z'],
    ]);
    expect(fieldsOf(read('a,b\n1,"open\n2,x\n'))).toEqual([
      ['a', 'b'],
      '2: a quote is opened and not closed',
      ['2', 'x'],
    ]);
  });

  it('names too many and too few columns', () => {
    expect(fieldsOf(read('a,b\n1\n1,2,3\n1,2\n'))).toEqual([
      ['a', 'b'],
      '2: 1 columns where the header has 2',
      '3: 3 columns where the header has 2',
      ['1', '2'],
    ]);
  });

  it('refuses a quote in the middle of a field', () => {
    expect(fieldsOf(read('a,b\n1,x"y\n1,2\n'))).toEqual([
      ['a', 'b'],
      '2: a quote inside a field that does not begin with one',
      ['1', '2'],
    ]);
  });

  it('gives up on a record beyond the limit and goes on behind it', () => {
    const long = 'x'.repeat(RECORD_LENGTH_MAX_CHARACTERS + 10);
    expect(fieldsOf(read(`a,b\n1,"${long}\n2,y\n`, 65_536))).toEqual([
      ['a', 'b'],
      '2: a quote is opened and not closed',
      ['2', 'y'],
    ]);
  });
});
