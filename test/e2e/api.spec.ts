import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CRITERIA, LODGING, expectProblem, startApi, type Answer, type Api } from './api-server.js';

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

describe('a whole life over HTTP', () => {
  it('goes from receipt to closing, and tells every moment of it', async () => {
    const lodged = await lodge({ product: 'Whole life' });
    const { id, reference } = lodged.body;
    expect(lodged.headers.get('location')).toBe(`/v1/complaints/${id}`);
    expect(lodged.headers.get('etag')).toBe('"0"');
    expect(reference).toMatch(/^C-\d{2}-/);
    const steps: readonly (readonly [string, object])[] = [
      ['allegations', { issue: 'Service', description: 'No answer.' }],
      ['forwarding', { respondent: 'Branch 7' }],
      ['acknowledgement', { medium: 'e-mail', contact: 'desk-1' }],
      ['assessment', { criteria: CRITERIA, priority: 'normal' }],
      ['classification', { product: 'Whole life', issue: 'Fees and charges' }],
      ['assignment', { team: 'team-a', assignee: 'handler-9' }],
      ['contacts', { direction: 'inbound', medium: 'phone', summary: 'Asked how far it is.' }],
      [
        'decision',
        {
          outcome: 'monetary-relief',
          remedies: [{ kind: 'refund', money: { amount: '12.50', currency: 'EUR' } }],
        },
      ],
      ['reply', { reply: 'disputed', grounds: 'Not enough.' }],
      ['decision', { outcome: 'monetary-relief' }],
      ['reply', { reply: 'accepted' }],
      ['corrections', { fact: 'country', value: 'IE' }],
      ['closure', { closureReason: 'accepted' }],
      ['reopening', { ground: 'error' }],
      ['withdrawal', {}],
    ];
    for (const [index, [noun, body]] of steps.entries()) {
      const done = await api.post(`/v1/complaints/${id}/${noun}`, body);
      expect({ noun, status: done.status }).toEqual({ noun, status: 200 });
      expect(done.body).toMatchObject({ id, revision: index + 1 });
      expect(done.headers.get('etag')).toBe(`"${index + 1}"`);
    }
    const shown = await api.get(`/v1/complaints/${reference.toLowerCase()}`);
    expect(shown.body).toMatchObject({ id, reference, status: 'withdrawn', revision: 15 });
    expect(shown.headers.get('etag')).toBe('"15"');
    expect(shown.body.allowed).toContain('close-complaint');
    const early = await api.get(`/v1/complaints/${id}?event=1`);
    expect(early.body).toMatchObject({ status: 'open', eventCount: 1 });
    expect(early.headers.get('etag')).toBeNull();
    const history = await readHistory(id, 4);
    expect(history.map((event) => event.type).slice(0, 3)).toEqual([
      'ComplaintLodged',
      'AllegationAdded',
      'ComplaintForwarded',
    ]);
    expect(history).toHaveLength(16);
    expect(JSON.stringify(history)).not.toContain('salt');
    const diff = await api.get(`/v1/complaints/${id}/diff?from=event:6&to=event:7`);
    expect(diff.body.changes).toContainEqual(expect.objectContaining({ path: 'assignment' }));
  });

  async function readHistory(id: string, limit: number): Promise<readonly { type: string }[]> {
    const events: { type: string }[] = [];
    let after = '';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await api.get(`/v1/complaints/${id}/events?limit=${limit}${after}`);
      events.push(...body.items);
      if (body.next === undefined) return events;
      after = `&after=${body.next}`;
    }
    throw new Error('the history does not end');
  }

  it('takes the id, the name of the stream and the reference alike', async () => {
    const { id, reference } = (await lodge()).body;
    for (const name of [id, `complaint-${id}`, id.toUpperCase(), reference.replaceAll('-', '')]) {
      expect((await api.get(`/v1/complaints/${name}`)).body).toMatchObject({ id, reference });
    }
  });

  it('takes a step without a body where its address says all', async () => {
    const { id } = (await lodge()).body;
    expect((await api.post(`/v1/complaints/${id}/withdrawal`)).status).toBe(200);
  });

  it('keeps when it happened and why apart from what was said', async () => {
    const { id } = (await lodge({ receivedAt: '2026-01-05T08:00:00.000Z' })).body;
    const body = { team: 'a', occurredAt: '2026-01-06T08:00:00.000Z', reason: 'workload' };
    expect((await api.post(`/v1/complaints/${id}/assignment`, body)).status).toBe(200);
    const { items } = (await api.get(`/v1/complaints/${id}/events`)).body;
    expect(items[1]).toMatchObject({
      occurredAt: '2026-01-06T08:00:00.000Z',
      reason: 'workload',
      data: { team: 'a' },
      actor: { id: 'local', role: 'case-handler', via: 'http' },
    });
    const before = await api.get(`/v1/complaints/${id}?at=2026-01-05T09:00:00.000Z`);
    expect(before.body.assignment).toBeUndefined();
    expectProblem(
      await api.get(`/v1/complaints/${id}?at=2020-01-01T00:00:00.000Z`),
      404,
      'complaint.not-lodged',
    );
  });
});

