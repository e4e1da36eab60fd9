import { type Answer, headerOf } from '../http.js';
import { type Advice, ok, problem, type Verdict, warning } from '../verdict.js';

/** Seconds that issuers and the gateway may differ by, unless configured otherwise. */
const tokenSkew = 30;

/** Seconds after which OCI refuses a signature. https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm */
const signatureSkew = 300;

const advice: Advice = {
  cause: `one of the two clocks is wrong: tokens are refused from ${tokenSkew} s on, request signatures by OCI from ${signatureSkew / 60} minutes on`,
  solution: 'synchronize both with chrony, which OCI serves at 169.254.169.254 (chronyc tracking)',
};

/** Whether the clock there is the same as the one here. */
export function agreesOnTime(answer: Answer, now = Date.now()): Verdict {
  const there = Date.parse(headerOf(answer, 'date') ?? '');
  if (Number.isNaN(there)) return ok('the answer has no Date header, so clocks were not compared');
  const seconds = Math.round((there - now) / 1000);
  const seen = `the clock there is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the one here`;
  if (Math.abs(seconds) > signatureSkew) return problem(seen, advice);
  return Math.abs(seconds) > tokenSkew ? warning(seen, advice) : ok(seen);
}
