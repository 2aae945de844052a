import type { Library } from '@app/kernel';
import { deliveryLedger } from './delivery-ledger';
import { notice } from './notice';
import { noticeSubjects } from './notice-subjects';
import { notify, notifyThrough } from './notify';

export * from './deliver';
export * from './delivery-ledger';
export * from './in-process-queue';
export * from './job-queue';
export * from './mail-channel';
export * from './notice';
export * from './notice-subjects';
export * from './notify';
export * from './start-deliveries';

/** Who is told what, and how each delivery ended. */
export const notifications: Library = {
  deciders: [notice],
  projections: [noticeSubjects, deliveryLedger],
  sagas: [notify],
};
/** The same for a site without a mail server. */
export const notificationsWithoutMail: Library = { ...notifications, sagas: [notifyThrough(['in-app'])] };
