import { describe, it } from '@jest/globals';
import { ACCEPTED, CLOSED, DECIDED, DISPUTED, given, lodged } from '#testing/complaints';
import { recordReply } from './record-reply.decide.js';

describe('record-reply', () => {
  it('records that the complainant accepts', () => {
    given(lodged(), DECIDED).when(recordReply, { reply: 'accepted' }).then(ACCEPTED);
  });

  it('records that the complainant disputes, and why', () => {
    given(lodged(), DECIDED)
      .when(recordReply, { reply: 'disputed', medium: 'post', grounds: 'Not what I asked.' })
      .then({ type: 'DecisionDisputed', data: { medium: 'post', grounds: 'Not what I asked.' } });
  });

  it('records the same reply once', () => {
    given(lodged(), DECIDED, ACCEPTED).when(recordReply, { reply: 'accepted' }).thenNothing();
    given(lodged(), DECIDED, DISPUTED).when(recordReply, { reply: 'disputed' }).thenNothing();
  });

  it('refuses another reply to the same decision', () => {
    given(lodged(), DECIDED, ACCEPTED)
      .when(recordReply, { reply: 'disputed' })
      .thenRefused('reply.already-given');
    given(lodged(), DECIDED, DISPUTED)
      .when(recordReply, { reply: 'accepted' })
      .thenRefused('reply.already-given');
  });

  it('refuses grounds for accepting', () => {
    const command = { reply: 'accepted', grounds: 'Fine.' } as const;
    given(lodged(), DECIDED).when(recordReply, command).thenRefused('field.unknown');
  });

  it('refuses a reply to no decision, and one to a closed complaint', () => {
    given(lodged()).when(recordReply, { reply: 'accepted' }).thenRefused('complaint.still-open');
    given(lodged(), DECIDED, ACCEPTED, CLOSED)
      .when(recordReply, { reply: 'accepted' })
      .thenRefused('complaint.closed');
  });
});
