// What several processes hold to rules that span streams: before a change is recorded, the whole of it is written to one stream.
// An append of fixed events at a fixed revision has happened, can still be made by anybody, or can never happen any more: so nothing
// that was admitted has to be taken back, whoever dies in between leaves nothing open, and whoever is merely slow does no harm.
import {
  checkEvent,
  NO_STREAM,
  RevisionConflict,
  streamOf,
  UnfitEvent,
  type Decider,
  type EventLog,
  type Library,
  type Metadata,
  type NewEvent,
} from '@app/kernel';
import { eventId } from './event-id';
import { upcast, versionOf, type Upcasters } from './upcasters';

/** A change on its way to its stream. */
export interface Change {
  readonly stream: string;
  readonly expected: number;
  readonly batch: readonly NewEvent[];
}
interface AdmitChange {
  readonly type: 'AdmitChange';
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly NewEvent[];
}
type ChangeAdmitted = { type: 'ChangeAdmitted'; stream: string; expected: number; events: readonly NewEvent[] };

const admission: Decider<null, AdmitChange, ChangeAdmitted> = {
  name: 'admission',
  initial: null,
  events: { ChangeAdmitted: { stream: 'text', expected: 'number', events: 'list' } },
  decide: ({ stream, expected, events }) => [{ type: 'ChangeAdmitted', stream, expected, events }],
  evolve: (state) => state,
};
export const admissions: Library = { deciders: [admission], projections: [], sagas: [] };

const STREAM = streamOf(admission, 'site');
/**
 * Most changes that are admitted at once. Whoever admits knows that all before is decided, so nothing older than this can be open;
 * a release that makes it smaller would overlook what one before has admitted.
 */
export const CHANGES_AT_ONCE_MAX = 64;
/** Most of what is admitted at once, in UTF-16 units: below the server's limit of 1 MiB for an append, whatever is in it. */
export const UNITS_AT_ONCE_MAX = 256 * 1024;
/** So much smaller than an event may be, that what was admitted can always be appended. */
const CHANGE_BYTES_MAX = 960 * 1024;

export interface AdmissionsParts {
  readonly log: EventLog;
  /** Settles when the read models show the position. @throws LogFailed when that takes too long */
  readonly shown: (position: number) => Promise<void>;
  readonly upcasters?: Upcasters | undefined;
}

/** One process's knowledge of what was admitted. */
export class Admissions {
  /** Where the stream ends, as far as is known; until then it is known of each whether it was recorded. */
  private last = NO_STREAM;
  private decided = NO_STREAM;
  private known = false;
  private begun = false;

  constructor(private readonly parts: AdmissionsParts) {}

  /** Settles when the read models show the position. @throws LogFailed when that takes too long */
  shown(position: number): Promise<void> {
    return this.parts.shown(position);
  }

  /** Others may have gone on, or it is not known what became of what was admitted here. */
  doubt(): void {
    this.known = false;
  }

  /** All that was admitted here was recorded, and is shown. */
  allRecorded(): void {
    this.decided = this.last;
  }

  /**
   * Sees to it that nothing that was admitted is open, and that the read models show it. Answers where streams have moved on to,
   * and whether others admit changes too.
   * @throws LogFailed
   */
  async catchUp(): Promise<{ readonly ends: ReadonlyMap<string, number>; readonly others: boolean }> {
    const ends = new Map<string, number>();
    if (this.known) return { ends, others: false };
    const { log } = this.parts;
    const tail = await settled(this.parts, this.decided);
    for (const { stream, revision } of tail.carriedOut) ends.set(stream, Math.max(revision, ends.get(stream) ?? NO_STREAM));
    // What an embedded log has recorded before was never admitted: at first, all that there is has to be shown.
    const { position } = this.begun ? tail : await log.head();
    await this.shown(Math.max(position, ...tail.carriedOut.map((one) => one.position)));
    const others = this.begun && tail.revision > this.last;
    this.last = this.decided = tail.revision;
    this.known = this.begun = true;
    return { ends, others };
  }

  /** Whether nobody else has admitted anything since. */
  async isLatest(): Promise<boolean> {
    const [last] = await this.parts.log.read(STREAM, { direction: 'backwards', max: 1 });
    this.known = (last?.revision ?? NO_STREAM) === this.last;
    return this.known;
  }

