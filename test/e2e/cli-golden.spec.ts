import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { countsOf, ensureBuilt, jsonOf, type Counted } from './run-cli.js';

jest.setTimeout(600_000);

let folder: string;

beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-golden-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('real complaints', () => {
  const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
  const golden2015 = join(data, 'cfpb_2015q1_28156.csv');
  const golden2023 = join(data, 'cfpb_2023_narratives_2067.csv');

  it('has the golden counts of 2023', async () => {
    if (!existsSync(golden2023)) {
      process.stderr.write(`SKIPPED: ${golden2023} is not there, golden counts of 2023\n`);
      return;
    }
    const into = ['--data-dir', join(folder, '2023')];
    const imported = await jsonOf('import', 'cfpb', golden2023, ...into);
    expect(imported).toMatchObject({ rows: 2_067, lodged: 2_067, rejected: [] });
    expect(countsOf(await jsonOf('count', '--by', 'channel', ...into), 'channel')).toEqual({
      web: 2_000,
      phone: 41,
      partner: 17,
      post: 9,
    });
    expect(countsOf(await jsonOf('count', '--by', 'outcome', ...into), 'outcome')).toEqual({
      'monetary-relief': 33,
      'non-monetary-relief': 789,
      explanation: 627,
      'no-relief': 2,
      null: 616,
    });
    const companies = await jsonOf<Counted>('count', '--by', 'respondent', ...into);
    expect(companies.groups).toHaveLength(177);
  });

  it('has the golden counts of 2015, and writes nothing the second time', async () => {
    if (!existsSync(golden2015)) {
      process.stderr.write(`SKIPPED: ${golden2015} is not there, golden counts of 2015\n`);
      return;
    }
    const into = ['--data-dir', join(folder, '2015')];
    const imported = await jsonOf('import', 'cfpb', golden2015, ...into);
    expect(imported).toMatchObject({ rows: 28_156, lodged: 28_156, rejected: [] });
    const by = async (field: string) =>
      countsOf(await jsonOf('count', '--by', field, ...into), field);
    expect(await by('product')).toEqual({
      'Debt collection': 7_494,
      Mortgage: 6_612,
      'Credit reporting': 5_717,
      'Credit card': 2_830,
      'Bank account or service': 2_609,
      'Consumer loan': 1_314,
      'Student loan': 785,
      'Payday loan': 348,
      'Money transfers': 232,
      'Prepaid card': 175,
      'Other financial service': 40,
    });
    expect(await by('outcome')).toEqual({
      explanation: 19_381,
      'non-monetary-relief': 3_593,
      null: 2_690,
      'monetary-relief': 1_534,
      'no-relief': 606,
      'not-stated': 352,
    });
    expect(await by('timely')).toEqual({ timely: 27_444, late: 712 });
    expect(await by('reply')).toEqual({ null: 22_150, disputed: 4_708, accepted: 1_298 });
    const defects = await by('postalCodeDefect');
    expect(defects).toMatchObject({ short: 2_368, blank: 280 });
    expect((await by('region'))['null']).toBe(421);
    expect((await by('subProduct'))['null']).toBe(10_574);
    expect((await by('receivedToForwardedDays'))['0']).toBe(12_987);
    const again = await jsonOf('import', 'cfpb', golden2015, ...into);
    expect(again).toMatchObject({ lodged: 0, unchanged: 28_156, events: 0 });
  });
});
