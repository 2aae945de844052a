import { mailRateOf } from './mail-rate';

test.each([
  ['smtp://mail.example:25', { jobs: 100, perMs: 1_000 }],
  ['smtp://mail.example:25?mails-per-minute=840', { jobs: 14, perMs: 1_000 }],
  ['smtps://user:secret@mail.example?mails-per-minute=30&pool=true', { jobs: 1, perMs: 2_000 }],
  ['smtp://mail.example?mails-per-minute=0.5', { jobs: 1, perMs: 120_000 }],
])('%s', (url, rate) => expect(mailRateOf(url)).toEqual(rate));

test.each(['0', '-1', 'many', 'Infinity', ''])('%j mails per minute is no limit', (text) =>
  expect(mailRateOf(`smtp://mail.example?mails-per-minute=${text}`)).toBeUndefined(),
);
