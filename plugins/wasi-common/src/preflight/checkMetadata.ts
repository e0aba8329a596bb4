import { ANNOTATION_ENTITY_REF, LABEL_KUBERNETES_ID } from '../annotations';
import type { Finding } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import { finding, someOf } from './finding';

const DNS_1035_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const AUTOSCALING = 'autoscaling.knative.dev/';
/** The one label that Knative reads on a Service, once, when it is created. */
const VISIBILITY = 'networking.knative.dev/visibility';

/** R8 and R16: what becomes of the name, labels and annotations. @internal */
export function checkMetadata({ metadata }: WasmModule): Finding[] {
  const findings: Finding[] = [];
  if (!DNS_1035_LABEL.test(metadata.name)) {
    findings.push(
      finding('error', 'NAME_INVALID', {
        message: `"${metadata.name}" cannot be the name of the Knative Service that the controller creates`,
        path: 'metadata.name',
      }),
    );
  }
  const annotations = Object.keys(metadata.annotations ?? {});
  for (const key of annotations.filter(each => each.startsWith(AUTOSCALING))) {
    findings.push(
      finding('error', 'AUTOSCALING_ANNOTATION', {
        message: `With the annotation ${key}, Knative refuses the Service, and the module never starts`,
        path: `metadata.annotations["${key}"]`,
      }),
    );
  }
  const written = [
    ...Object.keys(metadata.labels ?? {}).filter(
      key => key !== LABEL_KUBERNETES_ID,
    ),
    ...annotations.filter(
      key => key !== ANNOTATION_ENTITY_REF && !key.startsWith(AUTOSCALING),
    ),
  ];
  if (written.length > 0) {
    const visibility = written.includes(VISIBILITY)
      ? '; this holds for the visibility too'
      : '';
    findings.push(
      finding('info', 'LABELS_ONLY_ON_CREATE', {
        message: `Labels and annotations (${someOf(
          written,
        )}) reach the Knative Service when it is created, never its pods, and later changes are ignored${visibility}`,
        path: 'metadata',
      }),
    );
  }
  return findings;
}
