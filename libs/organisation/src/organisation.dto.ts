// The shapes of people, jobs, managers and structure.
import { z } from 'zod';
import { date, id, knownAt, page, text, whole } from '@app/platform/schemas';
import { LINK_KINDS, RESPONSIBILITIES } from './manager-link';
import { OVERLAPS } from './reporting';
import { MODE_CHOICES } from './reporting-modes';

export const anyId = id;
const name = text(200);
const email = z.email().max(254);

/** A day, and a time or place in the log from which it is looked at. */
const times = { asOf: date.optional(), knownAt: knownAt.optional() };
export const peopleQuery = z.strictObject({ ...page, ...times, search: text(200).optional() });
export const dayQuery = z.strictObject(times);
export const listQuery = z.strictObject({ ...page, ...times });

export const personBody = z
  .strictObject({ id: id.optional(), username: id, givenName: name.min(1), familyName: name, email: email.optional() })
  .meta({ id: 'NewPerson' });
const jobFields = {
  positionType: id,
  position: id.optional(),
  unit: id.optional(),
  title: name.optional(),
  from: date,
  to: date.optional(),
  costCentre: id.optional(),
};
export const jobBody = z.strictObject({ id: id.optional(), ...jobFields }).meta({ id: 'NewAssignment' });
/** An end of null takes the end away. */
export const jobChange = z
  .strictObject({ ...jobFields, to: date.nullable() })
  .partial()
  .meta({ id: 'AssignmentChange' });
export const endBody = z.strictObject({ to: date }).meta({ id: 'End' });
/** What is not named stays; an address of null takes it away. */
export const personChange = z
  .strictObject({ username: id, givenName: name.min(1), familyName: name, email: email.nullable() })
  .partial()
  .meta({ id: 'PersonChange' });
/** From a day, or today; a day of null says that the person was never away. */
export const reactivationBody = z.strictObject({ on: date.nullable().optional() }).meta({ id: 'Reactivation' });
export const deactivationBody = z.strictObject({ on: date.optional() }).meta({ id: 'Deactivation' });
export const managerBody = z
  .strictObject({
    manager: id,
    managerAssignment: id.optional(),
    kind: z.enum(LINK_KINDS),
    responsibilities: z.array(z.enum(RESPONSIBILITIES)).min(1).max(RESPONSIBILITIES.length),
    from: date.optional(),
    to: date.optional(),
    /** What becomes of a direct manager beside another: refused, or taken as an alternate. */
    overlap: z.enum(OVERLAPS).default('refuse'),
  })
  .meta({ id: 'NewManagerLink' });
/** What is not named stays; an end of null takes the end away. */
export const linkChange = z
  .strictObject({ from: date, to: date.nullable(), responsibilities: managerBody.shape.responsibilities })
  .partial()
  .meta({ id: 'ManagerLinkCorrection' });
const unit = { id, name: name.min(1), parent: id.optional() };
const position = { id, title: name.min(1), superior: id.optional(), unit: id.optional() };
/** From a day on; without one, a new node always was so, and one that is known is so from today. Null says that any always was. */
const effective = { effective: date.nullable().optional() };
export const unitBody = z.strictObject({ ...unit, ...effective }).meta({ id: 'NewUnit' });
export const unitAnswer = z.object(unit).meta({ id: 'Unit' });
export const positionBody = z.strictObject({ ...position, ...effective }).meta({ id: 'NewPosition' });
export const positionListed = z.object(position).meta({ id: 'Position' });
/** The first day without it; null takes an end back. */
export const nodeEndBody = z.strictObject({ to: date.nullable() }).meta({ id: 'NodeEnd' });
export const nodeEnd = z.object({ id: z.string(), to: z.string().optional() }).meta({ id: 'NodeEnded' });
export const positionTypeBody = z
  .strictObject({
    id,
    name: name.min(1),
    unitMandatory: z.boolean().default(false),
    managerMandatory: z.boolean().default(false),
    mayRequestLearning: z.boolean().default(true),
    aspirational: z.boolean().default(false),
    atMost: z.int().min(1).max(1000).optional(),
  })
  .meta({ id: 'PositionType' });

const managerLink = z
  .object({
    link: z.string(),
    person: z.string(),
    name: z.string(),
    kind: z.enum(LINK_KINDS),
    position: z.string().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
  })
  .meta({ id: 'Manager' });
export const personAnswer = z
  .object({ id: z.string(), username: z.string(), name: z.string(), email: z.string().optional(), active: z.boolean() })
  .meta({ id: 'Person' });
export const assignmentAnswer = z
  .object({
    id: z.string(),
    person: z.string(),
    positionType: z.string(),
    position: z.string().optional(),
    unit: z.string().optional(),
    title: z.string().optional(),
    from: z.string(),
    to: z.string().optional(),
    costCentre: z.string().optional(),
    managers: z.array(managerLink),
  })
  .meta({ id: 'Assignment' });
/** The assignment, and the link that was made. */
export const linkAnswer = assignmentAnswer.extend({ link: z.string(), demoted: z.boolean().optional() }).meta({ id: 'NewLink' });
export const positionAnswer = z
  .object({
    id: z.string(),
    title: z.string(),
    superior: z.string().optional(),
    unit: z.string().optional(),
    holders: z.array(z.string()),
    vacant: z.boolean(),
  })
  .meta({ id: 'PositionNow' });

/** Without a unit, the choice of the whole site; without a day, from today. */
export const modeBody = z.strictObject({ unit: id.optional(), mode: z.enum(MODE_CHOICES), ...effective }).meta({ id: 'NewReportingMode' });
export const modeAnswer = z
  .object({ unit: z.string().optional(), mode: z.enum(MODE_CHOICES), from: z.string() })
  .meta({ id: 'ReportingMode' });

export const gapQuery = z.strictObject({ ...page, ...times, responsibility: z.enum(RESPONSIBILITIES).default('approval') });
export const gapAnswer = z
  .object({
    assignment: z.string(),
    person: z.string(),
    positionType: z.string(),
    unit: z.string().optional(),
    mandatory: z.boolean(),
    /** Somebody else manages it for the same: whoever stands in, or an alternate. */
    covered: z.boolean(),
  })
  .meta({ id: 'ManagerGap' });

export const loopsAnswer = z
  .object({ items: z.array(z.object({ path: z.array(z.string()), from: z.string() })) })
  .meta({ id: 'ManagerLoops' });

export const chartQuery = z
  .strictObject({
    ...page,
    ...times,
    of: z.enum(['positions', 'units']).default('positions'),
    unit: id.optional(),
    position: id.optional(),
    depth: whole(1, 100).optional(),
  })
  .refine(({ of, position }) => of === 'positions' || position === undefined, {
    path: ['position'],
    message: 'stands in a chart of positions',
  })
  .refine(({ unit, position }) => unit === undefined || position === undefined, { path: ['position'], message: 'stands beside no unit' });
const post = {
  ...position,
  title: z.string(),
  holders: z.array(z.object({ person: z.string(), name: z.string(), assignment: z.string() })),
};
export const chartAnswer = z
  .object({
    asOf: z.string(),
    knownAt: z.string().optional(),
    items: z.array(
      z.union([
        z.object({ ...post, depth: z.number() }).meta({ id: 'ChartPosition' }),
        z.object({ ...unit, name: z.string(), depth: z.number(), heads: z.array(z.object(post)) }).meta({ id: 'ChartUnit' }),
      ]),
    ),
    next: z.string().optional(),
  })
  .meta({ id: 'Chart' });

/** A page of things: `next` is there when more follow. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), next: z.string().optional() });
}
