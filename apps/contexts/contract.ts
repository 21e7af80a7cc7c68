import { projections as complaints } from '#complaints/contract';
import { projections as correspondence } from '#correspondence/contract';
import type { ProjectionSource } from '#read-models/projector';

/** Every read model of every context of this product, as a projector takes them. */
export const projections: readonly ProjectionSource[] = [...complaints, ...correspondence];
