import {
  describeConflict,
  isWasiError,
  preflight as judgeModule,
  type Finding,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  planDeploy,
  refusalOf,
  type Deploy,
  type DeployPlan,
  type ImageVerifier,
  type ModulePreflight,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** What a deploy would do, and what is wrong with it. @internal */
export interface JudgedDeploy {
  /** Absent where the cluster refuses it. */
  plan?: DeployPlan;
  findings: Finding[];
}

/**
 * Has cluster, registry and policy say what they think of a deploy.
 *
 * @internal
 */
export async function judgeDeploy(
  deploy: Deploy & { force: boolean },
  options: {
    verifier: ImageVerifier;
    /** Absent where there is no image yet. */
    preflight: ModulePreflight | undefined;
    findings: Finding[];
    inspection?: ModuleInspection;
  },
): Promise<JudgedDeploy> {
  const { client, module, force, signal } = deploy;
  const { findings, inspection, preflight, verifier } = options;
  const refused: Finding[] = [];
  const plan = await planDeploy(deploy).catch(error => {
    refused.push(...refusalOf(error));
    return undefined;
  });
  const conflicts = (plan?.conflicts ?? []).map(describeConflict);
  const told = preflight
    ? [
        // What is applied, whatever a pipeline made of it.
        ...(await verify(verifier, module.spec.image, signal)),
        ...(await preflight.check({
          module,
          client,
          exists: plan?.before !== undefined,
          inspection,
          signal,
        })),
      ]
    : judgeModule(module, { inspection });
  return {
    plan,
    findings: [
      ...findings,
      ...told,
      ...refused,
      ...conflicts.map<Finding>(conflict =>
        force
          ? {
              ...conflict,
              severity: 'warning',
              remedy: 'It is taken over, as `force` says.',
            }
          : conflict,
      ),
    ],
  };
}

/** An image that is refused is one of several things that may be wrong. */
async function verify(
  verifier: ImageVerifier,
  image: string,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  try {
    return await verifier.verify(image, { signal });
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    const { code, message, remedy } = error;
    return [{ code, severity: 'error', message, remedy }];
  }
}
