import { Sha256Field, WordField } from '#http';
import { DIRECTIONS, type Direction, type Medium } from '../../complaint/complaint.vocabulary.js';
import { MediumField, NoteField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { RecordContact } from './record-contact.decide.js';

class RecordContactBody implements RecordContact {
  @WordField({ words: DIRECTIONS }) readonly direction: Direction;
  @MediumField() readonly medium: Medium;
  @NoteField(OPTIONAL) readonly summary?: string;
  @Sha256Field(OPTIONAL) readonly contentSha256?: string;
}

export const RecordContactRoute = commandRoute({
  name: 'record-contact',
  noun: 'contacts',
  body: RecordContactBody,
});
