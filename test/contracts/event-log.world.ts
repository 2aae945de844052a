// What the tests of the contract of the event log share: streams and commands that no other test has.
import { randomUUID } from 'node:crypto';
import { eventId } from '@app/event-log';
import type { EventLog, NewEvent } from '@app/kernel';

const AT = '2026-11-01T08:00:00.000Z';
const RUN = randomUUID();
let commands = 0;
let tests = 0;

/** The name of a stream that no other test has. */
export function note(id: string | number): string {
  return `note-${id}-${tests}-${RUN}`;
}

export function nextTest(): void {
  tests++;
}

/** The positions of what the test appended, which is at most a page. */
export async function positionsIn({ log, start }: World): Promise<number[]> {
  const positions = (await log.readAll({ after: start })).map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
  return positions;
}

/** Events of one command with an id of its own, so that no append is taken for the retry of another. */
export function events(...contents: readonly object[]): NewEvent[] {
  const command = `command-${++commands}-${RUN}`;
  return contents.map((content, index) => ({
    event: { type: 'Noted', ...content },
    meta: { id: eventId(command, AT)(index), command, actor: 'ann', at: AT },
  }));
}

/** The log, and its last position when the test began. */
export interface World {
  readonly log: EventLog;
  readonly start: number;
}
