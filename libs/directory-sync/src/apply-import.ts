// Runs a plan's commands. People are streams of their own and go side by side; the rest goes in order.
import { Rejection, UnfitEvent, type Origin, type RunCommand } from '@app/kernel';
import type { Pause } from './piecewise';
import type { Plan, Step } from './plan';
import { toNobody, type Tell } from './progress';

/** Enough for one flush of the disk to serve many, few enough that whoever comes meanwhile waits only for a moment. */
const PEOPLE_AT_ONCE = 64;

/** Closed by one step and cut by another, or taken by one and given up by another: what counts is how it stands at the end (I5). */
const MENDED_LATER: readonly string[] = ['manager-loop', 'username-taken'];

/**
 * Runs every step; those that another may mend once more after the others, for as long as that lets one through. What a rule
 * refuses by now, because somebody else changed the same things, becomes the verdict of the rows that asked for it. Answers
 * the last position written.
 */
export async function applyPlan(
  run: RunCommand,
  plan: Pick<Plan, 'trees' | 'people' | 'managers'>,
  origin: Origin,
  { tell = toNobody, pause }: { readonly tell?: Tell; readonly pause: Pause },
): Promise<number> {
  let position = 0;
  const advance = advancing([...plan.trees, ...plan.people, ...plan.managers], tell);
  const send = async (step: Step, way: string): Promise<Rejection | undefined> => {
    try {
      const outcome = await run(step.decider, step.id, step.command, {
        ...origin,
        command: `${origin.command}/${step.decider.name}/${step.subject}${way}`,
      });
      position = Math.max(position, outcome.position);
      return undefined;
    } catch (error) {
      if (error instanceof Rejection) return error;
      throw error;
    }
  };
  const aside: { readonly step: Step; readonly way: string; readonly because: Rejection }[] = [];
  const sendOrRefuse = async (step: Step, way = '') => {
    const rejection = await send(step, way);
    if (rejection && MENDED_LATER.includes(rejection.code)) aside.push({ step, way, because: rejection });
    else if (rejection) refuse(step, rejection);
  };
  // One thing refuses the whole step, or all of it is more than one append takes; alone, each gets its own answer.
  const sendApart = async (step: Step) => {
    if (!step.parts) return sendOrRefuse(step);
    const fault = await send(step, '').catch(unlessUnfit);
    for (const part of fault ? step.parts() : []) await sendOrRefuse(part, '/alone');
  };
  for (const step of plan.trees) {
    await sendApart(step);
    advance([step]);
  }
  for (let at = 0; at < plan.people.length; at += PEOPLE_AT_ONCE) {
    const together = plan.people.slice(at, at + PEOPLE_AT_ONCE);
    await Promise.all(together.map(sendApart));
    advance(together);
    await pause();
  }
  for (const step of plan.managers) {
    await sendApart(step);
    advance([step]);
    await pause();
  }
  for (let left = Infinity; aside.length > 0 && aside.length < left;) {
    const again = aside.splice(0);
    left = again.length;
    for (const { step, way } of again) {
      await sendOrRefuse(step, way);
      await pause();
    }
  }
  for (const { step, because } of aside) refuse(step, because);
  return position;
}

function refuse({ rows }: Step, rejection: Rejection): void {
  for (const row of rows) row.refuse(rejection.code, detailOf(rejection));
}

/** Tells how many rows have been recorded; one that speaks of a job and of its manager counts for both. */
function advancing(all: readonly Step[], tell: Tell): (done: readonly Step[]) => void {
  const rowsOf = (steps: readonly Step[]) => steps.reduce((sum, { rows }) => sum + rows.length, 0);
  const total = rowsOf(all);
  let done = 0;
  tell({ phase: 'recording', done, total });
  return (steps) => {
    done += rowsOf(steps);
    tell({ phase: 'recording', done, total });
  };
}

function unlessUnfit(error: unknown): UnfitEvent {
  if (error instanceof UnfitEvent) return error;
  throw error;
}

function detailOf({ code, facts }: Rejection): string {
  return typeof facts['detail'] === 'string' ? facts['detail'] : `refused while it was applied: ${code}`;
}
