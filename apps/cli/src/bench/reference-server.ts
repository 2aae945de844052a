// The reference over HTTP, a process of its own: Nest + Fastify over the limit, the same routes and durable writes, no more.
import 'reflect-metadata';
import { Body, Controller, Get, Headers, HttpCode, Inject, Module, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { newId } from '@app/platform';
import { Limit } from './limit';
import { EMPLOYEES } from './people';
import type { Ask } from './side';

const MANAGER_OF = new Map(EMPLOYEES.map(({ id, manager }) => [id, manager]));

@Controller('api/v1')
class ReferenceController {
  private readonly asks = new Map<string, Ask>();

  constructor(@Inject(Limit) private readonly limit: Limit) {}

  @Post('requests')
  async submit(@Body() { course, assignment }: { course: string; assignment: string }, @Headers('authorization') caller: string) {
    const learner = personOf(caller);
    const ask: Ask = { request: newId(), course, assignment, learner, manager: MANAGER_OF.get(learner)!, finance: '' };
    this.asks.set(ask.request, ask);
    await this.limit.submit(ask);
    return { id: ask.request, status: 'open', revision: 1 };
  }

  @Post('requests/:id/decisions')
  @HttpCode(200)
  async decide(@Param('id') id: string, @Body() { nominate }: { nominate?: string }, @Headers('authorization') caller: string) {
    const ask = this.asks.get(id)!;
    if (nominate !== undefined) {
      const named = { ...ask, finance: nominate };
      this.asks.set(id, named);
      await this.limit.nominate(named);
      return { id, status: 'open', revision: 3 };
    }
    await this.limit.grant({ ...ask, finance: personOf(caller) });
    this.asks.delete(id);
    return { id, status: 'granted', revision: 4 };
  }

  @Get('inbox')
  inbox(@Headers('authorization') caller: string, @Query('after') after = '0') {
    return { items: this.limit.inboxRows(personOf(caller), Number(after)) };
  }
}

@Module({
  controllers: [ReferenceController],
  providers: [{ provide: Limit, useFactory: () => new Limit(process.argv[2]!, { notices: true }) }],
})
class ReferenceModule {}

function personOf(authorization: string): string {
  return authorization.slice('Bearer '.length);
}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(ReferenceModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  process.send!({ port: Number(new URL(await app.getUrl()).port) });
  // Whoever started it holds the other end; when that is gone, so is the reason to be here.
  process.once('disconnect', () => process.exit());
}

void main();
