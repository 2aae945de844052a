// Reads requests for somebody: what he may not see is as if it were not there.
import { Inject, Injectable } from '@nestjs/common';
import { mayOnRequest, type Action, type Relation } from '@app/access';
import { PAGE_EVENTS_MAX, reject, streamOf, type Recorded } from '@app/kernel';
import { assignmentsOf, managersOf, nameOf, ReportingLines } from '@app/organisation';
import { Runtime, type Caller } from '@app/platform';
import { approvalRequest } from './approval-request';
import { storyOf, type RequestStory } from './request-story';

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
    const verdict = mayOnRequest(action, { relations: this.relationsTo(story, me), role: me.role });
    if (verdict === 'hidden') reject('not-found', 'unknown-request');
    if (verdict === 'forbidden' && action !== 'act') reject('forbidden', 'not-yours-to-read');
    return { story, events, redacted: verdict === 'redacted' };
  }

  /** The request for whoever has just acted on it, and so may see it. */
  async whole(id: string): Promise<ReadRequest> {
    const events = await this.runtime.log.read(streamOf(approvalRequest, id), { max: PAGE_EVENTS_MAX });
    const story = storyOf(id, events) ?? reject('not-found', 'unknown-request');
    return { story, events, redacted: false };
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
    const managers = (of: string) => managersOf(this.runtime.models, { assignment: of, responsibilities: ['approval'], asOf: on });
    if (managers(assignment).some((manager) => manager.person === person)) return ['up-chain-manager'];
    if (ReportingLines.on(this.runtime.models, on).answersTo(assignment, person, 'approval') || this.isAbove(person, asked, on))
      return ['up-chain-manager'];
    return this.assignmentsOf(beneficiary, on).some((of) => managers(of).some((manager) => manager.person === person))
      ? ['other-manager']
      : [];
  }

  /** Whether the person manages somebody who was asked: who is named as approver need not belong to the learner's line. */
  private isAbove(person: string, asked: readonly string[], on: string): boolean {
    return asked.some((one) =>
      this.assignmentsOf(one, on).some((assignment) =>
        managersOf(this.runtime.models, { assignment, responsibilities: ['approval'], asOf: on }).some(
          (manager) => manager.person === person,
        ),
      ),
    );
  }

  private assignmentsOf(person: string, on: string): readonly string[] {
    return assignmentsOf(this.runtime.models, person, on).map(({ id }) => id);
  }
}
