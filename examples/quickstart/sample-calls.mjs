/** One call for each backend, by the backend's own name of the tool: what `npm start -- --check` asks. */
export const sampleCalls = {
  ocid: { tool: 'parse_ocid', arguments: { ocid: 'ocid1.instance.oc1.eu-frankfurt-1.abtheljrexample' } },
  planner: { tool: 'split_cidr', arguments: { cidr: '10.0.0.0/16', count: 4 } },
  archive: { tool: 'check_overlap', arguments: { cidrs: ['10.0.0.0/16', '10.0.128.0/20', '192.168.0.0/24'] } },
  docs: { tool: 'split_cidr', arguments: { cidr: '172.16.0.0/20', count: 2 } },
};
