// Streams that began a short while ago, whole and in memory: whoever has just written to one reads it for the answer.
import { Recent, type Recorded } from '@app/kernel';

const STREAMS_MAX = 4_000;
const EVENTS_MAX = 50;

export class YoungStreams {
  private readonly streams = new Recent<readonly Recorded[]>(STREAMS_MAX);

  /** All events of the stream, or nothing when it is not young. */
  get(stream: string): readonly Recorded[] | undefined {
    return this.streams.get(stream);
  }

  /** Adds what was appended, while the stream is known from its beginning and has few events. */
  add(stream: string, added: readonly Recorded[]): void {
    const before = added[0]!.revision === 0 ? [] : this.streams.get(stream);
    if (!before) return;
    if (before.length + added.length > EVENTS_MAX) this.streams.delete(stream);
    else this.streams.set(stream, before.concat(added));
  }

  clear(): void {
    this.streams.clear();
  }
}
