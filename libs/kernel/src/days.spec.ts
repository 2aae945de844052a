// Days begin where the organisation is (E31).
import { daysIn } from './days';

test.each([
  ['UTC', '2026-11-21T23:59:59.999Z', '2026-11-21'],
  ['Europe/Berlin', '2026-11-21T22:59:59.999Z', '2026-11-21'],
  ['Europe/Berlin', '2026-11-21T23:00:00.000Z', '2026-11-22'],
  // In summer an hour earlier; summer time begins and ends in these nights.
  ['Europe/Berlin', '2026-03-28T22:59:59.999Z', '2026-03-28'],
  ['Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29'],
  ['Europe/Berlin', '2026-03-29T21:59:59.999Z', '2026-03-29'],
  ['Europe/Berlin', '2026-03-29T22:00:00.000Z', '2026-03-30'],
  ['Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25'],
  ['Europe/Berlin', '2026-10-25T22:59:59.999Z', '2026-10-25'],
  ['Europe/Berlin', '2026-10-25T23:00:00.000Z', '2026-10-26'],
  // A day that begins at one o'clock.
  ['Africa/Cairo', '2026-04-23T21:59:59.999Z', '2026-04-23'],
  ['Africa/Cairo', '2026-04-23T22:00:00.000Z', '2026-04-24'],
  // A day that never was.
  ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
  ['Pacific/Kiritimati', '2026-11-21T10:00:00.000Z', '2026-11-22'],
  ['Pacific/Pago_Pago', '2026-11-21T10:00:00.000Z', '2026-11-20'],
])('in %s it is at %s the %s', (zone, instant, day) => expect(daysIn(zone)(instant)).toBe(day));

test('many that ask within a minute are told the same, and the next minute is looked at again', () => {
  const dayOf = daysIn('Asia/Kathmandu');
  const instants = ['2026-11-21T18:14:00.000Z', '2026-11-21T18:14:59.999Z', '2026-11-21T18:15:00.000Z', '2026-11-21T18:14:30.000Z'];
  expect(instants.map(dayOf)).toEqual(['2026-11-21', '2026-11-21', '2026-11-22', '2026-11-21']);
});
