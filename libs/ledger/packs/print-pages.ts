import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PackRefused } from './pack-errors.js';
import { PRINTED_BLOCKS_A_TURN, PRINTED_CHARACTERS_MAX } from './pack-bounds.js';

/** Pages are a run of these, top to bottom. */
export type PrintedBlock =
  | { readonly kind: 'heading'; readonly level: 1 | 2; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Names on the left, what each stands for beside it. */
  | { readonly kind: 'facts'; readonly rows: readonly PrintedFact[] };

export type PrintedFact = { readonly name: string; readonly value: string };

export type Printed = {
  readonly title: string;
  /** BCP 47; what a screen reader is to speak. */
  readonly language: string;
  readonly generator: string;
  readonly blocks: readonly PrintedBlock[];
};

// Lengths are in PDF points, 72 to the inch.
const MARGIN_POINTS = 56;
const NAME_WIDTH_POINTS = 130;
const GAP_POINTS = 10;
const TEXT_SIZE_POINTS = 9;
const HEADING_SIZES_POINTS = { 1: 16, 2: 11 } as const;
const FOOTER_SIZE_POINTS = 7;
const FOOTER_DISTANCE_POINTS = 20;
/** A heading nearer to the end of the page stands on the next one, with what it heads. */
const HEADING_ROOM_POINTS = 60;
const AFTER_POINTS = 6;
const BETWEEN_ROWS_POINTS = 2;

/** The same for every file, so that its bytes depend on what is printed and on nothing else. */
const FIXED_DATE = new Date('1980-01-01T00:00:00Z');

/**
 * A PDF of these blocks: A4, page numbers, the structure that screen readers go by, fonts within. The
 * same input gives the same bytes on the same version of Node. Characters that DejaVu Sans does not
 * have are printed as their code points; text from right to left is not reordered.
 * @throws PackRefused `ledger.pack-too-large` beyond {@link PRINTED_CHARACTERS_MAX}
 */
export async function printPages(printed: Printed): Promise<Uint8Array> {
  refuseTooMuch(printed.blocks);
  const document = await openDocument(printed);
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  const paper = new Paper(document);
  for (const [at, block] of printed.blocks.entries()) {
    paper.print(block);
    // A long chronology takes seconds, in which a server has others to answer.
    if (at % PRINTED_BLOCKS_A_TURN === 0) await nextTurn();
  }
  paper.finish(printed.title);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function refuseTooMuch(blocks: readonly PrintedBlock[]): void {
  const size = blocks.reduce((sum, block) => sum + sizeOf(block), 0);
  if (size <= PRINTED_CHARACTERS_MAX) return;
  throw new PackRefused(
    'ledger.pack-too-large',
    `the chronology has ${size} characters, at most ${PRINTED_CHARACTERS_MAX} are printed`,
  );
}

function sizeOf(block: PrintedBlock): number {
  if (block.kind !== 'facts') return block.text.length;
  return block.rows.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
}

async function openDocument({ title, language, generator }: Printed): Promise<PDFKit.PDFDocument> {
  // Loaded by the first pack: a server that starts has better things to do.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    // Named here, since the default would be a font that readers must have.
    font: PLAIN,
    size: 'A4',
    margin: MARGIN_POINTS,
    pdfVersion: '1.7',
    tagged: true,
    lang: language,
    displayTitle: true,
    // How many pages there are stands on each of them, and is known after the last.
    bufferPages: true,
    autoFirstPage: false,
    info: {
      Title: title,
      Creator: generator,
      Producer: generator,
      CreationDate: FIXED_DATE,
      ModDate: FIXED_DATE,
    },
  });
  return document.addPage();
}

const fontsFolder = join(
  dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
);
// By their paths, which pdfkit remembers: a font under a name of its own is read again at each use.
const PLAIN = join(fontsFolder, 'DejaVuSans.ttf');
const STRONG = join(fontsFolder, 'DejaVuSans-Bold.ttf');

type StructureElement = ReturnType<PDFKit.PDFDocument['struct']>;

type Box = { readonly x: number; readonly y: number; readonly width: number };

/** The pages as they fill, and the structure of what stands on them. */
class Paper {
  readonly #document: PDFKit.PDFDocument;
  readonly #root: StructureElement;
  readonly #left = MARGIN_POINTS;
  readonly #width: number;
  readonly #bottom: number;

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
    this.#width = document.page.width - 2 * MARGIN_POINTS;
    this.#bottom = document.page.height - MARGIN_POINTS;
    this.#root = document.struct('Document');
    document.addStructure(this.#root);
  }

