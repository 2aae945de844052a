// Checks every parameter against its schema; the answer names each wrong field.
import { HttpException, Injectable, StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { refused, type FieldError } from './problem.filter';

@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) =>
        refused(
          400,
          'invalid-input',
          issues.flatMap((issue) => {
            const path = (issue.path ?? []).map(String);
            const unknown = 'keys' in issue ? (issue.keys as readonly string[]) : undefined;
            if (!unknown) return [{ field: path.join('.'), message: issue.message }];
            return unknown.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
          }),
        ),
    });
  }

  /** Nest drops keys such as `__proto__` in silence; here they are as unknown as any other. */
  protected override stripProtoKeys(): void {}

  override async transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      const { errors } = error.getResponse() as { errors: readonly FieldError[] };
      // A fault of the whole is at the parameter itself: a path's `id`, or the body.
      const whole = metadata.data ?? metadata.type;
      throw refused(
        400,
        'invalid-input',
        errors.map(({ field, message }) => ({ field: field || whole, message })),
      );
    }
  }
}