  /** That the stream of a change has moved on without it, if it has. */
  async overtaken({ stream, expected }: Change): Promise<RevisionConflict | undefined> {
    const [last] = await this.parts.log.read(stream, { direction: 'backwards', max: 1 });
    const actual = last?.revision ?? NO_STREAM;
    return actual > expected ? new RevisionConflict(stream, expected, actual) : undefined;
  }

  /** Admits changes side by side, unless somebody was first. */
  async admit(changes: readonly Change[]): Promise<boolean> {
    const { log, upcasters = {} } = this.parts;
    this.known = false;
    try {
      const { revision } = await log.append(
        STREAM,
        this.last,
        changes.map((change, at) => admitted(change, { upcasters, place: this.last + 1 + at })),
      );
      this.last = revision;
      this.known = true;
      return true;
    } catch (error) {
      if (error instanceof RevisionConflict) return false;
      throw error;
    }
  }
}

/** The size of a change, in UTF-16 units. @throws UnfitEvent when it is too large to be admitted, as it nearly is for an append */
export function sizeOf(batch: readonly NewEvent[]): number {
  const text = JSON.stringify(batch);
  if (Buffer.byteLength(text) > CHANGE_BYTES_MAX) {
    throw new UnfitEvent(`the events are larger than the ${CHANGE_BYTES_MAX} bytes that a cluster takes in one change of the organisation`);
  }
  return text.length;
}

interface Tail {
  /** Where the stream ends. */
  readonly revision: number;
  readonly position: number;
  readonly carriedOut: readonly { readonly stream: string; readonly revision: number; readonly position: number }[];
}

/**
 * Carries out, or finds carried out, what was admitted last; those up to a revision are known to be decided. Also a log that leaves
 * the cluster needs it: what was left open would else be carried out when it comes back.
 */
export async function settled({ log, upcasters = {} }: Pick<AdmissionsParts, 'log' | 'upcasters'>, decided = NO_STREAM): Promise<Tail> {
  const tail = await log.read(STREAM, { direction: 'backwards', max: CHANGES_AT_ONCE_MAX });
  const open = tail.filter(({ revision }) => revision > decided);
  const ends = await Promise.all(open.map(({ event }) => carriedOut(log, event as ChangeAdmitted, upcasters)));
  const [last] = tail;
  return { revision: last?.revision ?? NO_STREAM, position: last?.position ?? 0, carriedOut: ends.filter((end) => end !== undefined) };
}

/** Where the change ends; nothing when it can never be recorded, because its stream has moved on without it. */
async function carriedOut(log: EventLog, { stream, expected, events }: ChangeAdmitted, upcasters: Upcasters) {
  const found = await log.read(stream, { from: expected + 1, max: events.length });
  if (found.length > 0) return found[0]!.meta.id === events[0]!.meta.id ? found.at(-1) : undefined;
  const batch = events.map(({ event, meta }) => {
    const { version: _written, ...rest } = meta;
    return { event: upcast(upcasters, event, meta), meta: rest };
  });
  try {
    return await log.append(stream, expected, batch);
  } catch (error) {
    if (error instanceof RevisionConflict) return undefined;
    throw error;
  }
}

function admitted({ stream, expected, batch }: Change, { upcasters, place }: { upcasters: Upcasters; place: number }): NewEvent {
  const events = batch.map(({ event, meta }) => {
    const version = versionOf(upcasters, event.type);
    return { event, meta: plain({ ...meta, version: version > 1 ? version : undefined }) };
  });
  const [event] = admission.decide({ type: 'AdmitChange', stream, expected, events }, null);
  checkEvent(admission, event!);
  const { id, command, actor, at, correlation } = batch[0]!.meta;
  return {
    event: event!,
    meta: { id: eventId(`${id}/admission/${place}`, at)(0), command, actor, at, ...(correlation && { correlation }) },
  };
}

/** Metadata as JSON has it; content of an event may hold nothing else. */
function plain(meta: Metadata): Metadata {
  return Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined)) as unknown as Metadata;
}
