// Holds what is about to be recorded to the guards of the libraries: two writers of this process never pass side by side.
import { supposing, type ReadModels, type SupposedEvent } from '@app/event-log';
import type { Admit, Guard, Library } from '@app/kernel';

type Tell = (message: string, facts: Readonly<Record<string, unknown>>) => void;

/**
 * A guard sees what the read models show, and beside it what has passed and is not shown yet: so nobody waits for anybody.
 * What passes and then is not recorded was in the way of others for a moment only.
 * @param tell where other processes record too, the guards look once more when all that came before is shown: of two that
 * passed side by side, whoever is later in the log tells
 */
export function admission(models: ReadModels, libraries: readonly Library[], tell?: Tell): Admit {
  const guards = libraries.flatMap((library) => library.guards ?? []);
  const guarded = new Set(guards.flatMap(({ on }) => on));
  const underWay = new Set<readonly SupposedEvent[]>();
  return (stream, batch) => {
    const own = batch.filter(({ event }) => guarded.has(event.type)).map(({ event, meta }) => ({ stream, event, meta }));
    if (own.length === 0) return undefined;
    const beside = [...underWay].flat();
    for (const guard of guards) askOne(models, guard, { own, beside });
    underWay.add(own);
    const forget = () => underWay.delete(own);
    return (position) => {
      if (position === undefined) forget();
      else
        void models.reached(position).then(() => {
          forget();
          if (tell) lookAgain(guards, own, { models, tell });
        });
    };
  };
}

function lookAgain(guards: readonly Guard[], own: readonly SupposedEvent[], { models, tell }: { models: ReadModels; tell: Tell }): void {
  for (const guard of guards) {
    const mine = own.map(({ event }) => event).filter(({ type }) => guard.on.includes(type));
    const broken = mine.length > 0 && guard.broken(mine, models);
    if (broken) tell('a rule was broken by two processes at once', broken);
  }
}

function askOne(
  models: ReadModels,
  guard: Guard,
  { own, beside }: { own: readonly SupposedEvent[]; beside: readonly SupposedEvent[] },
): void {
  const mine = own.filter(({ event }) => guard.on.includes(event.type));
  if (mine.length === 0) return;
  guard.check({
    own: mine.map(({ event }) => event),
    beside: beside.map(({ event }) => event),
    views: models,
    supposing: (what, ask) => supposing(models, what === 'all' ? [...beside, ...own] : beside, ask),
  });
}
