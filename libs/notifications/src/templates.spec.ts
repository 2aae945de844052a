import { html } from './html';
import { RULES, type Template } from './notice';
import { messageOf, type Wording } from './templates';

const granted: Wording = {
  template: 'granted',
  rule: 'outcome',
  reader: 'learner',
  learner: 'Lea Learner',
  kind: 'enrolment',
  course: 'C-101',
  by: 'Fin Finance',
  link: 'https://learn.example/requests/r1',
};

test('a learner reads what became of the request, why the message came, and where to look', () => {
  expect(messageOf({ ...granted, template: 'denied', reason: 'No cover that week' })).toEqual({
    subject: 'Fin Finance denied your request for enrolment in C-101',
    text: `Fin Finance denied your request for enrolment in C-101.

Reason: “No cover that week”

You get this message because the request is yours.

https://learn.example/requests/r1
`,
    html: expect.stringContaining('<p>Reason: “No cover that week”</p>'),
  });
});

test('others read whose request it is, and by which rule they are told', () => {
  const { subject, text } = messageOf({ ...granted, reader: 'other', rule: 'other-manager' });
  expect(subject).toBe('Fin Finance approved the request of Lea Learner for enrolment in C-101: it is granted');
  expect(text).toContain('because you manage Lea Learner, or could have decided as well.');
});

test('a nominee reads who named him', () => {
  const { subject, text } = messageOf({ ...granted, template: 'asked', rule: 'nominated', reader: 'other', by: 'Mel Manager' });
  expect(subject).toBe('Mel Manager asks you to decide too: Lea Learner asks for enrolment in C-101');
  expect(text).toContain('because Mel Manager approved the request and named you as further approver.');
});

test('a learner whose job has ended reads that his request is over and what he can do; who was asked, that he need do nothing', () => {
  const cancelled: Wording = { ...granted, template: 'cancelled' };
  expect(messageOf(cancelled).text).toBe(`Your request for enrolment in C-101 is over: the job in whose name it was made has ended.

It can be asked for again in the name of another job.

You get this message because the request is yours.

https://learn.example/requests/r1
`);
  const { text } = messageOf({ ...cancelled, reader: 'other', rule: 'withdrawn' });
  expect(text).toContain('The request of Lea Learner for enrolment in C-101 is over');
  expect(text).toContain('You need not do anything.');
});

test('a learner whose job has ended reads what he can do; his secretary reads whose job it is', () => {
  const ended: Wording = { ...granted, template: 'job-ended', rule: 'waiting' };
  expect(messageOf(ended)).toMatchObject({
    subject: 'The job in whose name your request for enrolment in C-101 was made has ended',
    text: expect.stringContaining('unless you let it go on in the name of another job of yours.'),
  });
  expect(messageOf({ ...ended, reader: 'requester' }).text).toContain('another job of Lea Learner.');
  const moved = messageOf({ ...granted, template: 'moved' }).subject;
  expect(moved).toBe('Fin Finance lets your request for enrolment in C-101 go on in the name of another job');
});

const templates: readonly Template[] = [
  'asked',
  'step-approved',
  'granted',
  'denied',
  'withdrawn',
  'cancelled',
  'job-ended',
  'moved',
  'slate-changed',
  'nobody-to-ask',
  'ratified',
  'voided',
];
test.each(templates)('every reader of "%s" gets whole sentences and the link', (template) => {
  for (const rule of RULES) {
    for (const reader of ['learner', 'requester', 'other'] as const) {
      const { subject, text, html: markup } = messageOf({ ...granted, template, rule, reader });
      expect(`${subject}${text}${markup}`).not.toMatch(/undefined|null|\[object/);
      expect(text).toContain('https://learn.example/requests/r1');
      expect(markup).toContain('href="https://learn.example/requests/r1"');
    }
  }
});

test.each(['{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '$&', '$1'])('%s in a name is those very characters', (learner) => {
  const { subject, text, html: markup } = messageOf({ ...granted, reader: 'other', learner, reason: learner });
  for (const part of [subject, text]) expect(part).toContain(learner);
  expect(`${subject}${text}${markup}`).not.toContain('49');
});

test('mark-up in names and reasons is text', () => {
  const { html: markup } = messageOf({ ...granted, by: '<script>alert(1)</script>', reason: `"><img src=x onerror='x'>` });
  expect(markup).not.toMatch(/<script|<img/);
  expect(markup).toContain('&lt;script&gt;alert(1)&lt;/script&gt; approved');
});

test('line breaks and turned writing directions in a name do not survive', () => {
  const { subject, text } = messageOf({ ...granted, by: 'Eve\r\nBcc: x@evil.example\u2028and\u202Egnp' });
  expect(subject).toBe('Eve Bcc: x@evil.example and gnp approved your request for enrolment in C-101: it is granted');
  expect(text.split('\n')[0]).toBe(`${subject}.`);
});

test('mark-up within mark-up is kept, alone or in a list', () => {
  const items = ['a&b', 'c'].map((text) => html`<b>${text}</b>`);
  expect(html`<p>${items}</p>`.markup).toBe('<p><b>a&amp;b</b><b>c</b></p>');
  expect(html`<p>${items[0]!}</p>`.markup).toBe('<p><b>a&amp;b</b></p>');
});
