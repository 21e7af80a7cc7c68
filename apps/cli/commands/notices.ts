import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import {
  findNotices,
  NOTICE_STATES,
  noticeOfStream,
  noticeReader,
  replayNotice,
  streamOfNotice,
  type ListedNotice,
  type NoticeState,
} from '#correspondence/contract';
import { step, transact } from '#event-store/port';
import { isUuid, type Actor, type Rejection } from '#kernel';
import { FIND_LIMIT_MAX, type Row } from '#read-models/port';
import type { Stores } from '#wiring';
import { UsageError } from '../exit-status.js';
import { commandOf, wholeNumber, withStores, type CommonOptions } from '../options.js';
import { note, print, printJson, table } from '../output.js';

type NoticesOptions = CommonOptions & {
  readonly state?: NoticeState;
  readonly limit: number;
  readonly after?: string;
};

type ReplayOptions = CommonOptions & { readonly all?: true };

const LIMIT_DEFAULT = 20;
const ACTOR: Actor = { id: 'local', role: 'administrator', via: 'cli' };

export function noticesCommand(): Command {
  const states = new Option('--state <state>', 'only those in this state').choices(NOTICE_STATES);
  return commandOf('notices', 'Letters to complainants: to be sent, sent, and given up.')
    .addOption(states)
    .option('--limit <n>', 'at most so many', wholeNumber(1, FIND_LIMIT_MAX), LIMIT_DEFAULT)
    .option('--after <cursor>', 'go on behind a page; its cursor is told on stderr')
    .action(listNotices)
    .addCommand(replayCommand());
}

function replayCommand(): Command {
  return commandOf('replay', 'Has notices that were given up tried again.')
    .argument('[id]', 'of the notice, as `redress notices --state failed` lists it')
    .option('--all', 'every notice that was given up')
    .action(async (id: string | undefined, _options: ReplayOptions, command: Command) => {
      // Options that the command above takes as well are handed to it, wherever they stand.
      await replay(id, command.optsWithGlobals<ReplayOptions>());
    });
}

async function listNotices(options: NoticesOptions): Promise<void> {
  const { state, limit, after } = options;
  await withStores(options, 'read', async ({ readModels }) => {
    const { rows, next } = await findNotices(readModels, {
      limit,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    });
    if (options.json) for (const row of rows) printJson(plain(row));
    else print(noticesTable(rows));
    if (next !== undefined) note(`more: --after ${next}`);
  });
}

function plain({ id, revision, position, document }: Row<ListedNotice>): object {
  return { id: noticeOfStream(id), revision, position, ...document };
}

function noticesTable(rows: readonly Row<ListedNotice>[]): string {
  return table(
    ['notice', 'state', 'kind', 'raised', 'due', 'attempts', 'code'],
    rows.map(({ id, document }) => [
      noticeOfStream(id),
      document.state,
      document.kind,
      document.raisedAt,
      document.dueAt,
      document.attempts,
      document.code,
    ]),
  );
}

async function replay(id: string | undefined, options: ReplayOptions): Promise<void> {
  if ((id === undefined) === (options.all === undefined)) {
    throw new UsageError('usage.notice-or-all', 'name one notice, or say --all');
  }
  if (id !== undefined && !isUuid(id)) {
    throw new UsageError('usage.no-notice-id', `"${id}" is not the id of a notice`);
  }
  await withStores(options, 'append', async (stores) => {
    const replayed = id === undefined ? await replayAll(stores) : [await replayNamed(stores, id)];
    if (options.json) for (const noticeId of replayed) printJson({ id: noticeId, replayed: true });
    else for (const noticeId of replayed) print(noticeId);
    note(`${replayed.length.toLocaleString('en-US')} to be tried again`);
  });
}

/** @throws UsageError when there is no such notice, or it was not given up. */
async function replayNamed(stores: Stores, noticeId: string): Promise<string> {
  const refusal = await replayOne(stores, noticeId);
  if (!refusal) return noticeId;
  // Codes are `<noun>.<reason>`, as refusals everywhere.
  throw new UsageError(refusal.code as `${string}.${string}`, `${noticeId}: ${refusal.message}`);
}

/** Those that the read model knows to be given up; what was replayed since is left alone. */
async function replayAll(stores: Stores): Promise<readonly string[]> {
  const replayed: string[] = [];
  let after: string | undefined;
  do {
    const page = { state: 'failed', limit: FIND_LIMIT_MAX } as const;
    const more = after === undefined ? {} : { after };
    const { rows, next } = await findNotices(stores.readModels, { ...page, ...more });
    for (const { id } of rows) {
      const noticeId = noticeOfStream(id);
      if (!(await replayOne(stores, noticeId))) replayed.push(noticeId);
    }
    after = next;
  } while (after !== undefined);
  return replayed;
}

async function replayOne(
  { eventStore, randomness, clock }: Stores,
  noticeId: string,
): Promise<Rejection | undefined> {
  const context = { commandId: randomUUID(), actor: ACTOR, now: clock.now() };
  const done = await transact(eventStore, randomness, {
    stream: streamOfNotice(noticeId),
    reader: noticeReader,
    steps: [step(replayNotice, {}, context)],
  });
  return done.kind === 'rejected' ? done : undefined;
}
