import { applyDecorators, type INestApplication } from '@nestjs/common';
import {
  ApiExtension,
  ApiHeader,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { IDEMPOTENCY_KEY_LENGTH_MAX } from './command-headers.js';
import { EVERYWHERE } from './problem-catalogue.js';
import { problemOf, type ProblemCatalogue } from './problem.js';

const PROBLEMS_EXTENSION = 'x-problem-codes';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Json = { [key: string]: unknown };

/** Says with which codes a route can answer, besides those that every route has. */
export function ApiProblems(...codes: readonly string[]): MethodDecorator & ClassDecorator {
  return ApiExtension(PROBLEMS_EXTENSION, codes);
}

/** The headers that every write takes. */
export function ApiCommandHeaders(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The same key and request again: the same answer, and nothing written twice. Counts per actor and complaint. Best made at random.',
      schema: { type: 'string', minLength: 1, maxLength: IDEMPOTENCY_KEY_LENGTH_MAX },
    }),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The revision that the caller has seen, as in ETag. 412 when it has moved on.',
      schema: { type: 'string', pattern: '^"\\d{1,15}"$', example: '"3"' },
    }),
  );
}

/** The header that every read takes. */
export function ApiPositionHeader(): MethodDecorator & ClassDecorator {
  return ApiHeader({
    name: 'Redress-Position',
    required: false,
    description:
      'Position that the answer must have seen, as a write answered it. Waits a moment for it, else 503.',
    schema: { type: 'string' },
  });
}

/** The OpenAPI 3.1 document of an application, every code with its status and an example. */
export function buildOpenApi(
  application: INestApplication,
  options: { readonly version: string; readonly problems: ProblemCatalogue },
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Redress')
    .setDescription(
      'Complaints handling that helps an organisation follow ISO 10002. Refusals and errors are RFC 9457 problems; decide by their `code`.',
    )
    .setVersion(options.version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('complaints', 'Lodge, find, show at any moment.')
    .addTag('steps', 'What may be done with a complaint; its `allowed` names what may be done now.')
    .addTag('statistics', 'Numbers, and the complaints and events behind each.')
    .addTag('ledger', 'Checkpoints, proofs and evidence packs that anybody can verify.')
    .addTag('operations', 'Probes, metrics, what each code means.')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(application, builder);
  const schemas = ((document.components ??= {}).schemas ??= {}) as Json;
  schemas['Problem'] = PROBLEM_SCHEMA;
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method] as Json | undefined;
      if (operation) describeProblems(operation, options.problems);
    }
  }
  nullableToType(document as unknown as Json, 0);
  return document;
}

function describeProblems(operation: Json, catalogue: ProblemCatalogue): void {
  const own = (operation[PROBLEMS_EXTENSION] ?? []) as readonly string[];
  const codes = [...new Set([...own, ...(own.length > 0 ? EVERYWHERE : []), 'internal.error'])];
  const responses = (operation['responses'] ??= {}) as Json;
  for (const code of codes) {
    const { status, ...problem } = problemOf(catalogue, { code, message: 'what was wrong' });
    const response = (responses[status] ??= {
      description: '',
      content: { 'application/problem+json': { schema: PROBLEM_REFERENCE, examples: {} } },
    }) as { description: string; content: { [type: string]: { examples: Json } } };
    response.description += `${response.description === '' ? '' : ' · '}\`${code}\``;
    const content = response.content['application/problem+json'];
    if (content) content.examples[code] = { value: { ...problem, status } };
  }
}

const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', description: 'Where the code is described, relative to the server.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Literal, never changed: decide by this.' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const SCHEMA_DEPTH_MAX = 40;

/** OpenAPI 3.1 follows JSON Schema, where null is one of several types; the builder writes 3.0's way. */
function nullableToType(node: Json, depth: number): void {
  if (depth > SCHEMA_DEPTH_MAX) return;
  if (node['nullable'] === true && typeof node['type'] === 'string') {
    node['type'] = [node['type'], 'null'];
    delete node['nullable'];
  }
  for (const child of Object.values(node)) {
    if (typeof child === 'object' && child !== null) nullableToType(child as Json, depth + 1);
  }
}
