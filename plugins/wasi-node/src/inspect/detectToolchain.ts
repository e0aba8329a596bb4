import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Binary } from './readBinary';
import type { Producer } from './readProducers';

/** The first that fits: a compiler's runtime may itself be written in one of the later languages. */
const TOOLCHAINS: {
  language: string;
  isIt: (producer: Producer) => boolean;
  /** Names of the tool whose version is told; without one, the language's own is. */
  tool?: RegExp;
  label?: string;
}[] = [
  {
    language: 'JavaScript',
    isIt: ({ name }) =>
      /^(?:JavaScript|ComponentizeJS|componentize-qjs)$/.test(name),
    tool: /^(?:ComponentizeJS|componentize-qjs)$/,
  },
  {
    language: 'Python',
    // What componentize-py takes its snapshot with; it leaves no name of its own.
    isIt: ({ name }) =>
      /^(?:Python|componentize-py|component-init-transform)$/.test(name),
    tool: /^componentize-py$/,
    label: 'componentize-py',
  },
  {
    language: 'Go',
    isIt: ({ field, name }) =>
      (field === 'language' && name === 'Go') || name === 'TinyGo',
    tool: /^TinyGo$/,
  },
  {
    language: 'C#',
    isIt: ({ name }) => /^(?:C#|C_sharp|ILC|componentize-dotnet)$/i.test(name),
    tool: /^(?:ILC|componentize-dotnet)$/i,
  },
  {
    language: 'Swift',
    isIt: ({ name }) => /^swift(?:-?lang)?$/i.test(name),
    tool: /^swift/i,
  },
  {
    language: 'Rust',
    isIt: ({ name }) => /^(?:Rust|rustc)$/.test(name),
    tool: /^rustc$/,
  },
  {
    language: 'C++',
    isIt: ({ field, name }) =>
      field === 'language' && /^C(?:\+\+|_plus_plus)/.test(name),
    tool: /^clang$/,
  },
  {
    language: 'C',
    isIt: ({ field, name }) =>
      (field === 'language' && /^C(?:\d+)?$/.test(name)) || name === 'clang',
    tool: /^clang$/,
  },
];

/**
 * Language and compiler of a module, as far as its producers tell.
 *
 * What wraps a component says whether an interpreter is inside; for the rest,
 * the module with the most code counts, because the adapters beside it are of Rust.
 *
 * @internal
 */
export function detectToolchain({
  producers,
  mainProducers,
}: Pick<Binary, 'producers' | 'mainProducers'>): Pick<
  ModuleInspection,
  'language' | 'toolchain'
> {
  for (const [index, toolchain] of TOOLCHAINS.entries()) {
    const isInterpreter = index < 2;
    const said = isInterpreter ? producers : mainProducers;
    const sign = said.find(toolchain.isIt);
    if (sign) {
      const { language, tool, label } = toolchain;
      const made = said.find(({ name }) => tool?.test(name));
      const { field, version } = made ?? sign;
      return {
        language,
        toolchain: [
          label ?? made?.name ?? language,
          // That of a tool in the compiler's service says nothing of the compiler.
          ...(made || field === 'language' ? shorten(version) : []),
        ].join(' '),
      };
    }
  }
  return {};
}

/** `19.1.5-wasi-sdk (https://…)`, `1.95.0 (59807616e 2026-04-14)`, `go1.26.8`. */
function shorten(version: string): string[] {
  const short = version.split(' ')[0].replace(/^go(?=\d)/, '');
  return short ? [short] : [];
}
