// A world in which every double, missing or misplaced effect shows: read models that count, and a saga whose every command adds an event.
import { eventId } from '@app/event-log';
import { createRunCommand, type Decider, type EventLog, type Projection, type RunCommand, type Saga, type Views } from '@app/kernel';

type Noted = { type: 'Noted'; n: number };
type Echoed = { type: 'Echoed'; n: number };

const note: Decider<number, { type: 'Note' }, Noted> = {
  name: 'note',
  initial: 0,
  events: { Noted: { n: 'number' } },
  decide: (_command, count) => [{ type: 'Noted', n: count }],
  evolve: (count) => count + 1,
};
/** Says yes each time it is asked: only the command's id keeps it from saying so twice. */
const echo: Decider<null, { type: 'Echo'; n: number }, Echoed> = {
  name: 'echo',
  initial: null,
  events: { Echoed: { n: 'number' } },
  decide: ({ n }) => [{ type: 'Echoed', n }],
  evolve: () => null,
};

/** Called with each event before its effect; what it throws is the event's fault. */
export type Meet = (stream: string, n: number) => void;

/** Counts each event of each stream, and each that came without the one before it. Not correct when an event comes twice. */
export const tallyOf = (meet: Meet): Projection<Noted | Echoed> => {
  const count: NonNullable<Projection<Noted>['on']['Noted']> = (tables, { n }, { stream }) => {
    meet(stream, n);
    tables.run(
      `insert into tally values (?1, 1, ?2, ?2 <> 0) on conflict do update
         set times = times + 1, misplaced = misplaced + (excluded.last <> last + 1), last = excluded.last`,
      stream,
      n,
    );
  };
  return {
    name: 'tally',
    schema:
      'create table tally (stream text primary key, times integer not null, last integer not null, misplaced integer not null) strict',
    tables: ['tally'],
    on: { Noted: count, Echoed: count as never },
  };
};

export const echoingOf = (meet: Meet): Saga<Noted> => ({
  name: 'echoing',
  on: {
    Noted({ n }, { stream }) {
      meet(stream, n);
      const command = { type: 'Echo', n } as const;
      return [{ decider: echo, id: stream.slice('note-'.length), command }];
    },
  },
});

/** Sends commands, each with an id of its own. */
export function notesOn(log: EventLog): { readonly run: RunCommand; readonly add: (id: string) => Promise<number> } {
  const run = createRunCommand({ log, eventId });
  let commands = 0;
  const add = async (id: string) => {
    const origin = { command: `c${++commands}`, actor: 'suite', at: '2026-11-22T08:00:00.000Z' };
    return (await run(note, id, { type: 'Note' }, origin)).position;
  };
  return { run, add };
}

/** All that the read models have counted. */
export function counted(views: Views): { readonly notes: number; readonly echoes: number; readonly misplaced: number } {
  return views.get(`select ifnull(sum(times) filter (where stream like 'note-%'), 0) as notes,
    ifnull(sum(times) filter (where stream like 'echo-%'), 0) as echoes, ifnull(sum(misplaced), 0) as misplaced from tally`)!;
}
