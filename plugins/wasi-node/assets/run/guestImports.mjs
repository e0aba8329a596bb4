/* eslint-disable no-throw-literal -- what is thrown is the error case of a WIT result */
import { openDirectories } from './filesystem.mjs';
import { limitSockets } from './network.mjs';

/** A guest that calls wasi:cli/exit ends its own run, never the process. */
export class GuestExit extends Error {
  constructor(code) {
    super(`guest exited with code ${code}`);
    this.name = 'GuestExit';
    this.code = code;
  }
}

/**
 * Everything that a guest may import, limited to what it was granted.
 *
 * `wasi` is the shim, `granted` the configuration that the parent sent.
 */
export function createGuestImports({ wasi, granted, stdin, httpTypes, log }) {
  const useAddresses = limitSockets(wasi.sockets, granted.network, log);
  openDirectories(wasi.filesystem, granted.directories);
  const environment = Object.entries(granted.env);
  const exit = code => {
    throw new GuestExit(code);
  };
  const imports = {
    'wasi:cli/environment': {
      getEnvironment: () => environment,
      getArguments: () => granted.args,
      initialCwd: () => undefined,
    },
    'wasi:cli/exit': {
      exit: status => exit(status.tag === 'err' ? 1 : 0),
      exitWithCode: exit,
    },
    'wasi:cli/stdin': stdin,
    'wasi:cli/stdout': wasi.cli.stdout,
    'wasi:cli/stderr': wasi.cli.stderr,
    'wasi:cli/terminal-input': wasi.cli.terminalInput,
    'wasi:cli/terminal-output': wasi.cli.terminalOutput,
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
    'wasi:clocks/monotonic-clock': wasi.clocks.monotonicClock,
    'wasi:clocks/wall-clock': wasi.clocks.wallClock,
    'wasi:filesystem/preopens': wasi.filesystem.preopens,
    'wasi:filesystem/types': wasi.filesystem.types,
    'wasi:http/types': httpTypes,
    'wasi:http/outgoing-handler': outgoingHandler(wasi.http, granted, log),
    'wasi:io/error': wasi.io.error,
    'wasi:io/poll': wasi.io.poll,
    'wasi:io/streams': wasi.io.streams,
    'wasi:random/insecure': wasi.random.insecure,
    'wasi:random/insecure-seed': wasi.random.insecureSeed,
    'wasi:random/random': wasi.random.random,
    'wasi:sockets/instance-network': wasi.sockets.instanceNetwork,
    'wasi:sockets/ip-name-lookup': wasi.sockets.ipNameLookup,
    'wasi:sockets/network': wasi.sockets.network,
    'wasi:sockets/tcp': wasi.sockets.tcp,
    'wasi:sockets/tcp-create-socket': wasi.sockets.tcpCreateSocket,
    'wasi:sockets/udp': wasi.sockets.udp,
    'wasi:sockets/udp-create-socket': wasi.sockets.udpCreateSocket,
  };
  return { imports, useAddresses };
}

// The real runner does not limit outgoing HTTP by `spec.network`; only when asked do we.
function outgoingHandler(http, { limitOutgoingHttp, network }, log) {
  if (!limitOutgoingHttp) {
    return http.outgoingHandler;
  }
  return {
    handle(request, options) {
      const target = targetOf(request);
      if (network.sockets !== 'all' && !isListed(target, network)) {
        log(
          `DENIED: outgoing HTTP to ${target.text} does not match any pattern`,
        );
        throw { tag: 'HTTP-request-denied' };
      }
      return http.outgoingHandler.handle(request, options);
    },
  };
}

function targetOf(request) {
  const scheme = request.scheme()?.tag === 'HTTP' ? 'http' : 'https';
  const authority = request.authority() ?? '';
  if (!URL.canParse(`${scheme}://${authority}`)) {
    return { text: authority };
  }
  const { hostname, port } = new URL(`${scheme}://${authority}`);
  const number = Number(port || (scheme === 'http' ? 80 : 443));
  return {
    text: `${hostname}:${number}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
  };
}

function isListed({ host, port }, { rules }) {
  return rules.some(
    rule =>
      rule.use === 'tcpConnect' &&
      (rule.port === '*' || rule.port === port) &&
      (rule.host.kind === 'any' ||
        (rule.host.address ?? rule.host.name)?.toLowerCase() === host),
  );
}
