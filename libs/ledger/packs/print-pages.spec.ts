import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { PRINTED_CHARACTERS_MAX } from './pack-bounds.js';
import { printPages, type Printed, type PrintedBlock } from './print-pages.js';

const FEW: readonly PrintedBlock[] = [
  { kind: 'heading', level: 1, text: 'Chronology' },
  { kind: 'text', text: 'One line.\nAnother: Größe, Ελληνικά, Русский, العربية, 漢字 and 😀.' },
  { kind: 'facts', rows: [{ name: 'Narrative', value: 'A fee was charged twice. '.repeat(20) }] },
];

const printed = (blocks: readonly PrintedBlock[]): Printed => ({
  title: 'C-1: chronology',
  language: 'en',
  generator: 'redress 0.0.0-test',
  blocks,
});

const textOf = (pdf: Uint8Array): string => Buffer.from(pdf).toString('latin1');

/** What stands between `stream` and `endstream`, inflated where it is deflated. */
function streamsOf(pdf: Uint8Array): string {
  const text = textOf(pdf);
  return [...text.matchAll(/\/FlateDecode[^]*?stream\n([^]*?)\nendstream/g)]
    .map(([, body = '']) => inflateSync(Buffer.from(body, 'latin1')).toString('latin1'))
    .join('\n');
}

/** Text of the pages, by the tables in the file that say which glyph is which character. */
function charactersOf(pdf: Uint8Array): ReadonlySet<string> {
  const maps = [...streamsOf(pdf).matchAll(/beginbfrange([^]*?)endbfrange/g)].map(([, map]) => map);
  const codes = maps.flatMap((map = '') => [...map.matchAll(/<([0-9a-f]{4,8})>(?=[\s\]])/gi)]);
  return new Set(codes.map(([, hex = '']) => Buffer.from(hex, 'hex').swap16().toString('utf16le')));
}

describe('printed pages', () => {
  it('have the same bytes for the same blocks', async () => {
    const [one, two] = [await printPages(printed(FEW)), await printPages(printed(FEW))];
    expect(Buffer.compare(one, two)).toBe(0);
    const other = await printPages(printed(FEW.slice(1)));
    expect(Buffer.compare(one, other)).not.toBe(0);
  });

  it('are A4, tagged, in a language, with a title and fonts of their own', async () => {
    const pdf = textOf(await printPages(printed(FEW)));
    expect(pdf).toMatch(/^%PDF-1\.7/);
    expect(pdf).toContain('/MediaBox [0 0 595.28 841.89]');
    expect(pdf).toContain('/Marked true');
    expect(pdf).toContain('/Lang (en)');
    expect(pdf).toContain('/DisplayDocTitle true');
    for (const role of ['Document', 'H1', 'P', 'Table', 'TR', 'TH', 'TD']) {
      expect(pdf).toContain(`/S /${role}`);
    }
    expect(pdf).toContain('DejaVuSans');
    expect(pdf).not.toContain('Helvetica');
    expect(pdf).not.toContain(`D:${new Date().getUTCFullYear()}`);
  });

  it('show every script that the font has, and other characters by their number', async () => {
    const characters = charactersOf(await printPages(printed(FEW)));
    for (const one of 'GößΕλРус') expect(characters).toContain(one);
    expect(characters).not.toContain('漢');
    for (const one of '[U+6F2]') expect(characters).toContain(one);
  });

  it('go on over as many pages as it takes, each with its number', async () => {
    const rows = [{ name: 'Narrative', value: 'A line of it.\n'.repeat(400) }];
    const heading = { kind: 'heading', level: 2, text: '1. Complaint lodged' } as const;
    const pdf = await printPages(printed([heading, { kind: 'facts', rows }, heading]));
    const pages = textOf(pdf).match(/\/Type \/Page\n/g) ?? [];
    expect(pages.length).toBeGreaterThan(5);
    const footers = streamsOf(pdf).match(/\/Artifact/g) ?? [];
    expect(footers).toHaveLength(pages.length);
  });

  it('are refused when there would be thousands', async () => {
    const text = 'x'.repeat(PRINTED_CHARACTERS_MAX + 1);
    await expect(printPages(printed([{ kind: 'text', text }]))).rejects.toMatchObject({
      code: 'ledger.pack-too-large',
    });
  });
});
