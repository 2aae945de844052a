// Every library of the product, in the order in which their read models take each batch.
import type { Library } from '@app/kernel';
import { access } from '@app/access';
import { approvals } from '@app/approvals';
import { directorySync } from '@app/directory-sync';
import { notifications } from '@app/notifications';
import { organisation } from '@app/organisation';

export const libraries: readonly Library[] = [organisation, access, directorySync, approvals, notifications];
