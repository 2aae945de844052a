// The shapes of the question who approves, and of teams with what waits in them.
import { z } from 'zod';
import { LINK_KINDS, REPORTING_MODES, RESPONSIBILITIES } from '@app/organisation';
import { date, id, knownAt, page, text, whole } from '@app/platform/schemas';
import { candidate, kinds, people, review, skipped } from './approvals.dto';

const times = { asOf: date.optional(), knownAt: knownAt.optional() };

export const approversQuery = z.strictObject({
  assignment: id.optional(),
  kind: z.enum(kinds).default('enrolment'),
  /** A person of whom is asked why he is not on the slate. */
  whyNot: id.optional(),
  ...times,
});
export const teamQuery = z.strictObject({
  ...page,
  ...times,
  scope: z.enum(['direct', 'all']).default('direct'),
  responsibility: z.enum(RESPONSIBILITIES).default('reporting'),
  /** Only those who are in the team by this one of the person's jobs. */
  assignment: id.optional(),
  /** Only those of the team who report to this person directly. */
  reportsTo: id.optional(),
  search: text(200).optional(),
});

const verdict = z.enum([
  'asked',
  'self',
  'inactive',
  'subordinate',
  'decided-before',
  'not-in-job',
  'not-needed',
  'not-in-effect',
  'not-for-approval',
  'other-mode',
  'higher-up',
  'fallback-only',
  'no-link',
]);
const considered = z
  .object({
    link: z.string(),
    position: z.string().optional(),
    assignment: z.string(),
    person: z.string(),
    kind: z.enum(LINK_KINDS),
    from: z.string().optional(),
    to: z.string().optional(),
    verdict,
  })
  .meta({ id: 'Considered', description: 'One manager link on the way to a slate, and what became of it' });
const level = z
  .object({
    level: z.number(),
    assignments: z.array(
      z.object({
        id: z.string(),
        person: z.string().optional(),
        from: z.string().optional(),
        to: z.string().optional(),
        mode: z.enum(REPORTING_MODES),
        /** The unit whose choice the mode is, '' for the whole site. */
        modeOf: z.string().optional(),
      }),
    ),
    links: z.array(considered),
    vacant: z.array(z.string()).optional(),
  })
  .meta({ id: 'Level' });
const whyNot = z.object({ person: z.string(), verdict, links: z.array(considered) });
export const approversAnswer = z
  .object({
    asOf: z.string(),
    knownAt: z.string().optional(),
    items: z.array(
      z.object({
        assignment: z.string(),
        step: z.number(),
        from: z.string(),
        to: z.string().optional(),
        slate: z.array(candidate),
        skipped: z.array(skipped),
        levels: z.array(level),
        fallback: z.object({ person: z.string(), verdict }).optional(),
        whyNot: whyNot.optional(),
      }),
    ),
    people,
  })
  .meta({ id: 'Approvers' });
export const teamAnswer = z
  .object({
    items: z.array(
      z
        .object({
          person: z.string(),
          name: z.string(),
          assignment: z.string(),
          title: z.string().optional(),
          unit: z.string().optional(),
          position: z.string().optional(),
          manager: z.string(),
          depth: z.number(),
          /** Open requests in the name of the assignment. */
          openRequests: z.number(),
          /** Those of them that wait for the one whose team it is. */
          waiting: z.number(),
        })
        .meta({ id: 'TeamMember' }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'Team' });
export const affectedQuery = z.strictObject({ ...page, review: z.enum(['open', 'ratified', 'voided']).optional() });
export const stepNumber = whole(1, 1_000_000);
export const reviewKind = z.enum(['ratification', 'annulment']);
export const reviewBody = z
  .strictObject({ reason: text(2_000).refine((words) => words.trim() !== '', 'says nothing') })
  .meta({ id: 'ReviewReason' });
export const affectedAnswer = z
  .object({
    items: z.array(
      z
        .object({
          request: z.string(),
          step: z.number(),
          by: z.string(),
          outcome: z.enum(['approved', 'denied']),
          at: z.string(),
          on: z.string(),
          /** Of the request now: what a review names in `If-Match`. */
          revision: z.number(),
          review: review.optional(),
          beneficiary: z.string(),
          assignment: z.string(),
          instead: z.array(z.string()),
          whyNot,
        })
        .meta({ id: 'AffectedDecision' }),
    ),
    people,
    next: z.string().optional(),
  })
  .meta({ id: 'AffectedDecisions' });
