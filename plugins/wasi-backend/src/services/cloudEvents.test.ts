import { eventHeaders, readEvent } from './cloudEvents';

const event = { type: 'shop.order', source: '/orders', id: '1' };

describe('sending a CloudEvent in binary mode', () => {
  it('writes each attribute as a header, encoded as the binding says', () => {
    expect(
      eventHeaders(
        {
          ...event,
          subject: 'Grüße "100 %" 😀',
          dataContentType: 'application/json',
        },
        { 'x-mine': 'yes', 'ce-time': '2026-11-21T00:00:00Z' },
      ),
    ).toEqual({
      'ce-specversion': '1.0',
      'ce-type': 'shop.order',
      'ce-source': '/orders',
      'ce-id': '1',
      'ce-subject': 'Gr%C3%BC%C3%9Fe%20%22100%20%25%22%20%F0%9F%98%80',
      'content-type': 'application/json',
      'x-mine': 'yes',
      'ce-time': '2026-11-21T00:00:00Z',
    });
  });

  it('lets no value end its line', () => {
    expect(
      eventHeaders({ ...event, subject: 'a\r\nx-evil: 1' }, {})['ce-subject'],
    ).toBe('a%0D%0Ax-evil:%201');
  });

  it.each([
    ['CE-ID', 'said by the CloudEvent as well'],
    ['ce-specversion', 'said by the CloudEvent as well'],
    ['ce-my_name', 'no attribute of a CloudEvent'],
    ['ce-', 'no attribute of a CloudEvent'],
  ])('refuses the typed header %s', (name, message) => {
    expect(() => eventHeaders(event, { [name]: '2' })).toThrow(message);
  });

  it('takes a typed content type where the event has none', () => {
    expect(eventHeaders(event, { 'Content-Type': 'text/plain' })).toMatchObject(
      { 'Content-Type': 'text/plain' },
    );
    expect(() =>
      eventHeaders(
        { ...event, dataContentType: 'text/html' },
        { 'Content-Type': 'text/plain' },
      ),
    ).toThrow('"Content-Type" is said by the CloudEvent as well.');
  });

  it('takes headers that every object has a property of', () => {
    expect(eventHeaders(event, { constructor: 'x' })).toMatchObject({
      constructor: 'x',
    });
  });
});

describe('what a module answered with', () => {
  const binary: [string, string][] = [
    ['Ce-Id', '7'],
    ['Ce-Source', '/billing'],
    ['Ce-Specversion', '1.0'],
    ['Ce-Type', 'shop.bill'],
  ];

  it('is an event in binary mode', () => {
    expect(
      readEvent(
        [
          ...binary,
          ['Ce-Subject', 'Gr%C3%BC%C3%9Fe'],
          ['ce-raw', '100%'],
          ['content-type', 'text/plain'],
        ],
        'paid',
      ),
    ).toEqual({
      mode: 'binary',
      attributes: {
        id: '7',
        source: '/billing',
        specversion: '1.0',
        type: 'shop.bill',
        subject: 'Grüße',
        raw: '100%',
        datacontenttype: 'text/plain',
      },
    });
  });

  it('is an event in structured mode', () => {
    expect(
      readEvent(
        [['Content-Type', 'application/cloudevents+json; charset=utf-8']],
        JSON.stringify({
          specversion: '1.0',
          id: '7',
          source: '/billing',
          type: 'shop.bill',
          attempt: 2,
          data: { paid: true },
        }),
      ),
    ).toEqual({
      mode: 'structured',
      attributes: {
        specversion: '1.0',
        id: '7',
        source: '/billing',
        type: 'shop.bill',
        attempt: '2',
      },
    });
  });

  it.each<[string, [string, string][], string]>([
    ['without an attribute that each must have', binary.slice(1), ''],
    ['with no event at all', [['content-type', 'text/html']], ''],
    [
      'whose body is not the JSON it claims to be',
      [['content-type', 'application/cloudevents+json']],
      '{',
    ],
    [
      'whose body is null',
      [['content-type', 'application/cloudevents+json']],
      'null',
    ],
  ])('is none %s', (_, headers, body) => {
    expect(readEvent(headers, body)).toBeUndefined();
  });
});
