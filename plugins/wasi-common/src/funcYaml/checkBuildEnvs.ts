import type { FuncYamlReport } from './FuncYamlReport';
import { parseEnvValue } from './parseEnvValue';
import type { FuncEnv } from './types';

/**
 * Variables that choose which programs and libraries run, where they look for
 * files and hosts, or what a build may keep: those are the portal's to set.
 */
const REFUSED = [
  // The shell, the loader and where things lie.
  /^(?:PATH|HOME|PWD|OLDPWD|SHELL|ENV|BASH_ENV|BASH_FUNC_.*|IFS|TMP|TEMP|TMPDIR|LOCPATH|GCONV_PATH)$/,
  /^(?:LD|DYLD|GLIBC|MALLOC|XDG)_/,
  // Where compilers and their parts are found, and what they are told besides.
  /^(?:CC|CXX|CPP|LD|AR|AS|NM|RANLIB|COMPILER_PATH|LIBRARY_PATH|CPATH|C_INCLUDE_PATH|CPLUS_INCLUDE_PATH|GCC_EXEC_PREFIX|CLANG_.*|WASI_.*)$/,
  /^(?:MAKE|GMAKE|MFLAGS|MAKE(?:FLAGS|FILES|LEVEL|OVERRIDES)|CMAKE_.*)$/,
  /^(?:CGO|RUSTC|RUSTUP|SWIFT|MSBUILD|NUGET|DOTNET|CORECLR)(?:_.*)?$/,
  // Profiles tune a build; all else of cargo's decides what it runs.
  /^CARGO(?:_(?!PROFILE_).*)?$/,
  /^RUST(?:DOC|FLAGS|DOCFLAGS)$/,
  /^GO(?:ARCH|OS|ROOT|PATH|BIN|CACHE|MODCACHE|TMPDIR|ENV|FLAGS|EXE|EXPERIMENT|WORK|TOOLCHAIN|TOOLDIR|PROXY|NOPROXY|PRIVATE|SUMDB|NOSUMDB|INSECURE|VCS|AUTH|DEBUG)$/,
  // Interpreters that load what a variable names.
  /^NODE_(?!ENV$)/,
  /^(?:PYTHON|PERL5|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS)/,
  // Package managers, and the ways to the network.
  /^(?:NPM|YARN|COREPACK|PIP|UV|VIRTUAL_ENV|GIT|SSH|SSL|CURL|OPENSSL)(?:_.*)?$/,
  /_PROXY$/,
];

/**
 * Checks the variables that a build asks for: plain values, under names that
 * do not decide what is run.
 *
 * A `{{ … }}` form would read the environment of the portal, or a secret of the
 * cluster that every build script and log could then show.
 *
 * @internal
 */
export function checkBuildEnvs(
  envs: readonly FuncEnv[],
  report: FuncYamlReport,
): void {
  // Where it is written: earlier versions of func had it at the top.
  const list = report.lineOf('build.buildEnvs')
    ? 'build.buildEnvs'
    : 'buildEnvs';
  envs.forEach((env, index) => {
    const path = `${list}[${index}]`;
    const why = whyBuildEnvRefused(env);
    if (why) {
      report.add(path, {
        code: 'BUILD_ENV_REFUSED',
        message: `\`${path}\`: ${why}`,
      });
    }
  });
}

/**
 * Why a build is not given a variable; undefined for one that it may have.
 *
 * @public
 */
export function whyBuildEnvRefused({
  name,
  value = '',
}: FuncEnv): string | undefined {
  switch (parseEnvValue(value).kind) {
    case 'secret':
    case 'configMap':
    case 'secretKey':
    case 'configMapKey':
      return 'a build gets nothing from the cluster';
    case 'local':
      return 'a build gets nothing from the environment of the portal';
    default:
  }
  if (
    name !== undefined &&
    REFUSED.some(each => each.test(name.toUpperCase()))
  ) {
    return `${name} decides what a build runs or reaches, and is not taken from func.yaml`;
  }
  return undefined;
}
