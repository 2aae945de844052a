// Which hierarchy answers, that of position codes or that of persons: chosen per unit and day (O6, O7). Both keep their data.
import { Map } from 'immutable';
import { reject, type Decider } from '@app/kernel';
import { present } from './interval';
import { nodeOn, overlaid, type Versions } from './tree';

export const REPORTING_MODES = ['position-code', 'person-to-person'] as const;
export type ReportingMode = (typeof REPORTING_MODES)[number];
/** A unit that inherits has the mode of the unit above it. */
export const MODE_CHOICES = [...REPORTING_MODES, 'inherit'] as const;
export type ModeChoice = (typeof MODE_CHOICES)[number];
/** Where nobody has chosen anything. */
export const MODE_BY_DEFAULT: ReportingMode = 'person-to-person';
/** Stands for the unit in a choice of the whole site; no unit has this id. */
export const WHOLE_SITE = '';

/** Without a unit it is the choice of the whole site, which holds wherever no unit has made one. */
export interface ChooseReportingMode {
  readonly type: 'ChooseReportingMode';
  readonly unit?: string;
  readonly mode: ModeChoice;
  readonly effective: string;
}
export type ReportingModesEvent = { type: 'ReportingModeChosen'; unit?: string; mode: ModeChoice; effective: string };

interface Choice {
  readonly id: string;
  readonly mode: ModeChoice;
}

export const reportingModes: Decider<Versions<Choice>, ChooseReportingMode, ReportingModesEvent> = {
  name: 'reportingModes',
  initial: Map(),
  events: { ReportingModeChosen: { unit: 'text?', mode: 'text', effective: 'text' } },
  decide({ unit, mode, effective }, state) {
    if (unit === undefined && mode === 'inherit') reject('invalid', 'nothing-to-inherit', { field: 'mode' });
    const before = nodeOn(state.get(unit ?? WHOLE_SITE) ?? [], effective)?.mode ?? (unit === undefined ? MODE_BY_DEFAULT : 'inherit');
    return before === mode ? [] : [present({ type: 'ReportingModeChosen', unit, mode, effective })];
  },
  evolve: (state, { unit = WHOLE_SITE, mode, effective }) => overlaid(state, [{ id: unit, mode }], effective),
};
