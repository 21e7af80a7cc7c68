import {
  checkFind,
  type Condition,
  type FindQuery,
  type Found,
  type Projection,
  type ReadModels,
  type Row,
} from '#read-models/port';
import { parseReference, streamOfReference } from '../complaint/reference.js';
import { complaintRegister } from '../projections/complaint-register.projection.js';
import type { RegisteredComplaint } from '../projections/complaint-register.schema.js';
import { meets } from './conditions.query.js';

/**
 * A page of the queue. A condition `reference eq …` is answered through the key, which follows from
 * the reference, so that no index over random text is needed; all other conditions still hold.
 * Without a sort, ranges of `receivedAt` or `respondBy` give the order.
 * @throws QueryRefused, ReadModelsUnavailable
 */
export async function listComplaints(
  readModels: ReadModels,
  query: FindQuery,
): Promise<Found<Row<RegisteredComplaint>>> {
  const where = query.where ?? [];
  const named = where.find(({ field, is }) => field === 'reference' && is === 'eq');
  if (!named) return readModels.find(complaintRegister, sorted(query));
  const others = where.filter((condition) => condition !== named);
  checkFind(complaintRegister, sorted({ ...query, where: others }));
  const row = await rowOf(readModels, named);
  const matches = row && meets(row.document, others);
  return { rows: matches ? [row] : [] };
}

/** Ranges of a field that may be sorted by stand in its order only, which need not be said then. */
function sorted(query: FindQuery): FindQuery {
  if (query.sort !== undefined) return query;
  const fields: Projection['fields'] = complaintRegister.fields;
  const ranged = query.where?.find(({ field, is }) => {
    const declared = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return is !== 'eq' && declared?.sort && !declared.filter;
  });
  if (!ranged) return query;
  return { ...query, sort: { field: ranged.field, direction: 'ascending' } };
}

async function rowOf(
  readModels: ReadModels,
  { value }: Condition,
): Promise<Row<RegisteredComplaint> | undefined> {
  const reference = typeof value === 'string' ? parseReference(value) : undefined;
  if (reference === undefined) return undefined;
  return readModels.get(complaintRegister, streamOfReference(reference));
}
