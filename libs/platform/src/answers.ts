// What a route answers: its status, and a schema by which nothing else leaves.
import { applyDecorators, HttpCode, SerializeOptions } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { ZodType } from 'zod';

/** Fields that the schema does not name are left out of the answer. */
export function Answers(schema: ZodType, status = 200): MethodDecorator {
  return applyDecorators(HttpCode(status), SerializeOptions({ schema }), ApiResponse({ status, standardSchema: schema }));
}
