/**
 * Writes `report*.api.md`, the public API of each plugin package, or checks them:
 *
 *   node scripts/api-reports.mjs [--check]
 *
 * Reads the declarations in `dist-types` (`tsc`). Fails on any warning of API Extractor,
 * and on an export without the `@public` tag. `@backstage/repo-tools` makes the same
 * reports, with 300 MB of tools that nothing else here needs.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from '@microsoft/api-extractor';
import prettier from 'prettier';
import { root } from './lib/root.mjs';

const require = createRequire(import.meta.url);
const check = process.argv.includes('--check');
const UNTAGGED = /^\/\/ @(alpha|beta|internal)|\(No @packageDocumentation/;

const entryPoints = (
  await Promise.all(
    (await readdir(join(root, 'plugins'))).sort().map(findEntryPoints),
  )
).flat();
const temporary = await mkdtemp(join(tmpdir(), 'api-reports-'));
const complaints = [];
try {
  let compilerState;
  for (const entryPoint of entryPoints) {
    const config = prepare(entryPoint);
    // One program for all, each package's declarations in it.
    compilerState ??= CompilerState.create(config, {
      additionalEntryPoints: entryPoints.map(({ types }) => types),
    });
    await report(entryPoint, config, compilerState);
  }
} finally {
  await rm(temporary, { recursive: true, force: true });
}
for (const complaint of complaints) {
  console.error(complaint);
}
process.exitCode = complaints.length === 0 ? 0 : 1;

/** One per path of `exports` that has code. */
async function findEntryPoints(name) {
  const folder = join(root, 'plugins', name);
  const manifest = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  return Object.entries(manifest.exports ?? { '.': manifest.main })
    .filter(([, source]) => /\.tsx?$/.test(source))
    .map(([path, source]) => ({
      folder,
      file: path === '.' ? 'report.api.md' : `report-${path.slice(2)}.api.md`,
      types: join(
        root,
        'dist-types/plugins',
        name,
        source.replace(/\.tsx?$/, '.d.ts'),
      ),
    }));
}

function prepare({ folder, file, types }) {
  if (!existsSync(types)) {
    throw new Error(`${types} is not there: run "tsc" first.`);
  }
  const warn = { logLevel: ExtractorLogLevel.Warning };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: file.replace(/\.api\.md$/, ''),
        reportFolder: temporary,
        reportTempFolder: join(temporary, 'incoming'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        // Their paths are this machine's; the compiler has run before.
        compilerMessageReporting: { default: { logLevel: 'none' } },
        extractorMessageReporting: {
          default: { ...warn, addToApiReportFile: true },
          'ae-undocumented': { logLevel: 'none' },
          'ae-wrong-input-file-type': { logLevel: 'none' },
        },
        tsdocMessageReporting: {
          default: { ...warn, addToApiReportFile: true },
        },
      },
    },
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
  });
  return config;
}

async function report({ folder, file }, config, compilerState) {
  Extractor.invoke(config, {
    localBuild: true,
    compilerState,
    messageCallback: message => {
      message.handled = true;
    },
  });
  const text = await prettier.format(
    await readFile(join(temporary, file), 'utf8'),
    {
      ...require('@backstage/cli/config/prettier'),
      parser: 'markdown',
    },
  );
  const target = join(folder, file);
  const name = relative(root, target);
  for (const line of text.split('\n')) {
    if (line.includes('// Warning:') || UNTAGGED.test(line)) {
      complaints.push(`${name}: ${line.trim()}`);
    }
  }
  if (!check) {
    await writeFile(target, text);
  } else if (!existsSync(target) || (await readFile(target, 'utf8')) !== text) {
    complaints.push(
      `${name} is not what the sources export: run "npm run build:api-reports", read the difference, commit it.`,
    );
  }
}
