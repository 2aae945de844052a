import type { Library } from '@app/kernel';
import { approvalChain } from './approval-chain';
import { approvalRequest } from './approval-request';
import { approvalSettings, settingsModel } from './approval-settings';
import { openItemsOf, pendingApprovals } from './pending-approvals';
import { cancelledWith, requests } from './requests';
import { rerouting } from './rerouting';

export const approvals: Library = {
  deciders: [approvalRequest, approvalSettings],
  projections: [settingsModel, requests, pendingApprovals],
  sagas: [approvalChain, rerouting],
  waitingFor: openItemsOf,
  cancelledWith,
};
export * from './affected-decisions';
export * from './approval-chain';
export * from './approval-request';
export * from './approval-settings';
export * from './as-known';
export * from './explanation';
export * from './mode-comparison';
export * from './pending-approvals';
export * from './request-story';
export * from './requests';
export * from './resolver';
export * from './submission';
