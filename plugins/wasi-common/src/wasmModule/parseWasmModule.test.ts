import { readFixture } from '../__fixtures__/readFixture';
import { isWasiError } from '../diagnosis';
import { parseWasmModule } from './parseWasmModule';

const ready = () =>
  JSON.parse(readFixture('wasmmodule.v1alpha1.ready.json')) as object;

function refusal(value: unknown) {
  try {
    parseWasmModule(value);
    return undefined;
  } catch (error) {
    return isWasiError(error) ? error : undefined;
  }
}

describe('parseWasmModule', () => {
  it('reads a resource and keeps the fields it does not know', () => {
    const value = { ...ready(), extra: { kept: true } };
    expect(parseWasmModule(value)).toEqual(value);
  });

  it('reads a resource of a later version of the API', () => {
    const value = {
      ...ready(),
      apiVersion: 'wasm.serving.knative.dev/v1beta1',
    };
    expect(parseWasmModule(value).apiVersion).toBe(value.apiVersion);
  });

  it('takes a condition with an unheard-of status for unknown', () => {
    const value = {
      ...ready(),
      status: { conditions: [{ type: 'Ready', status: 'Perhaps' }] },
    };
    expect(parseWasmModule(value).status?.conditions).toEqual([
      { type: 'Ready', status: 'Unknown' },
    ]);
  });

  it('names every wrong field, and no value', () => {
    const value = {
      ...ready(),
      kind: 'Service',
      spec: { env: [{ name: 'A', value: { hidden: 'hunter2' } }] },
    };
    const error = refusal(value);
    expect(error?.code).toBe('MODULE_INVALID');
    expect(error?.findings?.map(({ path }) => path)).toEqual([
      'kind',
      'spec.image',
      'spec.env[0].value',
    ]);
    expect(JSON.stringify([error?.message, error?.findings])).not.toContain(
      'hunter2',
    );
  });

  it.each([undefined, null, 'text', 1, [], {}])('refuses %j', value => {
    expect(() => parseWasmModule(value)).toThrow(
      expect.objectContaining({ code: 'MODULE_INVALID' }),
    );
  });
});
