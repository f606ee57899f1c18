// A user who does nothing but wait, written as scenarios are: what an interpreter takes before it does anything.

import { define, sleep } from 'vuelo';

// Longer than any measurement.
const A_DAY_IN_SECONDS = 86_400;

export const { scenario } = define({
  iteration() {
    sleep(A_DAY_IN_SECONDS);
  },
});
