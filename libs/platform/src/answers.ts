// What a route answers: its status, and a schema by which nothing else leaves.
import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { ZodType } from 'zod';

/**
 * Fields that the schema does not name are left out of the answer. It wraps the method itself, because an interceptor
 * would put a chain of observables around every request; so it stands nearest to the method.
 */
export function Answers(schema: ZodType, status = 200): MethodDecorator {
  return applyDecorators(through(schema) as MethodDecorator, HttpCode(status), ApiResponse({ status, standardSchema: schema }));
}

type Method = (...values: unknown[]) => unknown;

function through(schema: ZodType) {
  return (_target: object, _name: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    const method = descriptor.value!;
    const answered = function (this: unknown, ...values: unknown[]): unknown {
      const answer = method.apply(this, values);
      return answer instanceof Promise ? answer.then((settled) => schema.parse(settled)) : schema.parse(answer);
    };
    // The description of the surface finds a method's parameters by its name.
    descriptor.value = Object.defineProperty(answered, 'name', { value: method.name });
  };
}
