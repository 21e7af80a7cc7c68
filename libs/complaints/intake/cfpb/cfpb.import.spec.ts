import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { AppendUnknown } from '#event-store/port';
import { Clock, Randomness, sha256Hex } from '#kernel';
import type { RecordedComplaintEvent } from '../../complaint/complaint.events.js';
import { decodeComplaintEvent } from '../../complaint/complaint.reader.js';
import { evolve, type Complaint } from '../../complaint/complaint.state.js';
import { importCfpb, ImportRefused, type ImportResult } from './cfpb.import.js';

class FixedClock extends Clock {
  override now(): string {
    return '2026-11-22T12:00:00.000Z';
  }
}

class CountingRandomness extends Randomness {
  #next = 0;
  override bytes(length: number): Uint8Array {
    this.#next += 1;
    return new Uint8Array(length).fill(this.#next % 256);
  }
}

async function* chunksOf(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof text === 'string' ? Buffer.from(text) : text;
}

function bring(text: string | Uint8Array, eventStore: MemoryEventStore): Promise<ImportResult> {
  return importCfpb(chunksOf(text), {
    eventStore,
    clock: new FixedClock(),
    randomness: new CountingRandomness(),
  });
}

async function eventsOf(eventStore: MemoryEventStore): Promise<readonly RecordedComplaintEvent[]> {
  const events: RecordedComplaintEvent[] = [];
  for await (const page of eventStore.readAll()) events.push(...page.map(decodeComplaintEvent));
  return events;
}

async function onlyComplaint(eventStore: MemoryEventStore): Promise<Complaint> {
  const events = await eventsOf(eventStore);
  expect(new Set(events.map(({ stream }) => stream)).size).toBe(1);
  const complaint = events.reduce(evolve, undefined as Complaint | undefined);
  if (!complaint) throw new Error('nothing was lodged');
  return complaint;
}

const COLUMNS_13 =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
const COLUMNS_16 =
  'Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID';
const COLUMNS_18 =
  'Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,Tags,Consumer consent provided?,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID';

/** A row of the 13-column shape; blank where nothing is said. */
function row13(fields: Readonly<Record<string, string>>): string {
  const usual: Readonly<Record<string, string>> = {
    'Complaint ID': '1',
    Product: 'Widgets',
    'Sub-product': 'Blue widgets',
    Issue: 'Broken on arrival',
    'Sub-issue': '',
    State: 'NJ',
    'ZIP code': '07001',
    'Date received': '1/5/2015',
    'Date sent to company': '1/7/2015',
    'Company response': 'Closed with explanation',
    'Timely response?': 'Yes',
    'Consumer disputed?': '',
    ...fields,
  };
  return COLUMNS_13.split(',')
    .map((name) => (name === '' ? '0' : (usual[name] ?? '')))
    .join(',');
}

describe('importing the CFPB export', () => {
  it('takes the 18-column shape, with all that it says', async () => {
    const store = new MemoryEventStore();
    const row =
      '2023-07-18,Widgets,Blue widgets,Broken,On arrival,"It was\nbroken",Company disputes,"ACME, INC.",FL,330XX,"Older American, Servicemember",Consent provided,Postal mail,2023-07-19,Closed with monetary relief,No,N/A,77';
    const result = await bring(`${COLUMNS_18}\n${row}\n`, store);
    expect(result).toMatchObject({ rows: 1, lodged: 1, rejectedCount: 0, events: 4 });
    expect(await onlyComplaint(store)).toMatchObject({
      status: 'closed',
      channel: 'post',
      receivedAt: '2023-07-18T04:00:00.000Z',
      receivedZone: 'America/New_York',
      region: 'FL',
      complainant: { postalCode: '330XX', needs: ['Older American', 'Servicemember'] },
      narrative: 'It was\nbroken',
      allegations: [{ number: 1, issue: 'Broken', subIssue: 'On arrival' }],
      forwardings: [{ respondent: 'ACME, INC.', at: '2023-07-19T04:00:00.000Z' }],
      decision: { outcome: 'monetary-relief', remedies: [{ kind: 'compensation' }], timely: false },
      closure: { closureReason: 'no-reply' },
      source: {
        system: 'cfpb',
        id: '77',
        rowSha256: sha256Hex(row),
        defects: ['postal-code-masked'],
        labels: {
          'Company response': 'Closed with monetary relief',
          'Company public response': 'Company disputes',
          'Consumer consent provided?': 'Consent provided',
          'Submitted via': 'Postal mail',
        },
      },
    });
  });

  it('takes the 16-column shape of summer 2015', async () => {
    const store = new MemoryEventStore();
    const row =
      '07/18/2015,Widgets,,Broken,,,,ACME,,,Web,07/18/2015,Closed with non-monetary relief,Yes,No,5';
    const result = await bring(`${COLUMNS_16}\r\n${row}\r\n`, store);
    expect(result).toMatchObject({ lodged: 1, events: 5 });
    expect(await onlyComplaint(store)).toMatchObject({
      channel: 'web',
      reply: { kind: 'accepted' },
      closure: { closureReason: 'accepted' },
      source: { defects: ['postal-code-blank', 'region-blank', 'sub-product-blank'] },
    });
  });

  it('takes the 13-column shape: no company, no channel, dispute stays open', async () => {
    const store = new MemoryEventStore();
    const row = row13({ 'ZIP code': '7001', 'Consumer disputed?': 'Yes', Issue: '' });
    await bring(`\uFEFF${COLUMNS_13}\n${row}`, store);
    expect(await onlyComplaint(store)).toMatchObject({
      status: 'disputed',
      channel: 'import',
      issue: 'not-stated',
      forwardings: [{ respondent: 'not-stated' }],
      decision: { outcome: 'explanation', timely: true },
      source: { defects: ['postal-code-short', 'issue-blank'] },
    });
  });

  it('knows no moment that the source does not tell', async () => {
    const store = new MemoryEventStore();
    await bring(`${COLUMNS_13}\n${row13({ 'Consumer disputed?': 'No' })}\n`, store);
    const events = await eventsOf(store);
    expect(events.map(({ type, metadata }) => [type, metadata.occurredAt])).toEqual([
      ['ComplaintLodged', '2015-01-05T05:00:00.000Z'],
      ['ComplaintForwarded', '2015-01-07T05:00:00.000Z'],
      ['DecisionCommunicated', undefined],
      ['DecisionAccepted', undefined],
      ['ComplaintClosed', undefined],
    ]);
  });

  it('keeps the verdict on timeliness of a row that is still in progress', async () => {
    const store = new MemoryEventStore();
    const row = row13({ 'Company response': 'In progress', 'Timely response?': 'No' });
    await bring(`${COLUMNS_13}\n${row}\n`, store);
    const complaint = await onlyComplaint(store);
    expect(complaint).toMatchObject({ status: 'open' });
    expect(complaint.decision).toBeUndefined();
    expect(complaint.source).toMatchObject({ timely: false });
  });

  it('writes nothing the second time', async () => {
    const store = new MemoryEventStore();
    const text = `${COLUMNS_13}\n${row13({})}\n${row13({ 'Complaint ID': '2' })}\n`;
    const first = await bring(text, store);
    const second = await bring(text, store);
    expect(first).toMatchObject({ rows: 2, lodged: 2, events: 8 });
    expect(second).toMatchObject({ rows: 2, lodged: 0, unchanged: 2, events: 0 });
    expect(second.position).toBe(first.position);
  });

  it('counts a row that stands there twice once', async () => {
    const store = new MemoryEventStore();
    const result = await bring(`${COLUMNS_13}\n${row13({})}\n${row13({})}\n`, store);
    expect(result).toMatchObject({ rows: 2, lodged: 1, unchanged: 1, rejectedCount: 0 });
  });

  it.each([
    ['an answer', { 'Company response': 'In progress' }, {}, 'closed'],
    ['a dispute after closing', {}, { 'Consumer disputed?': 'Yes' }, 'open'],
    ['an acceptance after closing', {}, { 'Consumer disputed?': 'No' }, 'closed'],
  ])('adds what came later: %s', async (_what, before, after, status) => {
    const store = new MemoryEventStore();
    await bring(`${COLUMNS_13}\n${row13(before)}\n`, store);
    const changed = `${COLUMNS_13}\n${row13(after)}\n`;
    expect(await bring(changed, store)).toMatchObject({ updated: 1, rejectedCount: 0 });
    expect(await onlyComplaint(store)).toMatchObject({ status });
    expect(await bring(changed, store)).toMatchObject({ unchanged: 1, events: 0 });
  });

  it('refuses a row whose facts have changed, naming them but not their values', async () => {
    const store = new MemoryEventStore();
    await bring(`${COLUMNS_13}\n${row13({})}\n`, store);
    const changed = row13({ Product: 'Gadgets', 'ZIP code': '99999' });
    const result = await bring(`${COLUMNS_13}\n${changed}\n`, store);
    expect(result.rejected).toEqual([
      {
        row: 1,
        line: 2,
        reason: 'row.changed: complainant, product changed since it was imported',
      },
    ]);
    expect(result.events).toBe(0);
  });

  it('refuses a row whose answer has changed', async () => {
    const store = new MemoryEventStore();
    await bring(`${COLUMNS_13}\n${row13({})}\n`, store);
    const changed = row13({ 'Company response': 'Closed with monetary relief' });
    const result = await bring(`${COLUMNS_13}\n${changed}\n`, store);
    expect(result).toMatchObject({ rejectedCount: 1, events: 0 });
  });

  it.each([
    [{ 'Complaint ID': '' }, 'Complaint ID is missing'],
    [{ 'Complaint ID': 'a b' }, 'Complaint ID is not a number or plain word'],
    [{ Product: ' ' }, 'Product is missing'],
    [{ 'Date received': '' }, 'Date received is missing'],
    [{ 'Date received': '2/30/2015' }, 'Date received is no date'],
    [{ 'Date sent to company': 'soon' }, 'Date sent is no date'],
    [{ 'Company response': 'Perhaps' }, 'Company response is unknown'],
    [{ 'Timely response?': 'Maybe' }, 'Timely response? is neither Yes nor No'],
    [{ 'Date sent to company': '1/4/2015' }, 'moment.before-receipt'],
    [{ 'Date received': '1/1/2090', 'Date sent to company': '' }, 'moment.in-the-future'],
    [{ Issue: 'x'.repeat(401) }, 'field.too-long'],
  ])('says why it refuses %j, and goes on', async (fields, reason) => {
    const store = new MemoryEventStore();
    const good = row13({ 'Complaint ID': '2' });
    const result = await bring(`${COLUMNS_13}\n${row13(fields)}\n${good}\n`, store);
    expect(result).toMatchObject({ rows: 2, lodged: 1, rejectedCount: 1 });
    expect(result.rejected[0]?.row).toBe(1);
    expect(result.rejected[0]?.reason).toContain(reason);
  });

  it('shows nothing of what stands in a shifted row', async () => {
    const secret = 'My name is Nobody';
    const columns = ['Date received', 'Date sent to company', 'Company response'] as const;
    for (const column of [...columns, 'Timely response?', 'Consumer disputed?', 'Complaint ID']) {
      const result = await bring(
        `${COLUMNS_13}\n${row13({ [column]: secret })}\n`,
        new MemoryEventStore(),
      );
      expect(result.rejectedCount).toBe(1);
      expect(JSON.stringify(result)).not.toContain('Nobody');
    }
  });

  it('keeps columns that it does not know as labels, under names that a label may have', async () => {
    const store = new MemoryEventStore();
    const headings = [
      'Company (legal name)',
      'Company [legal name]',
      'Größe',
      '№ 1',
      '(%)',
      'Tag_1',
    ];
    const long = `${'Long '.repeat(20)}heading`;
    const heading = [COLUMNS_13, ...headings, long, 'Company response!'].join(',');
    const row = [row13({}), 'Acme', 'Acme 2', 'L', 'one', 'half', 't', 'l', 'r'].join(',');
    const result = await bring(`${heading}\n${row}\n`, store);
    expect(result).toMatchObject({ lodged: 1, rejected: [] });
    expect((await onlyComplaint(store)).source?.labels).toEqual({
      'Company response': 'Closed with explanation',
      'Company legal name': 'Acme',
      'Company legal name 15': 'Acme 2',
      'Gr e': 'L',
      'Column 17': 'one',
      'Column 18': 'half',
      Tag_1: 't',
      [`${'Long '.repeat(12)}Long`]: 'l',
      'Company response 21': 'r',
    });
  });

  it('refuses a row that is not UTF-8', async () => {
    const store = new MemoryEventStore();
    const latin = Buffer.from(`${COLUMNS_13}\n${row13({ Product: 'Caf\u00e9' })}\n`, 'latin1');
    const result = await bring(latin, store);
    expect(result.rejected).toEqual([{ row: 1, line: 2, reason: 'not UTF-8' }]);
  });

  it.each([
    ['another heading', 'a,b\n1,2\n'],
    ['a heading twice', `Product,${COLUMNS_18}\n`],
    ['nothing at all', ''],
  ])('refuses a file with %s whole', async (_what, text) => {
    const store = new MemoryEventStore();
    await expect(bring(text, store)).rejects.toThrow(ImportRefused);
    expect(await store.head()).toBeUndefined();
  });

  it('tries a row again after a fault that is waited out, and ends at one that is not', async () => {
    class Faulty extends MemoryEventStore {
      appends = 0;

      override async append(...args: Parameters<MemoryEventStore['append']>): Promise<never> {
        this.appends += 1;
        // The second one is stored, and nobody is told so.
        if (this.appends > 1) await super.append(...args);
        throw new AppendUnknown(`append ${this.appends}`);
      }
    }
    const text = `${COLUMNS_13}\n${row13({})}\n`;
    const whole = new MemoryEventStore();
    await bring(text, whole);
    const faulty = new Faulty();
    const waited: number[] = [];
    const importing = (faultsMax: number) =>
      importCfpb(chunksOf(text), {
        eventStore: faulty,
        clock: new FixedClock(),
        randomness: new CountingRandomness(),
        waitOut: async (error, faults) => {
          if (faults >= faultsMax) throw error;
          waited.push(faults);
        },
      });
    await expect(importing(0)).rejects.toBeInstanceOf(AppendUnknown);
    expect(await eventsOf(faulty)).toEqual([]);
    expect(await importing(3)).toMatchObject({ rows: 1, rejectedCount: 0 });
    expect({ waited, appends: faulty.appends }).toEqual({ waited: [0], appends: 2 });
    const idsIn = async (store: MemoryEventStore) => (await eventsOf(store)).map(({ id }) => id);
    expect(await idsIn(faulty)).toEqual(await idsIn(whole));
  });
});
