// Holds a route to its schemas: what it takes, and what it answers.
import 'reflect-metadata';
import { applyDecorators, HttpCode } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { ApiResponse } from '@nestjs/swagger';
import type { ZodType } from 'zod';
import { refused } from './problem.filter';

/**
 * The method gets each parameter as its schema makes it, or the caller a 400 that names each wrong field; fields that the
 * schema of the answer does not name are left out of it. It wraps the method itself, because a pipe makes five promises for
 * every parameter, and an interceptor a chain of observables around every request; so it stands nearest to the method.
 * @param answer what leaves
 */
export function Checked(answer: ZodType, status = 200): MethodDecorator {
  return applyDecorators(between(answer) as MethodDecorator, HttpCode(status), ApiResponse({ status, standardSchema: answer }));
}

/** A parameter that has a schema. */
interface Parameter {
  readonly index: number;
  /** The parameter itself, which a fault of the whole of it names: a path's `id`, or the body. */
  readonly name: string;
  readonly schema: ZodType;
}
type Method = (...values: unknown[]) => unknown;

const checked = new WeakSet<object>();

/** Whether the method of a route is held to the schemas of its parameters. */
export function isChecked(method: object): boolean {
  return checked.has(method);
}

/** What comes from outside as a parameter of a method: of those without a schema it is absent. */
export function parametersOf(controller: object, method: string): readonly (Omit<Parameter, 'schema'> & Partial<Parameter>)[] {
  const declared: Record<string, { index: number; data?: string; schema?: ZodType }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  return Object.entries(declared).flatMap(([key, { index, data, schema }]) => {
    const name = OUTSIDE.get(Number(key.split(':')[0]));
    return name === undefined ? [] : [{ index, name: data ?? name, ...(schema && { schema }) }];
  });
}

/** Whether the method of a route takes a query, which its schema then is held to. */
export function takesQuery(controller: object, method: string): boolean {
  const declared = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  return Object.keys(declared).some((key) => Number(key.split(':')[0]) === RouteParamtypes.QUERY);
}

const OUTSIDE = new Map<number, string>([
  [RouteParamtypes.BODY, 'body'],
  [RouteParamtypes.QUERY, 'query'],
  [RouteParamtypes.PARAM, 'param'],
]);

function between(answer: ZodType) {
  return (target: object, name: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    const method = descriptor.value!;
    // Parameters are decorated before their method.
    const parameters = parametersOf(target.constructor, name).filter((one): one is Parameter => one.schema !== undefined);
    const within = function (this: unknown, ...values: unknown[]): unknown {
      for (const parameter of parameters) values[parameter.index] = valueOf(parameter, values[parameter.index]);
      const answered = method.apply(this, values);
      return answered instanceof Promise ? answered.then((settled) => answer.parse(settled)) : answer.parse(answered);
    };
    checked.add(within);
    // The description of the surface finds a method's parameters by its name.
    descriptor.value = Object.defineProperty(within, 'name', { value: method.name });
  };
}

function valueOf({ name, schema }: Parameter, given: unknown): unknown {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const errors = error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.') || name, message: issue.message }];
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
  });
  throw refused(400, 'invalid-input', errors);
}
