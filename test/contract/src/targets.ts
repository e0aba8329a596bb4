import {
  startLocalTarget,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';

/** The APIs that must answer alike. */
export const targets: {
  title: string;
  present: boolean;
  start: () => Promise<KubernetesTarget>;
}[] = [
  { title: 'the local platform', present: true, start: startLocalTarget },
  {
    title: 'a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
    present: Boolean(assets),
    start: startKubeApiserverTarget,
  },
];

/** Describes the same claims for every API; one that is not there is skipped by name. */
export function describeTargets(
  title: string,
  claims: (start: () => Promise<KubernetesTarget>) => void,
): void {
  for (const { title: name, present, start } of targets) {
    (present ? describe : describe.skip)(`${title} of ${name}`, () =>
      claims(start),
    );
  }
}
