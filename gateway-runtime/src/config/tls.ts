import * as z from 'zod';
import { optional, strict, text } from './field.js';

/** Whether clients have to show a certificate. */
export const certificateDemands = ['optional', 'required'] as const;

/** HTTPS in place of HTTP. */
export const TlsSchema = strict({
  cert_file: text().describe('Path of the PEM certificate, followed by those between it and the root'),
  key_file: text().describe('Path of the PEM private key'),
  client_ca_file: optional(text()).describe('Path of the PEM certificates of those who issue certificates to clients'),
  client_certificates: optional(z.enum(certificateDemands)).describe(
    `Whether clients have to show a certificate: ${certificateDemands.join(' or ')}. Default: required`,
  ),
}).superRefine(
  ({ client_ca_file, client_certificates }, context) => {
    if (!client_certificates || client_ca_file) return;
    const message = 'nothing says whose certificates are accepted; set client_ca_file as well';
    context.addIssue({ code: 'custom', path: ['client_certificates'], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** How HTTPS is served, checked. */
export type TlsConfig = z.output<typeof TlsSchema>;
