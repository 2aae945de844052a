// What an operator asks of an installation: a token, the proof of the log, a replay of the read models.
import type { Proof } from '@app/event-log';
import type { Api } from './api';
import { count, table } from './table';

export interface Token {
  readonly token: string;
  readonly username: string;
  readonly person?: string;
  readonly role: string;
  readonly expiresAt: string;
}
export interface Replay {
  readonly position: number;
  readonly fresh: readonly Digest[];
  readonly live: readonly Digest[];
  readonly different: readonly string[];
}
interface Digest {
  readonly name: string;
  readonly rows: number;
  readonly digest: string;
}

const DIGEST_SHOWN = 16;

export function issueToken(api: Api, { username, role }: { username: string; role: string }): Promise<Token> {
  return api.call('POST', 'tokens', { body: { username, role } });
}

/** Replays the log into new read models and compares; without `check` the new ones take the place of the live ones. */
export function replay(api: Api, check: boolean): Promise<Replay> {
  return api.call('POST', `audit/replay?check=${check}`);
}

export function proofReport({ events, hash, fault }: Proof): readonly string[] {
  if (fault)
    return [
      `The log is not sound: at position ${count(fault.position)}, ${fault.reason}.`,
      `  ${count(events)} events before it are sound.`,
    ];
  return [`The log is sound: ${count(events)} events, every one chained to the one before it.`, `  head ${hash}`];
}

export function replayReport({ position, fresh, different }: Replay, check: boolean): readonly string[] {
  const rows = fresh.map(({ name, rows: size, digest }) => [
    name,
    size,
    digest.slice(0, DIGEST_SHOWN),
    different.includes(name) ? 'DIFFERENT' : 'equal',
  ]);
  const many = different.length === 1 ? '1 read model differs' : `${different.length} read models differ`;
  const ending = different.length === 0 ? 'All read models are equal to a replay of the log.' : `${many} from a replay of the log.`;
  return [
    `Replayed the log up to position ${count(position)}.`,
    ...table([['read model', 'rows', 'digest', ''], ...rows]),
    check ? ending : `${ending} The replayed ones are live now.`,
  ];
}
