import { describe, expect, it } from '@jest/globals';
import { AppendUnknown, StoreUnavailable } from '#event-store/port';
import { AddressInvalid } from '#event-store/eventstoredb';
import { failureOf, UsageError } from './exit-status.js';

describe('what an error means for whoever called', () => {
  it.each([
    [new StoreUnavailable('away'), 3, 'away'],
    [new UsageError('usage.conflict', 'one or the other'), 2, 'one or the other'],
  ])('is told as it is: %s', (error, status, message) => {
    expect(failureOf(error)).toEqual({ status, code: error.code, message });
  });

  it('is to run an import again whose append was not answered', () => {
    const failure = failureOf(new AppendUnknown('no answer'));
    expect(failure).toMatchObject({ status: 3, code: 'store.append-unknown' });
    expect(failure.message).toMatch(/^no answer; run the same command again/);
  });

  it('is wrong use where it is an address that leads nowhere', () => {
    expect(failureOf(new AddressInvalid('no port 99999'))).toMatchObject({ status: 2 });
  });

  it('is a fault of the program where it has no code', () => {
    expect(failureOf(new TypeError('x'))).toMatchObject({ status: 3, unexpected: true });
  });
});
