import {
  chronologyHtml,
  EvidenceError,
  PACK_PATHS,
  type Chronology,
  type PackFile,
  type PackScope,
} from '#evidence';
import { contentOfHtml } from './html-blocks.js';
import { PackRefused } from './pack-errors.js';
import { printPages } from './print-pages.js';
import type { ProvedEvent } from './prove-stream.js';

/** The language that chronologies are written in; what complainants wrote may be in any. */
const LANGUAGE = 'en';

/**
 * The chronology as a page, which verifiers make anew and compare, and as a PDF of that page.
 * @throws PackRefused `ledger.pack-too-large`
 */
export async function chronologyFiles(
  { subject, stream, origin, size, withheld, generator }: PackScope,
  proved: readonly ProvedEvent[],
): Promise<readonly PackFile[]> {
  const events = proved.map(({ leaf, event: { data, metadata } }) =>
    withheld.includes(leaf.revision) ? { leaf } : { leaf, content: { data, metadata } },
  );
  const html = pageOf({ subject, stream, origin, size, events });
  const { title, blocks } = contentOfHtml(html);
  const pdf = await printPages({ title, language: LANGUAGE, generator, blocks });
  return [
    { path: PACK_PATHS.chronologyHtml, bytes: Buffer.from(html) },
    { path: PACK_PATHS.chronologyPdf, bytes: pdf },
  ];
}

function pageOf(chronology: Chronology): string {
  try {
    return chronologyHtml(chronology);
  } catch (error) {
    if (!(error instanceof EvidenceError) || error.code !== 'chronology.too-large') throw error;
    throw new PackRefused('ledger.pack-too-large', error.message, { cause: error });
  }
}
