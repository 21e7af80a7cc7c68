import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LODGING, expectProblem, startApi, TOKENS, type Answer, type Api } from './api-server.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => {
  await api.close();
});

async function lodge(body: object = {}): Promise<Answer> {
  const answer = await api.post('/v1/complaints', { ...LODGING, ...body });
  expect(answer.status).toBe(201);
  return answer;
}

describe('wrong input', () => {
  it('names every wrong field by its path, and writes nothing', async () => {
    const head = await api.eventStore.head();
    const answer = await api.post('/v1/complaints', {
      ...LODGING,
      channel: 'pigeon',
      surprise: 1,
      complainant: { email: 7, shoeSize: 44 },
      allegations: [{ issue: ' ' }, 'x'],
    });
    expectProblem(answer, 400, 'request.invalid');
    const fields = answer.body.errors.map((error: { field: string }) => error.field);
    expect(fields).toEqual(
      expect.arrayContaining([
        'surprise',
        'channel',
        'complainant.email',
        'complainant.shoeSize',
        'allegations.0.issue',
        'allegations',
      ]),
    );
    expect(JSON.stringify(answer.body)).not.toContain('pigeon');
    expect(await api.eventStore.head()).toBe(head);
  });

  it.each([
    ['no object', '[]', 400, 'request.invalid'],
    [
      'null where nothing may be null',
      JSON.stringify({ ...LODGING, unit: null }),
      400,
      'request.invalid',
    ],
    ['a missing field', '{}', 400, 'request.invalid'],
    ['broken JSON', '{"channel":', 400, 'request.not-json'],
    ['a body of brackets', '['.repeat(1_000), 400, 'request.not-json'],
    ['a key into the prototype', '{"__proto__":{"channel":"web"}}', 400, 'request.not-json'],
    ['an escaped key into it', '{"\\u005f_proto__":{"channel":"web"}}', 400, 'request.not-json'],
    ['a name that every object has', '{"product":{"constructor":1}}', 400, 'request.not-json'],
    ['a body over the limit', `"${'x'.repeat(300_000)}"`, 413, 'request.too-large'],
    [
      'more than an event can hold',
      JSON.stringify({
        ...LODGING,
        allegations: Array.from({ length: 20 }, () => ({
          issue: 'Fees',
          description: '\u{1F600}'.repeat(2_000),
        })),
      }),
      413,
      'store.event-too-large',
    ],
    [
      'half a character in what was said',
      JSON.stringify(LODGING).replace('charged', '\\ud800'),
      422,
      'field.bad-value',
    ],
    [
      'half a character in why',
      JSON.stringify({ ...LODGING, reason: '?' }).replace('"?"', '"\\ud800"'),
      422,
      'event.not-canonical',
    ],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await api.post('/v1/complaints', body);
    expectProblem(answer, status, code);
  });

  it('refuses what is not JSON by its media type, and bytes that are no text', async () => {
    const xml = await api.post('/v1/complaints', '<a/>', { 'content-type': 'application/xml' });
    expectProblem(xml, 415, 'request.unsupported-media-type');
    const latin = await fetch(`${api.address}/v1/complaints`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xe9, 0x22]),
    });
    expect(await latin.json()).toMatchObject({ status: 400, code: 'request.not-json' });
  });

  it('answers 404 for what is not there', async () => {
    expectProblem(await api.get('/v1/nothing'), 404, 'route.unknown');
    expectProblem(await api.get('/v1/%E0%A4%A'), 404, 'route.unknown');
    expectProblem(await api.get('/v1/complaints/C-26-0000-0000-0'), 404, 'complaint.not-lodged');
    expectProblem(await api.get('/v1/complaints/nonsense'), 404, 'complaint.not-lodged');
    const nobody = '/v1/complaints/713da5ef-5872-5719-8a2a-064e57406da9';
    expectProblem(await api.get(nobody), 404, 'complaint.not-lodged');
    expectProblem(await api.get(`${nobody}/events`), 404, 'complaint.not-lodged');
    expectProblem(await api.post(`${nobody}/withdrawal`), 404, 'complaint.not-lodged');
  });

  it.each([
    ['/v1/complaints?colour=red', 400, 'request.invalid'],
    ['/v1/complaints?status=open&status=closed', 400, 'request.invalid'],
    ...['status', 'nextStep', 'channel', 'priority'].map(
      (field) => [`/v1/complaints?${field}=opne`, 400, 'query.bad-value'] as const,
    ),
    ['/v1/complaints?reference=C-26-7F3K-9QXM-Q&status=opne', 400, 'query.bad-value'],
    ['/v1/complaints?status=', 400, 'query.bad-value'],
    ...['closureReason', 'outcome', 'finding', 'timely'].map(
      (field) =>
        [`/v1/statistics/counts?by=product&${field}=opne`, 400, 'query.bad-value'] as const,
    ),
    ...['channel', 'priority', 'closureReason', 'outcome', 'finding', 'timely'].map(
      (field) => [`/v1/statistics/complaints?${field}=opne`, 400, 'query.bad-value'] as const,
    ),
    ['/v1/complaints?issue=Fees', 400, 'query.not-filterable'],
    ['/v1/complaints?sort=issue', 400, 'query.not-sortable'],
    ['/v1/complaints?sort=colour', 400, 'query.unknown-field'],
    ['/v1/complaints?limit=201', 400, 'request.invalid'],
    ['/v1/complaints?limit=0', 400, 'request.invalid'],
    ['/v1/complaints?after=nonsense', 400, 'query.bad-cursor'],
    ['/v1/complaints?receivedAt.gte=yesterday', 400, 'request.invalid'],
    ['/v1/statistics/counts', 400, 'query.over-limit'],
    ['/v1/statistics/counts?by=colour', 400, 'query.unknown-field'],
    ['/v1/statistics/series?of=lost', 400, 'request.invalid'],
    ['/v1/statistics/series?interval=year', 400, 'request.invalid'],
    [
      '/v1/statistics/complaints?respondBy.gte=2026-01-01T00:00:00.000Z',
      400,
      'query.not-filterable',
    ],
    ['/v1/statistics/durations?bounds=9,1', 400, 'query.bad-value'],
  ])('refuses the query %s', async (path, status, code) => {
    expectProblem(await api.get(path), status, code);
  });

  it('names the words that a field can hold, here and in its description', async () => {
    const words = ['open', 'decided', 'accepted', 'disputed', 'closed', 'withdrawn'];
    const { body } = await api.get('/v1/complaints?status=opne');
    expect(body.detail).toBe(`status: must be one of ${words.join(', ')}`);
    const { paths } = (await api.get('/openapi.json')).body;
    const { parameters } = paths['/v1/complaints'].get;
    const { schema } = parameters.find(({ name }: { readonly name: string }) => name === 'status');
    expect(schema).toEqual({ type: 'string', enum: words });
  });

  it('refuses a moment that cannot be', async () => {
    const { id } = (await lodge()).body;
    for (const query of ['event=2', 'event=0', 'event=x', 'at=now', 'knownAt=2026-02-30', 'x=1']) {
      expectProblem(await api.get(`/v1/complaints/${id}?${query}`), 400, 'request.invalid');
    }
    for (const query of ['', 'from=event:0', 'from=event:0&to=event:9']) {
      expectProblem(await api.get(`/v1/complaints/${id}/diff?${query}`), 400, 'request.invalid');
    }
    expectProblem(
      await api.get(`/v1/complaints/${id}/events?after=nonsense`),
      400,
      'query.bad-cursor',
    );
    const future = { team: 'a', occurredAt: '2999-01-01T00:00:00.000Z' };
    expectProblem(
      await api.post(`/v1/complaints/${id}/assignment`, future),
      422,
      'moment.in-the-future',
    );
  });

  it('tells a refusal of the state from a refusal of what was said', async () => {
    const { id } = (await lodge()).body;
    const reply = await api.post(`/v1/complaints/${id}/reply`, { reply: 'accepted' });
    expectProblem(reply, 409, 'complaint.still-open');
    expectProblem(await api.post(`/v1/complaints/${id}/assignment`, {}), 422, 'assignment.empty');
  });
});

