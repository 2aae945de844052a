// Whatever is edited in whatever order, no day has a loop of managers.
import fc from 'fast-check';
import { Rejection } from '@app/kernel';
import { inEffect } from './interval';
import type { ManagerLink } from './manager-link';
import { reporting, type ReportingCommand } from './reporting';

const PEOPLE = ['a', 'b', 'c', 'd'];
const DAYS = ['2024-01-01', '2025-01-01', '2026-01-01', '2027-01-01'];
const day = fc.constantFrom(...DAYS);
const named = fc.record({
  manager: fc.constantFrom(...PEOPLE),
  managerAssignment: fc.constantFrom(undefined, 'a-1', 'b-1', 'c-2'),
  kind: fc.constantFrom('direct', 'temporary', 'alternate'),
  responsibilities: fc.constantFrom(['approval'] as const, ['goals'] as const),
  from: fc.option(day, { nil: undefined }),
  to: fc.option(day, { nil: undefined }),
});
const assignment = fc.constantFrom(...PEOPLE.flatMap((one) => [`${one}-1`, `${one}-2`]));
const owner = (id: string) => ({ assignment: id, person: id[0]! });
const command: fc.Arbitrary<ReportingCommand> = fc.oneof(
  fc.tuple(assignment, named).map(([id, link]) => ({ type: 'AssignManager' as const, ...owner(id), ...link })),
  fc.tuple(fc.array(fc.tuple(assignment, fc.array(named, { maxLength: 2 })), { maxLength: 4 }), day).map(([all, effective]) => ({
    type: 'SyncManagers' as const,
    effective,
    assignments: [...new Map(all).entries()].map(([id, links]) => ({ ...owner(id), fresh: links.length > 1, links })),
  })),
);

test('random edits never leave a loop on any day (O11)', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let state = reporting.initial;
      for (const one of commands) {
        for (const event of accepted(() => reporting.decide(one, state))) state = reporting.evolve(state, event);
        const links = [...state.links.values()].flat();
        for (const on of DAYS) expect(loopOn(links, on)).toBeUndefined();
      }
    }),
    { numRuns: 300 },
  );
});

/** A plain search of its own: strike out assignments that lead nowhere until nothing changes; what is left is a loop. */
function loopOn(links: readonly ManagerLink[], on: string): readonly string[] | undefined {
  const holding = links.filter((link) => link.kind !== 'alternate' && inEffect(link, on));
  let left = new Set(holding.map((link) => link.assignment));
  for (;;) {
    const next = new Set(
      holding
        .filter((link) => left.has(link.assignment))
        .filter((link) =>
          [...left].some((upper) => (link.managerAssignment ? upper === link.managerAssignment : upper[0] === link.manager)),
        )
        .map((link) => link.assignment),
    );
    if (next.size === 0) return undefined;
    if (next.size === left.size) return [...left];
    left = next;
  }
}

function accepted<Events>(decide: () => readonly Events[]): readonly Events[] {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Rejection) return [];
    throw error;
  }
}
