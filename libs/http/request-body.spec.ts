import { describe, expect, it } from '@jest/globals';
import {
  IntegerField,
  ObjectField,
  ObjectsField,
  TextField,
  TextRecordField,
} from './body-fields.js';
import { RequestRefused } from './problem.js';
import { readBody } from './request-body.js';

class Part {
  @TextField({ lengthMax: 5 }) readonly name: string;
}

class Whole {
  @TextField({ lengthMax: 5, nullable: true }) readonly maybe: string | null;
  @IntegerField({ optional: true, min: 1, max: 3 }) readonly count?: number;
  @ObjectField(() => Part, { optional: true }) readonly part?: Part;
  @ObjectsField(() => Part, { optional: true, countMax: 2 }) readonly parts?: readonly Part[];
  @TextRecordField({ optional: true, lengthMax: 3, countMax: 1 })
  readonly labels?: { readonly [name: string]: string };
}

function fieldsOf(body: unknown): readonly string[] {
  try {
    readBody(Whole, body);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(RequestRefused);
    return [...new Set((error as RequestRefused).errors.map(({ field }) => field))];
  }
}

describe('a body against its class', () => {
  it.each([
    [{ maybe: null }],
    [{ maybe: 'x', count: 3, part: { name: 'a' }, parts: [{ name: 'b' }], labels: { a: 'b' } }],
  ])('takes %j', (body) => {
    expect(fieldsOf(body)).toEqual([]);
  });

  it.each([
    [{}, ['maybe']],
    [{ maybe: ' ' }, ['maybe']],
    [{ maybe: 'toolong' }, ['maybe']],
    [{ maybe: null, count: null }, ['count']],
    [{ maybe: null, count: '1' }, ['count']],
    [{ maybe: null, part: 'x' }, ['part']],
    [{ maybe: null, part: [] }, ['part']],
    [{ maybe: null, part: { name: 'a', other: 1 } }, ['part.other']],
    [{ maybe: null, parts: { name: 'a' } }, ['parts']],
    [{ maybe: null, parts: [{ name: 'a' }, { name: 7 }] }, ['parts.1.name']],
    [{ maybe: null, parts: [1] }, ['parts', 'parts.0']],
    [{ maybe: null, labels: { '1': 'x' } }, ['labels']],
    [{ maybe: null, labels: { a: 'long' } }, ['labels']],
    [{ maybe: null, 'sur\nprise': 1 }, ['sur?prise']],
  ])('refuses %j for %j', (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });

  it('names a field once, however much is wrong with it', () => {
    expect(() => readBody(Whole, { parts: 7 })).toThrow('not as described: maybe, parts');
    expect(() => readBody(Whole, { parts: 7 })).not.toThrow('parts, parts');
  });

  it('never repeats a value', () => {
    expect(() => readBody(Whole, { maybe: 'a secret' })).not.toThrow('secret');
  });
});
