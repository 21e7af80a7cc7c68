import { describe, it } from '@jest/globals';

/** Set by `.ci/run`: a server that is missing then fails the run instead of skipping its suite. */
const REQUIRED = 'REDRESS_REQUIRE_SERVERS';

/** Whether a machine can run a suite, or what it lacks. */
export type Offer = { readonly offered: true } | { readonly missing: string };

/**
 * A suite that needs a server. Where the server is missing the suite is skipped, loudly and in the
 * report as a todo; where it must be there, it fails.
 */
export function serverSuite(name: string, offer: Offer, suite: () => void): void {
  if ('offered' in offer) {
    describe(name, suite);
    return;
  }
  const skipped = `${name} WAS NOT RUN: ${offer.missing}`;
  if (process.env[REQUIRED]) {
    it(name, () => {
      throw new Error(skipped);
    });
    return;
  }
  process.stderr.write(`${skipped}\n`);
  it.todo(skipped);
}
