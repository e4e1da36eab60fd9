import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, as tokens are bound to it. */
  readonly thumbprint: string;
  readonly subject: Subject;
  readonly privateKey: KeyObject;
}

/** What a certificate says. */
export interface Subject {
  /** Common name. */
  readonly name: string;
  /** Alternative names: `DNS:localhost`, `URI:spiffe://acme/agent`, `IP:127.0.0.1`. @default - none */
  readonly alternatives?: readonly string[];
  /** @default - an hour from now */
  readonly notAfter?: Date;
}

/**
 * Makes a certificate of version 3 with a key on P-256. https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 *
 * @param issuer Who signs it. @default - itself, as an authority
 */
export function makeCertificate(subject: Subject, issuer?: TestCertificate): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { alternatives = [], notAfter = new Date(Date.now() + 3_600_000) } = subject;
  const extensions = [
    ...(issuer ? [] : [sequence(oid('551d13'), octets(sequence(tlv(0x01, Buffer.from([0xff])))))]),
    ...(alternatives.length > 0 ? [sequence(oid('551d11'), octets(sequence(...alternatives.map(alternative))))] : []),
  ];
  const content = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1, ...randomBytes(8)])),
    ecdsaWithSha256,
    distinguished((issuer?.subject ?? subject).name),
    sequence(time(new Date(Date.now() - 86_400_000 * 2)), time(notAfter)),
    distinguished(subject.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey);
  const der = sequence(content, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const cert = `-----BEGIN CERTIFICATE-----\n${lines(der.toString('base64'))}\n-----END CERTIFICATE-----\n`;
  return {
    cert,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    thumbprint: Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    subject,
    privateKey,
  };
}

const lines = (text: string) => text.match(/.{1,64}/g)?.join('\n');

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length % 256];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const octets = (value: Buffer) => tlv(0x04, value);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const distinguished = (name: string) => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(name)))));
const time = (date: Date) => tlv(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')));

function alternative(text: string): Buffer {
  const [, kind, value = ''] = /^(\w+):(.*)$/s.exec(text) ?? [];
  if (kind === 'IP') return tlv(0x87, Buffer.from(value.split('.').map(Number)));
  return tlv(kind === 'URI' ? 0x86 : 0x82, Buffer.from(value));
}
