// Deny by default: a route that does not say whom it lets in, or takes a parameter unchecked, stops the start.
import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ROUTE_ARGS_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { audienceOf } from '@app/platform';

const CHECKED: readonly number[] = [RouteParamtypes.BODY, RouteParamtypes.QUERY, RouteParamtypes.PARAM];

/** @throws Error naming the first route without an audience, or whose body, query or path parameter has no schema */
export function requireDeclaredRoutes(app: INestApplication): void {
  const reflector = app.get(Reflector);
  const scanner = app.get(MetadataScanner);
  for (const { instance, metatype, name } of app.get(DiscoveryService).getControllers()) {
    if (!metatype || !instance) continue;
    for (const method of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
      const handler = instance[method];
      if (Reflect.getMetadata(PATH_METADATA, handler) === undefined) continue;
      if (!audienceOf(reflector, handler, metatype)) throw new Error(`${name}.${method} does not say whom it lets in`);
      requireSchemas(metatype, method, name);
    }
  }
}

function requireSchemas(controller: object, method: string, name: string): void {
  const parameters: Record<string, { schema?: unknown }> = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  for (const [key, { schema }] of Object.entries(parameters)) {
    if (CHECKED.includes(Number(key.split(':')[0])) && !schema) throw new Error(`${name}.${method} takes a parameter without a schema`);
  }
}
