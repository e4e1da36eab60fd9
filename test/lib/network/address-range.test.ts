import { AddressRange } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { reference } from '../fixtures';

test.each(['0.0.0.0/0', '10.20.0.0/16', '10.0.0.7/32'])('the addresses %s make no resource of their own', (range) => {
  const { resources } = synth((stack) => {
    expect(new AddressRange(stack, 'Office', range).connections.peer.cidrBlocks).toEqual([range]);
  });
  expect(resources()).toEqual([]);
});

test('addresses may be a reference', () => {
  synth((stack) => void new AddressRange(stack, 'Office', reference(stack, 'cidr')));
});

test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/8', ''])('fails when the address range is %j', (range) => {
  expect(faultsOf((stack) => void new AddressRange(stack, 'Office', range))).toEqual([
    `[stack/Office] cidrBlock: got "${range}"; allowed: an IPv4 block such as "10.20.0.0/16"`,
  ]);
});
