import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chronologyHtml, leafOf } from '#evidence';
import { canonicalJson } from '#kernel';
import { contentOfHtml } from './html-blocks.js';

describe('what a page says', () => {
  it('is headings, paragraphs and facts, without its style', () => {
    const html =
      '<!doctype html><html><head><title>T &amp; U</title><style>p{color:red}</style></head>' +
      '<body><!-- nothing --><h1>One</h1><p>Two <bdi>three</bdi>.<br>Four</p>' +
      '<ol><li value="7"><h2>Five</h2><p>Six</p>' +
      '<table><caption>Seven</caption><tr><th>a</th><td>1 &lt; 2\nnext</td></tr>' +
      '<tr><th>b</th><td></td></tr></table></li></ol>' +
      '<dl><dt>c</dt><dd>&#x3b1;</dd><dd>&#946;</dd></dl></body></html>';
    expect(contentOfHtml(html)).toEqual({
      title: 'T & U',
      blocks: [
        { kind: 'heading', level: 1, text: 'One' },
        { kind: 'text', text: 'Two three.\nFour' },
        { kind: 'heading', level: 2, text: '7. Five' },
        { kind: 'text', text: 'Six' },
        { kind: 'text', text: 'Seven' },
        {
          kind: 'facts',
          rows: [
            { name: 'a', value: '1 < 2\nnext' },
            { name: 'b', value: '' },
            { name: 'c', value: 'α\nβ' },
          ],
        },
      ],
    });
  });

  it('is all that stands in a chronology, whatever was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const event = {
          id: '4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80',
          stream: 'complaint-1',
          revision: 0,
          type: 'ComplaintLodged',
          data: canonicalJson({ narrative: text }),
          metadata: canonicalJson({
            actor: { id: 'u-1' },
            correlationId: 'c',
            recordedAt: '2026-01-01T00:00:00.000Z',
            salt: 'AAAAAAAAAAAAAAAAAAAAAA',
            schemaVersion: 1,
          }),
        };
        const leaf = leafOf(event, { origin: 'o', index: 0 });
        const chronology = { subject: 'C-1', stream: event.stream, origin: 'o', size: 1 };
        const html = chronologyHtml({ ...chronology, events: [{ leaf, content: event }] });
        const { blocks } = contentOfHtml(html);
        expect(blocks.at(-1)).toEqual({
          kind: 'facts',
          rows: [{ name: 'Narrative', value: text.trim() }],
        });
      }),
    );
  });
});
