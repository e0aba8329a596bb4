import * as encode from '../inspect/__testUtils__/encode';
import { rewriteModule } from './rewriteModule';

const core = (...names: string[]) =>
  encode.coreModule(
    encode.coreTypes,
    ...names.map(name => encode.custom(name, [1])),
  );
const around = (...modules: number[][]) =>
  Uint8Array.from(
    encode.component(
      encode.section(4, encode.component(encode.section(1, modules[0]))),
      ...modules.slice(1).map(module => encode.section(1, module)),
      encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
    ),
  );

describe('rewriteModule', () => {
  it('puts one core module in the place of another, at any depth', () => {
    const long = core(...new Array(60).fill('longer'));

    expect(
      rewriteModule(around(core('a'), core('b'), core('c')), {
        replaces: module =>
          module.includes('b'.charCodeAt(0))
            ? undefined
            : Uint8Array.from(long),
      }),
    ).toEqual(around(long, core('b'), long));
  });

  it('gives the same bytes where nothing is to change', () => {
    const component = around(core('a'), core('b'));

    expect(rewriteModule(component, {})).toBe(component);
    expect(
      rewriteModule(component, {
        drops: () => false,
        replaces: () => undefined,
      }),
    ).toBe(component);
  });

  it('offers no core module that is not inside a component', () => {
    const module = Uint8Array.from(core('a'));

    expect(rewriteModule(module, { replaces: () => Uint8Array.of() })).toBe(
      module,
    );
  });
});
