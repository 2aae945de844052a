// What both embedded logs share: waking those who follow, with the newest events at hand.
import type { Recorded } from '@app/kernel';

const KEPT_EVENTS_MAX = 5_000;

/** The newest events in memory, and a way to wait for the next ones. */
export class LiveTail {
  private readonly kept: Recorded[] = [];
  private wakes: (() => void)[] = [];

  constructor(private head: number) {}

  push(events: readonly Recorded[]): void {
    for (const recorded of events) this.kept.push(recorded);
    this.head = events.at(-1)!.position;
    if (this.kept.length > 2 * KEPT_EVENTS_MAX) this.kept.splice(0, this.kept.length - KEPT_EVENTS_MAX);
    const wakes = this.wakes;
    this.wakes = [];
    for (const wake of wakes) wake();
  }

  /** The events after a position, or nothing when some of them are no longer in memory. */
  after(position: number, max: number): readonly Recorded[] | undefined {
    if (position >= this.head) return [];
    const first = this.kept[0];
    if (!first || first.position > position + 1) return undefined;
    const from = position + 1 - first.position;
    return this.kept.slice(from, from + max);
  }

  /** Settles when the log has grown past the position, or the signal says to stop. */
  grown(position: number, signal: AbortSignal): Promise<void> {
    if (this.head > position || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.wakes.push(wake);
    });
  }
}

/** The batches of a subscription, drawn from the tail where it reaches and from `readAll` where it does not. */
export async function* subscription(
  tail: LiveTail,
  readAll: (page: { after: number; max: number }) => Promise<readonly Recorded[]>,
  after: number,
  { signal, max }: { signal: AbortSignal; max: number },
): AsyncGenerator<readonly Recorded[]> {
  let position = after;
  while (!signal.aborted) {
    const batch = tail.after(position, max) ?? (await readAll({ after: position, max }));
    const last = batch.at(-1);
    if (last) {
      position = last.position;
      yield batch;
    } else await tail.grown(position, signal);
  }
}