describe('who may', () => {
  let guarded: Api;
  beforeAll(async () => {
    guarded = await startApi({ auth: 'tokens' });
  });
  afterAll(async () => {
    await guarded.close();
  });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('wants a token that it knows', async () => {
    const none = await guarded.post('/v1/complaints', LODGING);
    expectProblem(none, 401, 'access.token-missing');
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    const unknown = await guarded.get('/v1/complaints', bearer('wrong'));
    expectProblem(unknown, 401, 'access.token-unknown');
  });

  it('lets each role do what is its own', async () => {
    const lodged = await guarded.post('/v1/complaints', LODGING, bearer(TOKENS.complainant));
    expect(lodged.status).toBe(201);
    const path = `/v1/complaints/${lodged.body.id}`;
    expectProblem(await guarded.get(path, bearer(TOKENS.complainant)), 403, 'access.forbidden');
    expect((await guarded.get(path, bearer(TOKENS.analyst))).status).toBe(200);
    expectProblem(
      await guarded.post(`${path}/withdrawal`, {}, bearer(TOKENS.analyst)),
      403,
      'access.forbidden',
    );
    const done = await guarded.post(`${path}/assignment`, { team: 'a' }, bearer(TOKENS.handler));
    expect(done.status).toBe(200);
    const { items } = (await guarded.get(`${path}/events`, bearer(TOKENS.analyst))).body;
    expect(items[1].actor).toEqual({ id: 'handler-1', role: 'case-handler', via: 'http' });
  });

  it('honours a token in open mode, and refuses one that it does not know', async () => {
    const lodged = await api.post('/v1/complaints', LODGING, bearer(TOKENS.handler));
    const { items } = (await api.get(`/v1/complaints/${lodged.body.id}/events`)).body;
    expect(items[0].actor.id).toBe('handler-1');
    expectProblem(await api.get('/v1/complaints', bearer('wrong')), 401, 'access.token-unknown');
  });
});

