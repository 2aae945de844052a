// Reads requests for somebody: what he may not see is as if it were not there.
import { Inject, Injectable } from '@nestjs/common';
import { mayOnRequest, type Action, type Relation, type Verdict } from '@app/access';
import { PAGE_EVENTS_MAX, reject, streamOf, type Recorded } from '@app/kernel';
import { assignmentsOf, isOfficer, managersOf, nameOf, ReportingLines } from '@app/organisation';
import { Runtime, type Caller } from '@app/platform';
import { approvalRequest } from './approval-request';
import { storyOf, type RequestStory } from './request-story';
import { openRequestsOf } from './requests';

export interface ReadRequest {
  readonly story: RequestStory;
  readonly events: readonly Recorded[];
  readonly redacted: boolean;
}

@Injectable()
export class RequestReader {
  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  /**
   * The request, if the caller may do this with it.
   * @throws Rejection `unknown-request` when he may not know of it, `not-yours-to-read` when he may not see this part
   */
  async read(id: string, me: Caller, action: Action): Promise<ReadRequest> {
    const { story, events } = await this.whole(id);
    const verdict = this.verdictOn(action, story, me);
    if (verdict === 'hidden') reject('not-found', 'unknown-request');
    if (verdict === 'forbidden' && action !== 'act') reject('forbidden', 'not-yours-to-read');
    return { story, events, redacted: verdict === 'redacted' };
  }

  /** The request for whoever has just acted on it, and so may see it. */
  async whole(id: string): Promise<ReadRequest> {
    const events = await this.eventsOf(id);
    const story = storyOf(id, events) ?? reject('not-found', 'unknown-request');
    return { story, events, redacted: false };
  }

  /** The open requests in the name of an assignment of which the caller may know. */
  async openIn(assignment: string, me: Caller): Promise<readonly string[]> {
    const open = openRequestsOf(this.runtime.models, assignment);
    // Whoever approves for the job may read all that is asked for in its name: then none need be read to know it.
    if (open.length === 0 || isOfficer(me) || (me.person !== undefined && this.manages(me.person, assignment, me.on))) return open;
    const known = await Promise.all(open.map(async (id) => this.verdictOn('read', (await this.whole(id)).story, me) !== 'hidden'));
    return open.filter((_id, at) => known[at]);
  }

  /** Names for the ids in an answer. */
  namesOf(ids: Iterable<string>): Record<string, string> {
    const names: Record<string, string> = {};
    for (const id of new Set(ids)) {
      const name = nameOf(this.runtime.models, id);
      if (name !== undefined) names[id] = name;
    }
    return names;
  }

  /** All of them: a part of them would be another request, at a revision that it has no longer. */
  private async eventsOf(id: string): Promise<readonly Recorded[]> {
    const events: Recorded[] = [];
    for (let full = true; full;) {
      const page = await this.runtime.log.read(streamOf(approvalRequest, id), { from: events.length, max: PAGE_EVENTS_MAX });
      events.push(...page);
      full = page.length === PAGE_EVENTS_MAX;
    }
    return events;
  }

  private verdictOn(action: Action, story: RequestStory, me: Caller): Verdict {
    return mayOnRequest(action, { relations: this.relationsTo(story, me), role: me.role });
  }

  private relationsTo(story: RequestStory, { person, on }: Caller): readonly Relation[] {
    if (person === undefined) return [];
    const { beneficiary, requester, chain, asked, assignment } = story;
    const relations: Relation[] = [];
    if (person === beneficiary) relations.push('learner');
    if (person === requester) relations.push('submitter');
    if (chain.at(-1)?.status === 'waiting' && chain.at(-1)!.slate.some((one) => one.person === person)) relations.push('current-approver');
    if (asked.includes(person)) relations.push('asked-before');
    if (chain.some(({ decision }) => decision?.by === person)) relations.push('decided-before');
    if (relations.length > 0) return relations;
    const above = ReportingLines.on(this.runtime.models, on).answersTo(assignment, person, 'approval');
    if (above || this.manages(person, assignment, on) || this.isAbove(person, asked, on)) return ['up-chain-manager'];
    return this.assignmentsOf(beneficiary, on).some((of) => this.manages(person, of, on)) ? ['other-manager'] : [];
  }

  /** Whether the person manages somebody who was asked: who is named as approver need not belong to the learner's line. */
  private isAbove(person: string, asked: readonly string[], on: string): boolean {
    return asked.some((one) => this.assignmentsOf(one, on).some((assignment) => this.manages(person, assignment, on)));
  }

  private manages(person: string, assignment: string, on: string): boolean {
    const managers = managersOf(this.runtime.models, { assignment, responsibilities: ['approval'], asOf: on });
    return managers.some((manager) => manager.person === person);
  }

  private assignmentsOf(person: string, on: string): readonly string[] {
    return assignmentsOf(this.runtime.models, person, on).map(({ id }) => id);
  }
}
