// The description of the surface, made from the same schemas that check it, when somebody first asks.
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves `/openapi.json` and the readable `/docs`. */
export function describeApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Countersign')
    .setDescription('Who must agree before this person may take this learning, and did they?')
    .setVersion('1')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), { jsonDocumentUrl: 'openapi.json', raw: ['json'] });
}
