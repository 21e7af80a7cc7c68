import { describe, it } from '@jest/globals';
import { given, LODGE, lodged, NOW, RECEIVED_AT, SHA256, REFERENCE } from '#testing/complaints';
import { lodgeComplaint } from './lodge-complaint.decide.js';

describe('lodge-complaint', () => {
  const { reference, channel, product } = LODGE;
  const complete = {
    reference,
    channel,
    product,
    receivedAt: NOW,
    receivedZone: 'UTC',
    complainant: {},
    allegations: [{ number: 1, issue: 'Late fee' }],
    enclosures: [],
  };

  it('is received when it happened, and now unless told', () => {
    given().when(lodgeComplaint, LODGE).then({ type: 'ComplaintLodged', data: complete });
    given()
      .when(lodgeComplaint, LODGE, { occurredAt: RECEIVED_AT })
      .then({ type: 'ComplaintLodged', data: { ...complete, receivedAt: RECEIVED_AT } });
    given()
      .when(lodgeComplaint, { ...LODGE, receivedAt: RECEIVED_AT })
      .then({ type: 'ComplaintLodged', data: { ...complete, receivedAt: RECEIVED_AT } });
  });

  it('numbers the allegations in their order', () => {
    given()
      .when(lodgeComplaint, { ...LODGE, allegations: [{ issue: 'A' }, { issue: 'B' }] })
      .then({
        type: 'ComplaintLodged',
        data: {
          ...complete,
          allegations: [
            { number: 1, issue: 'A' },
            { number: 2, issue: 'B' },
          ],
        },
      });
  });

  it('leaves out what is undefined and keeps plain data of class instances', () => {
    class Person {
      readonly name = 'Ada Example';
      readonly email = undefined;
    }
    given()
      .when(lodgeComplaint, { ...LODGE, unit: undefined, complainant: new Person() as object })
      .then({
        type: 'ComplaintLodged',
        data: { ...complete, complainant: { name: 'Ada Example' } },
      });
  });

  it('refuses a second lodging', () => {
    given(lodged()).when(lodgeComplaint, LODGE).thenRefused('complaint.already-lodged');
  });

  it('refuses a reference that is malformed or not in its written form', () => {
    for (const bad of ['', 'C-26', REFERENCE.toLowerCase(), `${REFERENCE.slice(0, -1)}U`]) {
      given()
        .when(lodgeComplaint, { ...LODGE, reference: bad })
        .thenRefused('reference.malformed');
    }
  });

  it('refuses a receipt that has not come yet', () => {
    given()
      .when(lodgeComplaint, { ...LODGE, receivedAt: '2026-03-20T12:00:00.001Z' })
      .thenRefused('receipt.in-the-future');
  });

  it('refuses a complaint about nothing, and one about too much', () => {
    given()
      .when(lodgeComplaint, { ...LODGE, allegations: [] })
      .thenRefused('field.missing');
    const allegations = Array.from({ length: 51 }, () => ({ issue: 'Fee' }));
    given()
      .when(lodgeComplaint, { ...LODGE, allegations })
      .thenRefused('field.too-many');
  });

  it('refuses text beyond its limit and a field that does not exist, deep inside too', () => {
    given()
      .when(lodgeComplaint, { ...LODGE, narrative: 'x'.repeat(16_001) })
      .thenRefused('field.too-long');
    const complainant = { shoeSize: 42 } as object;
    given()
      .when(lodgeComplaint, { ...LODGE, complainant })
      .thenRefused('field.unknown');
  });

  it('keeps the source with its defects; refuses labels without a good name', () => {
    const source = {
      system: 'cfpb',
      id: '1',
      rowSha256: SHA256,
      defects: ['region-blank'],
    } as const;
    given()
      .when(lodgeComplaint, { ...LODGE, source })
      .then({ type: 'ComplaintLodged', data: { ...complete, source } });
    given()
      .when(lodgeComplaint, { ...LODGE, source: { ...source, labels: { '1st': 'x' } } })
      .thenRefused('field.bad-value');
  });
});
