import {
  checkFind,
  type Condition,
  type FieldValue,
  type FindQuery,
  type Found,
  type ReadModels,
  type Row,
} from '#read-models/port';
import { parseReference, streamOfReference } from '../complaint/reference.js';
import {
  complaintRegister,
  type RegisteredComplaint,
} from '../projections/complaint-register.projection.js';

/**
 * A page of the queue. A condition `reference eq …` is answered through the key, which follows from
 * the reference, so that no index over random text is needed; all other conditions still hold.
 * @throws QueryRefused, ReadModelsUnavailable
 */
export async function listComplaints(
  readModels: ReadModels,
  query: FindQuery,
): Promise<Found<Row<RegisteredComplaint>>> {
  const where = query.where ?? [];
  const named = where.find(({ field, is }) => field === 'reference' && is === 'eq');
  if (!named) return readModels.find(complaintRegister, query);
  const others = where.filter((condition) => condition !== named);
  checkFind(complaintRegister, { ...query, where: others });
  const row = await rowOf(readModels, named);
  const matches = row && others.every((condition) => meets(row.document, condition));
  return { rows: matches ? [row] : [] };
}

async function rowOf(
  readModels: ReadModels,
  { value }: Condition,
): Promise<Row<RegisteredComplaint> | undefined> {
  const reference = typeof value === 'string' ? parseReference(value) : undefined;
  if (reference === undefined) return undefined;
  return readModels.get(complaintRegister, streamOfReference(reference));
}

function meets(document: RegisteredComplaint, { field, is, value }: Condition): boolean {
  const has = (document as { readonly [name: string]: FieldValue })[field] ?? null;
  if (is === 'eq') return has === value;
  if (has === null || value === null || typeof has !== typeof value) return false;
  switch (is) {
    case 'lt':
      return has < value;
    case 'lte':
      return has <= value;
    case 'gt':
      return has > value;
    case 'gte':
      return has >= value;
  }
}
