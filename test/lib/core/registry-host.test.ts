import { Region } from 'oci-common/lib/region';
import { registryHostOf } from '../../../lib/core/registry-host';

describe('the host of a registry', () => {
  test.each([
    ['fra.ocir.io/acme/logs-mcp:1', 'eu-frankfurt-1'],
    ['iad.ocir.io/acme/logs-mcp', 'us-ashburn-1'],
    ['eu-frankfurt-1.ocir.io/acme/logs-mcp:1', 'eu-frankfurt-1'],
    ['ocir.eu-frankfurt-1.oci.oraclecloud.com/acme/logs-mcp:1', 'eu-frankfurt-1'],
    ['ocir.us-langley-1.oci.oraclegovcloud.com/acme/logs-mcp:1', 'us-langley-1'],
    ['zzz.ocir.io/acme/logs-mcp:1', undefined],
  ])('of %s is in %s', (image, region) => {
    expect(registryHostOf(image)).toEqual({ region });
  });

  test.each([
    'docker.io/acme/logs-mcp:1',
    'logs-mcp:1',
    'fra.ocir.io.example.com/acme/logs-mcp',
    'example.com/fra.ocir.io/logs-mcp',
    'registry.ocir.eu-frankfurt-1.oci.oraclecloud.com/logs-mcp',
  ])('of %s is not one of OCI', (image) => {
    expect(registryHostOf(image)).toBeUndefined();
  });

  test('knows the regions of the commercial realm that the SDK knows', () => {
    const regions = Region.values().filter(({ realm }) => realm.realmId === 'oc1');
    expect(regions.length).toBeGreaterThan(30);
    const unknown = regions.filter(
      ({ regionCode, regionId }) => registryHostOf(`${regionCode}.ocir.io/a`)?.region !== regionId,
    );
    expect(unknown.map(({ regionId }) => regionId)).toEqual([]);
  });
});
