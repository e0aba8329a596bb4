import {
  isWasiError,
  parseImageReference,
  parseNetworkPattern,
  parseQuantity,
  type WasmModuleSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  isKept,
  resourceFields,
  type ModuleDraft,
  type ResourceField,
} from './ModuleDraft';

/** What is wrong with a draft; each is the key of a text. */
export interface DraftProblems {
  /** In the words of the parser. */
  image?: string;
  names: Map<number, 'nameInvalid' | 'nameTwice'>;
  /** Secrets of another name, whose value is not known here. */
  values: Set<number>;
  resources: Set<ResourceField>;
  /** Numbers of the rules, from 0. */
  rules: Set<number>;
}

// What the API server takes: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables
const VARIABLE_NAME = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/;

/** Tells what could not be read; what would not run is for the plan to tell. */
export function checkDraft(
  draft: ModuleDraft,
  spec: WasmModuleSpec,
): DraftProblems {
  const names: DraftProblems['names'] = new Map();
  draft.env.forEach(({ name }, index) => {
    const times = (variables: readonly { name: string }[] = []) =>
      variables.filter(variable => variable.name === name).length;
    if (!VARIABLE_NAME.test(name)) {
      names.set(index, 'nameInvalid');
    } else if (
      // A module may have one twice already; then the last one counts.
      times(draft.env.slice(0, index + 1)) > Math.max(1, times(spec.env))
    ) {
      names.set(index, 'nameTwice');
    }
  });
  return {
    image: imageProblem(draft.image.trim()),
    names,
    values: indexesOf(
      draft.env,
      variable =>
        variable.kept !== undefined &&
        !variable.kept.valueFrom &&
        variable.value === '' &&
        !isKept(variable),
    ),
    resources: new Set(
      resourceFields.filter(field => {
        const text = draft.resources[field].trim();
        const quantity = parseQuantity(text);
        return text !== '' && (quantity === undefined || quantity < 0);
      }),
    ),
    rules: indexesOf(
      draft.network,
      ({ pattern }) => !parseNetworkPattern(pattern).pattern,
    ),
  };
}

/** How many there are. */
export function countProblems(problems: DraftProblems): number {
  const { image, names, values, resources, rules } = problems;
  return (
    (image === undefined ? 0 : 1) +
    names.size +
    values.size +
    resources.size +
    rules.size
  );
}

function imageProblem(image: string): string | undefined {
  try {
    parseImageReference(image);
    return undefined;
  } catch (error) {
    if (isWasiError(error)) {
      return error.message;
    }
    throw error;
  }
}

function indexesOf<T>(
  items: readonly T[],
  matches: (item: T) => boolean,
): Set<number> {
  return new Set(items.flatMap((item, index) => (matches(item) ? index : [])));
}
