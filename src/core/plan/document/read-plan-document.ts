import { diagnose, type Diagnostic } from '../../diag/diagnostic.ts';
import type { FieldPath } from '../../diag/source-location.ts';
import { ipFamilies, type IpFamily } from '../../model/ip.ts';
import { describeValue, isMapping, type Mapping } from '../../util/mapping.ts';
import type { FamilyPlan, SysctlChange } from '../plan.ts';
import type { FamilySummary, SummaryItem } from '../summary/summary.ts';
import { FieldReader } from './field-reader.ts';
import { PLAN_API_VERSION, PLAN_KIND, type PlanDocument } from './plan-document.ts';
import { readChange } from './read-change.ts';
import { readIpvsPlan } from './read-ipvs-plan.ts';

export interface ReadPlanResult {
  /** Undefined if anything was wrong: half a plan is not to be carried out. */
  readonly document: PlanDocument | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadPlanOptions {
  /** The name of the file in messages. Default: `<plan>`. */
  readonly file?: string;
}

/** For somebody who has named another file by mistake; a plan that is one and was changed is told by its faults. */
const HINTS: Readonly<Partial<Record<Diagnostic['code'], string>>> = {
  'plan-unreadable': 'chainsmith plan --out FILE writes a plan; manifests are named by -f',
  'plan-unknown-version': 'chainsmith plan --out FILE writes a plan; manifests are named by -f',
};

/**
 * Reads what `printPlanDocument` wrote: its text, or what JSON.parse made of it. Total. A plan is carried out by root, so it is checked as if
 * a stranger had written it: it can do nothing but what a plan can do, change rules of kube-proxy's chains and jumps to them.
 */
export function readPlanDocument(input: unknown, { file = '<plan>' }: ReadPlanOptions = {}): ReadPlanResult {
  const refuse = (code: Diagnostic['code'], messages: readonly string[]): ReadPlanResult => ({
    document: undefined,
    diagnostics: messages.map((message) => diagnose(code, { message, location: { file }, hint: HINTS[code] })),
  });
  const parsed = typeof input === 'string' ? parseJson(input) : { value: input };
  if ('error' in parsed) return refuse('plan-unreadable', [`the file is no JSON: ${parsed.error}`]);
  const { value } = parsed;
  if (!isMapping(value)) return refuse('plan-unreadable', [`a plan is a mapping, not ${describeValue(value)}`]);
  if (value['kind'] !== PLAN_KIND || value['apiVersion'] !== PLAN_API_VERSION) {
    const what = `apiVersion ${describeValue(value['apiVersion'])} and kind ${describeValue(value['kind'])}`;
    return refuse('plan-unknown-version', [
      `a plan has apiVersion "${PLAN_API_VERSION}" and kind "${PLAN_KIND}", not ${what}`,
    ]);
  }
  const reader = new FieldReader();
  const document = readFields(value, reader);
  return reader.faults.length === 0 ? { document, diagnostics: [] } : refuse('plan-refused', reader.faults);
}

const PLACE = / \(line \d+ column \d+\)$/;

function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    // Newer versions of Node say the place twice.
    return { error: (error instanceof Error ? error.message : String(error)).replace(PLACE, '') };
  }
}

function readIncomplete({ incomplete = false }: Mapping, reader: FieldReader): boolean {
  if (typeof incomplete !== 'boolean') reader.fault(['incomplete'], 'must be true or false');
  return incomplete !== false;
}

function readFields(value: Mapping, reader: FieldReader): PlanDocument {
  const node = reader.optionalText(value, 'node', []);
  const families = reader.list(value, 'families', []).map((family, i) => readFamily(family, ['families', i], reader));
  const known = families.map(({ family }) => family);
  if (new Set(known).size < known.length) reader.fault(['families'], 'has a family twice');
  const ipvs = readIpvsPlan(value['ipvs'], reader);
  return {
    ...(node === undefined ? {} : { node }),
    variant: reader.oneOf(value, 'variant', ['nft', 'legacy'], []) ?? 'nft',
    ...(readIncomplete(value, reader) ? { incomplete: true } : {}),
    fingerprint: readFingerprints(value, ipvs === undefined ? known : [...known, 'ipvs'], reader),
    plan: {
      families,
      sysctls: readSysctls(value, reader),
      nfacct: readNfacct(value, reader),
      ...(ipvs === undefined ? {} : { ipvs }),
    },
    summaries: readSummaries(value, known, reader),
  };
}

