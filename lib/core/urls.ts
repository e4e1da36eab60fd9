import { Fn } from 'cdktf';

/** The host name in an https URL that only Terraform knows. */
export function hostNameOf(url: string): string {
  return Fn.replace(url, '/^https://|[/?#].*$/', '');
}
