import { startSmtp, type SmtpServer } from '../../../test/support/smtp';
import { isAddress, MailNotSent, type MailChannel } from './mail-channel';
import { createSmtpChannel } from './smtp-channel';

let smtp: SmtpServer;
let channel: MailChannel;
beforeAll(async () => {
  smtp = await startSmtp();
});
afterAll(() => smtp.stop());
beforeEach(() => {
  smtp.heal();
  channel = createSmtpChannel({ url: smtp.url, from: 'Countersign <no-reply@hospital.example>' });
});
afterEach(() => channel.close());

const mail = { id: 'e1-lea-email', to: 'lea@hospital.example', subject: 'Subject', text: 'Text', html: '<p>Text</p>' };
const last = () => smtp.mails.at(-1)!;
const notSent = (to: string) =>
  channel.send({ ...mail, to }).then(
    () => undefined,
    (error: MailNotSent) => ({ code: error.code, because: error.because }),
  );

test('a mail arrives with its words, and as one that no machine should answer', async () => {
  await channel.send({ ...mail, subject: 'Lëa asks 🎓', text: 'Grüße' });
  expect(last()).toMatchObject({
    subject: 'Lëa asks 🎓',
    envelopeTo: ['lea@hospital.example'],
    from: { address: 'no-reply@hospital.example' },
  });
  expect(last().text).toContain('Grüße');
  expect(last().headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
});

test('every attempt of one delivery has the same message id, and another delivery another one', async () => {
  const ids = [await channel.send(mail), await channel.send(mail), await channel.send({ ...mail, id: 'e1-max-email' })];
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
  expect(smtp.mails.slice(-3).map(({ messageId }) => messageId)).toEqual(ids);
});

test('line breaks in a subject make no header', async () => {
  await channel.send({ ...mail, subject: 'Hello\r\nBcc: eve@evil.example\r\n\r\nbody' });
  expect(last().envelopeTo).toEqual(['lea@hospital.example']);
  expect(last().bcc ?? []).toEqual([]);
  expect(last().headers.some(({ key }) => key === 'bcc')).toBe(false);
});

test.each([
  'lea@x.example, eve@evil.example',
  'lea@x.example\r\nBcc: eve@evil.example',
  '<lea@x.example>',
  'Lea lea@x.example',
  'lea',
  '',
  `${'a'.repeat(250)}@x.example`,
])('an address must be one plain address: %j is not', (text) => expect(isAddress(text)).toBe(false));
test.each(['lea@x.example', 'lea+tag@x.example', "o'neil@x.example", 'lëa@x.example'])('%s is an address', (text) =>
  expect(isAddress(text)).toBe(true),
);

test('a refusal that will pass is told apart from one that stays', async () => {
  smtp.fail('busy@x.example', { code: 451 });
  smtp.fail('closing@x.example', { code: 421 });
  smtp.fail('gone@x.example', { code: 550 });
  smtp.fail('spam@x.example', { code: 554, at: 'message' });
  expect(await notSent('busy@x.example')).toEqual({ code: 'smtp-451', because: 'busy' });
  expect(await notSent('closing@x.example')).toEqual({ code: 'smtp-421', because: 'server-down' });
  expect(await notSent('gone@x.example')).toEqual({ code: 'smtp-550', because: 'refused' });
  expect(await notSent('spam@x.example')).toEqual({ code: 'smtp-554', because: 'refused' });
});

test('a server that does not answer is not waited for without end', async () => {
  channel.close();
  channel = createSmtpChannel({ url: smtp.url, from: 'no-reply@x.example', timeoutMs: 300 });
  smtp.fail('slow@x.example', { delayMs: 5_000 });
  expect(await notSent('slow@x.example')).toEqual({ code: 'ETIMEDOUT', because: 'server-down' });
});

test('no server at all is a refusal that will pass, and the code names nobody', async () => {
  channel.close();
  channel = createSmtpChannel({ url: 'smtp://127.0.0.1:1', from: 'no-reply@x.example' });
  expect(await notSent('lea@x.example')).toEqual({ code: expect.stringMatching(/^E[A-Z]+$/), because: 'server-down' });
});
