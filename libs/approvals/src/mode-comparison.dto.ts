// The shapes of the question what another reporting mode would change.
import { z } from 'zod';
import { MODE_CHOICES, RESPONSIBILITIES } from '@app/organisation';
import { date, id, page } from '@app/platform/schemas';
import { candidate, people } from './approvals.dto';

/** As the choice itself, without a unit for the whole site, without a day from today. Every site begins with links, so the other is compared. */
const supposition = { unit: id.optional(), mode: z.enum(MODE_CHOICES).default('position-code'), effective: date.optional() };
const responsibility = z.enum(RESPONSIBILITIES).default('reporting');

export const comparisonQuery = z.strictObject({ ...supposition, responsibility });
export const otherApproversQuery = z.strictObject({ ...supposition, ...page, only: z.enum(['changed', 'nobody']).default('changed') });
export const otherTeamsQuery = z.strictObject({ ...supposition, ...page, responsibility });

const nowAndSupposed = (kind: z.ZodType) => z.object({ now: kind, supposed: kind });
export const comparisonAnswer = z
  .object({
    effective: z.string(),
    /** Place in the log up to which the organisation was known. */
    position: z.number(),
    assignments: z.number(),
    people: z.number(),
    switched: z.number(),
    approvers: z.object({ assignments: z.number(), people: z.number() }),
    nobody: nowAndSupposed(z.number()),
    teams: z.number(),
    loops: z.array(z.array(z.string())),
  })
  .meta({ id: 'ModeComparison', description: 'What would change if another reporting mode were chosen' });
export const otherApproversAnswer = z
  .object({
    items: z.array(
      z.object({
        assignment: z.string(),
        person: z.string(),
        unit: z.string().optional(),
        now: z.array(candidate),
        supposed: z.array(candidate),
        nobody: nowAndSupposed(z.boolean()),
      }),
    ),
    people,
    next: z.string().optional(),
  })
  .meta({ id: 'OtherApprovers' });
export const otherTeamsAnswer = z
  .object({
    items: z.array(
      z.object({ person: z.string(), now: z.number(), supposed: z.number(), gained: z.array(z.string()), lost: z.array(z.string()) }),
    ),
    people,
    next: z.string().optional(),
  })
  .meta({ id: 'OtherTeams' });
