import {
  ReadModels,
  type Condition,
  type FindQuery,
  type Found,
  type Row,
} from '#read-models/port';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  dailyStatistics,
  type ComplaintFigures,
} from '../../projections/daily-statistics.projection.js';
import { meets } from './lineage.http.js';

export type BehindQuery = {
  readonly where: readonly Condition[];
  readonly limit: number;
  readonly after: string | undefined;
};

/** Pages looked at for one answer; a rare value is found over several pages. */
const SCAN_PAGES_MAX = 50;

/** The rows behind a number, by any field that may be counted by. */
export class FindBehind extends Query<Found<Row<ComplaintFigures>>> {
  constructor(readonly query: BehindQuery) {
    super();
  }
}

/**
 * Only days are indexed for finding; what else a number was counted by is told from the rows. A
 * page of the read model is as large as what is still wanted, so that its cursor is where this one
 * ends: no row is passed over, none comes twice.
 */
@QueryHandler(FindBehind)
export class FindBehindHandler implements IQueryHandler<FindBehind> {
  constructor(@Inject(ReadModels) private readonly readModels: ReadModels) {}

  async execute({ query }: FindBehind): Promise<Found<Row<ComplaintFigures>>> {
    const indexed = query.where.filter(({ field }) => isIndexed(field));
    const others = query.where.filter(({ field }) => !isIndexed(field));
    const rows: Row<ComplaintFigures>[] = [];
    let after = query.after;
    for (let page = 0; page < SCAN_PAGES_MAX; page += 1) {
      const find: FindQuery = {
        where: indexed,
        limit: query.limit - rows.length,
        ...(after === undefined ? {} : { after }),
      };
      const found = await this.readModels.find(dailyStatistics, find);
      rows.push(...found.rows.filter(({ document }) => meets(document, others)));
      after = found.next;
      if (after === undefined) return { rows };
      if (rows.length >= query.limit) return { rows, next: after };
    }
    return after === undefined ? { rows } : { rows, next: after };
  }
}

function isIndexed(field: string): boolean {
  const fields: Readonly<Record<string, { readonly filter?: true }>> = dailyStatistics.fields;
  return fields[field]?.filter === true;
}
