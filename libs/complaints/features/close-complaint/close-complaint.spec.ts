import { describe, it } from '@jest/globals';
import {
  ACCEPTED,
  DECIDED,
  DISPUTED,
  given,
  lodged,
  OTHER_REFERENCE,
  REFERENCE,
  REOPENED,
  WITHDRAWN,
} from '#testing/complaints';
import { closeComplaint } from './close-complaint.decide.js';

describe('close-complaint', () => {
  const OPEN = [lodged()];
  const IS_DECIDED = [lodged(), DECIDED];
  const IS_ACCEPTED = [lodged(), DECIDED, ACCEPTED];
  const IS_DISPUTED = [lodged(), DECIDED, DISPUTED];
  const IS_WITHDRAWN = [lodged(), WITHDRAWN];

  it.each([
    ['out-of-scope', OPEN],
    ['options-exhausted', IS_DECIDED],
    ['no-reply', IS_DECIDED],
    ['accepted', IS_ACCEPTED],
    ['options-exhausted', IS_DISPUTED],
    ['withdrawn', IS_WITHDRAWN],
  ] as const)('closes as %s where the complaint came to that', (closureReason, events) => {
    given(...events)
      .when(closeComplaint, { closureReason })
      .then({ type: 'ComplaintClosed', data: { closureReason } });
  });

  it.each([
    ['accepted', OPEN],
    ['no-reply', OPEN],
    ['accepted', IS_DECIDED],
    ['duplicate', IS_DECIDED],
    ['options-exhausted', IS_ACCEPTED],
    ['no-reply', IS_DISPUTED],
    ['accepted', IS_WITHDRAWN],
  ] as const)('refuses to close as %s where it did not', (closureReason, events) => {
    given(...events)
      .when(closeComplaint, { closureReason })
      .thenRefused('closure.reason-not-allowed');
  });

  it('closes a duplicate under the written form of the other reference', () => {
    const spoken = OTHER_REFERENCE.toLowerCase().replaceAll('-', ' ');
    given(lodged())
      .when(closeComplaint, { closureReason: 'duplicate', duplicateOf: spoken })
      .then({
        type: 'ComplaintClosed',
        data: { closureReason: 'duplicate', duplicateOf: OTHER_REFERENCE },
      });
  });

  it('refuses a duplicate of nothing, of a malformed reference, of itself', () => {
    const closureReason = 'duplicate';
    given(lodged())
      .when(closeComplaint, { closureReason })
      .thenRefused('closure.duplicate-reference-missing');
    given(lodged())
      .when(closeComplaint, { closureReason, duplicateOf: 'C-26-0000-0000-0X' })
      .thenRefused('closure.duplicate-reference-malformed');
    given(lodged())
      .when(closeComplaint, { closureReason, duplicateOf: REFERENCE })
      .thenRefused('closure.duplicate-of-itself');
  });

  it('refuses the reference of another complaint for any other reason', () => {
    given(lodged())
      .when(closeComplaint, { closureReason: 'out-of-scope', duplicateOf: OTHER_REFERENCE })
      .thenRefused('closure.reference-not-wanted');
  });

  it('closes once for the same reason; refuses another one', () => {
    const closed = { type: 'ComplaintClosed', data: { closureReason: 'accepted' } } as const;
    given(...IS_ACCEPTED, closed)
      .when(closeComplaint, { closureReason: 'accepted' })
      .thenNothing();
    given(...IS_ACCEPTED, closed)
      .when(closeComplaint, { closureReason: 'no-reply' })
      .thenRefused('complaint.closed');
  });

  it('closes again what was reopened', () => {
    const closed = { type: 'ComplaintClosed', data: { closureReason: 'out-of-scope' } } as const;
    given(lodged(), closed, REOPENED)
      .when(closeComplaint, { closureReason: 'out-of-scope' })
      .then(closed);
  });
});
