import { scenario } from '@app/kernel';
import { notice, type NoticeCommand, type NoticeEvent } from './notice';

const { given } = scenario(notice);
const due = {
  type: 'NoticeDue',
  source: 'e1',
  request: 'r1',
  template: 'denied',
  recipients: [
    { person: 'lea', rule: 'outcome', channels: ['in-app', 'email'] },
    { person: 'max', rule: 'other-manager', channels: ['in-app'] },
  ],
  facts: { step: 1, by: 'mel' },
} as const satisfies NoticeEvent;
const giveNotice = { ...due, type: 'GiveNotice' } as const satisfies NoticeCommand;
const seenByLea = { type: 'DeliverySent', recipient: 'lea', channel: 'in-app', attempt: 1 } as const;
const seenByMax = { type: 'DeliverySent', recipient: 'max', channel: 'in-app', attempt: 1 } as const;
const sent = { type: 'DeliverySent', recipient: 'lea', channel: 'email', attempt: 2, providerId: '<1@x>' } as const;
const recordSent = { type: 'RecordSent', recipient: 'lea', channel: 'email', attempt: 2, providerId: '<1@x>' } as const;

test('what is shown in the product is delivered by being recorded', () => given().when(giveNotice).thenEvents(due, seenByLea, seenByMax));
test('a notice is given once, however often the event is taken', () => given(due, seenByLea, seenByMax).when(giveNotice).thenNothing());
test('a notice for nobody is not recorded', () =>
  given()
    .when({ ...giveNotice, recipients: [] })
    .thenNothing());

test('an e-mail that went out is recorded with its attempt', () => given(due).when(recordSent).thenEvents(sent));
test('the first end of a delivery stands', () => {
  given(due, sent).when(recordSent).thenNothing();
  given(due, sent).when({ type: 'RecordFailed', recipient: 'lea', channel: 'email', attempts: 5, reason: '451' }).thenNothing();
});
test('a delivery that failed for good says why and after how many attempts', () =>
  given(due)
    .when({ type: 'RecordFailed', recipient: 'lea', channel: 'email', attempts: 5, reason: '451 later' })
    .thenEvents({ type: 'DeliveryFailed', recipient: 'lea', channel: 'email', attempts: 5, reason: '451 later' }));
test('a delivery that must not be tried says why', () =>
  given(due)
    .when({ type: 'RecordSuppressed', recipient: 'lea', channel: 'email', reason: 'no-address' })
    .thenEvents({ type: 'DeliverySuppressed', recipient: 'lea', channel: 'email', reason: 'no-address' }));
test('the end of a delivery that nobody ordered is not recorded', () =>
  given(due)
    .when({ ...recordSent, recipient: 'max' })
    .thenNothing());
test('a delivery without a notice is refused', () => given().when(recordSent).thenRejected('unknown-notice'));

describe('another try', () => {
  const retry = { type: 'RetryDelivery', recipient: 'lea', channel: 'email' } as const;
  const failed = { type: 'DeliveryFailed', recipient: 'lea', channel: 'email', attempts: 12, reason: 'ETIMEDOUT' } as const;
  const suppressed = { type: 'DeliverySuppressed', recipient: 'lea', channel: 'email', reason: 'no-address' } as const;
  const retried = { type: 'DeliveryRetried', recipient: 'lea', channel: 'email' } as const;

  test('what ended undelivered can be tried once more', () => {
    given(due, failed).when(retry).thenEvents(retried);
    given(due, suppressed).when(retry).thenEvents(retried);
  });
  test('then it ends once more', () => given(due, failed, retried).when(recordSent).thenEvents(sent));
  test('what is due already needs none', () => {
    given(due).when(retry).thenNothing();
    given(due, failed, retried).when(retry).thenNothing();
  });
  test('what arrived, or was never ordered, has none', () => {
    given(due, sent).when(retry).thenRejected('nothing-to-retry');
    given(due, failed, retried, sent).when(retry).thenRejected('nothing-to-retry');
    given(due)
      .when({ ...retry, recipient: 'eve' })
      .thenRejected('nothing-to-retry');
  });
});