  print(block: PrintedBlock): void {
    switch (block.kind) {
      case 'heading':
        this.#heading(block.level, block.text);
        break;
      case 'text':
        this.#add(this.#root, 'P', () => this.#write(block.text, this.#line()));
        break;
      case 'facts':
        this.#facts(block.rows);
        break;
    }
    this.#document.y += AFTER_POINTS;
  }

  /** Writes the number of each page at its foot. */
  finish(title: string): void {
    const document = this.#document;
    const { count } = document.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      document.switchToPage(page);
      document.markContent('Artifact', { type: 'Pagination', attached: ['Bottom'] });
      document.font(PLAIN).fontSize(FOOTER_SIZE_POINTS);
      const number = `${page + 1} / ${count}`;
      const y = this.#bottom + FOOTER_DISTANCE_POINTS;
      const x = this.#left + this.#width - document.widthOfString(number);
      // Without line breaks nothing is pushed to a further page.
      document.text(title, this.#left, y, { lineBreak: false });
      document.text(number, x, y, { lineBreak: false });
      document.endMarkedContent();
    }
    this.#root.end();
  }

  #heading(level: 1 | 2, text: string): void {
    const document = this.#document;
    this.#makeRoom(HEADING_ROOM_POINTS);
    this.#add(this.#root, `H${level}`, () => {
      document.font(STRONG).fontSize(HEADING_SIZES_POINTS[level]);
      document.text(this.#printable(text), this.#left, document.y, { width: this.#width });
    });
  }

  #facts(rows: readonly PrintedFact[]): void {
    const table = this.#document.struct('Table');
    this.#root.add(table);
    for (const row of rows) {
      const line = this.#document.struct('TR');
      table.add(line);
      this.#row(line, row);
      line.end();
    }
    table.end();
  }

  /** The name is on one page; what it stands for may go on over several. */
  #row(line: StructureElement, { name, value }: PrintedFact): void {
    const document = this.#document;
    document.font(PLAIN).fontSize(TEXT_SIZE_POINTS);
    const nameBox = { ...this.#line(), width: NAME_WIDTH_POINTS };
    this.#makeRoom(document.heightOfString(this.#printable(name), { width: nameBox.width }));
    const { y } = document;
    const offset = NAME_WIDTH_POINTS + GAP_POINTS;
    const pageOfName = document.page;
    this.#add(line, 'TH', () => this.#write(name, { ...nameBox, y }));
    const nameEnd = document.y;
    const box = { x: this.#left + offset, y, width: this.#width - offset };
    this.#add(line, 'TD', () => this.#write(value, box));
    if (document.page === pageOfName) document.y = Math.max(document.y, nameEnd);
    document.y += BETWEEN_ROWS_POINTS;
  }

  #line(): Box {
    return { x: this.#left, y: this.#document.y, width: this.#width };
  }

  #write(text: string, { x, y, width }: Box): void {
    this.#document.font(PLAIN).fontSize(TEXT_SIZE_POINTS);
    this.#document.text(this.#printable(text), x, y, { width });
  }

  #makeRoom(points: number): void {
    if (this.#document.y + points > this.#bottom) this.#document.addPage();
  }

  /** What `draw` draws belongs to this element; it is closed when a page ends and goes on after. */
  #add(parent: StructureElement, type: string, draw: () => void): void {
    parent.add(this.#document.struct(type, {}, draw));
  }

  /** A character that the font lacks would be an empty box, and nobody would know which it was. */
  #printable(text: string): string {
    const { font } = (this.#document as unknown as WithFont)._font;
    let printable = '';
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0;
      const isThere = codePoint === LINE_FEED || font.hasGlyphForCodePoint(codePoint);
      printable += isThere ? character : `[U+${hexOf(codePoint)}]`;
    }
    return printable;
  }
}

const LINE_FEED = 0x0a;

/** What pdfkit does not declare of the font that is in use. */
type WithFont = {
  readonly _font: {
    readonly font: { readonly hasGlyphForCodePoint: (codePoint: number) => boolean };
  };
};

function hexOf(codePoint: number): string {
  return codePoint.toString(16).toUpperCase().padStart(4, '0');
}
