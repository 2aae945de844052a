// Deny by default: a route that does not say whom it lets in, or takes a parameter unchecked, stops the start.
import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants';
import { audienceOf, isChecked, parametersOf } from '@app/platform';

/** @throws Error naming the first route without an audience, or whose body, query or path parameter is held to no schema */
export function requireDeclaredRoutes(app: INestApplication): void {
  const reflector = app.get(Reflector);
  const scanner = app.get(MetadataScanner);
  for (const { instance, metatype, name } of app.get(DiscoveryService).getControllers()) {
    if (!metatype || !instance) continue;
    for (const method of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
      const handler = instance[method];
      if (Reflect.getMetadata(PATH_METADATA, handler) === undefined) continue;
      if (!audienceOf(reflector, handler, metatype)) throw new Error(`${name}.${method} does not say whom it lets in`);
      const parameters = parametersOf(metatype, method);
      if (parameters.some(({ schema }) => !schema)) throw new Error(`${name}.${method} takes a parameter without a schema`);
      if (parameters.length > 0 && !isChecked(handler)) throw new Error(`${name}.${method} does not check what it takes`);
    }
  }
}
