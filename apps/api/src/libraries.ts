// Every library of the product, in the order in which their read models take each event.
import type { Library } from '@app/kernel';
import { access } from '@app/access';
import { approvals } from '@app/approvals';
import { directorySync } from '@app/directory-sync';
import { admissions } from '@app/event-log';
import { notifications, notificationsWithoutMail } from '@app/notifications';
import { organisation } from '@app/organisation';
import type { Config } from '@app/platform';

export function librariesFor({ SMTP_URL }: Pick<Config, 'SMTP_URL'>): readonly Library[] {
  return [organisation, access, directorySync, approvals, SMTP_URL ? notifications : notificationsWithoutMail, admissions];
}
