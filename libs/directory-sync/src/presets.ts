// The presets: how the files of other systems are read, unchanged.
import type { Mapping } from './mapping';

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
    ignored: ['timemodified'],
  },
  {
    element: 'organisations',
    columns: { id: ['organisation_id', 'idnumber'], name: ['fullname', 'name'], above: ['parentidnumber', 'parent_id'] },
    ignored: ['timemodified'],
  },
  {
    element: 'positions',
    columns: {
      id: ['position_id', 'idnumber'],
      name: ['fullname', 'title'],
      above: ['parentidnumber', 'superior_id'],
      unit: ['organisation_id', 'orgidnumber'],
    },
    ignored: ['timemodified'],
  },
  {
    element: 'assignments',
    columns: {
      person: ['person_id', 'useridnumber'],
      assignment: ['assignment_id', 'idnumber'],
      positionType: ['position_type'],
      position: ['position_id', 'posidnumber'],
      unit: ['organisation_id', 'orgidnumber'],
      title: ['title', 'fullname', 'postitle'],
      from: ['valid_from', 'startdate', 'posstartdate'],
      to: ['valid_to', 'enddate', 'posenddate'],
      costCentre: ['cost_centre'],
      manager: ['manager_ref', 'manageridnumber'],
      managerKind: ['manager_kind'],
      managerResponsibilities: ['manager_responsibilities'],
      managerFrom: ['manager_valid_from'],
      managerTo: ['manager_valid_to'],
      deleted: ['deleted'],
    },
    ignored: ['timemodified'],
  },
];

const TOTARA_JOB: Mapping = {
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
  ignored: ['timemodified'],
};

const { standIn: _standIn, standInAssignment: _job, standInTo: _to, ...TOTARA12_COLUMNS } = TOTARA_JOB.columns;
const TOTARA12_JOB: Mapping = {
  ...TOTARA_JOB,
  columns: { ...TOTARA12_COLUMNS, managerAssignment: ['managerjobassignmentidnumber', 'managerjaidnumber'] },
};

/** Before Totara 9 the file of users held the one position that each could have. */
const TOTARA25_USER: Mapping = {
  element: 'users',
  columns: {
    person: ['idnumber'],
    username: ['username'],
    givenName: ['firstname'],
    familyName: ['lastname'],
    email: ['email'],
    deleted: ['deleted'],
    unit: ['orgidnumber'],
    title: ['postitle'],
    position: ['posidnumber'],
    from: ['posstartdate'],
    to: ['posenddate'],
    manager: ['manageridnumber'],
    appraiser: ['appraiseridnumber'],
  },
  required: ['person'],
  ignored: ['timemodified'],
};

const WORKPLACE_USER: Mapping = {
  element: 'users',
  columns: {
    username: ['username'],
    givenName: ['firstname'],
    familyName: ['lastname'],
    email: ['email'],
    deleted: ['deleted'],
    unit: ['jobdepartment#'],
    position: ['jobposition#'],
    from: ['jobstartdate#'],
    to: ['jobenddate#'],
  },
  ignored: ['tenant'],
  blankKeeps: true,
};

const LATITUDE_USER: Mapping = {
  element: 'users',
  columns: {
    username: ['Username'],
    givenName: ['First Name'],
    familyName: ['Last Name'],
    email: ['Email'],
    unit: ['Primary Location Code'],
    position: ['Primary Position Code'],
    from: ['Primary Position Effective Date'],
    managerUsername: ['Manager Username'],
    alternateUsernames: ['Alternate Manager Usernames'],
  },
  ignored: ['Effective Date', 'Primary Location Start Date'],
};

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
    ignored: ['Grade (or equivalent)', 'Job/Team Function'],
    vacant: ['', 'N/D', 'N/A', 'Vacant', 'Eliminated', 'Unknown'],
    top: ['', 'XX'],
  },
];

/** Presets by name: the mappings of the files that belong together. */
export const PRESETS: Readonly<Record<string, readonly Mapping[]>> = {
  native: NATIVE,
  totara: [TOTARA_JOB],
  totara12: [TOTARA12_JOB],
  totara25: [TOTARA25_USER],
  workplace: [WORKPLACE_USER],
  latitude: [LATITUDE_USER],
  organogram: ORGANOGRAM,
};
