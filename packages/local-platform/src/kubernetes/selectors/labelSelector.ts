import { SelectorReader, type LabelSelector } from './SelectorReader';
import { tokenize } from './tokens';

/**
 * Reads a label selector, equality-based and set-based; what cannot be read is
 * told as kube-apiserver tells it.
 *
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 *
 * @throws KubernetesStatusError 400
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = new SelectorReader(tokenize(text)).all();
  return labels => requirements.every(fits => fits(labels));
}
