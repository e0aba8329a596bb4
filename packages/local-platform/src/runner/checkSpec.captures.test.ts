import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkSpec } from './checkSpec';
import { RunnerFailure } from './RunnerFailure';

const CAPTURES = resolve(__dirname, '../../../../test/knative/captures');
/** What the cluster lacks there, and not what the module asks for. */
const OF_CLUSTER =
  /^refused-(service-quota|definition-of-services-missing|rights-missing)/;

const read = (name: string) =>
  JSON.parse(readFileSync(resolve(CAPTURES, name), 'utf8'));

const names = readdirSync(CAPTURES).filter(name => read(name).module);
const refusedNames = names.filter(
  name => /^refused-/.test(name) && !OF_CLUSTER.test(name),
);

function refusalOf(name: string): string | undefined {
  try {
    checkSpec(read(name).module, { isNew: true });
    return undefined;
  } catch (error) {
    if (error instanceof RunnerFailure) {
      return error.message;
    }
    throw error;
  }
}

describe('the local platform and a real controller', () => {
  it.each(refusedNames)('refuse in the same words: %s', name => {
    expect(refusalOf(name)).toBe(read(name).refused);
  });

  it.each(
    names.filter(name => /^(ready|tag|image-of-no-form|all-of)/.test(name)),
  )('take the same: %s', name => {
    expect(refusalOf(name)).toBeUndefined();
  });
});
