import { toolVersions } from '../pinnedVersions';
import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';

const { source } = stepPlaceholders;

export const dotnet: Runtime = {
  name: 'dotnet-wasi',
  label: '.NET',
  language: 'C#',
  maturity: 'experimental',
  sources: ['Function.csproj', '*.csproj'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'dotnet',
      command: ['dotnet', '--version'],
      versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
      minimum: toolVersions.dotnet,
      install: `Install the .NET ${toolVersions.dotnet} SDK for Linux x64 or Windows x64 from dotnet.microsoft.com, and allow the dotnet-experimental NuGet feed.`,
    },
  ],
  steps: [
    {
      label: 'Compile C# to a component',
      command: [
        'dotnet',
        'build',
        source,
        '--configuration',
        'Release',
        // The same module wherever it is built.
        '-p:ContinuousIntegrationBuild=true',
      ],
      env: {
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_NOLOGO: '1',
        // No server that outlives the build.
        MSBUILDDISABLENODEREUSE: '1',
      },
    },
  ],
  output: 'bin/Release/net10.0/wasi-wasm/native/*.wasm',
  memoryLimit: '256Mi',
  network: true,
  skeleton: {
    files: [
      { path: 'Handler.cs', purpose: 'answers a request; begin here' },
      { path: 'Tests/', purpose: 'its tests' },
      { path: 'Wasi/', purpose: 'requests and responses by `wasi:http`' },
      {
        path: 'Function.csproj',
        purpose: 'the libraries, and how it is built',
      },
      { path: 'nuget.config', purpose: 'where the compiler comes from' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [
      {
        uses: 'actions/setup-dotnet@v4',
        with: { 'dotnet-version': `${toolVersions.dotnet}.x` },
      },
    ],
    test: 'dotnet test Tests',
    build: [
      'dotnet build Function.csproj --configuration Release',
      'cp bin/Release/net10.0/wasi-wasm/native/Function.wasm module.wasm',
    ],
    ignored: ['bin/', 'obj/'],
  },
};
