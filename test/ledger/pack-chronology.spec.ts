import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { chronologyHtml, leafOf, PACK_VERSION, type ChronologyEvent } from '#evidence';
import { canonicalJson } from '#kernel';

// Packs are verified by making this page anew and comparing every byte, by programs that were handed
// out years before. So these pages never change, and there is nothing here that would write them: a
// renderer that makes others belongs to a further version of the scope.

const ORIGIN = 'complaints.example.org/log';
const STREAM = 'complaint-5f0e0d0c-0b0a-5908-8706-050403020100';
const CAUSE = '11111111-2222-5333-8444-555555555555';

type Told = { readonly type: string; readonly data: object; readonly metadata?: object };

function eventOf({ type, data, metadata = {} }: Told, revision: number): ChronologyEvent {
  const content = {
    data: canonicalJson(data),
    metadata: canonicalJson({
      v: 1,
      actor: { id: `u-${revision}`, role: 'case-handler', via: 'http' },
      recordedAt: `2026-03-0${revision + 1}T09:08:07.006Z`,
      commandId: CAUSE,
      correlationId: CAUSE,
      $correlationId: CAUSE,
      schemaVersion: 1,
      salt: 'AAECAwQFBgcICQoLDA0ODw',
      ...metadata,
    }),
  };
  const id = `00000000-0000-5000-8000-00000000000${revision}`;
  const record = { id, stream: STREAM, revision, type, ...content };
  return { leaf: leafOf(record, { origin: ORIGIN, index: 40 + 3 * revision }), content };
}

const TOLD: readonly Told[] = [
  {
    type: 'ComplaintLodged',
    data: {
      reference: 'C-26-7K4M-9',
      narrative: 'Zwei <b>Briefe</b> & "keine" Antwort.\nNächste Zeile — שלום, 😀',
      complainant: { name: 'A. Example', address: { country: 'DE', postalCode: '10115' } },
      allegations: [
        { issue: 'delay', subIssue: 'no-answer', criteria: [] },
        { issue: 'charges', money: { amount: '12.50', currency: 'EUR' } },
      ],
      recurrent: true,
      safety: false,
      respondBy: null,
      level: 0.25,
      sizeBytes: 9_007_199_254_740_991,
    },
    metadata: { occurredAt: '2026-02-27T23:59:59Z', causationId: CAUSE },
  },
  {
    type: 'ComplaintAcknowledged',
    data: { contentSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' },
    metadata: { actor: { id: '<u&"1">', via: 'policy' }, reason: "it's <due>" },
  },
  { type: 'ComplaintReopened', data: {} },
  {
    type: 'X2Y',
    data: {
      labels: { Tags: 'a key as it stands', 'sub-team': 'x', subTeam: 'y', 'größe, "alt"': {} },
      occurredOn: '2026-02-30',
    },
    metadata: { actor: { id: 'u-3', role: 'Case Handler' }, occurredAt: 'some day' },
  },
  { type: 'ComplaintClosed', data: { closureReason: 'upheld' } },
];
const WITHHELD = 4;

const PAGE = { subject: 'C-26-7K4M-9', stream: STREAM, origin: ORIGIN, size: 1_234 };
const [FIRST, ...REST] = TOLD.map(eventOf).map(({ leaf, content }) =>
  leaf.revision === WITHHELD || !content ? { leaf } : { leaf, content },
);

async function pageOf(name: string): Promise<string> {
  return readFile(resolve('test/ledger/fixtures', name), 'utf8');
}

describe('the chronology of a pack of version 1', () => {
  it('is, byte for byte, the page that was made in 2026', async () => {
    expect(PACK_VERSION).toBe(1);
    const events = FIRST ? [FIRST, ...REST] : [];
    expect(chronologyHtml({ ...PAGE, events })).toBe(await pageOf('chronology-v1.html'));
  });

  it('is so for a single event that is shown', async () => {
    const events = FIRST ? [FIRST] : [];
    expect(chronologyHtml({ ...PAGE, events })).toBe(await pageOf('chronology-v1-one.html'));
  });

  it('shows no two names alike, and no member left out', () => {
    const data = { subTeam: 1, 'sub-team': 2, SubTeam: 3, 'sub team': 4, nothing: {}, none: [] };
    const page = chronologyHtml({ ...PAGE, events: [eventOf({ type: 'X', data }, 0)] });
    const names = [...page.matchAll(/<th scope="row">(.*?)<\/th>/g)].map(([, name]) => name);
    expect(names).toHaveLength(6);
    expect(new Set(names.map((name) => name?.toLowerCase())).size).toBe(6);
  });
});
