import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStoredZip, verifyPack } from '#evidence';
import { sha256Hex, type StoredEvent } from '#kernel';
import { readKeyFile } from '#ledger';
import { buildPack, PACK_EVENTS_MAX_HERE, type PackSources } from '#ledger/packs';
import { formatCheckpoint, sha256, signNote, type Policy } from '#merkle';
import { testSigner } from '#testing/evidence';
import { ORIGIN, PackGround } from './pack-ground.js';

jest.setTimeout(120_000);

let ground: PackGround;
let sources: PackSources;
let policy: Policy;
let stream: string;
let kept: string;

beforeAll(async () => {
  ground = new PackGround();
  await ground.append(5);
  kept = await ground.sign('2026-01-01');
  mkdirSync(join(ground.directory, 'ledger', 'time'));
  writeFileSync(join(ground.directory, 'ledger', 'time', '5.note'), kept);
  writeFileSync(join(ground.directory, 'ledger', 'time', '5.tsr'), 'a token');
  await ground.append(16);
  await ground.sign('2026-01-02');
  await ground.append(19);
  await ground.sign('2026-01-03');
  sources = await ground.sources();
  policy = await ground.policy();
  stream = ground.streamOf(0);
});

afterAll(() => ground.remove());

const subject = 'C-0';
const namesOf = (zip: Uint8Array) => readStoredZip(zip).map(({ path }) => path);

describe('a pack', () => {
  it('has the same bytes for the same events, ledger and request', async () => {
    const one = await buildPack(sources, { stream, subject });
    const two = await buildPack(sources, { stream, subject });
    expect(Buffer.compare(one.zip, two.zip)).toBe(0);
  });

  it('is linked to the checkpoints of earlier days and to time tokens', async () => {
    const { zip } = await buildPack(sources, { stream, subject });
    const names = namesOf(zip);
    for (const path of ['earlier/5/consistency', 'earlier/21/checkpoint', 'time/5.tsr']) {
      expect(names).toContain(`redress-C-0/data/${path}`);
    }
    const verdict = verifyPack(zip, { policy, kept: [kept] });
    expect(verdict).toMatchObject({ ok: true, checked: 20, timeTokens: 1, size: 40 });
  });

  it('holds the documents that shown events name, where they are what they are named', async () => {
    const shown = await ground.eventStore.readStream(stream);
    const letter = shown.findIndex(({ type }) => type === 'ComplaintAcknowledged');
    const content = Buffer.from(`a/letter/${letter * 2}`);
    const hash = sha256Hex(content);
    const documents = async (wanted: string) => (wanted === hash ? content : undefined);
    const whole = await buildPack({ ...sources, documents }, { stream, subject });
    expect(whole).toMatchObject({ documentCount: 1, missingDocuments: [] });
    expect(verifyPack(whole.zip, { policy })).toMatchObject({ ok: true, documents: 1 });
    const part = await buildPack(
      { ...sources, documents },
      { stream, subject, withhold: ['ComplaintAcknowledged'] },
    );
    expect(part).toMatchObject({ documentCount: 0, missingDocuments: [] });
    const other = async () => Buffer.from('another letter');
    const wrong = await buildPack({ ...sources, documents: other }, { stream, subject });
    expect(wrong).toMatchObject({ documentCount: 0, missingDocuments: [hash] });
    expect(verifyPack(wrong.zip, { policy })).toMatchObject({ ok: true, documentsMissing: 1 });
  });
});

describe('a pack is refused', () => {
  const reading = (read: (events: readonly StoredEvent[]) => readonly object[]) => ({
    ...sources,
    eventStore: {
      readStream: async () =>
        read(await ground.eventStore.readStream(stream)) as readonly StoredEvent[],
    },
  });
  const refusalOf = (from: PackSources) =>
    buildPack(from, { stream, subject }).then(
      () => 'made',
      (error: unknown) => (error as { readonly code: string }).code,
    );

  it('of a stream that is not there', async () => {
    expect(await refusalOf(reading(() => []))).toBe('ledger.unknown-stream');
  });

  it('of events that are not as they were signed', async () => {
    const altered = reading((events) =>
      events.map((event) => ({ ...event, data: event.data.replace('fehlt', 'kommt') })),
    );
    expect(await refusalOf(altered)).toBe('ledger.event-differs');
  });

  it('of events that are not signed yet', async () => {
    const more = reading((events) => [
      ...events,
      ...events.slice(0, 1).map((event) => ({ ...event, id: event.id.replaceAll(/\d/g, '0') })),
    ]);
    expect(await refusalOf(more)).toBe('ledger.not-yet-signed');
  });

  describe('for a kept checkpoint', () => {
    const withKept = (note: string) =>
      buildPack(sources, { stream, subject, kept: [note] }).then(
        () => 'made',
        (error: unknown) => (error as { readonly code: string }).code,
      );
    const signedAs = async (change: { readonly size?: bigint; readonly origin?: string }) => {
      const signer = await readKeyFile(join(ground.directory, 'ledger.key'), ORIGIN);
      if (!signer) throw new Error('there is a key');
      const head = { origin: ORIGIN, size: 5n, root: sha256(Buffer.from('fork')), extensions: [] };
      return signNote(formatCheckpoint({ ...head, ...change }), signer);
    };

    it('that this log signed and does not extend: evidence', async () => {
      expect(await withKept(await signedAs({}))).toBe('ledger.kept-differs');
    });

    it('that says nothing of the pack', async () => {
      const stranger = signNote(
        formatCheckpoint({ origin: 'x', size: 5n, root: sha256(Buffer.of()), extensions: [] }),
        testSigner('x', 8),
      );
      const of = { later: await signedAs({ size: 4_000n }), log: await signedAs({ origin: 'x' }) };
      for (const note of ['garbage', stranger, of.later, of.log]) {
        expect(await withKept(note)).toBe('ledger.kept-unusable');
      }
    });
  });

  it('of more events than it can hold', async () => {
    const many = reading((events) =>
      Array.from({ length: PACK_EVENTS_MAX_HERE + 1 }, () => events[0]).filter(
        (event) => event !== undefined,
      ),
    );
    expect(await refusalOf(many)).toBe('ledger.pack-too-large');
  });
});
