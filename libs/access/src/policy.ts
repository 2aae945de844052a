// The one policy function: who may do what with a request, given how he stands to it. Deny is the default.

/** What a token entitles to beside being a person. */
export type Role = 'user' | 'admin' | 'auditor' | 'integration';
/** How a person stands to a request. */
export type Relation =
  'learner' | 'submitter' | 'current-approver' | 'asked-before' | 'decided-before' | 'up-chain-manager' | 'other-manager';
export type Action = 'read' | 'read-history' | 'act';
/** `hidden` is answered as if it did not exist; `forbidden` to those who may know that it does. */
export type Verdict = 'yes' | 'redacted' | 'forbidden' | 'hidden';

const MATRIX: Readonly<Record<Action, Readonly<Record<Relation | Exclude<Role, 'user'>, Verdict>>>> = {
  read: {
    learner: 'yes',
    submitter: 'yes',
    'current-approver': 'yes',
    'asked-before': 'yes',
    'decided-before': 'yes',
    'up-chain-manager': 'yes',
    'other-manager': 'redacted',
    admin: 'yes',
    auditor: 'yes',
    integration: 'hidden',
  },
  'read-history': {
    learner: 'yes',
    submitter: 'yes',
    'current-approver': 'yes',
    'asked-before': 'yes',
    'decided-before': 'yes',
    'up-chain-manager': 'yes',
    'other-manager': 'forbidden',
    admin: 'yes',
    auditor: 'yes',
    integration: 'hidden',
  },
  // Whether it is his turn is the request's own rule; this says who may know of it at all.
  act: {
    learner: 'yes',
    submitter: 'yes',
    'current-approver': 'yes',
    'asked-before': 'yes',
    'decided-before': 'yes',
    'up-chain-manager': 'forbidden',
    'other-manager': 'forbidden',
    admin: 'forbidden',
    auditor: 'forbidden',
    integration: 'hidden',
  },
};
const ORDER: readonly Verdict[] = ['hidden', 'forbidden', 'redacted', 'yes'];

/**
 * The most that any of the relations allows, and being an administrator. Whoever signs in as an auditor looks on and a
 * program is nobody, whatever they are to the request beside it: for them their role alone speaks.
 */
export function mayOnRequest(action: Action, { relations, role }: { relations: readonly Relation[]; role: Role }): Verdict {
  if (role === 'auditor' || role === 'integration') return MATRIX[action][role];
  const grounds = role === 'user' ? relations : [...relations, role];
  return grounds
    .map((ground) => MATRIX[action][ground])
    .reduce<Verdict>((best, one) => (ORDER.indexOf(one) > ORDER.indexOf(best) ? one : best), 'hidden');
}
