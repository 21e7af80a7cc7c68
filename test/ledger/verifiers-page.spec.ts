import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PackFile } from '#evidence';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { formatVerifierKey, verifierKeyOf } from '#merkle';
import { serverSuite } from '../servers/offered.js';
import { browserOffer, HeadlessPage } from './headless-browser.js';
import { VerifiersGround, withBitFlipped } from './verifiers-ground.js';

jest.setTimeout(180_000);

const ground = new VerifiersGround();
const file = ground.path('verify.html');
let text: string;
beforeAll(() => {
  execFileSync(process.execPath, ['apps/verifiers/page/build.mjs', file]);
  text = readFileSync(file, 'utf8');
});
afterAll(() => ground.remove());

describe('the one-file verifier, as it is built', () => {
  const parts = () => {
    const [, script = ''] = /<script>([^]*)<\/script>/.exec(text) ?? [];
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(text) ?? [];
    return { script, style, outside: text.replace(script, '').replace(style, '') };
  };

  it('holds nothing of Node, reaches for no network, and runs no text as code', () => {
    const { script } = parts();
    expect(script.length).toBeGreaterThan(50_000);
    expect(script).not.toMatch(/\bnode:|\brequire\(|process\.versions/);
    expect(script).not.toMatch(
      /\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(/,
    );
    expect(script).not.toMatch(/\beval\(|new Function|setTimeout\(['"`]|innerHTML|document\.write/);
  });

  it('is made of #merkle and #evidence and of what lies beside it, and of nothing else', () => {
    const folder = 'apps/verifiers/page';
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const imported = sources.flatMap((name) =>
      [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/ from '([^']+)'/g)].map(
        ([, specifier = '']) => specifier,
      ),
    );
    expect(imported).toContain('#evidence');
    expect(imported.filter((one) => !/^(?:#merkle|#evidence|\.\/[a-z-]+\.js)$/.test(one))).toEqual(
      [],
    );
  });

  it('lets run only its own script and style, named by their hashes, and load nothing', () => {
    const { script, style, outside } = parts();
    const hashOf = (part: string) => createHash('sha256').update(part).digest('base64');
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
    expect(policy).toBe(
      `default-src 'none'; script-src 'sha256-${hashOf(script)}'; ` +
        `style-src 'sha256-${hashOf(style)}'; base-uri 'none'; form-action 'none'`,
    );
    expect(outside).not.toMatch(/\b(?:src|href|action|on[a-z]+)=|url\(|<!--/);
  });
});

serverSuite('the one-file verifier in a browser', browserOffer(), () => {
  const signer = testSigner();
  const vkey = formatVerifierKey(verifierKeyOf(signer));
  const events = complaintHistory({ events: 60, streams: 6 });
  const ledger = signedLedger({ events });
  const stream = events[2]?.stream ?? '';
  let files: readonly PackFile[];
  let page: HeadlessPage;

  beforeAll(async () => {
    files = await samplePackFiles({ ledger, events, stream });
    ground.write('pack.zip', samplePackZip(files));
    page = await HeadlessPage.open(`file://${file}`);
  });
  afterAll(() => page.close());

  /** What the page shows for a pack, asked by keyboard alone. */
  async function shown(pack: Uint8Array, policy: string, kept: readonly string[] = []) {
    await page.value(`document.getElementById('verdict').replaceChildren()`);
    await page.value(`document.getElementById('form').reset()`);
    await page.choose('#pack', [ground.write('asked', pack)]);
    const keptFiles = kept.map((note, at) => ground.write(`kept-${at}`, note));
    await page.choose('#kept', keptFiles);
    await page.value(`document.getElementById('policy').value = ${JSON.stringify(policy)}`);
    await page.value(`document.getElementById('verify').focus()`);
    await page.press('Enter');
    await page.until(`document.getElementById('title') !== null`);
    const value = await page.value(`({
      title: document.getElementById('title').textContent,
      focused: document.activeElement.id,
      text: document.getElementById('verdict').innerText,
      rows: [...document.querySelectorAll('tbody tr')].map((row) => row.innerText),
    })`);
    // The cast says what the expression above makes.
    return value as {
      readonly title: string;
      readonly focused: string;
      readonly text: string;
      readonly rows: readonly string[];
    };
  }

  it('verifies a pack, says what that does not prove, and takes the reader to the verdict', async () => {
    const answer = await shown(samplePackZip(files), vkey, [ledger.note]);
    expect(answer).toMatchObject({ title: 'Verified', focused: 'title', rows: [] });
    expect(answer.text).toContain('10 events proved');
    expect(answer.text).toContain('kept out before it was recorded');
    expect(answer.text).toContain('kept checkpoint of 60 leaves');
  });

  it('names what is wrong in a table', async () => {
    const pack = samplePackZip(files);
    const at = Buffer.from(pack).indexOf('"metadata"');
    const answer = await shown(withBitFlipped(pack, at + 1), vkey);
    expect(answer.title).toBe('Not verified');
    expect(answer.rows.join('\n')).toMatch(/event\s+.*data\/events\/000000\.json/);
  });

  it('finds a log that was rewritten, by a checkpoint that was kept', async () => {
    const others = complaintHistory({ events: 60, streams: 6, seed: 'b' });
    const rewritten = signedLedger({ events: others });
    const theirs = { ledger: rewritten, events: others, stream: others[2]?.stream ?? '' };
    const pack = samplePackZip(await samplePackFiles(theirs));
    expect((await shown(pack, vkey)).title).toBe('Verified');
    const answer = await shown(pack, vkey, [ledger.note]);
    expect([answer.title, answer.rows.length]).toEqual(['Not verified', 1]);
  });

  it('verifies a receipt, and none that was changed', async () => {
    const receipt = files.find(({ path }) => path.endsWith('000000.tlog-proof'))?.bytes;
    const text = Buffer.from(receipt ?? []).toString();
    expect((await shown(Buffer.from(text), vkey)).title).toBe('Verified');
    const moved = Buffer.from(text.replace(/index \d+/, 'index 9'));
    expect((await shown(moved, vkey)).title).toBe('Not verified');
  });

  it('trusts nobody whom the reader does not name', async () => {
    const answer = await shown(samplePackZip(files), '');
    expect(answer.title).toBe('Nothing was verified');
    const stranger = formatVerifierKey(verifierKeyOf(testSigner('stranger.example/log', 9)));
    expect((await shown(samplePackZip(files), stranger)).title).toBe('Not verified');
  });

  it('takes files that are dropped on it', async () => {
    await page.value(`document.getElementById('form').reset()`);
    const pack = Buffer.from(samplePackZip(files)).toString('base64');
    await page.value(`{
      const pack = Uint8Array.from(atob('${pack}'), (c) => c.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([pack], 'evidence.zip'));
      dropped.items.add(new File(['${vkey}\\n'], 'ours.vkey'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true }));
    }`);
    await page.until(`document.getElementById('files').textContent.includes('evidence.zip')`);
    await page.until(`document.getElementById('policy').value !== ''`);
    await page.value(`document.getElementById('verdict').replaceChildren()`);
    await page.value(`document.getElementById('form').requestSubmit()`);
    await page.until(`document.getElementById('title') !== null`);
    expect(await page.value(`document.getElementById('title').textContent`)).toBe('Verified');
  });

  it('names every field for a screen reader, and can be walked through by keyboard', async () => {
    const { nodes } = await page.call('Accessibility.getFullAXTree');
    // The cast says what the protocol answers.
    const all = nodes as readonly {
      readonly role?: { readonly value: string };
      readonly name?: { readonly value: string };
    }[];
    const named = all.map(({ role, name }) => `${role?.value}: ${name?.value}`);
    expect(named).toContainEqual(expect.stringMatching(/^textbox: Whom you trust/));
    expect(named).toContain('button: Verify');
    expect(named.filter((one) => /^(?:button|textbox): $/.test(one))).toEqual([]);
    expect(named).toContainEqual(expect.stringMatching(/^status: Verdict/));
    await page.value(`document.activeElement.blur()`);
    const walked: unknown[] = [];
    for (let step = 0; step < 4; step += 1) {
      await page.press('Tab');
      walked.push(await page.value('document.activeElement.id'));
    }
    expect(walked).toEqual(['pack', 'policy', 'kept', 'verify']);
  });

  it('loads nothing but itself, and its policy lets it send nothing', async () => {
    const before = page.said.length;
    await page
      .value(`fetch('http://127.0.0.1:1/').then(() => 'sent', () => 'refused')`)
      .then((outcome) => expect(outcome).toBe('refused'));
    expect(page.said.slice(before).join()).toContain('Content Security Policy');
    expect(page.said.slice(0, before)).toEqual([]);
    expect(page.requests.filter((url) => !url.startsWith('http://127.0.0.1:1/'))).toEqual([
      `file://${file}`,
    ]);
  });
});
