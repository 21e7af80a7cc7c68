import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '#http';
import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

/** Parameters of a list. */
export function ApiPage(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT },
    }),
    ApiQuery({
      name: 'after',
      required: false,
      description: 'Cursor: `next` of the page before, with the same other parameters.',
      schema: { type: 'string' },
    }),
  );
}
