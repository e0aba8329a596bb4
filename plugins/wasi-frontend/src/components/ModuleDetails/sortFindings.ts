import {
  describeNetwork,
  type Finding,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';

// Where the backend says why events of a module are missing.
const EVENTS_PATH = 'events';

/**
 * The findings of a module by where they are shown; those of its network rules
 * are left out, because the rules show them.
 */
export function sortFindings(view: ModuleView): {
  general: Finding[];
  events: Finding[];
} {
  const { findings, rules } = describeNetwork(view.module.spec.network);
  const shownThere = new Set(
    [...findings, ...rules.flatMap(rule => rule.findings)].map(identify),
  );
  const rest = view.findings.filter(
    finding => !shownThere.has(identify(finding)),
  );
  return {
    general: rest.filter(({ path }) => path !== EVENTS_PATH),
    events: rest
      .filter(({ path }) => path === EVENTS_PATH)
      // It stands with the events, so where it belongs needs no words.
      .map(({ path, ...finding }) => finding),
  };
}

function identify(finding: Finding): string {
  return `${finding.code} ${finding.path ?? ''}`;
}
