/**
 * Regions of the commercial realm by key, the first label of `fra.ocir.io`. Regions open faster than libraries are released:
 * one that is not here is not checked.
 * @see https://docs.oracle.com/en-us/iaas/Content/General/Concepts/regions.htm
 */
const regionsByKey: { readonly [key: string]: string } = {
  aga: 'us-saltlake-2',
  ams: 'eu-amsterdam-1',
  arn: 'eu-stockholm-1',
  auh: 'me-abudhabi-1',
  bog: 'sa-bogota-1',
  bom: 'ap-mumbai-1',
  cdg: 'eu-paris-1',
  cwl: 'uk-cardiff-1',
  dxb: 'me-dubai-1',
  fra: 'eu-frankfurt-1',
  gru: 'sa-saopaulo-1',
  hsg: 'ap-batam-1',
  hyd: 'ap-hyderabad-1',
  iad: 'us-ashburn-1',
  icn: 'ap-seoul-1',
  jbp: 'ap-kulai-2',
  jed: 'me-jeddah-1',
  jnb: 'af-johannesburg-1',
  kix: 'ap-osaka-1',
  lej: 'af-casablanca-1',
  lhr: 'uk-london-1',
  lin: 'eu-milan-1',
  mad: 'eu-madrid-1',
  mel: 'ap-melbourne-1',
  mrs: 'eu-marseille-1',
  mty: 'mx-monterrey-1',
  mtz: 'il-jerusalem-1',
  nrq: 'eu-turin-1',
  nrt: 'ap-tokyo-1',
  onm: 'ap-delhi-1',
  ord: 'us-chicago-1',
  orf: 'eu-madrid-3',
  phx: 'us-phoenix-1',
  qro: 'mx-queretaro-1',
  ruh: 'me-riyadh-1',
  scl: 'sa-santiago-1',
  sin: 'ap-singapore-1',
  sjc: 'us-sanjose-1',
  syd: 'ap-sydney-1',
  vap: 'sa-valparaiso-1',
  vcp: 'sa-vinhedo-1',
  xsp: 'ap-singapore-2',
  yny: 'ap-chuncheon-1',
  yul: 'ca-montreal-1',
  yyz: 'ca-toronto-1',
  zrh: 'eu-zurich-1',
};

/** Where an image of OCI's registry is kept. */
export interface RegistryHost {
  /** Region of the registry: `eu-frankfurt-1`; undefined where its key is not known here. */
  readonly region?: string;
}

/**
 * Reads the two forms that the host of OCI's registry has: `<region key>.ocir.io` and
 * `ocir.<region>.oci.oraclecloud.com`. The second domain differs between realms.
 * @returns undefined for an image of another registry
 */
export function registryHostOf(image: string): RegistryHost | undefined {
  const [host = ''] = image.split('/');
  const label = /^([a-z0-9-]+)\.ocir\.io$/.exec(host)?.[1];
  if (label !== undefined) return { region: label.includes('-') ? label : regionsByKey[label] };
  const region = /^ocir\.([a-z0-9-]+)\.oci\.[a-z0-9.-]+$/.exec(host)?.[1];
  return region === undefined ? undefined : { region };
}
