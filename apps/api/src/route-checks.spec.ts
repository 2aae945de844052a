import { Body, Controller, Module, Post, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { Allow, Checked } from '@app/platform';
import { requireDeclaredRoutes } from './route-checks';

const body = z.strictObject({ name: z.string() });
const answer = z.object({ greeting: z.string() });

@Controller('sound')
@Allow('public')
class Sound {
  @Post()
  @Checked(answer)
  greet(@Body({ schema: body }) { name }: z.infer<typeof body>) {
    return { greeting: `Hello ${name}` };
  }
}
@Controller('open')
class ForWhom {
  @Post()
  @Checked(answer)
  greet(@Body({ schema: body }) { name }: z.infer<typeof body>) {
    return { greeting: `Hello ${name}` };
  }
}
@Controller('loose')
@Allow('public')
class WithoutSchema {
  @Post()
  @Checked(answer)
  greet(@Body() { name }: z.infer<typeof body>) {
    return { greeting: `Hello ${name}` };
  }
}
@Controller('unchecked')
@Allow('public')
class Unchecked {
  @Post()
  greet(@Body({ schema: body }) { name }: z.infer<typeof body>) {
    return { greeting: `Hello ${name}` };
  }
}

async function starting(controller: Type): Promise<void> {
  @Module({ imports: [DiscoveryModule], controllers: [controller] })
  class Routes {}
  const app = await NestFactory.create(Routes, new FastifyAdapter(), { logger: false });
  requireDeclaredRoutes(app);
}

test('routes that say whom they let in and check what they take start', () => expect(starting(Sound)).resolves.toBeUndefined());
test.each([
  ['does not say whom it lets in', ForWhom],
  ['takes a parameter without a schema', WithoutSchema],
  ['does not check what it takes', Unchecked],
])('a route that %s stops the start', (what, controller) =>
  expect(starting(controller)).rejects.toThrow(`${controller.name}.greet ${what}`),
);
