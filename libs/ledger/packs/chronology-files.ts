import { chronologyHtml, PACK_PATHS, type PackFile, type PackScope } from '#evidence';
import { contentOfHtml } from './html-blocks.js';
import { printPages } from './print-pages.js';
import type { ProvedEvent } from './prove-stream.js';

/** The language that chronologies are written in; what complainants wrote may be in any. */
const LANGUAGE = 'en';

/** The chronology as a page, which verifiers make anew and compare, and as a PDF of that page. */
export async function chronologyFiles(
  { subject, stream, origin, size, withheld, generator }: PackScope,
  proved: readonly ProvedEvent[],
): Promise<readonly PackFile[]> {
  const events = proved.map(({ leaf, event: { data, metadata } }) =>
    withheld.includes(leaf.revision) ? { leaf } : { leaf, content: { data, metadata } },
  );
  const html = chronologyHtml({ subject, stream, origin, size, events });
  const { title, blocks } = contentOfHtml(html);
  const pdf = await printPages({ title, language: LANGUAGE, generator, blocks });
  return [
    { path: PACK_PATHS.chronologyHtml, bytes: Buffer.from(html) },
    { path: PACK_PATHS.chronologyPdf, bytes: pdf },
  ];
}
