/** One wrong field of a request, by its path from the body or the name of a parameter or header. */
export type FieldError = { readonly field: string; readonly message: string };

/** RFC 9457 problem details, with the extension members that interfaces.md fixes. */
export type Problem = {
  /** Where the code is described: a reference relative to the server. */
  readonly type: string;
  /** The same for every occurrence of the code. */
  readonly title: string;
  readonly status: number;
  /** Literal, documented, never changed: what a program decides by. */
  readonly code: string;
  /** What was wrong this time; for people, without personal data. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
};

/** What is the same for every occurrence of a code. */
export type ProblemKind = {
  readonly status: number;
  readonly title: string;
  /** Sent as Retry-After: trying the same request again may succeed. */
  readonly retryAfterSeconds?: number;
  /** No fault of the server, and yet told in its log: somebody there has to look. */
  readonly isAlarm?: true;
};

/** Every code that a server can answer with. The one place where codes meet HTTP numbers. */
export type ProblemCatalogue = { readonly [code: string]: ProblemKind };

/** The media type of every refusal and error. RFC 9457 §3. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Errors listed per answer: enough to mend a form, not enough to be used to amplify. */
export const FIELD_ERRORS_MAX = 50;

/**
 * The request cannot be taken as it is: malformed, not allowed, or ahead of the server. Thrown, as
 * Nest wants it, only within the door; what the domain refuses is a value.
 */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
  }
}

/** The problem of a code as this catalogue knows it; a code that it does not know is a 500. */
export function problemOf(
  catalogue: ProblemCatalogue,
  refused: {
    readonly code: string;
    readonly message: string;
    readonly errors?: readonly FieldError[];
  },
): Problem {
  const kind = Object.hasOwn(catalogue, refused.code) ? catalogue[refused.code] : undefined;
  if (!kind) return INTERNAL_PROBLEM;
  const { code, message, errors = [] } = refused;
  return {
    type: `/problems/${code}`,
    title: kind.title,
    status: kind.status,
    code,
    detail: message,
    ...(errors.length > 0 ? { errors: errors.slice(0, FIELD_ERRORS_MAX) } : {}),
  };
}

/** Says nothing of what went wrong: that stands in the log under the request's id. */
export const INTERNAL_PROBLEM: Problem = {
  type: '/problems/internal.error',
  title: 'The server failed',
  status: 500,
  code: 'internal.error',
  detail: 'An unexpected error; the server log has it under the id in Redress-Request-Id.',
};
