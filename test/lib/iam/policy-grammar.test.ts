import {
  type ParsedStatement,
  parseCondition,
  parseStatement,
  withoutReferences,
} from '../../../lib/iam/policy-grammar';

const inCompartment = 'in compartment id ocid1.compartment.oc1..a';
const readMetrics = { effect: 'allow', verb: 'read', resourceType: 'metrics', compartment: 'ocid1.compartment.oc1..a' };

describe('subjects', () => {
  test.each<[string, ParsedStatement['subject']]>([
    ['any-user', { kind: 'any-user', names: [] }],
    ['any-group', { kind: 'any-group', names: [] }],
    ['group Ops', { kind: 'group', names: ['Ops'] }],
    ["group 'On Call'", { kind: 'group', names: ['On Call'] }],
    ['group A-Admins, B-Admins', { kind: 'group', names: ['A-Admins', 'B-Admins'] }],
    ["group 'Platform'/'On Call'", { kind: 'group', names: ['Platform/On Call'] }],
    ['group Platform/Ops', { kind: 'group', names: ['Platform/Ops'] }],
    [
      'group id ocid1.group.oc1..a, id ocid1.group.oc1..b',
      { kind: 'group', names: ['ocid1.group.oc1..a', 'ocid1.group.oc1..b'] },
    ],
    ['dynamic-group mcp', { kind: 'dynamic-group', names: ['mcp'] }],
    ["dynamic-group 'id'", { kind: 'dynamic-group', names: ['id'] }],
    ['dynamic-group id ocid1.dynamicgroup.oc1..a', { kind: 'dynamic-group', names: ['ocid1.dynamicgroup.oc1..a'] }],
    [
      'dynamic-group ${oci_identity_dynamic_group.Group.name}',
      { kind: 'dynamic-group', names: ['${oci_identity_dynamic_group.Group.name}'] },
    ],
    ['service FaaS', { kind: 'service', names: ['FaaS'] }],
  ])('%s', (text, subject) => {
    expect(parseStatement(`Allow ${text} to read metrics ${inCompartment}`)).toEqual({ ...readMetrics, subject });
  });
});

test.each<[string, Partial<ParsedStatement>]>([
  [
    'allow any-user to manage all-resources in tenancy',
    { verb: 'manage', resourceType: 'all-resources', compartment: undefined },
  ],
  ['ALLOW any-user TO Read metrics IN Compartment a:b:c', { verb: 'read', compartment: 'a:b:c' }],
  ["Allow any-user to read metrics in compartment 'id'", { compartment: 'id' }],
  ['Allow any-user to {A_B, C1} in tenancy', { permissions: ['A_B', 'C1'] }],
  ['Deny group Ops to manage vcns in tenancy', { effect: 'deny', verb: 'manage' }],
  ['Allow any-user\n  to  read   metrics in\ttenancy ', { verb: 'read' }],
  [
    'Allow any-user to ${var.verb} ${var.type} in ${var.place}',
    { resourceType: '${var.type}', compartment: '${var.place}' },
  ],
  [
    'Allow any-user to read ${join("-", ["log", "{x}"])} in compartment id ${var.c} where target.log.id=\'${var.log}\'',
    {
      resourceType: '${join("-", ["log", "{x}"])}',
      compartment: '${var.c}',
      condition: { variable: 'target.log.id', operator: '=', values: ['${var.log}'] },
    },
  ],
])('%s', (text, parts) => {
  expect(parseStatement(text)).toMatchObject(parts);
});

describe('conditions', () => {
  test.each<[string, unknown]>([
    ["target.secret.id='a b, {c}'", { variable: 'target.secret.id', operator: '=', values: ['a b, {c}'] }],
    ['target.group.name != /A-Users-*/', { variable: 'target.group.name', operator: '!=', values: ['A-Users-*'] }],
    [
      "target.resource.tag.Ops.team in ('a', /b*/)",
      { variable: 'target.resource.tag.Ops.team', operator: 'in', values: ['a', 'b*'] },
    ],
    ["request.region not in ('fra')", { variable: 'request.region', operator: 'not in', values: ['fra'] }],
    [
      "request.utc-timestamp before '2027-01-01T00:00Z'",
      { operator: 'before', variable: 'request.utc-timestamp', values: ['2027-01-01T00:00Z'] },
    ],
    [
      "request.utc-timestamp.time-of-day between '07:00:00Z' and '17:00:00Z'",
      { operator: 'between', variable: 'request.utc-timestamp.time-of-day', values: ['07:00:00Z', '17:00:00Z'] },
    ],
    [
      'request.principal.group.tag.a.b = target.resource.tag.a.b',
      { operator: '=', variable: 'request.principal.group.tag.a.b', values: ['target.resource.tag.a.b'] },
    ],
    [
      "ALL {request.region='fra', any {target.x.id='a',target.x.id='b'}}",
      {
        join: 'all',
        conditions: [
          { variable: 'request.region', operator: '=', values: ['fra'] },
          {
            join: 'any',
            conditions: [
              { variable: 'target.x.id', operator: '=', values: ['a'] },
              { variable: 'target.x.id', operator: '=', values: ['b'] },
            ],
          },
        ],
      },
    ],
  ])('%s', (text, condition) => {
    expect(parseCondition(text)).toEqual(condition);
  });
});

