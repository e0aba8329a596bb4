import { parseChallenges } from './challenge';

describe('parseChallenges', () => {
  it.each([
    {
      what: 'commas within quotes',
      header:
        'Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"',
      challenges: [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://a/t',
            service: 's',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    },
    {
      what: 'two challenges in one header',
      header: 'Basic realm="x", Bearer realm="https://a/t" , service=plain',
      challenges: [
        { scheme: 'basic', parameters: { realm: 'x' } },
        {
          scheme: 'bearer',
          parameters: { realm: 'https://a/t', service: 'plain' },
        },
      ],
    },
    {
      what: 'two headers',
      header: ['Negotiate', 'BASIC REALM="x"'],
      challenges: [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'x' } },
      ],
    },
    {
      what: 'escaped quotes and spaces around the sign',
      header: 'Basic realm = "a \\"b\\" c"',
      challenges: [{ scheme: 'basic', parameters: { realm: 'a "b" c' } }],
    },
    {
      what: 'what comes before nonsense',
      header: 'Basic realm="x", ="',
      challenges: [{ scheme: 'basic', parameters: { realm: 'x' } }],
    },
    { what: 'nothing', header: undefined, challenges: [] },
    { what: 'an empty header', header: '', challenges: [] },
  ])('reads $what', ({ header, challenges }) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });
});
