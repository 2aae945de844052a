// Who is asked when nobody else can be: one fact for the whole site.
import type { Decider, Projection, Views } from '@app/kernel';
import { schemaOf, tablesOf, writer, type FactTable } from '@app/organisation';

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

/** In two times like the organisation, for the fallback approver of a day long ago is asked for as well. */
export const SETTINGS: FactTable = {
  name: 'approval_settings',
  key: ['name'],
  columns: ['name text not null', 'value text not null', 'recorded_at text not null'],
};
const writeSetting = writer(SETTINGS);

export const settingsModel: Projection<SettingsEvent> = {
  name: 'approval-settings',
  schema: schemaOf(SETTINGS),
  tables: tablesOf([SETTINGS]),
  on: {
    FallbackApproverNamed: (tables, { person }, { position, meta }) => writeSetting(tables, position, 'fallback', person, meta.at),
  },
};

/** The person who is asked when no manager can be (E2), if one is named. */
export function fallbackApprover(views: Views): string | undefined {
  return views.get<{ value: string }>("select value from approval_settings where name = 'fallback'")?.value;
}
