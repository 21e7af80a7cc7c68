import { answerTo, type Answer } from './answer.js';
import type { PageDocument, PageElement, PageFile } from './dom.js';
import { keptAmong, packAmong, withDropped } from './dropped-files.js';
import { showAnswer } from './show-answer.js';

declare const document: PageDocument;

/** A pack is held in memory as a whole, and browsers end at about twice as much. */
const PACK_SIZE_MAX_BYTES = 1_000_000_000;
/** Policies, checkpoints, receipts. */
const TEXT_SIZE_MAX_BYTES = 1_000_000;

/** What was dropped; what is chosen in the form comes before it. */
let dropped: readonly PageFile[] = [];

function element(id: string): PageElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

async function bytesOf(file: PageFile, sizeMaxBytes: number): Promise<Uint8Array> {
  if (file.size > sizeMaxBytes)
    throw new Error(`${file.name} is larger than ${sizeMaxBytes} bytes`);
  return new Uint8Array(await file.arrayBuffer());
}

async function textOf(file: PageFile): Promise<string> {
  return new TextDecoder().decode(await bytesOf(file, TEXT_SIZE_MAX_BYTES));
}

async function verify(): Promise<Answer> {
  const [pack = packAmong(dropped)] = element('pack').files ?? [];
  if (!pack) throw new Error('choose a pack, or drop one on this page');
  const notes = [...(element('kept').files ?? []), ...keptAmong(dropped, pack)];
  const kept = await Promise.all(notes.map(textOf));
  const bytes = await bytesOf(pack, PACK_SIZE_MAX_BYTES);
  return answerTo({ pack: bytes, policy: element('policy').value, kept });
}

function fill(field: PageElement, text: string): void {
  field.setRangeText(text, 0, field.value.length);
}

async function take(files: readonly PageFile[]): Promise<void> {
  for (const file of files) {
    if (/\.(?:policy|vkey)$/.test(file.name)) fill(element('policy'), await textOf(file));
    else dropped = withDropped(dropped, file);
  }
  element('files').replaceChildren(`Dropped: ${dropped.map(({ name }) => name).join(', ')}`);
}

function refuse(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const none = { faults: [], faultCount: 0, checks: [], notProved: [] };
  showAnswer(document, element('verdict'), {
    ...none,
    holds: false,
    title: 'Nothing was verified',
    summary: reason,
  });
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  verify().then((answer) => showAnswer(document, element('verdict'), answer), refuse);
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  take([...(event.dataTransfer?.files ?? [])]).catch(refuse);
});
