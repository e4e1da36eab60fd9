import { Fn } from 'cdktf';

/** The host name in an https URL that only Terraform knows. */
export function hostNameOf(url: string): string {
  return Fn.replace(url, '/^https://|[/?#].*$/', '');
}

/** Scheme, host and port of a URL; as a Terraform expression where only Terraform knows them. */
export function originOf(url: string): string {
  const known = /^https?:\/\/[^/?#]+/.exec(url)?.[0];
  return known ?? Fn.replace(url, '/^(https?://[^/?#]+).*$/', '$1');
}

/** The path of a URL whose host may be a reference; undefined where a reference holds the path. */
export function pathOf(url: string): string | undefined {
  return /^https?:\/\/[^/]+(\/[^?#]*)/.exec(url)?.[1];
}
