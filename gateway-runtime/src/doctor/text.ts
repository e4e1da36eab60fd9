import type { Report } from './report.js';
import type { Finding } from './subject.js';
import type { Status } from './verdict.js';

const words: Record<Status, string> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' };

/** SGR codes: green, yellow, red. */
const colours: Record<Status, number> = { ok: 32, warning: 33, problem: 31 };

/** A report for people: a line for each check, then what to do about each finding, then how many there are. */
export function toText({ checks, summary }: Report, hasColours: boolean): string {
  const paint = (status: Status, text: string) => (hasColours ? `\u001b[${colours[status]}m${text}\u001b[0m` : text);
  const widest = Math.max(0, ...checks.map(({ id }) => id.length));
  const lines: string[] = [];
  let subject: string | undefined;
  for (const check of checks) {
    if (check.subject !== subject) lines.push(...(subject === undefined ? [] : ['']), check.subject);
    subject = check.subject;
    const word = paint(check.status, words[check.status].padEnd(7));
    lines.push(`  ${word}  ${check.id.padEnd(widest)}  ${check.seen}`);
  }
  const findings = checks.filter(({ status }) => status !== 'ok');
  for (const [index, finding] of findings.entries()) lines.push('', ...explain(index + 1, finding, paint));
  lines.push('', `${counted(checks.length, 'check')}: ${summary.ok} ok, ${rest(summary)}`);
  return `${lines.join('\n')}\n`;
}

function explain(
  number: number,
  { status, subject, id, seen, cause, solution }: Finding,
  paint: (status: Status, text: string) => string,
): string[] {
  return [
    `${number}. ${paint(status, words[status])}: ${subject}, ${id}`,
    `   What:  ${seen}`,
    `   Why:   ${cause}`,
    `   To do: ${solution}`,
  ];
}

function rest({ warning, problem }: Report['summary']): string {
  return `${counted(warning, 'warning')}, ${counted(problem, 'problem')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
