import { describe, expect, it } from '@jest/globals';
import { formatTlogProof } from '#merkle';
import { complaintHistory, samplePackZip, signedLedger, testSigner } from '#testing/evidence';
import { utf8 } from '../bytes.js';
import type { EventRecord } from '../event-record.js';
import { CANONICAL_DEPTH_MAX } from '../leaf/canonical-scan.js';
import { leafEntryOf } from '../leaf/leaf.js';
import { PAYLOAD_SIZE_MAX_BYTES, payloadOf } from '../leaf/payload.js';
import { eventPath, formatScope, PACK_PATHS, proofPath } from './pack-format.js';
import { verifyPack } from './verify-pack.js';

// What a house may sign that would harm who verifies: nothing here is what our own store could hold.

const signer = testSigner();
const [USUAL] = complaintHistory({ events: 1, streams: 1 });

/** A pack of one event, whose leaf binds whatever it says. */
function packOf(says: Partial<EventRecord>, page = 'a page'): Uint8Array {
  const event = { ...USUAL, ...says } as EventRecord;
  const entry = leafEntryOf(event, { origin: signer.name, index: 0 });
  const ledger = signedLedger({ entries: [entry] }, signer);
  const scope = { events: 1, generator: 'a test', origin: signer.name, size: 1 } as const;
  const proof = { extra: entry, index: 0n, proof: [], checkpoint: ledger.note };
  const stream = { stream: event.stream, subject: 'C-1', v: 1, withheld: [] } as const;
  return samplePackZip([
    { path: PACK_PATHS.checkpoint, bytes: utf8(ledger.note) },
    { path: PACK_PATHS.scope, bytes: formatScope({ ...scope, ...stream }) },
    { path: PACK_PATHS.chronologyHtml, bytes: utf8(page) },
    { path: proofPath(0), bytes: utf8(formatTlogProof(proof)) },
    { path: eventPath(0), bytes: payloadOf(event) },
  ]);
}

const { policy } = signedLedger({ events: [] }, signer);
const faultsOf = (says: Partial<EventRecord>, page?: string) =>
  verifyPack(packOf(says, page), { policy }).faults;

const list = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const DEEPER = CANONICAL_DEPTH_MAX;

describe('a pack that is signed to harm', () => {
  it.each([
    ['lists one level too deep', list(DEEPER)],
    ['lists 100,000 levels deep', list(100_000)],
    ['objects 100,000 levels deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a string of 8 million characters', `{"a":"${'x'.repeat(8_000_000)}"}`],
    ['a string of as many quotes', `{"a":"${'\\"'.repeat(4_000_000)}"}`],
    ['more than is read', `{"a":"${'x'.repeat(PAYLOAD_SIZE_MAX_BYTES)}"}`],
    ['a key twice', '{"a":"what one program reads","a":"what another reads"}'],
    ['keys out of order', '{"b":1,"a":2}'],
    ['a number that a double cannot hold', '{"a":12345678901234567890}'],
    ['blanks', '{ "a": 1 }'],
    ['__proto__', '{"__proto__":{"a":1}}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
  ])('is refused, and the event named, for %s', (_what, data) => {
    expect(faultsOf({ data })).toEqual([
      {
        what: 'event',
        index: 0,
        eventId: USUAL?.id,
        path: eventPath(0),
        reason: expect.stringMatching(/^the payload of an event: /),
      },
    ]);
  });

  it('is refused for metadata of such a kind, too', () => {
    const metadata = (USUAL?.metadata ?? '').replace('{', '{"$z":1,"$a":2,');
    expect(faultsOf({ metadata })).toMatchObject([{ what: 'event', path: eventPath(0) }]);
  });

  it('takes no more memory for a page of gigabytes than for the page that is there', () => {
    const members = Array.from({ length: 300_000 }, () => '1').join();
    const data = `{"${'k'.repeat(300_000)}":[${members}]}`;
    // The page that this event makes would have 90,000,000,000 characters.
    expect(faultsOf({ data })).toMatchObject([{ what: 'file', path: PACK_PATHS.chronologyHtml }]);
  });

  it('is as deep as the store allows, and shown', () => {
    expect(faultsOf({ data: list(DEEPER - 1) })).toMatchObject([
      { what: 'file', path: PACK_PATHS.chronologyHtml, index: 0 },
    ]);
  });

  it('holds no half of a surrogate pair, in a leaf or in its scope', () => {
    const leaf = faultsOf({ type: 'Half \ud800' });
    expect(leaf[0]).toMatchObject({ what: 'proof', reason: 'its entry is no leaf record' });
    const scope = faultsOf({ stream: 'half-\udc00' });
    expect(scope).toMatchObject([{ what: 'file', path: PACK_PATHS.scope }]);
  });

  it('holds at least one event', () => {
    const zip = samplePackZip([
      { path: PACK_PATHS.checkpoint, bytes: utf8(signedLedger({ events: [] }, signer).note) },
      {
        path: PACK_PATHS.scope,
        bytes: utf8(
          `{"events":0,"generator":"x","origin":"${signer.name}","size":0,"stream":"s","subject":"C-1","v":1,"withheld":[]}`,
        ),
      },
      { path: PACK_PATHS.chronologyHtml, bytes: new Uint8Array() },
    ]);
    const { ok, faults } = verifyPack(zip, { policy });
    expect({ ok, faults }).toMatchObject({ ok: false, faults: [{ path: PACK_PATHS.scope }] });
  });
});
