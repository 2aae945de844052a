// What happens to my requests, as it happens: server-sent events whose id is the position in the log.
import { Controller, Inject, Req, Sse, type BeforeApplicationShutdown, type MessageEvent } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { from, interval, map, merge, takeWhile, type Observable } from 'rxjs';
import { partsOf, Rejection, type Recorded } from '@app/kernel';
import { Allow, Authentication, bearerOf, CallerOf, now, refused, Runtime, type Caller } from '@app/platform';
import { approvalRequest } from './approval-request';
import { RequestReader } from './request-reader';

/** How often a silent stream says that it is alive, and looks whether its reader still may listen. */
const PULSE_MS = 4_000;

@ApiTags('requests')
@ApiBearerAuth()
@Controller('stream')
@Allow('signed-in')
export class StreamController implements BeforeApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(RequestReader) private readonly reader: RequestReader,
    @Inject(Authentication) private readonly authentication: Authentication,
  ) {}

  /** Starts with what is new, or after the `Last-Event-ID` that the client saw. */
  @Sse()
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The `id` of the last event that you saw: go on after it' })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } }, description: 'Each `id` is a position of the log' })
  async events(@Req() request: FastifyRequest, @CallerOf() me: Caller): Promise<Observable<MessageEvent>> {
    const head = (await this.runtime.log.head()).position;
    const seen = lastSeen(request, head);
    const token = bearerOf(request);
    const mayListen = () => !this.closing.signal.aborted && this.authentication.principalOf(token, now()) !== undefined;
    const pulse = interval(PULSE_MS).pipe(map((): MessageEvent => ({ type: 'pulse', data: {} })));
    return merge(from(this.told(seen, me)), pulse).pipe(takeWhile(mayListen));
  }

  beforeApplicationShutdown(): void {
    this.closing.abort();
  }

  private async *told(after: number, me: Caller): AsyncGenerator<MessageEvent> {
    const signal = AbortSignal.any([this.closing.signal, this.runtime.signal]);
    for await (const batch of this.runtime.log.subscribe(after, { signal, max: 100 })) {
      await this.runtime.models.reached(batch.at(-1)!.position);
      for (const recorded of batch) if (await this.concerns(recorded, me)) yield messageOf(recorded);
    }
  }

  private async concerns({ stream }: Recorded, me: Caller): Promise<boolean> {
    const { decider, id } = partsOf(stream);
    if (decider !== approvalRequest.name) return false;
    try {
      // The connection may stand for days, and whoever managed somebody yesterday may not today.
      await this.reader.read(id, { ...me, on: this.runtime.dayOf(now()) }, 'read-history');
      return true;
    } catch (error) {
      if (error instanceof Rejection) return false;
      throw error;
    }
  }
}

function messageOf({ position, stream, revision, event, meta }: Recorded): MessageEvent {
  return {
    id: String(position),
    type: event.type,
    data: { position, request: partsOf(stream).id, revision, event: event.type, at: meta.at },
  };
}

function lastSeen({ headers }: FastifyRequest, head: number): number {
  const header = headers['last-event-id'];
  if (header === undefined) return head;
  const position = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : -1;
  if (position < 0 || position > head)
    throw refused(400, 'bad-position', [{ field: 'Last-Event-ID', message: 'is not a position of the log' }]);
  return position;
}
