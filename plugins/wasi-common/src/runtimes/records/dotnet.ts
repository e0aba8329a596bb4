import type { Runtime } from '../types';

export const dotnet: Runtime = {
  name: 'dotnet-wasi',
  label: '.NET',
  language: 'C#',
  maturity: 'experimental',
  sources: ['*.csproj'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'dotnet',
      command: ['dotnet', '--version'],
      versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
      minimum: '10.0',
      install:
        'Install the .NET 10 SDK from dotnet.microsoft.com, and allow the dotnet-experimental NuGet feed.',
    },
  ],
  steps: [
    {
      label: 'Compile C# to a component',
      command: ['dotnet', 'build', '-c', 'Release'],
    },
  ],
  output: 'bin/Release/*/wasi-wasm/native/*.wasm',
  memoryLimit: '256Mi',
  buildable: false,
};
