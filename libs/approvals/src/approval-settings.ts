// Who is asked when nobody else can be: one fact for the whole site.
import type { Decider, Projection, Views } from '@app/kernel';

export type SettingsCommand = { type: 'NameFallbackApprover'; person: string };
export type SettingsEvent = { type: 'FallbackApproverNamed'; person: string };
interface State {
  readonly fallback?: string;
}

/** The one stream of this kind. */
export const SITE = 'site';

export const approvalSettings: Decider<State, SettingsCommand, SettingsEvent> = {
  name: 'approvalSettings',
  initial: {},
  events: { FallbackApproverNamed: { person: 'text' } },
  decide({ person }, { fallback }) {
    return person === fallback ? [] : [{ type: 'FallbackApproverNamed', person }];
  },
  evolve: (_state, { person }) => ({ fallback: person }),
};

export const settingsModel: Projection<SettingsEvent> = {
  name: 'approval-settings',
  schema: 'create table approval_settings (name text primary key, value text not null) strict',
  tables: ['approval_settings'],
  on: {
    FallbackApproverNamed: (tables, { person }) => tables.run("insert or replace into approval_settings values ('fallback', ?)", person),
  },
};

/** The person who is asked when no manager can be (E2), if one is named. */
export function fallbackApprover(views: Views): string | undefined {
  return views.get<{ value: string }>("select value from approval_settings where name = 'fallback'")?.value;
}