describe('doing it once', () => {
  it('answers a key the second time as the first, and writes once', async () => {
    const key = { 'idempotency-key': 'lodge-1' };
    const first = await api.post('/v1/complaints', LODGING, key);
    const second = await api.post('/v1/complaints', LODGING, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    const path = `/v1/complaints/${first.body.id}/contacts`;
    const contact = { direction: 'inbound', medium: 'phone' };
    const one = await api.post(path, contact, key);
    const two = await api.post(path, contact, key);
    expect(two.body).toEqual(one.body);
    const { items } = (await api.get(`/v1/complaints/${first.body.id}/events`)).body;
    expect(items).toHaveLength(2);
  });

  it('refuses a key that stood for something else', async () => {
    const key = { 'idempotency-key': 'lodge-2' };
    await api.post('/v1/complaints', LODGING, key);
    const other = await api.post('/v1/complaints', { ...LODGING, product: 'Loan' }, key);
    expectProblem(other, 422, 'idempotency.key-reused');
    const year = await api.post(
      '/v1/complaints',
      { ...LODGING, receivedAt: '2026-01-01T00:00:00.000Z', product: 'Loan' },
      key,
    );
    expectProblem(year, 422, 'idempotency.key-reused');
    const { id } = (await lodge()).body;
    await api.post(`/v1/complaints/${id}/assignment`, { team: 'a' }, key);
    expectProblem(
      await api.post(`/v1/complaints/${id}/closure`, { closureReason: 'out-of-scope' }, key),
      422,
      'idempotency.key-reused',
    );
  });

  it('refuses a key that is empty, too long or not visible', async () => {
    for (const key of ['a b', 'x'.repeat(201)]) {
      const answer = await api.post('/v1/complaints', LODGING, { 'idempotency-key': key });
      expectProblem(answer, 400, 'request.invalid');
      expect(answer.body.errors[0].field).toBe('Idempotency-Key');
    }
  });

  it('refuses a change that was made for another revision', async () => {
    const { id } = (await lodge()).body;
    const path = `/v1/complaints/${id}/assignment`;
    expect((await api.post(path, { team: 'a' }, { 'if-match': '"0"' })).status).toBe(200);
    expectProblem(
      await api.post(path, { team: 'b' }, { 'if-match': '"0"' }),
      412,
      'revision.mismatch',
    );
    for (const tag of ['0', '*', 'W/"0"', '"0", "1"']) {
      expectProblem(
        await api.post(path, { team: 'b' }, { 'if-match': tag }),
        400,
        'request.invalid',
      );
    }
  });
});

describe('reading one’s writes', () => {
  it('waits for the position that the reader has seen', async () => {
    const { id, position } = (await lodge({ product: 'Read your writes' })).body;
    const list = await api.get('/v1/complaints?product=Read%20your%20writes', {
      'redress-position': position,
    });
    expect(list.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it('says when it has not come so far, and when to try again', async () => {
    const { id } = (await lodge()).body;
    for (const path of [
      '/v1/complaints',
      `/v1/complaints/${id}`,
      '/v1/statistics/counts?by=product',
    ]) {
      const answer = await api.get(path, { 'redress-position': '999999999' });
      expectProblem(answer, 503, 'position.not-reached');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    const bad = await api.get('/v1/complaints', { 'redress-position': 'soon' });
    expectProblem(bad, 400, 'request.invalid');
  });

  it('finds a complaint in the queue by its reference', async () => {
    const { id, reference, position } = (await lodge()).body;
    const list = await api.get(`/v1/complaints?reference=${reference}`, {
      'redress-position': position,
    });
    expect(list.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it('finds what was received or promised within a range', async () => {
    const { id } = (await lodge({ receivedAt: '2026-04-01T00:00:00.000Z' })).body;
    const promise = { medium: 'post', respondBy: '2027-04-08T00:00:00.000Z' };
    const { position } = (await api.post(`/v1/complaints/${id}/acknowledgement`, promise)).body;
    for (const range of [
      'receivedAt.gte=2026-04-01T00:00:00.000Z&receivedAt.lt=2026-04-02T00:00:00.000Z',
      'respondBy.gt=2027-04-07T00:00:00.000Z&respondBy.lte=2027-04-08T00:00:00.000Z',
      'respondBy.lte=2027-04-08T00:00:00.000Z&sort=-respondBy&limit=1',
    ]) {
      const list = await api.get(`/v1/complaints?${range}`, { 'redress-position': position });
      expect(list.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
    }
  });

  it('gives a queue page by page, each complaint once', async () => {
    const product = 'Paged';
    const ids: string[] = [];
    let position = '';
    for (let day = 1; day <= 5; day += 1) {
      const lodged = await lodge({ product, receivedAt: `2026-02-0${day}T00:00:00.000Z` });
      ids.push(lodged.body.id);
      position = lodged.body.position;
    }
    const seen: string[] = [];
    let after = '';
    do {
      const path = `/v1/complaints?product=${product}&sort=-receivedAt&limit=2${after}`;
      const { body } = await api.get(path, { 'redress-position': position });
      seen.push(...body.items.map((item: { id: string }) => item.id));
      after = body.next === undefined ? '' : `&after=${body.next}`;
    } while (after !== '');
    expect(seen).toEqual(ids.toReversed());
  });
});

describe('numbers', () => {
  it('leads from a number to the complaints and events behind it', async () => {
    const product = 'Counted & traced';
    const day = '2026-03-02';
    const lodged = await lodge({ product, receivedAt: `${day}T10:00:00.000Z` });
    const other = await lodge({ product, channel: 'post', receivedAt: `${day}T11:00:00.000Z` });
    const decision = { outcome: 'explanation', occurredAt: '2026-03-12T00:00:00.000Z' };
    const decided = await api.post(`/v1/complaints/${lodged.body.id}/decision`, decision);
    const seen = { 'redress-position': decided.body.position };
    const where = `product=${encodeURIComponent(product)}`;
    const counts = await api.get(`/v1/statistics/counts?by=channel,outcome&${where}`, seen);
    expect(counts.body.total).toBe(2);
    const group = counts.body.groups.find(
      (one: { key: { outcome: string } }) => one.key.outcome === 'explanation',
    );
    expect(group).toMatchObject({ count: 1, key: { channel: 'web' } });
    const behind = await api.get(group.lineage);
    const { items } = (await api.get(`/v1/complaints/${lodged.body.id}/events`)).body;
    expect(behind.body.items).toEqual([
      { id: lodged.body.id, events: { lodged: items[0].id, decided: items[1].id } },
    ]);
    const series = await api.get(
      `/v1/statistics/series?interval=week&by=product&receivedDay.gte=${day}&receivedDay.lte=${day}`,
    );
    expect(series.body.points).toEqual([
      expect.objectContaining({ interval: '2026-W10', key: { product }, count: 2 }),
    ]);
    const both = await api.get(series.body.points[0].lineage);
    expect(both.body.items.map((item: { id: string }) => item.id).toSorted()).toEqual(
      [lodged.body.id, other.body.id].toSorted(),
    );
    const durations = await api.get(`/v1/statistics/durations?bounds=5,10,20&${where}`);
    const { notYet } = durations.body;
    expect(notYet.count).toBe(1);
    expect((await api.get(notYet.lineage)).body.items).toMatchObject([{ id: other.body.id }]);
    const bucket = durations.body.buckets.find((one: { count: number }) => one.count === 1);
    expect(bucket.upTo).toBe(10);
    expect((await api.get(bucket.lineage)).body.items).toEqual(behind.body.items);
  });
});
