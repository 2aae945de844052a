// Between the store of the stand-in and the messages of the protocol.
import { status, Metadata, type ServiceError } from '@grpc/grpc-js';
import * as shared from '@eventstore/db-client/generated/shared_pb';
import * as streams from '@eventstore/db-client/generated/streams_pb';
import { APPEND_BYTES_MAX, type Expected, type Proposed, type Stored } from './store';

type Options = streams.AppendReq.Options;
type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;
const { ReadEvent } = streams.ReadResp;

export function streamNameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier!.getStreamName_asU8()).toString();
}

export function expectedOf(options: Options): Expected {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

export function proposedOf(message: ProposedMessage): Proposed {
  const map = message.getMetadataMap();
  return {
    id: message.getId()!.getString(),
    type: map.get('type')!,
    contentType: map.get('content-type')!,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function eventMessage({ id, type, contentType, data, metadata, created, stream, revision, position }: Stored): streams.ReadResp {
  const recorded = new ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setStreamRevision(String(revision))
    .setCommitPosition(String(position))
    .setPreparePosition(String(position))
    .setData(data)
    .setCustomMetadata(metadata);
  for (const [name, value] of Object.entries({ type, 'content-type': contentType, created })) recorded.getMetadataMap().set(name, value);
  return new streams.ReadResp().setEvent(new ReadEvent().setEvent(recorded).setCommitPosition(String(position)));
}

/** A server that knew the events from before says their revision, and not their position. */
export function successMessage({ revision, position }: Stored, positionKnown: boolean): streams.AppendResp {
  const success = new streams.AppendResp.Success().setCurrentRevision(String(revision));
  if (positionKnown) {
    const place = new streams.AppendResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position));
    success.setPosition(place);
  } else success.setNoPosition(new shared.Empty());
  return new streams.AppendResp().setSuccess(success);
}

export function wrongVersionMessage(expected: Expected, actual: number | undefined): streams.AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual === undefined) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty());
  else wrong.setExpectedStreamExists(new shared.Empty());
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

export function notFoundMessage(identifier: shared.StreamIdentifier): streams.ReadResp {
  return new streams.ReadResp().setStreamNotFound(new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier));
}

export function checkpointMessage(position: number): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

export function serviceError(code: status, details: string, facts: Readonly<Record<string, string>> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(facts)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

export function notLeader({ address, port }: { address: string; port: number }): ServiceError {
  const facts = { exception: 'not-leader', 'leader-endpoint-host': address, 'leader-endpoint-port': String(port) };
  return serviceError(status.NOT_FOUND, `Leader is ${address}:${port}.`, facts);
}

export function tooLarge(): ServiceError {
  const facts = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(APPEND_BYTES_MAX) };
  return serviceError(status.INVALID_ARGUMENT, `Maximum Append Size of ${APPEND_BYTES_MAX} Exceeded.`, facts);
}
