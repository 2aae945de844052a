// A mapping is data: which column feeds which field. The presets are mappings, and so is whatever an administrator saves.

export const ELEMENTS = ['organisations', 'positions', 'people', 'assignments', 'jobs', 'posts'] as const;
/** What one row of a file says. A `job` carries its managers in columns of its own, a `post` its place and its holder. */
export type Element = (typeof ELEMENTS)[number];

export interface Mapping {
  readonly element: Element;
  /** The headers that may feed a field; the first is the one we name when it is missing. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** Fields whose column must be there, and whose cell must not be blank. */
  readonly required: readonly string[];
  /** Known columns that feed nothing. */
  readonly ignored?: readonly string[];
  /** Fields that hold a date. */
  readonly dates?: readonly string[];
  /** Fields that hold an id. */
  readonly ids?: readonly string[];
  /** Names of holders that mean that there is none, or none who is disclosed. */
  readonly vacant?: readonly string[];
  /** References to a superior that mean that there is none. */
  readonly top?: readonly string[];
}

const NATIVE: readonly Mapping[] = [
  {
    element: 'people',
    columns: {
      person: ['person_id', 'idnumber', 'useridnumber'],
      username: ['username'],
      givenName: ['firstname', 'given_name'],
      familyName: ['lastname', 'family_name'],
      email: ['email'],
      deleted: ['deleted'],
    },
    required: ['person', 'username'],
    ignored: ['timemodified'],
    ids: ['person'],
  },
  {
    element: 'organisations',
    columns: { id: ['organisation_id', 'idnumber'], name: ['fullname', 'name'], above: ['parentidnumber', 'parent_id'] },
    required: ['id', 'name'],
    ignored: ['timemodified'],
    ids: ['id', 'above'],
  },
  {
    element: 'positions',
    columns: {
      id: ['position_id', 'idnumber'],
      name: ['fullname', 'title'],
      above: ['parentidnumber', 'superior_id'],
      unit: ['organisation_id', 'orgidnumber'],
    },
    required: ['id', 'name'],
    ignored: ['timemodified'],
    ids: ['id', 'above', 'unit'],
  },
  {
    element: 'assignments',
    columns: {
      person: ['person_id'],
      assignment: ['assignment_id'],
      positionType: ['position_type'],
      position: ['position_id'],
      unit: ['organisation_id'],
      title: ['title'],
      from: ['valid_from'],
      to: ['valid_to'],
      costCentre: ['cost_centre'],
      manager: ['manager_ref'],
      managerKind: ['manager_kind'],
      managerResponsibilities: ['manager_responsibilities'],
      managerFrom: ['manager_valid_from'],
      managerTo: ['manager_valid_to'],
      deleted: ['deleted'],
    },
    required: ['person', 'assignment', 'from'],
    dates: ['from', 'to', 'managerFrom', 'managerTo'],
    ids: ['person', 'assignment', 'positionType', 'position', 'unit', 'costCentre'],
  },
];

const TOTARA: readonly Mapping[] = [
  {
    element: 'jobs',
    columns: {
      person: ['useridnumber'],
      assignment: ['idnumber'],
      title: ['fullname'],
      from: ['startdate'],
      to: ['enddate'],
      unit: ['orgidnumber'],
      position: ['posidnumber'],
      appraiser: ['appraiseridnumber'],
      manager: ['manageridnumber'],
      managerAssignment: ['managerjaidnumber', 'managerjobassignmentidnumber'],
      standIn: ['tempmanageridnumber'],
      standInAssignment: ['tempmanagerjaidnumber'],
      standInTo: ['tempmanagerexpirydate'],
      deleted: ['deleted'],
    },
    required: ['person', 'assignment'],
    ignored: ['timemodified'],
    dates: ['from', 'to', 'standInTo'],
    ids: ['person', 'assignment', 'unit', 'position', 'appraiser', 'manager', 'managerAssignment', 'standIn', 'standInAssignment'],
  },
];

const ORGANOGRAM: readonly Mapping[] = [
  {
    element: 'posts',
    columns: {
      post: ['Post Unique Reference'],
      holder: ['Name'],
      title: ['Job Title'],
      organisation: ['Organisation'],
      unit: ['Unit'],
      superior: ['Reports to Senior Post'],
      fte: ['FTE'],
    },
    required: ['post'],
    ignored: ['Grade (or equivalent)', 'Job/Team Function'],
    ids: ['post', 'superior'],
    vacant: ['', 'N/D', 'N/A', 'Vacant', 'Eliminated', 'Unknown'],
    top: ['', 'XX'],
  },
];

/** Presets by name: the mappings of the files that belong together. */
export const PRESETS: Readonly<Record<string, readonly Mapping[]>> = { native: NATIVE, totara: TOTARA, organogram: ORGANOGRAM };
