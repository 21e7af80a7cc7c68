import { isUuid } from '#kernel';
import { COMPLAINT_STREAM_KIND } from '../complaint/complaint.events.js';
import { parseReference, streamOfReference } from '../complaint/reference.js';

/**
 * The stream of the complaint that somebody names by its uuid, its stream's name or its reference
 * (read back as {@link parseReference} does). Undefined when the text is none of these; whether
 * there is such a complaint only the log can say.
 */
export function findComplaintId(text: string): string | undefined {
  const plain = text.trim();
  const lower = plain.toLowerCase();
  const prefix = `${COMPLAINT_STREAM_KIND}-`;
  const uuid = lower.startsWith(prefix) ? lower.slice(prefix.length) : lower;
  if (isUuid(uuid)) return `${prefix}${uuid}`;
  const reference = parseReference(plain);
  return reference === undefined ? undefined : streamOfReference(reference);
}
