import { describe, it } from '@jest/globals';
import { CLOSED, given, lodged } from '#testing/complaints';
import { recordContact } from './record-contact.decide.js';

describe('record-contact', () => {
  const data = { direction: 'inbound', medium: 'phone', summary: 'Asked how it stands.' } as const;
  const contact = { type: 'ContactRecorded', data } as const;

  it('records a contact in every status, even after closing', () => {
    given(lodged()).when(recordContact, data).then(contact);
    given(lodged(), CLOSED).when(recordContact, data).then(contact);
  });

  it('records a second contact that says the same', () => {
    given(lodged(), contact).when(recordContact, data).then(contact);
  });

  it('records a call that came before the complaint was received', () => {
    given(lodged())
      .when(recordContact, data, { occurredAt: '2026-02-01T00:00:00.000Z' })
      .then(contact);
  });

  it('refuses a summary that is too long or empty', () => {
    given(lodged())
      .when(recordContact, { ...data, summary: 'x'.repeat(4_001) })
      .thenRefused('field.too-long');
    given(lodged())
      .when(recordContact, { ...data, summary: ' ' })
      .thenRefused('field.bad-value');
  });

  it('refuses text that a store could not hold', () => {
    given(lodged())
      .when(recordContact, { ...data, summary: 'half a \ud83d' })
      .thenRefused('field.bad-value');
    given(lodged())
      .when(recordContact, { ...data, summary: 'cut\0off' })
      .thenRefused('field.bad-value');
  });
});
