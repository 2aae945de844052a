// Runs a plan's commands. People are streams of their own and go side by side; the rest goes in order.
import { Rejection, UnfitEvent, type Origin, type RunCommand } from '@app/kernel';
import type { Plan, Step } from './plan-import';

/** Enough for one flush of the disk to serve many, few enough to keep the memory flat. */
const PEOPLE_AT_ONCE = 256;

/**
 * Runs every step. What a rule refuses by now, because somebody else changed the same things, becomes the verdict of the
 * rows that asked for it. Answers the last position written.
 */
export async function applyPlan(run: RunCommand, plan: Pick<Plan, 'trees' | 'people' | 'managers'>, origin: Origin): Promise<number> {
  let position = 0;
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
  const sendOrRefuse = async (step: Step, way = '') => {
    const rejection = await send(step, way);
    if (rejection) step.rows.forEach((row) => row.refuse(rejection.code, detailOf(rejection)));
  };
  for (const step of plan.trees) await sendOrRefuse(step);
  for (let at = 0; at < plan.people.length; at += PEOPLE_AT_ONCE) {
    await Promise.all(plan.people.slice(at, at + PEOPLE_AT_ONCE).map((step) => sendOrRefuse(step)));
  }
  for (const step of plan.managers) {
    const fault = await send(step, '').catch(unlessUnfit);
    if (!fault) continue;
    // One assignment refused the whole step, or all of it is more than one append takes; alone, each gets its own answer.
    for (const part of step.parts?.() ?? []) await sendOrRefuse(part, '/alone');
  }
  return position;
}

function unlessUnfit(error: unknown): UnfitEvent {
  if (error instanceof UnfitEvent) return error;
  throw error;
}

function detailOf({ code, facts }: Rejection): string {
  return typeof facts['detail'] === 'string' ? facts['detail'] : `refused while it was applied: ${code}`;
}
