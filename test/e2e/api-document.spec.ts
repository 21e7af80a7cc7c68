/* oxlint-disable typescript/no-explicit-any -- a document from the wire has no types; the tests say what it must be */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS, REFUSAL_CODES } from '#complaints/contract';
import { CRITERIA, LODGING, startApi, type Api } from './api-server.js';

type Schema = { readonly [keyword: string]: any };

let api: Api;
let document: Schema;
beforeAll(async () => {
  api = await startApi();
  document = (await api.get('/openapi.json')).body;
});
afterAll(async () => {
  await api.close();
});

/** Every schema, parameter and response within, with the path that leads to it. */
function* nodesOf(node: unknown, path = '#'): Generator<readonly [string, Schema]> {
  if (typeof node !== 'object' || node === null) return;
  yield [path, node as Schema];
  for (const [key, child] of Object.entries(node)) yield* nodesOf(child, `${path}/${key}`);
}

function resolve(reference: string): Schema | undefined {
  const parts = reference.replace('#/', '').split('/');
  return parts.reduce<any>((node, part) => node?.[part.replaceAll('~1', '/')], document);
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
};

/** What is wrong with a value by the part of JSON Schema that the document uses. */
function faultsOf(value: any, given: Schema, path: string): readonly string[] {
  const schema = given['$ref'] ? (resolve(given['$ref']) ?? {}) : given;
  const types: readonly string[] = [schema['type'] ?? []].flat();
  if (types.length > 0 && !types.includes(typeOf(value, types))) {
    return [`${path}: ${typeOf(value, types)} is not ${types.join(' or ')}`];
  }
  const faults: string[] = [];
  if (schema['enum'] && !schema['enum'].includes(value)) faults.push(`${path}: not in the list`);
  const format = FORMATS[schema['format']];
  if (format && value !== null && !format.test(value))
    faults.push(`${path}: no ${schema['format']}`);
  if (Array.isArray(value)) {
    value.forEach((item, i) =>
      faults.push(...faultsOf(item, schema['items'] ?? {}, `${path}[${i}]`)),
    );
  } else if (typeof value === 'object' && value !== null) {
    const { properties = {}, required = [], additionalProperties } = schema;
    for (const name of required) if (!(name in value)) faults.push(`${path}.${name}: missing`);
    for (const [name, member] of Object.entries(value)) {
      const described = properties[name] ?? additionalProperties;
      if (described) faults.push(...faultsOf(member, described, `${path}.${name}`));
      // A member that no schema tells of is a hole in the document.
      else if (schema['properties']) faults.push(`${path}.${name}: not described`);
    }
  }
  return faults;
}

function typeOf(value: unknown, wanted: readonly string[]): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value) && wanted.includes('integer')) return 'integer';
  return typeof value;
}

function expectDescribed(method: string, path: string, status: number, body: unknown): void {
  const response = document['paths'][path][method].responses[status];
  const [content] = Object.values<Schema>(response.content);
  expect(faultsOf(body, content?.['schema'], '$')).toEqual([]);
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 and has every step and query', () => {
    expect(document['openapi']).toMatch(/^3\.1\./);
    const ids = Object.values<Schema>(document['paths']).flatMap((path) =>
      Object.values<Schema>(path).map(({ operationId }) => operationId as string),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        ...Object.keys(COMMANDS),
        'find-complaints',
        'show-complaint',
        'list-events',
        'compare-moments',
        'count-complaints',
        'series',
        'durations',
        'lineage',
        'live',
        'ready',
        'metrics',
      ]),
    );
  });

  it('has no reference that leads nowhere', () => {
    const references = [...nodesOf(document)].flatMap(([path, node]) =>
      typeof node['$ref'] === 'string' ? [[path, node['$ref']] as const] : [],
    );
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter(([, reference]) => !resolve(reference))).toEqual([]);
  });

  it('leaves nothing of version 3.0', () => {
    expect([...nodesOf(document)].filter(([, node]) => node['nullable'] === true)).toEqual([]);
  });

  it('documents every code with the status that it has', async () => {
    const { body: known } = await api.get('/problems');
    const documented = new Map<string, Set<number>>();
    for (const [, node] of nodesOf(document['paths'])) {
      const examples: Schema = node['application/problem+json']?.examples ?? {};
      for (const [code, { value }] of Object.entries(examples)) {
        documented.set(code, (documented.get(code) ?? new Set()).add(value.status));
      }
    }
    for (const [code, statuses] of documented) {
      expect({ code, statuses: [...statuses] }).toEqual({ code, statuses: [known[code].status] });
    }
    // These guard the deciders against other doors; this one makes references and checks facts itself.
    const elsewhere = ['reference.malformed', 'complaint.not-closed', 'complaint.withdrawn'];
    const missing = Object.keys(REFUSAL_CODES).filter((code) => !documented.has(code));
    expect(missing.filter((code) => !elsewhere.includes(code))).toEqual([]);
  });

  it('describes each code at its own address', async () => {
    const { body: known } = await api.get('/problems');
    expect(Object.keys(known).length).toBeGreaterThan(50);
    for (const [code, kind] of Object.entries<object>(known)) {
      expect((await api.get(`/problems/${code}`)).body).toEqual({ code, ...kind });
    }
    expect((await api.get('/problems/constructor')).status).toBe(404);
  });
});

