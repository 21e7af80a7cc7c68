import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Offer } from '../servers/offered.js';
import { succeeds } from './verifiers-ground.js';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const ANSWER_MAX_MS = 20_000;
/** File descriptors of `--remote-debugging-pipe`: the browser reads the one and writes the other. */
const PIPES = { in: 3, out: 4 } as const;

function browserName(): string | undefined {
  return BROWSERS.find((name) => succeeds(name, ['--version']));
}

export function browserOffer(): Offer {
  return browserName() ? { offered: true } : { missing: 'a chromium' };
}

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
};

/** A page of a headless chromium, driven by the DevTools protocol over pipes; no network is used. */
export class HeadlessPage {
  /** Everything that the page tried to load, and what it said on its console. */
  readonly requests: string[] = [];
  readonly said: string[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), 'redress-browser-'));
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #count = 0;
  #session: string | undefined;

  private constructor(name: string) {
    this.#process = spawn(
      name,
      [
        ...['--headless=new', '--remote-debugging-pipe', '--disable-gpu', '--no-first-run'],
        ...['--disable-dev-shm-usage', '--disable-background-networking', '--disable-sync'],
        // Chromium refuses its sandbox to root, which is who runs in a container.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        `--user-data-dir=${this.#profile}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let rest = '';
    // The cast says what the two further pipes are.
    (this.#process.stdio[PIPES.out] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#take(JSON.parse(part) as Message);
    });
  }

  static async open(url: string): Promise<HeadlessPage> {
    const page = new HeadlessPage(browserName() ?? '');
    const { targetId } = await page.call('Target.createTarget', { url: 'about:blank' });
    const attached = await page.call('Target.attachToTarget', { targetId, flatten: true });
    page.#session = String(attached['sessionId']);
    for (const domain of ['Page', 'Runtime', 'Network', 'DOM', 'Log', 'Accessibility']) {
      await page.call(`${domain}.enable`);
    }
    await page.call('Page.navigate', { url });
    await page.until(`document.readyState === 'complete' && document.title !== ''`);
    return page;
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    }
    const { request, entry } = (params ?? {}) as {
      readonly request?: { readonly url: string };
      readonly entry?: { readonly text: string };
    };
    if (method === 'Network.requestWillBeSent' && request) this.requests.push(request.url);
    if (method === 'Log.entryAdded' && entry) this.said.push(entry.text);
    if (method === 'Runtime.exceptionThrown') this.said.push(JSON.stringify(params));
  }

  async call(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#count += 1;
    const id = this.#count;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const answered = new Promise<Message>((done, fail) => {
      const late = setTimeout(() => fail(new Error(`${method}: no answer`)), ANSWER_MAX_MS);
      this.#waiting.set(id, (message) => {
        clearTimeout(late);
        done(message);
      });
    });
    const text = JSON.stringify({ id, method, params, ...session });
    (this.#process.stdio[PIPES.in] as Writable).write(`${text}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value?: unknown }).value;
  }

  /** Resolves once an expression is true; looked at again after each change of the page. */
  async until(condition: string): Promise<void> {
    const holds = await this.value(`new Promise((done) => {
      const look = () => (${condition}) && done(true);
      new MutationObserver(look).observe(document, { subtree: true, childList: true });
      document.addEventListener('readystatechange', look);
      look();
    })`);
    if (holds !== true) throw new Error(`never true: ${condition}`);
  }

  async choose(selector: string, files: readonly string[]): Promise<void> {
    const { root } = await this.call('DOM.getDocument');
    const { nodeId } = await this.call('DOM.querySelector', {
      nodeId: (root as { readonly nodeId: number }).nodeId,
      selector,
    });
    await this.call('DOM.setFileInputFiles', { nodeId, files });
  }

  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? { text: '\r' } : {};
    const code = key === 'Enter' ? 13 : 9;
    const event = { key, code: key, windowsVirtualKeyCode: code, ...text };
    await this.call('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.call('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#process.on('close', done));
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
