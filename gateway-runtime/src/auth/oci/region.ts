import { Region } from 'oci-common/lib/region.js';

/** Domain of Oracle's commercial regions, where a region is that the SDK does not know. */
const commercialDomain = 'oraclecloud.com';

/**
 * Address of a service in a region, which may be given by its key (`fra`) or its name (`eu-frankfurt-1`).
 *
 * @param address With `{region}` and `{domain}` in it.
 */
export function endpointOf(address: string, region: string): string {
  const name = Region.getRegionIdFromShortCode(region);
  const domain = Region.fromRegionId(name)?.realm.secondLevelDomain ?? commercialDomain;
  return address.replace('{region}', name).replace('{domain}', domain);
}
