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
          issues.map(({ path = [], message }) => ({ field: path.map(String).join('.'), message })),
        ),
    });
  }

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
