import { verifySignature } from '../../../helpers/oci-signature.js';

/**
 * The check that the other tests rely on, held against the example of Oracle's documentation.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 */
const publicKey = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----`;

const keyId = 'ocid1.tenancy.oc1..t/ocid1.user.oc1..u/73:61:a2:21:67:e0:df:be:7e:4b:93:1e:15:98:a5:b7';
const date = 'Thu, 05 Jan 2014 21:31:40 GMT';
const signature =
  'GBas7grhyrhSKHP6AVIj/h5/Vp8bd/peM79H9Wv8kjoaCivujVXlpbKLjMPeDUhxkFIWtTtLBj3sUzaFj34XE6YZAHc9r2DmE4pMwOAy/kiITcZ' +
  'xa1oHPOeRheC0jP2dqbTll8fmTZVwKZOKHYPtrLJIJQHJjNvxFWeHQjMaR7M=';
const request = {
  method: 'GET',
  target:
    '/20160918/instances?availabilityDomain=Pjwf%3A%20PHX-AD-1&compartmentId=ocid1.compartment.oc1..aaaaaaaam3we6vgnher' +
    'jq5q2idnccdflvjsnog7mlr6rtdb25gilchfeyjxa&displayName=TeamXInstances&volumeId=ocid1.volume.oc1.phx.abyhqljrgvttnlx' +
    '73nmrwfaux7kcvzfs3s66izvxf2h4lgvyndsdsnoiwr5q',
  headers: {
    date,
    host: 'iaas.us-phoenix-1.oraclecloud.com',
    authorization: `Signature version="1",headers="date (request-target) host",keyId="${keyId}",algorithm="rsa-sha256",signature="${signature}"`,
  },
  body: '',
};
const now = Date.parse(date);

test('accepts the documented example', () => {
  expect(verifySignature(request, () => publicKey, now)).toBe(keyId);
});

test.each<[string, Partial<typeof request>, string]>([
  ['another path', { target: '/20160918/instances' }, 'signature does not fit'],
  ['another host', { headers: { ...request.headers, host: 'other' } }, 'signature does not fit'],
  ['another method', { method: 'DELETE' }, 'signature does not fit'],
  ['a method with a body', { method: 'POST' }, 'signs date, (request-target), host'],
  ['no signature', { headers: { ...request.headers, authorization: 'Bearer x' } }, 'no signature'],
])('refuses %s', (_, change, fault) => {
  expect(() => verifySignature({ ...request, ...change }, () => publicKey, now)).toThrow(fault);
});

test('refuses a clock that differs by more than five minutes', () => {
  expect(verifySignature(request, () => publicKey, now + 300_000)).toBe(keyId);
  expect(() => verifySignature(request, () => publicKey, now + 301_000)).toThrow('date');
  expect(() => verifySignature(request, () => publicKey, now - 301_000)).toThrow('date');
});
