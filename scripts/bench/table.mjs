// Results as text.

/** One table; what is measured in between stands beside the bare proxy. */
export function asTable(results) {
  const floors = new Map(results.filter(({ subject }) => subject === 'bare proxy').map((row) => [row.point, row]));
  const rows = results.map((row) => {
    const floor = floors.get(row.point);
    return [
      row.point,
      row.subject,
      row.perSecond.toFixed(0),
      (row.perSecond / floor.perSecond).toFixed(2),
      row.processorMicroseconds === undefined ? '' : row.processorMicroseconds.toFixed(0),
      row.processorMicroseconds === undefined
        ? ''
        : (row.processorMicroseconds / floor.processorMicroseconds).toFixed(2),
      row.p50.toFixed(2),
      row.p99.toFixed(1),
      row.requestsPerCall.toFixed(2),
      String(row.wrong),
    ];
  });
  const head = ['', '', 'calls/s', 'ratio', 'CPU us', 'ratio', 'p50 ms', 'p99 ms', 'requests', 'wrong'];
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index].length)));
  const line = (cells) =>
    cells.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join('  ');
  return [line(head), ...rows.map(line)].join('\n');
}