describe('fails on', () => {
  const allow = 'Allow any-user to read metrics';

  test.each([
    ['', 'expected one of "allow", "deny", got the end'],
    ['Endorse group a to read metrics in any-tenancy', 'expected one of "allow", "deny", got "Endorse"'],
    [
      'Allow everybody to read metrics in tenancy',
      'expected one of "any-user", "any-group", "group", "dynamic-group", "service", got "everybody"',
    ],
    ['Allow group to read metrics in tenancy', 'expected "to", got "read"'],
    ["Allow group 'a to read metrics in tenancy", 'expected "\'", got the end'],
    ["Allow group '' to read metrics in tenancy", 'expected text that is not empty, got "\'\'"'],
    ['Allow group On Call to read metrics in tenancy', 'expected "to", got "Call"'],
    ['Allow dynamic-group id mcp to read metrics in tenancy', 'expected an OCID, got "mcp"'],
    ['Allow any-user to write metrics in tenancy', 'expected one of "inspect", "read", "use", "manage", got "write"'],
    ['Allow any-user to read Metrics in tenancy', 'expected a resource type such as "log-content", got "Metrics"'],
    ['Allow any-user to {METRIC_READ in tenancy', 'expected "}", got "in tenancy"'],
    [
      'Allow any-user to {metric_read} in tenancy',
      'expected a permission such as "SECRET_BUNDLE_READ", got "metric_read"',
    ],
    ['Allow any-user to {} in tenancy', 'expected a permission such as "SECRET_BUNDLE_READ", got "} in tenancy"'],
    [allow, 'expected "in", got the end'],
    [`${allow} in region fra`, 'expected one of "compartment", "tenancy", got "region"'],
    [`${allow} in compartment`, 'expected a compartment, got the end'],
    [`${allow} in compartment id a`, 'expected the OCID of a compartment, got "a"'],
    [`${allow} in compartment id ocid1.vcn.oc1..a`, 'expected the OCID of a compartment, got "ocid1.vcn.oc1..a"'],
    [`${allow} in tenancy when x`, 'expected "where", got "when"'],
    [`${allow} in tenancy where`, 'expected a variable such as "target.secret.id", got the end'],
    [
      `${allow} in tenancy where resource.type='x'`,
      'expected a variable that begins with "request." or "target.", got "resource.type"',
    ],
    [
      `${allow} in tenancy where target.a.id`,
      'expected one of "=" or "!=", "in", "not", "before", "after", "between", got the end',
    ],
    [
      `${allow} in tenancy where target.a.id=x`,
      'expected a value in single quotes, such as \'ocid1.vaultsecret…\', got "x"',
    ],
    [`${allow} in tenancy where target.a.id="x"`, 'expected a value in single quotes, got "\\"x\\""'],
    [`${allow} in tenancy where target.a.id='x', target.a.id='y'`, 'expected the end, got ", target.a.id=\'y\'"'],
    [`${allow} in tenancy where all {target.a.id='x'`, 'expected "}", got the end'],
    [`${allow} in tenancy where all {}`, 'expected a variable such as "target.secret.id", got "}"'],
    [`${allow} in tenancy where target.a.id in 'x'`, 'expected "(", got "\'x\'"'],
  ])('%s', (text, message) => {
    expect(() => parseStatement(text)).toThrow(new Error(message));
  });

  test('the part after a reference, without showing the reference', () => {
    expect(() => parseCondition("target.a.id='${var.a}' or ${var.b}")).toThrow('expected the end, got "or …"');
  });
});

test('references are taken out whole', () => {
  expect(withoutReferences('a ${f({x}, "y")} b ${z} $c {d}')).toBe('a … b … $c {d}');
  expect(withoutReferences('${open', '?')).toBe('${open');
});
