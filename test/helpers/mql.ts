const word = '[A-Za-z][\\w.$-]*';
const value = '"(?:[^"\\\\]|\\$\\{[^}]*\\})+"';
const dimension = `${word} (?:=|=~) ${value}`;
const grouping = `\\.(?:grouping\\(\\)|groupBy\\(${word}\\))`;
const statistic = '(?:count|max|mean|min|rate|sum)\\(\\)|percentile\\(0\\.\\d+\\)';
const predicate = ' (?:>|<) -?[\\d.]+';

/**
 * The part of the Monitoring Query Language that this library writes: an alarm ends with a predicate or with `absent`.
 * @see https://docs.oracle.com/en-us/iaas/Content/Monitoring/Reference/mql.htm
 */
const alarmQuery = new RegExp(
  `^${word}\\[(?:[1-9]|[1-5]\\d|60)m\\](?:\\{${dimension}(?:, ${dimension})*\\})?(?:${grouping})?\\.(?:(?:${statistic})${predicate}|absent\\((?:[1-9]\\d*[mhd])?\\))$`,
);

/** Whether OCI Monitoring would take `query` as that of an alarm. */
export function isAlarmQuery(query: string): boolean {
  return alarmQuery.test(query);
}
