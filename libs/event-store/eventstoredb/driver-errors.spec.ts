import { status } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { AppendsDenied, isDenied, isNeverSent } from './driver-errors.js';

function ended(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
  const metadata = { getMap: () => trailers };
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata });
}

describe('a call that broke', () => {
  it.each([
    'No connection established. Last error: connect ECONNREFUSED',
    'Name resolution failed for target dns:nowhere:2113',
    'Channel closed before call started',
  ])('was never sent: %s', (details) => {
    expect(isNeverSent(ended(status.UNAVAILABLE, details))).toBe(true);
  });

  it('may have been stored when its connection was lost', () => {
    expect(isNeverSent(ended(status.UNAVAILABLE, 'Connection dropped'))).toBe(false);
  });

  it('may have been stored before its server ceased to lead', () => {
    const trailers = {
      exception: 'not-leader',
      'leader-endpoint-host': '127.0.0.1',
      'leader-endpoint-port': '2114',
    };
    const error = ended(status.NOT_FOUND, 'Leader info available', trailers);
    expect(isNeverSent(error)).toBe(false);
  });

  it('gives up an append that the server denies, of which it stored nothing', () => {
    const denied = new AppendsDenied();
    expect(isDenied(denied)).toBe(true);
    expect(isNeverSent(denied)).toBe(true);
  });
});
