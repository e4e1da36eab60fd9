import * as z from 'zod';
import { optional, region, strict, text } from './field.js';

/** What a record holds of arguments. */
export const argumentForms = ['hash', 'redacted', 'none'] as const;

const bytes = 'a whole number of bytes from 1024 on';
const files = 'a whole number from 1 to 1000';

/** A file of audit records, one JSON object in each line. */
export const AuditFileSchema = strict({
  path: text('a path').describe('Path of the file, in a directory that exists'),
  max_bytes: z
    .int({ error: bytes })
    .min(1024, { error: bytes })
    .default(100 * 1024 * 1024)
    .describe('Bytes after which the file becomes <path>.1, and another begins'),
  keep: z
    .int({ error: files })
    .min(1, { error: files })
    .max(1000, { error: files })
    .default(10)
    .describe('Files that stay beside the current one; the oldest goes'),
  fsync: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Wait until records are on the disk: they survive a crash of the machine, too, and calls take longer'),
  when_full: z
    .enum(['wait', 'drop'])
    .default('wait')
    .describe('While the file cannot be written, fail calls after 2 seconds, or answer them without a record'),
});

/** A log of OCI Logging that takes audit records. */
export const OciLoggingSchema = strict({
  log_id: text('the OCID of a log').describe('OCID of a custom log'),
  region: optional(region()).describe('OCI region; without it, the one the identity says'),
});

/** What audit records hold, and where they go. */
export const AuditSchema = strict({
  arguments: z
    .enum(argumentForms)
    .default('hash')
    .describe('What records hold of arguments: a SHA-256 of them, a copy without secrets, or nothing'),
  redact: z
    .array(text('the name of an argument'), { error: 'a list of names of arguments' })
    .default([])
    .describe('Names of arguments that are secret, beside those that look so'),
  stdout: z.boolean({ error: 'true or false' }).default(true).describe('Write records to the log, too'),
  file: optional(AuditFileSchema).describe('A file of their own, in which a record is before its call is answered'),
  oci_logging: optional(OciLoggingSchema).describe('A log of OCI Logging that gets a copy every second'),
}).superRefine(
  ({ stdout, file, oci_logging }, context) => {
    if (stdout !== false || file || oci_logging) return;
    const message =
      'nothing takes the records then; set file or oci_logging too, or enable_audit_log to false for none';
    context.addIssue({ code: 'custom', path: ['stdout'], message });
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
);

/** A file of audit records, checked and with every default filled in. */
export type AuditFileConfig = z.output<typeof AuditFileSchema>;

/** What audit records hold and where they go, checked and with every default filled in. */
export type AuditConfig = z.output<typeof AuditSchema>;
