// The shapes of requests and answers about approvals.
import { z } from 'zod';
import { costMinor, currency, id, page, text, uuid } from '@app/platform/schemas';
import { ENDED_JOB_POLICIES } from './approval-settings';

export const kinds = ['enrolment', 'interest', 'registration', 'lockout-release'] as const;
const statuses = ['open', 'granted', 'denied', 'withdrawn', 'cancelled'] as const;

export const requestId = uuid;

export const submitBody = z
  .strictObject({
    kind: z.enum(kinds),
    course: id.optional(),
    assignment: id.optional(),
    costMinor: costMinor.optional(),
    currency: currency.optional(),
    note: text(2_000).optional(),
  })
  .refine(({ kind, course }) => course !== undefined || (kind !== 'enrolment' && kind !== 'interest'), {
    path: ['course'],
    message: 'is needed for this kind of request',
  })
  .refine(({ costMinor: cost, currency: unit }) => (cost === undefined) === (unit === undefined), {
    path: ['currency'],
    message: 'goes with costMinor, and costMinor with it',
  })
  .meta({ id: 'NewRequest' });

export const decisionBody = z
  .strictObject({ outcome: z.enum(['approve', 'deny']), nominate: id.optional(), reason: text(2_000).optional() })
  .refine(({ outcome, reason }) => outcome !== 'deny' || reason?.trim(), { path: ['reason'], message: 'is needed for a denial' })
  .refine(({ outcome, nominate }) => outcome === 'approve' || nominate === undefined, {
    path: ['nominate'],
    message: 'goes with an approval only',
  })
  .meta({ id: 'Decision' });

export const assignmentBody = z.strictObject({ assignment: id }).meta({ id: 'OtherAssignment' });

export const emptyBody = z.strictObject({}).nullish();

export const inboxQuery = z.strictObject(page);
export const requestsQuery = z.strictObject({
  ...page,
  as: z.enum(['learner', 'approver']).default('learner'),
  person: id.optional(),
  status: z.enum(statuses).optional(),
});
export const fallbackBody = z.strictObject({ person: id }).meta({ id: 'FallbackApprover' });
export const endedJobBody = z.strictObject({ policy: z.enum(ENDED_JOB_POLICIES) }).meta({ id: 'EndedJobPolicy' });
export const candidate = z
  .object({
    person: z.string(),
    as: z.enum(['direct', 'temporary', 'alternate', 'next-level', 'fallback', 'nominee']),
    link: z.string().optional(),
    position: z.string().optional(),
    since: z.string().optional(),
    via: z.string().optional(),
  })
  .meta({ id: 'Candidate', description: 'One person who can decide a step, and why' });
export const skipped = z
  .object({ person: z.string().optional(), position: z.string().optional(), because: z.string() })
  .meta({ id: 'Skipped', description: 'One person who would have been asked and cannot decide, or a seat that nobody holds' });
export const review = z
  .object({ outcome: z.enum(['ratified', 'voided']), by: z.string(), at: z.string(), reason: z.string() })
  .meta({ id: 'Review', description: 'What became of a decision that a back-dated change had put in question' });
const chainStep = z
  .object({
    step: z.number(),
    status: z.enum(['waiting', 'approved', 'denied', 'withdrawn', 'cancelled', 'nobody', 'voided']),
    slate: z.array(candidate),
    skipped: z.array(skipped),
    askedAt: z.string(),
    nominatedBy: z.string().optional(),
    decision: z.object({ by: z.string(), at: z.string(), reason: z.string().optional(), nominee: z.string().optional() }).optional(),
    review: review.optional(),
  })
  .meta({ id: 'ChainStep' });
/** Names of the people whose ids stand in the answer. */
export const people = z.record(z.string(), z.string());

export const requestAnswer = z
  .object({
    id: z.string(),
    kind: z.string(),
    course: z.string().optional(),
    requester: z.string(),
    beneficiary: z.string(),
    assignment: z.string().optional(),
    costMinor: z.number().optional(),
    currency: z.string().optional(),
    note: z.string().optional(),
    submittedAt: z.string(),
    status: z.enum(statuses),
    revision: z.number(),
    chain: z.array(chainStep),
    people,
  })
  .meta({ id: 'Request' });
export const requestList = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        course: z.string().nullable(),
        beneficiary: z.string(),
        assignment: z.string(),
        costMinor: z.number().nullable(),
        currency: z.string().nullable(),
        status: z.string(),
        submittedAt: z.string(),
        closedAt: z.string().nullable(),
      }),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'RequestList' });
export const historyAnswer = z
  .object({
    items: z.array(
      z.object({
        event: z.string(),
        position: z.number(),
        revision: z.number(),
        actor: z.string(),
        onBehalfOf: z.string().optional(),
        recordedAt: z.string(),
        on: z.string().optional(),
        correlation: z.string().optional(),
        causation: z.string().optional(),
        facts: z.record(z.string(), z.unknown()),
      }),
    ),
    people,
  })
  .meta({ id: 'History' });
export const inboxAnswer = z
  .object({
    items: z.array(
      z.object({
        request: z.string(),
        step: z.number(),
        revision: z.number(),
        kind: z.string(),
        course: z.string().nullable(),
        beneficiary: z.string(),
        beneficiaryName: z.string(),
        assignment: z.string(),
        costMinor: z.number().nullable(),
        currency: z.string().nullable(),
        since: z.string(),
        why: candidate,
      }),
    ),
    waiting: z.number(),
    next: z.string().optional(),
  })
  .meta({ id: 'Inbox' });
