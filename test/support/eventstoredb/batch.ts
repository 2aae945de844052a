// The batch path of appending: many appends on one stream of messages, each with an id for its answer.
import type { ServerDuplexStream } from '@grpc/grpc-js';
import * as status from '@eventstore/db-client/generated/status_pb';
import * as shared from '@eventstore/db-client/generated/shared_pb';
import * as streams from '@eventstore/db-client/generated/streams_pb';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { proposedOf, streamNameOf } from './messages';
import type { Appended, Expected, Proposed, Store } from './store';

const { BatchAppendResp } = streams;
const ALREADY_EXISTS = 6;
const INVALID_ARGUMENT = 3;

interface Batch {
  readonly options: streams.BatchAppendReq.Options;
  readonly proposed: Proposed[];
}

export function answerBatch(call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>, store: Store): void {
  const batches = new Map<string, Batch>();
  call.on('data', (request: streams.BatchAppendReq) => {
    const id = request.getCorrelationId()!.getString();
    const batch = batches.get(id) ?? { options: request.getOptions()!, proposed: [] };
    batches.set(id, batch);
    batch.proposed.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    batches.delete(id);
    const expected = expectedOf(batch.options);
    const appended = store.append(streamNameOf(batch.options.getStreamIdentifier()), expected, batch.proposed);
    const answer = new BatchAppendResp().setCorrelationId(request.getCorrelationId());
    call.write(filled(answer.setStreamIdentifier(batch.options.getStreamIdentifier()), appended, expected));
  });
  call.on('end', () => call.end());
}

function filled(answer: streams.BatchAppendResp, appended: Appended, expected: Expected): streams.BatchAppendResp {
  switch (appended.outcome) {
    case 'too-large':
      return answer.setError(failure(INVALID_ARGUMENT, new shared.MaximumAppendSizeExceeded(), 'MaximumAppendSizeExceeded'));
    case 'wrong-version': {
      const wrong = new shared.WrongExpectedVersion();
      if (appended.actual === undefined) wrong.setCurrentNoStream(new Empty());
      else wrong.setCurrentStreamRevision(String(appended.actual));
      if (typeof expected === 'number') wrong.setExpectedStreamPosition(String(expected));
      else if (expected === 'no-stream') wrong.setExpectedNoStream(new Empty());
      else wrong.setExpectedStreamExists(new Empty());
      return answer.setError(failure(ALREADY_EXISTS, wrong, 'WrongExpectedVersion'));
    }
    case 'added':
    case 'known-already': {
      const { revision, position } = appended.last;
      const place = new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position));
      return answer.setSuccess(new BatchAppendResp.Success().setCurrentRevision(String(revision)).setPosition(place));
    }
  }
}

function failure(code: number, details: { serializeBinary(): Uint8Array }, name: string): status.Status {
  const packed = new Any();
  packed.pack(details.serializeBinary(), `event_store.client.${name}`);
  return new status.Status().setCode(code).setMessage(name).setDetails(packed);
}

function expectedOf(options: streams.BatchAppendReq.Options): Expected {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}
