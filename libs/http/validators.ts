import { isInstant } from '#kernel';
import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';

const SHA256 = /^[0-9a-f]{64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const RECORD_NAME = /^[A-Za-z][A-Za-z0-9 _?-]{0,63}$/;

/** A moment in the one stored form: ISO 8601, UTC, milliseconds. */
export function IsInstant(options?: ValidationOptions): PropertyDecorator {
  const message = '$property must be a moment such as 2026-11-22T09:30:00.000Z';
  return rule('isInstant', (value) => isText(value) && isInstant(value), message, options);
}

/** A UTC day that exists, `2026-11-22`. */
export function IsDay(options?: ValidationOptions): PropertyDecorator {
  const message = '$property must be a day such as 2026-11-22';
  return rule('isDay', (value) => isText(value) && isDay(value), message, options);
}

/** True for a UTC day that exists. */
export function isDay(text: string): boolean {
  return DAY.test(text) && isInstant(`${text}T00:00:00.000Z`);
}

/** A SHA-256 in lower-case hexadecimal. */
export function IsSha256(options?: ValidationOptions): PropertyDecorator {
  const message = '$property must be a SHA-256 in lower-case hexadecimal';
  return rule('isSha256', (value) => isText(value) && SHA256.test(value), message, options);
}

/** Text that holds more than blanks. */
export function IsFilled(options?: ValidationOptions): PropertyDecorator {
  const message = '$property must be text that is not blank';
  return rule('isFilled', (value) => isText(value) && value.trim() !== '', message, options);
}

export type TextRecordLimits = { readonly lengthMax: number; readonly countMax: number };

/** An object of texts under names that begin with a letter, as every stored key does. */
export function IsTextRecord({ lengthMax, countMax }: TextRecordLimits): PropertyDecorator {
  const holds = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return (
      entries.length <= countMax &&
      entries.every(
        ([name, text]) => RECORD_NAME.test(name) && isText(text) && text.length <= lengthMax,
      )
    );
  };
  const message = `$property must be at most ${countMax} names with texts of at most ${lengthMax} characters`;
  return rule('isTextRecord', holds, message);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A rule with its message; `$property` stands for the field's name. */
function rule(
  name: string,
  validate: (value: unknown) => boolean,
  message: string,
  options?: ValidationOptions,
): PropertyDecorator {
  const defaultMessage = buildMessage((each) => each + message, options);
  return ValidateBy({ name, validator: { validate, defaultMessage } }, options);
}
