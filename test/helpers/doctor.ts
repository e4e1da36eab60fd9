import { diagnose } from '../../gateway-runtime/src/doctor/diagnose.js';
import { type DoctorArguments, planDoctor } from '../../gateway-runtime/src/doctor/plan.js';
import type { Report } from '../../gateway-runtime/src/doctor/report.js';
import type { Finding } from '../../gateway-runtime/src/doctor/subject.js';

/** What the doctor found. */
export interface Examination {
  readonly report: Report;
  /** The findings of a check, beginning of the subject's name optional. */
  find(id: string, subject?: string): Finding[];
  /** `problem: what was seen` of the only finding of a check. */
  say(id: string, subject?: string): string;
  /** What to do about the only finding of a check. */
  solve(id: string, subject?: string): string;
}

/** Has the doctor look at something from within this process. @param env The environment of the doctor. */
export async function examine(given: Partial<DoctorArguments>, env: Record<string, string> = {}): Promise<Examination> {
  const plan = planDoctor({ timeout: '2', ...given }, env);
  const host = { env: { PATH: process.env.PATH, ...env }, kill: process.kill.bind(process) };
  const { report } = await diagnose(plan, { host, version: '1.0.0' });
  const find: Examination['find'] = (id, subject = '') =>
    report.checks.filter((check) => check.id === id && check.subject.startsWith(subject));
  const only = (id: string, subject?: string) => {
    const [first, ...more] = find(id, subject);
    if (!first || more.length > 0)
      throw new Error(`${more.length + (first ? 1 : 0)} findings of ${id}: ${JSON.stringify(report.checks)}`);
    return first;
  };
  return {
    report,
    find,
    say: (id, subject) => `${only(id, subject).status}: ${only(id, subject).seen}`,
    solve: (id, subject) => `${only(id, subject).cause} => ${only(id, subject).solution}`,
  };
}
