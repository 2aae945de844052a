// The chain: the primary manager is asked, then whomever each approver names, until one grants or denies.
import { partsOf, type Saga, type Send, type Views } from '@app/kernel';
import { ReportingLines } from '@app/organisation';
import { approvalRequest, type RequestCommand, type RequestEvent } from './approval-request';
import { reroute } from './open-slot';
import { decidersOf } from './pending-approvals';
import { requestRow } from './requests';
import { resolveFor, type Question } from './resolver';

export const approvalChain: Saga<RequestEvent> = {
  name: 'approval-chain',
  sameStream: true,
  on: {
    RequestSubmitted: ({ requester, beneficiary, assignment, on }, { stream }, views) =>
      ask(views, stream, { step: 1, question: { requester, beneficiary, assignment, on } }),
    DecisionVoided: ({ step: fallen, by, next: step }, { stream, on }, views) => {
      const request = requestRow(views, partsOf(stream).id);
      if (step === undefined || !request) return [];
      const { requester, beneficiary, assignment } = request;
      const decided = [...decidersOf(views, request.id, fallen), by];
      return ask(views, stream, { step, question: { requester, beneficiary, assignment, on, decided } });
    },
    // Nominated approvers go on to be asked; others make way for the managers of the other job.
    RequestMoved: ({ assignment }, { stream, on }, views) => {
      const request = requestRow(views, partsOf(stream).id);
      const command = request && reroute(ReportingLines.on(views, on), { ...request, assignment }, 'request-moved');
      return command ? [send(stream, command)] : [];
    },
    StepApproved: ({ step, by, nominee }, { stream }) => [
      send(stream, {
        type: 'AskApprover',
        step: step + 1,
        slate: [{ person: nominee, as: 'nominee', via: by }],
        skipped: [],
        nominatedBy: by,
      }),
    ],
  },
};

/** Asks whoever the line of the asking assignment names that day. */
function ask(views: Views, stream: string, { step, question }: { step: number; question: Question }): readonly Send[] {
  const { slate, skipped } = resolveFor(partsOf(stream).id, views, question);
  // Nobody is no consent: the request waits, and stands on the list of those that need attention (A18).
  if (slate.length === 0) return [send(stream, { type: 'ReportNobody', step, because: 'no-approver' })];
  return [send(stream, { type: 'AskApprover', step, slate, skipped })];
}

function send(stream: string, command: RequestCommand): Send {
  return { decider: approvalRequest, id: partsOf(stream).id, command };
}
