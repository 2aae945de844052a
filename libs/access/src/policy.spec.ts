import { mayOnRequest, type Action, type Relation, type Role, type Verdict } from './policy';

const may = (action: Action, relations: readonly Relation[], role: Role = 'user') => mayOnRequest(action, { relations, role });

describe('who may do what with a request', () => {
  const rows: readonly [Relation | 'stranger' | Exclude<Role, 'user'>, Verdict, Verdict, Verdict][] = [
    ['learner', 'yes', 'yes', 'yes'],
    ['submitter', 'yes', 'yes', 'yes'],
    ['current-approver', 'yes', 'yes', 'yes'],
    ['asked-before', 'yes', 'yes', 'yes'],
    ['decided-before', 'yes', 'yes', 'yes'],
    ['up-chain-manager', 'yes', 'yes', 'forbidden'],
    ['other-manager', 'redacted', 'forbidden', 'forbidden'],
    ['admin', 'yes', 'yes', 'forbidden'],
    ['auditor', 'yes', 'yes', 'forbidden'],
    ['integration', 'hidden', 'hidden', 'hidden'],
    ['stranger', 'hidden', 'hidden', 'hidden'],
  ];
  test.each(rows)('%s: read %s, history %s, act %s', (who, read, history, act) => {
    const role = ['admin', 'auditor', 'integration'].includes(who) ? (who as Role) : 'user';
    const relations = role === 'user' && who !== 'stranger' ? [who as Relation] : [];
    expect((['read', 'read-history', 'act'] as const).map((action) => may(action, relations, role))).toEqual([read, history, act]);
  });
  test('the best of several relations counts', () => {
    expect(may('read', ['other-manager', 'up-chain-manager'])).toBe('yes');
    expect(may('act', ['decided-before'], 'admin')).toBe('yes');
  });
  const relations = rows.map(([who]) => who).filter((who) => !['stranger', 'admin', 'auditor', 'integration'].includes(who));
  test.each(relations as Relation[])('an auditor and a program are no more for being a %s too', (relation) => {
    const all = (role: Role) => (['read', 'read-history', 'act'] as const).map((action) => may(action, [relation], role));
    expect(all('auditor')).toEqual(['yes', 'yes', 'forbidden']);
    expect(all('integration')).toEqual(['hidden', 'hidden', 'hidden']);
  });
});
