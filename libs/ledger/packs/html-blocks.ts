import type { PrintedBlock, PrintedFact } from './print-pages.js';

/** What a page of the chronology is made of, as the PDF prints it. */
export type HtmlContent = { readonly title: string; readonly blocks: readonly PrintedBlock[] };

const TOKEN = /<!--[\s\S]*?-->|<![^>]*>|<(\/?)([a-z][a-z0-9]*)([^>]*)>|[^<]+/gi;
/** The number that an item of a list is shown with. */
const ORDINAL = /\bvalue="(\d+)"/;
const SILENT = new Set(['style', 'script', 'title', 'template']);
/** Elements that begin and end a paragraph. */
const PARAGRAPHS = new Set([
  'address',
  'article',
  'aside',
  'body',
  'caption',
  'div',
  'figure',
  'footer',
  'header',
  'li',
  'main',
  'nav',
  'ol',
  'p',
  'pre',
  'section',
  'table',
  'ul',
]);
const NAMES = new Set(['th', 'dt']);
const VALUES = new Set(['td', 'dd']);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
};

/**
 * Headings, paragraphs and facts of a page that our own chronology made: well-formed, no attribute
 * with a `>` in it. Printing from the page itself is what keeps the two from ever telling different
 * things. Not for pages of others.
 */
export function contentOfHtml(html: string): HtmlContent {
  const reader = new BlockReader();
  for (const [token, slash, name, attributes = ''] of html.matchAll(TOKEN)) {
    if (name === undefined) {
      if (!token.startsWith('<!')) reader.text(decoded(token));
    } else if (slash === '/') reader.close(name.toLowerCase());
    else reader.open(name.toLowerCase(), attributes);
  }
  return reader.end();
}

function decoded(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    return (typeof name === 'string' ? ENTITIES[name] : undefined) ?? String(whole);
  });
}

class BlockReader {
  readonly #blocks: PrintedBlock[] = [];
  #facts: PrintedFact[] = [];
  #text = '';
  #title = '';
  #silent: string | undefined;
  /** The name cell that was read and waits for what it stands for. */
  #name: string | undefined;
  #cellDepth = 0;
  /** Of the item that has begun; its first heading carries it. */
  #ordinal: string | undefined;

  text(text: string): void {
    if (this.#silent === 'title') this.#title += text;
    else if (this.#silent === undefined) this.#text += text;
  }

  open(name: string, attributes: string): void {
    if (name === 'li') this.#ordinal = ORDINAL.exec(attributes)?.[1];
    if (SILENT.has(name)) {
      this.#flush();
      this.#silent = name;
    } else if (name === 'br') this.#text += '\n';
    else if (NAMES.has(name) || VALUES.has(name)) this.#openCell();
    else if (isHeading(name) || PARAGRAPHS.has(name)) this.#breakParagraph();
  }

  close(name: string): void {
    if (name === this.#silent) this.#silent = undefined;
    else if (NAMES.has(name)) this.#closeName();
    else if (VALUES.has(name)) this.#closeValue();
    else if (isHeading(name)) this.#closeHeading(name === 'h1' ? 1 : 2);
    else if (PARAGRAPHS.has(name)) this.#breakParagraph();
  }

  end(): HtmlContent {
    this.#flush();
    this.#endFacts();
    return { title: this.#title.trim(), blocks: this.#blocks };
  }

  #openCell(): void {
    if (this.#cellDepth === 0) this.#flush();
    this.#cellDepth += 1;
  }

  #closeName(): void {
    this.#cellDepth -= 1;
    if (this.#cellDepth > 0) return;
    // A name without a value, as a heading of columns has it.
    if (this.#name !== undefined) this.#fact(this.#name, '');
    this.#name = this.#take();
  }

  #closeValue(): void {
    this.#cellDepth -= 1;
    if (this.#cellDepth > 0) return;
    const value = this.#take();
    const last = this.#facts.at(-1);
    if (this.#name !== undefined) this.#fact(this.#name, value);
    else if (last) this.#facts.splice(-1, 1, { ...last, value: `${last.value}\n${value}`.trim() });
    else this.#fact('', value);
    this.#name = undefined;
  }

  #fact(name: string, value: string): void {
    this.#facts.push({ name, value });
  }

  #closeHeading(level: 1 | 2): void {
    const text = this.#take();
    if (text === '') return;
    this.#endFacts();
    const ordinal = this.#ordinal === undefined ? '' : `${this.#ordinal}. `;
    this.#ordinal = undefined;
    this.#blocks.push({ kind: 'heading', level, text: `${ordinal}${text}` });
  }

  /** Within a cell a paragraph is a line; elsewhere it is a block of its own. */
  #breakParagraph(): void {
    if (this.#cellDepth === 0) this.#flush();
    else if (this.#text !== '' && !this.#text.endsWith('\n')) this.#text += '\n';
  }

  #flush(): void {
    const text = this.#take();
    if (text === '') return;
    this.#endFacts();
    this.#blocks.push({ kind: 'text', text });
  }

  #endFacts(): void {
    if (this.#name !== undefined) this.#fact(this.#name, '');
    this.#name = undefined;
    if (this.#facts.length > 0) this.#blocks.push({ kind: 'facts', rows: this.#facts });
    this.#facts = [];
  }

  #take(): string {
    const text = this.#text.trim();
    this.#text = '';
    return text;
  }
}

function isHeading(name: string): boolean {
  return /^h[1-6]$/.test(name);
}
