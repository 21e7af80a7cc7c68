import { RequestRefused, type DoorRequest } from '#http';
import { COMPLAINT_STREAM_KIND } from '../complaint/complaint.events.js';
import { parseReference } from '../complaint/reference.js';
import { findComplaintId } from '../queries/find-complaint.query.js';

/** Which complaint a request is about. */
export type ComplaintAddress = {
  readonly stream: string;
  /** Known only when the complaint was asked for by it. */
  readonly reference?: string;
};

const STREAM_PREFIX = `${COMPLAINT_STREAM_KIND}-`;

/**
 * Reads `{id}`: the id of a complaint, its stream's name, or its reference in any way of writing.
 * @throws RequestRefused `complaint.not-lodged` when it is none of them.
 */
export function readAddress({ params }: DoorRequest): ComplaintAddress {
  const { id } = params as { readonly id: string };
  const stream = findComplaintId(id);
  if (stream === undefined) {
    throw new RequestRefused('complaint.not-lodged', 'neither an id nor a reference');
  }
  const reference = parseReference(id);
  return { stream, ...(reference === undefined ? {} : { reference }) };
}

/** The id under which a complaint is known outside: its stream's name without the kind. */
export function idOf(stream: string): string {
  return stream.slice(STREAM_PREFIX.length);
}
