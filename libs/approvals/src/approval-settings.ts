// What a site decides about its approvals: who is asked when nobody else can be, and what becomes of requests whose job ends.
import { keptRows, type Decider, type Projection, type Views } from '@app/kernel';
import { schemaOf, tablesOf, writer, type FactTable } from '@app/organisation';

/** What becomes of an open request when the job in whose name it was made has ended (E11). */
export const ENDED_JOB_POLICIES = ['continue', 'cancel', 'move'] as const;
export type EndedJobPolicy = (typeof ENDED_JOB_POLICIES)[number];

export type SettingsCommand = { type: 'NameFallbackApprover'; person: string } | { type: 'ChooseEndedJobPolicy'; policy: EndedJobPolicy };
export type SettingsEvent = { type: 'FallbackApproverNamed'; person: string } | { type: 'EndedJobPolicyChosen'; policy: EndedJobPolicy };
interface State {
  readonly fallback?: string;
  readonly endedJobs: EndedJobPolicy;
}

/** The managers of the job knew the wish, and a request that was made in good faith is lost to nobody. */
const POLICY_BY_DEFAULT: EndedJobPolicy = 'continue';

/** The one stream of this kind. */
export const SITE = 'site';

export const approvalSettings: Decider<State, SettingsCommand, SettingsEvent> = {
  name: 'approvalSettings',
  initial: { endedJobs: POLICY_BY_DEFAULT },
  events: { FallbackApproverNamed: { person: 'text' }, EndedJobPolicyChosen: { policy: 'text' } },
  decide(command, { fallback, endedJobs }) {
    switch (command.type) {
      case 'NameFallbackApprover':
        return command.person === fallback ? [] : [{ type: 'FallbackApproverNamed', person: command.person }];
      case 'ChooseEndedJobPolicy':
        return command.policy === endedJobs ? [] : [{ type: 'EndedJobPolicyChosen', policy: command.policy }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'FallbackApproverNamed':
        return { ...state, fallback: event.person };
      case 'EndedJobPolicyChosen':
        return { ...state, endedJobs: event.policy };
    }
  },
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
    EndedJobPolicyChosen: (tables, { policy }, { position, meta }) => writeSetting(tables, position, 'ended-jobs', policy, meta.at),
  },
};

/** With every request, and hardly ever another answer. */
const ask = keptRows(settingsModel.name);

/** The person who is asked when no manager can be (E2), if one is named. */
export function fallbackApprover(views: Views): string | undefined {
  return settingOf(views, 'fallback');
}

export function endedJobPolicy(views: Views): EndedJobPolicy {
  return (settingOf(views, 'ended-jobs') as EndedJobPolicy | undefined) ?? POLICY_BY_DEFAULT;
}

function settingOf(views: Views, name: string): string | undefined {
  return ask<{ value: string }>(views, 'select value from approval_settings where name = ?', name)[0]?.value;
}
