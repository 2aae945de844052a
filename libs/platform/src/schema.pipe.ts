// Checks every parameter against its schema; the answer names each wrong field.
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { refused } from './problem.filter';

/** Nest's own pipe makes promises for every parameter, also for those that have no schema. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, data, type }: ArgumentMetadata): unknown {
    if (!schema) return value;
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) throw new Error('a schema of a parameter must answer at once');
    if (!result.issues) return result.value;
    // A fault of the whole is at the parameter itself: a path's `id`, or the body.
    const whole = data ?? type;
    const errors = result.issues.flatMap((issue) => {
      const path = (issue.path ?? []).map(String);
      const unknown = 'keys' in issue ? (issue.keys as readonly string[]) : undefined;
      if (!unknown) return [{ field: path.join('.') || whole, message: issue.message }];
      return unknown.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
    });
    throw refused(400, 'invalid-input', errors);
  }
}
