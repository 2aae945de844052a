// On a machine that has run no suite yet jest knows no times, and the longest would go on alone when all others have ended.
const { default: Sequencer } = require('@jest/test-sequencer');

const LONGEST = /faults\/kill\.spec\.ts$/;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => Number(LONGEST.test(other.path)) - Number(LONGEST.test(one.path)));
  }
};
