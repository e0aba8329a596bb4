/* eslint-disable no-throw-literal -- what is thrown is the error case of a WIT result */
/**
 * Keeps a guest's sockets to the rules: `network.sockets` is `none`, `all` or
 * `listed`; listed rules arrive parsed, so only equality is decided here.
 *
 * Returns a function that takes the addresses the rules' names resolved to.
 */
export function limitSockets(sockets, network, log) {
  let addresses = new Map();
  if (network.sockets === 'none') {
    sockets._denyTcp();
    sockets._denyUdp();
  }
  if (!network.dnsLookup) {
    sockets._denyDnsLookup();
  }

  const check = (use, socketAddress) => {
    if (network.sockets === 'all') {
      return;
    }
    if (network.sockets === 'none') {
      throw 'access-denied';
    }
    const address = toIpAndPort(socketAddress);
    const text = address.ip.includes(':')
      ? `[${address.ip}]:${address.port}`
      : `${address.ip}:${address.port}`;
    const rule = network.rules.find(
      candidate =>
        candidate.use === use && allows(candidate, address, addresses),
    );
    if (!rule) {
      log(`DENIED: ${text} does not match any pattern`);
      throw 'access-denied';
    }
    log(`ALLOWED: ${text} matches pattern '${rule.pattern}'`);
  };

  const tcp = sockets.tcp.TcpSocket.prototype;
  guard(tcp, 'startBind', (_network, address) => check('tcpBind', address));
  guard(tcp, 'startConnect', (_network, address) =>
    check('tcpConnect', address),
  );
  const udp = sockets.udp.UdpSocket.prototype;
  guard(udp, 'startBind', (_network, address) => check('udpBind', address));
  guard(udp, 'stream', address => {
    if (address) {
      check('udpConnect', address);
    }
  });
  guard(sockets.udp.OutgoingDatagramStream.prototype, 'send', datagrams => {
    for (const { remoteAddress } of datagrams) {
      if (remoteAddress) {
        check('udpOutgoing', remoteAddress);
      }
    }
  });
  return resolved => {
    addresses = resolved;
  };
}

/** Tells whether one rule allows an address; `addresses` maps names to what they resolved to. */
export function allows(rule, address, addresses) {
  if (rule.port !== '*' && rule.port !== address.port) {
    return false;
  }
  switch (rule.host.kind) {
    case 'any':
      return true;
    case 'address':
      return canonicalIp(rule.host.address) === address.ip;
    case 'name':
      // The runner resolves `name:port` in one call, which takes no wildcard.
      if (rule.port === '*') {
        return false;
      }
      return (addresses.get(rule.host.name) ?? []).some(
        ip => canonicalIp(ip) === address.ip,
      );
    default:
      return false;
  }
}

function toIpAndPort({ tag, val }) {
  const ip =
    tag === 'ipv4'
      ? val.address.join('.')
      : canonicalIp(val.address.map(group => group.toString(16)).join(':'));
  return { ip, port: val.port };
}

function canonicalIp(ip) {
  const bare = ip.split('%')[0];
  return bare.includes(':')
    ? new URL(`http://[${bare}]`).hostname.slice(1, -1)
    : bare;
}

function guard(prototype, method, before) {
  const original = prototype[method];
  prototype[method] = function guarded(...args) {
    before(...args);
    return original.apply(this, args);
  };
}
