import { RequestRefused, type DoorRequest } from '#http';
import { isUuid } from '#kernel';
import { COMPLAINT_STREAM_KIND } from '../complaint/complaint.events.js';
import { parseReference, streamOfReference } from '../complaint/reference.js';

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
  const uuid = (id.startsWith(STREAM_PREFIX) ? id.slice(STREAM_PREFIX.length) : id).toLowerCase();
  if (isUuid(uuid)) return { stream: `${STREAM_PREFIX}${uuid}` };
  const reference = parseReference(id);
  if (reference === undefined) {
    throw new RequestRefused('complaint.not-lodged', 'neither an id nor a reference');
  }
  return { stream: streamOfReference(reference), reference };
}

/** The id under which a complaint is known outside: its stream's name without the kind. */
export function idOf(stream: string): string {
  return stream.slice(STREAM_PREFIX.length);
}