describe('answers', () => {
  it('are as the document describes them', async () => {
    const lodged = await api.post('/v1/complaints', LODGING);
    expectDescribed('post', '/v1/complaints', 201, lodged.body);
    const { id } = lodged.body;
    const steps = [
      ['forwarding', { respondent: 'Branch 7' }],
      ['acknowledgement', { medium: 'e-mail' }],
      ['assessment', { criteria: CRITERIA, priority: 'high' }],
      ['assignment', { team: 'a' }],
      ['contacts', { direction: 'outbound', medium: 'post' }],
      ['classification', { product: 'Loan', issue: 'Fees', subIssue: 'Late' }],
      ['decision', { outcome: 'no-relief', finding: 'upheld' }],
      ['reply', { reply: 'disputed', grounds: 'No.' }],
      ['decision', { outcome: 'monetary-relief', remedies: [{ kind: 'apology' }] }],
      ['corrections', { fact: 'complainant.email', value: null }],
      ['withdrawal', {}],
      ['reopening', { ground: 'error' }],
    ] as const;
    let position = '';
    for (const [noun, body] of steps) {
      const done = await api.post(`/v1/complaints/${id}/${noun}`, body);
      expectDescribed('post', `/v1/complaints/{id}/${noun}`, 200, done.body);
      position = done.body.position;
    }
    const seen = { 'redress-position': position };
    const reads = [
      [`/v1/complaints`, '/v1/complaints'],
      [`/v1/complaints/${id}`, '/v1/complaints/{id}'],
      [`/v1/complaints/${id}?event=11`, '/v1/complaints/{id}'],
      [`/v1/complaints/${id}/events?limit=3`, '/v1/complaints/{id}/events'],
      [`/v1/complaints/${id}/diff?from=event:0&to=event:13`, '/v1/complaints/{id}/diff'],
      ['/v1/statistics/counts?by=product,disputed', '/v1/statistics/counts'],
      ['/v1/statistics/series', '/v1/statistics/series'],
      ['/v1/statistics/durations', '/v1/statistics/durations'],
      ['/v1/statistics/complaints', '/v1/statistics/complaints'],
      ['/health/ready', '/health/ready'],
      ['/problems', '/problems'],
    ] as const;
    for (const [address, path] of reads) {
      const { status, body } = await api.get(address, seen);
      expect({ address, status }).toEqual({ address, status: 200 });
      expectDescribed('get', path, 200, body);
    }
    const refused = await api.post('/v1/complaints', {});
    expectDescribed('post', '/v1/complaints', 400, refused.body);
  });

  it('tells faults of a schema apart from its absence', () => {
    const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } };
    expect(faultsOf({ a: 'x', b: 1 }, schema, '$')).toHaveLength(2);
  });
});

describe('the readable page', () => {
  it('needs nothing from elsewhere', async () => {
    const page = await api.get('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.body).not.toMatch(/https?:\/\//);
    const files = [...page.body.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(
      ([, file]) => file,
    );
    expect(files).toHaveLength(3);
    for (const file of files) {
      const { status, body } = await api.get(file);
      expect({ file, status }).toEqual({ file, status: 200 });
      expect(body.length).toBeGreaterThan(100);
    }
    expect((await api.get('/docs/package.json')).status).toBe(404);
  });
});
