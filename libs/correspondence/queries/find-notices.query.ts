import type { Instant } from '#kernel';
import type { Found, ReadModels, Row } from '#read-models/port';
import { notices, type ListedNotice, type NoticeState } from '../projections/notices.projection.js';

export type NoticesQuery = {
  readonly state?: NoticeState;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly after?: string;
};

/** Notices, the one raised last first. @throws QueryRefused, ReadModelsUnavailable */
export async function findNotices(
  readModels: ReadModels,
  { state, limit, after }: NoticesQuery,
): Promise<Found<Row<ListedNotice>>> {
  return await readModels.find(notices, {
    where: state === undefined ? [] : [{ field: 'state', is: 'eq', value: state }],
    sort: { field: 'raisedAt', direction: 'descending' },
    limit,
    ...(after === undefined ? {} : { after }),
  });
}

/** Notices that are to be tried now, the one that is due longest first. */
export async function findDueNotices(
  readModels: ReadModels,
  now: Instant,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<Found<Row<ListedNotice>>> {
  return await readModels.find(notices, {
    where: [
      { field: 'state', is: 'eq', value: 'due' },
      { field: 'dueAt', is: 'lte', value: now },
    ],
    sort: { field: 'dueAt', direction: 'ascending' },
    limit: page.limit,
    ...(page.after === undefined ? {} : { after: page.after }),
  });
}

export async function findNewestNotice(readModels: ReadModels): Promise<ListedNotice | undefined> {
  const { rows } = await findNotices(readModels, { limit: 1 });
  return rows[0]?.document;
}
