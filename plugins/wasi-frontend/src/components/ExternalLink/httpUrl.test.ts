import { httpUrl } from './httpUrl';

describe('httpUrl', () => {
  it.each([
    { text: 'http://localhost:7500/', url: 'http://localhost:7500/' },
    { text: 'https://a.example.com', url: 'https://a.example.com/' },
    // eslint-disable-next-line no-script-url -- must not become a link
    { text: 'javascript:alert(1)', url: undefined },
    { text: 'hello.default.svc', url: undefined },
  ])(
    'makes a link of "$text" only if a browser may open it',
    ({ text, url }) => {
      expect(httpUrl(text)).toBe(url);
    },
  );
});
