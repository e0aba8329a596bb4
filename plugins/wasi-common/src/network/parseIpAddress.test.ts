import { parseIpAddress } from './parseIpAddress';

describe('parseIpAddress', () => {
  it.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::', '::0'],
    ['2001:DB8::A', '2001:db8:0:0:0:0:0:a'],
    ['2001:0db8::000a', '2001:db8::a'],
    ['1::', '1:0:0:0:0:0:0:0'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ])('takes %s and %s for the same address', (a, b) => {
    expect(parseIpAddress(a)).toBe(parseIpAddress(b));
    expect(parseIpAddress(a)).toBeDefined();
  });

  it('tells an IPv4-mapped IPv6 address from the IPv4 address', () => {
    expect(parseIpAddress('::ffff:10.0.0.7')).toBeDefined();
    expect(parseIpAddress('::ffff:10.0.0.7')).not.toBe(
      parseIpAddress('10.0.0.7'),
    );
    expect(parseIpAddress('::ffff:10.0.0.7')).toBe(
      parseIpAddress('::ffff:a00:7'),
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.00',
    '1.2.3.4 ',
    '+1.2.3.4',
    '0x7f.0.0.1',
    '127.1',
    'localhost',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '::1%eth0',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3.4:1',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.256',
    '::01.2.3.4',
  ])('refuses %j as Rust does', text => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});