function readFamily(value: unknown, path: FieldPath, reader: FieldReader): FamilyPlan {
  const fields = reader.mapping(value, path);
  const changes = reader
    .list(fields, 'changes', path)
    .map((change, i) => readChange(change, [...path, 'changes', i], reader))
    .filter((change) => change !== undefined);
  if (new Set(changes.map(({ table, chain }) => `${table}/${chain}`)).size < changes.length) {
    reader.fault([...path, 'changes'], 'has a chain twice');
  }
  const family = reader.oneOf(fields, 'family', ipFamilies, path) ?? 'ipv4';
  return { family, changes, notes: reader.texts(fields, 'notes', path) };
}

/** Of families that a plan changes; one without is never carried out on a node, as nothing says that the node has not changed. */
function readFingerprints(
  value: Mapping,
  parts: readonly (IpFamily | 'ipvs')[],
  reader: FieldReader,
): PlanDocument['fingerprint'] {
  const fields = reader.mapping(value['fingerprint'], ['fingerprint']);
  const given = parts.filter((part) => fields[part] !== undefined);
  const entries = given.map((part) => [part, reader.text(fields, part, ['fingerprint'])] as const);
  for (const [part, text] of entries) {
    if (!/^[\da-f]{64}$/.test(text)) reader.fault(['fingerprint', part], 'must be 64 hexadecimal digits');
  }
  return Object.fromEntries(entries);
}

/** All that kube-proxy's modes need of the kernel, each with the values that it may have: a node may have had others than they want. */
const SYSCTLS: readonly (readonly [key: RegExp, value: RegExp])[] = [
  [/^net\.ipv4\.conf\.[\w-]{1,15}\.route_localnet$/, /^[01]$/],
  [/^net\.ipv4\.vs\.(?:conntrack|conn_reuse_mode|expire_nodest_conn|expire_quiescent_template)$/, /^\d$/],
  [/^net\.ipv4\.ip_forward$/, /^[01]$/],
  [/^net\.ipv4\.conf\.all\.arp_(?:ignore|announce)$/, /^[0-8]$/],
];

function readSysctls(value: Mapping, reader: FieldReader): readonly SysctlChange[] {
  return reader.list(value, 'sysctls', []).map((item, i) => {
    const path = ['sysctls', i];
    const fields = reader.mapping(item, path);
    const text = (name: string): string => reader.text(fields, name, path);
    const sysctl = { key: text('key'), previous: text('previous'), next: text('next'), reason: text('reason') };
    const [, values] = SYSCTLS.find(([key]) => key.test(sysctl.key)) ?? [];
    if (values === undefined) reader.fault([...path, 'key'], 'is no setting that rules of kube-proxy need');
    for (const name of ['previous', 'next'] as const) {
      if (values?.test(sysctl[name]) === false) reader.fault([...path, name], 'is no value of this setting');
    }
    return sysctl;
  });
}

/** NFACCT_NAME_MAX of the kernel is 32, with the zero at the end. */
const NFACCT_NAME = /^\w[\w.-]{0,30}$/;

function readNfacct(value: Mapping, reader: FieldReader): readonly string[] {
  const names = reader.texts(value, 'nfacct', []);
  for (const [i, name] of names.entries()) {
    if (!NFACCT_NAME.test(name)) reader.fault(['nfacct', i], 'is no name of an nfacct object');
  }
  return names;
}

function readSummaries(value: Mapping, families: readonly IpFamily[], reader: FieldReader): readonly FamilySummary[] {
  const items = reader.list(value, 'summary', []).map((item, i) => {
    const path = ['summary', i];
    const fields = reader.mapping(item, path);
    const summary: SummaryItem = {
      kind: reader.oneOf(fields, 'kind', ['service', 'chain', 'jumps'], path) ?? 'chain',
      change: reader.oneOf(fields, 'change', ['add', 'remove', 'change'], path) ?? 'change',
      name: reader.text(fields, 'name', path),
      details: reader.texts(fields, 'details', path),
      chains: reader.texts(fields, 'chains', path),
    };
    return { family: reader.oneOf(fields, 'family', families, path), summary };
  });
  return families.map((family) => ({
    family,
    items: items.filter((item) => item.family === family).map(({ summary }) => summary),
  }));
}
