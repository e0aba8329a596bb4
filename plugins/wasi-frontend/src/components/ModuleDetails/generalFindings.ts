import {
  describeNetwork,
  type Finding,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** The findings of a module without those that stand with its network rules. */
export function generalFindings(view: ModuleView): Finding[] {
  const { findings, rules } = describeNetwork(view.module.spec.network);
  const shownThere = new Set(
    [...findings, ...rules.flatMap(rule => rule.findings)].map(identify),
  );
  return view.findings.filter(finding => !shownThere.has(identify(finding)));
}

function identify(finding: Finding): string {
  return `${finding.code} ${finding.path ?? ''}`;
}
