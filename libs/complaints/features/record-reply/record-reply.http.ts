import { WordField } from '#http';
import type { Medium } from '../../complaint/complaint.vocabulary.js';
import { MediumField, NoteField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';

class RecordReplyBody {
  @WordField({ words: ['accepted', 'disputed'] }) readonly reply: 'accepted' | 'disputed';
  @MediumField(OPTIONAL) readonly medium?: Medium;
  @NoteField({ ...OPTIONAL, description: 'Why it is disputed.' }) readonly grounds?: string;
}

export const RecordReplyRoute = commandRoute({
  name: 'record-reply',
  noun: 'reply',
  body: RecordReplyBody,
});
