import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError, type ValidatorOptions } from 'class-validator';
import { FIELD_ERRORS_MAX, RequestRefused, type FieldError } from './problem.js';

/** A class whose decorators say what a body may hold. */
export type BodyClass<Body extends object = object> = new () => Body;

const OPTIONS: ValidatorOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  // Values would otherwise be copied into errors, and from there into logs.
  validationError: { target: false, value: false },
};

/** Nesting of an error's path; no body of this product is as deep. */
const PATH_DEPTH_MAX = 16;

/**
 * The body as an instance of its class. A missing body counts as an empty one: some steps need no
 * more than their address.
 *
 * @throws RequestRefused `request.invalid` with every wrong field.
 */
export function readBody<Body extends object>(bodyClass: BodyClass<Body>, raw: unknown): Body {
  const plain = raw ?? {};
  if (typeof plain !== 'object' || Array.isArray(plain)) {
    throw new RequestRefused('request.invalid', 'the body must be a JSON object');
  }
  const body = plainToInstance(bodyClass, plain);
  const found = validateSync(body, OPTIONS);
  if (found.length === 0) return body;
  const errors = found.flatMap((error) => fieldErrors(error, '', 0)).slice(0, FIELD_ERRORS_MAX);
  const fields = [...new Set(errors.map((error) => error.field))].join(', ');
  throw new RequestRefused('request.invalid', `not as described: ${fields}`, errors);
}

function fieldErrors(
  { property, constraints, children = [] }: ValidationError,
  parent: string,
  depth: number,
): readonly FieldError[] {
  const field = `${parent}${cut(property)}`;
  const own = Object.entries(constraints ?? {}).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? 'is not known here' : message,
  }));
  if (depth >= PATH_DEPTH_MAX) return own;
  return [...own, ...children.flatMap((child) => fieldErrors(child, `${field}.`, depth + 1))];
}

const PROPERTY_SHOWN_MAX = 60;

/** A property's name comes from the caller; a short, printable piece of it is enough to find it. */
function cut(property: string): string {
  return property.replaceAll(/[^\w$.-]/g, '?').slice(0, PROPERTY_SHOWN_MAX);
}
