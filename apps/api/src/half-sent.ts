// Whom a stop does not wait for: connections on which no whole request is under way.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Answer = ServerResponse<IncomingMessage>;

/**
 * Answers how to let go of them. Node itself keeps open whatever has begun to send, for as long as it takes; what each
 * connection asked last is all that is kept here, so that a request costs no more than that.
 */
export function lettingGoOf(server: Server): () => void {
  const lastOf = new Map<Socket, Answer | undefined>();
  server.on('connection', (socket: Socket) => {
    lastOf.set(socket, undefined);
    socket.once('close', () => lastOf.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, answer: Answer) => lastOf.set(socket, answer));
  return () => {
    for (const [socket, answer] of lastOf) if (!isUnderWay(answer)) socket.destroy();
  };
}

/** It came whole, and its answer has not yet been given to the network as a whole. */
function isUnderWay(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.req.complete && !answer.writableFinished;
}
