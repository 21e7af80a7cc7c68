import { decodeNoticeEvent } from './notice/notice.reader.js';
import { notices } from './projections/notices.projection.js';

/** Every read model of this context, as a projector takes them. */
export const projections = [{ projection: notices, decode: decodeNoticeEvent }] as const;
