import { matchLabelSelector } from './matchLabelSelector';

describe('a label selector', () => {
  const labels = {
    app: 'shop',
    tier: 'front',
    'backstage.io/kubernetes-id': 'x',
  };

  it.each([
    { selector: 'app=shop', matches: true },
    { selector: 'app==shop', matches: true },
    { selector: 'app=other', matches: false },
    { selector: 'app!=other', matches: true },
    { selector: 'absent!=other', matches: true },
    { selector: 'app=shop, tier=front', matches: true },
    { selector: 'app=shop,tier=back', matches: false },
    { selector: 'tier in (back, front)', matches: true },
    { selector: 'tier in (back)', matches: false },
    { selector: 'absent in (back)', matches: false },
    { selector: 'tier notin (back,middle),app', matches: true },
    { selector: 'absent notin (back)', matches: true },
    { selector: 'tier notin (front)', matches: false },
    { selector: 'app', matches: true },
    { selector: '!app', matches: false },
    { selector: '!absent', matches: true },
    { selector: 'constructor', matches: false },
    { selector: 'backstage.io/kubernetes-id=x', matches: true },
    { selector: '', matches: true },
  ])('"$selector" matches: $matches', ({ selector, matches }) => {
    expect(matchLabelSelector(selector)(labels)).toBe(matches);
  });

  it.each(['a b', 'tier in front', '=x', 'app=shop,', 'a>1'])(
    'refuses "%s"',
    selector => {
      expect(() => matchLabelSelector(selector)).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID' }),
      );
    },
  );
});
