import { PatternField, TextField, WordField, type FieldOptions } from '#http';
import { LABEL_LENGTH_MAX, TEXT_LENGTH_MAX } from '../complaint/complaint.limits.js';
import { MEDIA } from '../complaint/complaint.vocabulary.js';

export const OPTIONAL = { optional: true } as const;

/** A label: a product, an issue, a unit, a name, an id. */
export function LabelField(options: FieldOptions = {}): PropertyDecorator {
  return TextField({ ...options, lengthMax: LABEL_LENGTH_MAX });
}

/** A shorter free text. */
export function NoteField(options: FieldOptions = {}): PropertyDecorator {
  return TextField({ ...options, lengthMax: TEXT_LENGTH_MAX });
}

/** How one side reached the other. */
export function MediumField(options: FieldOptions = {}): PropertyDecorator {
  return WordField({ ...options, words: MEDIA });
}

/** BCP 47, the part of it that is used. */
export function LanguageField(options: FieldOptions = {}): PropertyDecorator {
  return PatternField({
    ...options,
    pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/,
    example: 'en-GB',
  });
}
