import { describe, expect, it } from '@jest/globals';
import { EMPTY_ROOT } from '#merkle';
import type { Published } from './signing-session.js';
import { covers, Waiters } from './waiters.js';

const never = new AbortController().signal;

function upTo(position: string | undefined): Published {
  return { note: '', origin: 'example.com/log', size: 1n, root: EMPTY_ROOT, position };
}

/** What has become of a promise by now, `open` where nothing has. */
async function outcomeOf(promise: Promise<unknown> | undefined): Promise<unknown> {
  let outcome: unknown = 'open';
  const note = (end: unknown) => {
    outcome = end;
  };
  promise?.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return outcome;
}

/** Signals tell nobody who listens; this one counts. */
function countedSignal() {
  const ending = new AbortController();
  const { signal } = ending;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    if (given[0] === 'abort') listening.add(given[1]);
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    if (given[0] === 'abort') listening.delete(given[1]);
    remove(...given);
  };
  return { ending, signal, listening };
}

describe('covering', () => {
  it.each([
    ['9', '10', false],
    ['10', '10', true],
    ['10', '9', true],
    ['10', '11', false],
    [undefined, '1', false],
  ])('up to %s, the event at %s: %s', (covered, position, covering) => {
    expect(covers(upTo(covered), position)).toBe(covering);
  });
});

describe('waiting for a checkpoint', () => {
  it('is over with the first that covers the position, and no earlier', async () => {
    const waiters = new Waiters();
    const waiting = waiters.wait('10', never);
    waiters.published(upTo('9'));
    expect(await outcomeOf(waiting)).toBe('open');
    const covering = upTo('12');
    waiters.published(covering);
    waiters.published(upTo('13'));
    expect(await waiting).toBe(covering);
  });

  it('is over for all whose position is covered, and for nobody else', async () => {
    const waiters = new Waiters();
    const [early, same, late] = ['8', '9', '10'].map((at) => waiters.wait(at, never));
    const covering = upTo('9');
    waiters.published(covering);
    expect(await early).toBe(covering);
    expect(await same).toBe(covering);
    expect(await outcomeOf(late)).toBe('open');
  });

  it('is given up with its signal, for its reason, and for that one alone', async () => {
    const waiters = new Waiters();
    const { ending, signal } = countedSignal();
    const impatient = waiters.wait('10', signal);
    const patient = waiters.wait('10', never);
    const reason = new Error('too late');
    ending.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    expect(await outcomeOf(patient)).toBe('open');
    waiters.published(upTo('10'));
    await expect(impatient).rejects.toBe(reason);
    expect(await patient).toMatchObject({ position: '10' });
  });

  it('fails for everybody when nothing more will be signed', async () => {
    const waiters = new Waiters();
    const waiting = ['9', '10'].map((at) => waiters.wait(at, never));
    const reason = new Error('stopped');
    waiters.end(reason);
    for (const one of waiting) await expect(one).rejects.toBe(reason);
  });

  it('leaves nothing behind at its signal, however it ends', async () => {
    const waiters = new Waiters();
    const { signal, listening } = countedSignal();
    const covered = waiters.wait('9', signal);
    const ended = waiters.wait('10', signal);
    expect(listening.size).toBe(2);
    waiters.published(upTo('9'));
    await covered;
    expect(listening.size).toBe(1);
    waiters.end(new Error('stopped'));
    await expect(ended).rejects.toThrow('stopped');
    expect(listening.size).toBe(0);
  });
});
