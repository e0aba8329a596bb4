import {
  MASKED_VALUE,
  type EnvVar,
  type NetworkSpec,
  type ResourceRequirements,
  type WasmModuleSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  fromNetworkRows,
  toNetworkRows,
  type NetworkRow,
} from '../NetworkRules';

/** A variable as the form edits it. */
export interface VariableDraft {
  name: string;
  /** What was typed; empty where the one that is there is kept. */
  value: string;
  /** What the cluster has, where that is not shown: a secret, or a source of the cluster. */
  kept?: EnvVar;
}

/** The resources that the form edits. */
export const resourceFields = [
  'requests.memory',
  'limits.memory',
  'requests.cpu',
  'limits.cpu',
] as const;

/** One of {@link resourceFields}. */
export type ResourceField = (typeof resourceFields)[number];

/** A module as the form edits it. */
export interface ModuleDraft {
  image: string;
  args: string[];
  env: VariableDraft[];
  resources: Record<ResourceField, string>;
  network: NetworkRow[];
  inherit: boolean;
  dnsLookup: boolean;
}

/** What the form begins with. */
export function toDraft(spec: WasmModuleSpec): ModuleDraft {
  return {
    image: spec.image,
    args: spec.args ?? [],
    env: (spec.env ?? []).map(variable =>
      isHidden(variable)
        ? { name: variable.name, value: '', kept: variable }
        : { name: variable.name, value: variable.value ?? '' },
    ),
    resources: Object.fromEntries(
      resourceFields.map(field => [field, readResource(spec, field)]),
    ) as ModuleDraft['resources'],
    network: toNetworkRows(spec.network),
    inherit: spec.network?.inherit ?? false,
    dnsLookup: spec.network?.allowIpNameLookup ?? false,
  };
}

/** What the form makes of a module; what it does not show stays. */
export function fromDraft(
  draft: ModuleDraft,
  spec: WasmModuleSpec,
): WasmModuleSpec {
  const before = toDraft(spec);
  const sections = {
    image: draft.image.trim(),
    args: draft.args,
    env: draft.env.map(toVariable),
    resources: resourcesOf(draft, spec.resources),
    network: networkOf(draft, spec.network),
  };
  const next: WasmModuleSpec = { ...spec };
  for (const [field, value] of Object.entries(sections)) {
    const isTouched = relevant(field).some(
      part => JSON.stringify(draft[part]) !== JSON.stringify(before[part]),
    );
    if (isTouched) {
      Object.assign(next, { [field]: isEmpty(value) ? undefined : value });
    }
  }
  return next;
}

/** Whether the value of a variable is kept as the cluster has it. */
export function isKept({ name, value, kept }: VariableDraft): boolean {
  return kept !== undefined && value === '' && name === kept.name;
}

function isHidden({ value, valueFrom }: EnvVar): boolean {
  return valueFrom !== undefined || value === MASKED_VALUE;
}

function toVariable(draft: VariableDraft): EnvVar {
  const { name, value, kept } = draft;
  if (kept && (isKept(draft) || kept.valueFrom)) {
    return { ...kept, name };
  }
  return { name, value };
}

function relevant(field: string): (keyof ModuleDraft)[] {
  return field === 'network'
    ? ['network', 'inherit', 'dnsLookup']
    : [field as keyof ModuleDraft];
}

function readResource(spec: WasmModuleSpec, field: ResourceField): string {
  const [kind, name] = splitField(field);
  return String(spec.resources?.[kind]?.[name] ?? '');
}

function resourcesOf(
  { resources }: ModuleDraft,
  before: ResourceRequirements = {},
): ResourceRequirements {
  const next: ResourceRequirements = { ...before };
  for (const field of resourceFields) {
    const [kind, name] = splitField(field);
    const { [name]: _, ...others } = next[kind] ?? {};
    const text = resources[field].trim();
    if (text === String(next[kind]?.[name] ?? '')) {
      continue;
    }
    const values = text === '' ? others : { ...others, [name]: text };
    if (isEmpty(values)) {
      delete next[kind];
    } else {
      next[kind] = values;
    }
  }
  return next;
}

function networkOf(
  { network, inherit, dnsLookup }: ModuleDraft,
  before: NetworkSpec | undefined,
): NetworkSpec | undefined {
  const {
    inherit: wasInherited,
    allowIpNameLookup: wasAllowed,
    ...rules
  } = fromNetworkRows(network, before) ?? {};
  return {
    ...rules,
    // What was said to be off stays so, and is no difference.
    ...((inherit || wasInherited !== undefined) && { inherit }),
    ...((dnsLookup || wasAllowed !== undefined) && {
      allowIpNameLookup: dnsLookup,
    }),
  };
}

function splitField(field: ResourceField) {
  return field.split('.') as ['requests' | 'limits', 'memory' | 'cpu'];
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' &&
      value !== null &&
      Object.keys(value).length === 0)
  );
}
