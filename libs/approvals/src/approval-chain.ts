// The chain: the primary manager is asked, then whomever each approver names, until one grants or denies.
import { partsOf, type Saga, type Send } from '@app/kernel';
import { approvalRequest, type RequestCommand, type RequestEvent } from './approval-request';
import { resolve } from './resolver';

export const approvalChain: Saga<RequestEvent> = {
  name: 'approval-chain',
  sameStream: true,
  on: {
    RequestSubmitted: ({ requester, beneficiary, assignment, on }, { stream }, views) => {
      const { slate, skipped } = resolve(views, { requester, beneficiary, assignment, on });
      // Nobody is no consent: the request waits, and stands on the list of those that need attention (A18).
      if (slate.length === 0) return [send(stream, { type: 'ReportNobody', step: 1, because: 'no-approver' })];
      return [send(stream, { type: 'AskApprover', step: 1, slate, skipped })];
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

function send(stream: string, command: RequestCommand): Send {
  return { decider: approvalRequest, id: partsOf(stream).id, command };
}
