// Results as text.

/** Everything that was measured. */
export function asText(results, goals, regressions) {
  return [
    callTable(results.calls),
    '',
    ...results.sessions.map(
      ({ sessions, seconds, kilobytesEach, megabytes }) =>
        `${sessions} sessions: ${seconds.toFixed(2)} s, ${kilobytesEach.toFixed(1)} kB each, ${megabytes.toFixed(0)} MB resident`,
    ),
    ...results.lists.map(
      ({ backends, tools, milliseconds, asked }) =>
        `tools/list over ${backends} backends: ${tools} tools, ${milliseconds.toFixed(1)} ms, ${asked} requests to backends`,
    ),
    ...results.workers.map(
      ({ workers, perSecond }) =>
        `${workers === 1 ? '1 worker' : `${workers} workers`}: ${perSecond.toFixed(0)} calls/s for a tool that nobody has, in batches of 50`,
    ),
    `from the start to the first answered call: ${results.coldStart.toFixed(2)} s`,
    '',
    goalTable(goals),
    ...regressions.map(
      ({ name, before, now }) => `slower than it was: ${name}: ${now.toFixed(2)} instead of ${before}`,
    ),
  ].join('\n');
}

/** One row per point and subject; what is measured in between stands beside the bare proxy. */
function callTable(calls) {
  const floors = new Map(calls.filter(({ subject }) => subject === 'bare proxy').map((row) => [row.point, row]));
  const rows = calls.map((row) => {
    const floor = floors.get(row.point);
    const used = row.processorMicroseconds;
    return [
      row.point,
      row.subject,
      row.perSecond.toFixed(0),
      floor ? (row.perSecond / floor.perSecond).toFixed(2) : '',
      used === undefined ? '' : used.toFixed(0),
      used === undefined || !floor ? '' : (used / floor.processorMicroseconds).toFixed(2),
      row.p50.toFixed(2),
      row.p99.toFixed(1),
      row.requestsPerCall === undefined ? '' : row.requestsPerCall.toFixed(2),
      row.megabytes === undefined ? '' : row.megabytes.toFixed(0),
      String(row.wrong),
    ];
  });
  const head = ['', '', 'calls/s', 'ratio', 'CPU us', 'ratio', 'p50 ms', 'p99 ms', 'requests', 'MB', 'wrong'];
  return columns([head, ...rows], 2);
}

function goalTable(goals) {
  const said = (isMet) => (isMet ? 'met' : 'MISSED');
  return columns(
    goals.map(({ what, value, bound, isMet }) => [
      what,
      value === undefined ? '' : String(Number(value.toFixed(2))),
      bound,
      value === undefined ? 'not measured' : said(isMet),
    ]),
    1,
  );
}

/** @param left How many columns begin at the left. */
function columns(rows, left) {
  const widths = rows[0].map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  const line = (cells) =>
    cells.map((cell, index) => (index < left ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join('  ');
  return rows.map(line).join('\n');
}