describe('operations', () => {
  it('answers probes and numbers, and no read model misses an event', async () => {
    expect((await api.get('/health/live')).body).toEqual({ live: true });
    const ready = await api.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body.checks.projector).toMatchObject({ running: true, restarts: 0 });
    const { id } = (await lodge()).body;
    await api.post(`/v1/complaints/${id}/assignment`, { team: 'a' });
    const { body } = await api.get('/metrics');
    expect(body).toMatch(/redress_events_missing\{projection="complaint-register"\} 0/);
    expect(body).toMatch(/redress_projection_lag_events\{projection="daily-statistics"\} \d+/);
    expect(body).toMatch(/redress_events_appended_total [1-9]/);
    expect(body).toMatch(/route="\/v1\/complaints\/:id\/assignment",status="200"/);
  });

  it('logs requests by their template, without addresses and queries', async () => {
    const { id, reference } = (await lodge()).body;
    await api.get(`/v1/complaints/${reference}?at=2026-11-22T00:00:00.000Z`, {
      'x-request-id': 'my-request',
    });
    const lines = await linesUntil((line) => line.requestId === 'my-request');
    const line = lines.find(({ requestId }) => requestId === 'my-request');
    expect(line).toMatchObject({ method: 'GET', route: '/v1/complaints/:id' });
    expect(JSON.stringify(lines)).not.toContain(id);
    expect(JSON.stringify(lines)).not.toContain(reference);
  });

  type Line = { readonly requestId: string };

  async function linesUntil(found: (line: Line) => boolean): Promise<readonly Line[]> {
    for (let turns = 0; turns < 10_000; turns += 1) {
      const lines = api.accessLog
        .join('')
        .trim()
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as Line);
      if (lines.some(found)) return lines;
      await api.get('/health/live');
    }
    throw new Error('the line never came');
  }

  it('carries security headers on every answer', async () => {
    for (const path of ['/health/live', '/v1/complaints', '/v1/nothing', '/docs']) {
      const { headers } = await api.get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('redress-request-id')).not.toBeNull();
    }
  });

  it('had nothing to tell of faults', () => {
    expect(api.log).toEqual([]);
  });
});
