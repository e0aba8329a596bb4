import type { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { wasiApiRef } from '../../apis';

/** Refuses a runtime that this portal cannot build, before the template runs. */
export const validateRuntime: CustomFieldValidator<string> = async (
  name,
  field,
  { apiHolder },
) => {
  const wasiApi = apiHolder.get(wasiApiRef);
  if (!name || !wasiApi) {
    return;
  }
  let runtimes;
  try {
    ({ runtimes } = await wasiApi.getInfo());
  } catch {
    // The field itself shows this failure, and the template's validate step asks again.
    return;
  }
  const runtime = runtimes.find(candidate => candidate.name === name);
  if (!runtime) {
    field.addError(`${name} is not a runtime of this portal.`);
  } else if (!runtime.available) {
    const problems = runtime.problems.map(problem => problem.message);
    field.addError(
      [`${runtime.label} cannot be built here.`, ...problems].join(' '),
    );
  }
};
