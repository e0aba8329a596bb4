import { addressReach, hostReach } from './addressReach';

describe('addressReach', () => {
  it.each([
    ['203.0.113.7', 'public'],
    ['2001:db8::7', 'public'],
    ['2606:4700::1111', 'public'],
    ['64:ff9b::203.0.113.7', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['0.0.0.0', 'special'],
    ['::', 'special'],
    ['169.254.169.254', 'special'],
    ['::ffff:169.254.169.254', 'special'],
    ['64:ff9b::169.254.169.254', 'special'],
    ['2002:a9fe:a9fe::1', 'special'],
    ['100.100.100.200', 'special'],
    ['168.63.129.16', 'special'],
    ['224.0.0.1', 'special'],
    ['255.255.255.255', 'special'],
    ['fe80::1', 'special'],
    ['fe80::1%eth0', 'special'],
    ['fd00:ec2::254', 'special'],
    ['ff02::1', 'special'],
    ['modules.test', undefined],
    ['', undefined],
  ])('%s is %s', (address, reach) => {
    expect(addressReach(address)).toBe(reach);
  });
});

describe('hostReach', () => {
  it.each([
    ['modules.test', undefined],
    ['localhost', 'loopback'],
    ['LOCALHOST.', 'loopback'],
    ['api.localhost', 'loopback'],
    ['[::1]', 'loopback'],
    ['metadata.google.internal', 'special'],
    ['203.0.113.7', 'public'],
    // However it is written: a URL's host is in its plain form.
    [new URL('https://2130706433/').hostname, 'loopback'],
    [new URL('https://0x7f.1/').hostname, 'loopback'],
  ])('%s is %s', (hostname, reach) => {
    expect(hostReach(hostname)).toBe(reach);
  });
});
