import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { BodyClass } from './request-body.js';
import { IsDay, IsFilled, IsInstant, IsSha256, IsTextRecord } from './validators.js';

/**
 * Fields of a body. Each says the same thing twice, to the validator and to the OpenAPI document,
 * so that the two cannot drift apart.
 */
export type FieldOptions = {
  /** May be left out. Null is not the same as left out. */
  readonly optional?: true;
  /** May be null. */
  readonly nullable?: true;
  readonly description?: string;
  readonly example?: unknown;
};

type TextOptions = FieldOptions & { readonly lengthMax: number };
type ListOptions = FieldOptions & { readonly countMax: number; readonly countMin?: number };

const INSTANT_EXAMPLE = '2026-11-22T09:30:00.000Z';

/** Text that is not blank, of at most `lengthMax` characters. */
export function TextField(options: TextOptions): PropertyDecorator {
  return field(options, { type: 'string', minLength: 1, maxLength: options.lengthMax }, [
    MaxLength(options.lengthMax),
    IsFilled(),
  ]);
}

/** One of a closed list of words. */
export function WordField(
  options: FieldOptions & { readonly words: readonly string[] },
): PropertyDecorator {
  return field(options, { type: 'string', enum: [...options.words] }, [IsIn(options.words)]);
}

/** A moment, ISO 8601 in UTC with milliseconds. */
export function InstantField(options: FieldOptions = {}): PropertyDecorator {
  const schema = { type: 'string', format: 'date-time', example: INSTANT_EXAMPLE };
  return field(options, schema, [IsInstant()]);
}

/** A UTC day. */
export function DayField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', format: 'date', example: '2026-11-22' }, [IsDay()]);
}

export function Sha256Field(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', pattern: '^[0-9a-f]{64}$' }, [IsSha256()]);
}

/** Text with a grammar of its own. */
export function PatternField(
  options: FieldOptions & { readonly pattern: RegExp },
): PropertyDecorator {
  return field(options, { type: 'string', pattern: options.pattern.source }, [
    Matches(options.pattern),
  ]);
}

export function IntegerField(
  options: FieldOptions & { readonly min: number; readonly max: number },
): PropertyDecorator {
  const { min, max } = options;
  return field(options, { type: 'integer', minimum: min, maximum: max }, [
    IsInt(),
    Min(min),
    Max(max),
  ]);
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'boolean' }, [IsBoolean()]);
}

// @nestjs/swagger knows a class that is named later by the function's own name, `type`.

/** A nested object, described by its own class. */
export function ObjectField(type: () => BodyClass, options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: () => type() }, [IsObject(), ValidateNested(), Type(type)]);
}

/** A list of nested objects. */
export function ObjectsField(type: () => BodyClass, options: ListOptions): PropertyDecorator {
  const { countMax, countMin = 0 } = options;
  return field(
    options,
    { type: () => type(), isArray: true, minItems: countMin, maxItems: countMax },
    [
      IsArray(),
      ArrayMinSize(countMin),
      ArrayMaxSize(countMax),
      IsObject({ each: true }),
      ValidateNested({ each: true }),
      Type(type),
    ],
  );
}

/** A list of words of a closed list. */
export function WordsField(
  options: ListOptions & { readonly words: readonly string[] },
): PropertyDecorator {
  const items = { type: 'string', enum: [...options.words] };
  return field(options, { type: 'array', items, maxItems: options.countMax }, [
    IsArray(),
    ArrayMaxSize(options.countMax),
    IsIn(options.words, { each: true }),
  ]);
}

/** A list of texts. */
export function TextsField(options: ListOptions & TextOptions): PropertyDecorator {
  const items = { type: 'string', minLength: 1, maxLength: options.lengthMax };
  return field(options, { type: 'array', items, maxItems: options.countMax }, [
    IsArray(),
    ArrayMaxSize(options.countMax),
    MaxLength(options.lengthMax, { each: true }),
    IsFilled({ each: true }),
  ]);
}

/** Names that are not known beforehand, each with a text. */
export function TextRecordField(options: TextOptions & ListOptions): PropertyDecorator {
  const { lengthMax, countMax } = options;
  const additionalProperties = { type: 'string', maxLength: lengthMax };
  return field(options, { type: 'object', additionalProperties, maxProperties: countMax }, [
    IsTextRecord({ lengthMax, countMax }),
  ]);
}

function field(
  { optional, nullable, description, example }: FieldOptions,
  schema: Readonly<Record<string, unknown>>,
  rules: readonly PropertyDecorator[],
): PropertyDecorator {
  const shown = {
    ...schema,
    required: !optional,
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    ...(nullable ? { nullable: true } : {}),
  } as ApiPropertyOptions;
  return applyDecorators(
    ApiProperty(shown),
    ...(optional || nullable ? [unless(optional, nullable)] : []),
    ...rules,
  );
}

/** Skips the rules where the value may be as it is: left out, or null. */
function unless(optional: true | undefined, nullable: true | undefined): PropertyDecorator {
  return ValidateIf(
    (_body, value: unknown) => !(optional && value === undefined) && !(nullable && value === null),
  );
}
